"""Large pictures take as long to draw as all others together: they are drawn in the second stage."""

import pytest


def pytest_collection_modifyitems(items):
    for item in items:
        if "/figures/" in str(item.path) and "(1920, 1080)" in item.name:
            item.add_marker(pytest.mark.slow)

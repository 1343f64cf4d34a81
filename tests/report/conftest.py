"""Pages without their pictures."""

import pytest


@pytest.fixture
def undrawn(monkeypatch):
    """Leaves out what takes nearly all of the time: to draw the pictures."""

    def images(draw, comparison, themes):
        return [(f'class="{theme.name}"', f"data:,{draw.__name__}") for theme in themes]

    monkeypatch.setattr("optviz.report._pictures._images", images)

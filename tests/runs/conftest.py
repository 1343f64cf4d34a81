"""What tests of comparisons share: a small data set, and what it means that two comparisons are the same."""

import pytest

from tests.datasets.files import blobs, write


@pytest.fixture(scope="session")
def blobs_folder(tmp_path_factory):
    return write(tmp_path_factory.mktemp("data") / "blobs", blobs())

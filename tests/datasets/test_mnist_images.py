"""The real MNIST, as it comes with optviz."""

from importlib import resources

import numpy as np
import pytest

from optviz.datasets import REGISTRY, Dataset, _idx
from optviz.datasets import mnist as module
from optviz.errors import DataError, MissingError


@pytest.fixture(scope="module")
def images():
    return REGISTRY["mnist"].load()


def test_every_data_set_is_described():
    for unit in REGISTRY:
        assert isinstance(unit, Dataset)
        for fact in (unit.title, unit.licence, unit.reference, unit.text):
            assert fact


def test_sizes(images):
    unit = REGISTRY["mnist"]
    assert images.train.shape == (unit.train, *unit.shape) == (60_000, 28, 28)
    assert images.test.shape == (unit.test, *unit.shape) == (10_000, 28, 28)
    assert images.classes == unit.classes == 10
    assert np.bincount(images.train_labels).tolist() == [5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949]
    assert np.bincount(images.test_labels).tolist() == [980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009]


def test_most_pixels_are_background(images):
    assert 0.80 < (images.train == 0).mean() < 0.82


def test_bytes_are_those_published(images):
    for part, published in module.DIGESTS.items():
        assert _idx.digest(getattr(images, part)) == published


def test_another_image_is_noticed(monkeypatch):
    monkeypatch.setitem(module.DIGESTS, "test_labels", "0" * 64)
    with pytest.raises(DataError, match="test labels"):
        REGISTRY["mnist"].load()


def test_missing_files_lead_to_a_new_installation(monkeypatch, tmp_path):
    monkeypatch.setattr(module, "FOLDER", tmp_path)
    with pytest.raises(MissingError) as missing:
        REGISTRY["mnist"].load()
    assert missing.value.exit_code == 3
    assert "pip install" in missing.value.remedy


def test_the_licence_is_beside_the_files():
    text = (resources.files("optviz.datasets") / "mnist" / "LICENSE").read_text()
    for words in ("CC BY-SA 3.0", "LeCun", "Cortes", "Burges", "https://creativecommons.org/licenses/by-sa/3.0/"):
        assert words in text

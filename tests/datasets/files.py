"""Small data sets as IDX files."""

import gzip
from pathlib import Path

import numpy as np

NAMES = {
    "train": "train-images-idx3-ubyte",
    "train_labels": "train-labels-idx1-ubyte",
    "test": "t10k-images-idx3-ubyte",
    "test_labels": "t10k-labels-idx1-ubyte",
}


def idx(array: np.ndarray) -> bytes:
    """A uint8 array as an IDX file."""
    head = bytes((0, 0, 8, array.ndim)) + b"".join(size.to_bytes(4, "big") for size in array.shape)
    return head + array.tobytes()


def blobs(train=300, test=100, shape=(9, 14), classes=4, seed=0) -> dict[str, np.ndarray]:
    """Images of which each class is bright elsewhere, mostly zero, with noise that no network can foresee."""
    generator = np.random.default_rng(seed)
    centres = generator.integers(0, np.array(shape), (classes, 2))
    rows, columns = np.indices(shape)
    parts = {}
    for part, count in (("train", train), ("test", test)):
        labels = generator.integers(0, classes, count).astype(np.uint8)
        places = centres[labels] + generator.normal(0, 1.5, (count, 2))
        distance = np.hypot(rows - places[:, 0, None, None], columns - places[:, 1, None, None])
        bright = 255 * np.exp(-(distance**2) / 4) * generator.uniform(0.3, 1, (count, 1, 1))
        parts[part], parts[f"{part}_labels"] = np.where(bright > 20, bright, 0).astype(np.uint8), labels
    return parts


def write(folder: Path, parts: dict[str, np.ndarray], packed: bool = True) -> Path:
    """The four files of a data set in a folder."""
    folder.mkdir(exist_ok=True)
    for part, array in parts.items():
        data = idx(array)
        name = NAMES[part] + (".gz" if packed else "")
        (folder / name).write_bytes(gzip.compress(data, 6) if packed else data)
    return folder

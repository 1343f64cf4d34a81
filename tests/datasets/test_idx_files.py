"""IDX files, honest, damaged and hostile."""

import gzip
import tracemalloc
import zlib

import numpy as np
import pytest

from optviz import datasets
from optviz.datasets import _idx
from optviz.errors import DataError, MissingError
from tests.datasets.files import NAMES, blobs, idx, write

PARTS = blobs(train=40, test=20)
IMAGES, LABELS = idx(PARTS["train"]), idx(PARTS["train_labels"])


def claim(*shape: int, data: bytes = b"") -> bytes:
    """A file that says it holds `shape` numbers."""
    return bytes((0, 0, 8, len(shape))) + b"".join(size.to_bytes(4, "big") for size in shape) + data


def flipped(data: bytes, place: int) -> bytes:
    return data[:place] + bytes((data[place] ^ 0x10,)) + data[place + 1 :]


packed = gzip.compress(IMAGES)
MILLION = b"\0" * (1 << 20)
HOSTILE = {
    "empty": b"",
    "one byte": b"\x1f",
    "a web page": b"<!DOCTYPE html><html><body>404 Not Found</body></html>",
    "a packed web page": gzip.compress(b"<html>404</html>"),
    "truncated gzip": packed[: len(packed) // 2],
    "gzip without its checksum": packed[:-8],
    "gzip without its last byte": packed[:-1],
    "gzip header alone": packed[:10],
    "flipped bit in the data": flipped(packed, len(packed) // 2),
    "flipped bit in the checksum": flipped(packed, len(packed) - 6),
    "flipped bit in the length": flipped(packed, len(packed) - 2),
    "truncated": IMAGES[:-1],
    "truncated header": IMAGES[:9],
    "no data": IMAGES[:16],
    "wrong magic": gzip.compress(b"\0\0\x08\x02" + IMAGES[4:]),
    "floats": gzip.compress(b"\0\0\x0d\x03" + IMAGES[4:]),
    "a huge dimension": gzip.compress(claim(2**32 - 1, 2**32 - 1, 2**32 - 1, data=MILLION)),
    "one huge dimension": claim(2**32 - 1, 9, 14),
    "a large claim, little data": gzip.compress(claim(8_000_000, 9, 14, data=b"\0" * 100)),
    "no images": gzip.compress(claim(0, 9, 14)),
    "trailing byte": gzip.compress(IMAGES + b"\0"),
    "trailing byte, plain": IMAGES + b"\0",
    "a second member": packed + gzip.compress(b"more"),
    "an empty second member": packed + gzip.compress(b""),
    "garbage behind gzip": packed + b"\0\0",
    "a bomb": gzip.compress(IMAGES + MILLION * 50),
    "a bomb of its own": gzip.compress(claim(40, 9, 14, data=MILLION * 50)),
}


@pytest.mark.parametrize("name", HOSTILE)
@pytest.mark.parametrize("part", ["train", "test"])
def test_hostile_images_are_refused(tmp_path, name, part):
    folder = write(tmp_path / "data", PARTS)
    file = folder / f"{NAMES[part]}.gz"
    file.write_bytes(HOSTILE[name])
    tracemalloc.start()
    try:
        with pytest.raises(DataError) as refused:
            datasets.folder(folder).load()
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert str(file) in refused.value.problem
    assert refused.value.remedy
    assert peak < 4e6


@pytest.mark.parametrize("part", ["train_labels", "test_labels"])
@pytest.mark.parametrize(
    "data",
    [
        b"",
        gzip.compress(LABELS)[:-4],
        gzip.compress(IMAGES),
        claim(41, data=b"\0" * 41),
        gzip.compress(LABELS + MILLION),
    ],
    ids=["empty", "truncated", "images", "another count", "bomb"],
)
def test_hostile_labels_are_refused(tmp_path, part, data):
    folder = write(tmp_path / "data", PARTS)
    (folder / f"{NAMES[part]}.gz").write_bytes(data)
    with pytest.raises(DataError, match=NAMES[part]):
        datasets.folder(folder).load()


def test_images_of_another_size_are_refused(tmp_path):
    folder = write(tmp_path / "data", PARTS | {"test": np.zeros((20, 9, 15), np.uint8)})
    with pytest.raises(DataError, match=NAMES["test"]):
        datasets.folder(folder).load()


def test_mutations_are_refused_or_read(tmp_path):
    """Whatever becomes of a file, the answer is an error or an array of the size that the file announces."""
    generator = np.random.default_rng(0)
    file = tmp_path / "images"
    outcomes = {"read": 0, "refused": 0}
    tracemalloc.start()
    try:
        for trial in range(200):
            data = bytearray(packed if trial % 2 else IMAGES)
            for _ in range(generator.integers(1, 4)):
                place = int(generator.integers(0, min(len(data), 64 if trial % 4 < 2 else len(data))))
                data[place] = generator.integers(0, 256)
            if trial % 5 == 0:
                data = data[: generator.integers(0, len(data))]
            file.write_bytes(data)
            try:
                array = _idx.read(file, 3, "Get it again.")
            except DataError as error:
                assert str(file) in error.problem
                outcomes["refused"] += 1
            else:
                assert array.dtype == np.uint8 and array.ndim == 3 and array.size
                outcomes["read"] += 1
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert min(outcomes.values()) > 20
    assert peak < 4e6


@pytest.mark.parametrize("gz", [True, False], ids=["gzip", "plain"])
def test_what_was_written_is_read(tmp_path, gz):
    images = datasets.folder(write(tmp_path / "digits", PARTS, packed=gz)).load()
    for part, array in PARTS.items():
        assert np.array_equal(getattr(images, part), array)
    assert (images.classes, images.pixels) == (4, 9 * 14)


def test_a_file_may_be_packed_in_any_way(tmp_path):
    file = tmp_path / "images"
    for level in (0, 1, 9):
        file.write_bytes(zlib.compress(IMAGES, level, wbits=31))
        assert np.array_equal(_idx.read(file, 3, ""), PARTS["train"])


def test_a_missing_file_is_named(tmp_path):
    folder = write(tmp_path / "data", PARTS)
    (folder / f"{NAMES['test_labels']}.gz").unlink()
    with pytest.raises(MissingError, match=NAMES["test_labels"]):
        datasets.folder(folder).load()


def test_a_folder_in_place_of_a_file_is_missing(tmp_path):
    folder = write(tmp_path / "data", PARTS)
    file = folder / f"{NAMES['train']}.gz"
    file.unlink()
    file.mkdir()
    with pytest.raises(MissingError, match=NAMES["train"]):
        datasets.folder(folder).load()


def test_a_missing_folder_is_named(tmp_path):
    with pytest.raises(MissingError, match="nowhere"):
        datasets.folder(tmp_path / "nowhere")

"""IDX files, honest, damaged and hostile."""

import gzip
import tracemalloc
import zlib

import numpy as np
import pytest

from optviz import datasets
from optviz.datasets import _idx
from optviz.errors import DataError, MissingError, UsageError
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
    "a second member without a checksum": packed + gzip.compress(b"")[:-8],
    "half of a second member's beginning": packed + b"\x1f",
    "garbage behind gzip": packed + b"no",
    "garbage behind zeros": packed + b"\0" * 100_000 + b"no",
    "a bomb": gzip.compress(IMAGES + MILLION * 50, 1),
    "a bomb of its own": gzip.compress(claim(40, 9, 14, data=MILLION * 50), 1),
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


# Numbers of other types: signed bytes, shorts, integers, floats, doubles.
OTHER_TYPES = {9: ">i1", 11: ">i2", 12: ">i4", 13: ">f4", 14: ">f8"}


@pytest.mark.parametrize("code", OTHER_TYPES)
@pytest.mark.parametrize("part", NAMES)
def test_other_types_of_numbers_are_refused(tmp_path, code, part):
    data = bytearray(idx(PARTS[part].astype(OTHER_TYPES[code])))
    data[2] = code
    folder = write(tmp_path / "data", PARTS)
    (folder / f"{NAMES[part]}.gz").write_bytes(gzip.compress(bytes(data)))
    with pytest.raises(DataError, match=f"begins with 00 00 {code:02x}"):
        datasets.folder(folder).load()


def test_swapped_images_and_labels_are_refused(tmp_path):
    swapped = {"train": PARTS["train_labels"], "train_labels": PARTS["train"]}
    with pytest.raises(DataError, match=f"{NAMES['train']}.gz: it is not an IDX file of images"):
        datasets.folder(write(tmp_path / "data", PARTS | swapped)).load()


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


@pytest.mark.parametrize("part", NAMES)
def test_a_missing_file_is_named(tmp_path, part):
    folder = write(tmp_path / "data", PARTS)
    (folder / f"{NAMES[part]}.gz").unlink()
    with pytest.raises(MissingError, match=NAMES[part]):
        datasets.folder(folder).load()


def test_an_empty_folder_lacks_the_first_file(tmp_path):
    with pytest.raises(MissingError, match=NAMES["train"]):
        datasets.folder(tmp_path).load()


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


def test_labels_need_not_be_contiguous(tmp_path):
    labels = {"train_labels": PARTS["train_labels"] * 60, "test_labels": PARTS["test_labels"] * 60 + 3}
    images = datasets.folder(write(tmp_path / "data", PARTS | labels)).load()
    np.testing.assert_array_equal(images.test_labels, labels["test_labels"])
    assert images.classes == 184


def test_a_class_may_be_in_one_part_alone(tmp_path):
    images = datasets.folder(write(tmp_path / "data", PARTS | {"train_labels": np.zeros(40, np.uint8)})).load()
    assert images.classes == 4


@pytest.mark.parametrize("shape", [(1, 1), (1, 300), (32, 1), (64, 48)])
def test_images_may_have_any_size(tmp_path, shape):
    parts = PARTS | {part: np.full((len(PARTS[part]), *shape), 7, np.uint8) for part in ("train", "test")}
    images = datasets.folder(write(tmp_path / "data", parts)).load()
    assert images.train.shape == (40, *shape)
    assert images.pixels == shape[0] * shape[1]


def test_there_may_be_256_classes(tmp_path):
    parts = {
        "train": np.zeros((256, 2, 3), np.uint8),
        "train_labels": np.arange(256, dtype=np.uint8),
        "test": np.zeros((1, 2, 3), np.uint8),
        "test_labels": np.array([255], np.uint8),
    }
    assert datasets.folder(write(tmp_path / "data", parts)).load().classes == 256


@pytest.mark.parametrize("name", ["数字", "ψηφία и цифры", "my digits", "a'b\"c", "-train-images-idx3-ubyte.gz"])
def test_folders_may_have_any_name(tmp_path, name):
    unit = datasets.folder(write(tmp_path / name, PARTS))
    assert (unit.name, unit.title) == (name, name)
    assert unit.load().classes == 4


def test_a_folder_may_be_named_from_within(tmp_path, monkeypatch):
    monkeypatch.chdir(write(tmp_path / "digits", PARTS))
    unit = datasets.folder("./")
    assert unit.name == "digits"
    assert unit.load().classes == 4


def renamed(folder, pattern, packed=True):
    """The four files under other names: a pattern of part and content."""
    folder.mkdir(exist_ok=True)
    for part, array in PARTS.items():
        name = pattern.format("train" if part.startswith("train") else "test", NAMES[part].split("-", 1)[1])
        data = idx(array)
        (folder / name).write_bytes(gzip.compress(data) if packed else data)
    return folder


@pytest.mark.parametrize(
    "pattern", ["emnist-digits-{}-{}.gz", "emnist-digits-{}-{}", "my own {}-{}.gz", "{}-{}.gz", "test-{}-{}.gz"]
)
def test_a_name_may_stand_in_front(tmp_path, pattern):
    folder = renamed(tmp_path / "data", pattern, packed=pattern.endswith(".gz"))
    images = datasets.folder(folder).load()
    for part, array in PARTS.items():
        np.testing.assert_array_equal(getattr(images, part), array)


def test_a_dot_may_stand_for_the_dash(tmp_path):
    folder = write(tmp_path / "data", PARTS, packed=False)
    for file in list(folder.iterdir()):
        file.rename(folder / file.name.replace("-idx", ".idx"))
    assert datasets.folder(folder).load().classes == 4


def test_a_missing_file_is_named_as_its_like(tmp_path):
    folder = renamed(tmp_path / "data", "emnist-digits-{}-{}.gz")
    (folder / "emnist-digits-train-labels-idx1-ubyte.gz").unlink()
    (folder / "other-train-labels-idx1-ubyte.gz").write_bytes(b"")
    with pytest.raises(MissingError, match="there is no file emnist-digits-train-labels-idx1-ubyte.gz"):
        datasets.folder(folder).load()


def test_a_folder_of_several_data_sets_is_refused(tmp_path):
    folder = renamed(renamed(tmp_path / "data", "emnist-digits-{}-{}.gz"), "emnist-letters-{}-{}.gz")
    with pytest.raises(UsageError, match="emnist-digits, emnist-letters"):
        datasets.folder(folder).load()


def test_the_usual_names_go_first(tmp_path):
    other = PARTS | {"train": PARTS["train"] + 1}
    folder = write(renamed(tmp_path / "data", "emnist-digits-{}-{}.gz"), other)
    np.testing.assert_array_equal(datasets.folder(folder).load().train, other["train"])


def test_what_is_packed_goes_before_what_is_not(tmp_path):
    folder = write(write(tmp_path / "data", PARTS | {"train": PARTS["train"] + 1}, packed=False), PARTS)
    np.testing.assert_array_equal(datasets.folder(folder).load().train, PARTS["train"])


def test_a_folder_that_went_away_is_named(tmp_path):
    unit = datasets.folder(write(tmp_path / "data", PARTS))
    (tmp_path / "data").rename(tmp_path / "elsewhere")
    with pytest.raises(MissingError, match="cannot read the folder"):
        unit.load()


def members(data, pieces):
    """A gzip file of several members."""
    size = -(-len(data) // pieces)
    return b"".join(gzip.compress(data[first : first + size]) for first in range(0, len(data), size))


@pytest.mark.parametrize(
    "behind", [b"", gzip.compress(b""), b"\0" * 512], ids=["nothing", "an empty member", "padding"]
)
@pytest.mark.parametrize("pieces", [1, 2, 7, 5000])
def test_gzip_may_have_several_members(tmp_path, pieces, behind):
    (tmp_path / "images").write_bytes(members(IMAGES, pieces) + behind)
    np.testing.assert_array_equal(_idx.read(tmp_path / "images", 3, ""), PARTS["train"])


def rows(labels, columns=8):
    """Labels as QMNIST has them: int32, the class first."""
    table = np.zeros((len(labels), columns), ">i4")
    table[:, 0] = labels
    table[:, 1:] = 70_000
    return b"\0\0\x0c\x02" + b"".join(size.to_bytes(4, "big") for size in table.shape) + table.tobytes()


@pytest.mark.parametrize("packed", [True, False])
def test_qmnists_labels_are_read(tmp_path, packed):
    folder = tmp_path / "qmnist"
    folder.mkdir()
    pack, ending = (gzip.compress, ".gz") if packed else (bytes, "")
    for part, name in (("train", "train"), ("test", "test")):
        (folder / f"qmnist-{name}-images-idx3-ubyte{ending}").write_bytes(pack(idx(PARTS[part])))
        (folder / f"qmnist-{name}-labels-idx2-int{ending}").write_bytes(pack(rows(PARTS[f"{part}_labels"])))
        (folder / f"qmnist-{name}-labels.tsv{ending}").write_bytes(b"")
    images = datasets.folder(folder).load()
    for part, array in PARTS.items():
        np.testing.assert_array_equal(getattr(images, part), array)
        assert getattr(images, part).dtype == np.uint8


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (rows(PARTS["train_labels"], 7), "it holds 40 x 7 numbers, and labels like QMNIST's stand in 8 columns"),
        (rows(PARTS["train_labels"])[:-1], "it holds 319 of the 320 numbers"),
        (rows(PARTS["train_labels"]) + b"\0", "it holds more than the 40 x 8 numbers"),
        (rows([256] * 40), "it holds the label 256"),
        (rows([-1] * 40), "it holds the label -1"),
        (rows([0] * 39), "holds 39 labels for 40 images"),
        (b"\0\0\x0c\x02" + b"\xff" * 8, "4294967295 x 4294967295 numbers"),
        (b"\0\0\x0c\x02\xff\xff\xff\xff\0\0\0\x08", "which cannot be"),
        (b"\0\0\x0c\x02\0\0\0\0\0\0\0\x08", "0 x 8 numbers"),
    ],
)
def test_labels_in_columns_that_are_not_qmnists_are_refused(tmp_path, data, words):
    folder = write(tmp_path / "data", PARTS)
    file = folder / f"{NAMES['train_labels']}.gz"
    for text in (gzip.compress(data), data):
        file.write_bytes(text)
        with pytest.raises(DataError, match=words):
            datasets.folder(folder).load()


def test_images_in_columns_are_refused(tmp_path):
    folder = write(tmp_path / "data", PARTS)
    (folder / f"{NAMES['train']}.gz").write_bytes(gzip.compress(rows(PARTS["train_labels"])))
    with pytest.raises(DataError, match="not an IDX file of images: it begins with 00 00 0c 02"):
        datasets.folder(folder).load()

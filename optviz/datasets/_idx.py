"""Reading IDX files, the format of MNIST, without trusting them.

An IDX file is two zero bytes, a byte for the type of the numbers (8: uint8), a byte for the number of dimensions, each
dimension as four bytes with the highest first, and the numbers. It may be packed by gzip, in one member or several.
What it says about its size is checked before an array is made, and not one byte more than that is ever unpacked.
"""

import hashlib
import math
import os
import re
import zlib
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from optviz.errors import DataError, MissingError, UsageError
from optviz.files import open_regular

if TYPE_CHECKING:
    import numpy as np

UINT8 = 8
QMNIST_LABELS = b"\0\0\x0c\x02"  # int32 in rows of eight: the class and where the digit comes from
COLUMNS = 8
PIECE = 1 << 18  # bytes read at a time
MAGIC = b"\x1f\x8b"  # what each member of a gzip file begins with
LARGEST = 1 << 30  # bytes of a file, unpacked; the largest of MNIST's kind, EMNIST, has half of that
PACKING = 1032  # zlib packs at most this many bytes into one
FEW = 1 << 14
GZIP = 31  # zlib's code for a stream with gzip's header and checksum
CONTENTS = {1: "labels", 3: "images"}
# MNIST's names; EMNIST writes its own name in front and "test" for "t10k", and some copies have a dot before "idx".
NAME = re.compile(
    r"(?P<of>.*?)(?P<part>train|t10k|test)-"
    r"(?:images[-.]idx3-ubyte|(?P<labels>labels[-.]idx(?:1-ubyte|2-int)))(?:\.gz)?",
    re.DOTALL,
)
USUAL_NAMES = {
    "train": "train-images-idx3-ubyte",
    "train_labels": "train-labels-idx1-ubyte",
    "test": "t10k-images-idx3-ubyte",
    "test_labels": "t10k-labels-idx1-ubyte",
}


def read_labelled(
    images_file: Path, labels_file: Path, shape: tuple[int, ...], count: int, classes: int, remedy: str
) -> "tuple[np.ndarray, np.ndarray]":
    """The images of one part of a data set and their labels.

    Parameters
    ----------
    images_file, labels_file : Path
    shape, count, classes
        What is known: the images' height and width or ``()``, the number of images or 0, the number of classes or 0.
    remedy : str
        What the user can do about a damaged file.

    Returns
    -------
    images : (n, height, width) uint8
    labels : (n,) uint8

    Raises
    ------
    DataError
        Naming the file.
    """
    images, labels = read(images_file, 3, remedy), read(labels_file, 1, remedy)
    if shape and images.shape[1:] != shape:
        raise DataError(f"{images_file} holds images of {images.shape[1:]} pixels, not of {shape}", remedy)
    if count and len(images) != count:
        raise DataError(f"{images_file} holds {len(images)} images, not {count}", remedy)
    if len(images) != len(labels):
        raise DataError(f"{labels_file} holds {len(labels)} labels for {len(images)} images", remedy)
    if classes and labels.max() >= classes:
        raise DataError(f"{labels_file} holds the label {labels.max()}; there are {classes} classes", remedy)
    return images, labels


def find(place: Path, remedy: str) -> dict[str, Path]:
    """The four files of the data set in a folder, each with or without ``.gz``.

    Parameters
    ----------
    place : Path
    remedy : str
        What the user can do about a missing file.

    Returns
    -------
    dict
        The files under the names of the arrays of `Images`. Files with MNIST's own names go before files with the
        name of a data set in front.

    Raises
    ------
    MissingError
        Naming the first file that is not there.
    UsageError
        If the folder holds several data sets.
    """
    sets: dict[str, dict[str, Path]] = {}
    try:
        for file in sorted(place.iterdir()):  # what ends in .gz comes after its like, and stays
            name = NAME.fullmatch(file.name)
            if name and file.is_file():
                key = ("train" if name["part"] == "train" else "test") + ("_labels" if name["labels"] else "")
                sets.setdefault(name["of"], {})[key] = file
    except OSError as error:
        raise MissingError(f"cannot read the folder {place}: {error.strerror or error}", remedy) from error
    whole = {of: files for of, files in sets.items() if len(files) == len(USUAL_NAMES)}
    if "" in whole:
        return whole[""]
    if len(whole) > 1:
        names = ", ".join(of.rstrip("-_. ") for of in whole)
        raise UsageError(f"{place} holds several data sets: {names}", "Name a folder with the four files of one.")
    if whole:
        return whole.popitem()[1]
    of, files = max(sets.items(), key=lambda item: len(item[1]), default=("", {}))
    missing = next(name for key, name in USUAL_NAMES.items() if key not in files)
    raise MissingError(f"there is no file {of}{missing}.gz, nor one without .gz, in {place}", remedy)


def digest(array: "np.ndarray", algorithm: str = "sha256") -> str:
    """The digest of the unpacked IDX file that holds a uint8 array, in hexadecimal digits."""
    whole = hashlib.new(algorithm, usedforsecurity=False)
    whole.update(_head(array.ndim) + b"".join(size.to_bytes(4, "big") for size in array.shape))
    whole.update(array.data)
    return whole.hexdigest()


def read(file: Path, dimensions: int, remedy: str) -> "np.ndarray":
    """The array of an IDX file of uint8, or the classes in one of QMNIST's labels.

    Parameters
    ----------
    file : Path
    dimensions : {1, 3}
        How many the array must have: labels or images.
    remedy : str
        What the user can do about a damaged file.

    Returns
    -------
    uint8 array

    Raises
    ------
    DataError
        If the file cannot be read or holds anything but one such array, not empty and of at most `LARGEST` bytes.
    """
    try:
        with open_regular(file) as stream:
            packed = stream.read(2) == MAGIC
            stream.seek(0)
            size = os.fstat(stream.fileno()).st_size * (PACKING if packed else 1)
            return _array(_Unpacked(stream) if packed else _Plain(stream), dimensions, size)
    except (OSError, zlib.error, _Damage) as error:
        cause = getattr(error, "strerror", None) or str(error)
        raise DataError(f"cannot read the data file {file}: {cause}", remedy) from error


def _head(dimensions: int) -> bytes:
    return bytes((0, 0, UINT8, dimensions))


class _Damage(Exception):
    """What is wrong with a file."""


class _Plain:
    """The bytes of a file."""

    def __init__(self, file: BinaryIO):
        self._file = file

    def take(self, count: int) -> bytes:
        """The next bytes, at most `count`, and fewer only at the end."""
        return self._file.read(count)


class _Unpacked:
    """The bytes in a gzip file, unpacked as they are asked for, one member after another."""

    def __init__(self, file: BinaryIO):
        self._file = file
        self._ahead = b""  # read and not unpacked yet
        self._inflate = zlib.decompressobj(GZIP)

    def take(self, count: int) -> bytes:
        """The next bytes, at most `count`, and fewer only at the end, where the checksum has been compared."""
        pieces = []
        while count and not (self._inflate.eof and self._ended()):
            packed = self._inflate.unconsumed_tail or self._packed()
            if not packed:
                raise _Damage("it is cut off")
            pieces.append(self._inflate.decompress(packed, count))
            count -= len(pieces[-1])
        return b"".join(pieces)

    def _packed(self) -> bytes:
        """Some bytes of the file: few, since what is left of them at the end of a member is copied."""
        self._ahead = self._ahead or self._file.read(PIECE)
        packed, self._ahead = self._ahead[:FEW], self._ahead[FEW:]
        return packed

    def _ended(self) -> bool:
        """Whether no other member follows; zeros may fill up the file's last block."""
        rest = self._inflate.unused_data.lstrip(b"\0")
        while not rest:
            rest = self._packed()
            if not rest:
                return True
            rest = rest.lstrip(b"\0")
        if not MAGIC.startswith(rest[:2]):
            raise _Damage("something follows its gzip data")
        self._ahead = rest + self._ahead
        self._inflate = zlib.decompressobj(GZIP)
        return False


def _array(stream: "_Plain | _Unpacked", dimensions: int, largest: int) -> "np.ndarray":
    import numpy as np

    head = stream.take(4)
    columns = dimensions == 1 and head == QMNIST_LABELS
    if head != _head(dimensions) and not columns:
        raise _Damage(f"it is not an IDX file of {CONTENTS[dimensions]}: it begins with {head.hex(' ') or 'nothing'}")
    sizes = stream.take(4 * head[3])
    if len(sizes) < 4 * head[3]:
        raise _Damage("it is cut off")
    shape = tuple(int.from_bytes(sizes[i : i + 4], "big") for i in range(0, len(sizes), 4))
    text = " x ".join(map(str, shape))
    kind = np.dtype(">i4" if columns else np.uint8)
    size = math.prod(shape) * kind.itemsize
    if columns and shape[1] != COLUMNS:
        raise _Damage(f"it holds {text} numbers, and labels like QMNIST's stand in {COLUMNS} columns")
    if size == 0:
        raise _Damage(f"it says that it holds {text} numbers")
    if size > min(largest, LARGEST):
        raise _Damage(f"it says that it holds {text} numbers, which cannot be")
    room, filled = np.empty(size, np.uint8), 0
    while filled < size:
        piece = stream.take(min(size - filled, PIECE))
        if not piece:
            numbers = filled // kind.itemsize, size // kind.itemsize
            raise _Damage(f"it holds {numbers[0]} of the {numbers[1]} numbers that it announces")
        room.data[filled : filled + len(piece)] = piece
        filled += len(piece)
    if stream.take(1):
        raise _Damage(f"it holds more than the {text} numbers that it announces")
    array = room.view(kind).reshape(shape)
    return _classes(array[:, 0]) if columns else array


def _classes(labels: "np.ndarray") -> "np.ndarray":
    """Labels as uint8."""
    low, high = labels.min(), labels.max()
    if low < 0 or high > 255:
        raise _Damage(f"it holds the label {low if low < 0 else high}, and labels go from 0 to 255")
    return labels.astype("uint8")

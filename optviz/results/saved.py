"""Records in files: one ``.npz`` with the arrays and one JSON text with everything else.

A saved record needs neither Numba nor a GPU to be loaded and drawn, and loading it never executes anything. What a
record must be stands beside its fields, see `optviz.results.validity`; a file that holds anything else is refused as a
whole.
"""

import json
import math
import os
import re
import warnings
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import fields, is_dataclass
from importlib import import_module
from typing import Any, BinaryIO, TypeVar

import numpy as np

from optviz.errors import DataError, UsageError, UsageTypeError, printable, shown
from optviz.files import open_regular, replacing
from optviz.results import RECORDS
from optviz.results.validity import Agreement, Invalid, check, differ

SCHEMA = 1
LIMIT = 1 << 31  # bytes of a saved result, unpacked

# How numpy writes what an array of numbers is; nothing else is read, so that nothing is evaluated.
ARRAY = re.compile(
    rb"\{'descr': '([<>|][biuf]\d+)', 'fortran_order': (True|False), "
    rb"'shape': \(((?:\d{1,19}, ?)*(?:\d{1,19})?)\), \} *\n"
)

RENAMED: dict[str, str] = {}
AGREEMENTS: dict[type, tuple[Agreement, ...]] = {}
R = TypeVar("R", bound=type)


def record(*agreements: Agreement, once: Mapping[str, str] | None = None) -> Callable[[R], R]:
    """Class decorator: a frozen dataclass of plain values, plain arrays and other records that can be saved.

    Parameters
    ----------
    *agreements : (str, callable)
        What must be so of a record from a file, in words and as a test of it, beyond what its fields are declared to
        be; see `optviz.results.validity`. A test finds all fields and parts as they are declared.
    once : mapping, optional
        Names that files of older versions use, of the record itself and of its fields, to the names of today.

    Its method ``headline()`` says in one line what it is and what it found: that is how it is printed, and no array is.
    """

    def register(kind: R) -> R:
        kind.__repr__ = _line  # type: ignore[method-assign,assignment]
        kind.found = _found  # type: ignore[attr-defined]
        AGREEMENTS[kind] = agreements
        RENAMED.update(once or {})
        return kind

    return register


def valid(result: Any) -> bool:
    """Whether a record is all that it is declared to be."""
    try:
        check(result, AGREEMENTS)
    except Invalid:
        return False
    return True


def _line(result: Any) -> str:
    return printable(f"<{type(result).__name__}: {result.headline()}>")


def _found(result: Any) -> str:
    """The former name of `headline`."""
    warnings.warn("found() of a result is headline() now", DeprecationWarning, stacklevel=2)
    return result.headline()


def plain(value: Any) -> Any:
    """`value` as JSON holds it: dicts, lists, numbers, text; NaN and infinities become None."""
    if is_dataclass(value) and not isinstance(value, type):
        return {item.name: plain(getattr(value, item.name)) for item in fields(value)}
    if isinstance(value, np.ndarray):
        return plain(value.tolist())
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    if isinstance(value, np.generic):
        return plain(value.item())
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value


def save(path: str | os.PathLike[str], result: Any) -> None:
    """Write a record to a ``.npz`` file, whole or not at all; the same record gives the same bytes.

    A name of a file that is not UTF-8 is written with escapes.

    Raises
    ------
    UsageTypeError
        If `result` is none of `RECORDS`, or `path` no path.
    UsageError
        If it holds more than `LIMIT` bytes, which `load` would not read.

    Examples
    --------
    >>> import optviz, tempfile
    >>> run = optviz.minimize("sphere", "sgd", start=(3.0, 4.0), steps=2, lr=0.25)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     optviz.save(f"{folder}/run.npz", run)
    ...     optviz.load(f"{folder}/run.npz").headline()
    'SGD on sphere, 2 steps: f - f* = 1.6'
    """
    if not isinstance(path, str | os.PathLike):
        raise UsageTypeError(f"the file to save to is {shown(path)}", 'The path comes first: save("run.npz", result)')
    with replacing(path) as file:
        pack(file, result)


def pack(file: BinaryIO, result: Any, **texts: str) -> None:
    """Write a record to an open file as `save` does, and texts beside it that `load` leaves alone."""
    if not isinstance(result, tuple(AGREEMENTS)):
        raise UsageTypeError(f"{shown(result)} is not a result", f"What can be saved: {', '.join(RECORDS)}")
    arrays: dict[str, np.ndarray] = {}
    header = {"schema": SCHEMA, "result": _pack(result, arrays)}
    words = {"header": json.dumps(header, allow_nan=True), **texts}
    arrays = {name: np.frombuffer(text.encode(), np.uint8) for name, text in words.items()} | arrays
    if sum(array.nbytes for array in arrays.values()) > LIMIT:
        raise UsageError(f"the result is larger than {LIMIT} bytes, too large to save", "Make a run of fewer steps.")
    np.savez_compressed(file, **arrays)  # type: ignore[arg-type]


def load(path: str | os.PathLike[str]) -> Any:
    """Read a record that `save` wrote.

    Raises
    ------
    DataError
        If the file is missing, damaged, or not such a file.

    Examples
    --------
    >>> import optviz, tempfile
    >>> run = optviz.minimize("sphere", "sgd", start=(3.0, 4.0), steps=2, lr=0.25)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     optviz.save(f"{folder}/run.npz", run)
    ...     optviz.load(f"{folder}/run.npz").values.tolist()
    [25.0, 6.25, 1.5625]
    """
    try:
        arrays = read_arrays(path)
        if "header" not in arrays:
            raise ValueError("it holds no result")
        header = json.loads(arrays["header"].tobytes())
        if header["schema"] != SCHEMA:
            raise ValueError(f"its schema is {header['schema']}, this version reads {SCHEMA}")
        result = _unpack(header["result"], arrays)
        if not isinstance(result, tuple(AGREEMENTS)):
            raise ValueError("it holds no result")
        check(result, AGREEMENTS)
        return result
    except Exception as error:  # zipfile, zlib, numpy and json raise a dozen types over a damaged file
        reason = getattr(error, "strerror", None) or " ".join(str(error).split())[:200] or type(error).__name__
        problem = f"cannot read the result {path}: {reason}"
        raise DataError(problem, "Make it again with the command that wrote it.") from error


def read_arrays(path: str | os.PathLike[str]) -> dict[str, np.ndarray]:
    """The arrays of an ``.npz`` file, each read to its end so that its checksum is compared.

    Raises
    ------
    Exception
        A dozen types over a damaged file, or one that holds more than `LIMIT` bytes; all mean that it cannot be read.
    """
    with open_regular(path) as stream, zipfile.ZipFile(stream) as archive:
        members = archive.infolist()
        if sum(member.file_size for member in members) > LIMIT:
            raise ValueError(f"it claims to hold more than {LIMIT} bytes")
        if not differ(member.filename for member in members):
            raise ValueError("it holds two parts of one name")
        arrays = {}
        for member in members:
            with archive.open(member) as file:
                # Never more than it claims: a few bytes can inflate to gigabytes.
                arrays[member.filename.removesuffix(".npy")] = _array(file.read(member.file_size), member.filename)
        return arrays


def _array(content: bytes, name: str) -> np.ndarray:
    """The array of an ``.npy`` file, whose claims are compared with its bytes before any memory is taken.

    Raises
    ------
    ValueError
        If it is not an array of numbers in format 1 of NumPy, the only one that holds such arrays.
    """
    size = int.from_bytes(content[8:10], "little")
    head, body = content[10 : 10 + size], memoryview(content)[10 + size :]
    written = ARRAY.fullmatch(head)
    if content[:8] != b"\x93NUMPY\x01\x00" or not written:
        raise ValueError(f"{name} in it is no array of numbers")
    kind, shape = (
        np.dtype(written[1].decode()),
        [int(count) for count in written[3].replace(b" ", b"").split(b",") if count],
    )
    if math.prod(shape) * kind.itemsize != len(body):
        raise ValueError(f"{name} in it has not the size that it claims")
    array = np.frombuffer(body, kind).reshape(shape, order="F" if written[2] == b"True" else "C")
    return array.astype(kind.newbyteorder("="))


def _pack(value: Any, arrays: dict[str, np.ndarray]) -> Any:
    if is_dataclass(value) and not isinstance(value, type):
        body = {item.name: _pack(getattr(value, item.name), arrays) for item in fields(value)}
        return {"record": type(value).__name__, **body}
    if isinstance(value, np.ndarray):
        name = f"array{len(arrays)}"
        arrays[name] = value
        return {"array": name}
    if isinstance(value, list | tuple):
        return [_pack(item, arrays) for item in value]
    if isinstance(value, dict):
        return {"dict": {_pack(key, arrays): _pack(item, arrays) for key, item in value.items()}}
    if isinstance(value, str):  # `load` takes no half of a surrogate pair, as names of files have them
        return value.encode(errors="backslashreplace").decode()
    return value.item() if isinstance(value, np.generic) else value


def _unpack(value: Any, arrays: dict[str, np.ndarray]) -> Any:
    if isinstance(value, list):
        return tuple(_unpack(item, arrays) for item in value)
    if not isinstance(value, dict):
        return value
    if "array" in value:
        return arrays[value["array"]]
    if "dict" in value:
        return {key: _unpack(item, arrays) for key, item in value["dict"].items()}
    body: dict[Any, Any] = {RENAMED.get(key, key): _unpack(item, arrays) for key, item in value.items()}
    name = body.pop("record")
    return _kind(RENAMED.get(name, name))(**body)


def _kind(name: str) -> type:
    """A record by its name; its module is loaded, which registers it."""
    return getattr(import_module(f"optviz.results.{RECORDS[name]}"), name)

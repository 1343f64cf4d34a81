"""Records in files: one ``.npz`` with the arrays and one JSON text with everything else.

A saved record needs neither Numba nor a GPU to be loaded and drawn, and loading it never executes anything.
"""

import io
import json
import math
import os
import zipfile
from dataclasses import fields, is_dataclass
from types import UnionType
from typing import Any, TypeVar, get_args, get_origin

import numpy as np

from optviz.errors import DataError, UsageError, UsageTypeError, shown
from optviz.files import open_regular, replacing
from optviz.text import printable

SCHEMA = 1
LIMIT = 1 << 31  # bytes of a saved result, unpacked

RECORDS: dict[str, type] = {}
R = TypeVar("R", bound=type)


def record(kind: R) -> R:
    """Class decorator: a frozen dataclass of plain values, plain arrays and other records that can be saved.

    Its method ``found()`` says in one line what it is and what it found: that is how it is printed, and no array is.
    """
    kind.__repr__ = _line  # type: ignore[method-assign,assignment]
    RECORDS[kind.__name__] = kind
    return kind


def _line(result: Any) -> str:
    return printable(f"<{type(result).__name__}: {result.found()}>")


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


def save(path: str | os.PathLike, result: Any) -> None:
    """Write a record to a ``.npz`` file, whole or not at all; the same record gives the same bytes.

    Raises
    ------
    UsageTypeError
        If `result` is none of `RECORDS`.
    UsageError
        If it holds more than `LIMIT` bytes, which `load` would not read.
    """
    if not isinstance(result, tuple(RECORDS.values())):
        raise UsageTypeError(f"{shown(result)} is not a result", f"What can be saved: {', '.join(RECORDS)}")
    arrays: dict[str, np.ndarray] = {}
    header = {"schema": SCHEMA, "result": _pack(result, arrays)}
    text = np.frombuffer(json.dumps(header, allow_nan=True).encode(), np.uint8)
    if sum(array.nbytes for array in (text, *arrays.values())) > LIMIT:
        raise UsageError(f"the result is larger than {LIMIT} bytes, too large to save", "Make a run of fewer steps.")
    with replacing(path) as file:
        np.savez_compressed(file, header=text, **arrays)  # type: ignore[arg-type]


def load(path: str | os.PathLike) -> Any:
    """Read a record that `save` wrote.

    Raises
    ------
    DataError
        If the file is missing, damaged, or not such a file.
    """
    try:
        arrays = read_arrays(path)
        header = json.loads(arrays["header"].tobytes())
        if header["schema"] != SCHEMA:
            raise ValueError(f"its schema is {header['schema']}, this version reads {SCHEMA}")
        result = _unpack(header["result"], arrays)
        if not isinstance(result, tuple(RECORDS.values())):
            raise ValueError("it holds no result")
        return result
    except Exception as error:  # zipfile, zlib, numpy and json raise a dozen types over a damaged file
        reason = getattr(error, "strerror", None) or " ".join(str(error).split())[:80] or type(error).__name__
        problem = f"cannot read the result {path}: {reason}"
        raise DataError(problem, "Make it again with the command that wrote it.") from error


def read_arrays(path: str | os.PathLike) -> dict[str, np.ndarray]:
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
        arrays = {}
        for member in members:
            with archive.open(member) as file:
                # Never more than it claims: a few bytes can inflate to gigabytes.
                content = io.BytesIO(file.read(member.file_size))
            arrays[member.filename.removesuffix(".npy")] = np.lib.format.read_array(content, allow_pickle=False)
        return arrays


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
        return {"dict": {key: _pack(item, arrays) for key, item in value.items()}}
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
    record = RECORDS[value["record"]]
    result = record(**{key: _unpack(item, arrays) for key, item in value.items() if key != "record"})
    for item in fields(result):
        if not _fits(getattr(result, item.name), item.type):
            raise ValueError(f"{item.name} of its {record.__name__} is of the wrong type")
    return result


def _fits(value: Any, kind: Any) -> bool:
    """Whether a value is what a record's field is declared to be."""
    origin, parts = get_origin(kind) or kind, get_args(kind)
    if kind is Any or (kind is float and isinstance(value, int)):
        return True
    if origin is UnionType:
        return any(_fits(value, part) for part in parts)
    if not isinstance(value, origin):
        return False
    if origin is tuple and parts:
        kinds = (parts[0],) * len(value) if parts[-1] is ... else parts
        return len(kinds) == len(value) and all(map(_fits, value, kinds))
    return origin is not dict or all(_fits(item, parts[1]) for item in value.values())

"""The provenance of a file that somebody gives us, read back: anything may stand in it, and nothing of it is executed.

No more than a document of `LONGEST` bytes is kept, whatever a file claims; nothing is decoded that is a picture.
"""

import csv
import html
import json
import mmap
import re
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, BinaryIO

import optviz
from optviz.errors import DataError
from optviz.files import open_regular
from optviz.writers._format import format_of
from optviz.writers.provenance import SCHEMA

LARGEST = 1 << 30  # bytes of a file
LONGEST = 1 << 24  # bytes of a document
MOST = 10_000  # chunks of a file that are looked at
CONTENTS = 1 << 20  # bytes of an archive's table of contents
KEYS = {"optviz", "schema", "command", "beside", "facts"}
WORDS, LETTERS = 200, 100_000  # of a command, and of each of its words

_SPACES = re.compile(r"[\n\t]")  # in a formula that was typed on several lines

BEGINNING = b'{"optviz": '  # of every document
NONE = "it holds no provenance"
OURS = "Give a file that this version of optviz wrote."


def read(path: str | Path) -> dict[str, Any]:
    """The provenance of a file that optviz wrote.

    Parameters
    ----------
    path : path
        Of any format that optviz writes; the ending says which.

    Returns
    -------
    dict
        See `optviz.writers.provenance`. What it holds is of the types that it should be of, and no more is sure:
        the command may be any words.

    Raises
    ------
    UsageError
        If no format has that ending.
    DataError
        If the file is missing, too large or damaged, holds no provenance, or that of a newer version.
    """
    path = Path(path)
    name = format_of(path, doing="read").name
    try:
        with open_regular(path) as file:
            if file.seek(0, 2) > LARGEST:
                raise _Unusable(f"it is larger than {LARGEST} bytes")
            file.seek(0)
            text = READERS.get(name, _plain)(file)
        if len(text) > LONGEST:
            raise _Unusable("its provenance is too long")
        return _checked(json.loads(text))
    except _Unusable as error:
        problem = f"cannot tell what made {path}: {error}"
        raise DataError(problem, OURS) from error
    except Exception as error:  # zipfile, zlib, json and struct raise a dozen types over a damaged file
        reason = getattr(error, "strerror", None) or "it is damaged"
        raise DataError(f"cannot tell what made {path}: {reason}", OURS) from error


class _Unusable(ValueError):
    """Why a file says nothing of what made it, in words."""


def _checked(document: Any) -> dict[str, Any]:
    """A document of the types that it should be of, and of a version that is known here."""
    if not isinstance(document, dict) or "optviz" not in document:
        raise _Unusable(NONE)
    schema = document.get("schema")
    if isinstance(schema, int) and schema > SCHEMA:
        raise _Unusable(f"its provenance has schema {schema}, this version reads {SCHEMA}; a newer optviz wrote it")
    version, command, beside = document["optviz"], document.get("command"), document.get("beside", "")
    words = [] if command is None else command
    good = (
        document.keys() <= KEYS
        and schema == SCHEMA
        and isinstance(version, str)
        and re.fullmatch(r"\d{1,6}(\.\d{1,6}){1,3}[a-z0-9.+]{0,20}", version, re.ASCII)
        and isinstance(beside, str)
        and isinstance(words, list)
        and len(words) <= WORDS
        and all(
            isinstance(word, str) and len(word) <= LETTERS and _SPACES.sub("", word).isprintable() for word in words
        )
        and (command is None or words)
    )
    if not good:
        raise _Unusable("its provenance is not as optviz writes it")
    if _numbers(version) > _numbers(optviz.__version__):
        raise _Unusable(f"optviz {version} wrote it, which is newer than this one, {optviz.__version__}")
    return document


def _numbers(version: str) -> list[int]:
    """A version as numbers that can be compared, without what follows them."""
    return [int(number) for number in re.match(r"\d+(?:\.\d+)*", version)[0].split(".")]  # type: ignore[index]


def _plain(file: BinaryIO) -> bytes:
    """The document where it stands as it is among other bytes: found by its beginning, read to its end."""
    with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        at = data.find(BEGINNING)
        if at < 0:
            raise _Unusable(NONE)
        text = data[at : at + LONGEST].decode("ascii", "replace")
    _, end = json.JSONDecoder().raw_decode(text)
    return text[:end].encode()


def _marked(beginning: str, end: str, decode: Callable[[str], str]) -> Callable[[BinaryIO], str]:
    """A reader of the first text between two marks, unescaped."""

    def read(file: BinaryIO) -> str:
        with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
            at = data.find(beginning.encode()) + len(beginning)
            stop = data.find(end.encode(), at, at + 2 * LONGEST)
            if at < len(beginning) or stop < 0:
                raise _Unusable(NONE)
            return decode(data[at:stop].decode())

    return read


def _gif(file: BinaryIO) -> bytes:
    """The first comment, which stands before the first frame."""
    head = file.read(13)
    if head[:6] != b"GIF89a":
        raise _Unusable("it is no GIF")
    file.seek(3 << (head[10] & 7) + 1 if head[10] & 0x80 else 0, 1)
    for _ in range(MOST):
        kind = file.read(2)
        if kind[:1] != b"!":
            break
        parts = b"".join(_blocks(file))
        if kind == b"!\xfe":
            return parts
    raise _Unusable(NONE)


def _blocks(file: BinaryIO) -> Iterator[bytes]:
    """The blocks of an extension, no more of them than a document has."""
    for _ in range(LONGEST // 255):
        (size,) = file.read(1)
        if not size:
            return
        yield file.read(size)


def _png(file: BinaryIO) -> bytes:
    """The first text called Comment."""
    if file.read(8) != b"\x89PNG\r\n\x1a\n":
        raise _Unusable("it is no PNG")
    for _ in range(MOST):
        head = file.read(8)
        size, name = int.from_bytes(head[:4], "big"), head[4:]
        if len(head) < 8:
            break
        if name == b"tEXt" and size <= LONGEST:
            key, _, text = file.read(size).partition(b"\0")
            if key == b"Comment":
                return text
            file.seek(4, 1)
        else:
            file.seek(size + 4, 1)
    raise _Unusable(NONE)


def _pdf(file: BinaryIO) -> str:
    """The last subject, a string in brackets in which brackets and backslashes follow a backslash."""
    with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        at = data.rfind(b"/Subject (")
        text = data[at : at + 2 * LONGEST]  # nothing of it is tried twice, or the places would fill the memory
        found = re.compile(rb"/Subject \(((?:[^()\\]++|\\.)*+)\)", re.DOTALL).match(text)
        if at < 0 or not found:
            raise _Unusable(NONE)
        return re.sub(rb"\\(.)", rb"\1", found[1]).decode("ascii")


def _json(file: BinaryIO) -> str:
    """The value of the key ``made``, which no text can hold: its quotes would follow backslashes."""
    with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        found = re.search(rb'"made": ?', data)
        if not found:
            raise _Unusable(NONE)
        text = data[found.end() : found.end() + LONGEST].decode("utf-8", "replace")
    return text[: json.JSONDecoder().raw_decode(text)[1]]


def _npz(file: BinaryIO) -> bytes:
    """The member of that name; a table of contents that would fill the memory is not read."""
    file.seek(-min(file.seek(0, 2), 65_557), 2)
    tail = file.read()
    at = tail.rfind(b"PK\x05\x06")
    if at < 0 or int.from_bytes(tail[at + 12 : at + 16], "little") > CONTENTS:
        raise _Unusable("its table of contents is missing or too long")
    with zipfile.ZipFile(file) as archive:
        if "provenance.npy" not in archive.namelist():
            raise _Unusable(NONE)
        with archive.open("provenance.npy") as member:
            return member.read(LONGEST + 128).partition(b"\n")[2]  # behind the line that says that it is text


def _csv(file: BinaryIO) -> str:
    """The cell of the last column in the first row below the heads."""
    lines = [file.readline(LONGEST).decode() for _ in range(2)]
    heads, row = csv.reader(lines, strict=True)
    if heads[-1] != "provenance":
        raise _Unusable(NONE)
    return row[-1]


READERS: dict[str, Callable[[BinaryIO], bytes | str]] = {
    "gif": _gif,
    "png": _png,
    "apng": _png,
    "svg": _marked("<dc:description>", "</dc:description>", html.unescape),
    "pdf": _pdf,
    "html": _marked('<meta name="optviz" content="', '">', html.unescape),
    "md": _marked("<!-- optviz ", " -->", str),
    "json": _json,
    "npz": _npz,
    "csv": _csv,
}

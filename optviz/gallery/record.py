"""What a gallery remembers of its pictures: what made each, so that only what would come out otherwise is made anew.

It stands in `RECORD` beside the pictures: ``{"schema": 1, "pictures": {FILE: {"command": [WORD, ...], "code": HASH,
"versions": TEXT}}}``. Runs and pictures follow from these three alone.
"""

import functools
import hashlib
import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import optviz
from optviz.files import open_regular, replacing

RECORD = "pictures.json"
SCHEMA = 1
LARGEST = 10_000_000  # bytes of a record

Entry = dict[str, Any]


def entry(command: Iterable[str], pattern: str = "*.py") -> Entry:
    """What a file that is made now by this command is made with; for `pattern` see `code`."""
    return {"command": [*command], "code": code(pattern), "versions": versions()}


def read(folder: Path) -> dict[str, Entry]:
    """What each picture of a folder was made with, by its file; nothing of what is not understood."""
    try:
        with open_regular(folder / RECORD) as file:
            told = json.loads(file.read(LARGEST))
        known = told["pictures"] if told["schema"] == SCHEMA else {}
        return {str(name): dict(one) for name, one in known.items()}
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return {}


def write(folder: Path, made: Mapping[str, Entry]) -> Path:
    """Keep what pictures were made with, of those that are there; beside what others have written meanwhile."""
    known = {**read(folder), **made}
    here = {one.name for one in folder.iterdir() if one.is_file()}
    kept = {name: known[name] for name in sorted(known) if name in here}
    rows = [f"{json.dumps(name)}: {json.dumps(one)}" for name, one in kept.items()]
    text = f'{{"schema": {SCHEMA}, "pictures": {{\n' + ",\n".join(rows) + "\n}}\n"
    with replacing(folder / RECORD) as file:
        file.write(text.encode())
    return folder / RECORD


@functools.cache
def code(pattern: str) -> str:
    """A hash of the package's files of these names: after any edit of its Python every picture is made anew."""
    root = Path(optviz.__file__).parent
    digest = hashlib.sha256()
    for file in sorted(one for one in root.rglob(pattern) if one.is_file() and one.suffix != ".pyc"):
        digest.update(f"{file.relative_to(root).as_posix()}\0".encode() + file.read_bytes())
    return digest.hexdigest()[:16]


@functools.cache
def versions() -> str:
    """The libraries and the kind of machine, which decide the bytes of a picture beside this package."""
    import platform
    from importlib.metadata import version

    from matplotlib import ft2font
    from PIL import features

    libraries = {
        **{name: version(name) for name in ("numpy", "numba", "llvmlite", "matplotlib", "pillow")},
        "freetype": ft2font.__freetype_version__,
        "zlib": features.version("zlib"),
        "webp": features.version("webp"),
        **dict([platform.libc_ver()]),
    }
    return ", ".join([f"{name} {number}" for name, number in libraries.items() if number] + [platform.machine()])

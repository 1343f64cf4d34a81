"""File formats: an ending, what a file can hold, and the function that writes it."""

import io
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from optviz.errors import UsageError, UsageTypeError
from optviz.files import check_writable, replacing
from optviz.registry import Registry, suggestion
from optviz.writers import provenance

THINGS = {
    "animation": "an animation",
    "figure": "a figure",
    "report": "a report",
    "page": "a page",
    "table": "a comparison",
    "result": "any result",
}


@dataclass(frozen=True)
class Format:
    """A file format.

    Attributes
    ----------
    name : str
        The ending without its dot: ``"gif"``.
    title : str
        What the file is, in a few words.
    holds : tuple of str
        What can be written to it, of `THINGS`.
    write : function
        ``write(file, content, document)`` writes to a binary file that can be read and sought; `document` is its
        provenance, see `optviz.writers.provenance`.
    module : str
        The module that defined it.
    readable : bool
        Whether a terminal can show it.
    poster : bool
        Whether a ``.png`` of an animation's last frame is written beside it.
    check : function, optional
        Raises MissingError where the format cannot be written here; called before any work.
    """

    name: str
    title: str
    holds: tuple[str, ...]
    write: Callable[[BinaryIO, Any, str], None]
    module: str = ""
    readable: bool = False
    poster: bool = False
    check: Callable[[], Any] | None = None


def _order(unit: Format) -> tuple[int, bool, bool, str, int]:
    """By what a format holds; the usual one first, and what may be missing here last."""
    first = min(list(THINGS).index(thing) for thing in unit.holds)
    return first, not unit.poster, unit.check is not None, unit.module, list(_UNITS).index(unit.name)


FORMATS: Registry[Format] = Registry("format", "optviz.writers", _order, listed="formats")
_UNITS: dict[str, None] = {}  # names in order of definition, the order among formats that hold the same


def file_format(
    name: str,
    *,
    title: str,
    holds: tuple[str, ...],
    readable: bool = False,
    poster: bool = False,
    check: Callable[[], Any] | None = None,
) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Decorator: register a writing function as the format of the ending `name`; the others as for `Format`.

    The function imports what it needs when it is called, so that the formats can be listed without loading NumPy,
    Pillow or matplotlib.
    """

    def register(write: Callable[..., Any]) -> Callable[..., Any]:
        _UNITS.setdefault(name)
        FORMATS.add(Format(name, title, holds, write, write.__module__, readable, poster, check))
        return write

    return register


def check(file: str | Path | BinaryIO, things: Iterable[str], format: str | None = None) -> str:
    """Refuse an output file that cannot be written, before any work is done.

    Parameters
    ----------
    file : path or binary file
        What will be written; a path's ending picks the format.
    things : str
        What the caller can make, of `THINGS`, the preferred one first.
    format : str, optional
        The format of an open file, which has no ending.

    Returns
    -------
    str
        The one of `things` to make for this file.

    Raises
    ------
    UsageError
        If the ending is unknown, if such a file holds none of `things`, or if the place cannot be written.
    MissingError
        If the format needs what is not here.
    """
    things = tuple(things)
    fitting = [unit.name for unit in FORMATS if set(unit.holds) & set(things)]
    unit = format_of(file, format, fitting)
    for thing in things:
        if thing in unit.holds:
            _ready(file, unit)
            return thing
    raise UsageError(
        f"cannot write {_called(file)}: a .{unit.name} file holds {_either(unit.holds)}, and this makes "
        f"{_either(things)}",
        f"Endings that work here: {_endings(fitting)}",
    )


def write(
    file: str | Path | BinaryIO,
    content: Any,
    comment: str = "",
    *,
    format: str | None = None,
    picture: str = "",
    beside: str = "",
) -> None:
    """Write an animation, a figure or a table to a file, whole or not at all.

    Parameters
    ----------
    file : path or binary file
        A path's ending picks the format. To an open file, a pipe as well, all is written at once.
    content : animation, matplotlib Figure, (h, w, 3 or 4) uint8 array, or result
        What the format holds: see ``optviz list formats``.
    comment : str
        The facts of what was run, kept in the file's provenance; an animation brings its own.
    format : str, optional
        The format of an open file, which has no ending.
    picture, beside : str
        As for `optviz.writers.provenance.made`.

    Raises
    ------
    UsageError
        If the ending is unknown or if the place cannot be written.
    UsageTypeError
        If the format cannot hold this content.
    MissingError
        If the format needs what is not here.
    OptvizError
        If the file system refuses. An existing file is left untouched and no partial file stays behind.
    """
    unit = format_of(file, format, FORMATS.names())
    if not _things(content) & set(unit.holds):
        raise UsageTypeError(
            f"cannot write {_called(file)}: a .{unit.name} file holds {_either(unit.holds)}, not a "
            f"{type(content).__name__}",
            "See: optviz list formats",
        )
    _ready(file, unit)
    document = provenance.document(comment or getattr(content, "comment", ""), picture, beside)
    if isinstance(file, str | Path):
        with replacing(file) as opened:
            unit.write(opened, content, document)
    else:
        whole = io.BytesIO()
        unit.write(whole, content, document)
        file.write(whole.getvalue())


def format_of(
    file: str | Path | BinaryIO, format: str | None = None, fitting: Iterable[str] = (), doing: str = "write"
) -> Format:
    """The format of a path's ending, or the one of that name; the error for an unknown ending names `fitting`."""
    if not isinstance(file, str | Path):
        if format is None:
            raise UsageError("an open file has no ending that tells the format", "Name it: format='png'")
        return FORMATS[format]
    ending = Path(file).suffix
    if ending[1:].lower() in FORMATS.names():
        return FORMATS[ending[1:].lower()]
    problem = f"unknown ending '{ending}'" if ending[1:] else "its name has no ending to tell the format"
    known = _endings(list(fitting) or FORMATS.names())
    hint = suggestion(ending, known.split())
    raise UsageError(f"cannot {doing} {str(file) or repr('')}: {problem}", f"{hint}Endings that work here: {known}")


def _ready(file: str | Path | BinaryIO, unit: Format) -> None:
    if isinstance(file, str | Path):
        check_writable(file)
    if unit.check:
        unit.check()


def _called(file: str | Path | BinaryIO) -> str:
    return str(file) if isinstance(file, str | Path) else "an open file"


def _things(content: Any) -> set[str]:
    """Which of `THINGS` an object is, told by what it can do, so that nothing heavy has to be imported."""
    marks = {
        "frames": "animation",
        "savefig": "figure",
        "__array_interface__": "figure",
        "to_html": "report",
        "to_dict": "result",
    }
    things = {thing for mark, thing in marks.items() if hasattr(content, mark)}
    if "result" in things:
        from optviz.results import Comparison, Study

        things |= {"table"} if isinstance(content, Comparison | Study) else set()
    return things


def _endings(names: Iterable[str]) -> str:
    return " ".join(f".{name}" for name in names)


def _either(things: Iterable[str]) -> str:
    return " or ".join(THINGS[thing] for thing in things)

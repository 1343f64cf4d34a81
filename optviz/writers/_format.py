"""File formats: an ending, what a file can hold, and the function that writes it."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from optviz.errors import UsageError, UsageTypeError
from optviz.files import check_writable
from optviz.registry import Registry, suggestion

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
        ``write(path, content, comment)`` writes one whole file or none; `comment` is its provenance.
    module : str
        The module that defined it.
    """

    name: str
    title: str
    holds: tuple[str, ...]
    write: Callable[[Path, Any, str], None]
    module: str = ""


def _order(unit: Format) -> tuple[int, int]:
    return min(list(THINGS).index(thing) for thing in unit.holds), list(_UNITS).index(unit.name)


FORMATS: Registry[Format] = Registry("format", "optviz.writers", order=_order)
_UNITS: dict[str, None] = {}  # names in order of definition, the order among formats that hold the same


def file_format(name: str, *, title: str, holds: tuple[str, ...]) -> Callable[[Callable], Callable]:
    """Decorator: register a writing function as the format of the ending `name`.

    The function imports what it needs when it is called, so that the formats can be listed without loading NumPy,
    Pillow or matplotlib.
    """

    def register(write: Callable) -> Callable:
        _UNITS.setdefault(name)
        FORMATS.add(Format(name=name, title=title, holds=holds, write=write, module=write.__module__))
        return write

    return register


def check(path: str | Path, things: Iterable[str]) -> str:
    """Refuse an output file that cannot be written, before any work is done.

    Parameters
    ----------
    path : path
        The file that will be written; its ending picks the format.
    things : str
        What the caller can make, of `THINGS`, the preferred one first.

    Returns
    -------
    str
        The one of `things` to make for this file.

    Raises
    ------
    UsageError
        If the ending is unknown, if such a file holds none of `things`, or if the place cannot be written.
    """
    things = tuple(things)
    path = Path(path)
    fitting = [unit.name for unit in FORMATS if set(unit.holds) & set(things)]
    unit = _format(path, fitting)
    for thing in things:
        if thing in unit.holds:
            check_writable(path)
            return thing
    raise UsageError(
        f"cannot write {path}: a .{unit.name} file holds {_either(unit.holds)}, and this makes {_either(things)}",
        f"Endings that work here: {_endings(fitting)}",
    )


def write(path: str | Path, content: Any, comment: str = "") -> None:
    """Write an animation, a figure or a table to a file, whole or not at all.

    Parameters
    ----------
    path : path
        The file; its ending picks the format.
    content : animation, matplotlib Figure, (h, w, 3 or 4) uint8 array, or result
        What the format holds: see ``optviz list formats``.
    comment : str
        Provenance, kept in the file where the format has a place for it; an animation brings its own.

    Raises
    ------
    UsageError
        If the ending is unknown or if the place cannot be written.
    UsageTypeError
        If the format cannot hold this content.
    OptvizError
        If the file system refuses. An existing file is left untouched and no partial file stays behind.
    """
    path = Path(path)
    unit = _format(path, FORMATS.names())
    if not _things(content) & set(unit.holds):
        raise UsageTypeError(
            f"cannot write {path}: a .{unit.name} file holds {_either(unit.holds)}, not a {type(content).__name__}",
            "See: optviz list formats",
        )
    check_writable(path)
    unit.write(path, content, comment or getattr(content, "comment", ""))


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


def _format(path: Path, fitting: list[str]) -> Format:
    """The format of a path's ending; the error for an unknown one names those in `fitting`."""
    name = path.suffix[1:].lower()
    if name in FORMATS.names():
        return FORMATS[name]
    problem = f"unknown ending '{path.suffix}'" if name else "its name has no ending to tell the format"
    hint = suggestion(path.suffix, _endings(fitting).split())
    raise UsageError(f"cannot write {path}: {problem}", f"{hint}Endings that work here: {_endings(fitting)}")


def _endings(names: list[str]) -> str:
    return " ".join(f".{name}" for name in names)


def _either(things: Iterable[str]) -> str:
    return " or ".join(THINGS[thing] for thing in things)

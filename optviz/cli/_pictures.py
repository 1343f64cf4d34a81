"""Which pictures go to which files: what ``--picture`` and ``-o`` mean together."""

from collections.abc import Iterable, Sequence
from pathlib import Path

from optviz.errors import UsageError


def pictures(given: Sequence[str] | None) -> list[str]:
    """The pictures of repeated comma lists, each once; none where none is named."""
    names = [name.strip() for text in given or () for name in text.split(",")]
    for name in names:
        if names.count(name) > 1:
            raise UsageError(f"--picture names '{name}' twice", "Name it once.")
    return names


def files(output: Sequence[str], names: Sequence[str], kind: type) -> list[tuple[Path, str | None]]:
    """Every file with what it shows: with several pictures a file that holds one becomes as many files.

    Parameters
    ----------
    output, names
        Files and pictures as they were given.
    kind : type
        The type of the result that is drawn.
    """
    from optviz import drawing

    found: list[tuple[Path, str | None]] = []
    for path in map(Path, output):
        if len(names) < 2 or "figure" not in drawing.check(kind, [path]).values():
            found.append((path, names[0] if names else None))
        else:
            found += [(path.with_stem(f"{path.stem}-{name}"), name) for name in names]
    return found


def check(names: Sequence[str], forms: Iterable[str], example: str) -> None:
    """Refuse pictures that no file will show.

    Parameters
    ----------
    names : sequence of str
        The pictures asked for.
    forms : iterable of str
        What the files will hold, see `optviz.drawing.check`.
    example : str
        A file that would hold a picture.
    """
    if names and "figure" not in forms:
        raise UsageError("--picture stands without a picture to write", f"Add one: -o {example}")

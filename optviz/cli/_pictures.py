"""Which pictures go to which files: what ``--picture`` and ``-o`` mean together."""

import os
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from optviz.cli import _options
from optviz.errors import UsageError


def pictures(given: Sequence[str] | None) -> list[str]:
    """The pictures of repeated comma lists, each once; none where none is named."""
    return _options.listed("--picture", given)


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


def forms(kind: type, planned: Iterable[tuple[Path, str | None]], look: Mapping[str, Any]) -> list[str]:
    """What all files will hold, see `optviz.drawing.check`; refuses one that would be written twice.

    Parameters
    ----------
    kind : type
        The type of the result that is drawn.
    planned : iterable of (file, picture)
    look : mapping
        As `optviz.draw` takes it; what is for moving pictures alone stands with such a picture.
    """
    from optviz import drawing

    found: dict[str, tuple[Path, str]] = {}
    for path, picture in planned:
        for file, form in drawing.check(kind, [path], picture=picture).items():
            place = os.path.realpath(file)
            if place in found:
                with_it = [one for one in (found[place][0], path) if os.path.realpath(one) != place]
                said = f"is written beside {with_it[0]}" if with_it else "is named twice"
                raise UsageError(f"-o: {file} {said}", "Give every file a name of its own.")
            found[place] = (path, form)
    held = [form for _, form in found.values()]
    for name in ("fps", "frames"):
        if name in look and "animation" not in held and held:
            raise UsageError(f"--{name} stands without a moving picture to write", "Add one: -o FILE.gif")
    return held


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

"""What becomes of a result: its files, then their paths and words for people, or one document."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from optviz.cli import _output, _pictures

Places = list[tuple[Path, str | None]]


def places(
    kind: type,
    output: Sequence[str] | None,
    usual: Sequence[tuple[str, str | None]],
    pictures: Sequence[str] = (),
    *,
    json: bool,
    look: Mapping[str, Any],
) -> Places:
    """Every file that will be written, with the picture it shows; refuses what cannot be.

    Parameters
    ----------
    kind : type
        The type of the result.
    output : sequence of str or None
        What ``-o`` names.
    usual : sequence of (file, picture)
        What is written without ``-o``, under other names where those are taken; nothing where a document is printed.
    pictures : sequence of str
        What ``--picture`` names.
    json : bool
        Whether the document is printed.
    look : mapping
        As `optviz.draw` takes it.
    """
    from optviz import drawing

    if output:
        found = _pictures.files(output, pictures, kind)
    else:
        found = [(drawing.free_name(file), picture) for file, picture in usual if not json]
    _pictures.check(pictures, _pictures.forms(kind, found, look), usual[0][0])
    return found


def deliver(
    result: Any,
    files: Sequence[tuple[Path, str | None]],
    *,
    look: dict[str, Any],
    tell: Callable[[], None] | None = None,
    json: bool = False,
    no_progress: bool = False,
) -> list[Path]:
    """Draw and write a result; then print its document, or tell people what it says and print the paths of its files.

    Parameters
    ----------
    result : record
    files
        From `places`.
    look : dict
        Theme and size.
    tell : function, optional
        Says on standard error what there is to say in words and numbers.
    json, no_progress : bool
        As the options of these names.

    Returns
    -------
    list of Path
        What was written.
    """
    written: list[Path] = []
    try:
        if files:
            from optviz import drawing

            with _output.watching(no_progress) as watcher, _output.stage("drawing and writing"):
                watcher.begin("drawing")
                for file, picture in files:
                    written += drawing.draw(result, file, picture=picture, **look, progress=watcher)
    finally:
        # Whatever becomes of the files, the numbers are not lost.
        if json:
            _output.print_json(result.to_dict())
        else:
            if tell:
                tell()
            for file in written:
                _output.print_path(file)
    return written

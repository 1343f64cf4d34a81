"""``optviz draw``: pictures of a saved result, without running anything again."""

from pathlib import Path
from typing import Annotated

import typer

from optviz.cli import _delivery, _names, _options, _pictures
from optviz.cli._help import examples
from optviz.errors import UsageError

EXAMPLES = examples(
    ("A race that was saved, as a moving picture in light colours", "draw race.npz --theme light -o race.gif"),
    ("A comparison's training plane and its confusion matrices", "draw mnist.npz --picture plane,confusion -o a.png"),
    ("Everything about a comparison on one page", "draw mnist.npz -o report.html"),
    ("Basins of attraction for a paper, larger", "draw basins.npz --theme light --size 1600x1200 -o basins.pdf"),
)  # fmt: skip


def draw(
    saved: Annotated[
        str,
        typer.Argument(metavar="FILE.npz", show_default=False, help="A result that a command wrote with -o FILE.npz."),
    ],
    picture: Annotated[
        list[str] | None,
        typer.Option(
            "--picture",
            metavar="A,B",
            autocompletion=_names.among(*sum(_names.PICTURES.values(), ()), several=True),
            rich_help_panel=_options.PICTURE,
            show_default=False,
            help="What a .png, .svg or .pdf shows. Of a race: race or convergence; of a comparison: curves, plane, "
            "rates, target, confusion or mistakes; of basins: basins or values; of a race of all: study or functions. "
            "Several go to files of their own, as FILE-plane.",
        ),
    ] = None,
    theme: _options.Theme = None,
    size: _options.FittingSize = None,
    fps: _options.Fps = None,
    output: Annotated[
        list[str] | None,
        typer.Option(
            "--output",
            "-o",
            metavar="FILE",
            rich_help_panel=_options.OUTPUT,
            show_default=False,
            help="Where to write; may be repeated. The ending picks the format: optviz list formats.",
        ),
    ] = None,
    json: _options.Document = False,
    quiet: _options.Quiet = False,
    no_progress: _options.NoProgress = False,
    verbose: _options.Verbose = 0,
) -> None:
    """Draw a saved result again: of animate, mnist, basins, sweep, swarm or race.

    Nothing is run: a result that was made on one machine can be drawn on another, without Numba.

    Prints the paths of the files, one a line.
    """
    names = _pictures.pictures(picture)
    look = _options.look(theme, size, fps)
    if not (output or json):
        raise UsageError("there is no file to write", "Name one: -o picture.png")
    from optviz.results import load

    result = load(saved)
    files = _pictures.files(output or [], names, type(result))
    if Path(saved).resolve() in [file.resolve() for file, _ in files]:
        raise UsageError(f"{saved} is what is drawn", "Name another file with -o.")
    _pictures.check(names, _pictures.forms(type(result), files, look), "picture.png")
    _delivery.deliver(result, files, look=look, json=json, no_progress=no_progress)

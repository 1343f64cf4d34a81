"""``optviz gallery``: every picture, and a page that shows them."""

from pathlib import Path
from typing import Annotated

import typer

from optviz.cli import _names, _options, _output
from optviz.cli._help import examples

EXAMPLES = examples(
    ("Every function's race, every other kind of picture and a page that shows them, in gallery/", "gallery"),
    ("In light colours, four pictures at a time", "gallery pictures --theme light --jobs 4"),
    ("Two pictures anew; the page keeps the others", "gallery --only rosenbrock,basins"),
)


def gallery(
    folder: Annotated[Path, typer.Argument(metavar="[DIR]", help="Where to write; made if it is missing.")] = Path(
        "gallery"
    ),
    only: Annotated[
        list[str] | None,
        typer.Option(
            "--only",
            metavar="A,B,C",
            autocompletion=_names.pictures,
            rich_help_panel=_options.RUN,
            show_default=False,
            help="Races on these test functions; basins, sweep, swarm, race, mnist; all without it. May be repeated.",
        ),
    ] = None,
    jobs: _options.Jobs = None,
    theme: _options.Theme = "dark",
    quiet: _options.Quiet = False,
    no_progress: _options.NoProgress = False,
    verbose: _options.Verbose = 0,
) -> None:
    """Write a race for each test function, a picture of every other kind, and a README.md that shows them.

    Each picture is what its own command, shown under it, writes: the same bytes whatever the number of jobs, but for
    those of MNIST, which show seconds.

    Prints the paths of the files, one a line. Ctrl-C keeps the pictures that are finished, and the page shows them.
    """
    colours = _options.choice("--theme", theme or "", _options.THEMES)
    number = _options.whole("--jobs", jobs, 1, 1024)
    names = _options.listed("--only", only) or None
    from optviz.gallery import write_gallery

    with _output.watching(no_progress) as watcher:
        watcher.begin("drawing")
        with _output.stage("drawing and writing"):
            written = write_gallery(folder, only=names, theme=colours, jobs=number, progress=watcher)
    for file in written:
        _output.print_path(file)

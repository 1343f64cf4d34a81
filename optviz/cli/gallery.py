"""``optviz gallery``: every picture, and pages that show them."""

from importlib import import_module
from pathlib import Path

from optviz.cli import _print, _read
from optviz.cli._groups import RUNS, command, option
from optviz.cli._options import RunOptions
from optviz.cli._output import Look, Output


@command(
    "Races and every other picture, and pages that show them.",
    """
    The classic functions' races, every other kind of picture and pages that show them, in gallery/
        gallery
    A race on every function of two variables
        gallery races --only @all
    In light colours, four pictures at a time
        gallery pictures --theme light --jobs 4
    Some of the pictures; the pages keep the others
        gallery --only rosenbrock,basins
    """,
    "jobs",
    "theme",
    "quiet no_progress verbose",
    theme={"default": "dark"},
)
def gallery(
    run: RunOptions,
    look: Look,
    output: Output,
    folder: str = option("[DIR]", "Where to write; made if it is missing.", "gallery", argument=True),
    only: list[str] | None = option(
        "A,B,C",
        "Races on these test functions, or sets of them as @valley and @all; kinds, surface, basins, sweep, swarm, "
        "study, explain, mnist. Without it: @classic and each of these. May be repeated.",
        complete=_read.completion(lambda: import_module("optviz.gallery").known(), several=True),
        panel=RUNS,
    ),
) -> None:
    """Write races on test functions, pictures of every other kind, and pages that show them.

    index.html is for browsers, from disk too: its maps run the race while somebody points at them, and lead into
    explorer.html, beside it, where everything can be changed. README.md is for repositories.

    Each picture is what its own command, shown under it, writes: the same bytes whatever the number of jobs, but for
    those of MNIST, which show seconds. Pictures that would come out as they are there already are left alone.

    Prints the paths of the files written, one a line. Ctrl-C keeps the pictures that are finished, and the pages show
    them.
    """
    theme, jobs, names = look.read()["theme"], run.read_one("jobs"), _read.listed("--only", only)
    from optviz.gallery import write_gallery

    written: list[Path] = []
    try:
        with output.working("drawing and writing", "drawing") as watcher:
            how = {"theme": theme, "jobs": jobs, "progress": watcher, "finished": written.append}
            write_gallery(folder, only=names or None, **how)
    finally:
        for file in written:
            _print.path(file)

"""``optviz draw``: pictures of a saved result, without running anything again."""

from contextlib import AbstractContextManager, nullcontext
from pathlib import Path

from optviz.cli import _read
from optviz.cli._groups import command, option
from optviz.cli._output import PICTURES, Look, Output, writes
from optviz.errors import DataError, UsageError

LOOKS = {"--theme", "--size", "--fps", "--frames", "--highlight", "--show"}


@command(
    "Pictures of a saved result.",
    """
    A race that was saved, as a moving picture in light colours
        draw race.npz --theme light -o race.gif
    A comparison's training plane and its confusion matrices
        draw mnist.npz --picture plane,confusion -o a.png
    Everything about a comparison on one page
        draw mnist.npz -o report.html
    Basins of attraction for a paper, larger
        draw basins.npz --theme light --size 1600x1200 -o basins.pdf
    """,
    "picture theme size fps highlight show view camera",
    picture={
        "help": "What a still picture shows. Of a race: race or convergence; of a comparison: curves, plane, "
        "rates, target, confusion or mistakes; of basins: basins or values; of a study: study or functions. Several go "
        "to files of their own, as FILE-plane.",
        "complete": _read.completion(lambda: sum(PICTURES.values(), ()), several=True),
    },
    output=writes("", "optviz list formats."),
)
def draw(
    look: Look,
    output: Output,
    saved: str = option("FILE.npz", "A result that a command wrote with -o FILE.npz.", ..., argument=True),
) -> None:
    """Draw a saved result again: of animate, explain, train, basins, sweep, swarm or study.

    Nothing is run: a result that was made on one machine can be drawn on another, without Numba.

    Prints the paths of the files, one a line.
    """
    changed, _ = look.read(), look.pictures  # refused before the file is read
    if not (output.output or output.json):
        raise UsageError("there is no file to write", "Name one: -o picture.png")
    from optviz.results import load

    result = load(saved)
    plan = output.plan(type(result), look, example="picture.png")
    if Path(saved).resolve() in [file.resolve() for file, _ in plan.files if isinstance(file, Path)]:
        raise UsageError(f"{saved} is what is drawn", "Name another file with -o.")
    with nullcontext() if changed else _as_it_was_made(saved):
        output.deliver(result, plan)


def _as_it_was_made(saved: str) -> AbstractContextManager[None]:
    """Say in the files that the command made them which made the result, if it would draw the same pictures."""
    from optviz.writers import provenance, reading

    try:
        words = reading.read(saved)["command"]
    except DataError:  # written from Python, or before results told it
        words = None
    looks = LOOKS - ({"--frames"} if words and words[0] == "swarm" else set())  # which keeps as many as it ran with
    return provenance.commanded(words) if words and not looks & {*words} else nullcontext()

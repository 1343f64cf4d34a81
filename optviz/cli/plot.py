"""``optviz plot``: a race of optimizers as still pictures."""

from optviz.cli._groups import command
from optviz.cli._options import RunOptions
from optviz.cli._output import SIZED, Look, Output, pictures, writes
from optviz.cli.animate import STEPS, TAKEN, race_and_draw


@command(
    "The same race as still pictures.",
    """
    The end of a race and its convergence curves: ackley.png and ackley-convergence.png
        plot ackley
    The same as drawings for a paper
        plot rosenbrock --theme light -o figure.pdf
    Adam at three times its usual rate, 1000 steps
        plot beale --optimizers adam --lr 0.003 --steps 1000
    """,
    TAKEN,
    "picture theme size highlight show view camera",
    steps=STEPS,
    size=SIZED,
    picture=pictures("animate", "Only the end of the race, or only the convergence curves. Without it: both."),
    output=writes(
        "FUNCTION.png", ".png .svg .pdf .webp .avif. The convergence curves go beside it, as FILE-convergence."
    ),
)
def plot(race: RunOptions, look: Look, output: Output) -> None:
    """Race optimizers on a test function and draw the end of the race and the convergence curves.

    The race is that of optviz animate, with the same options. One picture shows the paths over the map of the
    function, the other the gap to the minimum step by step.

    Prints the paths of the files, one a line; and on standard error a table: where each optimizer ended.
    """
    arguments = race.read(output)
    from optviz.results import Race

    names, stem = look.pictures, race.subject.stem
    usual = [(f"{stem}.png" if name == "race" else f"{stem}-{name}.png", name) for name in names or ["race"]]
    plan = output.plan(Race, look, usual, beside="" if names else "convergence")
    race_and_draw(race.subject, arguments, plan, output)

"""``optviz animate``: a race of optimizers as a moving picture."""

from typing import Any

from optviz.cli import _optimizers
from optviz.cli._functions import Subject
from optviz.cli._groups import command
from optviz.cli._options import RunOptions
from optviz.cli._output import SIZED, Look, Output, Plan, writes

TAKEN = "function optimizers start bounds set minimum instance steps by noise lr defaults seed device"
STEPS = {
    "help": "How many steps, or evaluations with --by. Without it: as many as tell the function's story.",
    "default": None,
}


@command(
    "A race of optimizers as a moving picture.",
    """
    Seven optimizers race down Rosenbrock's valley; leaves rosenbrock.gif and rosenbrock.png
        animate rosenbrock
    Three optimizers from a start of your own, Adam's learning rate given, the others tuned
        animate himmelblau --optimizers sgd,momentum,adam --start -1.5,2 --lr adam=0.05
    A function of your own, with a constant
        animate "(1 - x)**2 + b*(y - x**2)**2" --set b=100 --bounds -2,2,-1,3
    What PyTorch's defaults do, in light colours, as a picture of the end and as numbers
        animate beale --lr defaults --defaults torch --theme light -o beale.svg -o beale.npz
    On a solid surface, seen from the south-west
        animate himmelblau --view 3d --camera -120,46
    Adam beside SciPy's own solvers, as far as 200 evaluations bring each of them
        animate rosenbrock --optimizers adam,scipy:BFGS,scipy:Nelder-Mead --by evaluations --steps 200
    Without loss, for the web; and the final state to another program
        animate rosenbrock -o rosenbrock.webp -o - --format png
    """,
    TAKEN,
    "theme size fps frames highlight show view camera",
    steps=STEPS,
    size=SIZED,
    frames={"help": "How many frames the moving picture has. Without it: 200."},
    output=writes(
        "FUNCTION.gif",
        ".gif, with a .png of the last frame beside it; .apng .webp .avif .mp4 .webm; .png .svg .pdf, the final state; "
        ".html, a page that runs it again; .json .npz, the numbers.",
    ),
)
def animate(race: RunOptions, look: Look, output: Output) -> None:
    """Race optimizers on a test function and write the race as a moving picture.

    All optimizers start at the same point. The picture shows their paths over the map of the function, the gap to the
    minimum step by step, and a table of who leads.

    Learning rates are tuned unless they are given, by one rule for every optimizer, which the picture states: the rate
    with the lowest settled gap (largest of the last twentieth of the steps), median over 16 nearby starts, each of 49
    judged with its two neighbours; diverged is worst. With --lr defaults the rates are those of --defaults. An
    optimizer that diverges is drawn as far as it goes; nothing is clipped. One that stops of itself gets a ring, and
    one that chooses its own evaluations a dot for each.

    Prints the paths of the files, one a line; and on standard error a table: where each optimizer ended.
    """
    arguments = race.read(output)
    from optviz.results import Race

    plan = output.plan(Race, look, [(f"{race.subject.stem}.gif", None)])
    race_and_draw(race.subject, arguments, plan, output)


def race_and_draw(subject: Subject, arguments: dict[str, Any], plan: Plan, output: Output) -> None:
    """Run a race, write its pictures, and say how it ended."""
    _optimizers.highlighted(plan.look, arguments["optimizers"], arguments["defaults"])
    with output.working("tuning and running", "tuning and running") as watcher:
        from optviz.runs.points import race as runs
        from optviz.runs.points.needed import race_kernels

        with watcher.compiling(race_kernels(arguments["optimizers"], arguments["defaults"])):
            race = runs.race(subject.make(), **arguments)

    def tell() -> None:
        from optviz.results.batch_tables import race_rows

        if race.starts_outside:
            x, y = (f"{low:g} to {high:g}" for low, high in race.landscape.bounds)
            output.note(f"The start is outside the function's bounds, x {x} and y {y}: the map grows to hold it.")
        output.note_rows(race_rows(race))

    output.deliver(race, plan, tell)

"""``optviz study``: every optimizer on every function, from many starts."""

from optviz.cli import _optimizers
from optviz.cli._groups import command
from optviz.cli._options import RunOptions
from optviz.cli._output import PAGE, Look, Output, pictures, writes


@command(
    "Several optimizers on every function, from many starts.",
    """
    Seven optimizers on every function; leaves study.png
        study
    Four optimizers on two functions from 1000 starts each, as a drawing and as a table
        study --functions rosenbrock,himmelblau --optimizers sgd,momentum,rmsprop,adam --starts 1000 -o a.pdf -o a.md
    With noisy gradients, as numbers to be drawn later
        study --noise gaussian:0.1 -o noisy.npz
    Adam and SciPy's own solvers by evaluations, the fair count for these
        study --functions @classic --optimizers adam,scipy:BFGS,scipy:Powell --by evaluations --steps 300
    What PyTorch's defaults do, as one JSON document
        study --lr defaults --json
    """,
    "functions optimizers starts steps by targets noise lr defaults seed threads device",
    "picture theme size highlight",
    steps={"default": "1000"},
    picture=pictures(
        "study",
        "Everything on one page, or each function with each optimizer. Both, as study,functions, go to files of their "
        "own. Without it: study.",
    ),
    output=writes(
        "study.png", f".png .svg .pdf .webp .avif, a picture; {PAGE}; .csv .md, tables; .json .npz, the numbers."
    ),
)
def study(run: RunOptions, look: Look, output: Output) -> None:
    """Run several optimizers on every test function, each from the same many starts.

    Learning rates are tuned unless they are given, on each function with the same budget for every optimizer. The
    picture shows what share of all targets has been reached after how many steps, by targets that get harder, and which
    optimizers are close to the best of each function.

    Prints the paths of the files, one a line; and on standard error the tables: the optimizers, best first, with those
    that cannot be told apart; each of them on each function.
    """
    arguments = run.read(output)
    from optviz.results import Study

    usual: list[tuple[str, str | None]] = [(f"study-{name}.png", name) for name in look.pictures]
    plan = output.plan(Study, look, usual or [("study.png", None)])
    _optimizers.highlighted(plan.look, arguments["optimizers"], arguments["defaults"])
    with output.working("tuning and running", "tuning and running") as watcher:
        from optviz.runs.points import study as runs
        from optviz.runs.points.needed import study_kernels

        units, names = [one.make() for one in arguments.pop("functions")], arguments["optimizers"]
        with watcher.compiling(study_kernels(names, arguments["defaults"], arguments["lr"], len(units))):
            result = runs.study(units, **arguments, progress=watcher)
    from optviz.results.study_tables import study_tables

    output.deliver(result, plan, lambda: output.note_tables(study_tables(result, short=True)))

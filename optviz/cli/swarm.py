"""``optviz swarm``: thousands of starts that flow down together."""

from optviz.cli._groups import command
from optviz.cli._options import RunOptions
from optviz.cli._output import PAGE, Look, Output, writes


@command(
    "Thousands of starts that flow down together.",
    """
    Thousands of runs of Adam; leaves himmelblau-swarm.gif and himmelblau-swarm.png
        swarm himmelblau
    Four optimizers side by side
        swarm rosenbrock --optimizers sgd,momentum,rmsprop,adam --starts 1024
    Escape from a saddle with noisy gradients, as a picture of the end and as numbers
        swarm saddle --optimizers sgd --noise gaussian:0.1 -o saddle.svg -o saddle.npz
    """,
    "function optimizers starts bounds set minimum instance steps frames tolerance noise lr defaults seed threads "
    "device",
    "theme size fps",
    optimizers={
        "help": "Which optimizers, a panel for each; optviz list optimizers names them. May be repeated.",
        "default": ("adam",),
    },
    starts={"default": "3136"},
    output=writes(
        "FUNCTION-swarm.gif",
        ".gif, with a .png of the last frame beside it; .apng .webp .avif .mp4 .webm; .png .svg .pdf, the final state; "
        f"{PAGE}; .json .npz, the numbers.",
    ),
)
def swarm(run: RunOptions, look: Look, output: Output) -> None:
    """Start an optimizer all over the function and watch the runs flow down together.

    Each run is a dot in the colour of the minimizer that it will reach. Learning rates are tuned unless they are
    given, with the same budget for every optimizer, by the rule of basins.

    Prints the paths of the files, one a line; and on standard error a table: learning rate, the share that arrives and
    its median steps, the share that diverges and the share that ends at each minimizer.
    """
    arguments = run.read(output)
    from optviz.results import Swarm

    plan = output.plan(Swarm, look, [(f"{run.subject.stem}-swarm.gif", None)])
    with output.working("tuning and running") as watcher:
        from optviz.runs.points import swarm as runs
        from optviz.runs.points.needed import map_kernels

        watcher.begin("tuning and running")
        with watcher.compiling(map_kernels(arguments["optimizers"], arguments["defaults"], arguments["lr"])):
            result = runs.swarm(run.subject.make(), **arguments, progress=watcher)
    from optviz.results.batch_tables import ends_table

    output.deliver(result, plan, lambda: output.note_tables([ends_table(result)]))

"""``optviz swarm``: thousands of starts that flow down together."""

from typing import Annotated

import typer

from optviz.cli import _batches, _delivery, _names, _options, _output, _rates, _tables
from optviz.cli._help import examples

EXAMPLES = examples(
    ("Thousands of runs of Adam; leaves himmelblau-swarm.gif and himmelblau-swarm.png", "swarm himmelblau"),
    ("Four optimizers side by side", "swarm rosenbrock --optimizers sgd,momentum,rmsprop,adam --starts 1024"),
    (
        "Escape from a saddle with noisy gradients, as a picture of the end and as numbers",
        "swarm saddle --optimizers sgd --noise gaussian:0.1 -o saddle.svg -o saddle.npz",
    ),
)
USUAL = ("adam",)


def swarm(
    function: _options.FunctionName,
    optimizers: Annotated[
        list[str] | None,
        typer.Option(
            "--optimizers",
            metavar="all|A,B,C",
            autocompletion=_names.optimizers,
            rich_help_panel=_options.RUN,
            show_default=False,
            help="Which optimizers, a panel for each; optviz list optimizers names them. May be repeated. "
            "Without it: adam.",
        ),
    ] = None,
    starts: _batches.Starts = "3136",
    bounds: _batches.Bounds = None,
    steps: _batches.Steps = "300",
    frames: Annotated[
        str, typer.Option("--frames", metavar="N", rich_help_panel=_options.PICTURE, help="Of the moving picture.")
    ] = "100",
    tolerance: _batches.Tolerance = "1e-4",
    noise: _options.Noise = None,
    lr: _options.Rates = None,
    defaults: _options.Defaults = "torch",
    seed: _options.Seed = "0",
    jobs: _batches.Threads = None,
    device: _options.Device = "cpu",
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
            help="Where to write, FUNCTION-swarm.gif here without it; may be repeated. The ending picks the format: "
            ".gif, with a .png of the last frame beside it; .png .svg .pdf, the final state; .json .npz, the numbers.",
        ),
    ] = None,
    json: _options.Document = False,
    quiet: _options.Quiet = False,
    no_progress: _options.NoProgress = False,
    verbose: _options.Verbose = 0,
) -> None:
    """Start an optimizer all over the function and watch the runs flow down together.

    Each run is a dot in the colour of the minimizer that it will reach. Learning rates are tuned unless they are
    given, with the same budget for every optimizer, by the rule of basins.

    Prints the paths of the files, one a line; and on standard error a table: learning rate, the share that arrives and
    its median steps, the share that diverges and the share that ends at each minimizer.
    """
    _names.registry("functions")[function]
    names = _batches.contenders(optimizers, USUAL)
    arguments = {
        "optimizers": names,
        "starts": _options.whole("--starts", starts, 1, _batches.MOST_STARTS),
        "bounds": _batches.bounds(bounds),
        "frames": _options.whole("--frames", frames, 2, 1000),
        "tolerance": _batches.tolerance(tolerance),
        "lr": _rates.rates(lr, names),
        **_batches.common(steps, noise, defaults, seed, jobs, device),
    }
    look = _options.look(theme, size, fps)
    from optviz.results import Swarm

    files = _delivery.places(Swarm, output, [(f"{function}-swarm.gif", None)], json=json, look=look)
    with _output.watching(no_progress) as watcher:
        watcher.begin("loading")
        with _output.stage("tuning and running"):
            from optviz.runs.points import swarm as runs
            from optviz.runs.points.needed import map_kernels

            watcher.begin("tuning and running")
            needed = map_kernels(names, arguments["defaults"], arguments["lr"])
            with watcher.compiling(needed):
                result = runs.swarm(function, **arguments, progress=watcher)
    _delivery.deliver(
        result,
        files,
        look=look,
        tell=lambda: _tables.print_tables([_batches.endings(result)]),
        json=json,
        no_progress=no_progress,
    )

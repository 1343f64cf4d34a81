"""``optviz basins``: from which starts each optimizer arrives, and where."""

from typing import Annotated, Any

import typer

from optviz.cli import _batches, _delivery, _names, _options, _output, _pictures, _rates, _tables
from optviz.cli._help import examples

EXAMPLES = examples(
    ("Where seven optimizers end from every start; leaves himmelblau-basins.png", "basins himmelblau"),
    (
        "A fractal edge followed down, momentum alone, its learning rate given",
        "basins himmelblau --optimizers momentum --lr 0.01 --bounds -1:0,-2:-1 -o edge.png",
    ),
    (
        "Noisy gradients; the values reached as a picture, the grids as numbers",
        "basins goldstein_price --optimizers sgd,adam --noise gaussian:0.1 --picture values -o a.svg -o a.npz",
    ),
)


def basins(
    function: _options.FunctionName,
    optimizers: _options.Optimizers = None,
    bounds: _batches.Bounds = None,
    resolution: _batches.Resolution = None,
    steps: _batches.Steps = "300",
    tolerance: _batches.Tolerance = "1e-4",
    noise: _options.Noise = None,
    lr: _options.Rates = None,
    defaults: _options.Defaults = "torch",
    seed: _options.Seed = "0",
    jobs: _batches.Threads = None,
    device: _options.Device = "cpu",
    picture: Annotated[
        list[str] | None,
        typer.Option(
            "--picture",
            metavar="basins|values",
            autocompletion=_names.among(*_names.PICTURES["basins"], several=True),
            rich_help_panel=_options.PICTURE,
            show_default=False,
            help="Which minimizer is reached, or which value. Both, as basins,values, go to files of their own. "
            "Without it: basins.",
        ),
    ] = None,
    theme: _options.Theme = None,
    size: _options.FittingSize = None,
    output: Annotated[
        list[str] | None,
        typer.Option(
            "--output",
            "-o",
            metavar="FILE",
            rich_help_panel=_options.OUTPUT,
            show_default=False,
            help="Where to write, FUNCTION-basins.png here without it; may be repeated. The ending picks the format: "
            ".png .svg .pdf, a picture; .json .npz, the numbers.",
        ),
    ] = None,
    json: _options.Document = False,
    quiet: _options.Quiet = False,
    no_progress: _options.NoProgress = False,
    verbose: _options.Verbose = 0,
) -> None:
    """Start each optimizer at every point of a grid and draw where it ends.

    One panel per optimizer, one run per pixel: the colour says which minimizer a run reaches, the brightness how
    soon; black runs reach none. Where few arrive, colours or greys tell the value reached. Learning rates are tuned
    unless they are given: those with the largest share of 256 starts all over the region that arrives, then with the
    fewest steps.

    Prints the paths of the files, one a line; and on standard error a table: learning rate, the share that arrives and
    its median steps, the share that diverges and the share that ends at each minimizer.
    """
    unit = _names.registry("functions")[function]
    from optviz.optimizers import SEVEN

    names = _batches.contenders(optimizers, SEVEN)
    arguments: dict[str, Any] = {
        "optimizers": names,
        "bounds": _batches.bounds(bounds),
        "tolerance": _batches.tolerance(tolerance),
        "lr": _rates.rates(lr, names),
        **_batches.common(steps, noise, defaults, seed, jobs, device),
    }
    grid = _batches.resolution(resolution)
    look = _options.look(theme, size)
    pictures = _pictures.pictures(picture)
    from optviz.results import Basins

    usual = [(f"{function}-{name}.png", name) for name in pictures or ["basins"]]
    files = _delivery.places(Basins, output, usual, pictures, json=json, look=look)
    with _output.watching(no_progress) as watcher:
        watcher.begin("loading")
        with _output.stage("tuning and running"):
            from optviz import drawing
            from optviz.runs.points import basins as runs
            from optviz.runs.points.needed import map_kernels

            grid = grid or drawing.basins_pixels(len(names), arguments["bounds"] or unit.region, look["size"])
            watcher.begin("tuning and running")
            needed = map_kernels(names, arguments["defaults"], arguments["lr"])
            with watcher.compiling(needed):
                result = runs.basins(function, **arguments, resolution=grid, progress=watcher)
    _delivery.deliver(
        result,
        files,
        look=look,
        tell=lambda: _tables.print_tables([_batches.endings(result)]),
        json=json,
        no_progress=no_progress,
    )

"""``optviz sweep``: one optimizer with other hyperparameters at each pixel."""

from typing import TYPE_CHECKING, Annotated

import typer

from optviz.cli import _axes, _batches, _delivery, _names, _options, _output
from optviz.cli._help import examples

if TYPE_CHECKING:
    from optviz.results import Sweep

EXAMPLES = examples(
    ("Learning rate and momentum on Rosenbrock; leaves rosenbrock-momentum-sweep.png", "sweep rosenbrock"),
    (
        "The edge of divergence on a quadratic function, with the line that theory draws",
        "sweep quadratic --x lr=0.001:0.1:log --y momentum=0:0.99:linear -o edge.svg",
    ),
    (
        "Adam's learning rate against beta2, beta1 held at 0.5, with noisy gradients, as numbers",
        "sweep beale --optimizer adam --y beta2 --set beta1=0.5 --noise gaussian:0.1 -o beale.npz",
    ),
)


def sweep(
    function: _options.FunctionName,
    optimizer: Annotated[
        str,
        typer.Option(
            "--optimizer",
            metavar="NAME",
            autocompletion=_names.optimizer,
            rich_help_panel=_options.RUN,
            help="Which optimizer; optviz list optimizers names them.",
        ),
    ] = "momentum",
    x: Annotated[
        str,
        typer.Option(
            "--x",
            metavar="NAME[=LOW:HIGH[:SCALE]]",
            autocompletion=_names.hyperparameters,
            rich_help_panel=_options.RUN,
            help="The hyperparameter across, its ends and its scale: log, linear or log(1-b). Without these: usual "
            "ones.",
        ),
    ] = "lr",
    y: Annotated[
        str | None,
        typer.Option(
            "--y",
            metavar="NAME[=LOW:HIGH[:SCALE]]",
            autocompletion=_names.hyperparameters,
            rich_help_panel=_options.RUN,
            show_default=False,
            help="The hyperparameter upwards, likewise. Without it: momentum, beta1 or rho, whichever the optimizer "
            "has.",
        ),
    ] = None,
    given: Annotated[
        list[str] | None,
        typer.Option(
            "--set",
            metavar="NAME=VALUE",
            autocompletion=_names.hyperparameters,
            rich_help_panel=_options.RUN,
            show_default=False,
            help="Another hyperparameter, the same everywhere: beta2=0.99. May be repeated.",
        ),
    ] = None,
    start: Annotated[
        str | None,
        typer.Option(
            "--start",
            metavar="X,Y",
            rich_help_panel=_options.RUN,
            show_default=False,
            help="Where every run starts. Without it: the function's own start.",
        ),
    ] = None,
    resolution: _batches.Resolution = None,
    steps: _batches.Steps = "1000",
    tolerance: _batches.Tolerance = "1e-4",
    noise: _options.Noise = None,
    defaults: _options.Defaults = "torch",
    seed: _options.Seed = "0",
    jobs: _batches.Threads = None,
    device: _options.Device = "cpu",
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
            help="Where to write, FUNCTION-OPTIMIZER-sweep.png here without it; may be repeated. The ending picks the "
            "format: .png .svg .pdf, a picture; .json .npz, the numbers.",
        ),
    ] = None,
    json: _options.Document = False,
    quiet: _options.Quiet = False,
    no_progress: _options.NoProgress = False,
    verbose: _options.Verbose = 0,
) -> None:
    """Run one optimizer from one start with other hyperparameters at each pixel.

    The picture shows how many steps each pair of hyperparameters takes to the minimum, which pairs do not arrive and
    which diverge, and the lines that theory draws where it has any. Marked is the best robust pair: that whose slowest
    neighbour is fastest, not the luckiest pixel.

    Prints the paths of the files, one a line; and on standard error that pair with its steps, the shares that arrive
    and diverge, and what theory says.
    """
    _names.registry("functions")[function]
    rule = _names.registry("optimizers")[optimizer]
    axes = _axes.pair(rule, x, y)
    arguments = {
        "start": _options.start(start),
        "tolerance": _batches.tolerance(tolerance),
        **_batches.common(steps, noise, defaults, seed, jobs, device),
        **_axes.fixed(rule, given, axes, defaults),
    }
    grid = _batches.resolution(resolution)
    look = _options.look(theme, size)
    from optviz.results import Sweep

    files = _delivery.places(Sweep, output, [(f"{function}-{optimizer}-sweep.png", None)], json=json, look=look)
    with _output.watching(no_progress) as watcher:
        watcher.begin("loading")
        with _output.stage("running"):
            from optviz import drawing
            from optviz.runs.points import sweep as runs
            from optviz.runs.points.needed import sweep_kernels

            grid = grid or drawing.sweep_pixels(look["size"])
            across, upwards = (axis.over(count) for axis, count in zip(axes, grid, strict=True))
            watcher.begin("running")
            with watcher.compiling(sweep_kernels(optimizer, defaults)):
                result = runs.sweep(function, optimizer, across, upwards, **arguments, progress=watcher)
    _delivery.deliver(
        result,
        files,
        look=look,
        tell=lambda: _output.note_table(_words(result)),
        json=json,
        no_progress=no_progress,
    )


def _words(sweep: "Sweep") -> list[tuple[str, str]]:
    """What there is to say about a sweep, a row each."""
    from optviz.results.parts import share
    from optviz.results.words import counted

    arrived, diverged = share(sweep.arrived), float((sweep.diverged > 0).mean())
    best = "none: no pair arrives with all its neighbours"
    if sweep.best is not None:
        pair = ", ".join(f"{axis.name} {sweep.best[axis.name]:.4g}" for axis in (sweep.x, sweep.y))
        near = f"at most {sweep.best['worst']:,} within {sweep.best['radius']} pixels"
        best = f"{pair}: {counted(sweep.best['steps'], 'step')}, {near}"
    rows = [
        ("best robust pair", best),
        ("arrive", f"{100 * arrived:.1f} % of the pairs"),
        (f"not within {counted(sweep.steps, 'step')}", f"{100 * (1 - arrived - diverged):.1f} %"),
        ("diverge", f"{100 * diverged:.1f} %"),
    ]
    drawn = [curve.text if sweep.shows(curve) else f"{curve.text} (outside the map)" for curve in sweep.theory]
    return rows + [("theory" * (not index), text) for index, text in enumerate(drawn)]

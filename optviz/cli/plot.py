"""``optviz plot``: a race of optimizers as still pictures."""

from pathlib import Path
from typing import Annotated

import typer

from optviz.cli import _options, _output, _races
from optviz.cli._help import examples

EXAMPLES = examples(
    ("The end of a race and its convergence curves: ackley.png and ackley-convergence.png", "plot ackley"),
    ("The same as drawings for a paper", "plot rosenbrock --theme light -o figure.pdf"),
    ("Adam at three times its usual rate, 1000 steps", "plot beale --optimizers adam --lr 0.003 --steps 1000"),
)


def plot(
    function: _options.FunctionName,
    optimizers: _options.Optimizers = None,
    start: _options.Start = None,
    steps: _options.Steps = None,
    lr: _options.Rates = None,
    defaults: _options.Defaults = "torch",
    seed: _options.Seed = "0",
    device: _options.Device = "cpu",
    theme: _options.Theme = None,
    size: _options.Size = "800x600",
    output: Annotated[
        list[str] | None,
        typer.Option(
            "--output",
            "-o",
            metavar="FILE",
            rich_help_panel=_options.OUTPUT,
            show_default=False,
            help="Where to write, FUNCTION.png here without it; may be repeated. "
            "The ending picks the format: .png .svg .pdf. The convergence curves "
            "go beside it, as FILE-convergence.",
        ),
    ] = None,
    json: _options.Json = False,
    quiet: _options.Quiet = False,
    no_progress: _options.NoProgress = False,
    verbose: _options.Verbose = 0,
) -> None:
    """Race optimizers on a test function and draw the end of the race and the convergence curves.

    The race is that of optviz animate, with the same options. One picture shows the paths over the map of the
    function, the other the gap to the minimum step by step.

    Prints the paths of the files, one a line.
    """
    race = _races.specification(function, optimizers, start, steps, lr, defaults, seed, device, quiet)
    look = _options.look(theme, size)
    from optviz import drawing
    from optviz.results import Race

    ends = [Path(file) for file in output or [str(drawing.free_name(f"{function}.png"))]]
    drawing.check(Race, ends, ["figure"])
    curves = [end.with_stem(f"{end.stem}-convergence") for end in ends]
    drawing.check(Race, curves, ["figure"])
    with _output.watching(quiet, no_progress) as watcher:
        result = _races.run(race, watcher)
        watcher.begin("drawing")
        with _output.stage("drawing and writing"):
            written = drawing.draw(result, *ends, **look)
            written += drawing.draw(result, *curves, picture="convergence", **look)
    _races.report(result, written, json=json, quiet=quiet)

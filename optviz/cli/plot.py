"""``optviz plot``: a race of optimizers as still pictures."""

from typing import Annotated

import typer

from optviz.cli import _delivery, _options, _output, _pictures, _races
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
    noise: _options.Noise = None,
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
    json: _options.Document = False,
    quiet: _options.Quiet = False,
    no_progress: _options.NoProgress = False,
    verbose: _options.Verbose = 0,
) -> None:
    """Race optimizers on a test function and draw the end of the race and the convergence curves.

    The race is that of optviz animate, with the same options. One picture shows the paths over the map of the
    function, the other the gap to the minimum step by step.

    Prints the paths of the files, one a line; and on standard error a table: where each optimizer ended.
    """
    race = _races.specification(function, optimizers, start, steps, noise, lr, defaults, seed, device)
    look = _options.look(theme, size)
    from optviz import drawing
    from optviz.results import Race

    ends = _delivery.places(Race, output, [(f"{function}.png", None)], json=json, look=look)
    curves = [(end.with_stem(f"{end.stem}-convergence"), "convergence") for end, _ in ends]
    for files in (ends, curves):
        if files:
            drawing.check(Race, [file for file, _ in files], ["figure"])
    _pictures.forms(Race, [*ends, *curves], look)
    with _output.watching(no_progress) as watcher:
        result = _races.run(race, watcher)
    _delivery.deliver(
        result, [*ends, *curves], look=look, tell=lambda: _races.tell(result), json=json, no_progress=no_progress
    )

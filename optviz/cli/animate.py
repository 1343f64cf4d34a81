"""``optviz animate``: a race of optimizers as a moving picture."""

from typing import Annotated

import typer

from optviz.cli import _delivery, _options, _output, _races
from optviz.cli._help import examples

EXAMPLES = examples(
    ("Seven optimizers race down Rosenbrock's valley; leaves rosenbrock.gif and rosenbrock.png", "animate rosenbrock"),
    (
        "Three optimizers from a start of your own, Adam's learning rate given, the others tuned",
        "animate himmelblau --optimizers sgd,momentum,adam --start -1.5,2 --lr adam=0.05",
    ),
    (
        "What PyTorch's defaults do, in light colours, as a picture of the end and as numbers",
        "animate beale --lr defaults --defaults torch --theme light -o beale.svg -o beale.npz",
    ),
)


def animate(
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
    fps: _options.Fps = None,
    frames: Annotated[
        str | None,
        typer.Option(
            "--frames",
            metavar="N",
            rich_help_panel=_options.PICTURE,
            show_default=False,
            help="How many frames the moving picture has. Without it: 200.",
        ),
    ] = None,
    output: Annotated[
        list[str] | None,
        typer.Option(
            "--output",
            "-o",
            metavar="FILE",
            rich_help_panel=_options.OUTPUT,
            show_default=False,
            help="Where to write, FUNCTION.gif here without it; may be repeated. "
            "The ending picks the format: .gif, with a .png of the last frame "
            "beside it; .png .svg .pdf, the final state; .json .npz, the numbers.",
        ),
    ] = None,
    json: _options.Document = False,
    quiet: _options.Quiet = False,
    no_progress: _options.NoProgress = False,
    verbose: _options.Verbose = 0,
) -> None:
    """Race optimizers on a test function and write the race as a moving picture.

    All optimizers start at the same point. The picture shows their paths over the map of the function, the gap to the
    minimum step by step, and a table of who leads.

    Learning rates are tuned unless they are given, by one rule for every optimizer, which the picture states: the rate
    with the lowest settled gap (largest of the last twentieth of the steps), median over 16 nearby starts, each of 49
    judged with its two neighbours; diverged is worst. With --lr defaults the rates are those of --defaults. An
    optimizer that diverges is drawn as far as it goes; nothing is clipped.

    Prints the paths of the files, one a line; and on standard error a table: where each optimizer ended.
    """
    race = _races.specification(function, optimizers, start, steps, noise, lr, defaults, seed, device)
    look = _options.look(theme, size, fps, frames)
    from optviz.results import Race

    files = _delivery.places(Race, output, [(f"{function}.gif", None)], json=json, look=look)
    with _output.watching(no_progress) as watcher:
        result = _races.run(race, watcher)
    _delivery.deliver(result, files, look=look, tell=lambda: _races.tell(result), json=json, no_progress=no_progress)

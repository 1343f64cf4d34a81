"""``optviz race``: every optimizer on every function, from many starts."""

from typing import Annotated

import typer

from optviz.cli import _batches, _delivery, _names, _options, _output, _pictures, _rates, _tables
from optviz.cli._help import examples

EXAMPLES = examples(
    ("Every optimizer on every function; leaves race.png", "race"),
    (
        "Four optimizers on two functions from 1000 starts each, as a drawing and as a table",
        "race --functions rosenbrock,himmelblau --optimizers sgd,momentum,rmsprop,adam --starts 1000 -o a.pdf -o a.csv",
    ),
    ("With noisy gradients, as numbers to be drawn later", "race --noise gaussian:0.1 -o noisy.npz"),
    ("What PyTorch's defaults do, as one JSON document", "race --lr defaults --json"),
)


def race(
    functions: Annotated[
        list[str] | None,
        typer.Option(
            "--functions",
            metavar="all|A,B,C",
            autocompletion=_names.several_functions,
            rich_help_panel=_options.RUN,
            show_default=False,
            help="Which test functions; optviz list functions names them. May be repeated. Without it: all.",
        ),
    ] = None,
    optimizers: Annotated[
        list[str] | None,
        typer.Option(
            "--optimizers",
            metavar="all|A,B,C",
            autocompletion=_names.optimizers,
            rich_help_panel=_options.RUN,
            show_default=False,
            help="Which optimizers; optviz list optimizers names them. May be repeated. Without it: all.",
        ),
    ] = None,
    starts: _batches.Starts = "100",
    steps: _batches.Steps = "1000",
    targets: Annotated[
        str,
        typer.Option(
            "--targets",
            metavar="kept|first",
            autocompletion=_names.among("kept", "first"),
            rich_help_panel=_options.RUN,
            help="When a run has reached a target: once it keeps it to the end, or at the first hit, as COCO counts.",
        ),
    ] = "kept",
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
            metavar="study|functions",
            autocompletion=_names.among(*_names.PICTURES["race"], several=True),
            rich_help_panel=_options.PICTURE,
            show_default=False,
            help="Everything on one page, or each function with each optimizer. Both, as study,functions, go to files "
            "of their own. Without it: study.",
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
            help="Where to write, race.png here without it; may be repeated. The ending picks the format: "
            ".png .svg .pdf, a picture; .csv .md, tables; .json .npz, the numbers.",
        ),
    ] = None,
    json: _options.Document = False,
    quiet: _options.Quiet = False,
    no_progress: _options.NoProgress = False,
    verbose: _options.Verbose = 0,
) -> None:
    """Race every optimizer on every test function, each from the same many starts.

    Learning rates are tuned unless they are given, on each function with the same budget for every optimizer. The
    picture shows what share of all races has been won after how many steps, by targets that get harder, and which
    optimizers are close to the best of each function.

    Prints the paths of the files, one a line; and on standard error the tables: the optimizers, best first, with those
    that cannot be told apart; each of them on each function.
    """
    names = _batches.contenders(optimizers, kind="optimizers")
    arguments = {
        "functions": _batches.contenders(functions, kind="functions"),
        "optimizers": names,
        "starts": _options.whole("--starts", starts, 1, _batches.MOST_STARTS),
        "targets": _options.choice("--targets", targets, ("kept", "first")),
        "lr": _rates.rates(lr, names),
        **_batches.common(steps, noise, defaults, seed, jobs, device),
    }
    look = _options.look(theme, size)
    pictures = _pictures.pictures(picture)
    from optviz.results import Study

    usual: list[tuple[str, str | None]] = [(f"race-{name}.png", name) for name in pictures]
    files = _delivery.places(Study, output, usual or [("race.png", None)], pictures, json=json, look=look)
    with _output.watching(no_progress) as watcher:
        watcher.begin("tuning and running")
        with _output.stage("tuning and running"):
            from optviz.runs.points import study as runs
            from optviz.runs.points.needed import study_kernels

            needed = study_kernels(names, arguments["defaults"], arguments["lr"], len(arguments["functions"]))
            with watcher.compiling(needed):
                result = runs.study(**arguments, progress=watcher)
    from optviz.results.study_tables import study_tables

    _delivery.deliver(
        result,
        files,
        look=look,
        tell=lambda: _tables.print_tables(study_tables(result)),
        json=json,
        no_progress=no_progress,
    )

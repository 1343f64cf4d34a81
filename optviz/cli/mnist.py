"""``optviz mnist``: optimizers on a real network and real images."""

import os
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from optviz.cli import _names, _options, _output
from optviz.cli._help import examples

if TYPE_CHECKING:
    from optviz.results import Comparison

EXAMPLES = examples(
    ("Seven optimizers, ten epochs on the 60,000 images, with Keras' hyperparameters", "mnist"),
    ("Two optimizers, five seeds each, the curves as a picture and the numbers as a table",
     "mnist --optimizers sgd,adam --seeds 5 -o mnist.png -o mnist.csv"),
    ("One learning rate of your own; everything as one JSON document", "mnist --lr adam=0.002 --epochs 3 --json"),
)  # fmt: skip


def mnist(
    optimizers: _options.Optimizers = None,
    network: Annotated[
        str,
        typer.Option(
            "--network",
            metavar="NAME",
            autocompletion=_names.networks,
            rich_help_panel=_options.RUN,
            help="Which network; optviz list networks names them.",
        ),
    ] = "mlp",
    dataset: Annotated[
        str,
        typer.Option(
            "--dataset",
            metavar="NAME",
            autocompletion=_names.datasets,
            rich_help_panel=_options.RUN,
            help="Which images; optviz list datasets names them. Or a folder with four IDX files, as ./name.",
        ),
    ] = "mnist",
    epochs: Annotated[
        str,
        typer.Option("--epochs", metavar="N", rich_help_panel=_options.RUN, help="Passes over the training images."),
    ] = "10",
    batch_size: Annotated[
        str, typer.Option("--batch-size", metavar="N", rich_help_panel=_options.RUN, help="Images per step.")
    ] = "64",
    seeds: Annotated[
        str,
        typer.Option(
            "--seeds",
            metavar="N",
            rich_help_panel=_options.RUN,
            help="Runs per optimizer. Run k of every optimizer starts from the same weights and sees the same batches.",
        ),
    ] = "1",
    lr: _options.Rates = None,
    defaults: _options.Defaults = "keras",
    jobs: _options.Jobs = None,
    theme: _options.Theme = "dark",
    size: _options.Size = "800x600",
    output: Annotated[
        list[str] | None,
        typer.Option(
            "--output",
            "-o",
            metavar="FILE",
            rich_help_panel=_options.OUTPUT,
            show_default=False,
            help="Where to write; may be repeated. The ending picks the format: .png .svg .pdf, the curves; "
            ".json .csv .md .npz, the numbers.",
        ),
    ] = None,
    json: _options.Json = False,
    quiet: _options.Quiet = False,
    no_progress: _options.NoProgress = False,
    verbose: _options.Verbose = 0,
) -> None:
    """Train a small network on MNIST with each optimizer and compare them.

    The images come with optviz; nothing is downloaded. All optimizers start from the same weights and see the same
    batches, and each epoch ends with a test on the 10,000 test images.

    Prints a table: test accuracy after epochs 1, 5 and 10, final training loss and training time. Ctrl-C ends the
    training and keeps what is finished.
    """
    _names.registry("networks")[network]
    if not _is_folder(dataset):
        _names.registry("datasets")[dataset]
    names = _options.chosen(optimizers)
    arguments: dict[str, Any] = {
        "dataset": dataset,
        "network": network,
        "epochs": _options.whole("--epochs", epochs, 1, 10_000),
        "batch_size": _options.whole("--batch-size", batch_size, 1, 60_000),
        "seeds": _options.whole("--seeds", seeds, 1, 1000),
        "jobs": _options.whole("--jobs", jobs, 1, 1024),
        "defaults": _options.choice("--defaults", defaults, _options.DEFAULT_TABLES),
        "lr": _options.rates(lr, names),
    } | ({"optimizers": names} if names else {})
    look = _options.look(theme, size)
    from optviz import drawing
    from optviz.results import Comparison

    forms = drawing.check(Comparison, output).values() if output else ()
    with _output.watching(quiet, no_progress) as watcher:
        watcher.begin("loading")
        with _output.stage("loading and training"):
            from optviz.runs.training import train

            if "figure" in forms:
                import_module("optviz.figures.training")  # now, so that Ctrl-C does not have to wait for it

            comparison = train(**arguments, progress=watcher)
    written: list[Path] = []
    try:
        with _output.stage("drawing and writing"):
            if any(run.epochs for run in comparison.runs) or not comparison.interrupted:
                for file in output or []:
                    written += drawing.draw(comparison, file, **look)
    finally:
        # Whatever becomes of the files, the numbers are not lost.
        _report(comparison, written, json)
    if comparison.interrupted:
        raise KeyboardInterrupt


def _is_folder(dataset: str) -> bool:
    """Whether it is a path to a data set of one's own instead of a registered name."""
    return "/" in dataset or os.sep in dataset


def _report(comparison: "Comparison", files: Sequence[Path], json: bool) -> None:
    if json:
        _output.print_json(comparison.to_dict() | {"files": [str(file) for file in files]})
        return
    from optviz.cli import _tables

    _tables.print_comparison(comparison)
    for file in files:
        print(file)
    if comparison.interrupted:
        kept = ", ".join(str(file) for file in files)
        _output.note(f"interrupted; what was finished is in {kept}" if kept else "interrupted")

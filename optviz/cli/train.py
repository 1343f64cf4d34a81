"""``optviz train``: optimizers on a real network and real images."""

import dataclasses
import os
import shlex
from dataclasses import dataclass
from functools import partial
from importlib import import_module
from typing import Any

import typer

from optviz.cli import _optimizers, _read
from optviz.cli._groups import GOES, command, option
from optviz.cli._options import RunOptions
from optviz.cli._output import SIZED, Look, Output, pictures, writes
from optviz.cli._typed import typed
from optviz.errors import UsageError, shown
from optviz.formulas.calls import Call, parse, split
from optviz.units import registry


def _images(flag: str, name: str) -> str:
    """A registered data set, or a path to one of the user's own."""
    return name if "/" in name or os.sep in name else _read.one_unit("datasets", flag, name)


def _sizes(flag: str, text: str) -> tuple[int, ...]:
    """The sizes of hidden layers."""
    return tuple(_read.whole(1, 65_536, flag, part.strip()) for part in text.split(","))


def _groups(flag: str, text: str) -> dict[tuple[str, ...], dict[str, Any]]:
    """Hyperparameters by the parameters that they are for."""
    found = {}
    for part in text.split(";"):
        names, _, numbers = part.partition(":")
        patterns = tuple(split(names))
        given = parse(f"group({numbers.strip()})", "group")
        if not all(patterns) or not isinstance(given, Call) or given.positional or not given.named:
            raise UsageError(
                f"{flag} {shown(text)} cannot be read", f"Write it as {flag} 'bias: weight_decay=0; last: lr=0.01'"
            )
        found[patterns] = dict(given.named)
    return found


@dataclass
class TrainingOptions(RunOptions):
    """What is trained; `read` gives the arguments of `optviz.train`."""

    network: str = _read.unit("networks", "Which network; optviz list networks names them.", "mlp")
    hidden: str | None = option("N,N", "Sizes of the mlp's hidden layers. Without it: 128.", read=_sizes)
    activation: str | None = _read.words(("relu", "tanh", "sigmoid"), "Of the mlp's hidden layers. Without it: relu.")
    dropout: str | None = option(
        "P",
        "Share of the mlp's hidden outputs that is dropped in training. Without it: 0.",
        read=partial(_read.share, True, "Give a number from 0 to below 1: 0.5"),
    )
    dataset: str = _read.unit(
        "datasets",
        "Which images; optviz list datasets names them, and some are downloaded once. Or a folder with four IDX files, "
        "as ./name.",
        "mnist",
        read=_images,
    )
    groups: str | None = option(
        "NAMES: H=VALUE;...",
        "Other hyperparameters for some parameters, as 'bias: weight_decay=0; last: lr=0.01'. Names are dense1.weight, "
        "conv.bias, ..., or a part of these, first, last, or a pattern.",
        read=_groups,
    )
    epochs: str = _read.count(1, 10_000, "Passes over the training images.", "10")
    batch_size: str = _read.count(1, 60_000, "Images per step.", "64")
    seeds: str = _read.count(
        1,
        1000,
        "Runs per optimizer. Run k of every optimizer starts from the same weights and sees the same batches.",
        "1",
    )
    tune: bool = option(
        None, "Search every optimizer's learning rate with the same budget, on training images set apart.", False
    )
    tuning_epochs: str | None = _read.count(1, 10_000, "Epochs of each trial of --tune. Without it: 3.")
    target: str | None = option(
        "ACCURACY",
        "A test accuracy, as 0.97, whose first reaching is timed. It is looked for after each epoch.",
        read=partial(_read.share, False, "Give a share between 0 and 1: 0.97"),
    )
    gap: bool = option(
        None,
        "Measure the loss over all training images from the lowest that L-BFGS finds: of logreg, whose loss is convex.",
        False,
    )
    engine: str = option(
        "NAME",
        "Where the runs go: threads, processes or dask=ADDRESS.",
        "threads",
        complete=_read.completion(lambda: ("threads", "processes", "dask=")),
    )
    resume: bool = option(None, "Take runs from earlier comparisons, stopped or finished, and go on from there.", False)
    no_seconds: bool = option(
        None,
        "Leave out what was measured with a clock, so that the same command gives the same bytes.",
        False,
        panel=GOES,
    )

    def read(self, output: Output) -> dict[str, Any]:  # type: ignore[override]
        """The arguments of the training: the network with its options, learning rates or ``tuned``."""
        if self.tune and self.lr:
            raise UsageError("--lr stands beside --tune", "Give learning rates, or have them searched.")
        if self.tuning_epochs is not None and not self.tune:
            raise UsageError("--tuning-epochs stands without --tune", "Add --tune, or leave it out.")
        values = super().read(output)
        options = {name: values.pop(name) for name in ("hidden", "activation", "dropout")}
        given = {name: value for name, value in options.items() if value is not None}
        values["network"] = registry("networks")[values["network"]].configure(**given)
        tuned, _ = values.pop("tune"), values.pop("no_seconds")
        return values | ({"lr": "tuned"} if tuned else {})

    def only_on_cpu(self, values: dict[str, Any]) -> str:
        """The option given that only the CPU has, or nothing."""
        return "--engine" if self.engine != "threads" else super().only_on_cpu(values)


@command(
    "Train a small network with each optimizer.",
    """
    Seven optimizers, ten epochs on the 60,000 images, with Keras' hyperparameters
        train
    Two optimizers, five seeds each, the curves as a picture and the numbers as a table
        train --optimizers sgd,adam --seeds 5 -o mnist.png -o mnist.csv
    The published experiment with a convolutional network, beside the published table
        train --network cnn --seeds 5
    Every optimizer with its best learning rate, and everything on one page
        train --tune --seeds 5 --target 0.97 -o report.html
    The same, all learning rates and seeds side by side where a GPU is
        train --tune --seeds 5 --device auto
    How the weights move: the training plane as a moving picture
        train -o mnist.gif
    A convex network: how far from the optimum each optimizer ends
        train --network logreg --gap -o gap.png
    Weight decay of the weights alone
        train --optimizers "adamw(weight_decay=0.1)" --groups "bias: weight_decay=0"
    A network of your own; one learning rate given; one JSON document
        train --hidden 256,64 --activation tanh --dropout 0.2 --lr adam=0.002 --epochs 3 --json
    """,
    "optimizers network hidden activation dropout dataset epochs batch_size seeds lr groups tune tuning_epochs "
    "defaults target gap jobs engine device resume no_seconds",
    "picture theme size fps highlight",
    defaults={"default": "keras"},
    size=SIZED,
    picture=pictures(
        "train",
        "What a still picture shows: curves, plane, rates, target, confusion or mistakes. Several go to files of "
        "their own, as FILE-plane. Without it: curves.",
    ),
    output=writes(
        "",
        ".png .svg .pdf, a picture; .gif .apng .webp .avif .mp4 .webm, the training plane in motion; .html, a page "
        "with everything; .json .csv .md .npz, the numbers.",
    ),
)
def train(context: typer.Context, run: TrainingOptions, look: Look, output: Output) -> None:
    """Train a small network on MNIST with each optimizer and compare them.

    The images come with optviz. All optimizers start from the same weights and see the same batches, and each epoch
    ends with a test on the 10,000 test images. With several seeds the table says which optimizers can be told apart.

    Prints the paths of the files, one a line; and on standard error a table: test accuracy after epochs 1, 5 and the
    last with its 95 % interval over seeds, the places that the seeds leave open, final training loss and training
    time. Ctrl-C ends the training and keeps what is finished.

    Rules on products with the Hessian, adahessian and sophia_h, are given an approximation: the difference of two
    gradients of the same images, (g(x + r z) - g(x)) / r with r = 0.001 (1 + |x|) / |z|. Second looks, as sam's, are
    at the same images too.

    All runs are kept, finished or not: with --resume a comparison takes those that it shares with earlier ones, draws
    and saves them without training, and goes on from there with more --seeds, --epochs or --optimizers. Shared are
    runs of the same images, network, batch size, hyperparameters, seed and device; those whose weights are needed for
    a training plane (.gif, .html) or a --gap only if an earlier command kept them. The optimum of a --gap is computed
    once.
    """
    arguments = run.read(output)
    workers = {name: arguments.pop(name) for name in ("jobs", "engine")}
    resume = arguments.pop("resume")
    from optviz.results import Comparison

    plan = output.plan(Comparison, look, example="mnist.png")
    _optimizers.highlighted(plan.look, arguments["optimizers"], arguments["defaults"])
    for name, needed, there in (("rates", "--tune", run.tune), ("target", "--target 0.97", run.target is not None)):
        if name in look.pictures and not there:
            raise UsageError(f"the picture '{name}' needs {needed}", f"Add {needed}.")
    arguments["plane"] = "plane" in look.pictures or bool({"animation", "report"} & {*plan.forms})
    with output.working("loading and training") as watcher:
        from optviz.runs.jobs import cores
        from optviz.runs.networks import journal, training
        from optviz.runs.points.needed import training_kernels

        if {*plan.forms} - {"table"}:
            import_module("optviz.figures.training")  # now, so that Ctrl-C does not have to wait for it
        kept = training.journal_of(**arguments, progress=watcher)
        if resume and not (kept and kept.is_dir()):
            output.note("nothing is kept that could go on; starting anew")
        with watcher.compiling(training_kernels(arguments["optimizers"], arguments["defaults"])):
            comparison = training.train(**arguments, **workers, journal=kept, resume=resume, progress=watcher)
        journal.trim()
    comparison = dataclasses.replace(comparison, command=shlex.join(["optviz", *typed("train", context)]))
    if run.no_seconds:
        from optviz.results.comparison import without_seconds

        comparison = without_seconds(comparison)
    beside = min(workers["jobs"] or cores(), len(comparison.runs))

    def tell() -> None:
        from optviz.results.comparison_tables import tables

        output.note_tables(tables(comparison))
        if comparison.timed and beside > 1 and run.engine == "threads" and comparison.device == "cpu":
            output.note(f"Seconds are of {beside} runs at a time, which slow each other; --jobs 1 times each alone.")
        if kept and not plan.files and not comparison.interrupted:
            output.note("Its runs are kept: the same command with --resume -o mnist.png draws them.")

    if comparison.interrupted and not any(run.epochs for run in comparison.runs):
        plan.files.clear()
    written = output.deliver(comparison, plan, tell)
    if comparison.interrupted:
        files = ", ".join(map(str, written))
        output.note(f"interrupted; what was finished is in {files}" if files else "interrupted")
        if kept:
            output.note("The same command with --resume goes on from here.")
        raise KeyboardInterrupt

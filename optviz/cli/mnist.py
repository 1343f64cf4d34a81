"""``optviz mnist``: optimizers on a real network and real images."""

import dataclasses
from importlib import import_module
from typing import Annotated, Any

import typer

from optviz.cli import _command, _delivery, _options, _output, _pictures, _tables, _training
from optviz.cli._help import examples

EXAMPLES = examples(
    ("Seven optimizers, ten epochs on the 60,000 images, with Keras' hyperparameters", "mnist"),
    ("Two optimizers, five seeds each, the curves as a picture and the numbers as a table",
     "mnist --optimizers sgd,adam --seeds 5 -o mnist.png -o mnist.csv"),
    ("The published experiment with a convolutional network, beside the published table",
     "mnist --network cnn --seeds 5"),
    ("Every optimizer with its best learning rate, and everything on one page",
     "mnist --tune --seeds 5 --target 0.97 -o report.html"),
    ("The same, all learning rates and seeds side by side where a GPU is", "mnist --tune --seeds 5 --device auto"),
    ("How the weights move: the training plane as a moving picture", "mnist -o mnist.gif"),
    ("A network of your own; one learning rate given; one JSON document",
     "mnist --hidden 256,64 --activation tanh --dropout 0.2 --lr adam=0.002 --epochs 3 --json"),
)  # fmt: skip


# Options that decide neither what comes out nor where it goes: how, and with how much talk, the work is done.
UNSEEN = ("jobs", "engine", "resume", "json", "quiet", "no_progress", "verbose")


def mnist(
    context: typer.Context,
    optimizers: _options.Optimizers = None,
    network: _training.Network = "mlp",
    hidden: _training.Hidden = None,
    activation: _training.Activation = None,
    dropout: _training.Dropout = None,
    dataset: _training.Dataset = "mnist",
    epochs: _training.Epochs = "10",
    batch_size: _training.BatchSize = "64",
    seeds: _training.Seeds = "1",
    lr: _options.Rates = None,
    tune: _training.Tune = False,
    tuning_epochs: _training.TuningEpochs = None,
    defaults: _options.Defaults = "keras",
    target: _training.Target = None,
    jobs: _options.Jobs = None,
    engine: _training.Engine = "threads",
    device: _options.Device = "cpu",
    resume: _training.Resume = False,
    picture: _training.Picture = None,
    theme: _options.Theme = None,
    size: _options.Size = "800x600",
    fps: _options.Fps = None,
    output: Annotated[
        list[str] | None,
        typer.Option(
            "--output",
            "-o",
            metavar="FILE",
            rich_help_panel=_options.OUTPUT,
            show_default=False,
            help="Where to write; may be repeated. The ending picks the format: .png .svg .pdf, a picture; .gif, the "
            "training plane in motion; .html, a page with everything; .json .csv .md .npz, the numbers.",
        ),
    ] = None,
    no_seconds: _training.NoSeconds = False,
    json: _options.Document = False,
    quiet: _options.Quiet = False,
    no_progress: _options.NoProgress = False,
    verbose: _options.Verbose = 0,
) -> None:
    """Train a small network on MNIST with each optimizer and compare them.

    The images come with optviz. All optimizers start from the same weights and see the same batches, and each epoch
    ends with a test on the 10,000 test images. With several seeds the table says which optimizers can be told apart.

    Prints the paths of the files, one a line; and on standard error a table: test accuracy after epochs 1, 5 and the
    last with its 95 % interval over seeds, the places that the seeds leave open, final training loss and training
    time. Ctrl-C ends the training and keeps what is finished.

    All runs are kept, finished or not: with --resume a comparison takes those that it shares with earlier ones, draws
    and saves them without training, and goes on from there with more --seeds, --epochs or --optimizers. Shared are
    runs of the same images, network, batch size, hyperparameters, seed and device; those whose weights are needed for
    a training plane (.gif, .html) only if an earlier command drew one.
    """
    names = _options.chosen(optimizers)
    pictures = _pictures.pictures(picture)
    arguments: dict[str, Any] = {
        "dataset": _training.dataset(dataset),
        "network": _training.network(network, hidden, activation, dropout),
        "epochs": _options.whole("--epochs", epochs, 1, 10_000),
        "batch_size": _options.whole("--batch-size", batch_size, 1, 60_000),
        "seeds": _options.whole("--seeds", seeds, 1, 1000),
        "defaults": _options.choice("--defaults", defaults, _options.DEFAULT_TABLES),
        "lr": _training.rates(lr, names, tune),
        "tuning_epochs": _training.tuning_epochs(tuning_epochs, tune),
        "target": _training.target(target),
        "device": _options.device(device, "--engine" if engine != "threads" else "--jobs" if jobs else ""),
    } | ({"optimizers": names} if names else {})
    look = _options.look(theme, size, fps)
    workers: dict[str, Any] = {"jobs": _options.whole("--jobs", jobs, 1, 1024), "engine": engine}
    from optviz.results import Comparison

    files = _pictures.files(output or [], pictures, Comparison)
    forms = _pictures.forms(Comparison, files, look)
    _training.check(pictures, forms, target=arguments["target"], tune=tune)
    arguments["plane"] = "plane" in pictures or bool({"animation", "report"} & set(forms))
    with _output.watching(no_progress) as watcher:
        watcher.begin("loading")
        with _output.stage("loading and training"):
            from optviz.optimizers import SEVEN
            from optviz.runs.jobs import cores
            from optviz.runs.networks import journal
            from optviz.runs.networks.training import journal_of, train
            from optviz.runs.points.needed import training_kernels

            if set(forms) - {"table"}:
                import_module("optviz.figures.training")  # now, so that Ctrl-C does not have to wait for it
            place = journal_of(**arguments, progress=watcher)
            if resume and not (place and place.is_dir()):
                _output.note("nothing is kept that could go on; starting anew")
            with watcher.compiling(training_kernels(names or SEVEN, arguments["defaults"])):
                comparison = train(**arguments, **workers, journal=place, resume=resume, progress=watcher)
            journal.trim()
    comparison = dataclasses.replace(comparison, command=_command.typed(context, without=UNSEEN))
    if no_seconds:
        from optviz.results.comparison import without_seconds

        comparison = without_seconds(comparison)
    beside = min(workers["jobs"] or cores(), len(comparison.runs))

    def tell() -> None:
        _tables.print_comparison(comparison)
        if comparison.timed and beside > 1 and engine == "threads" and comparison.device == "cpu":
            _output.note(f"Seconds are of {beside} runs at a time, which slow each other; --jobs 1 times each alone.")
        if place and not files and not comparison.interrupted:
            _output.note("Its runs are kept: the same command with --resume -o mnist.png draws them.")

    nothing = comparison.interrupted and not any(run.epochs for run in comparison.runs)
    written = _delivery.deliver(
        comparison,
        [] if nothing else files,
        look=look,
        tell=tell,
        json=json,
        no_progress=no_progress,
    )
    if comparison.interrupted:
        kept = ", ".join(map(str, written))
        _output.note(f"interrupted; what was finished is in {kept}" if kept else "interrupted")
        if place:
            _output.note("The same command with --resume goes on from here.")
        raise KeyboardInterrupt

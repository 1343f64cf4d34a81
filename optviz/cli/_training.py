"""Options of ``optviz mnist``, and what their values mean."""

import os
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Any, TypeAlias

import typer

from optviz.cli import _names, _options, _pictures, _rates
from optviz.errors import UsageError

if TYPE_CHECKING:
    from optviz.networks import Network as Unit

NEEDS = {"rates": "--tune", "target": "--target 0.97"}  # what must be asked for so that a picture can be drawn

Network: TypeAlias = Annotated[
    str,
    typer.Option(
        "--network",
        metavar="NAME",
        autocompletion=_names.networks,
        rich_help_panel=_options.RUN,
        help="Which network; optviz list networks names them.",
    ),
]
Hidden: TypeAlias = Annotated[
    str | None,
    typer.Option(
        "--hidden",
        metavar="N,N",
        rich_help_panel=_options.RUN,
        show_default=False,
        help="Sizes of the mlp's hidden layers. Without it: 128.",
    ),
]
Activation: TypeAlias = Annotated[
    str | None,
    typer.Option(
        "--activation",
        metavar="relu|tanh|sigmoid",
        autocompletion=_names.among("relu", "tanh", "sigmoid"),
        rich_help_panel=_options.RUN,
        show_default=False,
        help="Of the mlp's hidden layers. Without it: relu.",
    ),
]
Dropout: TypeAlias = Annotated[
    str | None,
    typer.Option(
        "--dropout",
        metavar="P",
        rich_help_panel=_options.RUN,
        show_default=False,
        help="Share of the mlp's hidden outputs that is dropped in training. Without it: 0.",
    ),
]
Dataset: TypeAlias = Annotated[
    str,
    typer.Option(
        "--dataset",
        metavar="NAME",
        autocompletion=_names.datasets,
        rich_help_panel=_options.RUN,
        help="Which images; optviz list datasets names them, and some are downloaded once. Or a folder with four IDX "
        "files, as ./name.",
    ),
]
Epochs: TypeAlias = Annotated[
    str,
    typer.Option("--epochs", metavar="N", rich_help_panel=_options.RUN, help="Passes over the training images."),
]
BatchSize: TypeAlias = Annotated[
    str, typer.Option("--batch-size", metavar="N", rich_help_panel=_options.RUN, help="Images per step.")
]
Seeds: TypeAlias = Annotated[
    str,
    typer.Option(
        "--seeds",
        metavar="N",
        rich_help_panel=_options.RUN,
        help="Runs per optimizer. Run k of every optimizer starts from the same weights and sees the same batches.",
    ),
]
Tune: TypeAlias = Annotated[
    bool,
    typer.Option(
        "--tune",
        rich_help_panel=_options.RUN,
        help="Search every optimizer's learning rate with the same budget, on training images set apart.",
    ),
]
TuningEpochs: TypeAlias = Annotated[
    str | None,
    typer.Option(
        "--tuning-epochs",
        metavar="N",
        rich_help_panel=_options.RUN,
        show_default=False,
        help="Epochs of each trial of --tune. Without it: 3.",
    ),
]
Target: TypeAlias = Annotated[
    str | None,
    typer.Option(
        "--target",
        metavar="ACCURACY",
        rich_help_panel=_options.RUN,
        show_default=False,
        help="A test accuracy, as 0.97, whose first reaching is timed. It is looked for after each epoch.",
    ),
]
Engine: TypeAlias = Annotated[
    str,
    typer.Option(
        "--engine",
        metavar="NAME",
        autocompletion=_names.among("threads", "processes", "dask=", "ray", "ray="),
        rich_help_panel=_options.RUN,
        help="Where the runs go: threads, processes, dask=ADDRESS, ray or ray=ADDRESS.",
    ),
]
Resume: TypeAlias = Annotated[
    bool,
    typer.Option(
        "--resume",
        rich_help_panel=_options.RUN,
        help="Take runs from earlier comparisons, stopped or finished, and go on from there.",
    ),
]
Picture: TypeAlias = Annotated[
    list[str] | None,
    typer.Option(
        "--picture",
        metavar="A,B",
        autocompletion=_names.among(*_names.PICTURES["mnist"], several=True),
        rich_help_panel=_options.PICTURE,
        show_default=False,
        help="What a .png, .svg or .pdf shows: curves, plane, rates, target, confusion or mistakes. Several go to "
        "files of their own, as FILE-plane. Without it: curves.",
    ),
]
NoSeconds: TypeAlias = Annotated[
    bool,
    typer.Option(
        "--no-seconds",
        rich_help_panel=_options.OUTPUT,
        help="Leave out what was measured with a clock, so that the same command gives the same bytes.",
    ),
]


def dataset(name: str) -> str:
    """A registered name, or a path to a data set of one's own."""
    if "/" not in name and os.sep not in name:
        _names.registry("datasets")[name]
    return name


def network(name: str, hidden: str | None, activation: str | None, dropout: str | None) -> "Unit":
    """The network with its options."""
    options: dict[str, Any] = {}
    if hidden is not None:
        options["hidden"] = tuple(_options.whole("--hidden", text.strip(), 1, 65_536) for text in hidden.split(","))
    if activation is not None:
        from optviz.networks import ACTIVATIONS

        options["activation"] = _options.choice("--activation", activation, ACTIVATIONS)
    if dropout is not None:
        options["dropout"] = _share("--dropout", dropout)
        if not 0 <= options["dropout"] < 1:
            raise UsageError(f"--dropout: '{dropout}' cannot be used", "Give a number from 0 to below 1: 0.5")
    return _names.registry("networks")[name].configure(**options)


def rates(given: Sequence[str] | None, names: Sequence[str] | None, tune: bool) -> Any:
    """What ``--lr`` and ``--tune`` ask for."""
    if tune and given:
        raise UsageError("--lr stands beside --tune", "Give learning rates, or have them searched.")
    return "tuned" if tune else _rates.rates(given, names)


def tuning_epochs(text: str | None, tune: bool) -> int | None:
    """Epochs of a trial."""
    if text is not None and not tune:
        raise UsageError("--tuning-epochs stands without --tune", "Add --tune, or leave it out.")
    return _options.whole("--tuning-epochs", text, 1, 10_000)


def target(text: str | None) -> float | None:
    """An accuracy between 0 and 1."""
    if text is None:
        return None
    value = _share("--target", text)
    if not 0 < value < 1:
        raise UsageError(f"--target: '{text}' cannot be used", "Give a share between 0 and 1: 0.97")
    return value


def check(names: Sequence[str], forms: Sequence[str], *, target: float | None, tune: bool) -> None:
    """Refuse pictures that the comparison will hold nothing for, before it runs."""
    _pictures.check(names, forms, "mnist.png")
    for name, there in (("rates", tune), ("target", target is not None)):
        if name in names and not there:
            raise UsageError(f"the picture '{name}' needs {NEEDS[name]}", f"Add {NEEDS[name]}.")


def _share(option: str, text: str) -> float:
    """A number, or a percentage."""
    if text.endswith("%"):
        return _options.number(option, text[:-1]) / 100
    return _options.number(option, text)

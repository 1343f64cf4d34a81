"""Several optimizers training the same network on the same images: `train`."""

import functools
import math
import numbers
import os
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from optviz import datasets, networks
from optviz.datasets import Dataset
from optviz.errors import UsageError, UsageTypeError
from optviz.kernels.buffers import workspace
from optviz.kernels.sparse import MOST_PIXELS
from optviz.kernels.training import Examples, examples
from optviz.networks import Network
from optviz.optimizers import REGISTRY, SEVEN, Setting, UpdateRule, configure
from optviz.results import Comparison
from optviz.runs._scalars import step_scalars
from optviz.runs.epochs import Training
from optviz.runs.jobs import cores, side_by_side

Progress = Callable[[float, float, str], None]


def train(
    dataset: str | os.PathLike | Dataset = "mnist",
    network: str | Network = "mlp",
    optimizers: Sequence[str | UpdateRule | Setting] = SEVEN,
    *,
    epochs: int = 10,
    batch_size: int = 64,
    seeds: int | Sequence[int] = 1,
    lr: str | float | Mapping[str, float] | None = None,
    defaults: str = "keras",
    variant: str | None = None,
    jobs: int | None = None,
    progress: Progress | None = None,
    **hyperparameters: Any,
) -> Comparison:
    """Train a network with each of several optimizers and test it after every epoch.

    For one seed all optimizers start from the same weights and see the same batches. The same arguments give the same
    numbers, but for the seconds, whatever `jobs` is. A run whose loss is no longer finite ends there; that is a result.

    Parameters
    ----------
    dataset : str, path or Dataset
        A registered name; a path (a string with a separator, or a `Path`) to a folder of IDX files; or a data set.
        Pixels are divided by 255.
    network : str or Network
        A registered name, or a network.
    optimizers : sequence of str, UpdateRule or Setting
        Each once.
    epochs : int
        Passes over the training images.
    batch_size : int
        Images per step; the last step of an epoch takes what is left.
    seeds : int or sequence of int
        How many runs each optimizer makes, with the seeds 0, 1, ...; or the seeds. A seed decides the first weights and
        the order of the images.
    lr : optional
        None or ``"defaults"``: the default table's learning rates. A number: that rate for all. A mapping from
        optimizer to rate: those rates, and the default for the others.
    defaults : {"keras", "torch", "paper"}
        Whose values other hyperparameters take.
    variant : str, optional
        Whose formulas; by default those that belong to `defaults`.
    jobs : int, optional
        Runs at a time; by default one for each core.
    progress : callable, optional
        ``progress(done, total, text)`` is called a few times a second with the steps made, all steps, and a line with
        the running losses.
    **hyperparameters
        Others, for all optimizers, by name.

    Returns
    -------
    Comparison
        One run for each optimizer and seed, in this order. After Ctrl-C `interrupted` is true and the runs hold the
        epochs that were finished.

    Raises
    ------
    UnknownNameError
        If a data set, network or optimizer is not registered.
    UsageError, UsageTypeError
        If an argument cannot be used.
    MissingError, DataError
        If a data file is missing or damaged.
    """
    epochs, batch_size = _count(epochs, "epochs"), _count(batch_size, "batch_size")
    chosen_seeds = _seeds(seeds)
    threads = cores() if jobs is None else _count(jobs, "jobs")
    settings = _settings(optimizers, lr, defaults, variant, hyperparameters)
    unit = network if isinstance(network, Network) else networks.REGISTRY[network]
    source = _dataset(dataset)
    if progress is not None:
        progress(0, 0, f"loading {source.title}")
    training, test, pixels, classes = _prepared(source)
    sizes = unit.sizes(pixels, classes)

    if progress is not None:
        progress(0, 0, "compiling, or loading what was compiled")
    runs = [
        Training(setting, seed, sizes, training, test, epochs, batch_size)
        for setting in settings
        for seed in chosen_seeds
    ]
    runs[0].prepare(workspace(sizes, 1))
    interrupted = False
    images = min(batch_size, len(training.labels))
    try:
        side_by_side(runs, threads, lambda: workspace(sizes, images), lambda: _report(progress, runs))
    except KeyboardInterrupt:
        interrupted = True
    return Comparison(
        network=unit.name,
        dataset=source.name,
        architecture="-".join(map(str, sizes)),
        batch_size=batch_size,
        epochs=epochs,
        runs=tuple(run.result() for run in runs),
        interrupted=interrupted,
    )


def _report(progress: Progress | None, runs: Sequence[Training]) -> None:
    """Say how far the runs are."""
    if progress is None:
        return
    losses = [(run.loss, run.setting.rule.name) for run in runs if math.isfinite(run.loss)]
    text = f"epoch {min(run.epoch for run in runs)}/{runs[0].epochs}"
    if losses:
        best, worst = min(losses), max(losses)
        text += f", loss {best[0]:.3f} ({best[1]})"
        text += f" to {worst[0]:.3f} ({worst[1]})" if len(runs) > 1 else ""
    progress(sum(run.done for run in runs), sum(run.steps * run.epochs for run in runs), text)


@functools.lru_cache(maxsize=1)
def _prepared(source: Dataset) -> tuple[Examples, Examples, int, int]:
    """The training and the test images as kernels take them, kept for the next call; how many pixels and classes."""
    images = source.load()
    if images.pixels > MOST_PIXELS:
        raise UsageError(
            f"the images of {source.name} have {images.pixels} pixels", f"At most {MOST_PIXELS} are possible."
        )
    training, test = examples(images.train, images.train_labels), examples(images.test, images.test_labels)
    return training, test, images.pixels, images.classes


def _dataset(dataset: str | os.PathLike | Dataset) -> Dataset:
    if isinstance(dataset, Dataset):
        return dataset
    if isinstance(dataset, os.PathLike) or (isinstance(dataset, str) and ("/" in dataset or os.sep in dataset)):
        return datasets.folder(dataset)
    return datasets.REGISTRY[dataset]


def _settings(
    optimizers: Sequence[str | UpdateRule | Setting],
    lr: str | float | Mapping[str, float] | None,
    defaults: str,
    variant: str | None,
    hyperparameters: Mapping[str, Any],
) -> list[Setting]:
    """The optimizers with all their numbers."""
    if isinstance(optimizers, str | UpdateRule | Setting):
        optimizers = [optimizers]
    chosen = {}
    for optimizer in optimizers:
        setting = configure(optimizer, defaults=defaults, variant=variant, **hyperparameters)
        if setting.rule.name in chosen:
            raise UsageError(f"{setting.rule.name} is named twice", "Name each optimizer once.")
        chosen[setting.rule.name] = setting
        step_scalars(setting, np.float32, np.ones(1))  # refuses what float32 cannot hold
    if not chosen:
        raise UsageError("the list of optimizers is empty", "Name one or more: optviz list optimizers")
    if isinstance(lr, str) and lr != "defaults":
        raise UsageError(f"lr is {lr!r}", "It must be a number, 'defaults', or a rate for each optimizer.")
    if lr is None or isinstance(lr, str):
        return list(chosen.values())
    rates = lr if isinstance(lr, Mapping) else dict.fromkeys(chosen, lr)
    for name, rate in rates.items():
        if name not in chosen:
            REGISTRY[name]  # an unknown name is refused with a suggestion
            raise UsageError(f"lr is given for {name}, which does not run", f"These run: {', '.join(chosen)}")
        if isinstance(lr, Mapping) or "lr" in chosen[name].hyperparameters:
            chosen[name] = chosen[name].replace(lr=rate)
    return list(chosen.values())


def _seeds(seeds: int | Sequence[int]) -> list[int]:
    if isinstance(seeds, numbers.Integral) and not isinstance(seeds, bool):
        return list(range(_count(seeds, "seeds")))
    if isinstance(seeds, str | bool) or not isinstance(seeds, Sequence | np.ndarray):
        raise UsageTypeError(f"seeds is {seeds!r}", "Give their number, or a list of whole numbers.")
    for seed in seeds:
        if isinstance(seed, bool) or not isinstance(seed, numbers.Integral) or seed < 0:
            raise UsageError(f"a seed is {seed!r}", "It must be a whole number, 0 or more.")
    found = [int(seed) for seed in seeds]
    if not found or len(set(found)) != len(found):
        raise UsageError(f"seeds is {found}", "Give one or more, each once.")
    return found


def _count(value: Any, name: str) -> int:
    if isinstance(value, bool) or not isinstance(value, numbers.Integral):
        raise UsageTypeError(f"{name} is {value!r}", "It must be a whole number.")
    if value < 1:
        raise UsageError(f"{name} is {value!r}", "It must be 1 or more.")
    return int(value)

"""Several optimizers training the same network on the same images: `train`."""

import inspect
import os
from collections.abc import Mapping, Sequence
from concurrent.futures import Executor
from pathlib import Path
from typing import Any

from optviz.datasets import Dataset
from optviz.kernels import devices
from optviz.networks import Network
from optviz.optimizers import SEVEN, Setting, UpdateRule, default_table
from optviz.results.comparison import Comparison
from optviz.runs.jobs import cores
from optviz.runs.networks import engines
from optviz.runs.networks import journal as journals
from optviz.runs.networks.callbacks import Callback, Callbacks, checked
from optviz.runs.networks.comparing import Comparing, Progress
from optviz.runs.networks.journal import Journal
from optviz.runs.networks.numbers import accuracy, count
from optviz.runs.networks.request import Rates, ask


def train(
    dataset: str | os.PathLike | Dataset = "mnist",
    network: str | Network = "mlp",
    optimizers: Sequence[str | UpdateRule | Setting] = SEVEN,
    *,
    epochs: int = 10,
    batch_size: int = 64,
    seeds: int | Sequence[int] = 1,
    lr: Rates = None,
    defaults: str | None = None,
    variant: str | None = None,
    groups: Mapping[str | tuple[str, ...], Mapping[str, Any]] | None = None,
    target: float | None = None,
    plane: bool = False,
    gap: bool = False,
    tuning_epochs: int | None = None,
    jobs: int | None = None,
    engine: str | Executor = "threads",
    device: str = "cpu",
    journal: str | os.PathLike | None = None,
    resume: bool = True,
    progress: Progress | None = None,
    callbacks: Sequence[Callback] = (),
    **hyperparameters: Any,
) -> Comparison:
    """Train a network with each of several optimizers and test it after every epoch.

    For one seed all optimizers start from the same weights and see the same batches. The same arguments give the same
    numbers, but for the seconds, whatever `jobs` and `engine` are; another device or kind of processor differs in the
    last digits. A run whose loss is no longer finite ends there; that is a result.

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
        optimizer to rate: those rates, and the default for the others. ``"tuned"``: the best of as many rates for each
        optimizer, see `optviz.runs.networks.tuning`.
    defaults : {"keras", "torch", "paper", "optax"}, optional
        Whose values other hyperparameters take: by default those of `variant`, else Keras's.
    variant : str, optional
        Whose formulas; by default those that belong to `defaults`.
    groups : dict, optional
        Hyperparameters of their own for some parameters: ``{"bias": {"weight_decay": 0}, "last": {"lr": 0.01}}``. A key
        is a name, ``"dense1.weight"`` or ``"conv.bias"``; a part of it, ``"dense1"``, ``"bias"``; ``"first"`` or
        ``"last"`` for these layers; a pattern with ``*``; or several of these in a tuple. Where groups overlap, what a
        later one gives counts.
    target : float, optional
        A test accuracy, between 0 and 1, whose first reaching is timed.
    plane : bool
        Whether the weights of the first seed's runs are kept and projected on their common plane.
    gap : bool
        Whether the loss over all training images is followed and measured from the lowest that L-BFGS finds, see
        `optviz.runs.networks.optimum`; of a network whose loss is convex, ``"logreg"``.
    tuning_epochs : int, optional
        Of each trial of the tuning; by default 3, or fewer if `epochs` is less.
    jobs : int, optional
        Runs at a time; by default one for each core. Not with a cluster, whose workers decide.
    engine : str or Executor
        ``"threads"`` of this process, ``"processes"``, ``"dask=ADDRESS"`` of a scheduler, or any executor of
        `concurrent.futures`: Dask's ``client.get_executor()``, loky's, a ``ProcessPoolExecutor``. An executor is left
        open. Its workers need the same version of optviz; those with another processor may round otherwise.
    device : {"cpu", "cuda", "auto"}
        What computes: this machine's processors, or one CUDA device, on which the runs of a network without a
        convolution are side by side and share the seconds that pass. Rules that ask for sums or for the value train one
        at a time there, and so do those that move a matrix otherwise than a vector or take more than one gradient,
        which need PyTorch or CuPy. ``"auto"`` is a CUDA device where one can be used.
    journal : path, optional
        A folder, made if it is missing, that keeps every finished run, and every few seconds the epochs of those that
        are not. A later comparison takes the runs that it shares from there, whatever else it asks for, and runs of
        more epochs go on where these ended. Shared are runs with the same images, network, batch size, formula,
        hyperparameters, seed, device and version of optviz; for a plane or a gap, if their weights were kept for one.
        The optimum, in which nothing is timed, is taken from there whenever it is.
    resume : bool
        Whether runs are taken from the journal. Otherwise all are made anew and replace those that it holds.
    progress : callable, optional
        ``progress(done, total, text)`` is called a few times a second with the steps made, all steps, and a line with
        the running losses.
    callbacks : sequence of functions
        Each is called with an `optviz.Epoch` after every epoch of every run, those of one run in order, and at the end
        with the `Comparison`; in the calling thread, so that it may do anything. Of runs on threads epochs are told
        within a tenth of a second, of those elsewhere when the run is finished, and of those that a journal knows
        at once. Trials of learning rates are not told. One that raises ends the training.
    **hyperparameters
        Others, for all optimizers, by name.

    Returns
    -------
    Comparison
        One run for each optimizer and seed, in this order. After Ctrl-C `interrupted` is true and the runs hold the
        epochs that were finished, as far as this process or the journal knows them.

    Raises
    ------
    UnknownNameError
        If a data set, network, optimizer or engine is not known.
    UsageError, UsageTypeError
        If an argument cannot be used, an executor takes no work, or a callback raises.
    MissingError, DataError
        If a data file is missing or damaged, or an engine's package, a cluster, a CUDA device or what a rule needs
        there is missing.
    OptvizError
        If workers die again and again, or the device fails.

    Examples
    --------
    >>> import optviz
    >>> comparison = optviz.train("mnist", optimizers=["adam"], epochs=1)
    >>> comparison.runs[0].epochs[-1]["test_accuracy"] > 0.9
    True
    """
    jobs = None if jobs is None else count(jobs, "jobs")
    device = devices.chosen(device, cpu_only=engines.need_the_cpu(engine, jobs))
    kind, _ = engines.check(engine, jobs, device)
    target, told = accuracy(target), Callbacks(checked(callbacks))
    alone = kind == "threads" and journal is None
    request = ask(
        dataset,
        network,
        optimizers,
        epochs=epochs,
        batch_size=batch_size,
        seeds=seeds,
        lr=lr,
        defaults=defaults or default_table(variant, "keras"),
        variant=variant,
        groups=groups,
        tuning_epochs=tuning_epochs,
        alone=alone,
        engine=kind,
        hyperparameters=hyperparameters,
        device=device,
    )
    kept = Journal.opened(journal)
    with engines.opened(engine, jobs, request.units, kept, device) as workers:
        comparing = Comparing(request, workers, kept, progress, resume, plane, gap, told)
        return comparing.compare(target, jobs or cores())


def journal_of(**arguments: Any) -> Path | None:
    """Where the journal of a comparison belongs that nobody gave a folder for; None where the user has no such place.

    Parameters
    ----------
    **arguments
        Those of `train`. Comparisons that can share runs have the same folder.

    Raises
    ------
    As `train`.
    """
    place = journals.folder()
    bound = inspect.signature(train).bind(**arguments)
    bound.apply_defaults()
    given = bound.arguments
    alike = {name: given[name] for name in inspect.signature(ask).parameters if name in given}
    device = devices.chosen(given["device"], cpu_only=engines.need_the_cpu(given["engine"], given["jobs"]))
    request = ask(**alike | {"alone": False, "engine": "threads", "device": device})
    if given["progress"] is not None:
        given["progress"](0, 0, f"loading {request.source.title}")
    return place and place / request.loaded(given["plane"], given["gap"]).key

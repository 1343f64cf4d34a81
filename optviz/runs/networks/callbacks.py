"""What a training tells while it runs: every epoch of every run, and the comparison at the end."""

import functools
import inspect
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from optviz.errors import UsageError, UsageTypeError, said, shown
from optviz.results.comparison import Comparison
from optviz.results.training_run import MEASURES
from optviz.runs.networks.epochs import steps_in
from optviz.runs.networks.specification import WHOLE, Specification, Units

REMEDY = "Give a list of functions of one argument: callbacks=[log]"


@dataclass(frozen=True)
class Epoch:
    """A finished epoch of a run, as callbacks of `optviz.train` are told of it.

    Attributes
    ----------
    optimizer, title : str
        How the comparison calls the optimizer, and its name in pictures.
    seed : int
    epoch, epochs : int
        Its number, from 1, and how many are asked for.
    train_loss, test_loss, test_accuracy, seconds : float
        See `optviz.TrainingRun`.
    lr : float
        The learning rate of its last step; NaN where the rule has none.

    Examples
    --------
    >>> import optviz
    >>> def log(event):
    ...     if isinstance(event, optviz.Epoch):
    ...         print(event.title, event.epoch, "of", event.epochs)
    >>> _ = optviz.train("mnist", network="logreg", optimizers=["sgd"], epochs=2, callbacks=[log])
    SGD 1 of 2
    SGD 2 of 2
    """

    optimizer: str
    title: str
    seed: int
    epoch: int
    epochs: int
    train_loss: float
    test_loss: float
    test_accuracy: float
    seconds: float
    lr: float


Callback: TypeAlias = Callable[[Epoch | Comparison], Any]


class Callbacks:
    """Functions that are told of epochs, each of them once, and of the comparison.

    Parameters
    ----------
    callbacks : sequence of functions
        See `checked`.
    """

    def __init__(self, callbacks: Sequence[Callback] = ()):
        self._callbacks = callbacks
        self._told: dict[str, int] = {}

    def lack(self, specification: Specification, epochs: int) -> bool:
        """Whether not all of so many epochs of a run have been told; of trials of learning rates none is."""
        wanted = bool(self._callbacks) and specification.part == WHOLE
        return wanted and epochs > self._told.get(specification.key, 0)

    def tell(self, specification: Specification, epochs: Sequence[dict[str, Any]], units: Units) -> None:
        """Tell those epochs of a run that have not been told.

        Parameters
        ----------
        specification : Specification
        epochs : sequence of dict
            Those that are finished, from the first on, see `optviz.TrainingRun`.
        units : Units
            Which know the run's optimizer.

        Raises
        ------
        UsageError
            If a callback raises; it names that one.
        """
        if not self.lack(specification, len(epochs)):
            return
        setting = units.setting(specification)
        images = len(units.data(specification.dataset, specification.digest).part(WHOLE)[0].labels)
        steps, schedule = steps_in(images, specification.batch_size), setting.schedules.get("lr")
        for one in epochs[self._told.get(specification.key, 0) :]:
            self._told[specification.key] = one["epoch"]
            factor = schedule.factors(steps * one["epoch"], 1)[0] if schedule else 1.0
            self._call(
                Epoch(
                    optimizer=setting.name,
                    title=setting.title,
                    seed=specification.seed,
                    epoch=one["epoch"],
                    epochs=specification.epochs,
                    lr=float(setting.hyperparameters.get("lr", float("nan")) * factor),
                    **{name: one[name] for name in MEASURES},
                )
            )

    def end(self, comparison: Comparison) -> None:
        """Tell of the comparison; errors as of `tell`."""
        self._call(comparison)

    def _call(self, event: Epoch | Comparison) -> None:
        for callback in self._callbacks:
            try:
                callback(event)
            except Exception as error:
                name = getattr(callback, "__qualname__", None) or shown(callback)
                problem = f"the callback {name} failed: {said(error)}"
                raise UsageError(problem, "Correct it; a journal keeps what is finished.") from error


def checked(callbacks: Any) -> tuple[Callback, ...]:
    """Callbacks that can be called with one event.

    Raises
    ------
    UsageTypeError
    """
    if isinstance(callbacks, str) or callable(callbacks) or not isinstance(callbacks, Iterable):
        raise UsageTypeError(f"callbacks is {shown(callbacks)}", REMEDY)
    several = tuple(callbacks)
    for callback in several:
        if not callable(callback) or _runs_later(callback) or not _takes_one(callback):
            raise UsageTypeError(f"{shown(callback)} in callbacks is no function of one argument", REMEDY)
    return several


def _runs_later(callback: Any) -> bool:
    """Whether a call runs nothing, and gives a coroutine or a generator that would."""
    while isinstance(callback, functools.partial):
        callback = callback.func
    kinds = inspect.iscoroutinefunction, inspect.isgeneratorfunction, inspect.isasyncgenfunction
    return any(is_kind(part) for part in (callback, type(callback).__call__) for is_kind in kinds)


def _takes_one(callback: Any) -> bool:
    try:
        inspect.signature(callback).bind(None)
    except TypeError:
        return False
    except ValueError:  # a builtin that does not say what it takes
        return True
    return True

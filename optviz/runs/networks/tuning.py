"""Fair learning rates for a network: every optimizer gets the same trials, on training images alone.

A grid that spans five decades is tried first, then rates around the best of it. Each trial trains from weights that
the comparison does not use, on five sixths of the training images, and is judged by its accuracy on the others. Test
images are never looked at.
"""

import itertools
import math
from collections.abc import Callable, Sequence

import numpy as np

from optviz.optimizers import Setting
from optviz.results.training_run import RateSearch, Tuning
from optviz.runs.networks.journal import Outcome
from optviz.runs.networks.request import Request
from optviz.runs.networks.specification import Specification, split

Work = Callable[[Sequence[Specification], str], list[Outcome]]

GRID = tuple(float(f"{10 ** (half / 2):.1e}") for half in range(-8, 3))  # two digits: the rate shown is the one used
STEPS = (-1 / 4, -1 / 8, 1 / 8, 1 / 4)  # decades from the best of the grid to the rates around it
# Of a trial; fewer where the comparison has fewer. Best rates fall with longer training: for the MLP on MNIST from one
# epoch to ten by a factor of 1 to 3. After three, what that costs after ten (0.002 of accuracy) is no more than what
# the luck of one trial costs, and all trials take half a minute on two cores.
EPOCHS = 3
SEEDS = 1
FIRST_SEED = 1000  # of a trial, and on from there


def tune(request: Request, work: Work) -> tuple[list[Setting], Tuning | None]:
    """Give every optimizer whose rate is to be tuned its best learning rate.

    Parameters
    ----------
    request : Request
    work : function
        ``work(specifications, stage)`` finishes runs and returns their outcomes; `stage` names them in a word.

    Returns
    -------
    settings : list of Setting
        All of the request's.
    tuning : Tuning or None
        None where no optimizer has a learning rate to tune.

    Raises
    ------
    UsageError
        If there is only one training image.
    """
    searches = [_Search(setting) for setting in request.settings if setting.name in request.tuned]
    if not searches:
        return list(request.settings), None
    epochs = _epochs(request)
    seeds = list(itertools.islice((seed for seed in itertools.count(FIRST_SEED) if seed not in request.seeds), SEEDS))

    def attempt(rates: Sequence[Sequence[float]], stage: str) -> None:
        """Try some rates of each search."""
        trials = [
            (search, rate, request.trial(search.setting.replace(lr=rate), seed, epochs))
            for rate_index in range(len(rates[0]))
            for search, rate in ((search, own[rate_index]) for search, own in zip(searches, rates, strict=True))
            for seed in seeds
        ]
        outcomes = work([specification for *_, specification in trials], stage)
        for (search, rate, _), outcome in zip(trials, outcomes, strict=True):
            search.enter(rate, outcome)

    attempt([GRID] * len(searches), "tuning")
    attempt([around(search.best) for search in searches], "refining")
    learn, judge = split(len(request.data.images.train_labels))
    tuning = Tuning(
        grid=len(GRID),
        low=GRID[0],
        high=GRID[-1],
        refined=len(STEPS),
        epochs=epochs,
        seeds=len(seeds),
        images=len(learn),
        validation=len(judge),
        searches=tuple(search.record() for search in searches),
    )
    best = {search.setting.name: search.best for search in searches}
    settings = [
        setting.replace(lr=best[setting.name]) if setting.name in best else setting for setting in request.settings
    ]
    return settings, tuning


def trials(request: Request) -> list[Specification]:
    """A specification for each trial that the tuning will make, of its length, so that steps can be counted ahead."""
    count = len(request.tuned) * (len(GRID) + len(STEPS)) * SEEDS
    return [request.trial(request.settings[0], FIRST_SEED, _epochs(request))] * count if count else []


def _epochs(request: Request) -> int:
    return request.tuning_epochs or min(EPOCHS, request.epochs)


def around(rate: float) -> list[float]:
    """The rates tried around the best of the grid, of two digits each."""
    return [float(f"{rate * 10**step:.1e}") for step in STEPS]


class _Search:
    """The trials of one optimizer."""

    def __init__(self, setting: Setting):
        self.setting = setting
        self._scores: dict[float, list[tuple[float, float]]] = {}

    def enter(self, rate: float, outcome: Outcome) -> None:
        """Note the accuracy and the loss after the last epoch of a trial; NaN where it diverged."""
        last = outcome.run.epochs[-1] if outcome.run.diverged_at is None else {}
        score = last.get("test_accuracy", math.nan), last.get("test_loss", math.nan)
        self._scores.setdefault(rate, []).append(score)

    @property
    def best(self) -> float:
        """The rate of the highest mean accuracy, of the lowest mean loss among equals; the lowest if all diverged."""

        def order(rate: float) -> tuple[float, float, float]:
            accuracy, loss = np.mean(self._scores[rate], axis=0)
            return (-accuracy, loss, rate) if math.isfinite(accuracy) else (math.inf, math.inf, rate)

        return min(self._scores, key=order)

    def record(self) -> RateSearch:
        rates = sorted(self._scores)
        accuracies = np.array([[accuracy for accuracy, _ in self._scores[rate]] for rate in rates])
        return RateSearch(
            optimizer=self.setting.name,
            title=self.setting.title,
            rates=np.array(rates),
            accuracies=accuracies.mean(axis=1),
            low=accuracies.min(axis=1),
            high=accuracies.max(axis=1),
            best=self.best,
        )

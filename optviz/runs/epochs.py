"""One training of one network with one optimizer and one seed, slice by slice."""

import math
import time

import numpy as np

from optviz.kernels.buffers import Workspace, new_state
from optviz.kernels.training import Examples, evaluate, train, update_address
from optviz.networks import initialise, parameter_count
from optviz.optimizers import Setting
from optviz.results import TrainingRun
from optviz.runs._scalars import hyperparameters, step_scalars

SLICE = 0.05  # seconds that one call of a kernel should take
FIRST_SLICE = 10  # steps of the first one, from which the others are reckoned
TEST_SLICE = 10_000  # images tested in one call of a kernel

# Which random numbers of a seed are for what: the weights, and the order of the images in each epoch. Each epoch has a
# stream of its own, so that it can be repeated without the ones before it.
WEIGHTS, ORDER = 0, 1


class Training:
    """A run that advances in slices.

    Parameters
    ----------
    setting : Setting
    seed : int
    sizes : tuple of int
        Of the network's dense layers.
    training, test : Examples
    epochs, batch_size : int

    Attributes
    ----------
    setting, epochs
        As given.
    steps : int
        Steps in an epoch.
    done : int
        Steps made; all of them when the run is finished, whatever ended it.
    epoch : int
        The one that is running, from 1.
    loss : float
        The mean loss over the last slice; NaN before.
    """

    def __init__(
        self,
        setting: Setting,
        seed: int,
        sizes: tuple[int, ...],
        training: Examples,
        test: Examples,
        epochs: int,
        batch_size: int,
    ):
        self.setting, self.seed, self.epochs = setting, seed, epochs
        self._sizes = np.array(sizes, np.int64)
        self._training, self._test = training, test
        self._batch = min(batch_size, len(training.labels))
        self.steps = -(-len(training.labels) // self._batch)
        self.loss = math.nan
        self._diverged_at: int | None = None
        self._epochs: list[dict[str, float]] = []

        formula = setting.formula
        self._update = update_address(formula)
        self._hyper = np.array(hyperparameters(setting, np.float32), np.float32).reshape(-1, 1)
        self._parameters = parameter_count(sizes)
        self._state = new_state(self._parameters, len(formula.slots))
        initialise(self._state[0, : self._parameters], sizes, self._generator(WEIGHTS))
        for row, slot in zip(self._state[1:], formula.slots, strict=True):
            row[:] = setting.initial(slot)
        self._losses = np.zeros(self.steps)
        self._slice, self._step = FIRST_SLICE, 0

    @property
    def epoch(self) -> int:
        return min(len(self._epochs) + 1, self.epochs)

    @property
    def finished(self) -> bool:
        return len(self._epochs) == self.epochs or self._diverged_at is not None

    @property
    def done(self) -> int:
        return self.steps * (self.epochs if self.finished else len(self._epochs)) + self._step

    @property
    def parameters(self) -> np.ndarray:
        """(parameters,) float32: the flat parameter vector as it is now."""
        return self._state[0, : self._parameters]

    def prepare(self, room: Workspace) -> None:
        """Load or compile the kernels, which takes seconds the first time, before any second is counted."""
        self._begin()
        self._train(range(0), room)
        evaluate(self._state[0], self._sizes, self._test, range(0), room)

    def advance(self, room: Workspace) -> None:
        """Make some steps, and test at the end of an epoch."""
        begin = time.perf_counter()
        if self._step == 0:
            self._begin()
        first, last = self._step, min(self._step + self._slice, self.steps)
        self._step = self._train(range(first, last), room)
        seconds = time.perf_counter() - begin
        self._seconds += seconds
        self._slice = max(1, int((self._step - first) * SLICE / seconds))
        images = min(self._step * self._batch, len(self._training.labels)) - first * self._batch
        self.loss = float(self._losses[first : self._step].sum()) / images
        if not math.isfinite(self.loss):
            self._diverge()
        elif self._step == self.steps:
            self._end_epoch(room)

    def result(self) -> TrainingRun:
        """The epochs that are finished."""
        setting = self.setting
        return TrainingRun(
            optimizer=setting.rule.name,
            title=setting.rule.title,
            variant=setting.variant,
            defaults=setting.defaults,
            hyperparameters=dict(setting.hyperparameters),
            seed=self.seed,
            epochs=tuple(self._epochs),
            diverged_at=self._diverged_at,
        )

    def _train(self, steps: range, room: Workspace) -> int:
        return train(
            self._update,
            self._state,
            self._hyper,
            self._table,
            self._sizes,
            self._training,
            self._order,
            self._batch,
            steps,
            room,
            self._losses,
        )

    def _generator(self, *purpose: int) -> np.random.Generator:
        return np.random.default_rng(np.random.SeedSequence(self.seed, spawn_key=purpose))

    def _begin(self) -> None:
        """Shuffle the images for the next epoch."""
        epoch = len(self._epochs)
        self._step, self._seconds = 0, 0.0
        self._order = self._generator(ORDER, epoch).permutation(len(self._training.labels))
        scalars = step_scalars(self.setting, np.float32, epoch * self.steps + np.arange(1.0, self.steps + 1))
        self._table = np.array(scalars, np.float32).reshape(len(scalars), self.steps)

    def _end_epoch(self, room: Workspace) -> None:
        loss, correct = 0.0, 0
        for first in range(0, len(self._test.labels), TEST_SLICE):
            part = range(first, min(first + TEST_SLICE, len(self._test.labels)))
            found = evaluate(self._state[0], self._sizes, self._test, part, room)
            loss, correct = loss + found[0], correct + found[1]
        if not math.isfinite(loss):
            self._diverge()
            return
        self._epochs.append(
            {
                "epoch": len(self._epochs) + 1,
                "train_loss": float(self._losses.sum()) / len(self._training.labels),
                "test_loss": loss / len(self._test.labels),
                "test_accuracy": correct / len(self._test.labels),
                "seconds": self._seconds,
            }
        )
        self._step = 0

    def _diverge(self) -> None:
        self._diverged_at = len(self._epochs) + 1
        self._step = 0

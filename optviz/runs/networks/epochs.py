"""One training of one network with one optimizer and one seed, slice by slice."""

import json
import math
import time
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from optviz.kernels.training import Examples
from optviz.networks import Plan, initialise
from optviz.optimizers import Setting
from optviz.results.training_run import TrainingRun, stretch_ends
from optviz.runs.networks.groups import Shares, undivided
from optviz.runs.networks.looking import processor
from optviz.runs.networks.machines import Machine

SLICE = 0.05  # seconds that one call of a kernel should take
FIRST_SLICE = 3  # steps of the first one, from which the others are reckoned

# Which random numbers of a seed are for what: the weights, the order of the images in each epoch, and what is dropped
# in it. Each epoch has streams of its own, so that it can be repeated without the ones before it.
WEIGHTS, ORDER, DROPOUT = 0, 1, 2


def steps_in(images: int, batch_size: int) -> int:
    """The steps of an epoch: the last one takes what is left of so many images."""
    return -(-images // min(batch_size, images))


def snapshot_steps(snapshots_at: Sequence[float], epochs: int, steps: int) -> list[int]:
    """The steps after which weights are kept, of moments in epochs of so many steps."""
    return sorted({round(moment * steps) for moment in snapshots_at if moment <= epochs})


class Pace:
    """How many steps a slice should take, reckoned from what the last one took."""

    def __init__(self) -> None:
        self.steps = FIRST_SLICE

    def measured(self, steps: range, seconds: float) -> None:
        """Note the seconds of a slice; one that was cut short tells less about the next."""
        if len(steps) == self.steps:
            self.steps = max(1, int(len(steps) * SLICE / seconds))


class Training:
    """A run that advances in slices: it knows what comes next and what came of it; a machine does the work.

    Parameters
    ----------
    setting : Setting
    seed : int
    plan : Plan
    training, test : Examples
    epochs, batch_size : int
    snapshots_at : sequence of float, optional
        Moments, in epochs from 0 on, at which the parameters are kept, see `snapshots`.
    machine : Machine, optional
        Of the same network, shares, images and batches. By default this processor.
    shares : Shares, optional
        Which settings move which parameters, where groups of them have their own.

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
        plan: Plan,
        training: Examples,
        test: Examples,
        epochs: int,
        batch_size: int,
        snapshots_at: Sequence[float] = (),
        machine: Machine | None = None,
        shares: Shares | None = None,
    ):
        self.setting, self.seed, self.epochs = setting, seed, epochs
        self._images, self._labels = len(training.labels), test.labels
        self._batch = min(batch_size, self._images)
        self.steps = steps_in(self._images, batch_size)
        self.loss = math.nan
        self._shares = shares or undivided(plan, setting)
        self._diverged_at: int | None = None
        self._epochs: list[dict[str, float]] = []
        self._stretches: list[np.ndarray] = []
        self._predictions = np.empty(0, np.uint8)

        parameters = np.empty(plan.parameters, np.float32)
        initialise(parameters, plan, self._generator(WEIGHTS))
        state = self._shares.start(parameters)
        self._shape, self._parameters = state.shape, plan.parameters
        self._machine = machine or processor(plan, self._shares, training, test, self._batch)
        self._machine.load(state)
        self._losses = np.zeros(self.steps)
        self._pace, self._step = Pace(), 0
        self._snapshots_at = snapshot_steps(snapshots_at, epochs, self.steps)
        self._snapshots: list[np.ndarray] = []
        self._take_snapshot()

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
        """(parameters,) float32: the flat vector of the parameters that the optimizer reports, as it is now."""
        return self._machine.reported()

    @property
    def snapshots(self) -> tuple[np.ndarray, np.ndarray]:
        """The moments looked at so far, (k,) float64 in epochs, and the parameters then, (k, parameters) float32."""
        moments = np.array(self._snapshots_at[: len(self._snapshots)], np.float64) / self.steps
        return moments, np.array(self._snapshots, np.float32).reshape(len(moments), self._parameters)

    @property
    def untested(self) -> bool:
        """Whether all steps of an epoch are made, but its test is not."""
        return self._step == self.steps

    def prepare(self, room: Any) -> None:
        """Load or compile the kernels, which takes seconds the first time, before any second is counted."""
        self._begin()
        self._machine.prepare(room)

    def advance(self, room: Any) -> None:
        """Make some steps, and test at the end of an epoch."""
        begin = time.perf_counter()
        steps = self.upcoming(self._pace.steps)
        losses = self._machine.train(steps, room)
        seconds = time.perf_counter() - begin
        self._pace.measured(steps, seconds)
        self.enter(steps, losses, seconds)
        if self.untested:
            self.test(room)

    def upcoming(self, most: int) -> range:
        """The steps that come next, at most so many; the machine has begun their epoch."""
        if self._step == 0:
            self._begin()
        return range(self._step, min(self._step + most, self.steps, self._next_snapshot()))

    def enter(self, steps: range, losses: np.ndarray, seconds: float) -> None:
        """Note what came of steps that the machine has made.

        Parameters
        ----------
        steps : range
            The upcoming ones, or the first of them.
        losses : (at most `steps`,) float64
            See `Machine.train`.
        seconds : float
            What they are to be counted as.
        """
        first, self._step = steps.start, steps.start + len(losses)
        self._losses[first : self._step] = losses
        self._seconds += seconds
        images = min(self._step * self._batch, self._images) - first * self._batch
        self.loss = float(self._losses[first : self._step].sum()) / images
        if math.isfinite(self.loss):
            self._take_snapshot()
        else:
            self._diverge()

    def test(self, room: Any) -> None:
        """End the epoch, all of whose steps are made."""
        loss, predictions = self._machine.evaluate(room)
        if not math.isfinite(loss):
            self._diverge()
            return
        self._predictions = predictions
        ends = stretch_ends(self.steps)
        begins = np.concatenate([[0], ends[:-1]])
        images = np.minimum(ends * self._batch, self._images) - begins * self._batch
        self._stretches.append(np.add.reduceat(self._losses, begins) / images)
        self._epochs.append(
            {
                "epoch": len(self._epochs) + 1,
                "train_loss": float(self._losses.sum()) / self._images,
                "test_loss": loss / len(self._labels),
                "test_accuracy": float(np.mean(self._predictions == self._labels)),
                "seconds": self._seconds,
            }
        )
        self._step = 0

    def result(self) -> TrainingRun:
        """The epochs that are finished."""
        setting = self.setting
        return TrainingRun(
            optimizer=setting.name,
            title=setting.title,
            variant=setting.variant,
            defaults=setting.defaults,
            hyperparameters=dict(setting.hyperparameters),
            seed=self.seed,
            epochs=tuple(self._epochs),
            diverged_at=self._diverged_at,
            losses=np.concatenate(self._stretches) if self._stretches else np.empty(0),
            predictions=self._predictions,
            written="; ".join(filter(None, (setting.short_text, self._shares.text))),
        )

    def checkpoint(self) -> dict[str, np.ndarray]:
        """All that is needed to go on from the end of the last finished epoch; to be taken there, before the next."""
        made = self._snapshots_at[: len(self._snapshots)]
        facts = json.dumps({"epochs": self._epochs, "diverged_at": self._diverged_at, "snapshots_at": made})
        return {
            "facts": np.frombuffer(facts.encode(), np.uint8),
            "state": self._machine.state().copy(),
            "losses": self.result().losses,
            "predictions": self._predictions,
            "snapshots": self.snapshots[1],
        }

    def restore(self, checkpoint: Mapping[str, np.ndarray]) -> None:
        """Go on from a `checkpoint` of a run with the same arguments, but perhaps other `epochs`, or more snapshots.

        Raises
        ------
        ValueError, KeyError
            If it is not one, has gone farther than this run will, or lacks a snapshot.
        """
        facts = json.loads(checkpoint["facts"].tobytes())
        state, losses = checkpoint["state"], checkpoint["losses"]
        snapshots, stretches = checkpoint["snapshots"], len(stretch_ends(self.steps))
        finished = len(facts["epochs"])
        if (
            (state.dtype, snapshots.dtype) != (np.float32, np.float32)
            or state.shape != self._shape
            or losses.shape != (finished * stretches,)
            or snapshots.shape != (len(facts["snapshots_at"]), self._parameters)
            or finished > self.epochs
        ):
            raise ValueError("a checkpoint of another run")
        wanted = [facts["snapshots_at"].index(step) for step in self._snapshots_at if step <= finished * self.steps]
        self._epochs, self._diverged_at = list(facts["epochs"]), facts["diverged_at"]
        self._machine.load(state)
        self._stretches = list(losses.reshape(finished, stretches))
        self._predictions = checkpoint["predictions"]
        self._snapshots = list(snapshots[wanted])
        self._step = 0

    def _seed(self, *purpose: int) -> np.random.SeedSequence:
        return np.random.SeedSequence(self.seed, spawn_key=purpose)

    def _generator(self, *purpose: int) -> np.random.Generator:
        return np.random.default_rng(self._seed(*purpose))

    def _begin(self) -> None:
        """Shuffle the images for the next epoch."""
        epoch = len(self._epochs)
        self._step, self._seconds = 0, 0.0
        self._order = self._generator(ORDER, epoch).permutation(self._images)
        key = int(self._seed(DROPOUT, epoch).generate_state(1, np.uint64)[0])
        self._machine.begin(self._order, key, self._shares.tables(epoch * self.steps + 1, self.steps))

    def _next_snapshot(self) -> int:
        """The step of this epoch before which a slice must end."""
        left = self._snapshots_at[len(self._snapshots) :]
        return left[0] - len(self._epochs) * self.steps if left else self.steps

    def _take_snapshot(self) -> None:
        """Keep the parameters if this is the moment."""
        if self._next_snapshot() == self._step and len(self._snapshots) < len(self._snapshots_at):
            self._snapshots.append(self.parameters.copy())

    def _diverge(self) -> None:
        self._diverged_at = len(self._epochs) + 1
        self._step = 0

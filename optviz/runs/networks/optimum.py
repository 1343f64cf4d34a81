"""The optimum of a network whose loss is convex: L-BFGS on all training images, and the runs' losses over these.

L-BFGS is the optimizer of that name, compiled from its formula. What it evaluates is the kernel of all trainings, which
makes the loss and the gradient of some images at a time in float32; their means are summed in float64, in the order of
the images, so that the number of threads changes nothing.
"""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, replace

import numpy as np

import optviz
from optviz.formulas.solver import AT_REST, GO_ON, STOPS
from optviz.kernels.buffers import layout, new_state, workspace
from optviz.kernels.delay_interrupt import delay_interrupt
from optviz.kernels.training import Examples, evaluate, train
from optviz.kernels.whole import gather_address
from optviz.networks import Plan
from optviz.optimizers import configure
from optviz.results.optimum import INTERRUPTED, LossPath, Optimum
from optviz.runs.jobs import side_by_side
from optviz.runs.networks.epochs import steps_in
from optviz.runs.networks.journal import Journal, Outcome
from optviz.runs.networks.plane import LossAt, Progress
from optviz.runs.networks.request import Request
from optviz.runs.networks.specification import WHOLE, digest_of
from optviz.runs.points.own_checks import own_unit
from optviz.runs.points.problem import Problem
from optviz.runs.points.solvers import SolverHost

EVALUATIONS = 500  # of all images: on MNIST about a minute
HISTORY = 100  # pairs that L-BFGS remembers: 12 MB of them for MNIST
PART = 2000  # images whose gradient is made in one call of the kernel
STILL = 10, 1e-7  # iterations that together gain no more than float32 rounds a loss by: L-BFGS is at rest
DARK = 0.01  # brightness at least that a pixel is scaled by
NOTHING = np.zeros((0, 1), np.float32)  # what a kernel that moves nothing knows of hyperparameters


def of_runs(
    request: Request, outcomes: Sequence[Outcome], journal: Journal, threads: int, progress: Progress | None
) -> Optimum:
    """The optimum of a comparison's network on its images, and how far its runs are from it.

    Parameters
    ----------
    request : Request
        Of a network whose loss is convex.
    outcomes : sequence of Outcome
        With snapshots.
    journal : Journal
        Where the optimum is kept, and taken from.
    threads : int
    progress : callable or None

    Returns
    -------
    Optimum
        After Ctrl-C with what L-BFGS had found.

    Raises
    ------
    KeyboardInterrupt
        If that is nothing.
    """
    training, _ = request.data.part(WHOLE)
    paths = _paths(request.plan, training, outcomes, threads, progress)
    name = f"optimum-{digest_of([request.digest, asdict(request.plan), EVALUATIONS, HISTORY, optviz.__version__])}"
    found = journal.record(name)
    if not isinstance(found, Optimum) or found.images != len(training.labels):
        found = lowest(request.plan, training, threads, progress=progress)
        if not found.interrupted:
            journal.keep_record(name, found)
    return replace(found, paths=paths)


def lowest(
    plan: Plan, training: Examples, threads: int, evaluations: int = EVALUATIONS, progress: Progress | None = None
) -> Optimum:
    """Minimise the mean cross-entropy of all images by L-BFGS, from weights of zero.

    A pixel that is dark in most images has a weight that hardly changes the loss, and L-BFGS would need long to learn
    that: each weight is counted in units of one over the root mean square of its pixel.

    Parameters
    ----------
    plan : Plan
        Of one dense layer.
    training : Examples
    threads, evaluations : int
    progress : callable, optional
        ``progress(done, total, text)`` in evaluations, once an iteration. What it raises ends the search.

    Returns
    -------
    Optimum
        Without paths.

    Raises
    ------
    KeyboardInterrupt
        If it comes before the first iteration has ended.
    """
    spent: list[int] = []
    losses: list[float] = []
    with ThreadPoolExecutor(threads) as pool:
        loss = _WholeLoss(plan, training, threads, pool)
        unit = own_unit("loss_of_all", "Loss", "", loss.value, loss.gradient, "", plan.parameters)
        setting = configure("lbfgs", defaults="paper", history=HISTORY)
        problem = Problem(setting, replace(unit, uncompiled=True), evaluations, evaluations=evaluations)
        run = SolverHost(problem).tiles(np.zeros((1, plan.parameters)), {}, 0, 1)
        stopped, (lately, little) = "", STILL
        try:
            for step in range(1, evaluations + 1):
                with delay_interrupt():  # in the middle of an iteration there is no point with its loss
                    run.run(step, step)
                    spent.append(int(run.spent[0]))
                    losses.append(float(run.values[0]))
                if len(losses) > lately and losses[-1 - lately] - losses[-1] <= little:
                    stopped = STOPS[AT_REST]
                if stopped or run.codes[0] != GO_ON or not np.isinf(run.ends_at[0]):
                    break
                if progress is not None:
                    progress(spent[-1], evaluations, f"L-BFGS looks for the optimum: loss {losses[-1]:.5f}")
            stopped = stopped or STOPS[run.codes[0]] or "too far away"
        except KeyboardInterrupt:
            stopped = INTERRUPTED
            if not losses:
                raise
    return Optimum(len(training.labels), np.array(spent, np.int64), np.array(losses), stopped)


class _WholeLoss:
    """The mean loss of all images and its gradient as `optviz.functions.Function` has them; threads share the images.

    The variables are the weights times the brightness of their pixels, and the biases.
    """

    def __init__(self, plan: Plan, training: Examples, threads: int, pool: ThreadPoolExecutor):
        self._plan, self._net, self._training, self._pool = plan, layout(plan), training, pool
        images = len(training.labels)
        self._parts = steps_in(images, PART)
        self._update, self._order = gather_address(), np.arange(images)
        self._rooms = [(workspace(plan, min(PART, images)), new_state(plan.parameters, 1)) for _ in range(threads)]
        self._slopes = np.zeros((self._parts, plan.parameters), np.float32)
        self._losses, self._tables = np.zeros(self._parts), np.zeros((1, 0, self._parts), np.float32)
        self._units = np.ones(plan.parameters)
        weights = plan.sizes[0] * plan.sizes[1]
        self._units[:weights] = np.repeat(1 / np.maximum(brightness(training, plan.sizes[0]), DARK), plan.sizes[1])

    def value(self, x: np.ndarray) -> float:
        """The loss; the gradient is made with it."""
        with np.errstate(over="ignore"):
            self._weights = (x * self._units).astype(np.float32)
        for done in [self._pool.submit(self._work, first) for first in range(len(self._rooms))]:
            done.result()
        return float(self._losses.sum()) / len(self._order)

    def gradient(self, x: np.ndarray, g: np.ndarray) -> None:
        """Write the gradient of the last value to `g`."""
        g[:] = 0
        for part, slopes in enumerate(self._slopes):
            count = min(PART, len(self._order) - part * PART)
            g += slopes * (count / len(self._order))
        g *= self._units

    def _work(self, first: int) -> None:
        """The parts of a thread: from the first on every one in as many as there are threads."""
        room, state = self._rooms[first]
        state[0, : self._plan.parameters] = self._weights
        for part in range(first, self._parts, len(self._rooms)):
            train(
                self._update,
                state,
                NOTHING,
                self._tables,
                self._net,
                self._training,
                self._order,
                0,
                PART,
                range(part, part + 1),
                room,
                self._losses,
            )
            self._slopes[part] = state[1, : self._plan.parameters]


def brightness(training: Examples, pixels: int) -> np.ndarray:
    """The root mean square of each pixel over all images, (pixels,) float64."""
    images = training.images
    count = int(images.starts[-1])
    squares = training.levels[images.values[:count]].astype(np.float64) ** 2
    return np.sqrt(np.bincount(images.pixels[:count], squares, pixels) / len(training.labels))


def _paths(
    plan: Plan, training: Examples, outcomes: Sequence[Outcome], threads: int, progress: Progress | None
) -> tuple[LossPath, ...]:
    """The losses of runs over all images, at the moments at which they kept their weights."""
    net, images = layout(plan), range(len(training.labels))

    def new_room() -> tuple:
        return workspace(plan, min(PART, len(images))), new_state(plan.parameters, 0)[0]

    def loss(parameters: np.ndarray, room: tuple) -> float:
        scratch, state = room
        state[: plan.parameters] = parameters
        return evaluate(state, net, training, images, scratch)[0] / len(images)

    def at(weights: np.ndarray) -> Callable[[], np.ndarray]:
        return lambda: weights

    looks = [[LossAt(at(weights), loss) for weights in outcome.weights] for outcome in outcomes]
    everything = [one for path in looks for one in path]

    def watch() -> None:
        if progress is not None:
            progress(sum(one.finished for one in everything), len(everything), "losses over all training images")

    side_by_side(everything, threads, new_room, watch)
    return tuple(
        LossPath(
            optimizer=outcome.run.optimizer,
            title=outcome.run.title,
            seed=outcome.run.seed,
            epochs=np.array(outcome.snapshots_at, np.float64),
            losses=np.array([one.value for one in path]),
        )
        for outcome, path in zip(outcomes, looks, strict=True)
    )

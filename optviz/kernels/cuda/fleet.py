"""Training of many small networks side by side on a CUDA device, a block for each.

A block makes all steps of its run in one launch; between the phases of a step its threads meet. The phases are those of
`optviz.kernels.cuda.passes`, and so is what they compute. A kernel knows one rule, so that no run has to leave room in
the registers for the rules of others: runs of several rules are as many launches, which the device carries out side by
side.
"""

import functools
import itertools
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple, cast

import numpy as np

from optviz.errors import UsageError
from optviz.kernels.cuda import backend, dense
from optviz.kernels.cuda.backend import cuda
from optviz.kernels.cuda.images import DeviceExamples
from optviz.kernels.cuda.passes import TESTED, Passes
from optviz.kernels.cuda.products import LARGE, UNIT, ZERO, Tiling
from optviz.kernels.cuda.steps import fill, padded, pitch, summed
from optviz.kernels.cuda.training import network_update
from optviz.kernels.cuda.update import rule_shape
from optviz.kernels.specialise import fingerprint
from optviz.kernels.training import WHOLE
from optviz.networks import Plan
from optviz.optimizers import Formula

ORDER, TABLES = range(2)  # what a row of `whose` holds

# Bound by `fleet_kernel`.
NUMBER: Any = None  # the dtype
LEFT_ROOM: Any = None  # shared memory for the first factor of a product
RIGHT_ROOM: Any = None  # and for the second
GATHER: Any = None  # phases of a step, see `optviz.kernels.cuda.dense`
FORWARD: Any = None
ENTROPY: Any = None
WEIGHT_GRADIENT: Any = None
DELTA: Any = None
UPDATE: Any = None  # the update of all parameters


def train_fleet(
    nodes, rates, images, labels, orders, keys, tables, hypers, parts, whose, states, rooms, losses, batch, begin, end
):
    one = cuda.shared.array(LEFT_ROOM, NUMBER)
    two = cuda.shared.array(RIGHT_ROOM, NUMBER)
    run = np.uint64(cuda.blockIdx.x)
    layers, parameters = nodes.shape[0] - 1, nodes[nodes.shape[0] - 1, dense.PARAMETERS]
    order, key = orders[whose[run, ORDER]], keys[run]
    numbers, hyper, segments = tables[whose[run, TABLES]], hypers[run], parts[run]
    state, room = states[run], rooms[run]
    images_of_all = np.uint64(order.size)
    place = run * min(np.uint64(end - begin) * batch, images_of_all - np.uint64(begin) * batch)
    for step in range(begin, end):
        first = np.uint64(step) * batch
        count = min(batch, images_of_all - first)
        GATHER(nodes, images, order, first, count, room, ZERO, UNIT)
        cuda.syncthreads()
        for layer in range(layers):
            FORWARD(nodes, rates, state[0], room, layer, ZERO, count, key, step, True, one, two, ZERO, UNIT)
            cuda.syncthreads()
        ENTROPY(nodes, room, layers - 1, ZERO, count, count, labels, order, first, losses, place)
        place += count
        cuda.syncthreads()
        for layer in range(layers - 1, -1, -1):
            WEIGHT_GRADIENT(nodes, room, layer, count, one, two, ZERO, UNIT)
            if layer > 0:
                DELTA(nodes, rates, state[0], room, layer, count, key, step, one, two, ZERO, UNIT)
            cuda.syncthreads()
        UPDATE(state, room, parameters, numbers, step, hyper, segments, ZERO, UNIT)
        cuda.syncthreads()


@functools.cache
def fleet_kernel(formula: Formula, dtype: type, tiling: Tiling) -> Any:
    """The kernel of those runs of a fleet that follow a formula."""
    label, names = f"{formula.update.__name__}_{dtype.__name__}", dense.phases(dtype, tiling)
    frame = f"{dtype.__name__} {tiling} {rule_shape(formula)}"
    names |= network_update(formula, dtype)
    return backend.specialise(train_fleet, label, f"{fingerprint(formula)} {tiling}", frame=frame, **names)


class Part(NamedTuple):
    """The runs of a fleet that follow one rule, which have places side by side."""

    kernel: Any
    places: slice
    stream: Any


class Fleet:
    """Runs of one network without a convolution that differ in optimizer, hyperparameters, order and first weights.

    Each run comes out as it would with a `DeviceTraining` of its own.

    Parameters
    ----------
    plan : Plan
    formulas : sequence of Formula
        One for each run.
    hypers : sequence of (constants, groups) float32 or float64
        Likewise; all of the same type, which is that of what is trained.
    data : DeviceExamples
        To learn from.
    batch : int
        Images per step; the last step of an epoch takes what is left.
    segments : sequence of (2, n) int64, optional
        For each run which parameters belong to which group, see `optviz.kernels.training.train`.

    Raises
    ------
    UsageError
        If it is larger than the device's free memory, or if the network has a convolution.
    MissingError
        If there is no device.
    """

    def __init__(
        self,
        plan: Plan,
        formulas: Sequence[Formula],
        hypers: Sequence[np.ndarray],
        data: DeviceExamples,
        batch: int,
        segments: Sequence[np.ndarray] | None = None,
    ):
        if plan.filters:
            raise UsageError("networks with a convolution cannot share a CUDA device", "Train one at a time.")
        runs, dtype = len(formulas), cast(type, hypers[0].dtype.type)
        self._plan, self._dtype, self._data, self._batch, self._formulas = plan, dtype, data, batch, tuple(formulas)
        shape = runs, 1 + max(len(formula.slots) for formula in formulas), pitch(plan)
        nodes, rates, size = dense.room_of(plan, batch, dtype)
        backend.check_fits(
            f"training {runs:,} networks of {plan.parameters:,} parameters with {batch:,} images per step",
            self.size(plan, formulas, dtype, data.count, batch),
            "Train fewer or smaller ones at a time, take fewer images per step, or use --device cpu.",
        )
        rules = list(dict.fromkeys(formulas))
        numbers = [rules.index(formula) for formula in formulas]
        members = np.argsort(numbers, kind="stable").tolist()  # run after run, as they have places
        self._places = np.argsort(members).tolist()
        self._parts = list(self._parted([numbers.count(number) for number in range(len(rules))], rules))
        self._nodes, self._rates = backend.put(nodes), backend.put(rates)
        self._states, self._rooms = backend.put(np.zeros(shape, dtype)), backend.empty((runs, size), dtype)
        self._losses = backend.empty(runs * data.count, dtype)
        self._passes = Passes(plan, dtype, TESTED)
        self._hypers = backend.put(_stacked([hypers[run] for run in members]))
        # Segments without a parameter stand behind those of runs that have fewer.
        self._segments = backend.put(_stacked([segments[run] if segments else WHOLE for run in members]))
        self._whose = np.zeros((runs, 2), np.int64)
        self._epochs: dict[int, tuple[np.ndarray, int, np.ndarray]] = {}
        self._given: list[tuple] = []
        self._there: list[Any] = [None] * 4  # what the last epoch needed, of all runs

    def _parted(self, counts: Sequence[int], rules: Sequence[Formula]) -> Iterator[Part]:
        ends = itertools.pairwise(itertools.accumulate(counts, initial=0))
        for rule, (begin, end) in zip(rules, ends, strict=True):
            with backend.guarded():
                # Such a stream waits for what the default one was given, and that for it; those of two rules do not
                # wait for each other.
                stream = backend.cuda.stream() if len(rules) > 1 else 0
            yield Part(fleet_kernel(rule, self._dtype, LARGE), slice(begin, end), stream)

    @staticmethod
    def size(plan: Plan, formulas: Sequence[Formula], dtype: type, images: int, batch: int) -> int:
        """Bytes on the device that a fleet takes, but for the orders and tables of an epoch."""
        slots = max(len(formula.slots) for formula in formulas)
        numbers = (1 + slots) * pitch(plan) + dense.room_of(plan, batch, dtype)[2] + images
        return len(formulas) * numbers * np.dtype(dtype).itemsize + Passes.size(plan, dtype, TESTED)

    def load(self, run: int, state: np.ndarray) -> None:
        """Take over the parameters and state slots of a run, ``(1 + slots, parameters)``."""
        fill(self._states[self._places[run]], padded(state.astype(self._dtype), self._states.shape[1:]))

    def state(self, run: int) -> np.ndarray:
        """Parameters and state slots of a run as they are now, ``(1 + slots, parameters)``."""
        rows = 1 + len(self._formulas[run].slots)
        return backend.get(self._states[self._places[run]])[:rows, : self._plan.parameters]

    def begin(self, run: int, order: np.ndarray, key: int, tables: np.ndarray) -> None:
        """Prepare an epoch of a run; see `DeviceTraining.begin`. Equal orders and tables are on the device once."""
        self._epochs[self._places[run]] = np.asarray(order, np.int64), key, tables.astype(self._dtype)
        self._given = []

    def train(self, steps: range) -> np.ndarray:
        """Make some steps of all runs, in one launch for each rule; every run must have begun an epoch.

        Returns
        -------
        (runs, len(steps)) float64
            See `DeviceTraining.train`.
        """
        runs = len(self._formulas)
        if not steps:
            return np.empty((runs, 0))
        images = min(steps.stop * self._batch, self._data.count) - steps.start * self._batch
        data, span = (self._data.images, self._data.labels), (np.uint64(self._batch), steps.start, steps.stop)
        for part, given in zip(self._parts, self._given or self._upload(), strict=True):
            first, last = part.places.start, part.places.stop
            losses = self._losses[first * images : last * images]
            arrays = self._nodes, self._rates, *data, *given, losses
            backend.launch(part.kernel, last - first, LARGE.threads, *arrays, *span, stream=part.stream)
        found = backend.get(self._losses[: runs * images]).reshape(runs, images)
        return summed(found[self._places], steps, self._batch)

    def evaluate(self, run: int, data: DeviceExamples, other: np.ndarray | None = None) -> tuple[float, np.ndarray]:
        """The summed loss of a run on some images, and what it takes them for, (n,) uint8; nothing is dropped.

        Parameters other than those in training, (parameters,), may be tested.
        """
        if other is None:
            return self._passes.test(self._states[self._places[run]][0], data)
        row = backend.put(padded(other.astype(self._dtype), (pitch(self._plan),)))
        return self._passes.test(row, data)

    def _upload(self) -> list[tuple]:
        """What the epochs need, for each rule: orders, keys, tables, hyperparameters, and who has which of them."""
        orders: dict[bytes, tuple[int, np.ndarray]] = {}
        known: dict[tuple, tuple[int, np.ndarray]] = {}
        keys = np.zeros(len(self._formulas), np.uint64)
        for place, (order, key, tables) in sorted(self._epochs.items()):
            keys[place] = key
            self._whose[place, ORDER] = orders.setdefault(order.tobytes(), (len(orders), order))[0]
            same = tables.shape, tables.tobytes()
            self._whose[place, TABLES] = known.setdefault(same, (len(known), tables))[0]
        tables = _stacked([each for _, each in known.values()])
        stacked = np.stack([each for _, each in orders.values()])
        self._there = [
            _replaced(there, given)
            for there, given in zip(self._there, (stacked, keys, tables, self._whose), strict=True)
        ]
        chosen, words, numbers, whose = self._there
        for _, own, _ in self._parts:
            runs = self._hypers[own], self._segments[own], whose[own], self._states[own], self._rooms[own]
            self._given.append((chosen, words[own], numbers, *runs))
        return self._given


def _replaced(there: Any, numbers: np.ndarray) -> Any:
    """Numbers on the device, where others of their shape are if there are any."""
    if there is None or there.shape != numbers.shape:
        return backend.put(numbers)
    fill(there, numbers)
    return there


def _stacked(tables: Sequence[np.ndarray]) -> np.ndarray:
    """Tables of as many axes, each with zeros behind it: at least one number in each direction."""
    shape = np.maximum(1, np.max([table.shape for table in tables], axis=0))
    return np.stack([padded(table, tuple(shape)) for table in tables])

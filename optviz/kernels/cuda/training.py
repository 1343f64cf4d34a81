"""Training of one network with all of a CUDA device, many steps in a launch of their graph."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from optviz.kernels.cuda import backend
from optviz.kernels.cuda.backend import cuda
from optviz.kernels.cuda.clock import step_at, tick_kernel
from optviz.kernels.cuda.graphs import Graph
from optviz.kernels.cuda.images import DeviceExamples
from optviz.kernels.cuda.network_sums import Sums
from optviz.kernels.cuda.steps import Steps, fill, padded, pitch
from optviz.kernels.cuda.update import element_step
from optviz.kernels.cuda.value import launch_value
from optviz.kernels.rules import constant_count
from optviz.kernels.slots import take
from optviz.kernels.specialise import fingerprint
from optviz.kernels.training import END, GROUP, WHOLE
from optviz.networks import Plan
from optviz.optimizers import Formula

THREADS = 128  # of a block that updates parameters
TOGETHER = 32  # steps in a graph: enough that its launch costs little, few enough that little of an epoch is left over

# Bound by `network_update` and `network_kernel`.
UPDATE: Any = None  # the update of all parameters
ELEMENT: Any = None  # the step of one of them
SCALARS: Any = None  # reads the step scalars of a step
CONSTANTS: Any = None  # reads the rule's constants
STEP_AT: Any = step_at


def update(state, gradient, count, tables, step, hyper, segments, block, blocks):
    """Move the first `count` parameters, and their slots, against the gradient."""
    x, slots = state[0], state[1:]
    threads = np.uint64(cuda.blockDim.x)
    thread = block * threads + np.uint64(cuda.threadIdx.x)
    first = np.uint64(0)
    for segment in range(segments.shape[1]):
        last, group = min(count, np.uint64(segments[END, segment])), segments[GROUP, segment]
        scalars, constants = SCALARS(tables[group], step), CONSTANTS(hyper, group)
        for i in range(first + thread, last, blocks * threads):
            ELEMENT(x, gradient, slots, i, i, scalars, constants)
        first = last


def network_update(formula: Formula, dtype: type) -> Any:
    """`update` as a device function of a formula."""
    return backend.device_function(
        update,
        ELEMENT=element_step(formula, dtype),
        SCALARS=backend.twin(take(len(formula.scalar_names))),
        CONSTANTS=backend.twin(take(constant_count(formula))),
    )


def update_all(state, gradient, count, tables, clock, ahead, hyper, segments):
    block, blocks = np.uint64(cuda.blockIdx.x), np.uint64(cuda.gridDim.x)
    UPDATE(state, gradient, count, tables, STEP_AT(clock, ahead), hyper, segments, block, blocks)


def network_kernel(formula: Formula, dtype: type) -> Any:
    """``kernel(state, gradient, count, tables, clock, ahead, hyper, segments)``: an optimizer's step on a network."""
    label = f"{formula.update.__name__}_{dtype.__name__}"
    return backend.specialise(update_all, label, fingerprint(formula), UPDATE=network_update(formula, dtype))


class Update:
    """The update of a network by a rule that moves each parameter for itself."""

    def __init__(self, formula: Formula, dtype: type):
        self._kernel = network_kernel(formula, dtype)

    def move(
        self,
        state: Any,
        gradient: Any,
        count: int,
        tables: Any,
        clock: Any,
        ahead: np.uint64,
        hyper: Any,
        segments: Any,
        stream: Any,
    ) -> None:
        """Launch a step; the arguments are those of `network_kernel`."""
        given = state, gradient, np.uint64(count), tables, clock, ahead, hyper, segments
        backend.launch(self._kernel, -(-count // THREADS), THREADS, *given, stream=stream)


class DeviceTraining:
    """A network in training, its parameters, its optimizer's state and all that its steps compute.

    Parameters
    ----------
    plan : Plan
    formula : Formula
    hyper : (constants, groups) float32 or float64
        In the order of the formula's arguments. What is trained has the same type.
    data : DeviceExamples
    batch : int
        Images per step; the last step of an epoch takes what is left.
    segments : (2, n) int64, optional
        Which parameters belong to which group, see `optviz.kernels.training.train`.

    Raises
    ------
    UsageError
        If it is larger than the device's free memory.
    MissingError
        If there is no device.
    """

    def __init__(
        self,
        plan: Plan,
        formula: Formula,
        hyper: np.ndarray,
        data: DeviceExamples,
        batch: int,
        segments: np.ndarray = WHOLE,
    ):
        dtype = hyper.dtype.type
        self._plan, self._formula, self._dtype, self._data, self._batch = plan, formula, dtype, data, batch
        self._steps = Steps(plan, dtype, data, batch, (1 + len(formula.slots)) * pitch(plan))
        constants, groups = hyper.shape
        segments = np.stack([np.minimum(segments[END], plan.parameters), segments[GROUP]])
        self._hyper, self._segments = backend.put(padded(hyper, (max(constants, 1), groups))), backend.put(segments)
        self._update = Sums(formula, dtype, segments) if formula.sums else Update(formula, dtype)
        self._tables = backend.empty((groups, max(len(formula.scalar_names), 1), -(-data.count // batch)), dtype)
        self._graph = Graph()
        self._state = backend.put(np.zeros((1 + len(formula.slots), pitch(plan)), dtype))
        self._parameters = self._state[0]

    def load(self, state: np.ndarray) -> None:
        """Take over parameters and state slots, ``(1 + slots, parameters)``."""
        fill(self._state, padded(state.astype(self._dtype), self._state.shape))

    def state(self) -> np.ndarray:
        """Parameters and state slots as they are now, ``(1 + slots, parameters)``."""
        return backend.get(self._state)[:, : self._plan.parameters]

    def begin(self, order: np.ndarray, key: int, tables: np.ndarray) -> None:
        """Prepare an epoch: the `order` of its images, and the step scalars of its steps, (groups, scalars, steps).

        The 64 bits of `key` decide, with the step, what is dropped.

        Raises
        ------
        ValueError
            If the order is not one of all images, or a table not as long as the epoch.
        """
        self._steps.begin(order, key)
        groups, scalars, steps = tables.shape
        fill(self._tables, padded(tables.astype(self._dtype), (groups, max(scalars, 1), steps)))

    def train(self, steps: range) -> np.ndarray:
        """Make some steps of the epoch, counted from 0.

        Returns
        -------
        (len(steps),) float64
            The summed loss of each step's batch, before the step. After a loss that is not finite training goes on.
        """
        if not steps:
            return np.empty(0)
        whole = self._data.count // self._batch
        self._steps.start(steps.start)
        graphs = (min(steps.stop, whole) - steps.start) // TOGETHER if self._graph.ready else 0
        for _ in range(graphs):
            self._graph.launch()
        counts = self._steps.counts(steps[graphs * TOGETHER :])
        self._make(counts)
        if self._graph.wanted and whole >= TOGETHER and counts[0] == self._batch:
            self._tick(0)  # with which all is loaded that the graph needs
            self._graph.capture(self._make_whole)
        return self._steps.losses(steps)

    def evaluate(self, data: DeviceExamples, parameters: np.ndarray | None = None) -> tuple[float, np.ndarray]:
        """The summed loss on some images, and what the network takes them for, (n,) uint8; nothing is dropped.

        Other `parameters` than those in training may be tested.
        """
        return self._steps.test(self._parameters if parameters is None else self.placed(parameters), data)

    def placed(self, parameters: np.ndarray) -> Any:
        """Parameters, (parameters,), as a row on the device."""
        return self._steps.placed(parameters)

    def _make(self, counts: Sequence[int], stream: Any = 0) -> None:
        """Launch the steps with which the clock goes on, of so many images each."""
        for step, count in enumerate(counts):
            ahead = np.uint64(step)
            self._steps.launch_gradient(self._parameters, ahead, count, stream)
            now = self._tables, self._steps.clock, ahead
            if self._formula.takes_value:
                launch_value(self._steps.all_losses, *now, count, stream)
            numbers = *now, self._hyper, self._segments
            self._update.move(self._state, self._steps.gradient, self._plan.parameters, *numbers, stream)

    def _make_whole(self, stream: Any) -> None:
        """Launch the steps of a graph, at whose end the clock shows the next."""
        self._make([self._batch] * TOGETHER, stream)
        self._tick(TOGETHER, stream)

    def _tick(self, steps: int, stream: Any = 0) -> None:
        backend.launch(tick_kernel(), 1, 1, self._steps.clock, np.uint64(steps), stream=stream)

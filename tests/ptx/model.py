"""The performance model of the CUDA kernels: what each must move and compute, and the bounds that follow.

Everything is for float32. No GPU is asked. `tests.ptx.model_tables` says what comes out, ``docs/gpu.md`` explains it.
"""

import inspect
from collections import Counter
from collections.abc import Callable
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from optviz.functions import REGISTRY as FUNCTIONS
from optviz.kernels.cuda import convolution, passes, training
from optviz.kernels.cuda.products import LARGE, Tiling
from optviz.networks import Plan, pooled
from optviz.optimizers import Setting, configure
from tests.ptx.operations import operations

SIZE = 4  # bytes of a number

# Instructions of machine code. Those of a division and a root were counted in assembled code, as were those of the
# batch kernel's loop around gradient and update; `test_model` counts again.
INSTRUCTIONS = {"/": 16, "sqrt": 15}
LOOP = 32

# Assumptions, in microseconds.
START, ARRAY, NUMBER = 7.0, 4.0, 1.0  # of a launch on the processor: for itself, for each array, for each number
GAP = 2.0  # between two launches on the device
TRIP = 0.4  # a read of memory that another one waits for
ARRAYS = {"nodes", "rates", "parameters", "images", "order", "room", "labels", "losses", "out", "winners", "outputs"}
ARRAYS |= {"deltas", "partial", "gradient", "state", "table", "hyper", "clock"}

BATCH = 64  # images
NODES = 2  # waits before a product: for where its factors are, and for where the first of them is


class Card(NamedTuple):
    """A GPU: what its data sheet says, and what a multiprocessor of its architecture does in a clock.

    Attributes
    ----------
    name : str
    memory : float
        GB/s.
    single, double : float
        TFLOP/s in float32 and float64.
    processors : int
    lanes : int
        Float32 instructions that a multiprocessor starts in a clock.
    """

    name: str
    memory: float
    single: float
    double: float
    processors: int
    lanes: int

    def rate(self, each: int) -> float:
        """What happens in a microsecond if a multiprocessor does so much in a clock; data sheets count fused pairs."""
        return self.single * 1e6 / 2 * each / self.lanes

    def share(self, blocks: int) -> float:
        """Of the arithmetic that so many blocks can use."""
        return min(1.0, blocks / self.processors)


ISSUE, SPECIAL = 128, 16  # instructions of any kind, and roots and reciprocals, that a multiprocessor starts in a clock
CARDS = (
    Card("A100 SXM 40 GB", 1555, 19.5, 9.7, 108, 64),
    Card("A100 SXM 80 GB", 2039, 19.5, 9.7, 108, 64),
    Card("H100 SXM 80 GB", 3350, 66.9, 33.5, 132, 128),
)


def arithmetic(count: int, found: Counter[str], others: int, card: Card) -> float:
    """Microseconds of `count` times some operations and so many instructions beside them; memory is no part of it."""
    own = instructions(found)
    special = found["sqrt"] + found["/"]
    return count * max(own / card.rate(card.lanes), (own + others) / card.rate(ISSUE), special / card.rate(SPECIAL))


class Launch(NamedTuple):
    """A kernel at work.

    Attributes
    ----------
    name : str
    template : function
        Whose arguments are passed.
    blocks : int
    flops, bytes : float
    trips : int
        Reads of memory that wait for each other, of a block.
    """

    name: str
    template: Callable
    blocks: int
    flops: float
    bytes: float
    trips: int

    def bound(self, card: Card) -> float:
        """Microseconds that memory and arithmetic need."""
        return max(self.bytes / card.memory / 1e3, self.flops / (card.single * card.share(self.blocks)) / 1e6)

    def expected(self, card: Card) -> float:
        """The same, or what waiting for memory needs."""
        return max(self.bound(card), self.trips * TRIP)

    def host(self) -> float:
        """Microseconds of the processor."""
        names = list(inspect.signature(self.template).parameters)
        arrays = len(ARRAYS.intersection(names))
        return START + ARRAY * arrays + NUMBER * (len(names) - arrays)


# Updates and batches.


def of_rule(setting: Setting) -> Counter[str]:
    """The operations of one element."""
    return operations(setting.formula.update, ("x", "g", *setting.formula.slots))


def instructions(found: Counter[str]) -> int:
    """Of machine code; where a product and a sum become one, one more than there are."""
    return sum(count * INSTRUCTIONS.get(name, 1) for name, count in found.items())


def moved(setting: Setting) -> int:
    """Bytes of an element in an update: parameter, gradient and slots are read, parameter and slots written."""
    return SIZE * (3 + 2 * len(setting.formula.slots))


def update_time(setting: Setting, count: int, card: Card) -> float:
    """Microseconds."""
    return max(count * moved(setting) / card.memory / 1e3, arithmetic(count, of_rule(setting), 0, card))


def of_run_step() -> Counter[str]:
    """The operations of a step of Adam on Rosenbrock's function, in a batch."""
    rule = of_rule(configure("adam"))
    return operations(FUNCTIONS["rosenbrock"].gradient, ("x", "y")) + rule + rule


def run_bytes() -> int:
    """Of a run in a batch's launch: iterate and slots and the count of its iterates, read and written."""
    return 2 * (SIZE * 2 * (1 + len(configure("adam").formula.slots)) + 4)


# Networks.


def tiling(height: int, width: int) -> Tiling:
    return passes._tiling(height, width)


def product_trips(shape: Tiling, height: int, width: int, depth: int, blocks: int) -> int:
    """A part of the depth is fetched while another is multiplied."""
    part = (shape.narrow if width <= shape.narrow.columns else shape.wide).depth
    return -(-shape.tiles(height, width) // blocks) * (-(-depth // part) + 1)


def step(plan: Plan, rule: str, count: int = BATCH) -> list[Launch]:
    """The launches of a training step."""
    sizes, pixels, first = plan.sizes, plan.shape[0] * plan.shape[1], bool(plan.filters)
    convolved = front(plan, count) if first else []
    gather = Launch("gather", passes.gather_inputs, count, count * pixels, count * pixels * (1 + SIZE), 3)
    found = convolved[:1] or [gather]
    for layer, (a, b) in enumerate(pairwise(sizes)):
        last, shape = layer == len(sizes) - 2, tiling(count, b)
        flops, numbers = 2 * count * a * b + count * b, count * a + a * b + b + count * b
        blocks = shape.tiles(count, b)
        trips = NODES + product_trips(shape, count, b, a, blocks)
        if last:  # the deltas as well; a thread goes over the logits of an image three times
            blocks, trips = -(-count // shape.rows), trips + 3 * b
            flops, numbers = flops + 5 * count * b, numbers + count * b
        template = passes.last_layer if last else passes.hidden_layer
        found.append(Launch(f"forward {a}-{b}" + ", loss" * last, template, blocks, flops, SIZE * numbers, trips))
    for layer in reversed(range(len(sizes) - 1)):
        a, b = sizes[layer : layer + 2]
        shape, inner = tiling(a + 1, b), layer > 0 or first
        flops, numbers = 2 * count * (a + 1) * b, count * (a + b) + (a + 1) * b
        blocks = shape.tiles(a + 1, b)
        trips = NODES + product_trips(shape, a + 1, b, count, blocks)
        if inner:
            tiles = shape.tiles(count, a)
            flops, numbers = flops + 2 * count * a * b, numbers + count * b + a * b + 2 * count * a
            blocks, trips = blocks + tiles, max(trips, NODES + product_trips(shape, count, a, b, tiles))
        found.append(Launch(f"backward {a}-{b}", passes.backward_layer, blocks, flops, SIZE * numbers, trips))
    setting, parameters = configure(rule), plan.parameters
    blocks, flops = -(-parameters // training.THREADS), parameters * of_rule(setting).total()
    update = Launch("update", training.update_all, blocks, flops, parameters * moved(setting), 2)
    return [*found, *convolved[1:], update]


def front(plan: Plan, count: int) -> list[Launch]:
    """Those of a convolution; as if no cell were dark and every winner above zero."""
    width, units = plan.shape[1], count * plan.sizes[0]
    lines, strips, lanes, groups = convolution.division(plan, np.float32)
    blocks, cells = count * strips * groups, lines * pooled(width) // (convolution.THREADS // lanes)
    pixels, partial = blocks * (2 * lines + 2) * width, count * strips * plan.front * SIZE
    rows = -(-count * strips // (convolution.THREADS // int(convolution.SUM_COLUMNS)))
    sums = -(-plan.front // int(convolution.SUM_COLUMNS))
    return [
        Launch("convolution", convolution.forward, blocks, 72 * units, pixels + units * (SIZE + 1), 3),
        Launch("its gradient", convolution.backward, blocks, 21 * units, pixels + units * 9 + partial, 3 + cells),
        Launch("sum over strips", convolution.add_strips, sums, partial / SIZE, partial + SIZE * plan.front, rows),
    ]


def fleet_step(plan: Plan, rule: str, runs: int) -> Launch:
    """A step of a fleet: what its blocks do between two meetings, one after another."""
    blocks = [launch._replace(blocks=runs) for launch in step(plan, rule)]
    trips, threads = 2 * BATCH, LARGE.threads  # the images of a batch, each found in the order
    for a, b in pairwise(plan.sizes):
        trips += product_trips(LARGE, BATCH, b, a, 1) + product_trips(LARGE, a + 1, b, BATCH, 1)
    for a, b in pairwise(plan.sizes[1:]):
        trips += product_trips(LARGE, BATCH, a, b, 1)
    trips += 3 * plan.sizes[-1] + -(-plan.parameters // threads)
    flops, size = (runs * sum(getattr(launch, what) for launch in blocks) for what in ("flops", "bytes"))
    return Launch("fleet", passes.gather_inputs, runs, flops, size, trips)

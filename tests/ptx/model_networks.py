"""The performance model of training: the launches of a step, and what the processor and the card need for them.

Everything is for float32; see `tests.ptx.model`.
"""

import inspect
from collections.abc import Callable
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from optviz.kernels.cuda import convolution, passes, training
from optviz.kernels.cuda.products import LARGE, Tiling
from optviz.networks import Plan, pooled
from optviz.optimizers import configure
from tests.ptx.cards import Card
from tests.ptx.model import SIZE, TRIP, moved, of_rule
from tests.ptx.occupancy import active_blocks

# Assumptions, in microseconds.
START, ARRAY, NUMBER = 7.0, 4.0, 1.0  # of a launch on the processor: for itself, for each array, for each number
GAP = 2.0  # between two launches on the device
GRAPH = 10.0  # of the launch of a graph on the processor, however many kernels it has
NODE = 1.5  # between two kernels of a graph on the device
ARRAYS = {"nodes", "rates", "parameters", "images", "order", "room", "labels", "losses", "out", "winners", "outputs"}
ARRAYS |= {"deltas", "partial", "gradient", "state", "table", "hyper", "clock"}

BATCH = 64  # images
NODES = 2  # waits before a product: for where its factors are, and for where the first of them is
# Registers of a thread in a fleet's kernel, by the rules that it holds; `test_model` assembles that of one again.
FLEETS = {"one": 128, "all seven": 168}
FLEET_SHARED = 8320  # bytes of a block


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


def processor(found: list[Launch], graphs: bool = False) -> float:
    """Microseconds of the processor for a step."""
    return GRAPH / training.TOGETHER if graphs else sum(launch.host() for launch in found)


def device(found: list[Launch], card: Card, graphs: bool = False) -> float:
    """Microseconds of the card for a step."""
    return sum(launch.expected(card) + (NODE if graphs else GAP) for launch in found)


def step_time(found: list[Launch], card: Card, graphs: bool = False) -> float:
    """Microseconds of a step among many: the processor prepares the next ones while the card works."""
    return max(processor(found, graphs), device(found, card, graphs))


class Fleet(NamedTuple):
    """A step of many small networks in one launch.

    Attributes
    ----------
    blocks : int
        That a multiprocessor holds at a time.
    waves : int
        One after another, until all have been there.
    trips : int
        Reads of memory of a network that wait for each other.
    flops : float
        Of a network.
    time : float
        Microseconds.
    """

    blocks: int
    waves: int
    trips: int
    flops: float
    time: float


def fleet(plan: Plan, rule: str, runs: int, card: Card, rules: str = "one") -> Fleet:
    """What blocks do between two meetings, one after another, of as many networks as the card holds."""
    trips, threads = 2 * BATCH, LARGE.threads  # the images of a batch, each found in the order
    for a, b in pairwise(plan.sizes):
        trips += product_trips(LARGE, BATCH, b, a, 1) + product_trips(LARGE, a + 1, b, BATCH, 1)
    for a, b in pairwise(plan.sizes[1:]):
        trips += product_trips(LARGE, BATCH, a, b, 1)
    trips += 3 * plan.sizes[-1] + -(-plan.parameters // threads)
    blocks = active_blocks(card.assembled, threads, FLEETS[rules], FLEET_SHARED)
    waves = -(-runs // (blocks * card.processors))
    beside = -(-runs // (waves * card.processors))  # networks of a multiprocessor
    flops = sum(launch.flops for launch in step(plan, rule))
    size = runs * sum(launch.bytes for launch in step(plan, rule)) / waves
    arithmetic = flops * beside / (card.single / card.processors) / 1e6
    return Fleet(blocks, waves, trips, flops, waves * max(trips * TRIP, arithmetic, size / card.memory / 1e3))

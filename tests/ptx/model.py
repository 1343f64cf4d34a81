"""The performance model of the CUDA kernels: what updates and batches must move and compute, and what follows.

Everything is for float32. No GPU is asked. `tests.ptx.model_networks` has the training, `tests.ptx.model_tables` says
what comes out, ``docs/gpu.md`` explains it.
"""

import math
from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from optviz.functions import REGISTRY as FUNCTIONS
from optviz.kernels.cuda import tile
from optviz.kernels.cuda import update as kernel
from optviz.optimizers import Setting, configure
from tests.ptx.cards import Card
from tests.ptx.occupancy import WARP, active_blocks
from tests.ptx.operations import operations

SIZE = 4  # bytes of a number
THREADS = 128  # of a block that steps arrays, on a card

# Instructions of machine code. Those of a division and a root were counted in assembled code, as were those of the
# batch kernel's loop around gradient and update; `test_model` counts again.
INSTRUCTIONS = {"/": 16, "sqrt": 15}
LOOP = 32
ISSUE, SPECIAL = 128, 16  # instructions of any kind, and roots and reciprocals, that a multiprocessor starts in a clock

# Of an update besides its formula: of each thread, of each look at the table, of each number that is read or written.
THREAD, SEARCH, ACCESS = 40, 10, 3
# Registers of a thread in the kernels of arrays, the most of sm_80, 90 and 100; `test_model` assembles them again.
REGISTERS = {
    "sgd": 21, "momentum": 30, "nesterov": 30, "adagrad": 40, "adadelta": 46, "rmsprop": 38, "adam": 44,
    "lookahead(adam)": 52, "adan": 56,
}  # fmt: skip

# Assumptions, in microseconds, each of which the page names.
TRIP = 0.4  # a read of memory that another one waits for, where little else is read
LOADED = 0.7  # one while the memory is busy
CACHED = 0.15  # a read of the table, which the second-level cache holds
BEGIN = 0.2  # from the end of a block to the first instruction of the one in its place
REACH = 0.92  # of the data sheet's bandwidth that the driver's own copy reaches

# Instructions of a normal number of noise, in float32 and in float64, where so many are float64 sums, products and
# comparisons, and divisions and roots, which take so many for themselves, so many of which are float64's own.
DRAW, DOUBLE_DRAW = 200, 350
DOUBLES, DOUBLE_ROOTS = 53, 3
DOUBLE_ROOT, OWN_OF_ROOT = 25, 10


def arithmetic(count: float, found: Counter[str], others: float, card: Card) -> float:
    """Microseconds of `count` times some operations and so many instructions beside them; memory is no part of it."""
    own = instructions(found)
    special = found["sqrt"] + found["/"]
    return count * max(own / card.rate(card.lanes), (own + others) / card.rate(ISSUE), special / card.rate(SPECIAL))


def of_rule(setting: Setting) -> Counter[str]:
    """The operations of one element."""
    return operations(setting.formula.update, ("x", "g", *setting.formula.slots))


def instructions(found: Counter[str]) -> int:
    """Of machine code; where a product and a sum become one, one more than there are."""
    return sum(count * INSTRUCTIONS.get(name, 1) for name, count in found.items())


# Updates of arrays.


class Update(NamedTuple):
    """A step of arrays on a card, in microseconds.

    Attributes
    ----------
    memory : float
        Until everything is moved, with as many requests under way as the kernel has.
    issue : float
        Until all instructions are started.
    fill : float
        Of the first block and of the last, while the card is not busy.
    room : float
        How many times what a copy's bandwidth needs a multiprocessor has asked for at a time.
    spare : float
        How many times faster than a copy's bandwidth instructions are started, in large arrays.
    held : float
        Bytes that a multiprocessor has asked for at a time.
    """

    memory: float
    issue: float
    fill: float
    room: float
    spare: float
    held: float

    @property
    def share(self) -> float:
        """Of the bandwidth of a copy that large arrays reach."""
        return min(1.0, self.room, self.spare)

    @property
    def total(self) -> float:
        return max(self.memory, self.issue) + self.fill


def moved(setting: Setting) -> int:
    """Bytes of an element in an update: parameter, gradient and slots are read, parameter and slots written."""
    return SIZE * (3 + 2 * len(setting.formula.slots))


def update(setting: Setting, counts: Sequence[int], card: Card, each: int | None = None) -> Update:
    """The step of a rule on arrays of some sizes; `each` is how many numbers of an array a thread reads at a time."""
    slots, found = len(setting.formula.slots), of_rule(setting)
    reads, writes, each = 2 + slots, 1 + slots, each or kernel.BYTES // SIZE
    blocks = active_blocks(card.assembled, THREADS, REGISTERS.get(setting.short_text, 40 + 4 * slots), 0)
    blocks = min(blocks, card.architecture.warps * WARP // THREADS)
    looks = math.ceil(math.log2(len(counts))) + 1 if len(counts) > 1 else 1
    held = blocks * THREADS * each * SIZE * reads
    others = (THREAD + SEARCH * looks) / each + ACCESS * (reads + writes)
    tiles = sum(-(-count // (THREADS * each)) for count in counts)
    # A block reads the table, then its numbers; while it computes others read.
    life = BEGIN + CACHED * looks + LOADED
    offered = held / life * (reads + writes) / reads  # bytes in a microsecond of a multiprocessor, written ones too
    copy = REACH * card.memory * 1e3 / card.processors
    count = tiles * THREADS * each if tiles > len(counts) else sum(counts)
    issue = arithmetic(count, found, others, card)
    memory = sum(counts) * moved(setting) / (min(offered, copy) * card.processors)
    spare = moved(setting) / (REACH * card.memory * 1e3) / arithmetic(1, found, others, card)
    return Update(memory, issue, life, offered / copy, spare, held)


# Many runs at once.


def of_run_step() -> Counter[str]:
    """The operations of a step of Adam on Rosenbrock's function, in a batch."""
    rule = of_rule(configure("adam"))
    return operations(FUNCTIONS["rosenbrock"].gradient, ("x", "y")) + rule + rule


def run_bytes() -> int:
    """Of a run in a batch's launch: iterate and slots and the count of its iterates, read and written."""
    return 2 * (SIZE * 2 * (1 + len(configure("adam").formula.slots)) + 4)


def batch_time(starts: int, steps: int, card: Card, *, draws: int = 0, double: bool = False) -> float:
    """Microseconds of Adam on Rosenbrock's function: `draws` of noise a step, everything in float64 or float32."""
    found, whole = of_run_step(), starts * steps
    memory = starts * run_bytes() * (1 + double) / card.memory / 1e3
    if not double:
        return max(arithmetic(whole, found, LOOP + draws * DRAW, card), memory)
    hard = found["sqrt"] + found["/"]
    plain = found.total() - hard
    own = plain + OWN_OF_ROOT * hard + draws * (DOUBLES + DOUBLE_ROOTS * OWN_OF_ROOT)
    others = plain + DOUBLE_ROOT * hard + LOOP + draws * DOUBLE_DRAW
    return max(whole * others / card.rate(ISSUE), whole * own / card.rate(card.lanes / card.double), memory)


class Wide(NamedTuple):
    """Runs of Adam in many dimensions.

    Attributes
    ----------
    wide : bool
        Whether iterate and state stay in the card's memory between two steps.
    own : int
        Bytes of a thread's own memory otherwise.
    kept : int
        Bytes of a run in the card's memory.
    moved : int
        Bytes of a run that a step reads and writes there.
    """

    wide: bool
    own: int
    kept: int
    moved: int


def many_coordinates(dimension: int) -> Wide:
    formula, function = configure("adam").formula, FUNCTIONS["rosenbrock"].in_dimension(dimension)
    slots, wide = len(formula.slots), tile.is_wide(formula, function, np.float32)
    kept = SIZE * (dimension * (1 + slots) + tile.rooms(formula, function, np.float32))
    # The iterate is looked at, read for the gradient, and read and written by the rule; the gradient written and read.
    moved = SIZE * dimension * (6 + 2 * slots) * wide
    return Wide(wide, 0 if wide else SIZE * tile.own_numbers(formula, function), kept, moved)

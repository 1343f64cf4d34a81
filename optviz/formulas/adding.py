"""In which order sums over elements are made: the same for any number of threads, in every kernel and in plain Python.

An array is cut into blocks of 4096 elements, in the order of memory. Of a block 64 lanes are summed, lane l from
elements l, l + 64, l + 128 and so on; then lane l takes in lane l + 32 for each l below 32, lane l + 16 for each below
16, and so on, until lane 0 holds all. The blocks are joined in pairs, 0 with 1, 2 with 3; then the pairs in pairs.
Sums of several arrays are joined in pairs likewise, in the order in which the arrays are given.
"""

from collections.abc import Callable, Sequence
from math import inf
from typing import Any

from optviz.formulas.formula import Formula
from optviz.formulas.sums import split
from optviz.formulas.words import Word

LANES, BLOCK = 64, 4096


def nothing(word: Word) -> float:
    """What a lane begins with."""
    return -inf if word.is_largest else 0.0


def joined(word: Word, a: Any, b: Any) -> Any:
    """Two sums as one; of the larger of two numbers NaN is the larger."""
    if word.is_largest:
        return a if a >= b or a != a else b
    return a + b


def in_pairs(word: Word, parts: Sequence[Any]) -> Any:
    """The sums of several blocks, or of several arrays, as one."""
    row = list(parts)
    while len(row) > 1:
        pairs = [joined(word, *row[k : k + 2]) for k in range(0, len(row) - 1, 2)]
        row = pairs + row[2 * len(pairs) :]
    return row[0]


def folded(word: Word, values: Sequence[Any]) -> Any:
    """The sum, mean or largest of all elements of an array, given in the order of memory."""
    parts = []
    for first in range(0, len(values), BLOCK):
        lanes = [nothing(word)] * LANES
        for i, value in enumerate(values[first : first + BLOCK]):
            lanes[i % LANES] = joined(word, lanes[i % LANES], value)
        half = LANES // 2
        while half:
            lanes[:half] = [joined(word, lanes[k], lanes[k + half]) for k in range(half)]
            half //= 2
        parts.append(lanes[0])
    whole = in_pairs(word, parts)
    return whole / len(values) if word.is_mean else whole


def moved(
    formula: Formula,
    x: Sequence[Any],
    g: Sequence[Any],
    slots: Sequence[Sequence[Any]],
    scalars: Sequence[Any],
    hyper: Sequence[Any],
    carried_out: Callable[[Callable, Sequence[Any], int], tuple] | None = None,
) -> tuple[list[tuple], list[tuple]]:
    """One step of all coordinates of a point, in plain Python.

    Parameters
    ----------
    formula : Formula
        Of any kind that moves one element after the other.
    x, g : sequence of d numbers
    slots : sequence of d sequences
        The state of each coordinate.
    scalars : sequence of numbers
        The value, if the formula takes it, and the step scalars.
    hyper : sequence of numbers
        The formula's hyperparameters.
    carried_out : callable, optional
        ``carried_out(function, arguments, count)`` gives `count` results of a function as a tuple; by default it is
        called.

    Returns
    -------
    given : list of d tuples
        What the update of ``split(formula).formula`` took for each coordinate.
    results : list of d tuples
        The next x and the next state of each.
    """
    passes = split(formula)
    call = carried_out or _called
    count = formula.takes_value
    value, rest = scalars[:count], scalars[count:]
    known: list[Any] = []

    def given() -> list[tuple]:
        sums = [*known, *[0.0] * (len(passes.totals) - len(known))]
        each = zip(x, g, slots, strict=True)
        return [(at, slope, *own, *value, *sums, *rest, *hyper) for at, slope, own in each]

    for level in passes.levels:
        terms = [call(level.terms, one, len(level.totals)) for one in given()]
        known += [folded(one.word, column) for one, column in zip(level.totals, zip(*terms, strict=True), strict=True)]
    inputs = given()
    return inputs, [call(passes.formula.update, one, 1 + len(formula.slots)) for one in inputs]


def probed(
    formula: Formula,
    x: Sequence[Any],
    g: Sequence[Any],
    slots: Sequence[Sequence[Any]],
    scalars: Sequence[Any],
    hyper: Sequence[Any],
) -> list[Any]:
    """The point at which a formula takes its gradient, which may be the iterate; arguments as for `moved`."""
    look = formula.look
    return list(x) if look is None else [after[0] for after in moved(look, x, g, slots, scalars, hyper)[1]]


def _called(function: Callable, arguments: Sequence[Any], count: int) -> tuple:
    result = function(*arguments)
    return result if isinstance(result, tuple) else (result,)

"""What stands below the cells of an explanation, and how far each column reaches."""

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from optviz.figures.engine.text import shortened, width, wrapped
from optviz.figures.engine.wording import MINUS, gap, number, rate
from optviz.results.explanation import MOVE, Explanation, Quantity

BURST = 5.0  # times the first step a run that diverges may be long and still be drawn whole
FITS = 0.2, 4.0  # lengths of moves, in learning rates, beside which a box of one learning rate says something
BREAKS = re.compile(" (?=[+−] |if |else )")  # of formulas
ROOM = 1.3  # times that box a column reaches at least


@dataclass(frozen=True)
class Reach:
    """How much the edge of a column's cells stands for.

    Attributes
    ----------
    most : float
        At half the height of a cell; of a `move` in learning rates where it has a `box`.
    words : str
    box : bool
        Whether moves are counted in learning rates, and a box of one is drawn.
    """

    most: float
    words: str
    box: bool = False


def shown(told: Explanation, column: Quantity) -> np.ndarray:
    """(steps, 2) float64: what a column draws: of points and moves how far they lie from the iterate."""
    return column.values - iterates(told) if column.kind == "point" else column.values


def before(told: Explanation, column: Quantity) -> np.ndarray | None:
    """(steps, 2) float64: what a column drew a step ago, likewise."""
    if column.before is None:
        return None
    return column.before - iterates(told) if column.kind == "point" else column.before


def iterates(told: Explanation) -> np.ndarray:
    """(steps, 2) float64: the iterates before each step."""
    return told.points[told.first - 1 : -1]


def reaches(told: Explanation) -> dict[str, Reach]:
    """How far each column reaches, by key."""
    with np.errstate(all="ignore"):
        return {column.key: _reach(told, column) for column in told.columns}


def _reach(told: Explanation, column: Quantity) -> Reach:
    drawn = [shown(told, column)]
    if column.inside:
        drawn.append(told.quantity(column.inside).values)
    rates = told.learning_rates
    if column.key == MOVE and rates is not None and (rates > 0).all():
        most = _longest(told, [drawn[0] / rates[:, None]])
        if FITS[0] <= most <= FITS[1]:
            same = (rates == rates[0]).all()
            return Reach(max(ROOM, 1.08 * most), f"dashed: ±lr = ±{rate(rates[0])}" if same else "dashed: ±lr", True)
    earlier = before(told, column)
    most = _longest(told, drawn + ([] if earlier is None else [earlier]))
    if not most:
        return Reach(1.0, "0 throughout")
    most = _rounded_up(1.04 * most)
    where = " from x" if column.kind == "point" and column.key != MOVE else ""
    return Reach(most, f"edge ±{number(most, 2)}{where}")


def _longest(told: Explanation, arrays: Sequence[np.ndarray]) -> float:
    """The largest number of some arrays of steps; of a run that diverges what is not out of all proportion."""
    rows = np.max([np.abs(np.where(np.isfinite(one), one, 0.0)).max(axis=1) for one in arrays], axis=0)
    if told.diverged_at is not None and rows[0] > 0:
        rows = np.minimum(rows, BURST * rows[0])
    return float(rows.max())


def _rounded_up(value: float) -> float:
    """A number with two digits that is not below another one."""
    power = 10.0 ** (math.floor(math.log10(value)) - 1) if value > 1e-290 else 0.0
    return math.ceil(value / power) * power if power else value


def formula_lines(formula: str, room: float, size: float, most: int) -> list[str]:
    """A formula in lines, broken before its signs where that can be; what has no room is left out at the end."""
    lines: list[str] = []
    for piece in BREAKS.split(formula):
        joined = f"{lines[-1]} {piece}" if lines else piece
        if lines and width(joined, size) <= room:
            lines[-1] = joined
        else:
            lines += wrapped(piece, room, size)
    if len(lines) > most:
        lines = [*lines[: most - 1], shortened(" ".join(lines[most - 1 :]), room, size)]
    return lines


def numbers(column: Quantity, row: int) -> list[str]:
    """The values of a row in x and y."""
    return ["–" if math.isnan(one) else number(one) for one in column.values[row].tolist()]


def equation(told: Explanation, row: int, axis: int, short: bool) -> str:
    """The move of a row in numbers, in x or y: the whole formula, or how far it leads."""
    at, end = (float(told.points[told.first - 1 + row + k, axis]) for k in (0, 1))
    with np.errstate(all="ignore"):
        step = float(np.float64(end) - at)
    if short or not told.equation:
        sign = MINUS if step < 0 else "+"
        return f"{number(at)} {sign} {number(abs(step))} = {number(end)}"
    parts = [number(one) for one in told.operands[row, axis].tolist()]
    texts = [f"({one})" if k and one.startswith(MINUS) else one for k, one in enumerate(parts)]
    return f"{told.equation.format(*texts)} = {number(end)}"


def every_equation(told: Explanation, short: bool) -> list[str]:
    """The moves of all rows in numbers, in x and y."""
    return [equation(told, row, axis, short) for row in range(told.steps) for axis in (0, 1)]


def heights(told: Explanation, row: int) -> tuple[str, str, bool | None]:
    """The height before and after a step in words, and whether it is lower after it."""
    first, last = (float(told.gap[told.first - 1 + row + k]) for k in (0, 1))
    known = np.isfinite(told.landscape.minimum) and not told.landscape.searched
    words = gap if known else number
    lower = None if math.isnan(last) or first == last else last < first
    return words(first), "undefined" if math.isnan(last) else words(last), lower

"""Axes of small panels: what is shown, where labels stand, and never two of them closer than they can be read."""

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from optviz.figures.engine.text import width
from optviz.figures.engine.wording import number
from optviz.figures.ticks import spacing

MANTISSAS = ((1,), (1, 3), (1, 2, 5), (1, 1.5, 2, 3, 5, 7), (1, 1.2, 1.5, 2, 2.5, 3, 4, 5, 6, 7, 8, 9))
LEAST_SPAN = 0.4  # decades: a range narrower than this would make noise look like a difference


@dataclass(frozen=True)
class Axis:
    """One axis.

    Attributes
    ----------
    low, high : float
        Its ends, in the units of `unit`.
    unit : function
        From a quantity (array) to what the axis shows evenly spaced.
    ticks : tuple of (position, label)
        Positions in the units of `unit`.
    """

    low: float
    high: float
    unit: Callable[[np.ndarray], np.ndarray]
    ticks: tuple[tuple[float, str], ...]

    def share(self, quantity: np.ndarray) -> np.ndarray:
        """Where a quantity stands between the ends, as 0 to 1."""
        return (self.unit(np.asarray(quantity, float)) - self.low) / (self.high - self.low)


def loss_axis(values: np.ndarray, room: float, gap: float = 28) -> Axis:
    """A logarithmic axis for losses.

    Parameters
    ----------
    values : (n,) float64
        Everything that is shown; may be empty.
    room, gap : float
        The axis's length, and the least distance of two labels, in pixels.
    """
    low, high = _ends(_log(values))
    ticks = [(math.log10(value), number(value)) for value in _decimals(low, high, room, gap)]
    return Axis(low, high, _log, tuple(ticks))


def accuracy_axis(values: np.ndarray, room: float, gap: float = 28) -> Axis:
    """An axis for accuracies of 0 to 1 on which each halving of the error takes the same room.

    It shows 0.97 and 0.99 as far apart as they are in effort, three times fewer errors, and still has a place for
    0.46. Parameters as for `loss_scale`.
    """
    low, high = _ends(_effort(values))
    low = max(0.0, low)
    ticks = [(-math.log10(error), f"{number(100 - 100 * error, 6)}%") for error in _decimals(-high, -low, room, gap)]
    return Axis(low, high, _effort, tuple(sorted(ticks)))


def count_axis(last: int, room: float, size: float) -> Axis:
    """An axis for epochs 1 to `last`, with half an epoch beside a single one; both ends are labelled.

    Parameters
    ----------
    last : int
    room, size : float
        The axis's length and the font size in pixels.
    """
    side = 0.5 if last == 1 else 0.0
    widest = width(str(last), size) + size / 2
    far = widest * max(1, last - 1) / room
    step = next(step for step in _steps(1) if step != 2 and step >= far)
    inner = [tick for tick in range(step, last, step) if tick - 1 >= far and last - tick >= far]
    ticks = dict.fromkeys([1, *inner, last])
    return Axis(1 - side, last + side, _same, tuple((float(tick), str(tick)) for tick in ticks))


def time_axis(longest: float, room: float, size: float) -> Axis:
    """An axis for seconds, or epochs, from 0 to a little beyond `longest`; other parameters as for `count_axis`."""
    high = 1.05 * longest or 1.0
    for count in range(8, 0, -1):
        step = spacing(high, count)
        ticks = [round(step * index, 12) for index in range(int(high / step) + 1)]
        labels = [number(tick) for tick in ticks]
        if step * room / high >= max(width(label, size) for label in labels) + size:
            break
    return Axis(0.0, high, _same, tuple(zip(ticks, labels, strict=True)))


def log_axis(low: float, high: float, room: float, size: float) -> Axis:
    """A logarithmic axis that ends at `low` and `high`, both above 0; other parameters as for `count_axis`."""
    ends = math.log10(low), math.log10(high)
    if ends[1] - ends[0] < LEAST_SPAN:
        middle = (ends[0] + ends[1]) / 2
        ends = middle - LEAST_SPAN / 2, middle + LEAST_SPAN / 2
    gap = size
    for _ in range(2):  # which labels there are says how much room each needs
        values = _decimals(*ends, room, gap)
        gap = max((width(number(value), size) for value in values), default=0.0) + 0.7 * size
    return Axis(*ends, _log, tuple((math.log10(value), number(value)) for value in _decimals(*ends, room, gap)))


def parted(positions: Sequence[float], gap: float, low: float, high: float) -> np.ndarray:
    """Move marks as little as possible, in least squares, until neighbours are `gap` apart.

    Parameters
    ----------
    positions : (n,) float64
        In any order; the order along the axis is kept.
    gap, low, high : float
        Least distance, and the ends between which the marks have to stay; where they do not fit, the distance gives
        way.

    Returns
    -------
    (n,) float64
    """
    count = len(positions)
    gap = min(gap, (high - low) / max(1, count - 1))
    order = np.argsort(positions, kind="stable")
    wanted = np.asarray(positions, float)[order] - gap * np.arange(count)
    blocks: list[list[float]] = []  # mean and size: neighbours that would cross are moved as one
    for position in wanted:
        blocks.append([position, 1])
        while len(blocks) > 1 and blocks[-2][0] > blocks[-1][0]:
            mean, size = blocks.pop()
            blocks[-1] = [(blocks[-1][0] * blocks[-1][1] + mean * size) / (blocks[-1][1] + size), blocks[-1][1] + size]
    settled = np.concatenate([np.full(int(size), mean) for mean, size in blocks]) if blocks else np.empty(0)
    moved = np.empty(count)
    moved[order] = np.clip(settled, low, high - gap * (count - 1)) + gap * np.arange(count)
    return moved


def _log(values: np.ndarray) -> np.ndarray:
    return np.log10(np.maximum(values, 1e-12))


def _effort(accuracies: np.ndarray) -> np.ndarray:
    return -np.log10(np.clip(1 - np.asarray(accuracies, float), 1e-4, 1))


def _same(values: np.ndarray) -> np.ndarray:
    return values


def _ends(units: np.ndarray) -> tuple[float, float]:
    """Ends in decades: some air on both sides, and never less than `LEAST_SPAN`."""
    low, high = (float(units.min()), float(units.max())) if len(units) else (0.0, 1.0)
    air = max(0.06 * (high - low), (LEAST_SPAN - (high - low)) / 2)
    return low - air, high + air


def _decimals(low: float, high: float, room: float, gap: float) -> list[float]:
    """Round numbers between two powers of ten, as many as can stand `gap` pixels apart."""
    decades = range(math.floor(low), math.ceil(high) + 1)
    found: list[float] = []
    for mantissas in MANTISSAS:
        values = [mantissa * 10.0**decade for decade in decades for mantissa in mantissas]
        values = [value for value in values if low <= math.log10(value) <= high]
        distances = np.diff(np.log10(values)) * room / (high - low)
        if found and len(distances) and distances.min() < gap:
            break
        found = values
    every = math.ceil(gap * len(found) / room)
    return found[::every]


def _steps(first: int) -> Iterator[int]:
    """1, 2, 5, 10, 20, 50 ... times `first`."""
    while True:
        for factor in (1, 2, 5):
            yield factor * first
        first *= 10

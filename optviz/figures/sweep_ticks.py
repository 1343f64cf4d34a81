"""Labels for the axes of a sweep: round values on any scale, never touching, readable however narrow the range."""

import math
from collections.abc import Iterator
from dataclasses import dataclass

from optviz.figures.axis import MANTISSAS
from optviz.figures.text import width
from optviz.figures.ticks import spacing
from optviz.figures.wording import number
from optviz.results.sweep import Axis

SHORTFALLS = ((1,), (1, 5), (1, 2, 5))  # of one minus the value: 0, 0.5, 0.8, 0.9, 0.95, 0.98, 0.99 ...
SPARSE: tuple[tuple[tuple[float, ...], int], ...] = (((1,), 6), ((1,), 3), ((1,), 2))  # every so many decades
DIGITS = 6  # a number with more of them is read worse than its difference from a round one
MOST = 12  # labels from equal steps


@dataclass(frozen=True)
class Ticks:
    """Labels of an axis.

    Attributes
    ----------
    marks : tuple of (share, label)
        Ascending; shares of the axis's length, 0 at its lower end.
    offset : str
        What the labels count from and in which unit, as ``"0.00144 + n × 10⁻¹⁰"``; empty where they are the values.
    """

    marks: tuple[tuple[float, str], ...]
    offset: str = ""


def ticks(axis: Axis, length: float, size: float, widest: float | None = None) -> Ticks:
    """The labels that leave the smallest part of an axis without one.

    Parameters
    ----------
    axis : Axis
    length, size : float
        Of the axis and of the font, in pixels.
    widest : float, optional
        On an upright axis the room for a label; without it the axis is level.

    Returns
    -------
    Ticks
        Without marks where none fits.
    """
    for found in (_rounded(axis), _counted(axis)):
        fitting = [one for one in found if len(one.marks) > 1 and _fits(one, length, size, widest)]
        if fitting:
            return min(fitting, key=_emptiest)
    return Ticks(())


def _fits(one: Ticks, length: float, size: float, widest: float | None) -> bool:
    at = [share * length for share, _ in one.marks]
    wide = [width(label, size) for _, label in one.marks]
    if widest is not None:
        far = [1.6 * size] * len(at)
        if max(wide, default=0.0) > widest:
            return False
    else:
        far = [(a + b) / 2 + 1.2 * size for a, b in zip(wide, wide[1:], strict=False)]
    return all(b - a >= room for a, b, room in zip(at, at[1:], far, strict=False))


def _emptiest(one: Ticks) -> float:
    """The longest stretch without a label."""
    at = [0.0, *(share for share, _ in one.marks), 1.0]
    return max(b - a for a, b in zip(at, at[1:], strict=False))


def _rounded(axis: Axis) -> Iterator[Ticks]:
    """Labels that are the values themselves."""
    low, high = axis.low, axis.high
    if axis.scale == "log":
        for mantissas, every in [*SPARSE, *((mantissas, 1) for mantissas in MANTISSAS)]:
            values = [m * 10.0**k for k in _decades(low, high, every) for m in mantissas]
            yield _marked(axis, [(value, number(value)) for value in values])
    elif axis.scale == "log(1-b)":
        for mantissas, every in [*SPARSE, *((mantissas, 1) for mantissas in SHORTFALLS)]:
            parts = [(m, k) for k in _decades(1 - high, 1 - low, every) for m in mantissas]
            yield _marked(axis, [(1 - m * 10.0**k, _short_of_one(m, k)) for m, k in sorted(parts, key=_negative)])
    for values, power in _equal_steps(axis):
        digits = math.floor(math.log10(max(abs(low), abs(high)))) - power + 1
        if digits <= DIGITS:
            yield _marked(axis, [(value, number(value, digits)) for value in values])


def _counted(axis: Axis) -> Iterator[Ticks]:
    """Labels that count from a round number."""
    for values, power in _equal_steps(axis):
        unit = 10.0**power
        base = round(math.floor(axis.low / unit / 100) * 100 * unit, max(0, -power))
        counted = [(value, number(round((value - base) / unit), DIGITS)) for value in values]
        digits = math.floor(math.log10(abs(base))) - power - 1 if base else 1
        yield _marked(axis, counted, f"{number(base, digits)} + n × {number(unit)}" if base else f"n × {number(unit)}")


def _equal_steps(axis: Axis) -> Iterator[tuple[list[float], int]]:
    """Round values in equal steps, from many to few, and the power of ten of their step."""
    for count in range(MOST, 0, -1):
        step = spacing(axis.high - axis.low, count)
        power = math.floor(math.log10(step) + 1e-9)
        first, last = math.ceil(axis.low / step - 1e-9), math.floor(axis.high / step + 1e-9)
        yield [round(k * step, max(0, 2 - power)) for k in range(first, last + 1)], power


def _marked(axis: Axis, labelled: list[tuple[float, str]], offset: str = "") -> Ticks:
    shares = [(float(axis.place(value)) / len(axis.values), label) for value, label in labelled]
    return Ticks(tuple((share, label) for share, label in shares if -1e-9 <= share <= 1 + 1e-9), offset)


def _decades(low: float, high: float, every: int) -> list[int]:
    return [k for k in range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1) if k % every == 0]


def _short_of_one(mantissa: float, power: int) -> str:
    """The label of 1 − mantissa · 10^power."""
    return number(1 - mantissa * 10.0**power, DIGITS) if power > -DIGITS else f"1−{number(mantissa * 10.0**power)}"


def _negative(part: tuple[float, int]) -> float:
    return -part[0] * 10.0 ** part[1]

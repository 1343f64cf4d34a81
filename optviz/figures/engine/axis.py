"""Axes: how quantities are spaced, and which of them have a label.

matplotlib's locators choose ticks before anybody knows how long their labels are. Here the texts are measured: of the
sets of round values that a scale offers, an axis shows the one that leaves the smallest part of it without a label, and
no two labels touch. Where a view is so narrow that all labels would be long, they count from a base that is said once.
"""

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

import numpy as np

from optviz.figures.engine.text import width
from optviz.figures.engine.wording import number

Tick = tuple[float, str]
Write = Callable[[float], str]

MANTISSAS = ((1,), (1, 3), (1, 2, 5), (1, 1.5, 2, 3, 5, 7), (1, 1.2, 1.5, 2, 2.5, 3, 4, 5, 6, 7, 8, 9))
SHORTFALLS = ((1,), (1, 5), (1, 2, 5))  # of one minus the value: 0, 0.5, 0.8, 0.9, 0.95, 0.98, 0.99 ...
SPARSE = (12, 6, 3, 2)  # every so many decades
DIGITS = 6  # a number with more of them is read worse than its difference from a round one
MOST = 12  # labels from equal steps
AIR, LINE = 1.2, 1.6  # in font sizes: between labels side by side, and from line to line
LEAST_SPAN = 0.4  # decades: a range narrower than this would make noise look like a difference


@dataclass(frozen=True)
class Scale:
    """How quantities are spaced.

    Attributes
    ----------
    unit : function
        From a quantity (array) to what an axis shows evenly spaced.
    choices : function of (low, high, write)
        Sets of ticks between two quantities, each in ascending order; the widest apart need not come first.
    back : function
        The inverse of `unit`.
    ranked : bool
        Whether there is one set alone, the most telling ticks first, of which those stay that have room.
    counted : bool
        Whether labels may count from a base where the range is narrow.
    """

    unit: Callable[[np.ndarray], np.ndarray]
    choices: Callable[[float, float, Write], Iterable[list[Tick]]]
    back: Callable[[np.ndarray], np.ndarray] = lambda units: units
    ranked: bool = False
    counted: bool = False


@dataclass(frozen=True)
class Axis:
    """One axis.

    Attributes
    ----------
    low, high : float
        The quantities at its ends; the second may be the smaller one.
    scale : Scale
    names : tuple of str
        What may stand along it, the longest first, each with ``{}`` where the note belongs.
    write : function
        From a quantity to its label.
    ticks : tuple of (quantity, label)
        See `ticked`.
    note : str
        What labels count from and in which unit, as ``"0.00144 + n × 10⁻¹⁰"``; empty where they are the values.
    """

    low: float
    high: float
    scale: Scale
    names: tuple[str, ...] = ()
    write: Write = number
    ticks: tuple[Tick, ...] = ()
    note: str = ""

    def share(self, quantity: np.ndarray | float) -> np.ndarray:
        """Where quantities stand, 0 at the lower end to 1 at the upper one; NaN off the scale."""
        with np.errstate(invalid="ignore", divide="ignore", over="ignore"):
            low, high, at = (self.scale.unit(np.asarray(value, float)) for value in (self.low, self.high, quantity))
            return (at - low) / (high - low)

    @property
    def named(self) -> list[str]:
        """The names with the note."""
        return [name.format(f" = {self.note}" if self.note else "") for name in self.names]

    @property
    def shares(self) -> list[tuple[float, str]]:
        """The ticks as shares of the axis's length."""
        return [(float(self.share(value)), label) for value, label in self.ticks]

    def ticked(
        self,
        length: float,
        size: float,
        *,
        upright: bool = False,
        widest: float = math.inf,
        most: float = math.inf,
        inside: bool = False,
        ends: tuple[float, float] = (-math.inf, math.inf),
    ) -> "Axis":
        """The axis with its ticks; without any where none has room.

        Parameters
        ----------
        length, size : float
            Of the axis and of the font, in pixels.
        upright : bool
        widest : float
            The room for a label.
        most : float
            How many labels at most, where that leaves two.
        inside : bool
            Whether labels at the ends are moved inwards until none hangs over.
        ends : (float, float)
            Between which labels stand, in pixels from the lower end.
        """
        low, high = sorted((self.low, self.high))
        if not low < high:
            return self
        room = _Room(self, length, size, upright, widest, inside, ends)
        if self.scale.ranked:
            (ticks,) = self.scale.choices(low, high, self.write)
            return replace(self, ticks=tuple(sorted(room.thinned(ticks, most))))
        # Of values that are written alike, as all below a floor are, the largest has the label.
        distinct = ({label: value for value, label in ticks} for ticks in self.scale.choices(low, high, self.write))
        plain = [([(value, label) for label, value in ticks.items()], "") for ticks in distinct]
        counted = cache(lambda: [*_counted(low, high)] if self.scale.counted else [])
        narrow = (chosen for chosen in counted() if "+" in chosen[1])  # a view in which whole values are long
        for least, sets in ((2, lambda: plain), (2, counted), (1, lambda: plain), (1, lambda: narrow)):
            found = [chosen for chosen in sets() if len(room.kept(chosen[0])) >= least and room.holds(chosen[0])]
            if found:
                fewest = max(most, min(len(ticks) for ticks, _ in found))
                calm = [chosen for chosen in found if len(chosen[0]) <= fewest]
                ticks, note = min(calm, key=lambda chosen: room.emptiest(chosen[0]))
                return replace(self, ticks=tuple(room.kept(ticks)), note=note)
        return self


@dataclass(frozen=True)
class _Room:
    """Where labels stand on an axis, and whether they touch."""

    axis: Axis
    length: float
    size: float
    upright: bool
    widest: float
    inside: bool
    ends: tuple[float, float]

    def at(self, ticks: Sequence[Tick]) -> list[float]:
        found = []
        for value, label in ticks:
            at, half = float(self.axis.share(value)) * self.length, width(label, self.size) / 2 * self.inside
            found.append(min(max(at, half), self.length - half))
        return found

    def apart(self, one: str, other: str) -> float:
        if self.upright:
            return LINE * self.size
        return (width(one, self.size) + width(other, self.size)) / 2 + AIR * self.size

    def kept(self, ticks: Sequence[Tick]) -> list[Tick]:
        """The ticks of which the labels do not reach beyond the ends."""
        first, last = self.ends
        halves = [0.0 if self.upright else width(label, self.size) / 2 for _, label in ticks]
        spots = zip(ticks, self.at(ticks), halves, strict=True)
        return [tick for tick, at, half in spots if first <= at - half and at + half <= last]

    def holds(self, ticks: Sequence[Tick]) -> bool:
        widest = max(width(label, self.size) for _, label in ticks)
        if widest > self.widest or self.length < (self.size if self.upright else widest):
            return False
        at = self.at(ticks)
        pairs = zip(ticks, ticks[1:], at, at[1:], strict=False)
        return all(abs(b - a) >= self.apart(one, other) for (_, one), (_, other), a, b in pairs)

    def emptiest(self, ticks: Sequence[Tick]) -> float:
        """The longest stretch without a label."""
        at = sorted([0.0, *self.at(ticks), self.length])
        return max(b - a for a, b in zip(at, at[1:], strict=False))

    def thinned(self, ticks: Iterable[Tick], most: float) -> list[Tick]:
        kept: list[Tick] = []
        for tick in ticks:
            (at,) = self.at([tick])
            taken = zip(kept, self.at(kept), strict=True)
            if len(kept) < most and all(abs(at - there) >= self.apart(tick[1], other) for (_, other), there in taken):
                kept.append(tick)
        return kept


def spacing(span: float, count: float, steps: Sequence[float] = (1, 2, 5, 10)) -> float:
    """The smallest round step that cuts `span` into at most `count` parts."""
    rough = span / max(count, 1)
    power = 10.0 ** math.floor(math.log10(rough))
    return next(step * power for step in steps if step * power >= rough * (1 - 1e-9))


def _equal_steps(low: float, high: float) -> Iterator[tuple[list[float], int]]:
    """Round values in equal steps, from many to few, and the power of ten of their step."""
    span = high - low
    if not (math.isfinite(span) and span > 1e-14 * max(abs(low), abs(high))):
        return
    for count in range(MOST, 0, -1):
        step = spacing(span, count)
        power = math.floor(math.log10(step) + 1e-9)
        first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
        yield [round(k * step, max(0, 2 - power)) for k in range(first, last + 1)], power


def _linear(low: float, high: float, write: Write) -> Iterator[list[Tick]]:
    for values, power in _equal_steps(low, high):
        digits = max(1, math.floor(math.log10(max(abs(low), abs(high)))) - power + 1)
        if write is not number:
            yield [(value, write(value)) for value in values]
        elif digits <= DIGITS:
            yield [(value, number(value, digits)) for value in values]


def _counted(low: float, high: float) -> Iterator[tuple[list[Tick], str]]:
    """Ticks that count from a round number."""
    for values, power in _equal_steps(low, high):
        unit = 10.0**power
        # A view that is not far from 0 needs no base: its labels are short anyway.
        base = 0.0
        if max(abs(low), abs(high)) > 20 * (high - low):
            below = round(math.floor(low / unit / 100) * 100 * unit, max(0, -power))
            base = min(below, _roundest(low, high), key=lambda number: len(f"{number:.15g}"))
        ticks = [(value, number(round((value - base) / unit), DIGITS)) for value in values]
        digits = math.floor(math.log10(abs(base))) - power + 1 if base else 1
        yield ticks, f"{number(base, digits)} + n × {number(unit)}" if base else f"n × {number(unit)}"


def _roundest(low: float, high: float) -> float:
    """The number between two others that needs the fewest digits, the one nearest to the middle."""
    for power in range(math.floor(math.log10(max(abs(low), abs(high)))), -400, -1):
        nearest = round(round((low + high) / 2 / 10.0**power) * 10.0**power, max(0, -power))
        if low <= nearest <= high:
            return nearest
    return low


def _powers(low: float, high: float, fine: Sequence[Sequence[float]]) -> Iterator[list[tuple[float, int]]]:
    """Mantissas with the powers of ten between two numbers, from few to many."""
    whole = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
    yield from ([(1.0, k) for k in whole if k % every == 0] for every in SPARSE)
    yield from ([(m, k) for k in whole for m in mantissas] for mantissas in fine)


def _inside(ticks: Iterable[Tick], low: float, high: float) -> list[Tick]:
    slack = 1e-9 * max(abs(low), abs(high))
    return sorted(tick for tick in ticks if low - slack <= tick[0] <= high + slack)


def _logarithmic(low: float, high: float, write: Write) -> Iterator[list[Tick]]:
    for parts in _powers(low, high, MANTISSAS):
        yield _inside(((m * 10.0**k, write(m * 10.0**k)) for m, k in parts), low, high)
    if high < 10 * low:
        yield from _linear(low, high, write)


def _shortfalls(low: float, high: float, write: Write) -> Iterator[list[Tick]]:
    for parts in _powers(1 - high, 1 - low, SHORTFALLS):
        yield _inside(((1 - m * 10.0**k, _short_of_one(m, k)) for m, k in parts), low, high)
    yield from _linear(low, high, write)


def _shortfall(values: np.ndarray) -> np.ndarray:
    with np.errstate(divide="ignore", invalid="ignore"):
        return -np.log1p(-values)


def _short_of_one(mantissa: float, power: int) -> str:
    """The label of 1 − mantissa · 10^power."""
    return number(1 - mantissa * 10.0**power, DIGITS) if power > -DIGITS else f"1−{number(mantissa * 10.0**power)}"


def _accuracies(low: float, high: float, _: Write) -> Iterator[list[Tick]]:
    for parts in _powers(max(1 - high, 1e-9), 1 - low, MANTISSAS):
        yield _inside(((1 - m * 10.0**k, f"{number(100 - 100 * m * 10.0**k, DIGITS)}%") for m, k in parts), low, high)


def _counts(low: float, high: float, write: Write) -> Iterator[list[Tick]]:
    """Both ends, and whole steps between them."""
    first, last = math.ceil(low), math.floor(high)
    for step in (factor * 10**power for power in range(len(str(last)) + 1) for factor in (1, 5)):
        inner = [k for k in range(step, last, step) if k > first]
        for some in (inner, inner[:-1]):
            yield [(float(k), write(k)) for k in dict.fromkeys([first, *some, last])]


LINEAR = Scale(lambda values: values, _linear, counted=True)
LOG = Scale(np.log, _logarithmic, np.exp, counted=True)
# Logarithmic in one minus the value.
SHORTFALL = Scale(_shortfall, _shortfalls, lambda units: -np.expm1(-units), counted=True)
# Each halving of the error takes the same room: 0.97 and 0.99 are as far apart as they are in effort.
EFFORT = Scale(lambda accuracies: -np.log10(np.clip(1 - accuracies, 1e-4, 1)), _accuracies)
COUNTS = Scale(lambda values: values, _counts)


def ranked(unit: Callable[[np.ndarray], np.ndarray], values: Sequence[float]) -> Scale:
    """A scale with a unit of its own and ticks at these values, the most telling first."""
    return Scale(unit, lambda low, high, write: [[(v, write(v)) for v in values if low <= v <= high]], ranked=True)


def early_steps(last: int) -> list[int]:
    """Step numbers for an axis that gives early steps more room, the most telling first."""
    powers = [10**k for k in reversed(range(len(str(last))))]
    return [0, last, *(m * power for m in (1, 3, 2) for power in powers if m * power < last)]


def spanned(values: np.ndarray, scale: Scale, **rest: Any) -> Axis:
    """An axis on a scale in decades around values: some air on both sides, and never less than `LEAST_SPAN`."""
    units = np.log10(np.maximum(values, 1e-12)) if scale is LOG else scale.unit(values)
    low, high = (float(units.min()), float(units.max())) if len(units) else (0.0, 1.0)
    air = max(0.06 * (high - low), (LEAST_SPAN - (high - low)) / 2)
    if scale is EFFORT:
        return Axis(1 - 10.0 ** -max(0.0, low - air), 1 - 10.0 ** -(high + air), scale, **rest)
    return Axis(10.0 ** (low - air), 10.0 ** min(high + air, 308.0), scale, **rest)  # the largest number is 1.8e308

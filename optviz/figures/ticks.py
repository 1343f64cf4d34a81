"""Round numbers for axes, and labels that never touch."""

import math
from collections.abc import Callable, Sequence

from optviz.figures.engine.text import width
from optviz.figures.engine.wording import FLOOR, number


def spacing(span: float, count: int, steps: Sequence[float] = (1, 2, 5, 10)) -> float:
    """The smallest round step that cuts `span` into at most `count` parts."""
    rough = span / max(count, 1)
    power = 10.0 ** math.floor(math.log10(rough))
    return next(step * power for step in steps if step * power >= rough * (1 - 1e-9))


def linear(low: float, high: float, count: int) -> list[float]:
    """Round numbers from `low` to `high`, about `count` of them; their middle alone where nothing fits between."""
    span = high - low
    if not (math.isfinite(span) and span > 1e-9 * max(abs(low), abs(high))):
        return [low]
    step = spacing(span, count)
    first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    return [round(k * step, 12 - math.floor(math.log10(step))) for k in range(first, last + 1)]


def logarithmic(low: float, high: float, count: int) -> list[float]:
    """Whole decades from `low` to `high`, at most `count`; finer round numbers where decades are too few."""
    first, last = math.ceil(math.log10(low) - 1e-9), math.floor(math.log10(high) + 1e-9)
    if last > first:
        step = max(1, math.ceil((last - first) / max(1, count - 1)))
        # Counted from the floor, so that a curve that reaches it has a label there.
        origin = round(math.log10(FLOOR))
        return [10.0**k for k in range(first, last + 1) if (k - origin) % step == 0] or [10.0**first]
    fine = [m * 10.0**k for k in range(first - 1, last + 2) for m in (1, 2, 5) if low <= m * 10.0**k <= high]
    return fine if len(fine) >= 2 else linear(low, high, min(count, 3))


def early_steps(last: int) -> list[int]:
    """Step numbers for an axis that gives early steps more room, the most telling first: see `placed`."""
    powers = [10**k for k in range(len(str(last)))]
    inner = [*reversed(powers), *(3 * power for power in reversed(powers)), *(2 * power for power in reversed(powers))]
    return [0, last, *(step for step in inner if step < last)]


def placed(
    values: Sequence[float], at: Callable[[float], float], size: float, taken: Sequence[tuple[float, float]] = ()
) -> list[tuple[float, str]]:
    """Horizontal labels, each with the middle it stands at; those that would touch one before them are left out.

    Parameters
    ----------
    values : sequence of float
    at : function
        Position of a value in pixels.
    size : float
        Of the font, in pixels.
    taken : sequence of (left, right)
        Where other text stands already.
    """
    kept: list[tuple[float, str]] = []
    spans = list(taken)
    for value in values:
        text = number(value)
        half = width(text, size) / 2 + size / 2
        left, right = at(value) - half, at(value) + half
        if all(right <= other_left or left >= other_right for other_left, other_right in spans):
            kept.append((at(value), text))
            spans.append((left, right))
    return kept

"""Ticks for a view of any depth: short labels, and where they would be long a base and a unit that are said once."""

import math
from dataclasses import dataclass

from optviz.figures.engine.text import width
from optviz.figures.engine.wording import MINUS, number
from optviz.figures.ticks import spacing

LONGEST = f"{MINUS}0.00"  # a plain label is no wider than this
MOST = 6  # ticks on a short axis, about
DIGITS = 15  # that a number of double precision has for certain


@dataclass(frozen=True)
class Ruler:
    """The ticks of one axis.

    Attributes
    ----------
    ticks : tuple of (share, text)
        Where they stand, as a share of the axis from its low end, and what they say.
    note : str
        How a label is read: ``"3.0000000 + tick × 10⁻⁹"``; empty where it is the number itself.
    """

    ticks: tuple[tuple[float, str], ...]
    note: str = ""


def label_room(size: float) -> float:
    """The width of the widest label, in pixels."""
    return width(LONGEST, size)


def ruler(low: float, high: float, room: float, size: float) -> Ruler:
    """Round numbers from `low` to `high` whose labels are short and stay apart.

    In a view 10⁻⁹ wide at 3 all digits that tell one tick from another stand far behind the point. Labels then count
    units of the last digit from a rounded base, so that they are one or two digits long at every depth.

    Parameters
    ----------
    low, high : float
        Ends of the axis.
    room : float
        Its length in pixels.
    size : float
        Of the font, in pixels.
    """
    span = high - low
    if not (math.isfinite(span) and span > 0):
        return Ruler(())
    found = Ruler(())
    for count in range(max(MOST, round(room / 90)), 0, -1):
        step = spacing(span, count)
        found = _shortest(low, high, step, size)
        widest = max((width(text, size) for _, text in found.ticks), default=0.0)
        if step / span * room >= max(widest, 1.3 * size) + 0.8 * size:
            break
    return found


def _shortest(low: float, high: float, step: float, size: float) -> Ruler:
    """Ticks at multiples of `step`: plain if their labels are short, else in units, else in units from a base."""
    exponent = math.floor(math.log10(step) + 1e-9)
    unit = 10.0**exponent
    base = f"{round((low + high) / 20 / unit) * 10 * unit:.{max(0, -exponent - 1)}f}"
    found = Ruler(())
    for origin, power in (("0", 0), ("0", exponent), (base, exponent)):
        found = _counted(low, high - low, step, origin, power)
        texts = {text for _, text in found.ticks}  # fewer than ticks where the digits that differ are not shown
        if len(texts) == len(found.ticks) and all(width(text, size) <= label_room(size) for text in texts):
            break
    return found


def _counted(low: float, span: float, step: float, base: str, power: int) -> Ruler:
    """Ticks at whole multiples of `step` from a base, in units of a power of ten."""
    origin = low - float(base)
    first, last = math.ceil(origin / step - 1e-9), math.floor((origin + span) / step + 1e-9)
    values = [float(f"{k * step / 10.0**power:.{DIGITS}g}") for k in range(first, last + 1)]
    places = [(k * step - origin) / span for k in range(first, last + 1)]
    ticks = zip(places, (number(value, DIGITS) for value in values), strict=True)
    scaled = f"tick × {number(10.0**power)}" if power else "tick"
    note = f"{base.replace('-', MINUS)} + {scaled}" if float(base) else scaled
    return Ruler(tuple(ticks), note if power or float(base) else "")

"""Stories: settings of a race worth looking at, each with a sentence that says what to look for."""

import math
from typing import Any

from optviz.functions import Function
from optviz.results import Race

NOISE = 0.1  # of the gradient at the start


def stories(race: Race, unit: Function | None) -> list[dict[str, Any]]:
    """Three to five settings: what changes of the race, a short title and a sentence.

    Returns
    -------
    list of dict
        ``title`` and ``text``; besides ``scale``, a factor of all learning rates, ``rate``, one for all, ``noise``, the
        standard deviation of Gaussian noise on every coordinate of the gradient, or ``start``.
    """
    hazard = f"{unit.hazards[0].upper()}{unit.hazards[1:]}." if unit is not None and unit.hazards else ""
    told = (
        "Each optimizer has the learning rate that one fair rule gave it."
        if race.tuning
        else "The race as it was asked for."
    )
    found: list[dict[str, Any]] = [{"title": "the race", "text": " ".join(filter(None, [told, hazard]))}]
    if unit is None:
        return found
    found += [
        {
            "title": "rates too large",
            "scale": 4.0,
            "text": "Four times every learning rate: who arrives was far from the edge, who diverges stood on it.",
        },
        {
            "title": "rates too small",
            "scale": 0.1,
            "text": "A tenth of every learning rate: the longer a memory, the less is lost.",
        },
        {
            "title": "one rate for all",
            "rate": 0.01,
            "text": "0.01 for everybody, as many comparisons have it: the order is one of scales, not of methods.",
        },
    ]
    x, y = race.start
    slope = _slope(unit, x, y)
    if 0 < slope < math.inf:
        found.append(
            {
                "title": "noisy gradients",
                "noise": float(f"{NOISE * slope:.0e}"),
                "text": "Every gradient is measured with an error: with a constant rate nobody comes to rest.",
            }
        )
    return found


def _slope(unit: Function, x: float, y: float) -> float:
    try:
        return math.hypot(*unit.gradient(x, y))
    except (ArithmeticError, ValueError, TypeError):
        return math.nan

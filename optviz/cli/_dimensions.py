"""In how many dimensions a test function can be minimized, for ``list`` and ``show``."""

from typing import Any


def dimensions(unit: Any) -> dict[str, Any]:
    """What there is to say, by the name of the fact; nothing about a unit of another kind.

    Returns
    -------
    dict
        ``least`` and ``most`` dimensions, and ``text``, which says so in words. Where there are more than two, the
        ``formula`` and its ``reference`` in any number of them.
    """
    from optviz.functions import DIMENSIONS, Function

    if not isinstance(unit, Function):
        return {}
    if unit.general is None:
        return {"least": 2, "most": 2, "text": "two variables"}
    least, most = DIMENSIONS
    return {
        "least": least,
        "most": most,
        "text": f"any dimension ({least} to {most:,})",
        "formula": unit.general.formula,
        "reference": unit.general.reference,
    }

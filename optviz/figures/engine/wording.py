"""How numbers read in pictures: the same number looks the same in a table, on an axis and in a footer."""

import math

MINUS = "−"
FLOOR = 1e-12  # gaps below this are rounding noise
_SUPERSCRIPTS = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def number(value: float, digits: int = 4) -> str:
    """A number with so many significant digits, a true minus, and a power of ten where it is very small or large.

    Zeros at the end are left out when they say nothing: 27 stays "27", but 27.0003 is "27.00".
    """
    if not math.isfinite(value):
        return "undefined" if math.isnan(value) else ("∞" if value > 0 else MINUS + "∞")
    if value == 0:
        return "0"
    mantissa, _, power = f"{abs(value):.{digits - 1}e}".partition("e")
    exponent = int(power)
    sign = MINUS if value < 0 else ""
    exact = float(f"{value:.{digits - 1}e}") == float(f"{value:.{digits + 2}e}")
    if -4 < exponent < 5:
        text = f"{abs(value):.{max(0, digits - 1 - exponent)}f}"
        return sign + (_stripped(text) if exact else text)
    mantissa = _stripped(mantissa) if exact else mantissa
    ten = f"10{str(exponent).translate(_SUPERSCRIPTS)}"
    return sign + (ten if mantissa == "1" else f"{mantissa}×{ten}")


def gap(value: float) -> str:
    """A suboptimality gap: four significant digits, or "<10⁻¹²" where only rounding is left."""
    return f"<{number(FLOOR)}" if value <= FLOOR else number(value)


def rate(value: float) -> str:
    """A learning rate: three significant digits."""
    return number(value, 3)


def percent(share: float) -> str:
    """A share in whole percents; what is not none and not all does not look so."""
    if 0 < share < 0.005:
        return "<1%"
    return ">99%" if 0.995 <= share < 1 else f"{share:.0%}"


def _stripped(text: str) -> str:
    return text.rstrip("0").rstrip(".") if "." in text else text

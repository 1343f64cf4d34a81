"""The sign of a number, for the rules that follow signs."""


def sign(number):
    """1, -1 or 0; NaN stays NaN, so that nobody takes a broken gradient for a flat one."""
    return 1 if number > 0 else -1 if number < 0 else number

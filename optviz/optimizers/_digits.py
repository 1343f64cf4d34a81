"""To how many digits each formula agrees with whose code, written by `tests.optimizers`."""

DIGITS: dict[str, dict[str, dict[str, int]]] = {}

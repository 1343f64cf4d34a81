"""One element of every state slot: the written-out tuples that Numba needs for each number of slots."""

from typing import Any

import numba

from optviz.errors import FormulaError
from optviz.kernels.cache import OPTIONS


def take0(slots, i):
    return ()


def take1(slots, i):
    return (slots[0][i],)


def take2(slots, i):
    return slots[0][i], slots[1][i]


def take3(slots, i):
    return slots[0][i], slots[1][i], slots[2][i]


def take4(slots, i):
    return slots[0][i], slots[1][i], slots[2][i], slots[3][i]


def take5(slots, i):
    return slots[0][i], slots[1][i], slots[2][i], slots[3][i], slots[4][i]


def take6(slots, i):
    return slots[0][i], slots[1][i], slots[2][i], slots[3][i], slots[4][i], slots[5][i]


def take7(slots, i):
    return slots[0][i], slots[1][i], slots[2][i], slots[3][i], slots[4][i], slots[5][i], slots[6][i]


def take8(slots, i):
    return slots[0][i], slots[1][i], slots[2][i], slots[3][i], slots[4][i], slots[5][i], slots[6][i], slots[7][i]


def take9(slots, i):
    return (
        slots[0][i],
        slots[1][i],
        slots[2][i],
        slots[3][i],
        slots[4][i],
        slots[5][i],
        slots[6][i],
        slots[7][i],
        slots[8][i],
    )


def take10(slots, i):
    return (
        slots[0][i],
        slots[1][i],
        slots[2][i],
        slots[3][i],
        slots[4][i],
        slots[5][i],
        slots[6][i],
        slots[7][i],
        slots[8][i],
        slots[9][i],
    )


def put0(slots, i, values):
    pass


def put1(slots, i, values):
    slots[0][i] = values[0]


def put2(slots, i, values):
    slots[0][i], slots[1][i] = values


def put3(slots, i, values):
    slots[0][i], slots[1][i], slots[2][i] = values


def put4(slots, i, values):
    slots[0][i], slots[1][i], slots[2][i], slots[3][i] = values


def put5(slots, i, values):
    slots[0][i], slots[1][i], slots[2][i], slots[3][i], slots[4][i] = values


def put6(slots, i, values):
    slots[0][i], slots[1][i], slots[2][i], slots[3][i], slots[4][i], slots[5][i] = values


_TAKE = [
    numba.njit(**OPTIONS)(f) for f in (take0, take1, take2, take3, take4, take5, take6, take7, take8, take9, take10)
]
_PUT = [numba.njit(**OPTIONS)(f) for f in (put0, put1, put2, put3, put4, put5, put6)]


def take(count: int) -> Any:
    """``take(slots, i)``: element ``i`` of each of `count` arrays, as a tuple; to be called inside kernels."""
    return _TAKE[_checked(count, _TAKE, "state slots, step scalars or hyperparameters")]


def put(count: int) -> Any:
    """``put(slots, i, values)``: write a tuple into element ``i`` of each of `count` arrays."""
    return _PUT[_checked(count, _PUT, "state slots")]


def _checked(count: int, made: list, what: str) -> int:
    if count >= len(made):
        raise FormulaError(f"a rule with {count} {what}", f"At most {len(made) - 1} are possible.")
    return count

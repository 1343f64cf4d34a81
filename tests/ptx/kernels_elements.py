"""The step of an element by every formula: all that differs from rule to rule in a kernel's template."""

from collections.abc import Iterator
from typing import Any

import numpy as np
from numba import types

from optviz.kernels.cuda.backend import THREADS, cuda, specialise
from optviz.kernels.cuda.update import element_names, rule_shape
from optviz.kernels.rules import constant_count
from optviz.kernels.specialise import fingerprint
from optviz.optimizers import Formula
from tests.kernels.plain import FORMULAS
from tests.ptx.listing import Kernel

ELEMENT: Any = None  # bound by `specialise`


def element(x, g, slots, scalars, hyper):
    i = cuda.grid(1)
    ELEMENT(x, g, slots, i, i, scalars, hyper)


def kernels() -> Iterator[Kernel]:
    for formula in FORMULAS.values():
        for dtype in ("float32", "float64"):
            yield _step(formula, dtype)


def _step(formula: Formula, dtype: str) -> Kernel:
    number, kind = getattr(types, dtype), getattr(np, dtype)
    scalars, hyper = (types.UniTuple(number, n) for n in (len(formula.scalar_names), constant_count(formula)))
    arguments = number[::1], number[::1], number[:, ::1], scalars, hyper
    name = f"{formula.update.__name__} {dtype}"
    kernel = specialise(
        element, name, fingerprint(formula), frame=f"{dtype} {rule_shape(formula)}", **element_names(formula, kind)
    )
    return Kernel(f"element {name}", kernel, arguments, THREADS, dtype, registers=64)

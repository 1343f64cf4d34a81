"""The steps of rules on arrays, and the copies of arrays with gaps."""

from collections.abc import Iterator

import numpy as np
from numba import types

from optviz.kernels.cuda.backend import THREADS
from optviz.kernels.cuda.memory import copy_kernel
from optviz.kernels.cuda.update import THREADS as UPDATE_THREADS
from optviz.kernels.cuda.update import arrays_kernel
from optviz.kernels.rules import constant_count
from optviz.optimizers import Setting
from tests.optimizers.sample import ELEMENT_WISE as SAMPLE
from tests.ptx.listing import Kernel

AXES = (1, 4)


def kernels() -> Iterator[Kernel]:
    for setting in SAMPLE.values():
        for dtype in ("float32", "float64"):
            yield _update(setting, dtype)
    whole = types.int64
    for dtype in ("float32", "float64"):
        for axes in AXES:
            layout = types.UniTuple(whole, axes)
            name = f"copy {axes} {dtype}"
            kernel = copy_kernel(getattr(np, dtype), axes)
            yield Kernel(name, kernel, (whole, whole, whole, layout, layout, layout), THREADS, dtype)


def _update(setting: Setting, dtype: str) -> Kernel:
    formula = setting.formula
    scalar = getattr(types, dtype)
    numbers = [types.Tuple([scalar] * count) for count in (len(formula.scalar_names), constant_count(formula))]
    arguments = (types.int64[:, ::1], *numbers)
    kernel = arrays_kernel(formula, getattr(np, dtype))
    return Kernel(f"update {setting.short_text} {dtype}", kernel, arguments, UPDATE_THREADS, dtype, registers=64)

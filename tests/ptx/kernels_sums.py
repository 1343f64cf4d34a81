"""The passes and the steps of rules with sums on arrays."""

from collections.abc import Iterator

import numpy as np
from numba import types

from optviz.kernels.cuda import array_sums
from optviz.kernels.cuda.update import THREADS as UPDATE_THREADS
from optviz.kernels.rules import constant_count
from optviz.optimizers import Setting, configure
from tests.ptx.listing import Kernel

# One sum and a slot of each element, shared slots, sums over all arrays, and the most slots with both.
RULES = ("lamb", "novograd", "clip_global_norm(adam)", "prodigy")


def kernels() -> Iterator[Kernel]:
    for name in RULES:
        for dtype in ("float32", "float64"):
            yield from _of_rule(configure(name), dtype)
    for dtype in ("float32", "float64"):
        scalar, whole = getattr(types, dtype), types.int64
        kernel = array_sums.join_kernel(getattr(np, dtype))
        arguments = (scalar[:, ::1], whole, whole)
        yield Kernel(f"sums of arrays {dtype}", kernel, arguments, array_sums.THREADS, dtype, registers=64)


def _of_rule(setting: Setting, dtype: str) -> Iterator[Kernel]:
    formula, scalar = setting.formula, getattr(types, dtype)
    made = array_sums.SummingKernels(formula, getattr(np, dtype))
    given = len(formula.table_names) + formula.takes_value
    numbers = [types.Tuple([scalar] * count) for count in (given, constant_count(formula))]
    table, flat, whole = types.int64[:, ::1], scalar[::1], scalar[:, ::1]
    for name, kernel, arguments, threads in (
        *(
            (f"pass {level}", one, (table, *numbers, flat, whole, flat), array_sums.THREADS)
            for level, one in enumerate(made.folds)
        ),
        *(
            (f"blocks {level}", one, (table, flat, flat, whole), array_sums.THREADS)
            for level, one in enumerate(made.joins)
        ),
        ("update", made.update, (table, *numbers, flat, whole), UPDATE_THREADS),
        *([("shared", made.keep, (table, *numbers, flat, whole), array_sums.THREADS)] if formula.shared else []),
    ):
        # With four slots an update has six numbers under way for each of its elements: more than a copy needs even so.
        most = 96 if name == "update" else 64
        yield Kernel(f"sums {name} {setting.short_text} {dtype}", kernel, arguments, threads, dtype, registers=most)

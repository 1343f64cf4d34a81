"""The steps of many runs, with everything that a run can have, and what is made of their ends."""

from collections.abc import Iterator
from typing import Any

import numpy as np
from numba import types

from optviz.functions import REGISTRY as FUNCTIONS
from optviz.functions import Function
from optviz.kernels.cuda.ends import ends_kernel, places_kernel
from optviz.kernels.cuda.tile import THREADS, advance_kernel
from optviz.noise import REGISTRY as NOISES
from optviz.noise import NoiseModel
from optviz.optimizers import Setting, configure, showing
from optviz.runs.points.criteria import TARGETS
from tests.optimizers.sample import SAMPLE
from tests.ptx.listing import Kernel

MOST = 64  # registers, where two exact gradients are computed and few thresholds watched
FEW, MANY = 5, 1000  # dimensions
# Rules that look a second time, without a state, with sums, with values, and that multiply with the Hessian.
LOOKS = ("extragradient", "sam(adam)", "sam(polyak)", "adahessian", "sophia")


def kernels() -> Iterator[Kernel]:
    for name in ("rosenbrock", "himmelblau", "rastrigin"):
        yield _steps("adam", FUNCTIONS[name], registers=MOST)
        yield _steps("adam", FUNCTIONS[name], traced=True, registers=MOST)
        yield _steps("adam", FUNCTIONS[name], "float64")
        yield _steps("adam", FUNCTIONS[name], "float64", traced=True)
        for dtype in ("float32", "float64"):
            yield _ends(FUNCTIONS[name], dtype)
    rosenbrock = FUNCTIONS["rosenbrock"]
    for setting in SAMPLE.values():
        if setting.short_text == "adam":  # which has been looked at
            continue
        yield _steps(setting, rosenbrock)
        yield _steps(setting, rosenbrock, traced=True)
    for noise in NOISES:
        yield _steps("adam", rosenbrock, noise=noise)
    yield _steps("adam", rosenbrock, thresholds=len(TARGETS))  # a study watches them all, a register for each
    yield _steps("adam", rosenbrock.in_dimension(FEW))  # 20 numbers of a run in registers
    for dtype in ("float32", "float64"):
        yield _steps("adam", rosenbrock.in_dimension(MANY), dtype)  # in the device's memory
        yield _ends(rosenbrock.in_dimension(MANY), dtype)
    yield _ends(rosenbrock.in_dimension(FEW), "float32")
    for setting in map(configure, LOOKS):
        yield _steps(setting, rosenbrock)
        yield _steps(setting, rosenbrock.in_dimension(MANY))
    yield _steps("adam", FUNCTIONS["bbob_f15"].in_dimension(10))  # with scratch memory and matrices of constants
    yield _steps("adam", FUNCTIONS["bbob_f21"].in_dimension(FEW))
    for dtype in ("float32", "float64"):
        arrays = _arrays(dtype)
        arguments = (_runs(arrays), types.int64, arrays[2])
        yield Kernel(f"places {dtype}", places_kernel(getattr(np, dtype)), arguments, THREADS, dtype)


def _steps(
    optimizer: str | Setting,
    function: Function,
    dtype: str = "float32",
    *,
    thresholds: int = 1,
    noise: NoiseModel | None = None,
    traced: bool = False,
    registers: int | None = None,
) -> Kernel:
    setting = configure(optimizer)
    words = ["steps", setting.short_text, _name(function), dtype, *([noise.name] if noise else [])]
    words += [f"{thresholds} thresholds"] * (thresholds > 1) + ["traced"] * traced
    arrays = _arrays(dtype)
    number, table, means = types.uint64, arrays[2], types.float64[:, ::1]
    arguments = (
        _runs(arrays),
        arrays[3],
        table,
        table,
        table,
        arrays[1],
        _watch(dtype),
        types.Tuple((number, number, number, table, means)),
        types.UniTuple(types.int64, 6),
    )
    watched = 0 if traced else thresholds
    kernel = advance_kernel(showing(setting.formula), function, getattr(np, dtype), watched, noise, traced)
    return Kernel(" ".join(words), kernel, arguments, THREADS, dtype, registers=registers)


def _ends(function: Function, dtype: str) -> Kernel:
    arrays = _arrays(dtype)
    whole = types.int32
    arguments = (_runs(arrays), arrays[1], _watch(dtype), types.int64, arrays[2], arrays[1], whole[:, ::1], whole[::1])
    wide = len(function.bounds) == MANY
    kernel = ends_kernel(function, getattr(np, dtype), wide=wide)
    registers = MOST if dtype == "float32" else None
    return Kernel(f"ends {_name(function)} {dtype}", kernel, arguments, THREADS, dtype, registers=registers)


def _watch(dtype: str) -> Any:
    return types.Tuple((getattr(types, dtype), types.int32))


def _name(function: Function) -> str:
    return f"{function.name}{f' {function.dimension}-D' if function.dimension else ''}"


def _arrays(dtype: str) -> dict[int, Any]:
    """The types of arrays, by their number of axes."""
    scalar = getattr(types, dtype)
    return {1: scalar[::1], 2: scalar[:, ::1], 3: scalar[:, :, ::1]}


def _runs(arrays: dict[int, Any]) -> Any:
    return types.Tuple((arrays[2], arrays[2], types.int32[::1], types.int32[:, ::1], arrays[2]))

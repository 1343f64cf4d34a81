"""The kernels that train networks of dense layers, one at a time and side by side."""

from collections.abc import Iterator

import numpy as np
from numba import types

from optviz.formulas.sums import split
from optviz.kernels.cuda import network_sums, passes, value
from optviz.kernels.cuda.clock import tick_kernel
from optviz.kernels.cuda.fleet import fleet_kernel
from optviz.kernels.cuda.products import LARGE, SMALL
from optviz.kernels.cuda.training import THREADS, network_kernel
from optviz.optimizers import Setting, configure
from tests.optimizers.sample import WITHOUT_VALUE
from tests.ptx.listing import Kernel

# Compiling them takes seconds: in float64, in which nobody trains but tests, some must do.
TILINGS = {np.float32: {"small": SMALL, "large": LARGE}, np.float64: {"small": SMALL}}
ADAM, SAMPLE = configure("adam"), tuple(WITHOUT_VALUE.values())
SUMMING = ("lamb", "novograd", "dadapt_sgd", "stable_adamw", "momo")
FLEETS: dict[type, tuple[Setting, ...]] = {np.float32: SAMPLE, np.float64: (ADAM,)}


def kernels() -> Iterator[Kernel]:
    yield Kernel("tick", tick_kernel(), (types.uint64[::1], types.uint64), 1, "float32", registers=64)
    for dtype in (np.float32, np.float64):
        yield from _passes(dtype)
        yield from _fleets(dtype)
    for setting in SAMPLE:
        yield _update(setting, np.float32)
    yield _update(ADAM, np.float64)
    for name in SUMMING:
        yield from _sums(configure(name), np.float32)
    yield from _sums(configure(SUMMING[0]), np.float64)
    for dtype in (np.float32, np.float64):
        number = getattr(types, dtype.__name__)
        given = number[::1], number[:, :, ::1], types.uint64[::1], types.uint64, types.uint64
        yield _kernel("mean loss", value.value_kernel(dtype), given, value.THREADS, dtype, 64)


def _passes(dtype: type) -> Iterator[Kernel]:
    number = getattr(types, dtype.__name__)
    vector, nodes, rates = number[::1], types.uint64[:, ::1], number[:, ::1]
    labels, order, count, whole = types.uint8[::1], types.int64[::1], types.uint64, types.int64
    clock, now = types.uint64[::1], types.uint64
    network = (nodes, rates, vector, vector, whole, clock, now, count)
    arguments = {
        passes.hidden_layer: (*network, types.boolean),
        passes.last_layer: (*network, labels, order, vector),
        passes.backward_layer: (*network, count),
    }
    for template, given in arguments.items():
        for name, tiling in TILINGS[dtype].items():
            kernel = passes.layer_kernel(template, dtype, tiling)
            yield _kernel(f"{template.__name__}, {name} tiles", kernel, given, tiling.threads, dtype)
    gathered = (nodes, types.uint8[:, ::1], order, clock, now, count, vector)
    kernel = passes.layer_kernel(passes.gather_inputs, dtype, SMALL)
    yield _kernel("gather_inputs", kernel, gathered, passes.THREADS, dtype, 64)
    predicted = (nodes, vector, whole, clock, now, count, labels)
    kernel = passes.layer_kernel(passes.predict, dtype, SMALL)
    yield _kernel("predict", kernel, predicted, passes.THREADS, dtype, 64)


def _fleets(dtype: type) -> Iterator[Kernel]:
    number = getattr(types, dtype.__name__)
    table, tables, whole = number[:, ::1], number[:, :, ::1], types.int64
    segments = types.int64[:, :, ::1]
    data = types.uint8[:, ::1], types.uint8[::1]
    epochs = types.int64[:, ::1], types.uint64[::1], number[:, :, :, ::1], tables, segments, types.int64[:, ::1]
    given = (types.uint64[:, ::1], table, *data, *epochs, tables, table, number[::1], types.uint64, whole, whole)
    for setting in FLEETS[dtype]:
        kernel = fleet_kernel(setting.formula, dtype, LARGE)
        most = 128 if dtype is np.float32 else None  # two blocks to a multiprocessor
        yield _kernel(f"fleet, {setting.short_text}", kernel, given, LARGE.threads, dtype, most)


def _update(setting: Setting, dtype: type) -> Kernel:
    number = getattr(types, dtype.__name__)
    table = number[:, ::1]
    now = types.uint64[::1], types.uint64
    arguments = table, number[::1], types.uint64, number[:, :, ::1], *now, table, types.int64[:, ::1]
    registers = 64 if dtype is np.float32 else 80  # the segments' counters; in float64 nobody trains but tests
    name, kernel = f"network update {setting.short_text}", network_kernel(setting.formula, dtype)
    return _kernel(name, kernel, arguments, THREADS, dtype, registers)


def _sums(setting: Setting, dtype: type) -> Iterator[Kernel]:
    number, threads, formula = getattr(types, dtype.__name__), network_sums.THREADS, setting.formula
    matrix, places = number[:, ::1], types.int64[:, ::1]
    numbers = number[:, :, ::1], types.uint64[::1], types.uint64, matrix, places
    summing = matrix, number[::1], *numbers, places, matrix, matrix
    joining = places, types.int64[::1], matrix, matrix
    for level in range(len(split(formula).levels)):
        name, kernels = f"{setting.short_text} {level}", network_sums.level_kernels(formula, level, dtype)
        yield _kernel(f"network sums {name}", kernels[0], summing, threads, dtype, 64)
        yield _kernel(f"network joins {name}", kernels[1], joining, threads, dtype, 64)
    moving = matrix, number[::1], types.uint64, *numbers, matrix
    kernel = network_sums.summed_kernel(formula, dtype)
    most = 80 if dtype is np.float32 else 96
    yield _kernel(f"network update {setting.short_text}", kernel, moving, threads, dtype, most)


def _kernel(name: str, kernel, arguments: tuple, threads: int, dtype: type, registers: int | None = None) -> Kernel:
    return Kernel(f"{name}, {dtype.__name__}", kernel, arguments, threads, dtype.__name__, registers=registers)

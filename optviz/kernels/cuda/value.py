"""The value that a rule asks for, on a CUDA device: the mean loss of the batch, written where its update reads it."""

from typing import Any

import numpy as np

from optviz.formulas.adding import LANES
from optviz.kernels.cuda import backend
from optviz.kernels.cuda.backend import cuda
from optviz.kernels.cuda.clock import place_at, step_at

THREADS = 64  # of the block

# Bound by `specialise`.
NUMBER: Any = None  # the dtype
STEP_AT: Any = step_at
PLACE_AT: Any = place_at


def mean_loss(losses, tables, clock, ahead, count):
    lanes = cuda.shared.array(LANES, NUMBER)
    thread, place, step = np.uint64(cuda.threadIdx.x), PLACE_AT(clock, ahead), STEP_AT(clock, ahead)
    for lane in range(thread, LANES, THREADS):
        total = NUMBER(0)
        for i in range(lane, count, LANES):
            total += losses[place + i]
        lanes[lane] = total
    cuda.syncthreads()
    half = LANES // 2
    while half > 0:
        for lane in range(thread, half, THREADS):
            lanes[lane] += lanes[lane + half]
        cuda.syncthreads()
        half //= 2
    for group in range(thread, tables.shape[0], THREADS):
        tables[group, 0, step] = lanes[0] / NUMBER(count)


def value_kernel(dtype: type) -> Any:
    """``kernel(losses, tables, clock, ahead, count)``, for one block: the value of a step, for each group."""
    return backend.specialise(mean_loss, f"{dtype.__name__}_{THREADS}", "", NUMBER=dtype, THREADS=THREADS)


def launch_value(losses: Any, tables: Any, clock: Any, ahead: np.uint64, count: int, stream: Any) -> None:
    """Launch what `value_kernel` gives, behind the losses of `count` images."""
    given = losses, tables, clock, ahead, np.uint64(count)
    backend.launch(value_kernel(np.dtype(losses.dtype).type), 1, THREADS, *given, stream=stream)

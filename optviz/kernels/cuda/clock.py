"""Where in an epoch a launch stands: read from memory by the kernels themselves.

So the launches of some steps are the same in every epoch, and a graph of them can be launched again and again. A clock
holds the step with which a slice begins, and whatever else changes from slice to slice. A launch is told how many steps
it is `ahead` of that.
"""

import numpy as np

from optviz.kernels.cuda import backend
from optviz.kernels.cuda.backend import cuda

STEP, BATCH, BASE, KEY = range(4)  # what a clock holds; see `clock`


def clock(step: int, batch: int, base: int = 0, key: int = 0) -> np.ndarray:
    """A clock before it is put on the device, (4,) uint64.

    Parameters
    ----------
    step : int
        With which a slice begins.
    batch : int
        Images of a step.
    base : int
        The place in the order of the image whose loss is the first to be kept.
    key : int
        The 64 bits that decide, with the step, what is dropped.
    """
    return np.array([step, batch, base, key], np.uint64)


def _step_at(clock, ahead):
    return clock[STEP] + ahead


def _first_at(clock, ahead):
    return (clock[STEP] + ahead) * clock[BATCH]


def _place_at(clock, ahead):
    return (clock[STEP] + ahead) * clock[BATCH] - clock[BASE]


step_at = backend.device_function(_step_at)
"""Device function ``step_at(clock, ahead)``: the step of the epoch, uint64."""

first_at = backend.device_function(_first_at)
"""Likewise the place of the step's first image in the order."""

place_at = backend.device_function(_place_at)
"""Likewise that of its loss among those that are kept."""


def tick(clock, steps):
    if cuda.threadIdx.x == 0:
        clock[STEP] += steps


def tick_kernel():
    """``kernel(clock, steps)``, for one thread: lets a clock go on by some steps, a uint64."""
    return backend.specialise(tick, "", "")

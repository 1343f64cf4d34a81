"""The front of a convolutional network."""

from collections.abc import Iterator

import numpy as np
from numba import types

from optviz.kernels.cuda.convolution import THREADS, front_kernels
from optviz.networks import REGISTRY, Plan
from tests.ptx.listing import Kernel

PLANS = {
    "cnn": REGISTRY["cnn"].plan((28, 28), 10),
    "two groups of filters": Plan((64, 96), 45, (31 * 47 * 45, 10), (), (0.0,)),
}


def kernels() -> Iterator[Kernel]:
    images, word = types.uint8[:, ::1], types.uint32
    chosen = images, types.int64[::1], types.uint64[::1], types.uint64  # order, clock, ahead
    for dtype in (np.float32, np.float64):
        number = types.float32 if dtype is np.float32 else types.float64
        vector, matrix = number[::1], number[:, ::1]
        arguments = {
            "forward": (vector, *chosen, word, number, matrix, images),
            "backward": (*chosen, number, matrix, matrix, images, matrix),
            "sums over strips": (matrix, types.uint64, vector),
        }
        for plan_name, plan in PLANS.items():
            for (name, given), kernel in zip(arguments.items(), front_kernels(plan, dtype), strict=True):
                title = f"convolution, {plan_name}, {name} {dtype.__name__}"
                most = 64 if dtype is np.float32 else None
                yield Kernel(title, kernel, given, THREADS, dtype.__name__, registers=most)

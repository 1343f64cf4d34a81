"""A kernel of three additions: ``python -m optviz.kernels.cuda.trial`` ends well where CUDA computes.

Where it does not, it says why on one line.
"""

import sys
from typing import Any

import numpy as np

from optviz.errors import OptvizError
from optviz.kernels.cuda.backend import cuda, get, launch, put, specialise

THREADS = 32


def _add_one(numbers):
    i = cuda.grid(1)
    if i < numbers.size:
        numbers[i] += 1


def kernel() -> Any:
    """The kernel: one argument, an int64 array."""
    return specialise(_add_one, "int64", "")


def run() -> None:
    """Compile the kernel, launch it and look at what it has done.

    Raises
    ------
    MissingError
        If there is no device.
    OptvizError
        If the device fails, or computes something else.
    """
    numbers = put(np.arange(3))
    launch(kernel(), 1, THREADS, numbers)
    followers = get(numbers).tolist()
    if followers != [1, 2, 3]:
        raise OptvizError(f"the device says that 0, 1 and 2 are followed by {followers}", "Run optviz doctor.")


if __name__ == "__main__":
    try:
        run()
    except Exception as error:  # whatever it is: who has started this process reads one line
        sys.exit(" ".join(str(error).split()) or type(error).__name__)

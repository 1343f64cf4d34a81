"""The kernel that the doctor tries."""

from collections.abc import Iterator

from numba import types

from optviz.kernels.cuda import trial
from tests.ptx.listing import Kernel


def kernels() -> Iterator[Kernel]:
    yield Kernel("trial int64", trial.kernel(), (types.Array(types.int64, 1, "C"),), trial.THREADS, "float32")

"""The numbers at an address, in other libraries' memory, as kernels read and write them."""

import ctypes
import functools
from typing import Any

import numpy as np
from numba import types
from numba.extending import intrinsic

from optviz.kernels.cache import COMPILES


class PlainNumbers:
    """The numbers at an address where kernels are plain Python: a sequence of `dtype` without an end."""

    def __init__(self, address: int, dtype: type):
        self._address, self._dtype = int(address), dtype
        self._kind = ctypes.c_float if dtype is np.float32 else ctypes.c_double
        self._size = ctypes.sizeof(self._kind)

    def __getitem__(self, i: int) -> Any:
        return self._dtype(self._kind.from_address(self._address + int(i) * self._size).value)

    def __setitem__(self, i: int, value: Any) -> None:
        self._kind.from_address(self._address + int(i) * self._size).value = value


@functools.cache
def numbers_at(dtype: type) -> Any:
    """``numbers(address)``, to be called inside kernels: a sequence of `dtype` without an end at an int64 address.

    Nobody checks an index.
    """
    if not COMPILES:
        return lambda address: PlainNumbers(address, dtype)
    kind: Any = types.CPointer(types.float32 if dtype is np.float32 else types.float64)

    @intrinsic
    def numbers(typingctx, address):
        def codegen(context, builder, signature, args):
            return builder.inttoptr(args[0], context.get_value_type(kind))

        return kind(types.int64), codegen

    return numbers

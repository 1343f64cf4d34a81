"""Libraries whose arrays lie on a device and whose own functions move matrices there: PyTorch and CuPy."""

import contextlib
import functools
import sys
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from optviz.formulas.formula import ITERATE
from optviz.formulas.rebinding import Engine
from optviz.kernels.random import random_signs
from optviz.optimizers import Setting
from optviz.runs.arrays.checks import is_device_array, is_tensor
from optviz.runs.arrays.device_arrays import DeviceArray, axes_in_order, dense_steps


class Library(NamedTuple):
    """What is asked of a library.

    Attributes
    ----------
    engine : Engine
    module : module
        Its functions ``full`` and ``eye``.
    is_torch : bool
        Or CuPy.
    """

    engine: Engine
    module: Any
    is_torch: bool

    def full(self, shape: Sequence[int], value: float, like: Any) -> Any:
        """An array of some shape, of the dtype and on the device of another one."""
        return self.module.full(tuple(shape), value, **self._as(like))

    def square(self, side: int, value: float, like: Any) -> Any:
        """A multiple of the identity, likewise."""
        return self.module.eye(side, **self._as(like)) * value

    def plain(self, array: Any) -> Any:
        """An array without a record of how it was made, of the same memory."""
        return array.detach() if self.is_torch else array

    def computing(self) -> Any:
        """The context in which to compute."""
        return self.module.no_grad() if self.is_torch else contextlib.nullcontext()

    def _as(self, like: Any) -> dict[str, Any]:
        return {"dtype": like.dtype} | ({"device": like.device} if self.is_torch else {})


def library_of(array: Any) -> Library | None:
    """The library of an array; None for one that cannot move matrices."""
    if is_tensor(array):
        return _torch(sys.modules["torch"])
    cupy = sys.modules.get("cupy")
    return _cupy(cupy) if cupy is not None and isinstance(array, cupy.ndarray) else None


def torch_operations(torch: Any) -> dict[str, Any]:
    """What an `Engine` of PyTorch is made of."""
    return {
        "name": "torch",
        "is_array": lambda given: isinstance(given, torch.Tensor),
        "modules": (torch.linalg, torch, torch.special),
        "number": lambda value, like: torch.as_tensor(value, dtype=like.dtype, device=like.device),
        "signs": lambda count, t: random_signs(0, int(t), count),
    }


def torch_engine(torch: Any) -> Engine:
    """PyTorch as it computes."""
    return Engine(**torch_operations(torch))


def cupy_engine(cupy: Any) -> Engine:
    """CuPy as it computes."""
    return Engine(
        name="CuPy",
        is_array=lambda given: isinstance(given, cupy.ndarray),
        modules=(cupy.linalg, cupy),
        number=lambda value, like: cupy.asarray(value, dtype=like.dtype),
        signs=lambda count, t: random_signs(0, int(t), count),
    )


@functools.cache
def _torch(torch: Any) -> Library:
    return Library(torch_engine(torch), torch, True)


@functools.cache
def _cupy(cupy: Any) -> Library:
    return Library(cupy_engine(cupy), cupy, False)


def begun(setting: Setting, slot: str, array: Any, like: DeviceArray) -> Any:
    """A state slot before the first step, but for the elements of one that begins as the parameter.

    It is of the same library where that makes such arrays, else Numba's.

    Parameters
    ----------
    setting : Setting
    slot : str
    array
        The parameter.
    like : DeviceArray
        What that is.
    """
    begin, shape = setting.initial(slot), setting.formula.own_shape(slot, like.shape)
    value, library = 0.0 if isinstance(begin, str) else begin, library_of(array)
    if shape is None:
        return _full_like(array, like, value)
    if library is not None:
        return (
            library.square(shape[0], value, array)
            if setting.formula.is_square(slot)
            else library.full(shape, value, array)
        )
    return _full(shape, dense_steps(shape, like.dtype.itemsize), value, like.dtype)


def begins_as_parameter(setting: Setting, slot: str) -> bool:
    """Whether a state slot begins with the parameter's elements."""
    return setting.initial(slot) == ITERATE


def room_like(like: DeviceArray, value: float = 0.0) -> Any:
    """A filled array of Numba's, in the shape, dtype and memory order of another one."""
    order = axes_in_order(like)
    steps = dense_steps(tuple(like.shape[axis] for axis in order), like.dtype.itemsize)
    return _full(like.shape, tuple(steps[order.index(axis)] for axis in range(len(order))), value, like.dtype)


def _full_like(array: Any, like: DeviceArray, value: float) -> Any:
    """A filled array of the shape, dtype and memory order of another, of its library where that makes such arrays."""
    for cls in type(array).__mro__:
        make = getattr(sys.modules.get(cls.__module__.partition(".")[0]), "full_like", None)
        if make is not None and is_device_array(made := make(array, value)):
            return made
    return room_like(like, value)


def _full(shape: tuple[int, ...], strides: tuple[int, ...], value: float, dtype: np.dtype) -> Any:
    from optviz.kernels.cuda import memory

    return memory.full(shape, strides, value, dtype.type)

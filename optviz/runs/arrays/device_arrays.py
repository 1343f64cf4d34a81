"""Arrays of CuPy, PyTorch, JAX or anybody else on a CUDA device: where they lie, and what may be updated in place.

Their numbers come from DLPack, and where that is not offered from ``__cuda_array_interface__``; PyTorch's tensors are
asked themselves, since DLPack has no words for some of them. An array whose library says on which stream it works,
PyTorch's current one or that of the interface's version 3, is joined with our stream by events, before and after a
step; one whose library does not, JAX's, is asked by DLPack at each step, with our stream, which its library then has
wait, and is kept until our stream has read it. So what is modified has to have the interface, or to be a tensor: DLPack
does not say which stream has to wait for us.
"""

import math
import operator
import sys
from typing import Any, NamedTuple

import numpy as np

from optviz.errors import MissingError, UsageError, UsageTypeError, shown
from optviz.kernels import devices
from optviz.runs.arrays import dlpack
from optviz.runs.arrays.checks import (
    INTERFACE,
    Span,
    check_dtype,
    check_floats,
    check_modifiable,
    check_same,
    check_spans,
    is_device_array,
    is_tensor,
    overlaps_itself,
)

VERSIONS = (2, 3)  # of the interface: the first that says all we ask, and the last that there is
DEFAULT = 1  # the handle of the default stream
CURRENT = -1  # stands for the stream that PyTorch works on when it is asked; no interface may say it
COPY = "array.copy() or tensor.clone()"


class DeviceArray(NamedTuple):
    """An array on a device, by its numbers.

    Attributes
    ----------
    address : int
    shape, strides : tuple of int
        The strides in bytes.
    dtype : numpy dtype
        float32 or float64.
    read_only : bool
    stream : int or None
        The handle of the stream that it belongs to, `CURRENT`, or None where there is nothing to wait for.
    device : int or None
        The number of the device; None for an array without elements that does not tell.
    is_silent : bool
        Whether nothing says on which stream it is made: its library has to be asked to let another one wait.
    """

    address: int
    shape: tuple[int, ...]
    strides: tuple[int, ...]
    dtype: np.dtype
    read_only: bool
    stream: int | None
    device: int | None
    is_silent: bool = False

    @property
    def size(self) -> int:
        return math.prod(self.shape)

    @property
    def nbytes(self) -> int:
        return self.size * self.dtype.itemsize


NamedArray = tuple[str, DeviceArray]


def mark(array: Any) -> Any:
    """What stays equal as long as an array is the same memory in the same form.

    Objects are no such thing: libraries move the memory of an array that stays, and lay a new one where the last was.
    """
    if is_tensor(array):
        return array.data_ptr(), array.shape, array.stride(), array.dtype, array.device
    interface = getattr(array, INTERFACE, None)
    return object() if interface is None else dict(interface)  # DLPack alone tells nothing without a capsule


def awaited(array: Any, stream: int) -> Any:
    """Have a stream wait for what makes an array that is silent; gives what keeps its memory from other use."""
    export = dlpack.exported(array, stream)
    if export is None and hasattr(array, "block_until_ready"):
        array.block_until_ready()
    return array, export


def described(array: Any, name: str, stream: int = DEFAULT) -> DeviceArray:
    """The numbers of an array that `optviz.runs.arrays.checks.is_device_array` holds for one on a device.

    `stream` is that which is to read it, where its library is asked by DLPack.

    Raises
    ------
    UsageError, UsageTypeError
        Naming the array: it is no array of float32 or float64, or not to be read element by element.
    MissingError
        If CUDA cannot be used from here.
    """
    if is_tensor(array):
        given = _of_tensor(array, name)
    else:
        said = (getattr(array, INTERFACE, None) or {}).get("stream")
        # A library that is handed the stream on which it works has nothing to wait for, and touches no capture.
        export = dlpack.exported(array, said if isinstance(said, int) and said > 0 else stream)
        given = _of_interface(array, name) if export is None else _of_export(array, export, name)
    check_dtype(given.dtype, name)
    item = given.dtype.itemsize
    if given.size and any(number % item for number in (given.address, *given.strides)):
        raise UsageError(f"{name} is not aligned: its elements lie between the numbers", f"Give a copy: {COPY}.")
    if given.size and not given.address:  # as libraries leave it that give memory back between two steps
        raise UsageError(f"{name} has elements and no memory", "Bring its memory back first.")
    reason = devices.missing()
    if reason:
        raise MissingError(*reason)
    if given.device is None and given.size:
        given = given._replace(device=device_of(given.address))
        if given.device is None:
            raise UsageError(f"{name} is at address {given.address:#x}, which is on no CUDA device", "Is it freed?")
    return given


def device_of(address: int) -> int | None:
    """The number of the device on which an address lies; None where it is on none."""
    from optviz.kernels.cuda import memory

    return memory.device_at(address)


def _of_tensor(tensor: Any, name: str) -> DeviceArray:
    # The interface of a tensor refuses those that remember how they were made, and says nothing of streams.
    torch = sys.modules["torch"]
    if tensor.layout != torch.strided:
        raise UsageTypeError(f"{name} is a {tensor.layout} tensor", "Give a dense one: tensor.to_dense().")
    if tensor.is_neg():
        raise UsageError(f"{name} is a tensor that is yet to be negated", "Give its values: tensor.resolve_neg().")
    kind = _dtype(str(tensor.dtype).removeprefix("torch."), name, "tensor.float()")
    strides = tuple(step * kind.itemsize for step in tensor.stride())
    return DeviceArray(tensor.data_ptr(), tuple(tensor.shape), strides, kind, False, CURRENT, tensor.device.index)


def _of_export(array: Any, export: dlpack.Export, name: str) -> DeviceArray:
    kind = _dtype(export.dtype, name, "array.astype(np.float32)")
    strides = tuple(step * kind.itemsize for step in export.strides)
    interface = getattr(array, INTERFACE, None)
    is_silent = interface is None or interface.get("version", 0) < VERSIONS[-1] or _is_of_jax(array)
    stream = None if interface is None or is_silent else _stream(interface, name)
    is_constant = export.read_only or interface is None or _is_constant(array, interface)
    return DeviceArray(export.address, export.shape, strides, kind, is_constant, stream, export.device, is_silent)


def _dtype(dtype: str, name: str, remedy: str) -> np.dtype:
    """A dtype by its name, where NumPy knows it."""
    try:
        return np.dtype(dtype)
    except TypeError:
        raise UsageTypeError(f"{name} has dtype {dtype}", f"Use float32 or float64: {remedy}.") from None


def _is_constant(array: Any, interface: dict[str, Any]) -> bool:
    """Whether nobody may modify an array; JAX's promise to change none need not be in the interface."""
    return bool(interface["data"][1]) or _is_of_jax(array)


def _is_of_jax(array: Any) -> bool:
    """Whether an array is JAX's, which is computed on streams that nobody names."""
    return isinstance(array, getattr(sys.modules.get("jax"), "Array", ()))


def _stream(interface: dict[str, Any], name: str) -> int | None:
    """The handle of the stream that an interface names."""
    stream = interface.get("stream")
    if stream == 0:
        raise UsageError(
            f"{name} belongs to stream 0, which means nothing in {INTERFACE}", "1 is the default stream, None any."
        )
    return stream


def _of_interface(array: Any, name: str) -> DeviceArray:
    interface = getattr(array, INTERFACE, None)
    if interface is None:
        raise UsageTypeError(
            f"{name}, a {type(array).__name__}, does not say where its elements lie", f"Copy it: {COPY}."
        )
    try:
        version, mask, stream = interface["version"], interface.get("mask"), interface.get("stream")
        shape, strides = tuple(map(int, interface["shape"])), interface.get("strides")
        (address, _), kind = interface["data"], np.dtype(interface["typestr"])
        address = operator.index(address or 0)
        if stream is not None and operator.index(stream) < 0 or min(shape, default=0) < 0:
            raise ValueError(f"stream {stream}, shape {shape}")
        strides = dense_steps(shape, kind.itemsize) if strides is None else tuple(map(int, strides))
        if len(strides) != len(shape):
            raise ValueError(f"strides {strides} for shape {shape}")
    except (TypeError, KeyError, ValueError, AttributeError) as error:
        raise UsageTypeError(f"{name} has a {INTERFACE} that cannot be read: {shown(error)}", "Copy it.") from None
    if version not in VERSIONS:
        raise UsageError(f"{name} has version {version} of {INTERFACE}, not 2 or 3", f"Copy it with {_library(array)}.")
    if mask is not None:
        raise UsageError(f"{name} is a masked array", "Give its data, without the mask.")
    is_constant, is_silent = _is_constant(array, interface), version < VERSIONS[-1] or _is_of_jax(array)
    return DeviceArray(address, shape, strides, kind, is_constant, _stream(interface, name), None, is_silent)


def dense_steps(shape: tuple[int, ...], unit: int = 1) -> tuple[int, ...]:
    """The strides of a C-contiguous array, whose last is `unit`."""
    return tuple(unit * math.prod(shape[axis + 1 :]) for axis in range(len(shape)))


def _library(array: Any) -> str:
    return type(array).__module__.partition(".")[0]


def all_described(
    arrays: list[tuple[str, Any]], model: NamedArray | None = None, stream: int = DEFAULT
) -> tuple[list[NamedArray], int | None]:
    """The numbers of arrays, at least one of which is on a device unless there is a model, and that device.

    Parameters
    ----------
    arrays : list of (str, array)
    model : (str, DeviceArray), optional
        One on the device where all must be.
    stream : int
        As for `described`.

    Raises
    ------
    UsageError, UsageTypeError
        As `described`; or they are not all on one device, naming two that are not.
    MissingError
        If CUDA cannot be used from here.
    """
    known: list[NamedArray] = []
    for name, array in arrays:
        if not is_device_array(array):
            if not is_tensor(array):
                check_floats(array, name)
            there = model[0] if model else next(other for other, each in arrays if is_device_array(each))
            remedy = "Bring all arrays to the host or to one device."
            raise UsageError(f"{name} is in the host's memory, {there} on a CUDA device", remedy)
        known.append((name, described(array, name, stream)))
    everything = [model, *known] if model else known
    settled = [(name, array.device) for name, array in everything if array.device is not None]
    for name, device in settled[1:]:
        first, other = settled[0]
        if device != other:
            raise UsageError(f"{name} is on CUDA device {device}, {first} on {other}", "Bring all to one device.")
    return known, settled[0][1] if settled else None


def check_writable(array: DeviceArray, name: str) -> None:
    """Refuse an array that cannot be modified, JAX's among them, or two elements of which share memory.

    Raises
    ------
    UsageError
    """
    check_modifiable(array.read_only, overlaps_itself(array.shape, array.strides, array.dtype.itemsize), name, COPY)


def check_like(given: NamedArray, model: NamedArray) -> None:
    """Refuse an array of another shape or dtype than the model's."""
    check_same(given[1], model[1], given[0], model[0])


def spans(arrays: list[NamedArray], is_written: bool) -> list[Span]:
    """The memory of each array that has elements, from the first to the last."""
    ranges = []
    for name, array in arrays:
        if 0 not in array.shape:
            reach = [step * (count - 1) for step, count in zip(array.strides, array.shape, strict=True)]
            low = array.address + sum([step for step in reach if step < 0])
            high = array.address + sum([step for step in reach if step > 0]) + array.dtype.itemsize
            ranges.append((low, high, name, array, is_written))
    return ranges


def check_apart(spans: list[Span]) -> None:
    """Refuse arrays of which one is modified and lies between the first and the last element of another.

    Raises
    ------
    UsageError
        Naming both.
    """
    check_spans(spans, lambda a, b: True, COPY)


def current_stream(device: int) -> int:
    """The handle of the stream that PyTorch works on now."""
    handle = sys.modules["torch"].cuda.current_stream(device).cuda_stream
    return handle or DEFAULT  # it says 0 for it


def axes_in_order(array: DeviceArray) -> list[int]:
    """An array's axes from the one with the largest steps to that with the smallest."""
    return sorted(range(len(array.shape)), key=lambda axis: -abs(array.strides[axis]))

"""What may be updated in place: checks on arrays that a caller gives, each with a message that names the array."""

import sys
from collections.abc import Callable, Iterable
from typing import Any

import numpy as np
from numpy.lib.array_utils import byte_bounds

from optviz.errors import UsageError, UsageTypeError
from optviz.runs.arrays import dlpack

INTERFACE = "__cuda_array_interface__"
DTYPES = (np.dtype(np.float32), np.dtype(np.float64))
OVERLAP_WORK = 1_000_000  # what np.shares_memory may spend on one pair, about 0.1 s
COPY = "np.array(array)"

Named = tuple[str, np.ndarray]
Span = tuple[int, int, str, Any, bool]  # first address and the one behind the last, name, array, whether it is modified


def is_tensor(array: Any) -> bool:
    """Whether an array is PyTorch's, on whatever device; without importing PyTorch."""
    return isinstance(array, getattr(sys.modules.get("torch"), "Tensor", ()))


def is_device_array(array: Any) -> bool:
    """Whether an array lies on a CUDA device, by its own account."""
    if is_tensor(array):  # those that remember how they were made raise errors when they are asked
        return array.is_cuda
    return hasattr(array, INTERFACE) or dlpack.is_on_cuda(array)


def check_floats(array: Any, name: str) -> None:
    """Refuse anything but a plain NumPy array of native float32 or float64.

    Raises
    ------
    UsageTypeError
        Naming the array, its type or dtype, and the remedy.
    """
    if isinstance(array, np.ma.MaskedArray):
        raise UsageTypeError(f"{name} is a masked array", "Give its data: array.filled(0) or array.data.")
    if is_tensor(array):
        raise UsageTypeError(
            f"{name} is a Tensor on device {array.device}",
            "Give its array, which shares its memory, tensor.detach().numpy(), or a tensor on a CUDA device.",
        )
    if not isinstance(array, np.ndarray):
        raise UsageTypeError(f"{name} is a {type(array).__name__}", "Give a NumPy array: np.asarray(..., np.float32).")
    check_dtype(array.dtype, name)


def check_dtype(dtype: np.dtype, name: str) -> None:
    """Refuse any dtype but native float32 and float64.

    Raises
    ------
    UsageTypeError
    """
    if dtype in DTYPES:
        return
    if dtype.newbyteorder("=") in DTYPES:
        raise UsageTypeError(
            f"{name} has dtype {dtype.str}, which is not this machine's byte order",
            f"Convert it: array.astype(np.{dtype.name}).",
        )
    raise UsageTypeError(f"{name} has dtype {dtype}", "Use float32 or float64: array.astype(np.float32).")


def check_writable(array: np.ndarray, name: str) -> None:
    """Refuse an array that cannot be modified, or two elements of which share memory.

    Raises
    ------
    UsageError
        Naming the array and the remedy.
    """
    meets = not array.flags.forc and overlaps_itself(array.shape, array.strides, array.itemsize)
    check_modifiable(not array.flags.writeable, meets, name, COPY)


def check_modifiable(read_only: bool, meets_itself: bool, name: str, copy: str) -> None:
    """What `check_writable` says, of arrays of any kind; `copy` is how to make one that has memory of its own."""
    if read_only:
        raise UsageError(f"{name} is read-only", f"Give an array of its own memory: {copy}.")
    if meets_itself:
        raise UsageError(f"{name} overlaps itself: elements share memory", f"Give an array of its own: {copy}.")


def check_like(array: Any, model: np.ndarray, name: str, model_name: str) -> None:
    """Refuse an array that is not of the model's shape and dtype.

    Raises
    ------
    UsageError, UsageTypeError
    """
    if is_device_array(array):
        raise UsageError(
            f"{name} is on a CUDA device, {model_name} is a NumPy array", "Bring both to the host or to one device."
        )
    check_floats(array, name)
    check_same(array, model, name, model_name)


def check_same(array: Any, model: Any, name: str, model_name: str) -> None:
    """Refuse an array of another shape or dtype than the model's, both of which are floats.

    Raises
    ------
    UsageError
    """
    if array.shape != model.shape:
        raise UsageError(f"{name} has shape {array.shape}, {model_name} {model.shape}", "Give both the same shape.")
    if array.dtype != model.dtype:
        raise UsageError(f"{name} has dtype {array.dtype}, {model_name} {model.dtype}", "Give both the same dtype.")


def overlaps_itself(shape: tuple[int, ...], strides: tuple[int, ...], itemsize: int) -> bool:
    """Whether two elements of an array share memory, as with a stride of 0."""
    if 0 in shape:
        return False
    reach = itemsize
    axes = sorted((abs(step), count) for step, count in zip(strides, shape, strict=True) if count > 1)
    for step, count in axes:
        if step < reach:
            break
        reach += step * (count - 1)
    else:
        return False
    # Strides made by hand may interleave axes without meeting; then only the addresses themselves tell.
    addresses = np.zeros((), np.int64)
    for step, count in axes:
        addresses = np.add.outer(addresses, step * np.arange(count))
    return bool(np.diff(np.sort(addresses, axis=None)).min() < itemsize)


def memory_of(array: np.ndarray) -> int | None:
    """The identity of the array that owns this array's memory; None where something else does, a file or a tensor.

    Arrays whose memory has different owners share none of it. The identity is good as long as the array lives.
    """
    while isinstance(array.base, np.ndarray):
        array = array.base
    return id(array) if array.flags.owndata else None


def owners_of(arrays: Iterable[np.ndarray]) -> frozenset[int | None]:
    """The owners of some arrays' memory, and None; empty where the owners do not tell that the arrays are apart."""
    owners = [memory_of(array) for array in arrays]
    distinct = frozenset([*owners, None])
    return distinct if len(distinct) == len(owners) + 1 else frozenset()


def check_apart(written: list[Named], read: list[Named]) -> None:
    """Refuse arrays of which one is modified and shares memory with another.

    Raises
    ------
    UsageError
        Naming both.
    """
    owners = owners_of(array for _, array in written)
    if owners and not any(memory_of(array) in owners for _, array in read):
        return
    spans: list[Span] = [(*byte_bounds(array), name, array, True) for name, array in written if array.size]
    spans += [(*byte_bounds(array), name, array, False) for name, array in read if array.size]
    check_spans(spans, share_memory, COPY)


def check_spans(spans: list[Span], share: Callable[[Any, Any], bool], copy: str) -> None:
    """What `check_apart` says, of arrays of any kind.

    Parameters
    ----------
    spans : list of Span
    share : function
        Whether two arrays share memory whose spans do.
    copy : str
        How to make an array that has memory of its own.
    """
    open_spans: list[Span] = []
    for span in sorted(spans, key=lambda span: span[0]):
        open_spans = [other for other in open_spans if other[1] > span[0]]
        for other in open_spans:
            if (span[4] or other[4]) and share(span[3], other[3]):
                raise UsageError(
                    f"{span[2]} and {other[2]} overlap in memory", f"Give each an array of its own: {copy}."
                )
        open_spans.append(span)


def share_memory(a: np.ndarray, b: np.ndarray) -> bool:
    """Whether two arrays share elements, or it takes too long to find out."""
    try:
        return np.shares_memory(a, b, max_work=OVERLAP_WORK)  # type: ignore[arg-type]
    except np.exceptions.TooHardError:
        return True

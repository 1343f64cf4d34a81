"""What may be updated in place: checks on arrays that a caller gives, each with a message that names the array."""

from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy.lib.array_utils import byte_bounds

from optviz.errors import UsageError, UsageTypeError

DTYPES = (np.dtype(np.float32), np.dtype(np.float64))
OVERLAP_WORK = 1_000_000  # what np.shares_memory may spend on one pair, about 0.1 s

Named = tuple[str, np.ndarray]


def check_floats(array: Any, name: str) -> None:
    """Refuse anything but a plain NumPy array of native float32 or float64.

    Raises
    ------
    UsageTypeError
        Naming the array, its type or dtype, and the remedy.
    """
    if isinstance(array, np.ma.MaskedArray):
        raise UsageTypeError(f"{name} is a masked array", "Give its data: array.filled(0) or array.data.")
    if not isinstance(array, np.ndarray):
        raise UsageTypeError(f"{name} is a {type(array).__name__}", "Give a NumPy array: np.asarray(..., np.float32).")
    if array.dtype in DTYPES:
        return
    if array.dtype.newbyteorder("=") in DTYPES:
        raise UsageTypeError(
            f"{name} has dtype {array.dtype.str}, which is not this machine's byte order",
            f"Convert it: array.astype(np.{array.dtype.name}).",
        )
    raise UsageTypeError(f"{name} has dtype {array.dtype}", "Use float32 or float64: array.astype(np.float32).")


def check_writable(array: np.ndarray, name: str) -> None:
    """Refuse an array that cannot be modified, or two elements of which share memory.

    Raises
    ------
    UsageError
        Naming the array and the remedy.
    """
    if not array.flags.writeable:
        raise UsageError(f"{name} is read-only", "Give an array of its own memory: np.array(array).")
    if overlaps_itself(array):
        raise UsageError(f"{name} overlaps itself: elements share memory", "Give an array of its own: np.array(array).")


def check_like(array: Any, model: np.ndarray, name: str, model_name: str) -> None:
    """Refuse an array that is not of the model's shape and dtype.

    Raises
    ------
    UsageError, UsageTypeError
    """
    check_floats(array, name)
    if array.shape != model.shape:
        raise UsageError(f"{name} has shape {array.shape}, {model_name} {model.shape}", "Give both the same shape.")
    if array.dtype != model.dtype:
        raise UsageError(f"{name} has dtype {array.dtype}, {model_name} {model.dtype}", "Give both the same dtype.")


def overlaps_itself(array: np.ndarray) -> bool:
    """Whether two elements of an array share memory, as with a stride of 0."""
    if array.flags.forc or array.size < 2:
        return False
    reach = array.itemsize
    axes = sorted((abs(step), count) for step, count in zip(array.strides, array.shape, strict=True) if count > 1)
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
    return bool(np.diff(np.sort(addresses, axis=None)).min() < array.itemsize)


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
    spans = [(*byte_bounds(array), name, array, True) for name, array in written if array.size]
    spans += [(*byte_bounds(array), name, array, False) for name, array in read if array.size]
    spans.sort(key=lambda span: span[0])
    open_spans: list[tuple] = []
    for span in spans:
        open_spans = [other for other in open_spans if other[1] > span[0]]
        for other in open_spans:
            if (span[4] or other[4]) and _share_memory(span[3], other[3]):
                raise UsageError(
                    f"{span[2]} and {other[2]} overlap in memory", "Give each an array of its own: np.array(array)."
                )
        open_spans.append(span)


def _share_memory(a: np.ndarray, b: np.ndarray) -> bool:
    try:
        return np.shares_memory(a, b, max_work=OVERLAP_WORK)  # type: ignore[arg-type]
    except np.exceptions.TooHardError:
        return True

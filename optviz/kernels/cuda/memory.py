"""Memory of other libraries on a device: whose it is, when it may be touched, and copies of it in another layout."""

import contextlib
import threading
from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np

from optviz.kernels.cuda.backend import (
    SIMULATED,
    THREADS,
    cuda,
    guarded,
    launch,
    numbers_at,
    put,
    specialise,
    stream_at,
    synchronize,
)

# Bound by `specialise`.
MEMORY: Any = None  # the numbers at an address


def copy(target, source, size, counts, target_steps, source_steps):
    to, numbers = MEMORY(target), MEMORY(source)
    for i in range(cuda.grid(1), size, cuda.gridsize(1)):
        left, there, here = i, i - i, i - i
        for axis in range(len(counts) - 1, -1, -1):
            j = left % counts[axis]
            left = left // counts[axis]
            there += j * target_steps[axis]
            here += j * source_steps[axis]
        to[there] = numbers[here]


def copy_kernel(dtype: type, axes: int) -> Any:
    """Copies between two layouts of the elements of an array with some axes.

    ``kernel(target, source, size, counts, target_steps, source_steps)`` takes two addresses, the number of elements,
    and for each axis its length and how many elements lie between neighbours, in tuples of int64.
    """
    return specialise(copy, f"{dtype.__name__}_{axes}", "", MEMORY=numbers_at(dtype))


def copy_elements(
    target: int,
    source: int,
    counts: tuple[int, ...],
    target_steps: tuple[int, ...],
    source_steps: tuple[int, ...],
    dtype: type,
    stream: Any,
) -> None:
    """Launch what `copy_kernel` gives."""
    size = int(np.prod(counts))
    layout = [tuple(map(np.int64, numbers)) for numbers in (counts, target_steps, source_steps)]
    kernel = copy_kernel(dtype, len(counts))
    blocks = -(-size // THREADS)
    launch(kernel, blocks, THREADS, np.int64(target), np.int64(source), np.int64(size), *layout, stream=stream)


class _Array(np.ndarray):
    """What a device array is in the simulator."""

    @property
    def __cuda_array_interface__(self) -> dict[str, Any]:
        return {
            "shape": self.shape,
            "strides": self.strides,
            "data": (self.ctypes.data, not self.flags.writeable),
            "typestr": self.dtype.str,
            "version": 3,
        }


def full(shape: tuple[int, ...], strides: tuple[int, ...], value: float, dtype: type) -> Any:
    """An array on the current device, filled with a value: Numba's, with ``__cuda_array_interface__``.

    The strides, in bytes, are those of an array without gaps.
    """
    with guarded():
        if SIMULATED:
            array: Any = np.ndarray(shape, dtype, strides=strides).view(_Array)
        else:
            array = cuda.device_array(shape, dtype, strides=strides)
    size = int(np.prod(shape))
    if size:
        source = put(np.array([value], dtype))
        copy_elements(address_of(array), address_of(source), (size,), (1,), (0,), dtype, 0)
        synchronize()  # whatever stream it is used on: it says of none that it must be waited for
    return array


def address_of(array: Any) -> int:
    """Where an array of the backend lies."""
    return array.ctypes.data if SIMULATED else array.__cuda_array_interface__["data"][0]


def device_at(address: int) -> int | None:
    """The number of the device in whose memory an address lies; None where it lies in none."""
    if SIMULATED:
        return 0
    driver: Any = cuda.cudadrv.driver
    attribute = driver.binding.CUpointer_attribute.CU_POINTER_ATTRIBUTE_DEVICE_ORDINAL
    try:
        with guarded():
            cuda.current_context()  # the driver answers nobody who has none
            return int(driver.driver.cuPointerGetAttribute(attribute, driver.binding.CUdeviceptr(address)))
    except Exception as error:
        if "INVALID_VALUE" in str(error):
            return None
        raise


@contextlib.contextmanager
def on(device: int) -> Iterator[None]:
    """Make a device the current one."""
    with guarded(), cuda.gpus[device]:
        yield


@contextlib.contextmanager
def joined(stream: Any, others: Iterable[int]) -> Iterator[None]:
    """Work on a stream with what belongs to others, by their handles: it waits for what they were given, and they for
    it."""
    streams = [stream_at(handle) for handle in others]
    with guarded():
        for other in streams:
            wait(stream, other)
    yield
    with guarded():
        for other in streams:
            wait(other, stream)


def wait(stream: Any, other: Any) -> None:
    """Let a stream wait for all that another has been given so far."""
    event, free = _event()
    event.record(other)
    event.wait(stream)
    free.append(event)  # what waits has been told for what: the event may be recorded anew


_free: dict[str, list] = {}  # events that nobody uses, in the simulator
_kept: list[tuple[Any, list, Any]] = []
_lock = threading.Lock()


def _event() -> tuple[Any, list]:
    """An event of the current device, and the list of those that nobody uses, to which it is to be given back."""
    # A context has a place for what ends with it, and cannot be the key of a dictionary.
    free = (_free if SIMULATED else cuda.current_context().extras).setdefault(__name__, [])
    try:
        return free.pop(), free
    except IndexError:
        create: Any = cuda.event
        return create() if SIMULATED else create(timing=False), free


def keep(references: Any, stream: Any) -> None:
    """Hold references until a stream of the current device has done all that it has been given so far.

    A library gives freed memory out again in the order of its own streams, of which ours is none. Where these are
    known they could wait for ours, see `joined`; references also serve libraries that name no stream.
    """
    with guarded():
        event, free = _event()
        event.record(stream)
    with _lock:
        _kept.append((event, free, references))


def let_go() -> None:
    """Drop all references that `keep` need not hold any more."""
    if not _kept:
        return
    with _lock, guarded():
        held, _kept[:] = _kept[:], []
        done = [_is_over(event) for event, _, _ in held]
        _kept.extend(one for one, is_done in zip(held, done, strict=True) if not is_done)
    for (event, free, _), is_done in zip(held, done, strict=True):
        if is_done:
            free.append(event)


def _is_over(event: Any) -> bool:
    """Whether a stream has come to an event."""
    if SIMULATED:
        return True
    # Numba writes each "not yet" that its own `query` gets into the user's log, as an error.
    driver: Any = cuda.cudadrv.driver
    binding = driver.binding
    (code,) = binding.cuEventQuery(event.handle)
    return code != binding.CUresult.CUDA_ERROR_NOT_READY and event.query()


def is_captured(handle: int) -> bool:
    """Whether what a stream of the current device is given now becomes part of a graph, to be launched later."""
    if SIMULATED:
        return False
    driver: Any = cuda.cudadrv.driver
    try:
        with guarded():
            return bool(int(driver.driver.cuStreamIsCapturing(driver.binding.CUstream(handle))))
    except Exception as error:
        if "STREAM_CAPTURE" in str(error):  # the default stream is asked, and another one is captured
            return True
        raise


def fill(target: Any, values: np.ndarray, stream: Any) -> None:
    """Bring numbers to a device array of their shape, in a stream's turn; they are kept until they are there."""
    with guarded():
        target.copy_to_device(values, stream=stream)
    keep(values, stream)

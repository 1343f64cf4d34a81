"""One array on a device with its slots and its gradient, as kernels take them: in the order of the array's memory."""

from typing import Any

from optviz.optimizers import Setting
from optviz.runs.arrays.device_arrays import COPY, CURRENT, DeviceArray, axes_in_order, current_stream, dense_steps


class BoundArray:
    """One array with its slots and its gradient.

    Attributes
    ----------
    setting : Setting
    param : DeviceArray
    written : list of Flat
        What a step modifies: the array, and the slots that have its shape.
    """

    def __init__(self, setting: Setting, param: DeviceArray, slots: list[DeviceArray]):
        self.setting, self.param = setting, param
        self._order = [axis for axis in axes_in_order(param) if param.shape[axis] > 1]
        own = [slot for slot in slots if slot.shape == param.shape]
        self.written = [Flat(array, self._order) for array in (param, *own)]
        flat = iter(self.written[1:])
        self._slots = [next(flat) if slot.shape == param.shape else slot for slot in slots]
        self._gradient: Flat | None = None

    def remember(self, gradient: DeviceArray) -> None:
        """A gradient that passed the checks."""
        self._gradient = Flat(gradient, self._order, self._gradient.buffer if self._gradient else None)

    def copies(self) -> list["Flat"]:
        """What must be copied before a step."""
        return [flat for flat in (*self.written, self._gradient) if flat and flat.is_copy]

    def places(self) -> tuple[int, int, int, list[int]]:
        """The size, and the addresses of the parameter, the gradient and the slots."""
        assert self._gradient is not None
        slots = [slot.address for slot in self._slots]
        return self.param.size, self.written[0].address, self._gradient.address, slots


class Flat:
    """The elements of an array in some order of its axes: where they lie, or a copy where they have gaps.

    Attributes
    ----------
    address : int
        Where they lie one after the other.
    is_copy : bool
    buffer : device array or None
        The copy's memory, which also another copy of the same size may take over.
    """

    def __init__(self, array: DeviceArray, order: list[int], buffer: Any = None):
        self._array = array
        self._counts = tuple(array.shape[axis] for axis in order)
        self._steps = tuple(array.strides[axis] // array.dtype.itemsize for axis in order)
        self.address = array.address
        self.is_copy = array.size > 0 and self._steps != dense_steps(self._counts)
        self.buffer = buffer
        if self.is_copy:
            from optviz.kernels.cuda import backend, memory

            if buffer is None:
                assert array.device is not None  # since it has elements
                with memory.on(array.device):
                    backend.check_fits("a copy of an array with gaps", array.nbytes, f"Give one without: {COPY}.")
                    self.buffer = backend.empty(array.size, array.dtype)
            self.address = memory.address_of(self.buffer)

    def fetch(self, stream: Any) -> None:
        """Fill the copy."""
        self._copy(self.address, self._array.address, dense_steps(self._counts), self._steps, stream)

    def store(self, stream: Any) -> None:
        """Bring the copy back."""
        self._copy(self._array.address, self.address, self._steps, dense_steps(self._counts), stream)

    def _copy(self, target: int, source: int, target_steps: tuple, source_steps: tuple, stream: Any) -> None:
        from optviz.kernels.cuda import memory

        memory.copy_elements(target, source, self._counts, target_steps, source_steps, self._array.dtype.type, stream)


def copy_into(target: DeviceArray, source: DeviceArray, handle: int) -> None:
    """Fill an array with the elements of another one, on a stream."""
    from optviz.kernels.cuda import backend, memory

    if source.size:
        item, counts = source.dtype.itemsize, source.shape or (1,)
        into, out_of = (tuple(step // item for step in array.strides) or (1,) for array in (target, source))
        stream = backend.stream_at(handle)
        memory.copy_elements(target.address, source.address, counts, into, out_of, source.dtype.type, stream)


def handle_of(stream: int, device: int) -> int:
    """The handle of a stream, which for PyTorch's arrays is the one that it works on now."""
    return current_stream(device) if stream == CURRENT else stream

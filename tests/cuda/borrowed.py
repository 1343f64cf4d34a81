"""Arrays of another library on the device: any layout, any interface, around memory of the backend."""

import numpy as np
from numpy.lib.stride_tricks import as_strided

from optviz.kernels.cuda import backend, memory

GAP = 7.0  # lies between the elements


class Borrowed:
    """An array with ``__cuda_array_interface__``.

    Parameters
    ----------
    values : array
    layout : str
        One of `LAYOUTS`.
    **changes
        Entries of the interface that differ from the honest ones.
    """

    def __init__(self, values, layout="C", **changes):
        values = np.asarray(values)
        size, offset, steps = LAYOUTS[layout](values.shape)
        self._view = lambda base: as_strided(base[offset:], values.shape, [step * base.itemsize for step in steps])
        base = np.full(max(size, 1), GAP, values.dtype)
        self._view(base)[...] = values
        self.memory = backend.put(base)
        self.address = memory.address_of(self.memory) + offset * base.itemsize
        self.interface = {
            "shape": values.shape,
            "typestr": values.dtype.str,
            "data": (self.address, False),
            "strides": tuple(step * base.itemsize for step in steps),
            "version": 3,
            "stream": None,
        }
        self.interface |= changes

    @property
    def __cuda_array_interface__(self):
        return dict(self.interface)

    @property
    def base(self):
        """All of the memory, the gaps included."""
        return backend.get(self.memory)

    @property
    def values(self):
        return self._view(self.base).copy()


def values_of(array):
    """What is in any array on the device, also one that optviz made."""
    if isinstance(array, Borrowed):
        return array.values
    return np.array(array) if backend.SIMULATED else array.copy_to_host()


def same(found, expected):
    """What a step made on the device is what it makes on the CPU, but for the rounding of its last operations.

    Roots of plain Python are float64, and a device rounds once where it multiplies and adds.
    """
    assert found.dtype == expected.dtype
    if backend.SIMULATED and found.dtype == np.float64:
        np.testing.assert_array_equal(found, expected)
    else:
        tolerance = 100 * np.finfo(found.dtype).eps
        np.testing.assert_allclose(found, expected, rtol=tolerance, atol=tolerance)


def _dense(shape, order):
    steps, step = [0] * len(shape), 1
    for axis in reversed(order):
        steps[axis], step = step, step * shape[axis]
    return step, steps


def _c(shape):
    size, steps = _dense(shape, range(len(shape)))
    return size, 0, steps


def _f(shape):
    size, steps = _dense(shape, range(len(shape))[::-1])
    return size, 0, steps


def _channels_last(shape):
    size, steps = _dense(shape, (0, *range(2, len(shape)), 1))
    return size, 0, steps


def _columns(shape):
    size, steps = _dense(shape, range(len(shape)))
    return 2 * size, 1, [2 * step for step in steps]


def _rows(shape):
    size, steps = _dense((*shape[:-1], shape[-1] + 3), range(len(shape)))
    return size, 0, steps


def _backwards(shape):
    size, steps = _dense(shape, range(len(shape)))
    return size, steps[0] * (shape[0] - 1), [-steps[0], *steps[1:]]


# Layout -> for a shape how many numbers the memory has, where the first is, and the steps from one to the next.
LAYOUTS = {
    "C": _c,
    "F": _f,
    "channels last": _channels_last,
    "columns": _columns,
    "rows": _rows,
    "backwards": _backwards,
}


def stepped(opt, x, gradients):
    """A copy of `x` after these gradients on the CPU, and its state."""
    x = np.array(x)
    state = opt.init(x)
    for g in gradients:
        opt.step(x, g, state)
    return x, state

"""What it means that batches on a device and on the CPU are the same, and blocks that the simulator can afford."""

import numpy as np

from optviz.kernels.cuda.backend import SIMULATED
from optviz.runs.points import gpu


def few_threads(monkeypatch):
    """The simulator starts a thread of the processor for each one of a block, whether or not it has a run."""
    if SIMULATED:
        monkeypatch.setattr(gpu, "THREADS", 4)


def assert_same(one, other, *, exact=False):
    """Arrays are the same, to the last digit where nothing is rounded in another way."""
    one, other = np.asarray(one), np.asarray(other)
    assert one.dtype == other.dtype and one.shape == other.shape
    if one.dtype.kind != "f" or (exact and SIMULATED):
        np.testing.assert_array_equal(one, other)
    else:
        digits = 2e-4 if one.dtype == np.float32 else 1e-9
        np.testing.assert_allclose(one, other, rtol=digits, atol=digits)


def assert_records(one, other):
    """Records hold the same, whatever they are made of."""
    if isinstance(one, np.ndarray):
        assert_same(one, other, exact=True)
    elif isinstance(one, tuple):
        assert len(one) == len(other)
        for pair in zip(one, other, strict=True):
            assert_records(*pair)
    elif hasattr(one, "__dataclass_fields__"):
        for name in one.__dataclass_fields__.keys() - {"device"}:
            assert_records(getattr(one, name), getattr(other, name))
    else:
        np.testing.assert_equal(one, other)

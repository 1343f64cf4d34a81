"""Denormal numbers: flushed where asked for, as they were everywhere else."""

import threading

import numpy as np
import pytest

from optviz.kernels.denormals import SUPPORTED, flushed
from optviz.kernels.update import array_function
from optviz.optimizers import configure

pytestmark = pytest.mark.skipif(not SUPPORTED, reason="the processor has no such switch that optviz knows")

TINY = np.full(8, 5e-324)
ONES = np.ones(8)


def are_flushed() -> bool:
    return not (TINY * ONES).any()


def test_flushed_inside_and_restored_after():
    assert not are_flushed()
    with flushed():
        assert are_flushed()
    assert not are_flushed()


def test_restored_after_an_exception():
    with pytest.raises(KeyError), flushed():
        raise KeyError
    assert not are_flushed()


def test_blocks_may_be_nested():
    with flushed():
        with flushed():
            assert are_flushed()
        assert are_flushed()
    assert not are_flushed()


def test_another_thread_is_left_alone():
    inside, looked = threading.Event(), threading.Event()
    seen = []

    def look():
        inside.wait(10)
        seen.append(are_flushed())
        looked.set()

    thread = threading.Thread(target=look)
    thread.start()
    with flushed():
        inside.set()
        assert looked.wait(10)
        assert are_flushed()
    thread.join()
    assert seen == [False]


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_kernels_flush_and_restore(dtype):
    momentum = configure("momentum")
    tiny = np.finfo(dtype).smallest_normal
    x, g, v = np.zeros(9, dtype), np.zeros(9, dtype), np.full(9, tiny, dtype)
    hyper = tuple(dtype(0.25) for _ in momentum.formula.hyperparameters)
    array_function(momentum.formula, dtype)(x, g, (v,), (), hyper)
    assert not v.any()
    assert not are_flushed()

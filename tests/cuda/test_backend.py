"""What the backend makes of the CPU's code, and what it says when a device does not answer."""

import sys
import threading

import numpy as np
import pytest

import optviz
from optviz.errors import MissingError, OptvizError, UsageError
from optviz.kernels.cuda import backend
from optviz.kernels.cuda.backend import cuda
from optviz.kernels.random import philox
from optviz.kernels.slots import take
from optviz.runs.networks import gpu

PHILOX: object = None
TAKE: object = None
NUMBERS: object = None


def words(out):
    i = cuda.grid(1)
    c = np.uint64(i)
    one, two, three, four = PHILOX(c, c, c, c, np.uint64(1), np.uint64(2))
    out[i, 0], out[i, 1], out[i, 2], out[i, 3] = one, two, three, four


def test_twins_give_the_same_bits():
    out = backend.put(np.zeros((8, 4), np.uint64))
    kernel = backend.specialise(words, "", "", PHILOX=backend.twin(philox))
    backend.launch(kernel, 1, 8, out)
    one, two = np.uint64(1), np.uint64(2)
    expected = [philox(*[np.uint64(i)] * 4, one, two) for i in range(8)]
    np.testing.assert_array_equal(backend.get(out), np.array(expected, np.uint64))


def doubled(address, n):
    x = NUMBERS(address)
    for i in range(cuda.grid(1), n, cuda.gridsize(1)):
        x[i] = x[i] + x[i]


@pytest.mark.skipif(not backend.SIMULATED, reason="the address is the processor's")
def test_numbers_at_an_address(dtype):
    x = np.arange(10, dtype=dtype)
    kernel = backend.specialise(doubled, dtype.__name__, "", NUMBERS=backend.numbers_at(dtype))
    backend.launch(kernel, 2, 2, x.ctypes.data, 10)
    np.testing.assert_array_equal(x, 2 * np.arange(10, dtype=dtype))


def test_no_blocks_no_launch():
    backend.launch(None, 0, 1)


def test_twins_are_made_once():
    assert backend.twin(take(2)) is backend.twin(take(2))


@pytest.mark.parametrize(
    ("name", "text", "error", "words"),
    [
        ("CudaSupportError", "Error at driver init:\nlibcuda.so not found", MissingError, "Error at driver init"),
        ("CudaAPIError", "[700] Call to cuMemcpy results in CUDA_ERROR_ILLEGAL_ADDRESS", OptvizError, "ILLEGAL"),
        ("CudaAPIError", "[2] Call to cuMemAlloc results in CUDA_ERROR_OUT_OF_MEMORY", OptvizError, "full"),
        ("CudaAPIError", "[999] CUDA_ERROR_DEVICE_UNAVAILABLE", OptvizError, "the CUDA device failed"),
        ("ValueError", "Can't use arch-specific compute_130a with closest found compute_121", OptvizError, "newer"),
        ("nvJitLinkError", "log: ptxas error: File uses too much global constant data", UsageError, "constants"),
    ],
)
def test_what_a_driver_says(name, text, error, words):
    with pytest.raises(error, match=words) as caught, backend.guarded():
        raise type(name, (Exception,), {})(text)
    assert len(caught.value.problem.splitlines()) == 1 and caught.value.remedy


def test_other_errors_pass():
    with pytest.raises(ZeroDivisionError), backend.guarded():
        raise ZeroDivisionError


def test_what_is_too_large_is_refused_with_its_size():
    with pytest.raises(UsageError, match=r"a thing needs 1,000,000\.0 GB, .* GB of the device are free"):
        backend.check_fits("a thing", 10**15, "Ask for less.")


class Keeper:
    """A library that keeps memory which it does not use."""

    def __init__(self):
        self.kept = 900
        self.cuda = self

    def is_initialized(self):
        return True

    def empty_cache(self):
        self.kept = 0


def test_what_other_libraries_keep_without_using_it_is_given_back_where_it_is_needed(monkeypatch):
    torch = Keeper()
    monkeypatch.setitem(sys.modules, "torch", torch)
    monkeypatch.setattr(backend, "free", lambda: 1000 - torch.kept)
    backend.check_fits("a thing", 80, "Ask for less.")
    assert torch.kept == 900
    backend.check_fits("a thing", 800, "Ask for less.")
    assert torch.kept == 0
    with pytest.raises(UsageError, match="a thing needs"):
        backend.check_fits("a thing", 1000, "Ask for less.")


def test_jax_is_named_where_it_may_hold_the_memory(monkeypatch):
    monkeypatch.setitem(sys.modules, "jax", object())
    with pytest.raises(UsageError) as caught:
        backend.check_fits("a thing", 10**15, "Ask for less.")
    assert caught.value.remedy.startswith("Ask for less. JAX keeps")


@pytest.mark.parametrize(
    ("module", "name", "text", "words"),
    [
        (
            "cuda.core._utils",
            "nvJitLinkError",
            "ERROR_INTERNAL: cannot link\nsm_90",
            "compiler or linker failed: ERROR",
        ),
        ("numba.cuda.cudadrv.nvvm", "NvvmError", "NVVM_ERROR_COMPILATION", "compiler or linker failed: NVVM"),
        ("cuda.core._utils.cuda_utils", "CUDAError", "CUDA_ERROR_INVALID_VALUE", "the CUDA device failed"),
        ("cuda.core.new", "SomethingNew", "whatever it says", "the CUDA device failed: whatever it says"),
    ],
)
def test_what_the_compiler_and_its_linker_say(module, name, text, words):
    with pytest.raises(OptvizError, match=words) as caught, backend.guarded():
        raise type(name, (Exception,), {"__module__": module})(text)
    assert len(caught.value.problem.splitlines()) == 1 and caught.value.remedy


def test_the_settings_of_warnings_are_the_users(monkeypatch):
    """A small grid makes Numba warn unless it is told not to: it is told so for our launches alone."""
    asked = []

    class Recording:
        def __getitem__(self, how):
            asked.append((how, backend.config.CUDA_LOW_OCCUPANCY_WARNINGS))
            return lambda *arguments: None

    monkeypatch.setattr(backend.config, "CUDA_LOW_OCCUPANCY_WARNINGS", 1, raising=False)
    backend.launch(Recording(), 3, 8)
    assert asked == [((3, 8, 0, 0), 0)]
    assert backend.config.CUDA_LOW_OCCUPANCY_WARNINGS == 1


def test_threads_compute_on_the_device_of_their_caller(monkeypatch):
    entered = []
    monkeypatch.setattr(backend, "same_device", lambda: lambda: entered.append(threading.current_thread()))
    optviz.minimize_many("sphere", "sgd", np.ones((2, 2)), 2, lr=0.1, device="cuda")
    assert len(entered) == 1 and entered[0] is not threading.current_thread()
    monkeypatch.setattr(gpu, "side_by_side", lambda jobs, threads, new_room, *rest: new_room())
    gpu.Device(None, None).work([], None, None)
    assert entered[1:] == [threading.current_thread()]

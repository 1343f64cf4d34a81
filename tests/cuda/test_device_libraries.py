"""opt.step on arrays of PyTorch, CuPy and JAX on a device, as they are: what no simulator can show."""

import numpy as np
import pytest

from optviz.errors import UsageError
from optviz.kernels.cuda import backend
from optviz.runs.arrays.optimizer import optimizer

if backend.SIMULATED:
    pytest.skip("a device is needed", allow_module_level=True)


def noise(shape, seed=0, dtype=np.float64):
    return np.random.default_rng(seed).normal(size=shape).astype(dtype)


@pytest.fixture
def torch():
    torch = pytest.importorskip("torch")
    if not torch.cuda.is_available():
        pytest.skip("PyTorch has no device")
    return torch


@pytest.fixture
def jax():
    jax = pytest.importorskip("jax")
    try:
        jax.devices("gpu")
    except RuntimeError:
        pytest.skip("JAX has no device")
    return jax


@pytest.fixture(params=["torch", "cupy"])
def library(request):
    """What makes an array of a library, and what reads it."""
    if request.param == "torch":
        torch = request.getfixturevalue("torch")
        return lambda values: torch.tensor(values, device="cuda"), lambda array: array.cpu().numpy()
    cupy = pytest.importorskip("cupy")
    return cupy.asarray, cupy.asnumpy


@pytest.mark.parametrize("name", ["adam", "lamb", "novograd", "prodigy", "muon", "shampoo", "adafactor", "sm3"])
def test_every_kind_as_on_the_cpu(name, library, dtype):
    make, read = library
    opt = optimizer(name)
    starts = [noise(shape, k, dtype) for k, shape in enumerate([(70, 40), (5000,), (3, 4, 5)])]
    here, there = [x.copy() for x in starts], [make(x) for x in starts]
    known, state = opt.init(here), opt.init(there)
    for t in range(5):
        gradients = [noise(x.shape, 10 * t + k, dtype) for k, x in enumerate(starts)]
        opt.step(here, gradients, known)
        opt.step(there, [make(g) for g in gradients], state)
    digits = 1e-7 if dtype is np.float64 else 5e-3
    for x, y in zip(here, there, strict=True):
        np.testing.assert_allclose(read(y), x, rtol=digits, atol=digits)


def test_gradients_of_jax_are_waited_for_and_kept(jax):
    from numba import cuda

    side = 2048

    @jax.jit
    def slow(seed):
        a = jax.numpy.full((side, side), 1 / side, jax.numpy.float32)
        for _ in range(40):
            a = a @ a  # the same again
        return a[0] * seed

    slow(1.0).block_until_ready()
    opt = optimizer("sgd", lr=1.0)
    x, expected = cuda.to_device(np.zeros(side, np.float32)), 0.0
    state = opt.init(x)
    for seed in range(1, 11):
        opt.step(x, slow(float(seed)), state)  # nobody else holds the gradient
        jax.numpy.full(side, np.nan, jax.numpy.float32)  # which would like to have its memory
        expected -= seed / side
    np.testing.assert_allclose(x.copy_to_host(), expected, rtol=1e-5)


def test_a_graph_that_is_captured_holds_no_step(torch):
    x = torch.ones(4, device="cuda")
    g, opt = torch.ones_like(x), optimizer("adam")
    state = opt.init(x)
    opt.step(x, g, state)
    before, graph = x.clone(), torch.cuda.CUDAGraph()
    with torch.cuda.graph(graph):
        y = g * 2
        with pytest.raises(UsageError, match="while a CUDA graph is captured"):
            opt.step(x, g, state)
    graph.replay()
    torch.cuda.synchronize()
    assert (x == before).all() and (y == 2).all() and state["t"] == 1
    opt.step(x, g, state)
    assert (x != before).all() and state["t"] == 2


def test_streams_of_torch(torch):
    opt = optimizer("sgd", lr=1.0)
    x, state = torch.zeros(1 << 20, device="cuda"), {"t": 0}
    side = torch.cuda.Stream()
    side.wait_stream(torch.cuda.current_stream())
    with torch.cuda.stream(side):
        g = torch.ones_like(x)
        for _ in range(100):
            g = g * 1.0
        opt.step(x, g, state)
        assert (x == -1).all()

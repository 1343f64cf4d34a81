"""opt.step on PyTorch's tensors: on a device, or where there is none on tensors of the host that claim to be on one."""

import numpy as np
import pytest

from optviz.errors import UsageError, UsageTypeError
from optviz.kernels.cuda import backend, memory, update
from optviz.runs.arrays.optimizer import optimizer
from tests.cuda.borrowed import Borrowed, same

torch = pytest.importorskip("torch")
if not backend.SIMULATED and not torch.cuda.is_available():
    pytest.skip("PyTorch has no device", allow_module_level=True)


class OnDevice(torch.Tensor):
    """A tensor of the host that claims to be on a device, as all that is made of it does."""

    is_cuda = True
    device = torch.device("cuda", 0)


@pytest.fixture(autouse=True)
def stream(monkeypatch):
    """The handle of the stream that PyTorch works on, where there is no device."""
    if not backend.SIMULATED:
        yield None
        return

    class Stream:
        cuda_stream = 0

    monkeypatch.setattr(torch.cuda, "current_stream", lambda device: Stream)
    yield Stream


def tensor(values):
    made = torch.tensor(np.asarray(values))
    return made.as_subclass(OnDevice) if backend.SIMULATED else made.cuda()


def values_of(made):
    return made.detach().cpu().as_subclass(torch.Tensor).numpy().copy()


def noise(shape, seed, dtype):
    return np.random.default_rng(seed).normal(size=shape).astype(dtype)


def test_parameters_with_their_gradients(dtype):
    opt = optimizer("adam", lr=0.05)
    start, gradients = noise((3, 4), 1, dtype), noise((3, 3, 4), 2, dtype)
    expected, known = start.copy(), opt.init(start.copy())
    x = tensor(start).requires_grad_()
    state = opt.init(x)
    for g in gradients:
        opt.step(expected, g, known)
        opt.step(x, tensor(g), state)
    same(values_of(x), expected)
    assert x.requires_grad and isinstance(state["m"], torch.Tensor) and not state["m"].requires_grad
    assert state["m"].is_cuda and state["t"] == 3
    same(values_of(state["m"]), known["m"])


def test_layouts():
    opt = optimizer("momentum", lr=0.05)
    start, gradient = noise((2, 3, 4, 5), 1, np.float32), noise((2, 3, 4, 5), 2, np.float32)
    expected = start.copy()
    opt.step(expected, gradient, opt.init(expected))
    for change in (
        lambda made: made.contiguous(memory_format=torch.channels_last),
        lambda made: made.transpose(1, 2).contiguous().transpose(1, 2),
        lambda made: torch.cat([made, made], dim=3)[..., :5],
    ):
        x = change(tensor(start))
        opt.step(x, tensor(gradient), opt.init(x))
        same(values_of(x), expected)


def test_gradients_of_other_libraries(dtype):
    opt = optimizer("sgd", lr=0.5)
    x = tensor(np.ones(3, dtype))
    opt.step(x, Borrowed(np.ones(3, dtype)), opt.init(x))
    assert (values_of(x) == 0.5).all()


@pytest.mark.skipif(not backend.SIMULATED, reason="spies")
def test_the_stream_is_the_one_that_pytorch_works_on_now(stream, monkeypatch):
    found, waits = [], []
    for module in (backend, memory):
        monkeypatch.setattr(module, "stream_at", lambda handle: handle)
    monkeypatch.setattr(update, "launch", lambda *arguments, stream: found.append(stream))
    monkeypatch.setattr(memory, "wait", lambda one, other: waits.append((one, other)))
    opt = optimizer("sgd")
    x, g, other = tensor(np.ones(3)), tensor(np.ones(3)), Borrowed(np.ones(3), stream=5)
    state = opt.init(x)
    for handle in (0, 5, 6):
        stream.cuda_stream = handle
        opt.step(x, g, state)
    assert found == [1, 5, 6] and not waits
    opt.step(x, other, state)
    assert found[3:] == [6] and waits == [(6, 5), (5, 6)]


def sparse():
    if not backend.SIMULATED:
        return tensor(np.eye(3)).to_sparse()

    class Sparse(OnDevice):  # one of the host cannot claim to be elsewhere
        layout = torch.sparse_coo

    return torch.eye(3).as_subclass(Sparse)


REFUSED = {
    "float16": (lambda: tensor(np.ones(3)).half(), UsageTypeError, "dtype float16"),
    "bfloat16": (lambda: tensor(np.ones(3)).bfloat16(), UsageTypeError, "dtype bfloat16"),
    "int": (lambda: tensor(np.ones(3, int)), UsageTypeError, "dtype int64"),
    "sparse": (lambda: sparse(), UsageTypeError, "sparse"),
    "negated": (lambda: tensor(np.ones(3) * 1j).conj().imag, UsageError, "negated"),
    "expanded": (lambda: tensor(np.ones(1)).expand(3), UsageError, "overlaps itself"),
    "on the host": (lambda: torch.ones(3), UsageTypeError, "is a Tensor on device cpu"),
}


@pytest.mark.parametrize(("make", "error", "word"), REFUSED.values(), ids=REFUSED)
def test_what_is_refused(make, error, word):
    with pytest.raises(error, match=f"params .*{word}") as caught:
        optimizer("sgd").init(make())
    assert caught.value.remedy


def test_tensors_of_the_host_beside_those_of_a_device():
    opt = optimizer("sgd")
    x = tensor(np.ones(3))
    with pytest.raises(UsageError, match="grads is in the host's memory, params on a CUDA device"):
        opt.step(x, torch.ones(3), opt.init(x))


def test_storage_that_is_taken_away():
    opt = optimizer("sgd", lr=0.5)
    x, g = tensor(np.ones(3)), tensor(np.ones(3))
    state = opt.init(x)
    opt.step(x, g, state)
    x.data = tensor(np.full(3, 2.0))
    opt.step(x, g, state)
    assert (values_of(x) == 1.5).all()

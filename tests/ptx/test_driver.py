"""What is asked of Numba's own contexts, events and streams. None of it needs a driver."""

import importlib.util
from types import SimpleNamespace

import pytest

from optviz.kernels.cuda.backend import SIMULATED

if importlib.util.find_spec("numba_cuda") is None:
    pytest.skip("CUDA for Numba is not installed; install it: pip install -e '.[cuda13]'", allow_module_level=True)
if SIMULATED:
    pytest.skip("the simulator has classes of its own", allow_module_level=True)

from numba.cuda.cudadrv.driver import Context, binding  # noqa: E402

from optviz.kernels.cuda import backend, memory  # noqa: E402

CUDA = backend.cuda


class Event:
    handle = 3

    def query(self):
        return True

    def record(self, stream):
        pass

    def wait(self, stream):
        pass


@pytest.fixture
def contexts(monkeypatch):
    """Two contexts, of which the first is the current one."""
    both = [Context(SimpleNamespace(id=number), None) for number in range(2)]
    monkeypatch.setattr(CUDA, "current_context", lambda: both[0])
    return both


def test_each_context_has_events_that_serve_again(contexts, monkeypatch):
    made = []
    monkeypatch.setattr(CUDA, "event", lambda timing: made.append(Event()) or made[-1])
    for _ in range(3):
        memory.wait("ours", "theirs")
    assert len(made) == 1
    contexts.reverse()
    memory.wait("ours", "theirs")
    assert len(made) == 2


def test_references_are_let_go(contexts, monkeypatch):
    monkeypatch.setattr(CUDA, "event", lambda timing: Event())
    monkeypatch.setattr(memory, "_kept", [])
    memory.keep("an array", 0)
    answers = [binding.CUresult.CUDA_ERROR_NOT_READY, binding.CUresult.CUDA_SUCCESS]
    monkeypatch.setattr(binding, "cuEventQuery", lambda handle: (answers.pop(0),))
    memory.let_go()
    assert len(memory._kept) == 1
    memory.let_go()
    assert not memory._kept and not answers


def test_a_handle_is_one_stream(contexts, monkeypatch):
    """By which Numba finds again how a kernel is launched."""
    monkeypatch.setattr(CUDA, "external_stream", contexts[0].create_external_stream)
    stream = backend.stream_at(5)
    assert int(stream) == 5 and backend.stream_at(5) is stream
    assert backend.stream_at(0) == 0


def test_a_thread_computes_on_the_device_of_its_caller(monkeypatch):
    chosen = []
    monkeypatch.setattr(CUDA, "get_current_device", lambda: SimpleNamespace(id=1))
    monkeypatch.setattr(CUDA, "select_device", chosen.append)
    enter = backend.same_device()
    monkeypatch.setattr(CUDA, "get_current_device", None)  # another thread has another one
    enter()
    assert chosen == [1]

"""Steps that a graph makes are those that are launched one by one; a driver is played here, and its rules are kept."""

import functools
from types import SimpleNamespace

import numpy as np
import pytest

from optviz.kernels.cuda import backend, graphs, training
from optviz.kernels.cuda.images import device_examples
from optviz.kernels.cuda.training import DeviceTraining
from optviz.kernels.rules import constants
from optviz.optimizers import configure
from tests.cuda.small import shrink
from tests.networks.test_gradients import KEY, convolutional, plan, problem

played = pytest.mark.skipif(not backend.SIMULATED, reason="a device has a driver of its own")

COUNT, BATCH, STEPS, TOGETHER = 19, 2, 10, 3  # the last step takes one image
PLANS = {"mlp": plan((4, 3, 2), "tanh", 0.25), "cnn": convolutional((4, 4), 1, (2,), (0.25,))}


class Driver:
    """What cuda-python's driver does with graphs, over a backend that keeps what is launched while it captures."""

    CUstream_flags = SimpleNamespace(CU_STREAM_NON_BLOCKING=SimpleNamespace(value=1))
    CUstreamCaptureMode = SimpleNamespace(CU_STREAM_CAPTURE_MODE_THREAD_LOCAL="thread local")

    def __init__(self, monkeypatch, failing=""):
        self.calls, self._failing, self._kept, self._launch = [], failing, None, backend.launch
        self.known = set()
        monkeypatch.setattr(graphs, "driver", lambda: self)
        monkeypatch.setattr(backend, "launch", self._take)
        monkeypatch.setattr(backend, "stream_at", lambda handle: f"stream {handle}")
        for name in ("put", "empty", "get"):
            monkeypatch.setattr(backend, name, self._watched(name, getattr(backend, name)))

    def _watched(self, name, function):
        def called(*given, **named):
            assert self._kept is None, f"{name} while a stream is captured"
            self.calls.append(name)
            return function(*given, **named)

        return called

    def _take(self, kernel, blocks, threads, *arguments, stream=0, shared=0):
        if self._kept is None:
            assert stream == 0
            self.calls.append("launch")
            self._launch(kernel, blocks, threads, *arguments)
        else:
            assert stream == "stream 5" and kernel in self.known
            self._kept.append((kernel, blocks, threads, *arguments))
        self.known.add(kernel)

    def _result(self, name, *found):
        self.calls.append(name)
        return (900, None) if name == self._failing else (0, *found)

    def CUstream(self, handle):
        return handle

    def cuStreamCreate(self, flags):
        assert flags == 1
        return self._result("cuStreamCreate", 5)

    def cuStreamDestroy(self, stream):
        assert stream == 5 and self._kept is None
        return self._result("cuStreamDestroy")

    def cuStreamBeginCapture(self, stream, mode):
        assert (stream, mode) == (5, "thread local")
        found = self._result("cuStreamBeginCapture")
        if not found[0]:
            self._kept = []
        return found

    def cuStreamEndCapture(self, stream):
        kept, self._kept = self._kept, None
        return self._result("cuStreamEndCapture", kept)

    def cuGraphInstantiate(self, graph, flags):
        return self._result("cuGraphInstantiate", tuple(graph))

    def cuGraphDestroy(self, graph):
        return self._result("cuGraphDestroy")

    def cuGraphLaunch(self, executable, stream):
        assert stream == 0
        for launched in executable:
            self._launch(*launched)
        return self._result("cuGraphLaunch")

    def cuGraphExecDestroy(self, executable):
        return self._result("cuGraphExecDestroy")


@pytest.fixture(autouse=True)
def _few_threads(monkeypatch):
    shrink(monkeypatch)
    monkeypatch.setattr(training, "TOGETHER", TOGETHER)


def made(name, dtype=np.float32):
    """A training, its first state, and data to test it with."""
    plan, formula = PLANS[name], configure("adam").formula
    parameters, images, labels = problem(plan, COUNT)
    hyper = np.array(constants(formula, configure("adam", lr=0.05).hyperparameters), dtype).reshape(-1, 1)
    state = np.stack([parameters, *[np.zeros_like(parameters)] * len(formula.slots)])
    data = device_examples(images, labels)
    return DeviceTraining(plan, formula, hyper, data, BATCH), state, data


def epoch(number):
    generator = np.random.default_rng(number)
    return generator.permutation(COUNT), KEY + number, generator.uniform(0.5, 2, (1, 2, STEPS))


def story(name, dtype):
    """Losses, tests and states of two epochs in slices of all kinds, and of one that begins anew in the middle."""
    run, state, data = made(name, dtype)
    run.begin(*epoch(0))
    run.load(state)
    told = [run.train(range(1))]  # after which a graph is made
    run.load(state)
    for number, slices in enumerate([(0, 3, 5, 10), (0, 1, 10)]):
        run.begin(*epoch(number))
        for begin, end in zip(slices, slices[1:], strict=False):
            told.append(run.train(range(begin, end)))
        told += run.evaluate(data)
        told.append(run.state())
        run.load(state * 0.5)
    return told


@functools.cache
def launched(name, dtype):
    """The story where there is no graph."""
    return story(name, dtype)


@pytest.mark.skipif(backend.SIMULATED, reason="the simulator has no graphs")
@pytest.mark.parametrize("name", PLANS)
def test_a_device_makes_the_same_steps_with_a_graph(name, monkeypatch):
    assert graphs.driver() is not None
    found = story(name, np.float32)
    run, state, _ = made(name)
    run.begin(*epoch(0))
    run.load(state)
    run.train(range(1))
    assert run._graph.ready
    monkeypatch.setattr(graphs, "driver", lambda: None)
    for one, other in zip(found, story(name, np.float32), strict=True):
        np.testing.assert_array_equal(one, other)


@played
@pytest.mark.thin(3)
@pytest.mark.parametrize(("name", "dtype"), [("mlp", np.float32), ("mlp", np.float64), ("cnn", np.float32)])
def test_a_graph_makes_the_same_steps(name, dtype, monkeypatch):
    expected = launched(name, dtype)
    with monkeypatch.context() as context:
        driver = Driver(context)
        found = story(name, dtype)
    for one, other in zip(found, expected, strict=True):
        np.testing.assert_array_equal(one, other)
    # Slices of 3, 2, 5, of which 4 are whole; of 1, and 9, of which 8 are.
    assert driver.calls.count("cuGraphLaunch") == 1 + 0 + 1 + 0 + 2
    assert driver.calls.count("cuGraphInstantiate") == 1


@played
def test_nothing_is_allocated_in_steps(monkeypatch):
    driver = Driver(monkeypatch)
    run, state, _ = made("mlp")
    run.begin(*epoch(0))
    run.load(state)
    driver.calls.clear()
    run.train(range(1))
    making = ["cuStreamCreate", "cuStreamBeginCapture", "cuStreamEndCapture", "cuGraphInstantiate"]
    assert [call for call in driver.calls if call != "launch"] == [*making, "cuGraphDestroy", "cuStreamDestroy", "get"]
    driver.calls.clear()
    run.begin(*epoch(1))
    run.train(range(9))
    assert driver.calls == ["cuGraphLaunch"] * 3 + ["get"]
    driver.calls.clear()
    run.train(range(9, 10))
    assert driver.calls == ["launch"] * 6 + ["get"]
    del run
    assert driver.calls[-1] == "cuGraphExecDestroy"


@played
@pytest.mark.parametrize(
    "failing", ["cuStreamCreate", "cuStreamBeginCapture", "cuStreamEndCapture", "cuGraphInstantiate"]
)
def test_a_driver_that_refuses_is_not_asked_again(failing, monkeypatch):
    expected = launched("mlp", np.float32)
    with monkeypatch.context() as context:
        driver = Driver(context, failing)
        found = story("mlp", np.float32)
    for one, other in zip(found, expected, strict=True):
        np.testing.assert_array_equal(one, other)
    assert driver.calls.count(failing) == 1 and "cuGraphLaunch" not in driver.calls
    assert driver.calls.count("cuStreamCreate") == driver.calls.count("cuStreamDestroy") + (failing == "cuStreamCreate")


@played
def test_a_launch_that_fails_ends_the_capture(monkeypatch):
    driver = Driver(monkeypatch)
    run, state, _ = made("mlp")
    run.begin(*epoch(0))
    run.load(state)
    taken = backend.launch

    def failing(kernel, *given, stream=0, **named):
        if stream:
            raise KeyboardInterrupt
        taken(kernel, *given, stream=stream, **named)

    monkeypatch.setattr(backend, "launch", failing)
    with pytest.raises(KeyboardInterrupt):
        run.train(range(1))
    assert driver.calls[-2:] == ["cuStreamEndCapture", "cuStreamDestroy"]


@played
def test_without_cuda_python_there_is_no_graph():
    assert graphs.driver() is None
    graph = graphs.Graph()
    assert not graph.wanted and not graph.ready


def test_numbers_that_do_not_fit_are_refused():
    run, *_ = made("mlp")
    order, key, tables = epoch(0)
    with pytest.raises(ValueError, match=r"shape \(18,\) do not fit where there are \(19,\)"):
        run.begin(order[1:], key, tables)
    with pytest.raises(ValueError):
        run.begin(order, key, tables[..., 1:])

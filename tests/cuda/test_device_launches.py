"""What a step asks of the driver: launches, and nothing else as long as nothing has moved; no graph holds one."""

import numpy as np
import pytest

from optviz.errors import UsageError
from optviz.kernels.cuda import array_sums, backend, memory, update
from optviz.kernels.cuda.backend import cuda
from optviz.runs.arrays.device_tables import TABLES
from optviz.runs.arrays.optimizer import optimizer
from tests.cuda.borrowed import Borrowed

pytestmark = pytest.mark.skipif(not backend.SIMULATED, reason="a driver that counts")


def noise(shape, seed=0, dtype=np.float64):
    return np.random.default_rng(seed).normal(size=shape).astype(dtype)


@pytest.fixture
def counts(monkeypatch):
    """How often each was asked for."""
    found = dict.fromkeys(["launch", "device_array", "to_device", "fill", "event", "synchronize"], 0)

    def counting(module, name, what=None):
        original = getattr(module, name)

        def spy(*arguments, **rest):
            found[what or name] += 1
            return original(*arguments, **rest)

        monkeypatch.setattr(module, name, spy)

    for module in (update, array_sums, memory):
        counting(module, "launch")
    for name in ("device_array", "to_device", "event", "synchronize"):
        counting(cuda, name)
    counting(memory, "fill")
    return found


def settled(counts):
    counts.update(dict.fromkeys(counts, 0))


@pytest.mark.parametrize(("name", "launches"), [("adam", 1), ("novograd", 4), ("clip_global_norm(adam)", 4)])
@pytest.mark.parametrize("stream", [None, 5])
def test_a_step_of_arrays_that_have_not_moved_is_launches_alone(name, launches, stream, counts):
    opt = optimizer(name)
    params = [Borrowed(noise((3, 2), k), stream=stream) for k in range(3)]
    gradients = [Borrowed(noise((3, 2), k), stream=stream) for k in range(3)]
    state = opt.init(params)
    opt.step(params, gradients, state)
    for lr in (None, 0.5):
        settled(counts)
        opt.step(params, gradients, state, **({} if lr is None else {"lr": lr}))
        assert counts == dict.fromkeys(counts, 0) | {"launch": launches}


def test_streams_that_are_joined_take_no_more_events(counts):
    opt = optimizer("sgd")
    x, g = Borrowed(noise(3), stream=5), Borrowed(noise(3), stream=6)
    state = opt.init(x)
    opt.step(x, g, state)
    settled(counts)
    opt.step(x, g, state)
    assert counts["event"] == 0 and counts["launch"] == 1


def test_gradients_that_move_are_told_in_memory_that_is_there(counts):
    opt = optimizer("sgd", lr=0.5)
    x = Borrowed(np.zeros(4))
    state = opt.init(x)
    gradients = [Borrowed(np.full(4, float(value))) for value in range(2 * TABLES + 1)]
    for g in gradients[:TABLES]:
        opt.step(x, g, state)
    settled(counts)
    for g in gradients[TABLES:]:
        opt.step(x, g, state)
    assert counts["fill"] == counts["launch"] == TABLES + 1
    assert counts["device_array"] == counts["to_device"] == counts["synchronize"] == 0
    settled(counts)
    for g in gradients[-TABLES:]:
        opt.step(x, g, state)
    assert counts["fill"] == 0
    assert (x.values == -0.5 * (sum(range(len(gradients))) + sum(range(TABLES + 1, len(gradients))))).all()


def test_more_kinds_of_arrays_in_a_step_than_tables_are_kept():
    opt = optimizer("sgd", lr=1.0, groups={k: {"lr": float(k)} for k in range(1, 2 * TABLES)})
    for _ in range(2):
        params = [Borrowed(np.zeros(3)) for _ in range(2 * TABLES)]
        gradients = [Borrowed(np.ones(3)) for _ in range(2 * TABLES)]
        state = opt.init(params)
        for step in (1, 2):
            opt.step(params, gradients, state)
            assert [x.values[0] for x in params] == [-1.0 * step, *(-float(k) * step for k in range(1, 2 * TABLES))]


def test_no_graph_holds_a_step(monkeypatch):
    asked = []
    monkeypatch.setattr(memory, "is_captured", lambda handle: asked.append(handle) or True)
    opt = optimizer("adam")
    x, g = Borrowed(np.ones(3), stream=9), Borrowed(np.ones(3), stream=9)
    with pytest.raises(UsageError, match=r"opt\.init is called while a CUDA graph is captured") as caught:
        opt.init(x)
    assert caught.value.remedy
    monkeypatch.setattr(memory, "is_captured", lambda handle: False)
    state = opt.init(x)
    opt.step(x, g, state)
    before = x.values
    monkeypatch.setattr(memory, "is_captured", lambda handle: asked.append(handle) or True)
    with pytest.raises(UsageError, match=r"opt\.step is called while a CUDA graph is captured") as caught:
        opt.step(x, g, state)
    assert "replay the graph, and then call opt.step" in caught.value.remedy
    assert asked == [9, 9] and state["t"] == 1 and (x.values == before).all()

"""opt.step on arrays of other libraries on the device: what is updated, in how many launches, on which stream."""

import gc
import weakref

import numpy as np
import pytest

from optviz.errors import UsageError
from optviz.kernels.cuda import backend, memory, update
from optviz.runs.arrays import device_checked
from optviz.runs.arrays.device_bound import Flat
from optviz.runs.arrays.device_tables import TABLES
from optviz.runs.arrays.optimizer import optimizer
from tests.cuda.borrowed import GAP, LAYOUTS, Borrowed, same, stepped, values_of
from tests.optimizers.sample import ELEMENT_WISE as SAMPLE

ADAM = {"lr": 0.05}
SIMULATED = pytest.mark.skipif(not backend.SIMULATED, reason="spies and addresses of the simulator")


def noise(shape, seed=0, dtype=np.float64):
    return np.random.default_rng(seed).normal(size=shape).astype(dtype)


@pytest.fixture
def launches(monkeypatch):
    """The streams of the update kernel's launches."""
    found = []

    def spy(*arguments, stream, **rest):
        found.append(stream)
        return backend.launch(*arguments, stream=stream, **rest)

    monkeypatch.setattr(update, "launch", spy)
    return found


# ---------------------------------------------------------------------------------------------------------------------
# What is updated


@pytest.mark.parametrize("label", SAMPLE)
def test_every_kind_of_rule_as_on_the_cpu(label, dtype):
    opt = optimizer(SAMPLE[label].resolved(10))
    start, gradients = noise(17, 1, dtype), noise((3, 17), 2, dtype)
    value = {"value": 2.5} if opt.setting.formula.takes_value else {}
    expected, x = start.copy(), Borrowed(start)
    known, state = opt.init(expected), opt.init(x)
    assert all(values_of(state[slot]).dtype == dtype for slot in opt.setting.formula.slots)
    for g in gradients:
        opt.step(expected, g.copy(), known, **value)
        assert opt.step(x, Borrowed(g), state, **value) is None
    same(x.values, expected)
    assert state["t"] == known["t"] == 3 and list(state) == list(known)
    for slot in opt.setting.formula.slots:
        same(values_of(state[slot]), known[slot])


@pytest.mark.parametrize("form", ["list", "tuple", "dict"])
def test_arrays_of_one_dtype_are_moved_in_one_launch(form, dtype, launches):
    shapes = [(), (0,), (1,), (3, 2), (50,), (2, 0, 3), (2, 3, 4)]
    make = {"list": list, "tuple": tuple, "dict": lambda values: dict(zip("abcdefg", values, strict=True))}[form]
    starts = [noise(shape, 1, dtype) for shape in shapes]
    gradients = [noise(shape, 2, dtype) for shape in shapes]
    opt = optimizer("adam", **ADAM)
    params = [Borrowed(x) for x in starts]
    state = opt.init(make(params))
    assert type(state) is (dict if form == "dict" else list)
    for count in (1, 2):
        opt.step(make(params), make([Borrowed(g) for g in gradients]), state)
        assert len(launches) == count
    for x, start, g in zip(params, starts, gradients, strict=True):
        same(x.values, stepped(opt, start, [g, g])[0])
    assert [entry["t"] for entry in (state.values() if form == "dict" else state)] == [2] * len(shapes)


def test_one_launch_for_each_dtype_and_step(launches):
    opt = optimizer("adam", **ADAM)
    starts = [noise(5, k, (np.float32, np.float64)[k % 2]) for k in range(4)]
    gradients = [noise(5, 9, x.dtype) for x in starts]
    params, there = [Borrowed(x) for x in starts], [Borrowed(g) for g in gradients]
    state = opt.init(params)
    opt.step(params, there, state)
    assert len(launches) == 2
    opt.step(params, [None, *there[1:]], state)
    opt.step(params, there, state)
    assert [entry["t"] for entry in state] == [2, 3, 3, 3] and len(launches) == 2 + 2 + 3
    for x, start, g, steps in zip(params, starts, gradients, (2, 3, 3, 3), strict=True):
        same(x.values, stepped(opt, start, [g] * steps)[0])
    opt.step(params, [None] * 4, state)
    assert [entry["t"] for entry in state] == [2, 3, 3, 3] and len(launches) == 7


def test_arrays_without_elements_are_counted_and_not_launched(launches):
    opt = optimizer("adam")
    for x in (Borrowed(np.ones(0)), Borrowed(np.ones((3, 0)), data=(0, False))):
        state = opt.init(x)
        opt.step(x, Borrowed(x.values), state)
        assert state["t"] == 1 and not launches
    assert opt.init([]) == [] and opt.step([], [], []) is None


@pytest.mark.thin(3)
@pytest.mark.parametrize("gradient_layout", LAYOUTS)
@pytest.mark.parametrize("layout", LAYOUTS)
def test_every_layout(layout, gradient_layout):
    opt = optimizer("momentum", lr=0.1)
    start, gradients = noise((2, 3, 2), 1), noise((2, 2, 3, 2), 2)
    expected, _ = stepped(opt, start, gradients)
    x = Borrowed(start, layout)
    before, state = x.base, opt.init(x)
    for g in gradients:
        opt.step(x, Borrowed(g, gradient_layout), state)
    same(x.values, expected)
    np.testing.assert_array_equal(x.base == GAP, before == GAP)


@pytest.mark.parametrize("layout", ["C", "F", "channels last"])
def test_layouts_without_gaps_are_not_copied(layout, monkeypatch):
    opt = optimizer("adam", **ADAM)
    monkeypatch.setattr(Flat, "_copy", lambda *arguments: pytest.fail("copied"))
    x, g = Borrowed(noise((3, 4, 5, 2)), layout), Borrowed(noise((3, 4, 5, 2)), layout)
    opt.step(x, g, opt.init(x))


def test_axes_of_one_element_may_have_any_step(monkeypatch):
    monkeypatch.setattr(Flat, "_copy", lambda *arguments: pytest.fail("copied"))
    opt = optimizer("sgd", lr=0.5)
    x = Borrowed(np.ones((1, 3, 1)), strides=(800, 8, 16))
    opt.step(x, Borrowed(np.ones((1, 3, 1))), opt.init(x))
    assert (x.values == 0.5).all()


def test_gradients_may_be_read_only_shared_or_broadcast():
    opt = optimizer("sgd", lr=0.5)
    params = [Borrowed(np.ones((2, 3))), Borrowed(np.ones((2, 3)))]
    g = Borrowed(np.ones((2, 3)), strides=(0, 0))
    g.interface["data"] = (g.address, True)
    opt.step(params, [g, g], opt.init(params))
    assert (params[0].values == 0.5).all() and (params[1].values == 0.5).all()


def test_not_a_number_stays_one(dtype):
    opt = optimizer("adam", **ADAM)
    start = np.array([1, np.nan, 2, np.inf, 3], dtype)
    g = np.array([1, 1, np.nan, 1, 2], dtype)
    x = Borrowed(start)
    opt.step(x, Borrowed(g), opt.init(x))
    same(x.values, stepped(opt, start, [g])[0])
    assert np.isnan(x.values).tolist() == [False, True, True, False, False]


def test_states_start_where_the_rule_says_in_the_memory_order_of_the_parameter():
    opt = optimizer("adagrad", initial_accumulator_value=0.5)
    (slot,) = opt.setting.formula.slots
    for layout, strides in (("C", (24, 8)), ("F", (8, 16)), ("columns", (24, 8))):
        found = opt.init(Borrowed(np.ones((2, 3)), layout))[slot]
        assert (values_of(found) == 0.5).all() and found.strides == strides


def test_a_step_on_the_cpu_goes_on_on_the_device(dtype):
    opt = optimizer("adam", **ADAM)
    start, gradients = noise(9, 1, dtype), noise((4, 9), 2, dtype)
    x, state = stepped(opt, start, gradients[:2])
    there, state = Borrowed(x), state | {slot: Borrowed(state[slot]) for slot in "mv"} | {"t": np.array(state["t"])}
    for g in gradients[2:]:
        opt.step(there, Borrowed(g), state)
    same(there.values, stepped(opt, start, gradients)[0])
    assert state["t"] == 4


# ---------------------------------------------------------------------------------------------------------------------
# What is remembered


def test_what_is_where_it_was_is_not_checked_again(monkeypatch):
    opt = optimizer("adam", **ADAM)
    params = [Borrowed(noise(5)), Borrowed(noise(6), "columns")]
    gradients = [Borrowed(noise(5)), Borrowed(noise(6))]
    state = opt.init(params)
    opt.step(params, gradients, state)
    opt.step(params, [gradients[0], None], state)
    opt.step(params, gradients, state)
    opt.step(params, gradients, state)
    for name in ("all_described", "check_apart", "check_like"):
        monkeypatch.setattr(device_checked, name, lambda *arguments: pytest.fail("checked again"))
    monkeypatch.setattr(backend, "put", lambda *arguments: pytest.fail("brought to the device again"))
    monkeypatch.setattr(backend, "empty", lambda *arguments: pytest.fail("more memory"))
    opt.step(params, gradients, state)
    opt.step(params, [gradients[0], None], state)
    assert [entry["t"] for entry in state] == [6, 4]


def test_gradients_that_come_back_are_not_brought_again(monkeypatch):
    opt = optimizer("sgd", lr=0.5)
    x = Borrowed(np.ones(4))
    state = opt.init(x)
    gradients = [Borrowed(np.full(4, value)) for value in (1.0, 2.0, 4.0)]
    for g in gradients:
        opt.step(x, g, state)
    monkeypatch.setattr(backend, "put", lambda *arguments: pytest.fail("brought to the device again"))
    for g in gradients:
        opt.step(x, g, state)
    assert (x.values == -6).all()


def test_more_places_than_are_kept():
    opt = optimizer("sgd", lr=1)
    x = Borrowed(np.zeros(4))
    state = opt.init(x)
    gradients = [Borrowed(np.full(4, float(value))) for value in range(TABLES + 2)]
    for g in gradients + gradients:
        opt.step(x, g, state)
    assert (x.values == -2 * sum(range(len(gradients)))).all()


def test_memory_that_moves_is_noticed():
    opt = optimizer("adam", **ADAM)
    x = Borrowed(np.ones(4))
    state = opt.init(x)
    g = Borrowed(np.ones(4))
    opt.step(x, g, state)
    other = Borrowed(np.full(4, 2.0))
    x.interface["data"] = other.interface["data"]
    before = x.values
    opt.step(x, Borrowed(np.full(4, -1.0)), state)
    assert (other.values != 2).all() and (x.values == before).all()
    x.interface |= {"shape": (2, 2), "strides": (16, 8)}
    with pytest.raises(UsageError, match=r"state\['m'\] has shape \(4,\), params \(2, 2\)"):
        opt.step(x, g, state)


def test_nothing_is_kept_alive():
    opt = optimizer("adam", **ADAM)
    x, g = Borrowed(np.ones(3)), Borrowed(np.ones(3))
    state = opt.init(x)
    opt.step(x, g, state)
    references = [weakref.ref(array) for array in (x, g)]
    del x, g, state
    gc.collect()
    assert [reference() for reference in references] == [None, None]


# ---------------------------------------------------------------------------------------------------------------------
# Streams


@pytest.fixture
def streams(monkeypatch, launches):
    """The launches' streams by their handles, and which waited for which before and after."""
    waits = []
    for module in (backend, memory):
        monkeypatch.setattr(module, "stream_at", lambda handle: handle)
    monkeypatch.setattr(memory, "wait", lambda stream, other: waits.append((stream, other)))
    return launches, waits


@SIMULATED
@pytest.mark.parametrize(
    ("params", "gradients", "launched", "waits"),
    [
        ([None, None], [None, None], 0, []),
        ([77, 77], [77, 77], 77, []),
        ([77, 77], [None, None], 77, []),
        ([1, 1], [2, 2], 1, [(1, 2), (2, 1)]),
        ([None, 77], [88, 77], 77, [(77, 88), (88, 77)]),
        ([None, None], [5, 5], 0, [(0, 5), (5, 0)]),
    ],
)
def test_the_step_is_made_on_the_parameters_stream(params, gradients, launched, waits, streams):
    opt = optimizer("sgd", lr=0.5)
    arrays = [Borrowed(np.ones(3), stream=stream) for stream in params]
    given = [Borrowed(np.ones(3), "columns", stream=stream) for stream in gradients]
    state = opt.init(arrays)
    for count in (1, 2):
        opt.step(arrays, given, state)
        assert streams == ([launched] * count, waits * count)


@SIMULATED
def test_the_caller_may_go_to_another_stream(streams):
    opt = optimizer("momentum", lr=0.5)
    x, g = Borrowed(np.ones(3), stream=5), Borrowed(np.ones(3), stream=5)
    state = opt.init(x)
    opt.step(x, g, state)
    x.interface["stream"] = g.interface["stream"] = 6
    opt.step(x, g, state)
    assert streams[0] == [5, 6]

"""opt.step on arrays of other libraries on the device: what is updated, in how many launches, on which stream."""

import gc
import sys
import weakref
from types import SimpleNamespace

import numpy as np
import pytest

from optviz.errors import MissingError, OptvizError, UsageError, UsageTypeError
from optviz.kernels import devices
from optviz.kernels.cuda import backend, memory, update
from optviz.runs import _device_arrays, _device_steps
from optviz.runs.update import optimizer
from tests.cuda.borrowed import GAP, LAYOUTS, Borrowed, same, values_of
from tests.optimizers.driving import PAIRS, settings

ADAM = {"lr": 0.05}
SIMULATED = pytest.mark.skipif(not backend.SIMULATED, reason="spies and addresses of the simulator")


def noise(shape, seed=0, dtype=np.float64):
    return np.random.default_rng(seed).normal(size=shape).astype(dtype)


def stepped(opt, x, gradients):
    """A copy of `x` after these gradients on the CPU, and its state."""
    x = np.array(x)
    state = opt.init(x)
    for g in gradients:
        opt.step(x, g, state)
    return x, state


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


@pytest.mark.parametrize(("name", "variant"), PAIRS)
def test_every_rule_as_on_the_cpu(name, variant, dtype):
    # The smallest formula of the variant, and the one with everything on.
    for setting in {setting.formula.update: setting for setting in settings(name, variant)}.values():
        opt = optimizer(setting)
        start, gradients = noise(17, 1, dtype), noise((3, 17), 2, dtype)
        expected, known = stepped(opt, start, gradients)
        x = Borrowed(start)
        state = opt.init(x)
        assert all(values_of(state[slot]).dtype == dtype for slot in setting.formula.slots)
        for g in gradients:
            assert opt.step(x, Borrowed(g), state) is None
        same(x.values, expected)
        assert state["t"] == known["t"] == 3 and list(state) == list(known)
        for slot in setting.formula.slots:
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
    monkeypatch.setattr(_device_steps._Flat, "_copy", lambda *arguments: pytest.fail("copied"))
    x, g = Borrowed(noise((3, 4, 5, 2)), layout), Borrowed(noise((3, 4, 5, 2)), layout)
    opt.step(x, g, opt.init(x))


def test_axes_of_one_element_may_have_any_step(monkeypatch):
    monkeypatch.setattr(_device_steps._Flat, "_copy", lambda *arguments: pytest.fail("copied"))
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
        monkeypatch.setattr(_device_steps, name, lambda *arguments: pytest.fail("checked again"))
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
    gradients = [Borrowed(np.full(4, float(value))) for value in range(_device_steps.TABLES + 2)]
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


# ---------------------------------------------------------------------------------------------------------------------
# What is refused, each time before anything is modified


INTERFACES = {
    "version": ({"version": 1}, UsageError, "version 1"),
    "later version": ({"version": 4}, UsageError, "version 4"),
    "mask": ({"mask": object()}, UsageError, "masked"),
    "stream": ({"stream": 0}, UsageError, "stream 0"),
    "typestr": ({"typestr": "<f2"}, UsageTypeError, "float16"),
    "integers": ({"typestr": "<i4"}, UsageTypeError, "int32"),
    "big-endian": ({"typestr": ">f8"}, UsageTypeError, "byte order"),
    "no type": ({"typestr": "bfloat"}, UsageTypeError, "cannot be read"),
    "no data": ({"data": None}, UsageTypeError, "cannot be read"),
    "no shape": ({"shape": None}, UsageTypeError, "cannot be read"),
    "strides": ({"strides": (8, 8)}, UsageTypeError, "cannot be read"),
    "unaligned steps": ({"shape": (2,), "strides": (12,)}, UsageError, "not aligned"),
}


@pytest.mark.parametrize(("changes", "error", "word"), INTERFACES.values(), ids=INTERFACES)
def test_interfaces_that_cannot_be_used(changes, error, word):
    opt = optimizer("sgd")
    good, bad = Borrowed(np.ones(3)), Borrowed(np.ones(3), **changes)
    with pytest.raises(error, match=rf"params\[1\] .*{word}") as caught:
        opt.init([good, bad])
    assert caught.value.remedy
    with pytest.raises(error, match=f"grads .*{word}"):
        opt.step(good, bad, opt.init(good))
    assert (good.values == 1).all()


def test_addresses_between_the_numbers():
    x = Borrowed(np.ones(3))
    x.interface["data"] = (x.address + 2, False)
    with pytest.raises(UsageError, match="params is not aligned"):
        optimizer("sgd").init(x)


def test_what_cannot_be_modified():
    opt = optimizer("momentum")
    for changes, read_only, word in (
        ({}, True, "is read-only"),
        ({"strides": (0,)}, False, "overlaps itself"),
        ({"shape": (2, 2), "strides": (8, 8)}, False, "overlaps itself"),
    ):
        x = Borrowed(np.ones(3), **changes)
        x.interface["data"] = (x.address, read_only)
        with pytest.raises(UsageError, match=f"params .*{word}") as caught:
            opt.init(x)
        assert caught.value.remedy
        good = Borrowed(np.ones(x.interface["shape"]))
        with pytest.raises(UsageError, match=rf"state\[.*\] .*{word}"):
            opt.step(good, Borrowed(np.ones(x.interface["shape"])), {"t": 0, opt.setting.formula.slots[0]: x})


def test_arrays_of_jax_are_gradients_only(monkeypatch):
    class Constant(Borrowed):
        """What JAX gives, whose promise not to change it need not be in the interface."""

    monkeypatch.setitem(sys.modules, "jax", SimpleNamespace(Array=Constant))
    opt = optimizer("sgd", lr=0.5)
    x, g = Borrowed(np.ones(3)), Constant(np.ones(3), version=2)
    opt.step(x, g, opt.init(x))
    assert (x.values == 0.5).all()
    with pytest.raises(UsageError, match="params is read-only"):
        opt.init(g)


def test_slots_are_of_the_parameters_library(monkeypatch):
    class Theirs(Borrowed):
        pass

    def full_like(array, value):
        return Theirs(np.full_like(array.values, value))

    monkeypatch.setitem(sys.modules, "theirs", SimpleNamespace(full_like=full_like))
    monkeypatch.setattr(Theirs, "__module__", "theirs.core")
    opt = optimizer("adagrad", lr=0.5, initial_accumulator_value=0.25)
    x = Theirs(np.ones(3))
    state = opt.init(x)
    (slot,) = opt.setting.formula.slots
    assert type(state[slot]) is Theirs and (state[slot].values == 0.25).all()
    opt.step(x, Borrowed(np.ones(3)), state)
    same(x.values, stepped(opt, np.ones(3), [np.ones(3)])[0])


def part(whole, first, count, step=1):
    return Borrowed(np.ones(count), data=(whole.address + 8 * first, False), strides=(8 * step,), keep=whole)


def test_overlaps_are_refused_and_named():
    opt = optimizer("sgd", lr=0.25)
    whole = Borrowed(np.ones(10))
    apart = Borrowed(np.ones(5))
    state = [{"t": 0}, {"t": 0}]
    for params, grads, names in (
        ([part(whole, 0, 5), part(whole, 4, 5)], [apart, apart], r"params\[1\] and params\[0\]"),
        ([part(whole, 0, 5), part(whole, 0, 5)], [apart, apart], r"params\[1\] and params\[0\]"),
        ([part(whole, 0, 5, 2), part(whole, 1, 5, 2)], [apart, apart], r"params\[1\] and params\[0\]"),
        ([part(whole, 4, 5, -1), part(whole, 4, 5)], [apart, apart], r"params\[1\] and params\[0\]"),
        ([part(whole, 0, 5), part(whole, 5, 5)], [apart, part(whole, 1, 5)], r"grads\[1\] and params\[0\]"),
        ([part(whole, 0, 5), part(whole, 5, 5)], [part(whole, 0, 5), apart], r"grads\[0\] and params\[0\]"),
    ):
        with pytest.raises(UsageError, match=f"{names} overlap in memory") as caught:
            opt.step(params, grads, state)
        assert caught.value.remedy
    assert (whole.values == 1).all()
    opt.step([part(whole, 0, 5), part(whole, 5, 5)], [apart, apart], state)
    assert (whole.values == 0.75).all()
    with pytest.raises(UsageError, match="overlap"):
        opt.init([whole, whole])


def test_arrays_of_two_devices(monkeypatch):
    opt = optimizer("momentum")
    x, y = Borrowed(np.ones(3)), Borrowed(np.ones(3))
    state = opt.init([x, y])
    (slot,) = opt.setting.formula.slots
    monkeypatch.setattr(_device_arrays, "device_of", lambda address: int(address == y.address))
    with pytest.raises(UsageError, match=r"params\[1\] is on CUDA device 1, params\[0\] on 0"):
        opt.init([x, y])
    with pytest.raises(UsageError, match=r"params\[1\] is on CUDA device 1, params\[0\] on 0"):
        opt.step([x, y], [x, x], state)
    with pytest.raises(UsageError, match=r"grads is on CUDA device 1, params on 0"):
        opt.step(x, y, opt.init(x))
    with pytest.raises(UsageError, match=r"state\['.*'\] is on CUDA device 1, params on 0"):
        opt.step(x, x, {"t": 0, slot: y})
    monkeypatch.setattr(_device_arrays, "device_of", lambda address: None)
    with pytest.raises(UsageError, match="params is at address .*, which is on no CUDA device"):
        opt.init(x)


def test_host_arrays_beside_device_arrays():
    opt = optimizer("momentum")
    there, here = Borrowed(np.ones(3)), np.ones(3)
    (slot,) = opt.setting.formula.slots
    for arrays in ([there, here], [here, there]):
        at = [k for k, array in enumerate(arrays) if array is here][0]
        with pytest.raises(UsageError, match=rf"params\[{at}\] is in the host's memory, params\[{1 - at}\] on a CUDA"):
            opt.init(arrays)
    with pytest.raises(UsageError, match="grads is in the host's memory, params on a CUDA device"):
        opt.step(there, here, opt.init(there))
    with pytest.raises(UsageError, match="grads is on a CUDA device, params is a NumPy array"):
        opt.step(here, there, opt.init(here))
    with pytest.raises(UsageError, match=r"state\['.*'\] is in the host's memory, params on a CUDA device"):
        opt.step(there, there, {"t": 0, slot: here})
    with pytest.raises(UsageError, match=r"state\['.*'\] is on a CUDA device, params is a NumPy array"):
        opt.step(here, here.copy(), {"t": 0, slot: there})
    with pytest.raises(UsageTypeError, match=r"params\[1\] is a NoneType"):
        opt.init([there, None])
    assert (here == 1).all() and (there.values == 1).all()


MISFITS = {
    "shape": (lambda x, s: (x, Borrowed(np.ones(4)), s), r"grads has shape \(4,\), params \(3,\)"),
    "dtype": (lambda x, s: (x, Borrowed(np.ones(3, np.float32)), s), "grads has dtype float32, params float64"),
    "state's shape": (lambda x, s: (x, x, s | {"m": Borrowed(np.ones(4))}), r"state\['m'\] has shape \(4,\)"),
    "no slot": (lambda x, s: (x, x, {"t": 0}), "state holds t; adam needs t, m, v"),
    "negative count": (lambda x, s: (x, x, s | {"t": -1}), r"state\['t'\] is -1"),
    "no count": (lambda x, s: (x, x, s | {"t": 1.5}), r"state\['t'\] is 1.5"),
}


@pytest.mark.parametrize(("change", "message"), MISFITS.values(), ids=MISFITS)
def test_what_does_not_fit_is_refused_with_its_place(change, message):
    opt = optimizer("adam", **ADAM)
    x, state = Borrowed(np.ones(3)), opt.init(Borrowed(np.ones(3)))
    opt.step(x, Borrowed(np.ones(3)), state)  # so that the good ones are known
    before = x.values
    with pytest.raises(UsageError, match=message) as caught:
        opt.step(*change(x, state))
    assert caught.value.remedy
    np.testing.assert_array_equal(x.values, before)
    assert state["t"] == 1


def test_a_number_that_one_of_the_dtypes_cannot_hold():
    opt = optimizer("adam", beta2=0.99999999)
    params = [Borrowed(np.ones(3)), Borrowed(np.ones(3, np.float32))]
    state = opt.init(params)
    with pytest.raises(UsageError, match="beta2=0.99999999 is 1 in float32"):
        opt.step(params, [Borrowed(x.values) for x in params], state)
    assert [entry["t"] for entry in state] == [0, 0] and (params[0].values == 1).all()


def test_a_copy_that_does_not_fit_is_not_forgotten(monkeypatch):
    opt = optimizer("sgd", lr=1)
    params = [Borrowed(np.zeros(4)), Borrowed(np.zeros(4))]
    state = opt.init(params)
    opt.step(params, [Borrowed(np.ones(4)), Borrowed(np.ones(4))], state)
    gradients = [Borrowed(np.full(4, 2.0)), Borrowed(np.full(4, 2.0), "columns")]
    with monkeypatch.context() as patch:
        patch.setattr(backend, "free", lambda: 1)
        with pytest.raises(UsageError, match="a copy of an array with gaps"):
            opt.step(params, gradients, state)
    opt.step(params, gradients, state)
    assert (params[0].values == -3).all() and (params[1].values == -3).all()


def test_a_state_that_does_not_fit_the_device(monkeypatch):
    monkeypatch.setattr(backend, "free", lambda: 100)
    with pytest.raises(UsageError, match="the optimizer's state needs"):
        optimizer("adam").init(Borrowed(np.ones(100)))
    opt = optimizer("sgd")
    x = Borrowed(np.ones(100), "columns")
    with pytest.raises(UsageError, match="a copy of an array with gaps needs"):
        opt.step(x, Borrowed(np.ones(100)), opt.init(x))
    assert (x.values == 1).all()


class CudaAPIError(Exception):
    """By the name that the driver's errors have."""


def test_a_device_that_fails_in_a_step(monkeypatch):
    opt = optimizer("sgd", lr=0.5)
    params = [Borrowed(np.ones(3, np.float32)), Borrowed(np.ones(3))]
    gradients = [Borrowed(np.ones(3, np.float32)), Borrowed(np.ones(3))]
    state = opt.init(params)
    opt.step(params, gradients, state)
    count = []

    def failing(*arguments, **rest):
        count.append(1)
        if len(count) == 2:
            with backend.guarded():
                raise CudaAPIError("[719] Call to cuLaunchKernel results in CUDA_ERROR_LAUNCH_FAILED")
        backend.launch(*arguments, **rest)

    monkeypatch.setattr(update, "launch", failing)
    with pytest.raises(OptvizError, match="the CUDA device failed: .*LAUNCH_FAILED"):
        opt.step(params, gradients, state)
    assert [entry["t"] for entry in state] == [2, 1]


def test_without_cuda(monkeypatch):
    monkeypatch.setattr(devices, "missing", lambda: ("no CUDA device can be used here", "See what optviz doctor says."))
    with pytest.raises(MissingError, match="no CUDA device can be used here"):
        optimizer("sgd").init(Borrowed(np.ones(3)))

"""What opt.step and opt.init refuse of arrays on the device, each time before anything is modified."""

import sys
from types import SimpleNamespace

import numpy as np
import pytest

from optviz.errors import MissingError, OptvizError, UsageError, UsageTypeError
from optviz.kernels import devices
from optviz.kernels.cuda import backend, update
from optviz.runs.arrays import device_arrays
from optviz.runs.arrays.checks import is_device_array
from optviz.runs.arrays.optimizer import optimizer
from tests.cuda.borrowed import Borrowed, same, stepped

ADAM = {"lr": 0.05}

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
    "no address": ({"data": ("a", False)}, UsageTypeError, "cannot be read"),
    "no number of a stream": ({"stream": -1}, UsageTypeError, "cannot be read"),
    "less than nothing": ({"shape": (-3,)}, UsageTypeError, "cannot be read"),
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


def test_slots_are_on_the_device_whatever_is_called_full_like(monkeypatch):
    monkeypatch.setitem(sys.modules, "theirs", SimpleNamespace(full_like=lambda array, value: np.full(3, value)))
    monkeypatch.setattr(Borrowed, "__module__", "theirs")
    state = optimizer("momentum").init(Borrowed(np.ones(3)))
    assert [is_device_array(slot) for name, slot in state.items() if name != "t"] == [True]


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
    monkeypatch.setattr(device_arrays, "device_of", lambda address: int(address == y.address))
    with pytest.raises(UsageError, match=r"params\[1\] is on CUDA device 1, params\[0\] on 0"):
        opt.init([x, y])
    with pytest.raises(UsageError, match=r"params\[1\] is on CUDA device 1, params\[0\] on 0"):
        opt.step([x, y], [x, x], state)
    with pytest.raises(UsageError, match=r"grads is on CUDA device 1, params on 0"):
        opt.step(x, y, opt.init(x))
    with pytest.raises(UsageError, match=r"state\['.*'\] is on CUDA device 1, params on 0"):
        opt.step(x, x, {"t": 0, slot: y})
    monkeypatch.setattr(device_arrays, "device_of", lambda address: None)
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

"""Optimizers on arrays, in place: what is updated, what is refused, and that torch arrives at the same place."""

import copy
import pickle
import subprocess
import sys
import weakref
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from numpy.lib.stride_tricks import as_strided

from optviz.errors import MissingError, UnknownNameError, UsageError, UsageTypeError
from optviz.kernels import devices
from optviz.kernels.denormals import SUPPORTED
from optviz.optimizers import REGISTRY, configure
from optviz.runs.arrays import checks, host
from optviz.runs.arrays import optimizer as update
from optviz.runs.arrays.optimizer import Optimizer, optimizer
from tests.optimizers.cases import TORCH as PEERS

ADAM = optimizer("adam", lr=0.05)
SGD = optimizer("sgd", lr=0.25)
DTYPES = pytest.mark.parametrize("dtype", [np.float32, np.float64])


def noise(shape, seed=0, dtype=np.float64):
    return np.random.default_rng(seed).normal(size=shape).astype(dtype)


def stepped(x, gradients, opt=ADAM):
    """What `opt` makes of a contiguous copy of `x` by these gradients: the parameter and its state."""
    x = np.array(x, order="C")
    state = opt.init(x)
    for g in gradients:
        opt.step(x, np.array(g), state)
    return x, state


# ---------------------------------------------------------------------------------------------------------------------
# What is updated


def test_the_example():
    x = np.array([3.0, -2.0])
    state = SGD.init(x)
    assert SGD.step(x, 2 * x, state) is None
    assert x.tolist() == [1.5, -1.0]
    assert state == {"t": 1}


LAYOUTS = {
    "C": lambda a: a.copy(),
    "F": lambda a: np.asfortranarray(a),
    "transposed": lambda a: a.T.copy().T,
    "columns": lambda a: np.repeat(a, 2, axis=-1)[..., ::2],
    "backwards": lambda a: a[::-1].copy()[::-1],
    "unaligned": lambda a: unaligned(a),
    "subclass": lambda a: a.copy().view(np.memmap),
}


def unaligned(a):
    copy = np.frombuffer(bytearray(a.nbytes + 1), np.uint8)[1:].view(a.dtype).reshape(a.shape)
    copy[...] = a
    assert not copy.flags.aligned
    return copy


@DTYPES
@pytest.mark.parametrize("gradient_layout", ["C", "F", "columns", "unaligned"])
@pytest.mark.parametrize("layout", LAYOUTS)
def test_every_layout_is_updated_in_place_as_a_contiguous_one(layout, gradient_layout, dtype):
    start, gradients = noise((6, 5), 1, dtype), noise((3, 6, 5), 2, dtype)
    expected, _ = stepped(start, gradients)
    x = LAYOUTS[layout](start)
    buffer, state = x.base if x.base is not None else x, ADAM.init(x)
    for g in gradients:
        ADAM.step(x, LAYOUTS[gradient_layout](g), state)
    np.testing.assert_array_equal(x, expected)
    assert x.base is None or x.base is buffer
    assert state["t"] == 3 and state["m"].shape == state["v"].shape == (6, 5)


def test_what_lies_between_the_elements_of_a_view_is_left_alone():
    whole = noise((4, 6))
    before = whole.copy()
    x = whole[1:3, ::2]
    SGD.step(x, np.ones((2, 3)), SGD.init(x))
    assert (whole[1:3, ::2] == before[1:3, ::2] - 0.25).all()
    whole[1:3, ::2] = before[1:3, ::2]
    np.testing.assert_array_equal(whole, before)


@pytest.mark.parametrize("shape", [(), (0,), (3, 0, 2), (1,), (7,), (8,), (9,), (255,), (256,), (257,), (2, 3, 4, 5)])
def test_every_shape(shape):
    start, gradients = noise(shape, 1), noise((4, *shape), 2)
    x, state = stepped(start, gradients)
    flat, _ = stepped(start.reshape(-1), [g.reshape(-1) for g in gradients])
    assert x.shape == state["m"].shape == shape and state["t"] == 4
    np.testing.assert_array_equal(x.reshape(-1), flat)


def test_lists_and_dicts_are_updated_as_their_arrays():
    arrays = [noise((3, 2), 1), noise(4, 2, np.float32), noise((), 3)]
    gradients = [noise(a.shape, 4, a.dtype) for a in arrays]
    expected = [stepped(a, [g, g])[0] for a, g in zip(arrays, gradients, strict=True)]
    for form in (list, tuple, lambda values: dict(zip("abc", values, strict=True))):
        params = form([a.copy() for a in arrays])
        state = ADAM.init(params)
        for _ in range(2):
            ADAM.step(params, form(gradients), state)
        found = params.values() if isinstance(params, dict) else params
        for x, y in zip(found, expected, strict=True):
            np.testing.assert_array_equal(x, y)
    assert list(state) == ["a", "b", "c"] and [entry["t"] for entry in state.values()] == [2, 2, 2]
    assert state["b"]["m"].dtype == np.float32


def test_arrays_at_distant_steps_have_the_numbers_of_their_own(monkeypatch):
    gradients = noise((30, 3), 2)
    expected = [stepped(noise(3, 1), gradients[:steps])[0] for steps in (30, 15, 7)]
    monkeypatch.setattr(host, "AHEAD", 4)
    monkeypatch.setattr(host, "BLOCKS", 2)
    opt = optimizer("adam", lr=0.05)
    params = [noise(3, 1) for _ in expected]
    state = opt.init(params)
    for t, g in enumerate(gradients):
        opt.step(params, [g, g if t < 15 else None, g if t < 7 else None], state)
    np.testing.assert_array_equal(params, expected)


def test_an_array_without_gradient_waits():
    params, state = [np.ones(2), np.ones(2)], ADAM.init([np.ones(2), np.ones(2)])
    g = np.array([1.0, 2.0])
    ADAM.step(params, [g, None], state)
    ADAM.step(params, [None, None], state)
    ADAM.step(params, [g, g], state)
    assert [entry["t"] for entry in state] == [2, 1]
    np.testing.assert_array_equal(params[0], stepped(np.ones(2), [g, g])[0])
    np.testing.assert_array_equal(params[1], stepped(np.ones(2), [g])[0])
    single, alone = np.ones(2), ADAM.init(np.ones(2))
    ADAM.step(single, None, alone)
    assert alone["t"] == 0 and (single == 1).all()


def test_gradients_may_share_memory_be_broadcast_or_read_only():
    g = np.broadcast_to(np.float64(0.5), (3, 2))
    params = [np.ones((3, 2)), np.ones((3, 2))]
    SGD.step(params, [g, g], SGD.init(params))
    assert (params[0] == 0.875).all() and (params[1] == 0.875).all()


def test_interleaved_views_are_no_overlap():
    whole = np.ones(6)
    params = [whole[::2], whole[1::2]]
    SGD.step(params, [np.ones(3), np.full(3, 2.0)], SGD.init(params))
    assert whole.tolist() == [0.75, 0.5] * 3


def test_axes_that_interleave_without_meeting_are_no_overlap():
    x = as_strided(np.ones(8), (2, 3), (24, 16))
    assert len({x[i, j : j + 1].ctypes.data for i in range(2) for j in range(3)}) == 6
    SGD.step(x, np.ones((2, 3)), SGD.init(x))
    assert (x == 0.75).all()


@DTYPES
def test_long_arrays_are_updated_in_pieces(monkeypatch, dtype):
    start, gradients = noise(1001, 1, dtype), noise((2, 1001), 2, dtype)
    expected, _ = stepped(start, gradients)
    monkeypatch.setattr(host, "CHUNK", 100)
    for layout in ("C", "columns"):
        x = LAYOUTS[layout](start)
        state = ADAM.init(x)
        for g in gradients:
            ADAM.step(x, g, state)
        np.testing.assert_array_equal(x, expected)


def test_states_start_where_the_rule_says():
    opt = optimizer("adagrad", initial_accumulator_value=0.5)
    (slot,) = opt.setting.formula.slots
    assert opt.init(np.ones(3, np.float32))[slot].tolist() == [0.5] * 3


def test_a_saved_state_goes_on_bit_for_bit(tmp_path):
    start, gradients = noise((5, 3), 1), noise((20, 5, 3), 2)
    straight, _ = stepped(start, gradients)
    x, state = stepped(start, gradients[:10])
    np.savez(tmp_path / "state.npz", x=x, **state)
    with np.load(tmp_path / "state.npz") as archive:
        loaded = dict(archive)
    y = loaded.pop("x")
    for other_x, other_state in ((y, loaded), (x.copy(), copy.deepcopy(state)), pickle.loads(pickle.dumps((x, state)))):
        opt = pickle.loads(pickle.dumps(Optimizer(configure("adam", lr=0.05))))
        for g in gradients[10:]:
            opt.step(other_x, g, other_state)
        np.testing.assert_array_equal(other_x, straight)


def test_replacing_the_learning_rate_keeps_the_state():
    x = np.array([1.0, 2.0])
    state = SGD.init(x)
    SGD.step(x, np.ones(2), state)
    SGD.replace(lr=0.5).step(x, np.ones(2), state)
    assert x.tolist() == [0.25, 1.25] and state == {"t": 2}
    assert SGD.hyperparameters == {"lr": 0.25}
    assert SGD.replace(learning_rate=0.5).hyperparameters == {"lr": 0.5}


def test_threads_may_share_an_optimizer():
    gradients = noise((50, 300), 1)

    def run(seed):
        return stepped(noise(300, seed), gradients)[0].tobytes()

    alone = [run(seed) for seed in range(4)]
    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(run, range(4))) == alone


def test_nothing_is_kept_alive():
    x, g = np.ones(3), np.ones(3)
    state = ADAM.init(x)
    ADAM.step(x, g, state)
    references = [weakref.ref(array) for array in (x, g, state["m"])]
    del x, g, state
    assert [reference() for reference in references] == [None] * 3


def test_the_repr_names_rule_and_numbers():
    assert repr(SGD) == "Optimizer('sgd', variant='torch', lr=0.25)"


# ---------------------------------------------------------------------------------------------------------------------
# What is refused, each time before anything is modified


def big_endian():
    return np.ones(3).astype(">f8")


TYPES = {
    "float16": (lambda: np.ones(3, np.float16), "float16"),
    "int": (lambda: np.ones(3, int), "int64"),
    "bool": (lambda: np.ones(3, bool), "bool"),
    "complex": (lambda: np.ones(3, complex), "complex128"),
    "longdouble": (lambda: np.ones(3, np.longdouble), "float128|longdouble|float64"),
    "object": (lambda: np.ones(3, object), "object"),
    "big-endian": (big_endian, ">f8"),
    "masked": (lambda: np.ma.ones(3), "masked"),
    "list of numbers": (lambda: 1.0, "float"),
    "scalar": (lambda: np.float64(1), "float64"),
    "string": (lambda: "weights", "str"),
    "none": (lambda: None, "NoneType"),
}


@pytest.mark.parametrize(("make", "word"), TYPES.values(), ids=TYPES)
def test_other_types_are_refused_with_their_name_and_a_remedy(make, word):
    with pytest.raises(UsageTypeError, match=rf"params\[1\].*({word})") as caught:
        SGD.init([np.ones(3), make()])
    assert caught.value.remedy and isinstance(caught.value, TypeError)
    if make() is not None:
        good = np.ones(3)
        with pytest.raises(UsageTypeError, match=f"grads.*({word})"):
            SGD.step(good, make(), SGD.init(good))
        assert (good == 1).all()


def test_torch_tensors_are_refused():
    torch = pytest.importorskip("torch")
    with pytest.raises(UsageTypeError, match="Tensor"):
        SGD.init(torch.ones(3))


class OnDevice:
    """An array that lies on a CUDA device, by its own account."""

    def __init__(self, values):
        self.values = values
        self.__cuda_array_interface__ = {
            "shape": values.shape,
            "typestr": values.dtype.str,
            "data": (values.ctypes.data, False),
            "version": 3,
        }


def test_device_arrays_without_cuda(monkeypatch):
    monkeypatch.setattr(devices, "missing", lambda: ("CUDA for Numba is not installed", "Install it: pip"))
    x, y = np.ones(3), OnDevice(np.ones(3))
    for params, grads in ((y, y), ([y], [x])):
        with pytest.raises(MissingError, match="CUDA for Numba is not installed") as caught:
            SGD.init(params)
        assert caught.value.remedy
        with pytest.raises(MissingError, match="not installed"):
            SGD.step(params, grads, [{"t": 0}] if isinstance(params, list) else {"t": 0})
    with pytest.raises(UsageError, match="grads is on a CUDA device, params is a NumPy array"):
        SGD.step(x, y, SGD.init(x))
    with pytest.raises(UsageTypeError, match="params has dtype int64"):
        SGD.init(OnDevice(np.ones(3, np.int64)))


def test_arrays_that_are_known_are_not_asked_where_they_are(monkeypatch):
    x, g = np.ones(3), np.ones(3)
    state = SGD.init(x)
    SGD.step(x, g, state)
    monkeypatch.setattr(update, "is_device_array", lambda array: pytest.fail("asked"))
    monkeypatch.setattr(checks, "is_device_array", lambda array: pytest.fail("asked"))
    SGD.step(x, g, state)


def test_nothing_of_cuda_is_imported_for_arrays_of_the_host():
    code = """if True:
        import sys
        import numpy as np, optviz
        x = np.ones(3)
        opt = optviz.optimizer("sgd")
        opt.step(x, x.copy(), opt.init(x))
        cuda = ("numba.cuda", "numba_cuda", "optviz.kernels.cuda")
        assert not [name for name in sys.modules if name.startswith(cuda)]
    """
    subprocess.run([sys.executable, "-c", code], check=True)


def test_arrays_of_jax_are_refused():
    jax = pytest.importorskip("jax")
    with pytest.raises(UsageTypeError, match="ArrayImpl"):
        SGD.init(jax.numpy.ones(3))


def read_only():
    x = np.ones(3)
    x.flags.writeable = False
    return x


MEMORY = {
    "read-only": (read_only, "read-only"),
    "broadcast": (lambda: np.broadcast_to(1.0, (3,)), "read-only"),
    "stride 0": (lambda: as_strided(np.ones(1), (3,), (0,), writeable=True), "overlaps itself"),
    "overlapping rows": (lambda: as_strided(np.ones(4), (3, 2), (8, 8)), "overlaps itself"),
    "half elements": (lambda: as_strided(np.ones(4), (3,), (4,)), "overlaps itself"),
    "meeting axes": (lambda: as_strided(np.ones(9), (3, 3), (24, 12 * 2)), "overlaps itself"),
}


@pytest.mark.parametrize(("make", "word"), MEMORY.values(), ids=MEMORY)
@pytest.mark.parametrize("form", [lambda x: x, lambda x: {"w": x}], ids=["array", "dict"])
def test_memory_that_cannot_be_modified_is_refused(make, word, form):
    name = "params" if isinstance(form(0), int) else r"params\['w'\]"
    x = make()
    with pytest.raises(UsageError, match=f"{name} .*{word}") as caught:
        SGD.init(form(x))
    assert caught.value.remedy and isinstance(caught.value, ValueError)
    with pytest.raises(UsageError, match=f"{name} .*{word}"):
        SGD.step(form(x), form(np.ones(x.shape)), form({"t": 0}))


def test_overlaps_are_refused_and_named():
    whole = noise(10)
    before = whole.copy()
    state = [{"t": 0}, {"t": 0}]
    apart = noise(5)
    cases = [
        ([whole[:5], whole[4:9]], [apart, apart], r"params\[1\] and params\[0\]"),
        ([whole[:5], whole[:5]], [apart, apart], r"params\[1\] and params\[0\]"),
        ([whole[:5], whole[5:]], [apart, whole[1:6]], r"grads\[1\] and params\[0\]"),
        ([whole[:5], whole[5:]], [whole[:5], apart], r"grads\[0\] and params\[0\]"),
        ([whole[::2], whole[1::2]], [apart, whole[:5]], "grads"),
    ]
    for params, grads, names in cases:
        with pytest.raises(UsageError, match=names):
            SGD.step(params, grads, state)
    np.testing.assert_array_equal(whole, before)
    with pytest.raises(UsageError, match="overlap"):
        SGD.init([whole, whole])


def test_state_that_overlaps_its_parameter_is_refused():
    x = np.ones(3)
    with pytest.raises(UsageError, match=r"params and state\['m'\]|state\['m'\] and params"):
        ADAM.step(x, np.ones(3), {"t": 0, "m": x, "v": np.ones(3)})


MISFITS = {
    "shape": (
        lambda p, g, s: (p, [g[0], np.ones(4)], s),
        UsageError,
        r"grads\[1\] has shape \(4,\), params\[1\] \(3,\)",
    ),
    "dtype": (lambda p, g, s: (p, [np.ones(2, np.float32), g[1]], s), UsageError, r"grads\[0\] has dtype float32"),
    "fewer gradients": (lambda p, g, s: (p, g[:1], s), UsageError, "grads holds 1, params 2"),
    "one array for two": (lambda p, g, s: (p, g[0], s), UsageTypeError, "grads is a ndarray"),
    "two for one array": (lambda p, g, s: (p[0], g, s[0]), UsageTypeError, "grads is a list"),
    "dict for list": (lambda p, g, s: (p, dict(enumerate(g)), s), UsageTypeError, "grads is a dict"),
    "fewer states": (lambda p, g, s: (p, g, s[:1]), UsageError, "state holds 1, params 2"),
    "state of another rule": (
        lambda p, g, s: (p, g, SGD.init(p)),
        UsageError,
        r"state\[0\] holds t; adam needs t, m, v",
    ),
    "state of other arrays": (lambda p, g, s: (p, g, s[::-1]), UsageError, r"state\[0\]\['m'\] has shape \(3,\)"),
    "state of another dtype": (
        lambda p, g, s: (p, g, ADAM.init([x.astype(np.float32) for x in p])),
        UsageError,
        r"state\[0\]\['m'\] has dtype float32",
    ),
    "no state": (lambda p, g, s: (p, g, [None, None]), UsageError, r"state\[0\] holds NoneType"),
    "a count that is none": (
        lambda p, g, s: (p, g, [s[0] | {"t": 1.5}, s[1]]),
        UsageError,
        r"state\[0\]\['t'\] is 1.5",
    ),
    "a negative count": (lambda p, g, s: (p, g, [s[0] | {"t": -1}, s[1]]), UsageError, r"state\[0\]\['t'\] is -1"),
}


@pytest.mark.parametrize(("change", "error", "message"), MISFITS.values(), ids=MISFITS)
def test_what_does_not_fit_is_refused_with_its_place(change, error, message):
    params, gradients = [np.ones(2), np.ones(3)], [np.ones(2), np.ones(3)]
    state = ADAM.init(params)
    ADAM.step(params, gradients, state)  # so that the good ones are known
    before = copy.deepcopy((params, state))
    with pytest.raises(error, match=message) as caught:
        ADAM.step(*change(params, gradients, state))
    assert caught.value.remedy
    for array, old in zip(params, before[0], strict=True):
        np.testing.assert_array_equal(array, old)
    assert state[0]["t"] == before[1][0]["t"] == 1


def test_keys_that_do_not_fit_are_named():
    params = {"w": np.ones(2), "b": np.ones(1)}
    state = SGD.init(params)
    with pytest.raises(UsageError, match="grads has no 'b'"):
        SGD.step(params, {"w": np.ones(2)}, state)
    with pytest.raises(UsageError, match="grads has 'c', which params has not"):
        SGD.step(params, {"w": np.ones(2), "b": np.ones(1), "c": np.ones(1)}, state)
    with pytest.raises(UsageError, match="state has no 'b'"):
        SGD.step(params, {"w": np.ones(2), "b": None}, {"w": {"t": 0}})
    with pytest.raises(UsageTypeError, match="grads is a list"):
        SGD.step(params, [np.ones(2), np.ones(1)], state)


def test_arrays_that_are_known_are_still_watched():
    x, g = np.ones(4), np.ones(4)
    state = ADAM.init(x)
    ADAM.step(x, g, state)
    x.flags.writeable = False
    with pytest.raises(UsageError, match="read-only"):
        ADAM.step(x, g, state)
    x.flags.writeable = True
    state["m"] = np.ones(3)
    with pytest.raises(UsageError, match="shape"):
        ADAM.step(x, g, state)
    state["m"] = np.zeros(4)
    with pytest.raises(ValueError, match="references"):
        g.resize(2)
    ADAM.step(x, g, state)
    assert state["t"] == 2


def test_gradients_of_known_arrays_are_still_watched():
    whole, buffer = np.ones(10), bytearray(80)
    borrowed = np.frombuffer(buffer, np.float64, 4)
    for x, good, bad in (
        (np.ones(4), whole[:4], None),
        (whole[:4], whole[4:8], whole[3:7]),
        (whole[::2][:4], whole[1::2][:4], whole[:4]),
        (borrowed, np.frombuffer(buffer, np.float64, 4, 32), np.frombuffer(buffer, np.float64, 4, 24)),
    ):
        state = SGD.init(x)
        SGD.step(x, np.ones(4), state)
        SGD.step(x, good, state)
        for g in (x, x[::-1], bad):
            if g is not None:
                with pytest.raises(UsageError, match="overlap"):
                    SGD.step(x, g, state)
        with pytest.raises(UsageError, match="shape"):
            SGD.step(x, np.ones(5), state)
        assert state["t"] == 2


@pytest.mark.skipif(not SUPPORTED, reason="nothing is flushed on this processor")
def test_squares_below_the_smallest_normal_number_count_as_zero():
    for dtype, eps, expected in ((np.float32, 0, np.inf), (np.float32, 1e-8, 1), (np.float64, 0, 1 - 1e-3)):
        opt = optimizer("adam", eps=eps)
        x = np.ones(2, dtype)
        opt.step(x, np.full(2, 1e-20, dtype), opt.init(x))
        np.testing.assert_allclose(np.abs(x), expected, rtol=1e-2)


def test_a_schedule_may_touch_zero_and_bring_numbers_of_any_kind():
    x, g = np.array([1.0, -2.0]), np.array([0.5, 0.25])
    opt = optimizer("adam")
    state = opt.init(x)
    for rate in (0, np.array(0.0), np.float32(0)):
        opt.replace(lr=rate).step(x, g, state)
    assert x.tolist() == [1.0, -2.0] and state["t"] == 3 and state["m"].all()
    expected = x.copy()
    optimizer("adam", lr=0.25).step(expected, g, {key: np.copy(value)[()] for key, value in state.items()})
    for count in (3.0, np.array(3), np.array(3.0), np.float32(3)):
        moved = x.copy()
        copied = {key: np.copy(value) for key, value in state.items()} | {"t": count}
        opt.replace(lr=np.array(0.25)).step(moved, g, copied)
        assert np.array_equal(moved, expected) and copied["t"] == 4 and type(copied["t"]) is int
    for count in (3.5, -1.0, np.nan, "3", None, np.array([3])):
        with pytest.raises(UsageError, match="no number of steps"):
            opt.step(x, g, state | {"t": count})


def test_a_rate_beyond_float32_diverges_without_noise():
    opt = optimizer("sgd", lr=1e300)
    x = np.ones(2, np.float32)
    opt.step(x, x.copy(), opt.init(x))
    assert np.isinf(x).all()


def test_unknown_names_are_refused():
    with pytest.raises(UnknownNameError, match="Did you mean 'adam'"):
        optimizer("adm")
    with pytest.raises(UsageError, match="lr is -1"):
        optimizer("adam", lr=-1)


# ---------------------------------------------------------------------------------------------------------------------
# torch


TORCH = {
    "sgd": ("SGD", [{"lr": 0.1}], {}),
    "momentum": ("SGD", [{"lr": 0.05, "momentum": 0.9}, {"lr": 0.05, "momentum": 0.8, "dampening": 0.5}], {}),
    "nesterov": ("SGD", [{"lr": 0.05, "momentum": 0.9}], {"nesterov": True}),
    "adagrad": ("Adagrad", [{"lr": 0.3, "lr_decay": 0.01, "initial_accumulator_value": 0.1}], {}),
    "adadelta": ("Adadelta", [{"lr": 0.7, "rho": 0.8, "eps": 1e-5}], {}),
    "rmsprop": ("RMSprop", [{"lr": 0.01}, {"lr": 0.01, "momentum": 0.5, "centered": True}], {}),
    "adam": ("Adam", [{"lr": 0.01}, {"lr": 0.05, "beta1": 0.5, "beta2": 0.9}], {}),
}
CASES = [(name, case) for name, (_, cases, _) in TORCH.items() for case in cases]


@pytest.mark.parametrize(("dtype", "tolerance"), [(np.float64, 1e-13), (np.float32, 5e-6)], ids=["float64", "float32"])
@pytest.mark.parametrize(("name", "case"), CASES, ids=[f"{name}{i}" for i, (name, _) in enumerate(CASES)])
def test_two_hundred_steps_end_where_torch_ends(name, case, dtype, tolerance):
    torch = pytest.importorskip("torch")
    kind, _, extra = TORCH[name]
    names = {"rho": "alpha"} if name == "rmsprop" else {}
    theirs = {names.get(key, key): value for key, value in case.items()} | extra
    if "beta1" in theirs:
        theirs["betas"] = (theirs.pop("beta1"), theirs.pop("beta2"))
    start, gradients = noise((4, 6), 1, dtype), noise((200, 4, 6), 2, dtype)
    tensor = torch.nn.Parameter(torch.tensor(start))
    peer = getattr(torch.optim, kind)([tensor], **theirs)
    x = np.repeat(start, 2, axis=1)[:, ::2]
    opt = optimizer(name, **case)
    state = opt.init(x)
    for g in gradients:
        tensor.grad = torch.tensor(g)
        peer.step()
        opt.step(x, g, state)
    expected = tensor.detach().numpy()
    assert np.abs(x - expected).max() <= tolerance * np.abs(expected).max()


def test_every_rule_is_compared_with_torch():
    known = {rule.name for rule in REGISTRY if rule.module.startswith("optviz.") and "torch" in rule.variants}
    unknown_to_torch = {"adamaxw", "sgdw"}  # variants of a form that torch gives to others
    assert set(TORCH) <= known <= set(PEERS) | unknown_to_torch

"""opt.step on matrices on the device: by their library's own functions, as on the CPU; others are refused."""

import sys
from types import SimpleNamespace

import numpy as np
import pytest

from optviz.errors import UsageError
from optviz.kernels.cuda import backend
from optviz.optimizers import configure
from optviz.runs.arrays.optimizer import optimizer
from tests.cuda.borrowed import Borrowed
from tests.optimizers.driving import MATRIX_PAIRS

RULES = [*MATRIX_PAIRS, ("adafactor", "paper"), ("adafactor", "torch"), ("sm3", "paper")]
SHAPES = [(4, 6), (5, 3), (3, 2, 2), (4,)]

pytestmark = pytest.mark.skipif(not backend.SIMULATED, reason="arrays of the host that claim to be elsewhere")


def noise(shape, seed=0, dtype=np.float64):
    return np.random.default_rng(seed).normal(size=shape).astype(dtype)


class Cupy(np.ndarray):
    """An array of a library like CuPy."""

    @property
    def __cuda_array_interface__(self):
        return {
            "shape": self.shape,
            "strides": self.strides,
            "data": (self.ctypes.data, False),
            "typestr": self.dtype.str,
            "version": 3,
            "stream": None,
        }


class _Functions:
    """NumPy's functions, of which arrays come out as that library's."""

    ndarray = Cupy

    def __init__(self, module):
        self._module = module

    def __getattr__(self, name):
        function = getattr(self._module, name)

        def theirs(*given, **named):
            found = function(*given, **named)
            if isinstance(found, tuple):
                return tuple(each.view(Cupy) for each in found)
            return np.asarray(found).view(Cupy)

        return theirs


@pytest.fixture
def cupy(monkeypatch):
    module = _Functions(np)
    module.linalg = _Functions(np.linalg)
    monkeypatch.setitem(sys.modules, "cupy", module)
    monkeypatch.setattr(Cupy, "__module__", "cupy")
    return lambda values: np.array(values).view(Cupy), lambda array: np.asarray(array).view(np.ndarray)


@pytest.fixture
def torch(monkeypatch):
    torch = pytest.importorskip("torch")

    class OnDevice(torch.Tensor):
        """A tensor of the host that claims to be on a device, as all that is made of it does."""

        is_cuda = True
        device = property(lambda self: torch.device("cuda", 0))

        @classmethod
        def __torch_function__(cls, function, types, given=(), named=None):
            named = {name: "cpu" if name == "device" else value for name, value in (named or {}).items()}
            return super().__torch_function__(function, types, given, named)

    def on_device(function):
        return lambda *given, **named: function(*given, **(named | {"device": "cpu"})).as_subclass(OnDevice)

    for name in ("full", "eye", "as_tensor"):
        monkeypatch.setattr(torch, name, on_device(getattr(torch, name)))
    monkeypatch.setattr(torch.cuda, "current_stream", lambda device: SimpleNamespace(cuda_stream=0))

    def made(values):
        return torch.tensor(np.array(values)).as_subclass(OnDevice).requires_grad_()

    return made, lambda array: array.detach().as_subclass(torch.Tensor).numpy().copy()


@pytest.fixture(params=["cupy", "torch"])
def library(request):
    """What makes an array of a library, and what reads it."""
    return request.getfixturevalue(request.param)


def both(opt, starts, steps, library):
    make, read = library
    here, there = {k: x.copy() for k, x in starts.items()}, {k: make(x) for k, x in starts.items()}
    known, state = opt.init(here), opt.init(there)
    addresses = {k: read_address(x) for k, x in there.items()}
    for gradients in steps:
        opt.step(here, gradients, known)
        opt.step(there, {k: make(g) for k, g in gradients.items()}, state)
    assert addresses == {k: read_address(x) for k, x in there.items()}
    return (here, known), ({k: read(x) for k, x in there.items()}, state, read)


def read_address(array):
    return array.data_ptr() if hasattr(array, "data_ptr") else array.ctypes.data


def near(found, expected, digits):
    assert found.dtype == expected.dtype and found.shape == expected.shape
    np.testing.assert_allclose(found, expected, rtol=digits, atol=digits)


@pytest.mark.thin(7)
@pytest.mark.parametrize(("name", "variant"), RULES)
def test_every_rule_as_on_the_cpu(name, variant, library, dtype):
    opt = optimizer(name, variant=variant)
    starts = {str(k): noise(shape, k, dtype) for k, shape in enumerate(SHAPES)}
    steps = [{k: noise(x.shape, 10 * t + int(k), dtype) for k, x in starts.items()} for t in range(1, 4)]
    (here, known), (there, state, read) = both(opt, starts, steps, library)
    digits = 1e-8 if dtype is np.float64 else 2e-3
    if name == "soap":  # whose first matrices do not determine all of their eigenvectors
        digits = 2e-2
    for k, x in here.items():
        near(there[k], x, digits)
        assert state[k]["t"] == 3 and list(state[k]) == list(known[k])
        for slot in known[k].keys() - {"t"}:
            assert tuple(state[k][slot].shape) == known[k][slot].shape
            if name != "soap":
                near(read(state[k][slot]), known[k][slot], digits)


@pytest.mark.thin(2)
def test_a_wrapper_that_sums_over_all_sums_over_matrices_too(library):
    opt = optimizer("clip_global_norm(adafactor, limit=0.5)")
    starts = {str(k): noise(shape, k) for k, shape in enumerate(SHAPES)}
    steps = [{k: noise(x.shape, 10 * t + int(k)) for k, x in starts.items()} for t in range(2)]
    steps[1]["0"] = np.zeros((4, 6))
    (here, _), (there, *_) = both(opt, starts, steps, library)
    for k, x in here.items():
        near(there[k], x, 1e-12)


def test_groups_and_other_rates(library):
    make, read = library
    opt = optimizer("muon", groups={0: {"lr": 0.5}})
    starts = [noise((3, 4), 1), noise((3, 4), 1)]
    here, there = [x.copy() for x in starts], [make(x) for x in starts]
    known, state = opt.init(here), opt.init(there)
    for numbers in ({}, {"lr": 0.25}):
        opt.step(here, [noise((3, 4), 2)] * 2, known, **numbers)
        opt.step(there, [make(noise((3, 4), 2)), make(noise((3, 4), 2))], state, **numbers)
    for x, y in zip(here, there, strict=True):
        near(read(y), x, 1e-9)
    assert not np.allclose(here[0], here[1])


def test_an_array_without_elements_is_counted(library):
    make, _ = library
    opt, x = optimizer("muon"), make(np.ones((0, 3)))
    state = opt.init(x)
    opt.step(x, make(np.ones((0, 3))), state)
    assert state["t"] == 1


def test_arrays_of_others_are_refused(library):
    make, read = library
    opt = optimizer("muon")
    for act in (
        lambda: opt.init(Borrowed(np.ones((2, 2)))),
        lambda: opt.init([make(noise(3)), Borrowed(noise((2, 2)))]),
    ):
        with pytest.raises(UsageError, match=r"params.* is a Borrowed, and muon moves matrices .* of PyTorch or CuPy"):
            act()
    x = make(np.ones((2, 2)))
    state = opt.init(x)
    with pytest.raises(UsageError, match=r"grads is a Borrowed, and muon moves matrices"):
        opt.step(x, Borrowed(np.ones((2, 2))), state)
    assert (read(x) == 1).all() and state["t"] == 0
    with pytest.raises(UsageError, match=r"params is a Borrowed, and adafactor moves matrices"):
        optimizer("adafactor").init(Borrowed(np.ones((2, 2))))
    vector = Borrowed(noise(3))
    assert optimizer("adafactor").init(vector).keys() and configure("muon").kind == "matrices"
    optimizer("muon").step(vector, Borrowed(noise(3)), optimizer("muon").init(vector))  # by the rule for vectors


def test_arrays_of_two_libraries_are_refused(cupy, torch):
    opt = optimizer("muon")
    one, other = cupy[0](noise((2, 2))), torch[0](noise((2, 2)))
    state = opt.init([one, other])
    with pytest.raises(UsageError, match=r"params\[1\] is of torch, and others that muon moves of CuPy") as caught:
        opt.step([one, other], [one, other], state)
    assert caught.value.remedy
    with pytest.raises(UsageError, match=r"grads is of torch, and others that muon moves of CuPy"):
        opt.step(one, other, opt.init(one))
    with pytest.raises(UsageError, match=r"state\['.*'\] is of torch, and others"):
        opt.step(one, cupy[0](noise((2, 2))), opt.init(other))

"""Arrays by DLPack: what a capsule says, and who is asked to let which stream wait."""

import ctypes
import gc
import sys
import weakref
from types import SimpleNamespace

import numpy as np
import pytest

from optviz.errors import UsageError, UsageTypeError
from optviz.kernels.cuda import backend, memory
from optviz.runs.arrays import dlpack
from optviz.runs.arrays.checks import is_device_array
from optviz.runs.arrays.optimizer import optimizer
from tests.cuda.borrowed import LAYOUTS, Borrowed

SIMULATED = pytest.mark.skipif(not backend.SIMULATED, reason="memory of the host that claims to be elsewhere")

NUMBERS = ctypes.POINTER(ctypes.c_int64)
_new = ctypes.PYFUNCTYPE(ctypes.py_object, ctypes.c_void_p, ctypes.c_char_p, ctypes.c_void_p)(
    ("PyCapsule_New", ctypes.pythonapi)
)


class Handing(Borrowed):
    """An array that is handed out by DLPack, as JAX's are: its interface says nothing of streams."""

    def __init__(self, values, layout="C", *, version=1, takes_versions=True, refuses=None, **changes):
        super().__init__(values, layout, version=2, **changes)
        self.takes_versions, self.refuses, self.major = takes_versions, refuses, version
        self.streams = []

    def __dlpack_device__(self):
        return 2, 0

    def __dlpack__(self, *, stream=None, **given):
        if given and not self.takes_versions:
            raise TypeError("max_version")
        self.streams.append(stream)
        if self.refuses:
            raise self.refuses
        return _Held(self, given.get("max_version")).capsule


class _Held:
    """What a capsule points to; it lives as long as the array, which a real one sees to itself."""

    def __init__(self, array, asked):
        shape = array.interface["shape"]
        item = np.dtype(array.interface["typestr"]).itemsize
        self.shape = (ctypes.c_int64 * len(shape))(*shape)
        self.strides = (ctypes.c_int64 * len(shape))(*[step // item for step in array.interface["strides"]])
        tensor = dlpack._Tensor(
            array.address - 8, 2, 0, len(shape), 2, 8 * item, 1, ctypes.cast(self.shape, NUMBERS),
            ctypes.cast(self.strides, NUMBERS), 8,
        )  # fmt: skip
        self.memory = tensor
        name = dlpack.OLD
        if asked and array.major:
            self.memory, name = dlpack._Versioned(array.major, 0, None, None, 0, tensor), dlpack.NEW
        self.capsule = _new(ctypes.addressof(self.memory), name, None)
        array.held = self


@pytest.mark.parametrize("asked", [None, (1, 0)])
def test_what_a_capsule_says(asked):
    for array in (
        np.arange(12.0).reshape(3, 4),
        np.arange(12, dtype=np.float32).reshape(3, 4)[::-1, ::2],
        np.ones((), np.float32),
        np.ones((0, 2)),
    ):
        given = {"max_version": asked} if asked else {}
        found = dlpack.read(array.__dlpack__(**given))
        assert found.address == array.ctypes.data and found.shape == array.shape and found.dtype == array.dtype.name
        assert array.size == 0 or tuple(8 * found.strides[k] for k in range(array.ndim)) == tuple(
            step * 8 // array.itemsize for step in array.strides
        )
        assert not found.read_only
    constant = np.ones(3)
    constant.flags.writeable = False
    assert dlpack.read(constant.__dlpack__(max_version=(1, 0))).read_only


@pytest.mark.parametrize("library", ["torch", "jax.numpy"])
def test_capsules_of_libraries(library):
    module = pytest.importorskip(library)
    array = module.ones((2, 3), dtype=module.float32)
    if library == "jax.numpy":
        jax = pytest.importorskip("jax")
        array = jax.device_put(array, jax.devices("cpu")[0])
    found = dlpack.read(array.__dlpack__())
    assert found.shape == (2, 3) and found.strides == (3, 1) and found.dtype == "float32"
    assert not dlpack.is_on_cuda(array) and dlpack.exported(array, 1) is None
    if library == "torch":
        assert dlpack.read(module.ones(2, dtype=module.bfloat16).__dlpack__()).dtype == "bfloat16"


def test_the_memory_is_kept_as_long_as_the_capsule():
    class Mine(np.ndarray):
        pass

    array = np.ones(5).view(Mine)
    known, found = weakref.ref(array), dlpack.read(array.__dlpack__())
    del array
    gc.collect()
    assert known() is not None
    del found
    gc.collect()
    assert known() is None


def test_what_is_no_capsule():
    assert dlpack.read(object()) is None
    assert not dlpack.is_on_cuda(np.ones(3)) and not dlpack.is_on_cuda(object())


@SIMULATED
@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("takes_versions", [True, False])
def test_gradients_that_are_handed_out(layout, takes_versions, dtype):
    opt = optimizer("sgd", lr=0.5)
    values = np.arange(12, dtype=dtype).reshape(2, 3, 2)
    x, g = Borrowed(np.zeros((2, 3, 2), dtype), stream=5), Handing(values, layout, takes_versions=takes_versions)
    state = opt.init(x)
    opt.step(x, g, state)
    assert (x.values == -values / 2).all()
    # Once for the numbers; and at each step, also when it is known, since its elements may be others.
    assert g.streams == [5, 5]
    opt.step(x, g, state)
    assert g.streams == [5, 5, 5]


@SIMULATED
def test_dlpack_alone_is_enough_for_a_gradient_and_not_for_what_is_modified(monkeypatch):
    alone = Handing(np.ones(3))
    monkeypatch.setattr(Handing, "__cuda_array_interface__", property(lambda self: self.nothing))
    assert is_device_array(alone)
    opt = optimizer("sgd", lr=0.5)
    x = Borrowed(np.ones(3))
    for _ in range(2):
        opt.step(x, alone, {"t": 0})
    assert (x.values == 0).all() and alone.streams == [1, 1, 1, 1]
    with pytest.raises(UsageError, match="params is read-only"):
        opt.init(alone)


@SIMULATED
@pytest.mark.parametrize("refusal", [BufferError("no"), RuntimeError("no"), ValueError("no")])
def test_the_interface_where_dlpack_is_refused(refusal):
    waited = []

    class Computed(Handing):
        def block_until_ready(self):
            waited.append(self)

    opt = optimizer("sgd", lr=0.5)
    x, g = Borrowed(np.ones(3)), Computed(np.ones(3), refuses=refusal)
    state = opt.init(x)
    for count in (1, 2):
        opt.step(x, g, state)
        assert len(waited) == count
    assert (x.values == 0).all()


@SIMULATED
def test_another_major_version_is_not_read():
    x, g = Borrowed(np.ones(3)), Handing(np.ones(3), version=2)
    optimizer("sgd", lr=0.5).step(x, g, {"t": 0})
    assert (x.values == 0.5).all()


@SIMULATED
@pytest.mark.parametrize("changes", [{"version": 2}, {"refuses": BufferError("no")}])
def test_no_capsule_that_can_be_read_and_no_interface(monkeypatch, changes):
    alone = Handing(np.ones(3), **changes)
    monkeypatch.setattr(Handing, "__cuda_array_interface__", property(lambda self: self.nothing))
    with pytest.raises(UsageTypeError, match="grads, a Handing, does not say where its elements lie"):
        optimizer("sgd").step(Borrowed(np.ones(3)), alone, {"t": 0})


@SIMULATED
@pytest.mark.parametrize("kind", [Handing, Borrowed])
def test_elements_without_memory(kind):
    x, g = Borrowed(np.ones(3)), kind(np.ones(3))
    g.address, g.interface["data"] = 8, (0, False)  # the capsule's data begin 8 bytes before
    with pytest.raises(UsageError, match="grads has elements and no memory"):
        optimizer("sgd").step(x, g, {"t": 0})
    assert (x.values == 1).all()


@SIMULATED
def test_a_dtype_that_cannot_be_moved(monkeypatch):
    g = Handing(np.ones(3))
    monkeypatch.setattr(dlpack, "KINDS", {2: "bfloat"})
    with pytest.raises(UsageTypeError, match="grads has dtype bfloat64"):
        optimizer("sgd").step(Borrowed(np.ones(3)), g, {"t": 0})


@SIMULATED
def test_a_library_that_says_its_stream_is_handed_that():
    opt = optimizer("sgd", lr=0.5)
    x, g = Handing(np.ones(3)), Handing(np.ones(3))
    for array in (x, g):
        array.interface |= {"version": 3, "stream": 7}
    opt.step(x, g, {"t": 0})
    assert x.streams == [7] and g.streams == [7] and (x.values == 0.5).all()


@SIMULATED
def test_jax_is_asked_whatever_its_interface_says(monkeypatch):
    monkeypatch.setitem(sys.modules, "jax", SimpleNamespace(Array=Handing))
    x, g = Borrowed(np.ones(3), stream=5), Handing(np.ones(3))
    g.interface["version"] = 3
    state = {"t": 0}
    for _ in range(2):
        optimizer("sgd", lr=0.5).step(x, g, state)
    assert set(g.streams) == {5} and len(g.streams) == 4


@SIMULATED
def test_gradients_are_kept_until_they_have_been_read(monkeypatch):
    done = []

    class Event:
        def record(self, stream):
            pass

    monkeypatch.setattr(memory, "_free", {})
    monkeypatch.setattr(memory, "_event", lambda: (Event(), []))
    monkeypatch.setattr(memory, "_is_over", lambda event: bool(done))
    opt = optimizer("sgd", lr=0.5)
    x, g = Borrowed(np.ones(3)), Handing(np.ones(3))
    state, known = opt.init(x), weakref.ref(g)
    opt.step(x, g, state)
    del g
    gc.collect()
    assert known() is not None
    done.append(True)
    memory.let_go()
    gc.collect()
    assert known() is None

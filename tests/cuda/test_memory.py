"""Memory of other libraries: whose it is, copies between layouts, and streams that wait for one another."""

import weakref
from types import SimpleNamespace

import numpy as np
import pytest

from optviz.errors import OptvizError
from optviz.kernels.cuda import backend, memory
from optviz.kernels.cuda.backend import cuda

SIMULATED = pytest.mark.skipif(not backend.SIMULATED, reason="a driver made of Python")


@pytest.mark.parametrize(
    ("shape", "target", "source"),
    [
        ((7,), (1,), (2,)),
        ((3, 4), (4, 1), (1, 3)),
        ((3, 4), (1, 3), (0, 0)),
        ((2, 3, 4), (24, 4, 1), (1, 2, 6)),
        ((300,), (1,), (3,)),
    ],
)
def test_copies_between_layouts(shape, target, source, dtype):
    def elements(base, steps):
        return np.lib.stride_tricks.as_strided(base, shape, [step * base.itemsize for step in steps])

    numbers, expected = np.arange(1000, dtype=dtype), np.full(1000, -1, dtype)
    found, given = backend.put(expected), backend.put(numbers)
    elements(expected, target)[...] = elements(numbers, source)
    memory.copy_elements(memory.address_of(found), memory.address_of(given), shape, target, source, dtype, 0)
    np.testing.assert_array_equal(backend.get(found), expected)


@pytest.mark.parametrize(("shape", "steps"), [((), ()), ((0, 2), (2, 1)), ((5,), (1,)), ((2, 3), (1, 2))])
def test_arrays_full_of_a_value(shape, steps, dtype):
    strides = tuple(step * np.dtype(dtype).itemsize for step in steps)
    array = memory.full(shape, strides, 0.25, dtype)
    interface = array.__cuda_array_interface__
    assert interface["shape"] == shape and np.dtype(interface["typestr"]) == dtype and not interface["data"][1]
    assert 0 in shape or tuple(array.strides) == strides
    assert (np.asarray(array if backend.SIMULATED else array.copy_to_host()) == 0.25).all()


def test_whose_an_address_is(monkeypatch):
    array = backend.put(np.ones(3))
    here, nowhere = memory.address_of(array), np.ones(3).ctypes.data
    if backend.SIMULATED:
        stub(monkeypatch, here)
    assert memory.device_at(here) == 0
    assert memory.device_at(nowhere) is None


@SIMULATED
def test_a_driver_that_fails_is_no_address_elsewhere(monkeypatch):
    stub(monkeypatch, None, "CUDA_ERROR_DEVICE_UNAVAILABLE")
    with pytest.raises(OptvizError, match="the CUDA device failed: .*UNAVAILABLE"):
        memory.device_at(8)


def stub(monkeypatch, known, otherwise="CUDA_ERROR_INVALID_VALUE"):
    """A driver that knows one address."""

    def attribute(what, address):
        assert what == "ordinal"
        if address != known:
            raise type("CudaAPIError", (Exception,), {})(f"[1] Call to cuPointerGetAttribute results in {otherwise}")
        return 0

    names = SimpleNamespace(CU_POINTER_ATTRIBUTE_DEVICE_ORDINAL="ordinal")
    binding = SimpleNamespace(CUpointer_attribute=names, CUdeviceptr=int)
    monkeypatch.setattr(memory, "SIMULATED", False)
    monkeypatch.setattr(cuda, "current_context", lambda: None)
    driver = SimpleNamespace(binding=binding, driver=SimpleNamespace(cuPointerGetAttribute=attribute))
    monkeypatch.setattr(cuda, "cudadrv", SimpleNamespace(driver=driver), raising=False)


def test_streams_wait_before_and_after(monkeypatch):
    said = []
    monkeypatch.setattr(memory, "stream_at", lambda handle: f"stream {handle}")
    monkeypatch.setattr(memory, "wait", lambda stream, other: said.append(f"{stream} after {other}"))
    with memory.joined("ours", [5, 7]):
        said.append("work")
    assert said == [
        "ours after stream 5",
        "ours after stream 7",
        "work",
        "stream 5 after ours",
        "stream 7 after ours",
    ]


class Event:
    """What the driver is told of events."""

    def __init__(self, said, done=True):
        self.said, self.done = said, done

    def record(self, stream):
        self.said.append(("record", stream))

    def wait(self, stream):
        self.said.append(("wait", stream))


@pytest.fixture
def events(monkeypatch):
    """The events that are made, and what is said of them."""
    made, said = [], []

    def make(**options):
        made.append(Event(said))
        return made[-1]

    monkeypatch.setattr(cuda, "event", make)
    monkeypatch.setattr(memory, "_free", {})
    monkeypatch.setattr(memory, "_kept", [])
    return made, said


@SIMULATED
def test_a_stream_waits_by_an_event_that_serves_again(events):
    made, said = events
    memory.wait("ours", "theirs")
    assert said == [("record", "theirs"), ("wait", "ours")]
    memory.wait("theirs", "ours")
    assert len(made) == 1


@SIMULATED
def test_references_are_kept_until_their_stream_has_come_so_far(events, monkeypatch):
    class Array:
        pass

    made, said = events
    arrays = [Array(), Array()]
    known = [weakref.ref(array) for array in arrays]
    for stream in (5, 6):
        memory.keep([arrays.pop(0)], stream)
    assert said == [("record", 5), ("record", 6)]
    monkeypatch.setattr(memory, "_is_over", lambda event: event.done)
    made[0].done = False
    memory.let_go()
    assert [one() is None for one in known] == [False, True]
    made[0].done = True
    memory.let_go()
    memory.let_go()
    assert known[0]() is None
    memory.wait("ours", "theirs")
    assert len(made) == 2


@SIMULATED
@pytest.mark.parametrize(("answer", "captured"), [(0, False), (1, True), (2, True), ("IMPLICIT", True), ("LOST", None)])
def test_whether_a_stream_is_captured(answer, captured, monkeypatch):
    def asked(handle):
        assert handle == 7
        if isinstance(answer, str):
            words = "CUDA_ERROR_STREAM_CAPTURE_IMPLICIT" if captured else "CUDA_ERROR_DEVICE_UNAVAILABLE"
            raise type("CudaAPIError", (Exception,), {})(f"[906] Call to cuStreamIsCapturing results in {words}")
        return answer

    assert not memory.is_captured(7)
    binding = SimpleNamespace(CUstream=int)
    driver = SimpleNamespace(binding=binding, driver=SimpleNamespace(cuStreamIsCapturing=asked))
    monkeypatch.setattr(cuda, "cudadrv", SimpleNamespace(driver=driver), raising=False)
    monkeypatch.setattr(memory, "SIMULATED", False)
    if captured is None:
        with pytest.raises(OptvizError, match="UNAVAILABLE"):
            memory.is_captured(7)
    else:
        assert memory.is_captured(7) is captured


def test_numbers_are_brought_into_an_array_that_is_there():
    array, numbers = backend.empty((2, 3), np.int64), np.arange(6).reshape(2, 3)
    memory.fill(array, numbers, 0)
    np.testing.assert_array_equal(backend.get(array), numbers)

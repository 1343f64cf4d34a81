"""Rules for matrices, and of more than one gradient, on a device: NumPy plays its library. Against the processor."""

import numpy as np
import pytest

from optviz.errors import MissingError
from optviz.kernels import training as on_cpu
from optviz.kernels.buffers import workspace
from optviz.kernels.cuda import backend
from optviz.kernels.cuda.images import device_examples
from optviz.optimizers import configure
from optviz.runs.networks import device_matrices, libraries
from optviz.runs.networks.device_looks import on_device
from optviz.runs.networks.groups import undivided
from optviz.runs.networks.looking import processor
from tests.cuda.small import shrink
from tests.networks.test_gradients import KEY, plan, problem

COUNT, BATCH = 7, 3
PLAN = plan((9, 4, 3), "tanh", 0.25)


@pytest.fixture(autouse=True)
def few_threads(monkeypatch):
    shrink(monkeypatch)


def both(setting, epochs=2):
    """What the device and the processor make of two epochs in slices: losses, states, what they report and test."""
    parameters, images, labels = problem(PLAN, COUNT)
    shares, data = undivided(PLAN, setting), device_examples(images, labels)
    examples = on_cpu.examples(images, labels)
    room = workspace(PLAN, BATCH)
    machines = (
        (on_device(PLAN, shares, data, data, BATCH), None),
        (processor(PLAN, shares, examples, examples, BATCH), room),
    )
    told = []
    for machine, room in machines:
        machine.load(shares.start(parameters.astype(np.float32)))
        losses = []
        for epoch in range(epochs):
            order = np.random.default_rng(epoch).permutation(COUNT)
            machine.begin(order, KEY + epoch, shares.tables(1 + 3 * epoch, 3))
            losses += [machine.train(range(2), room).copy(), machine.train(range(2, 3), room).copy()]
        loss, predictions = machine.evaluate(room)
        told.append((np.concatenate(losses), machine.state().copy(), machine.reported(), loss, predictions))
    return told


SLOW = pytest.param("adafactor", marks=pytest.mark.slow)  # whose kernels for the processor take long to compile


MATRICES, LOOKS = ("muon(lr=0.01)", "shampoo(lr=0.01)", SLOW), ("sam(adam)", "extragradient", "nesterov_ahead")
PRODUCTS = ("adahessian", "sophia_h")


@pytest.mark.parametrize("name", [*MATRICES, *LOOKS, *PRODUCTS])
def test_they_agree_with_the_processor(name):
    found, expected = both(configure(name))
    assert_close(found, expected, name)
    assert np.array_equal(found[4], expected[4])


def assert_close(found, expected, name):
    """Products are differences of gradients over a short way: what these are rounded by is a thousand times as much."""
    close = 2e-2 if name in PRODUCTS else 2e-4
    for one, other in zip(found[:4], expected[:4], strict=True):
        np.testing.assert_allclose(one, other, rtol=close, atol=close)


@pytest.mark.thin(4)
@pytest.mark.parametrize("name", ["muon(lr=0.01)", "adafactor(variant=torch)", "adahessian", "sam(adam)"])
def test_torch_moves_them_likewise(name, monkeypatch):
    """On the processor, whose memory the simulator's arrays have."""
    torch = pytest.importorskip("torch")
    if not backend.SIMULATED:
        pytest.skip("a device has torch's own")
    own = libraries.Library(libraries.torch_engine(torch), lambda array: torch.from_numpy(array._ary), torch.no_grad)
    monkeypatch.setattr(device_matrices, "library", lambda rule: own)
    name, _, variant = name.partition("(variant=")
    found, expected = both(configure(name, variant=variant[:-1] or None), 1)
    assert_close(found, expected, name)


def test_without_a_library_it_is_said_which_is_missing(monkeypatch):
    monkeypatch.setattr(backend, "SIMULATED", False)

    def missing(name):
        raise ImportError(name)

    monkeypatch.setattr(libraries, "import_module", missing)
    with pytest.raises(MissingError, match="muon is moved on a device by functions of PyTorch or CuPy"):
        libraries.library("muon")

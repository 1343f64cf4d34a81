"""Networks under rules for matrices: as arrays do with the same gradients, and as other rules on the way."""

import sys

import numpy as np
import pytest

from optviz.errors import MissingError
from optviz.kernels.buffers import workspace
from optviz.kernels.training import examples
from optviz.networks import parameter_ranges, parameter_shapes
from optviz.optimizers import configure
from optviz.runs.arrays.optimizer import Optimizer
from optviz.runs.networks.epochs import Training
from optviz.runs.networks.groups import parted, read, shares, text
from optviz.runs.networks.training import train
from tests.optimizers.driving import MATRIX_PAIRS
from tests.runs.networks.test_training import PARTS, PLAN, Slow, finish, training
from tests.runs.same import content


class SlowMatrices:
    """An optimizer for arrays on the arrays of a network, weights as outputs × inputs where the variant has them so."""

    def __init__(self, setting):
        self._opt, self._setting, self._state = Optimizer(setting), setting, None

    def __call__(self, parameters, gradient):
        arrays, slopes = self._named(parameters), self._named(gradient.astype(np.float32))
        self._state = self._state or self._opt.init(arrays)
        self._opt.step(arrays, slopes, self._state)

    def _named(self, flat):
        shapes = parameter_shapes(PLAN)
        named = {}
        for name, part in parameter_ranges(PLAN).items():
            array = flat[part.start : part.stop].reshape(shapes[name])
            named[name] = array if self._setting.formula.inputs_first else array.T
        return named


@pytest.mark.parametrize(("name", "variant"), MATRIX_PAIRS)
def test_a_network_moves_as_its_arrays_do(name, variant):
    known = {"variant": variant, "lr": 0.02}
    run = training(name, seed=3, epochs=1, **known)
    slow = Slow(3, 32, SlowMatrices(configure(name, **known)))
    loss = slow.epoch(0)
    result = finish(run).result()
    if name == "soap":  # whose first axes are those of rounding, another on each processor, where a gradient has none
        assert result.epochs[0]["train_loss"] == pytest.approx(loss, rel=2e-2)
        return
    assert result.epochs[0]["train_loss"] == pytest.approx(loss, rel=1e-4)
    assert np.abs(run.parameters - slow.parameters).max() < 1e-3 * np.abs(slow.parameters).max()


@pytest.mark.parametrize("name", ["muon", "soap"])
def test_a_run_goes_on_from_a_checkpoint(name):
    whole = finish(training(name, epochs=2, lr=0.02))
    first = finish(training(name, epochs=1, lr=0.02))
    second = training(name, epochs=2, lr=0.02)
    second.restore(first.checkpoint())
    assert np.array_equal(finish(second).parameters, whole.parameters)
    assert np.array_equal(second.checkpoint()["state"], whole.checkpoint()["state"])
    other = training("adam", epochs=2)
    with pytest.raises(ValueError, match="another run"):
        other.restore(first.checkpoint())


def test_the_state_has_the_slots_of_every_array():
    weights = [shape for shape in parameter_shapes(PLAN).values() if len(shape) == 2]
    slots = sum(2 * rows * columns + 2 * (rows**2 + columns**2) for rows, columns in weights)  # M, V and L, R, P, Q
    slots += 2 * sum(shape[0] for shape in parameter_shapes(PLAN).values() if len(shape) == 1)  # AdamW's m, v
    assert training("soap").checkpoint()["state"].shape == (1, PLAN.parameters + slots)


def test_groups_reach_matrices_and_biases():
    setting = configure("scion", lr=0.1, radius=1, constraint=False)
    groups = read({"last": {"sign": True}, "bias": {"radius": 0.0}})
    parts = [examples(PARTS[part], PARTS[f"{part}_labels"]) for part in ("train", "test")]
    divided = shares(PLAN, parted(setting, groups, PLAN), text(groups))
    run = Training(setting, 0, PLAN, *parts, 1, len(PARTS["train"]), shares=divided)
    before = run.parameters.copy()
    run.advance(workspace(PLAN, len(PARTS["train"])))  # one step
    gone = run.parameters - before
    moved = {name: gone[part.start : part.stop] for name, part in parameter_ranges(PLAN).items()}
    assert not moved["dense1.bias"].any() and not moved["dense2.bias"].any()
    inputs = parameter_shapes(PLAN)["dense2.weight"][0]
    np.testing.assert_allclose(np.abs(moved["dense2.weight"]), 0.1 / inputs, rtol=1e-3)
    first = np.linalg.svd(moved["dense1.weight"].reshape(parameter_shapes(PLAN)["dense1.weight"]), compute_uv=False)
    inputs, outputs = parameter_shapes(PLAN)["dense1.weight"]
    assert 0.68 < first[0] / (0.1 * np.sqrt(outputs / inputs)) < 1.21


def test_schedules_and_seeds_are_those_of_other_rules(blobs_folder):
    asked = {"epochs": 2, "batch_size": 32, "seeds": 2}
    found = train(blobs_folder, "mlp", ["muon(lr=cosine(0.02))", "adam"], **asked)
    again = train(blobs_folder, "mlp", ["muon(lr=cosine(0.02))", "adam"], **asked)
    assert content(found) == content(again)
    assert all(run.epochs[-1]["test_accuracy"] > 0.5 for run in found.runs)


def test_a_convolution_is_a_matrix_of_its_filters(blobs_folder):
    found = train(blobs_folder, "cnn", ["muon(lr=0.01)"], epochs=1, batch_size=32)
    assert found.runs[0].diverged_at is None


def test_what_diverges_is_told():
    run = finish(training("muon", lr=1e30, weight_decay=0))
    assert run.result().diverged_at == 1


@pytest.mark.parametrize("name", ["muon", "adafactor"])
def test_a_device_without_a_library_for_matrices_is_refused(blobs_folder, monkeypatch, name):
    monkeypatch.setattr("optviz.kernels.devices.chosen", lambda device, **_: device)
    monkeypatch.setattr("optviz.runs.networks.libraries._torch", lambda: None)
    monkeypatch.setitem(sys.modules, "cupy", None)
    with pytest.raises(MissingError, match=f"{name} is moved on a device by functions of PyTorch or CuPy"):
        train(blobs_folder, "mlp", name, device="cuda")

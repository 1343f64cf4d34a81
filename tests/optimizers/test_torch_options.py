"""Every set of options with which torch 2.13's own suite tests the classes that we have, as a user of torch types them.

The sets are those of ``optim_db`` in ``torch.testing._internal.common_optimizers``. ``foreach``, ``fused``,
``capturable`` and ``differentiable`` say how torch computes and have no meaning here.
"""

import numpy as np
import pytest

import optviz
from optviz.errors import UsageError
from optviz.optimizers import configure
from tests.optimizers.driving import drive

STEPS = 200
OPTIONS = {
    "SGD": [
        {},
        {"lr": 0.01},
        {"lr": 0.001},
        {"weight_decay": 0.5},
        {"momentum": 0.9},
        {"weight_decay": 0.1, "maximize": True},
        {"momentum": 0.9, "dampening": 0.5},
        {"momentum": 0.9, "weight_decay": 0.1},
        {"momentum": 0.9, "nesterov": True, "weight_decay": 0.1},
    ],
    "Adagrad": [
        {},
        {"weight_decay": 0.1},
        {"weight_decay": 0.1, "maximize": True},
        {"lr": 0.1},
        {"initial_accumulator_value": 0.1, "weight_decay": 0.1},
        {"lr": 0.1, "lr_decay": 0.5, "weight_decay": 0.1},
        {"lr": 0.001},
    ],
    "Adadelta": [
        {},
        {"lr": 0.01},
        {"weight_decay": 0.1},
        {"maximize": True},
        {"weight_decay": 0.1, "maximize": True},
        {"rho": 0.95, "weight_decay": 0.9},
    ],
    "RMSprop": [
        {},
        {"lr": 0.001},
        {"weight_decay": 0.1},
        {"maximize": True},
        {"weight_decay": 0.1, "centered": True},
        {"weight_decay": 0.1, "maximize": True},
        {"weight_decay": 0.1, "centered": True, "momentum": 0.1},
        {"weight_decay": 0.1, "centered": True, "momentum": 0.1, "maximize": True},
    ],
    "Adam": [
        {},
        {"lr": 0.01},
        {"weight_decay": 0.1},
        {"weight_decay": 0.1, "maximize": True},
        {"weight_decay": 0.1, "amsgrad": True},
    ],
    "AdamW": [
        {},
        {"lr": 0.01},
        {"weight_decay": 0.1},
        {"weight_decay": 0.1, "maximize": True},
        {"weight_decay": 0.1, "amsgrad": True},
    ],
    "Adamax": [
        {},
        {"lr": 0.1},
        {"weight_decay": 0.1},
        {"maximize": True},
        {"weight_decay": 0.1, "maximize": True},
    ],
    "ASGD": [
        {},
        {"lambd": 0.1},
        {"lr": 0.02},
        {"t0": 100},
        {"maximize": True},
        {"weight_decay": 0.1},
        {"weight_decay": 0.1, "maximize": True},
    ],
    "NAdam": [
        {},
        {"lr": 0.001},
        {"momentum_decay": 0.006},
        {"weight_decay": 0.1},
        {"weight_decay": 0.1, "momentum_decay": 0.006},
        {"weight_decay": 0.1, "momentum_decay": 0.006, "decoupled_weight_decay": True},
        {"weight_decay": 0.1, "maximize": True},
    ],
    "RAdam": [
        {},
        {"lr": 0.002},
        {"eps": 1e-06},
        {"weight_decay": 0.1},
        {"weight_decay": 0.1, "decoupled_weight_decay": True},
        {"weight_decay": 0.1, "maximize": True},
    ],
    "Rprop": [{}, {"lr": 0.0002}, {"etas": (0.5, 1.5)}, {"step_sizes": (2e-06, 100)}, {"maximize": True}],
}
CASES = [(name, options) for name, several in OPTIONS.items() for options in several]
START = np.random.default_rng(0).normal(size=12)


def gradients(steps=STEPS):
    """(steps, n) float64: normal numbers whose scale jumps between 1e-4 and 1e2 from step to step."""
    rng = np.random.default_rng(1)
    return rng.normal(size=(steps, len(START))) * 10.0 ** rng.uniform(-4, 2, (steps, 1))


def torch_path(torch, name, options, dtype):
    x = torch.nn.Parameter(torch.tensor(START, dtype=dtype))
    optimizer = getattr(torch.optim, name)([x], **options)
    path = [x.detach().double().numpy().copy()]
    for g in gradients():
        x.grad = torch.tensor(g, dtype=dtype)
        optimizer.step()
        path.append(x.detach().double().numpy().copy())
    return np.array(path)


@pytest.fixture
def torch():
    torch = pytest.importorskip("torch")
    before = torch.get_default_dtype()
    torch.set_default_dtype(torch.float64)  # of the scalars that ASGD and NAdam keep
    yield torch
    torch.set_default_dtype(before)


def test_there_are_as_many_sets_as_in_torch():
    five = ("SGD", "Adagrad", "Adadelta", "RMSprop", "Adam")
    assert sum(len(OPTIONS[name]) for name in five) == 35 and len(CASES) == 70


@pytest.mark.parametrize(("name", "options"), CASES)
def test_every_set_is_accepted(name, options):
    setting = configure(name, variant="torch", **options)
    assert setting.variant == "torch"


@pytest.mark.parametrize(("name", "options"), CASES)
def test_every_set_moves_as_in_torch(torch, name, options):
    slopes = gradients()
    ours = drive(configure(name, variant="torch", **options), lambda x, t: slopes[t - 1], START, STEPS)
    theirs = torch_path(torch, name, options, torch.float64)
    far = np.abs(ours - theirs).max(axis=1) / np.abs(theirs).max(axis=1)
    assert far.max() < 1e-12


@pytest.mark.slow  # a kernel for each formula
@pytest.mark.parametrize(("name", "options"), CASES)
def test_every_set_is_as_near_to_the_truth_in_float32_as_torch(torch, name, options):
    truth = torch_path(torch, name, options, torch.float64)
    torch.set_default_dtype(torch.float32)
    theirs = torch_path(torch, name, options, torch.float32)
    x = START.astype(np.float32)
    opt = optviz.optimizer(name, variant="torch", **options)
    state, ours = opt.init(x), [x.copy()]
    for g in gradients().astype(np.float32):
        opt.step(x, g, state)
        ours.append(x.copy())
    size = np.linalg.norm(truth, axis=1)
    error = lambda path: (np.linalg.norm(path - truth, axis=1) / size).max()
    assert error(np.array(ours, float)) <= 2 * error(theirs) + 1e-6


@pytest.mark.parametrize("word", ["foreach", "fused", "capturable", "differentiable"])
def test_how_torch_computes_has_no_meaning_here(word):
    with pytest.raises(UsageError, match=f"adam: {word} has no meaning here"):
        configure("adam", **{word: True})

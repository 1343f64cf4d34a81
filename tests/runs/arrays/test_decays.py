"""Decays near 1: float32 runs stay as close to float64 as float32 allows, for every rule that there is or will be."""

import numpy as np
import pytest

from optviz.kernels.rules import constants
from optviz.optimizers import RANGES, REGISTRY, configure, optimizer
from optviz.runs.arrays.optimizer import Optimizer
from tests.optimizers.cases import TORCH

DECAYS = (0.9, 0.99, 0.999, 0.9999, 0.99999, 0.999999, 0.99999999)
STEPS = 200
GRADIENTS = (1 + 0.5 * np.random.default_rng(0).normal(size=(STEPS, 16))).astype(np.float32)


@pytest.fixture
def mean_step(monkeypatch):
    """A rule of another package, as the README's example writes its average."""
    monkeypatch.setattr(REGISTRY, "_units", dict(REGISTRY._units))

    @optimizer(defaults={"paper": {"lr": 1e-2, "momentum": 0.9}})
    def mean_step(x, g, m, lr, momentum):
        m = momentum * m + (1 - momentum) * g
        return x - lr * m, m

    return mean_step


def decays_of(rule):
    """The hyperparameters that weigh what was against what is new: those between 0 and 1."""
    ranges = RANGES | rule.ranges
    return [
        name for name in rule.hyperparameters if ranges.get(name) is not bool and ranges.get(name, (0, 2))[:2] == (0, 1)
    ]


RULES = [rule for rule in REGISTRY if decays_of(rule) and rule.kind in ("element-wise", "sums")]


def settings_of(rule):
    """The rule with each decay at each value, in every variant that has it."""
    for variant in rule.variants:
        for name in decays_of(rule):
            for decay in DECAYS:
                setting = configure(rule, variant=variant)
                if name in setting.formula.hyperparameters or name in setting.formula.scalar_arguments:
                    yield setting.replace(**{name: decay}), name


# M-SVAG divides by a variance that is a difference; FOCUS turns at the sign of one; MoMo's step is one.
LOOSE = {"msvag": 2e-3, "focus": 2e-5, "momo": 1e-5}
# Rules that find out how far the minimum is go on for ever along gradients that never turn, and faster than any float.
FARTHEST, RUNAWAYS = 1e4, ("dadapt_adam", "dadapt_sgd", "prodigy")


def path(setting, dtype):
    """(STEPS, 16) float64: where the steps lead from 0."""
    x, opt = np.zeros(16, dtype), Optimizer(setting)
    state, found = opt.init(x), []
    for g in GRADIENTS:
        opt.step(x, g.astype(dtype), state, value=1.0)  # what takes no value does not look at it
        found.append(x.astype(float))
    return np.array(found)


def far(found, expected):
    """The largest error of each step, in units of the distance moved by then."""
    return np.abs(found - expected).max(axis=1) / np.maximum(np.abs(expected).max(axis=1), 1e-30)


@pytest.mark.thin(6)
@pytest.mark.parametrize("name", [*(rule.name for rule in RULES), "mean_step"])
def test_float32_is_near_float64_at_every_decay(name, mean_step):
    tried = list(settings_of(REGISTRY[name]))
    assert len(tried) >= len(DECAYS)
    for setting, decay in tried:
        found, expected = path(setting, np.float32), path(setting, np.float64)
        near = np.abs(expected).max(axis=1) < FARTHEST
        count = STEPS if near.all() or name not in RUNAWAYS else near.argmin()
        assert count >= 4
        errors = far(found[:count], expected[:count])
        assert errors.max() < LOOSE.get(name, 5e-6), (setting.variant, decay, setting.hyperparameters[decay])


@pytest.mark.parametrize("name", [rule.name for rule in RULES if rule.name in TORCH])
def test_float32_is_as_near_as_torchs(name):
    torch = pytest.importorskip("torch")
    for setting, decay in settings_of(REGISTRY[name]):
        if setting.variant == "torch":
            theirs = {}
            for dtype in (torch.float32, torch.float64):
                x = torch.nn.Parameter(torch.zeros(16, dtype=dtype))
                peer, found = TORCH[name](torch.optim, [x], setting.hyperparameters), []
                for g in GRADIENTS:
                    x.grad = torch.from_numpy(g).to(dtype)
                    peer.step()
                    found.append(x.detach().numpy().astype(float))
                theirs[dtype] = np.array(found)
            ours = far(path(setting, np.float32), path(setting, np.float64)).max()
            assert ours < 2 * far(theirs[torch.float32], theirs[torch.float64]).max() + 5e-7, (
                decay, setting.hyperparameters[decay])  # fmt: skip


def test_what_is_left_of_a_decay_is_made_in_float64():
    setting = configure("adam", beta1=0.99999999, beta2=0.9999)
    given = constants(setting.formula, setting.hyperparameters)
    assert given == [1e-3, 0.99999999, 0.9999, 1e-8, 1 - 0.99999999, 1 - 0.9999]


def test_a_decay_that_the_formula_changes_is_its_own():
    def halved(x, g, m, lr, momentum):
        momentum = momentum / 2
        return x - lr * ((1 - momentum) * g + momentum * m), m

    from optviz.formulas.complements import complements_of

    assert complements_of(halved, ("lr", "momentum")) == ()

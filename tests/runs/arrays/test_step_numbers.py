"""Numbers of one step alone: a caller's own schedule, at no cost, and what has no place in a formula is refused."""

import numpy as np
import pytest

from optviz.errors import UsageError, UsageTypeError
from optviz.optimizers import configure
from optviz.runs.arrays import host, moving
from optviz.runs.arrays.optimizer import optimizer

SHAPES = ((7, 5), (5,), (5, 3), (3,))
RATES = (0.1, 0.05, 0.0, 0.2, 0.03)


def made(seed=0, dtype=np.float64):
    rng = np.random.default_rng(seed)
    return [rng.normal(size=shape).astype(dtype) for shape in SHAPES]


def walked(opt, steps, seed=0, dtype=np.float64):
    """The arrays after steps, of each of which the numbers are given."""
    params = made(seed, dtype)
    state = opt.init(params)
    for k, numbers in enumerate(steps):
        opt.step(params, made(100 + k, dtype), state, **numbers)
    return params, state


def equal(a, b):
    return all(map(np.array_equal, a, b))


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize(
    "rule", ["sgd", "adam(weight_decay=0.01)", "adam(variant=keras)", "lion", "lamb", "adafactor", "muon", "ema(adam)"]
)
def test_another_rate_at_every_step_is_an_optimizer_made_anew_at_every_step(rule, dtype):
    found, _ = walked(optimizer(rule), [{"lr": rate} for rate in RATES], dtype=dtype)
    params = made(dtype=dtype)
    state = optimizer(rule).init(params)
    for k, rate in enumerate(RATES):
        optimizer(rule, lr=rate).step(params, made(100 + k, dtype), state)
    assert equal(found, params)


@pytest.mark.parametrize("rule", ["adam", "nadam", "radam", "schedule_free_adamw", "muon", "lookahead(adam, k=2)"])
def test_the_numbers_that_it_has_change_nothing(rule):
    opt = optimizer(rule)
    numbers = {name: opt.hyperparameters[name] for name in ("lr", "beta1") if name in opt.hyperparameters}
    assert equal(walked(optimizer(rule), [numbers] * 4)[0], walked(opt, [{}] * 4)[0])


def test_recursive_scalars_go_on_from_what_the_step_before_made_of_its_numbers():
    betas = (0.9, 0.8, 0.95, 0.85)
    found, state = walked(optimizer("nadam"), [{"beta1": beta} for beta in betas])
    setting = configure("nadam")
    params, before = made(), {}
    slots = [{slot: np.zeros_like(x) for slot in setting.formula.slots} for x in params]
    for k, beta in enumerate(betas):
        known = setting.hyperparameters | {"beta1": beta}
        before = setting.formula.step_scalars(float(k + 1), known, before)
        known |= before
        for x, g, its in zip(params, made(100 + k), slots, strict=True):
            for i in np.ndindex(x.shape):
                given = [its[slot][i] for slot in setting.formula.slots]
                rest = [known[name] for name in (*setting.formula.scalar_names, *setting.formula.hyperparameters)]
                x[i], *new = setting.formula.update(x[i], g[i], *given, *rest)
                for slot, value in zip(setting.formula.slots, new, strict=True):
                    its[slot][i] = value
    for x, y in zip(found, params, strict=True):
        np.testing.assert_allclose(x, y, rtol=1e-13)
    assert [entry["t"] for entry in state] == [4] * 4


def test_a_step_back_begins_the_recursion_anew():
    opt = optimizer("nadam")
    walked(opt, [{"beta1": 0.5}] * 3)
    assert equal(walked(opt, [{"lr": 0.1}] * 3)[0], walked(optimizer("nadam", lr=0.1), [{}] * 3)[0])


def test_numbers_of_a_step_are_those_of_all_groups():
    groups = {0: {"lr": 0.5}, 1: {"weight_decay": 0.1}}
    found, _ = walked(optimizer("sgd", lr=0.1, groups=groups), [{"lr": 0.2}])
    expected, _ = walked(optimizer("sgd", lr=0.2, groups={1: {"weight_decay": 0.1}}), [{}])
    assert equal(found, expected)


def test_other_names_are_understood():
    found, _ = walked(optimizer("adam"), [{"learning_rate": 0.2, "betas": (0.8, 0.9)}])
    assert equal(found, walked(optimizer("adam"), [{"lr": 0.2, "beta1": 0.8, "beta2": 0.9}])[0])


def test_a_rate_of_nothing_moves_nothing():
    found, state = walked(optimizer("adam"), [{"lr": 0}] * 2)
    assert equal(found, made()) and state[0]["t"] == 2 and state[0]["m"].any()


@pytest.mark.parametrize(
    ("rule", "numbers", "error", "words"),
    [
        ("adam", {"rate": 0.1}, UsageError, "has no hyperparameter 'rate'"),
        ("adam", {"lr": -1}, UsageError, "lr is -1"),
        ("adam", {"lr": float("nan")}, UsageError, "lr is nan"),
        ("adam", {"lr": "fast"}, UsageTypeError, "lr is 'fast'"),
        ("adam", {"lr": None}, UsageTypeError, "lr is None"),
        ("adam", {"beta1": 1.0}, UsageError, "beta1 is 1"),
        ("adam(lr=cosine(0.1, steps=10))", {"lr": 0.1}, UsageError, "lr has a schedule"),
        ("sgd", {"weight_decay": 0.1}, UsageError, "was made without weight_decay"),
        ("lookahead(adam, k=2)", {"k": 2.5}, UsageError, "k is 2.5"),
        ("adam", {"lr": 0.1, "learning_rate": 0.1}, UsageError, "lr is given twice"),
    ],
)
def test_what_is_refused_moves_nothing(rule, numbers, error, words):
    opt, params = optimizer(rule), made()
    state = opt.init(params)
    with pytest.raises(error, match=words):
        opt.step(params, made(1), state, **numbers)
    assert equal(params, made()) and all(entry["t"] == 0 for entry in state)


def test_what_is_off_may_be_told_to_be_off():
    assert equal(walked(optimizer("sgd"), [{"weight_decay": 0}])[0], walked(optimizer("sgd"), [{}])[0])


def test_a_look_takes_the_numbers_of_its_step():
    x, opt = np.array([3.0, -4.0]), optimizer("extragradient", lr=0.1)
    state = opt.init(x)
    with opt.look(x, 2 * x, state, lr=0.25):
        slopes = 2 * x
    assert np.allclose(slopes, [3.0, -4.0])
    opt.step(x, slopes, state, lr=0.25)
    assert np.allclose(x, [2.25, -3.0])


# ---------------------------------------------------------------------------------------------------------------------
# One call for many arrays


def test_arrays_at_different_steps_are_moved_with_the_numbers_of_theirs():
    opt, params = optimizer("adam", lr=0.1), made()
    state = opt.init(params)
    alone = [(x.copy(), opt.init(x.copy())) for x in params]
    single = optimizer("adam", lr=0.1)
    for k in range(6):
        gradients = [g if (k + j) % 3 else None for j, g in enumerate(made(k))]
        opt.step(params, gradients, state)
        for (x, its), g in zip(alone, gradients, strict=True):
            if g is not None:
                single.step(x, g, its)
    assert equal(params, [x for x, _ in alone])
    assert [entry["t"] for entry in state] == [its["t"] for _, its in alone]


def test_long_tables_are_given_to_the_kernel_in_parts(monkeypatch):
    expected, _ = walked(optimizer("adam"), [{}] * 3)
    for size in (35, 40, 51):
        monkeypatch.setattr(host, "CHUNK", size)
        monkeypatch.setattr(moving, "CHUNK", size)
        assert equal(walked(optimizer("adam"), [{}] * 3)[0], expected)


def test_what_has_gaps_is_moved_beside_what_has_none():
    whole = np.zeros((4, 6))
    params = [np.ones(3), whole[:, ::2], np.ones((2, 2))]
    opt = optimizer("sgd", lr=0.5)
    state = opt.init(params)
    opt.step(params, [np.ones(3), np.ones((4, 3)), np.ones((2, 2))], state)
    assert params[0].tolist() == [0.5] * 3 and (params[2] == 0.5).all()
    assert (whole[:, ::2] == -0.5).all() and (whole[:, 1::2] == 0).all()
    assert [entry["t"] for entry in state] == [1, 1, 1]


def test_a_schedule_of_a_group_is_not_passed_over():
    opt, params = optimizer("sgd", lr=1.0, groups={1: {"lr": "cosine(0.002, steps=100)"}}), made()
    state = opt.init(params)
    with pytest.raises(UsageError, match="lr has a schedule in a group"):
        opt.step(params, made(1), state, lr=0.5)
    assert equal(params, made())

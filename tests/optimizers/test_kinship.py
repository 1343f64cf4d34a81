"""Rules that are others in disguise, and what sets a rule apart from all others."""

import numpy as np
import pytest

from optviz.optimizers import configure
from tests.optimizers.driving import START, disturbed, drive, drive_reported, relative

SAME = [
    (("signum", {"lr": 0.1, "momentum": 0}), ("signsgd", {"lr": 0.1})),
    (("tiger", {"lr": 0.1, "beta1": 0.9, "weight_decay": 0}), ("signum", {"lr": 0.1, "momentum": 0.9})),
    (("lion", {"lr": 0.1, "beta1": 0.9, "beta2": 0.9}), ("tiger", {"lr": 0.1, "beta1": 0.9, "weight_decay": 0})),
    (("focus", {"lr": 0.1, "beta1": 0.9, "gamma": 0}), ("signum", {"lr": 0.1, "momentum": 0.9})),
    (("signsgd", {"lr": 0.1}), ("adam", {"lr": 0.1, "beta1": 0, "beta2": 0, "eps": 0})),
    (("qhm", {"lr": 0.1, "nu": 0}), ("sgd", {"lr": 0.1})),
    (("qhm", {"lr": 0.5, "momentum": 0.8, "nu": 1}), ("momentum", {"lr": 0.1, "momentum": 0.8, "variant": "torch"})),
    (("qhm", {"lr": 0.5, "momentum": 0.8, "nu": 0.8}), ("nesterov", {"lr": 0.1, "momentum": 0.8, "variant": "torch"})),
    (("aggmo", {"lr": 0.1, "betas": (0.8, 0.8, 0.8)}), ("momentum", {"lr": 0.1, "momentum": 0.8, "variant": "torch"})),
    (("sgdw", {"lr": 0.1, "momentum": 0.8}), ("momentum", {"lr": 0.1, "momentum": 0.8, "variant": "torch"})),
    (("optimistic_gd", {"lr": 0.1, "beta": 0}), ("sgd", {"lr": 0.1})),
    (("optimistic_adam", {"lr": 0.1, "beta": 0}), ("adam", {"lr": 0.1})),
    (("optimistic_adam", {"lr": 0.1, "beta": 0, "variant": "optax"}), ("nadam", {"lr": 0.1, "variant": "optax"})),
    (("pid", {"lr": 0.1, "momentum": 0, "integral": 0, "derivative": 0}), ("sgd", {"lr": 0.1})),
    (
        ("pid", {"lr": 0.01, "momentum": 0, "integral": 1, "derivative": 3}),
        ("optimistic_gd", {"lr": 0.01, "alpha": 2, "beta": 3, "variant": "optax"}),
    ),
    (("asgd", {"lr": 0.1, "lambd": 0, "alpha": 0}), ("sgd", {"lr": 0.1})),
    (("ftrl", {"lr": 0.5, "initial_accumulator_value": 0, "beta": 0}), ("adagrad", {"lr": 0.5, "eps": 0})),
    (
        ("ftrl", {"lr": 0.5, "initial_accumulator_value": 0, "beta": 0, "variant": "keras"}),
        ("adagrad", {"lr": 0.5, "eps": 0}),
    ),
]


@pytest.mark.parametrize(("one", "other"), SAME, ids=lambda rule: rule[0])
def test_rules_that_are_others(one, other):
    (name, hyper), (other_name, other_hyper) = one, other
    path = drive(configure(name, **hyper), disturbed, START, 100)
    assert relative(path, drive(configure(other_name, **other_hyper), disturbed, START, 100)) < 1e-12


def test_asgd_reports_its_iterate_until_averaging_begins():
    setting = configure("asgd", lr=0.1)
    assert np.array_equal(drive_reported(setting, disturbed, START, 50), drive(setting, disturbed, START, 50))


def test_asgd_and_torch_agree_on_the_average():
    torch = pytest.importorskip("torch")
    x = torch.nn.Parameter(torch.tensor(START))
    optimizer = torch.optim.ASGD([x], lr=0.1, t0=10)
    averages = [START]
    for t in range(1, 101):
        x.grad = torch.from_numpy(disturbed(x.detach().numpy(), t))
        optimizer.step()
        averages.append(optimizer.state[x]["ax"].numpy().copy())
    shown = drive_reported(configure("asgd", lr=0.1, t0=10), disturbed, START, 100)
    assert relative(shown, np.array(averages)) < 1e-6  # torch keeps its step sizes in float32


def test_a_schedule_reaches_asgd_one_step_late():
    """torch makes the step size of step t + 1 from the learning rate of step t."""
    scalars = configure("asgd").formula.scalars
    given = {"lambd": 0.0, "alpha": 0.75, "t0": 0.0}
    before, used = {}, []
    for t, lr in enumerate([0.5, 0.4, 0.3, 0.2], start=1):
        before = scalars(float(t), before, lr=lr, **given)
        used.append(before["eta"])
    assert used == [0.5, 0.5, 0.4, 0.3]


def test_the_average_of_noisy_iterates_is_nearer_than_the_last_one():
    noise = np.random.default_rng(7).normal(size=(4000, 4))
    gradient = lambda x, t: x + noise[t - 1]
    setting = configure("polyak_ruppert", lr=0.5, alpha=0.5)
    last = drive(setting, gradient, np.zeros(4), 4000)[-1]
    assert np.linalg.norm(drive_reported(setting, gradient, np.zeros(4), 4000)[-1]) < 0.5 * np.linalg.norm(last)


def test_optimism_comes_to_rest_in_a_saddle_around_which_descent_circles():
    """min over x, max over y of x y: the players' gradients are y and -x."""
    players = lambda x, t: np.array([x[1], -x[0]])
    for variant in ("paper", "optax"):
        optimist = drive(configure("optimistic_gd", lr=0.1, variant=variant), players, [1.0, 1.0], 2000)
        assert np.linalg.norm(optimist[-1]) < 1e-3
    descent = drive(configure("sgd", lr=0.1), players, [1.0, 1.0], 2000)
    assert np.linalg.norm(descent[-1]) > 1e3


@pytest.mark.parametrize("scale", [2.0**-10, 2.0**6])
def test_kate_does_not_know_the_scale_of_a_coordinate(scale):
    """x = s y: the gradient by y is s times that by x, and the path of y is that of x divided by s."""
    setting = configure("kate", lr=0.5)
    path = drive(setting, disturbed, START, 100)
    scaled = drive(setting, lambda y, t: scale * disturbed(scale * y, t), START / scale, 100)
    assert relative(scale * scaled, path) < 1e-12
    adagrad = configure("adagrad", lr=0.5)
    scaled = drive(adagrad, lambda y, t: scale * disturbed(scale * y, t), START / scale, 100)
    assert relative(scale * scaled, drive(adagrad, disturbed, START, 100)) > 0.1


@pytest.mark.parametrize("g", [1e-3, 1.0, 1e3])
def test_cocob_wins_faster_and_faster(g):
    """A constant gradient: the rewards of earlier bets are put on the next ones, whatever the gradient's scale."""
    path = drive(configure("cocob"), lambda x, t: [g], [0.0], 400)[:, 0]
    assert path[1] == pytest.approx(-0.01, rel=1e-6)
    assert np.all(np.diff(path) < 0)
    assert path[400] / path[200] > 4


def test_msvag_without_noise_is_a_corrected_average():
    path = drive(configure("msvag", lr=0.1), lambda x, t: [2.0, -0.5], [0.0, 0.0], 50)
    np.testing.assert_allclose(path[-1], [-10.0, 2.5], rtol=1e-12)


def test_msvag_does_not_move_on_pure_noise():
    signs = np.resize([1.0, -1.0], 200)
    path = drive(configure("msvag", lr=0.1), lambda x, t: [signs[t - 1]], [0.0], 200)
    momentum = drive(configure("qhm", lr=0.1, momentum=0.9, nu=1), lambda x, t: [signs[t - 1]], [0.0], 200)
    assert np.max(np.abs(np.diff(path[100:, 0]))) < 0.1 * np.max(np.abs(np.diff(momentum[100:, 0])))


def test_l1_makes_coordinates_exactly_zero():
    for variant in ("paper", "keras", "kozistr"):
        setting = configure("ftrl", variant=variant, lr=0.5, l1=3.0)
        path = drive(setting, lambda x, t: 0.01 * (x - 5), START, 50)
        assert np.all(path[1:] == 0.0)


def test_torchs_rprop_understands_its_pairs():
    setting = configure("rprop", etas=(0.4, 1.5), step_sizes=(1e-3, 1))
    expected = {"eta_minus": 0.4, "eta_plus": 1.5, "min_step_size": 1e-3, "max_step_size": 1.0}
    assert setting.hyperparameters == {"lr": 0.01} | expected


def test_rprop_takes_its_step_back_in_the_paper_alone():
    """One coordinate of |x|: from 1 by 0.8 to 0.2, then by 0.96 beyond the minimum, where the gradient changes sign."""
    slope = lambda x, t: np.sign(x)
    there = {
        variant: drive(configure("rprop", variant=variant, lr=0.8), slope, [1.0], 4)[:, 0]
        for variant in ("paper", "torch", "optax")
    }
    np.testing.assert_allclose(there["paper"], [1, 0.2, -0.76, 0.2, -0.28], atol=1e-15)
    np.testing.assert_allclose(there["torch"], [1, 0.2, -0.76, -0.76, -0.28], atol=1e-15)
    np.testing.assert_allclose(there["optax"][:2], [1, 1], atol=1e-15)


@pytest.mark.parametrize(("variant", "share"), [("torch", 0.005), ("keras", 0.005), ("optax", 0.005), ("paper", 0.1)])
def test_sgdw_decays_beside_its_momentum(variant, share):
    """The decay is no part of what is remembered; the paper's is not scaled by the learning rate."""
    setting = configure("sgdw", variant=variant, lr=0.05, momentum=0.8, weight_decay=0.1)
    x, v, path = START, 0 * START, [START]
    for t in range(1, 101):
        v = 0.8 * v - 0.05 * disturbed(x, t)
        x = x + v - share * x
        path.append(x)
    assert relative(drive(setting, disturbed, START, 100), np.array(path)) < 1e-13

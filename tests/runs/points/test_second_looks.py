"""Rules that look twice on test functions, and rules on products with the Hessian."""

import numpy as np
import pytest

import optviz
from optviz.errors import UsageError
from optviz.functions import REGISTRY as FUNCTIONS
from optviz.kernels.random import random_sign
from optviz.optimizers import REGISTRY, configure
from optviz.optimizers import optimizer as unit
from optviz.results.saved import valid
from tests.optimizers.driving import courses

LOOKING = [
    "extragradient(lr=0.001)",
    "nesterov_ahead(lr=0.001)",
    "past_extragradient(lr=0.001)",
    "sam(adam, rho=0.1)",
    "asam(sgd(lr=0.001))",
    "sam(lamb(lr=0.01), rho=0.1)",
    "lookahead(sam(momentum(lr=0.001)), k=3)",
    "ema(sam(adam))",
    "sam(schedule_free_sgd(lr=0.001))",
    "sam(polyak)",
    "extragradient(lr=0.001, weight_decay=0.1)",
    "extragradient(lr=0.001, weight_decay=0.1, decay=decoupled)",
    "nesterov_ahead(lr=0.001, weight_decay=0.1)",
]


def driven(setting, function, start, steps):
    seen = courses(
        setting.resolved(steps),
        lambda x, t: np.array(function.gradient_at(x.tolist())),
        start,
        steps,
        lambda x, t: function.value_at(x.tolist()),
    )
    return seen[1]


@pytest.mark.parametrize("text", LOOKING)
def test_compiled_runs_are_those_of_plain_python(text):
    function, start, steps = FUNCTIONS["rosenbrock"], (-1.2, 1.0), 40
    setting = configure(text)
    run = optviz.minimize(function, setting, start=start, steps=steps)
    np.testing.assert_allclose(run.points, driven(setting, function, start, steps), rtol=1e-9, atol=1e-10)


@pytest.mark.parametrize("function", ["rosenbrock", "5"])
@pytest.mark.parametrize("base", ["sgd(lr=0.001)", "adam", "lamb"])
def test_a_neighbourhood_of_nothing_leaves_the_rule_as_it_is(function, base):
    unit = FUNCTIONS["rosenbrock"].in_dimension(5) if function == "5" else FUNCTIONS[function]
    one, other = (optviz.minimize(unit, text, steps=100) for text in (base, f"sam({base}, rho=0)"))
    assert np.array_equal(one.points, other.points)


def test_a_schedule_moves_the_probe_too():
    function, x = FUNCTIONS["sphere"], np.array([1.0, -2.0])
    setting = configure("extragradient(lr='linear(0.3, final=0.1)')").resolved(5)
    run = optviz.minimize(function, setting, start=x.tolist(), steps=5)
    for t, factor in enumerate(setting.schedules["lr"].factors(1, 5), start=1):
        lr = 0.3 * factor
        x = x - lr * 2 * (x - lr * 2 * x)
        np.testing.assert_allclose(run.points[t], x, rtol=1e-14)
    rate = "adam(lr='cosine(0.1)', beta1='linear(0.5, final=0.9)')"
    one, other = (optviz.minimize("rosenbrock", text, steps=50) for text in (rate, f"sam({rate}, rho=0)"))
    assert np.array_equal(one.points, other.points)


@pytest.mark.parametrize("text", ["sam(adam)", "sophia_h", "nesterov_ahead"])
def test_many_runs_are_single_runs(text):
    starts = [(-1.2, 1.0), (0.5, 2.0), (2.0, -1.0)]
    many = optviz.minimize_many("rosenbrock", text, starts=starts, steps=30, lr=1e-3, noise="gaussian:0.1", seed=3)
    single = optviz.minimize("rosenbrock", text, start=starts[0], steps=30, lr=1e-3, noise="gaussian:0.1", seed=3)
    assert np.array_equal(many.points[0], single.points[-1])


def test_both_looks_see_the_same_noise():
    """On a plane the gradient is the same everywhere: two looks with one draw step as far as one look does."""
    given = {"start": (0.0, 0.0), "steps": 20, "lr": 0.1, "noise": "gaussian:0.5", "seed": 4}
    plain, twice = (optviz.minimize("x + 2*y", name, **given) for name in ("sgd", "extragradient"))
    assert np.array_equal(plain.points, twice.points) and not np.array_equal(plain.points[1], plain.points[2])


def test_a_second_look_is_counted():
    costs = {
        "sam(sgd)": 2, "extragradient": 2, "adahessian": 2, "sam(adahessian)": 3, "lookahead(sam(sgd))": 2,
        "sgd": 1, "nesterov_ahead": 1, "past_extragradient": 1,
    }  # fmt: skip
    for text, each in costs.items():
        run = optviz.minimize("sphere", text, steps=20)
        assert valid(run) and run.spent.tolist() == [1 + each * t for t in range(21)], text
    sophia = optviz.minimize("sphere", configure("sophia_h", every=4), steps=9)
    assert sophia.spent.tolist() == [1, 3, 4, 5, 6, 8, 9, 10, 11, 13]


def test_by_evaluations_everyone_spends_as_much():
    names = ["sgd", "sam(sgd)", "nesterov_ahead", "sophia_h", "lbfgs"]
    race = optviz.race("rosenbrock", names, steps=24, by="evaluations", lr=1e-3, resolution=16)
    assert valid(race)
    assert [run.steps for run in race.trajectories[:4]] == [23, 11, 23, 20]
    assert [int(run.spent[-1]) for run in race.trajectories[:4]] == [
        24,
        23,
        24,
        23,
    ]  # of Sophia-H the next step makes two
    with pytest.raises(UsageError, match="2 evaluations make no step of extragradient"):
        optviz.race("sphere", ["extragradient"], steps=2, by="evaluations", lr=0.1)


def test_a_study_by_evaluations_counts_both_looks():
    by = optviz.study(["sphere"], ["sgd", "extragradient"], steps=201, starts=3, by="evaluations", lr=0.2, seed=2)
    steps = optviz.study(["sphere"], ["extragradient"], steps=100, starts=3, lr=0.2, seed=2)
    arrived = steps.reached[0, 0] >= 0
    assert arrived.any() and (by.reached[0, 1][arrived] == 1 + 2 * steps.reached[0, 0][arrived]).all()


def test_who_goes_uphill_climbs_to_worse_places():
    down = optviz.minimize("-x**2 - 3*y**2", "sam(sgd)", start=(1.0, 1.0), steps=5, lr=0.1, maximize=True)
    up = optviz.minimize("x**2 + 3*y**2", "sam(sgd)", start=(1.0, 1.0), steps=5, lr=0.1)
    assert np.array_equal(down.points, up.points)


@pytest.fixture
def telling(monkeypatch):
    """Rules whose iterate shows what they were given."""
    monkeypatch.setattr(REGISTRY, "_units", dict(REGISTRY._units))

    @unit
    def tells_product(x, g, z, hz, lr=1.0):
        return x + lr * hz

    @unit
    def tells_sign(x, g, z, hz, lr=1.0):
        return x + lr * z

    return tells_product, tells_sign


@pytest.mark.parametrize("dimension", [2, 5])
def test_products_are_those_of_central_differences(telling, dimension):
    function = FUNCTIONS["rosenbrock"]
    function = function if dimension == 2 else function.in_dimension(dimension)
    start = np.array(function.start) + 0.1 * np.arange(dimension)
    product, sign = (
        optviz.minimize(function, one, start=start.tolist(), steps=1, seed=7).points[1] - start for one in telling
    )
    drawn = [random_sign(np.float64)(7, 0, 1, c) for c in range(dimension)]
    assert np.allclose(sign, drawn, rtol=0, atol=1e-12) and set(drawn) <= {-1.0, 1.0}
    step = 1e-5
    ends = [np.array(function.gradient_at((start + s * step * sign).tolist())) for s in (1, -1)]
    np.testing.assert_allclose(product, (ends[0] - ends[1]) / 2 / step, rtol=1e-7)


def test_signs_are_fair_and_differ_from_noise():
    sign = random_sign(np.float32)
    drawn = np.array([[sign(0, run, t, c) for c in range(4)] for run in range(50) for t in range(1, 51)])
    assert abs(drawn.mean(axis=0)).max() < 0.06 and abs(np.corrcoef(drawn.T) - np.eye(4)).max() < 0.06


@pytest.mark.filterwarnings("ignore:your function is called by Python")
@pytest.mark.parametrize(
    ("ask", "words"),
    [
        (lambda: configure("sam(extragradient)"), "sam looks at another gradient, and the rule inside of it does"),
        (lambda: configure("asam(sam(adam))"), "asam looks at another gradient"),
        (lambda: configure("sam(muon)"), "muon moves whole matrices"),
        (lambda: optviz.explain("sam(adam)", "sphere"), "takes its gradient at a point of its own"),
        (lambda: optviz.explain("adahessian", "sphere"), "adahessian needs products with the Hessian"),
        (lambda: optviz.optimizer("sophia_h"), "sophia_h needs the product of the Hessian and random signs"),
        (
            lambda: optviz.minimize(lambda x, y: float(np.linalg.norm([x, y])), "adahessian"),
            "adahessian needs second derivatives",
        ),
    ],
)
def test_what_cannot_be(ask, words):
    with pytest.raises(UsageError, match=words.replace("(", r"\(")):
        ask()


def test_a_probe_may_ask_for_what_the_update_is_given_alone(telling):
    with pytest.raises(TypeError, match="the probe asks for f"):
        unit(probe=lambda x, f: x)(lambda x, g, f, lr=0.1: x)
    with pytest.raises(TypeError, match="hz belongs to z"):
        unit(lambda x, g, hz, lr=0.1: x)

"""Runs of solvers: evaluations that are counted and kept, stops that are results, hostile input."""

import dataclasses
import math

import numpy as np
import pytest

import optviz
from optviz.errors import UsageError
from optviz.formulas.derive import gradient_of
from optviz.formulas.solver import GO_ON, STOPS
from optviz.functions import REGISTRY as FUNCTIONS
from optviz.optimizers import REGISTRY, configure, solver
from optviz.optimizers._evaluating import Evaluate, plain_path
from optviz.results.race import STOPS as TOLD
from optviz.runs.points.problem import Problem
from optviz.runs.points.runner import Runner
from optviz.runs.points.subject import function_of

SOLVERS = [rule.name for rule in REGISTRY if rule.kind == "solver" and rule.module.startswith("optviz.")]
FORMULAS = {name: next(iter(REGISTRY[name].variants.values()))[0] for name in SOLVERS}
CURVED = [name for name in SOLVERS if FORMULAS[name].curvature]
SQUARED = [name for name in SOLVERS if FORMULAS[name].residuals]
FREE = [name for name in SOLVERS if name not in SQUARED]  # run on any function that can be derived
STARTS = np.random.default_rng(3).uniform(-2, 2, (37, 2))


def test_stops_have_the_words_of_results():
    assert {*STOPS} == {"", *TOLD}


@pytest.mark.parametrize("name", SOLVERS)
def test_every_evaluation_is_counted_and_kept(name):
    """The record holds by itself what it claims: each kept point belongs to a step, and iterates are among them."""
    run = optviz.minimize("rosenbrock", name, start=(-1.2, 1.0), steps=12)
    assert run.evaluations[0] >= 1 and run.evaluations.shape == (13,) and (np.diff(run.evaluations) >= 0).all()
    assert len(run.evaluated) == len(run.evaluated_at) == run.evaluations[-1]
    by_then = np.searchsorted(run.evaluated_at, np.arange(13), side="right")
    assert by_then.tolist() == run.evaluations.tolist()
    places = {tuple(point) for point in run.evaluated.tolist()}
    assert all(tuple(point) in places for point in run.points.tolist())
    rosenbrock = function_of("rosenbrock")
    assert run.values.tolist() == [rosenbrock.value(*point) for point in run.points.tolist()]


@pytest.mark.parametrize("name", SOLVERS)
def test_one_run_is_one_of_many(name):
    """Bit for bit, on one thread and on three."""
    alone = [optviz.minimize("rosenbrock", name, start=start, steps=20).points[-1] for start in STARTS[:5]]
    few = optviz.minimize_many("rosenbrock", name, STARTS[:5], steps=20)
    many = optviz.minimize_many("rosenbrock", name, STARTS, steps=20, threads=3, history=[0, 20])
    np.testing.assert_array_equal(few.points, alone)
    np.testing.assert_array_equal(many.points[:5], alone)
    np.testing.assert_array_equal(many.history[0], STARTS)
    np.testing.assert_array_equal(many.history[1], many.points)


@pytest.mark.parametrize("name", SOLVERS)
def test_the_path_is_that_of_the_text_in_plain_python(name):
    evaluate = seen_by_python(function_of("rosenbrock"))(name in SQUARED)
    path = plain_path(configure(name), evaluate, (-1.2, 1.0), 10)
    run = optviz.minimize("rosenbrock", name, start=(-1.2, 1.0), steps=10)
    assert run.evaluations[-1] == evaluate.count
    np.testing.assert_allclose(run.points, path, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("name", FREE)
@pytest.mark.parametrize(
    "formula", ["max(x**2 + y**2, 9)", "sqrt(x) + y**2", "x**2 - log(y)", "-exp(x**2 + y**2)", "abs(x) + abs(y)"]
)
def test_hostile_functions_end(name, formula):
    """Flat, NaN beside the start, no minimum at all, kinks: a result each time."""
    unit = optviz.function(formula, bounds=((-3, 3), (-3, 3)), start=(0.5, 0.7))
    run = optviz.minimize(unit, name, steps=30)
    assert run.stopped in STOPS and len(run.points) == 31 and run.evaluations[-1] <= 30 * 100 + 30


def called(value=None, gradient=lambda x, y: (2 * x, 6 * y)):
    """A bowl, or another function, that kernels call in Python as it is."""
    bowl = lambda x, y: float(str(float(x))) ** 2 + 3 * y**2
    with pytest.warns(UserWarning, match="is called by Python"):
        unit = optviz.function(bowl, gradient=gradient, bounds=((-3, 3), (-3, 3)), start=(1.0, 1.0))
    assert unit.uncompiled
    return unit if value is None else dataclasses.replace(unit, value=value)


@pytest.mark.parametrize("name", [name for name in FREE if name not in CURVED])
@pytest.mark.parametrize("answer", [math.nan, math.inf])
def test_values_that_are_no_numbers_end(name, answer):
    """Python's own function, called as it is, with one good value at the start."""

    def broken(x, y):
        return 1.0 if str(x) == str(y) == "1.0" else answer

    run = optviz.minimize(called(broken), name, steps=10)
    assert run.stopped in STOPS and len(run.points) == 11


@pytest.mark.parametrize("name", SOLVERS)
def test_a_start_at_the_minimum_stays(name):
    run = optviz.minimize("rosenbrock", name, start=(1.0, 1.0), steps=5)
    assert run.values.max() <= 1e-300 and run.stopped in ("at rest", "no descent", "")


@pytest.mark.parametrize("name", SOLVERS)
@pytest.mark.parametrize("budget", [1, 2, 7])
def test_a_budget_is_kept(name, budget):
    setting, unit = configure(name), function_of("rosenbrock")
    walk = Runner(Problem(setting, unit, 40, evaluations=budget)).slice(np.array([(-1.2, 1.0)]))
    points, values, *_ = walk.paths()
    told = walk.told(0)
    assert told["evaluations"].max() <= budget
    assert told["stopped"] in ("out of evaluations", "no descent", "at rest")
    assert np.isfinite(values).all() and len(told["evaluated"]) == told["evaluations"][-1]


def test_python_is_asked_once_for_each_evaluation():
    asked = []

    def mine(x, y):
        asked.append((float(x), float(y)))
        return x**2 + 3 * y**2

    unit = called(mine)
    asked.clear()
    run = optviz.minimize(unit, "gd_backtracking", start=(1.0, 1.0), steps=5)
    assert asked[-len(run.evaluated) :] == [tuple(point) for point in run.evaluated.tolist()]


def test_an_exception_of_python_comes_back():
    def mine(x, y):
        if abs(x) < 0.9:
            raise RuntimeError("too near")
        return x**2 + y**2

    unit = called(mine)
    with pytest.raises(RuntimeError, match="too near"):
        optviz.minimize(unit, "gd_backtracking", start=(2.0, 1.0), steps=50)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: configure("lookahead(newton)"), "nothing can be put around it"),
        (lambda: configure("newton", weight_decay=0.1), "nothing can be put around it"),
        (lambda: configure("newton", rate="cosine(0.1)"), "a schedule has nothing to scale"),
        (lambda: optviz.minimize("sphere", "newton", noise="gaussian:0.1"), "the same function at every evaluation"),
        (lambda: optviz.race("sphere", ["sgd", "newton"], noise="gaussian:0.1"), "the same function at every"),
        (lambda: optviz.minimize("sphere", "newton", dtype=np.float32), "computes in float64"),
        (lambda: optviz.optimizer("newton"), "a step of arrays is given one gradient"),
        (lambda: optviz.explain("newton", "sphere"), "has no columns by coordinate"),
        (lambda: optviz.train("mnist", "logreg", ["newton"]), "needs the same function at every evaluation"),
        (lambda: optviz.minimize("rosenbrock", "newton", dimension=200), "has 200 coordinates"),
        (lambda: configure("gd_backtracking", most=2.5), "most is 2.5"),
        (lambda: optviz.minimize("ackley", "gauss_newton"), "is not known as a sum of squares"),
        (lambda: optviz.minimize("tilted(rosenbrock, 30)", "gauss_newton"), "is not known as a sum of squares"),
        (lambda: configure("lbfgs(variant=fixed, most=5)"), "has no most"),
    ],
)
def test_what_makes_no_sense_is_refused_in_a_sentence(call, words):
    with pytest.raises(UsageError, match=words) as refusal:
        call()
    assert len(str(refusal.value).splitlines()) == 2


def test_uncompiled_functions_have_no_second_derivatives():
    unit = called()
    with pytest.raises(UsageError, match="needs second derivatives"):
        optviz.minimize(unit, "newton", start=(2.0, 1.0))


def test_solvers_are_not_tuned_and_race_beside_rules():
    race = optviz.race("rosenbrock", ["adam", "newton", "gd_backtracking"], steps=30, resolution=40)
    assert race.rates["newton"] == race.rates["gd_backtracking"] == "paper" and race.rates["adam"] == "tuned"
    adam, newton, _ = race.trajectories
    assert adam.evaluations is None and newton.evaluations[-1] < 31 and newton.stopped == "at rest"


def test_solvers_run_wherever_rules_do():
    many = optviz.basins("himmelblau", ["newton"], resolution=16, steps=30)
    assert many.maps[0].reached.shape == (16, 16) and (many.maps[0].arrived >= 0).mean() > 0.2
    swarm = optviz.swarm("rosenbrock", ["newton", "gd_backtracking"], starts=49, steps=20)
    assert swarm.runs[0].contender.optimizer == "newton"
    sweep = optviz.sweep("rosenbrock", "gd_backtracking", ("first", 0.1, 10.0, 8), ("shrink", 0.2, 0.8, 8), steps=40)
    assert np.isfinite(sweep.values).any()
    study = optviz.study(["sphere", "rosenbrock"], ["newton", "sgd"], starts=20, steps=50)
    assert (study.reached[:, 0] >= 0).any()


def test_members_of_sets_are_left_out_where_they_cannot_run():
    with pytest.warns(UserWarning, match="left out, as they cannot run here: gauss_newton, levenberg_marquardt"):
        race = optviz.race("ackley", ["@curvature"], steps=5, resolution=20)
    assert {run.optimizer for run in race.trajectories} == {*CURVED, "adahessian", "sophia_h"}
    with pytest.raises(UsageError, match="none of these optimizers can run here"):
        optviz.race("ackley", "@solvers", steps=5, noise="gaussian:0.1")
    with pytest.raises(UsageError, match="none of these optimizers can run here"):
        optviz.train("mnist", "logreg", "@solvers")


def test_residuals_are_those_of_their_functions():
    for unit in FUNCTIONS:
        if residuals := unit.residuals:
            for x, y in np.random.default_rng(1).uniform(-1, 1, (5, 2)).tolist():
                total = sum(r**2 for r in residuals(x, y))
                assert total == pytest.approx(unit.value(x, y), rel=1e-12)


def test_a_thousand_coordinates_and_a_start_outside():
    run = optviz.minimize("sum_squares", "lbfgs", dimension=1000, start=(3.0,) * 1000, steps=200)
    assert run.values[-1] < 1e-8 * run.values[0] and run.evaluated.shape == (run.evaluations[-1], 1000)
    away = optviz.minimize("rosenbrock", "lbfgs", start=(50.0, -70.0), steps=200)
    assert away.values[-1] < 1e-12


def test_long_runs_keep_every_evaluation():
    """More than there is room for at a time; the last step is the same as in one without."""
    run = optviz.minimize("rosenbrock", "compass", start=(-1.2, 1.0), steps=9000)
    assert len(run.evaluated) == run.evaluations[-1] > 16_384
    assert (np.searchsorted(run.evaluated_at, np.arange(9001), side="right") == run.evaluations).all()
    many = optviz.minimize_many("rosenbrock", "compass", [(-1.2, 1.0)], steps=9000)
    np.testing.assert_array_equal(many.points[0], run.points[-1])


def walk(x, f, g, evaluate, before, back, stride=0.25):
    """A solver from outside: it goes up, and says what is no number of `STOPS` when it comes too far."""
    for i in range(len(x)):
        before[i] = x[i]
        x[i] += stride
    f[0] = evaluate(x, g)
    return 77 if f[0] > 3 else GO_ON


def unready(x, f, g, evaluate, stride=0.25):
    """It does not compile."""
    return evaluate.anything(x)


@pytest.fixture
def registry(monkeypatch):
    monkeypatch.setattr(REGISTRY, "_units", dict(REGISTRY._units))
    monkeypatch.setattr(REGISTRY, "_spelled", dict(REGISTRY._spelled))


def test_solvers_from_outside(registry):
    rule = solver(walk, memory={"before": "n", "back": "2 * stride"})
    assert rule.kind == "solver" and rule.defaults == {"paper": {"stride": 0.25}}
    run = optviz.minimize("sphere", rule, start=(0.0, 0.0), steps=20)
    assert run.points[:6, 0].tolist() == [0.0, 0.25, 0.5, 0.75, 1.0, 1.25] and run.stopped == "no descent"
    with pytest.raises(UsageError, match="Numba cannot compile the formula unready"):
        optviz.minimize("sphere", solver(unready), steps=2)


@pytest.mark.parametrize(
    ("memory", "words"),
    [({"back": "n", "before": "n"}, "in this order"), ({"before": "n", "back": "length * n"}, "names length")],
)
def test_badly_declared_solvers_are_refused(registry, memory, words):
    with pytest.raises(TypeError, match=words):
        solver(walk, memory=memory)


def test_uphill():
    unit = optviz.function("x**2 + y**2", bounds=((-3, 3), (-3, 3)), start=(0.5, 0.7))
    run = optviz.minimize(unit, "gd_backtracking", steps=5, first=0.1, maximize=True)
    assert (np.diff(run.values) > 0).all()
    down = optviz.function("-(x**2) - y**2", bounds=((-3, 3), (-3, 3)), start=(0.5, 0.7))
    np.testing.assert_array_equal(run.points, optviz.minimize(down, "gd_backtracking", steps=5, first=0.1).points)


def seen_by_python(unit):
    """What a solver's text evaluates with in plain Python, on a function of two variables."""

    def second(y):
        xx, xy, yy = unit.hessian(*y)
        return [xx, xy, xy, yy]

    def normal(y):
        slopes = np.reshape(gradient_of(unit.residuals)(*y), (-1, 2))
        return (2 * slopes.T @ slopes).ravel().tolist()

    return lambda squares: Evaluate(lambda y: (unit.value_at(y), unit.gradient_at(y)), normal if squares else second)

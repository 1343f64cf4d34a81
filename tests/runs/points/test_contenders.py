"""Contenders of other libraries: what they evaluate is what their library evaluates, counted, bounded and kept."""

import importlib.util
import math

import numpy as np
import pytest

import optviz
from optviz.errors import FormulaError, MissingError, UnknownNameError, UsageError, UsageTypeError
from optviz.functions import REGISTRY
from optviz.optimizers import CONTENDERS, configure, foreign
from optviz.results.race import STOPS
from optviz.results.saved import valid
from optviz.runs.points.evaluations import Enough, Evaluations

METHODS = [rule.variants["scipy"][0] for rule in CONTENDERS if rule.name.startswith("scipy:")]
SMOOTH = [one for one in METHODS if one.method != "dogleg"]  # which gives up where a Hessian is not definite


@pytest.fixture(scope="module")
def scipy():
    """scipy.optimize, and pycma beside it; both are optional."""
    pytest.importorskip("cma")
    return pytest.importorskip("scipy.optimize")


# What needs no library


@pytest.mark.parametrize(
    ("text", "name", "numbers"),
    [
        ("scipy:Nelder-Mead", "scipy:Nelder-Mead", {"tol": 0.0}),
        ("SciPy:nelder_mead(tol=1e-8)", "scipy:Nelder-Mead", {"tol": 1e-8}),
        ("cma", "cma", {"sigma": 0.25, "popsize": 0.0}),
        ("CMA-ES(popsize=20)", "cma", {"sigma": 0.25, "popsize": 20.0}),
    ],
)
def test_contenders_are_written_as_optimizers_are(text, name, numbers):
    setting = configure(text)
    assert (setting.rule.name, setting.hyperparameters, setting.kind) == (name, numbers, "contender")
    assert configure(setting.text) == configure(setting.short_text) == setting
    assert optviz.contender(text) == setting
    assert optviz.contender(name, **numbers).hyperparameters == numbers


@pytest.mark.parametrize(
    ("text", "error", "words"),
    [
        ("scipy:BFGX", UnknownNameError, "unknown contender 'scipy:BFGX'\nDid you mean 'scipy:BFGS'? See: optviz list"),
        ("nlopt:LN_BOBYQA", UnknownNameError, "unknown contender 'nlopt:LN_BOBYQA'"),
        ("adam", UnknownNameError, "adam is no contender, but ours"),
        ("scipy:BFGS(lr=0.1)", UsageError, "scipy:BFGS has no hyperparameter 'lr'\nIt has: tol"),
        ("scipy:BFGS(tol=-1)", UsageError, "tol is -1"),
        ("cma(sigma=0)", UsageError, "sigma is 0"),
        ("lookahead(scipy:BFGS)", UsageError, "nothing can be put around it"),
        ("scipy:BFGS(weight_decay=0.1)", UsageError, "nothing can be put around it"),
        ("scipy:BFGS(tol=cosine)", UsageError, "a schedule has nothing to scale"),
        ("scipy:BFGS(maximize=True)", UsageError, "goes downhill"),
        (3, UsageTypeError, "3 is no contender"),
    ],
)
def test_what_is_no_contender(text, error, words):
    with pytest.raises(error) as caught:
        optviz.contender(text)
    assert words in str(caught.value)


REFUSED = {
    "explain": lambda name: optviz.explain(name, "sphere"),
    "arrays": lambda name: optviz.optimizer(name),
    "networks": lambda name: optviz.train(optimizers=[name]),
    "sweep": lambda name: optviz.sweep("sphere", name, ("tol", 1e-9, 1e-3, 4), ("tol", 1e-9, 1e-3, 4)),
    "noise": lambda name: optviz.minimize("sphere", name, noise="gaussian:0.1"),
    "noise in a race": lambda name: optviz.race("sphere", [name], noise="gaussian:0.1"),
    "float32": lambda name: optviz.minimize("sphere", name, dtype=np.float32),
    "many": lambda name: optviz.minimize_many("sphere", name, np.zeros((2001, 2))),
    "basins": lambda name: optviz.basins("sphere", [name], resolution=45),
    "swarm": lambda name: optviz.swarm("sphere", [name], starts=2002),
    "study": lambda name: optviz.study(["sphere"], [name], starts=2001),
}


@pytest.mark.parametrize("call", REFUSED.values(), ids=REFUSED)
def test_where_contenders_do_not_run(call, monkeypatch):
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: name)
    with pytest.raises(UsageError, match=r"^scipy:CG (?s:.*)\n."):
        call("scipy:CG")


RUNS = {
    "minimize": lambda name: optviz.minimize("sphere", name),
    "minimize_many": lambda name: optviz.minimize_many("sphere", name, [(1.0, 1.0)]),
    "race": lambda name: optviz.race("sphere", ["adam", name]),
    "basins": lambda name: optviz.basins("sphere", [name], resolution=4),
    "study": lambda name: optviz.study(["sphere"], [name], starts=4),
}


@pytest.mark.parametrize("run", RUNS.values(), ids=RUNS)
@pytest.mark.parametrize(("name", "says"), [("scipy:CG", "SciPy is not installed"), ("cma", "pycma is not installed")])
def test_a_missing_library_is_named_with_what_to_install(run, name, says, monkeypatch):
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(MissingError, match=says) as caught:
        run(name)
    assert caught.value.exit_code == 3 and caught.value.remedy == 'pip install "optviz[contenders]"'


def test_second_derivatives_are_needed_by_name(monkeypatch):
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: name)

    class Own:
        title = "Own"

        @property
        def hessian(self):
            raise FormulaError("it cannot be read")

    foreign(configure("scipy:BFGS")).check_runs(Own())
    with pytest.raises(UsageError, match="SciPy's dogleg needs second derivatives, and Own has none\nTake one"):
        foreign(configure("scipy:dogleg")).check_runs(Own())


def test_evaluations_are_counted_once_and_bounded():
    unit = REGISTRY["rosenbrock"]
    made = Evaluations(unit, np.array([-1.2, 1.0]), steps=3, budget=4)
    assert made.counts == [1] and made.made_at == [0]  # that of the start
    made.value(np.array([-1.2, 1.0]))
    made.gradient(np.array([-1.2, 1.0]))
    made.hessian(np.array([-1.2, 1.0]))
    assert len(made.points) == 1
    assert made.gradient(np.array([0.0, 1.0])).tolist() == [*unit.gradient(0.0, 1.0)]
    made.value(np.array([0.5, 1.0]))
    made.moved(np.array([0.5, 1.0]))
    made.value(np.array([0.7, 1.0]))
    with pytest.raises(Enough) as end:
        made.value(np.array([0.8, 1.0]))
    assert end.value.stopped == "out of evaluations"
    points, values, counts = made.path()
    assert points.tolist() == [[-1.2, 1.0], [0.5, 1.0], [0.5, 1.0], [0.5, 1.0]]
    assert values[1] == unit.value(0.5, 1.0) and counts.tolist() == [1, 3, 4, 4]
    assert made.told("")["evaluated_at"].tolist() == [0, 1, 1, 2]


# With them


@pytest.mark.parametrize("formula", SMOOTH, ids=lambda one: one.method)
def test_a_run_ends_where_scipys_own_ends(scipy, formula):
    unit = REGISTRY["himmelblau"]
    run = optviz.minimize(unit, f"scipy:{formula.method}", steps=300)

    def hessian(x):
        xx, xy, yy = unit.hessian(*x.tolist())
        return np.array([[xx, xy], [xy, yy]])

    given = {"jac": lambda x: np.array(unit.gradient(*x.tolist()))} if formula.looks != "value" else {}
    given |= {"hess": hessian} if formula.looks == "hessian" else {}
    theirs = scipy.minimize(lambda x: unit.value(*x.tolist()), unit.start, method=formula.method, **given)
    assert run.points[-1].tolist() == theirs.x.tolist() and run.values[-1] == pytest.approx(theirs.fun, rel=1e-12)
    assert valid(run) and run.stopped == "at rest" and run.spent[-1] <= theirs.nfev


@pytest.mark.parametrize("name", CONTENDERS.names())
def test_a_run_is_its_own_evaluations_within_its_bound(scipy, name):
    run = optviz.minimize("himmelblau", name, steps=30)
    assert valid(run) and run.stopped in ("", *STOPS) and run.written == name
    value = REGISTRY["himmelblau"].value
    known = {tuple(point): value(*point) for point in run.evaluated.tolist()}
    for point, height in zip(run.points.tolist(), run.values.tolist(), strict=True):
        assert height == pytest.approx(known.get(tuple(point), value(*point)), rel=1e-12)
    assert run.evaluated[0].tolist() == run.points[0].tolist() == [*REGISTRY["himmelblau"].start]
    again = optviz.minimize("himmelblau", name, steps=30)
    assert again.evaluated.tolist() == run.evaluated.tolist() and again.stopped == run.stopped
    many = optviz.minimize_many("himmelblau", name, [run.points[0], (1.0, 1.0)], steps=30)
    assert many.points[0].tolist() == run.points[-1].tolist() and many.values[0] == run.values[-1]


HOSTILE = {
    "nothing": lambda x, y: math.nan,
    "an island": lambda x, y: x * x + y * y if abs(x - 2) < 0.3 else math.nan,
    "a wall": lambda x, y: x * x + y * y if x > 1.9 else math.inf,
    "an edge": lambda x, y: math.sqrt(x - 1.0) + y * y,
    "no end": lambda x, y: -x * x - y,
    "a plane": lambda x, y: 3.0,
    "huge": lambda x, y: 1e300 * (x * x + y * y),
    "a ridge": lambda x, y: x**4,
}


@pytest.mark.parametrize("name", CONTENDERS.names())
@pytest.mark.parametrize("hostile", HOSTILE)
def test_what_is_no_landscape_ends_in_a_result(scipy, name, hostile):
    """No error, no hang, and never more evaluations than allowed."""
    from optviz.runs.points import libraries

    class Ground:
        """As much of a function as a library meets."""

        title, name, dimension, far, view = "Hostile", "hostile", None, 1e6, ((-5.0, 5.0), (-5.0, 5.0))

        def value_at(self, point):
            try:
                return HOSTILE[hostile](*point)
            except ValueError:
                return math.nan

        def gradient_at(self, point):
            return tuple(
                (self.value_at([*point[:c], point[c] + 1e-6, *point[c + 1 :]]) - self.value_at(point)) / 1e-6
                for c in (0, 1)
            )

        def hessian(self, x, y):
            (a, b), (c, d), (_, e) = map(self.gradient_at, ((x, y), (x + 1e-4, y), (x, y + 1e-4)))
            return (c - a) / 1e-4, (d - b) / 1e-4, (e - b) / 1e-4

    made, stopped = libraries.run(configure(name), Ground(), np.array([2.0, 1.0]), 40, 200, (0, 0))
    points, values, counts = made.path()
    assert len(made.points) <= 200 and stopped in ("", *STOPS)
    assert len(points) == len(values) == 41 and (np.diff(counts) >= 0).all()


def test_the_seed_decides_what_is_drawn(scipy, tmp_path, monkeypatch, capfd):
    monkeypatch.chdir(tmp_path)
    state = np.random.get_state()[1].tolist()  # noqa: NPY002
    first, other = (optviz.minimize("rastrigin", "cma", steps=10, seed=seed) for seed in (0, 1))
    assert first.evaluated.tolist() != other.evaluated.tolist()
    many = optviz.minimize_many("rastrigin", "cma", [first.points[0]] * 2, steps=10)
    assert many.points[0].tolist() == first.points[-1].tolist() != many.points[1].tolist()
    assert np.random.get_state()[1].tolist() == state  # noqa: NPY002
    assert not [*tmp_path.iterdir()] and capfd.readouterr() == ("", "")


@pytest.mark.parametrize("name", ["scipy:BFGS", "scipy:L-BFGS-B", "scipy:TNC", "scipy:SLSQP", "scipy:COBYLA", "cma"])
def test_an_interrupt_ends_a_run_at_once(scipy, name, monkeypatch):
    calls = []

    def interrupted(self, x, there=Evaluations.value):
        calls.append(x)
        if len(calls) == 5:
            raise KeyboardInterrupt
        return there(self, x)

    monkeypatch.setattr(Evaluations, "value", interrupted)
    with pytest.raises(KeyboardInterrupt):
        optviz.minimize("rosenbrock", name, steps=50)
    assert len(calls) == 5


@pytest.mark.parametrize("first", [False, True])
def test_arrivals_are_those_of_the_path(scipy, first):
    from optviz.runs.points.problem import Problem
    from optviz.runs.points.runner import Runner

    unit, levels = REGISTRY["rosenbrock"], np.array([1e9, 5.0, 1e-3, 1e-8, -1.0])
    problem = Problem(configure("scipy:Nelder-Mead"), unit, 60, levels, first=first)
    ends = []
    Runner(problem).run(np.array([unit.start, (0.0, 3.0)]), lambda place, *of: ends.append((place, *of)))
    for place, points, values, arrived, diverged in ends:
        run = optviz.minimize(unit, "scipy:Nelder-Mead", ((-1.2, 1.0), (0.0, 3.0))[place.start], steps=60)
        assert points[0].tolist() == run.points[-1].tolist() and values[0] == run.values[-1] and diverged[0] == 0
        for level, since in zip(levels, arrived[:, 0], strict=True):
            below = (run.values <= level).tolist()
            at = below.index(True) if True in below else -1
            kept = next((k for k in range(61) if all(below[k:])), -1)
            assert since == (at if first else kept)


def test_basins_of_a_contender(scipy):
    found = optviz.basins("himmelblau", ["scipy:BFGS"], resolution=6, steps=50)
    assert found.maps[0].contender.rate == "SciPy" and (found.maps[0].arrived >= 0).mean() > 0.9
    assert "SciPy defaults" in found.provenance()


def test_a_function_of_many_dimensions(scipy):
    for name in ("scipy:L-BFGS-B", "scipy:trust-exact", "scipy:Newton-CG"):
        run = optviz.minimize("rosenbrock", name, dimension=3, steps=300)
        assert run.gap[-1] < 1e-6 and run.evaluated.shape[1] == 3

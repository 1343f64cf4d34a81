"""Races and studies by evaluations: everyone spends as much."""

import json

import numpy as np
import pytest

import optviz
from optviz.errors import UsageError
from optviz.results.saved import valid


@pytest.fixture(scope="module")
def scipy():
    """scipy.optimize, and pycma beside it; both are optional."""
    pytest.importorskip("cma")
    return pytest.importorskip("scipy.optimize")


def test_everyone_spends_as_much_or_has_stopped(scipy):
    names = ["adam", "scipy:Nelder-Mead", "scipy:BFGS", "cma"]
    race = optviz.race("rosenbrock", names, steps=100, by="evaluations", lr=0.1)
    assert valid(race) and race.by == "evaluations" and race.budget == 100
    adam, simplex, bfgs, cma = race.trajectories
    assert adam.steps == 99 and adam.evaluations is None
    assert simplex.spent[-1] == cma.spent[-1] == 100 and simplex.stopped == cma.stopped == ""
    assert bfgs.stopped == "at rest" and bfgs.spent[-1] < 100 and bfgs.stopped_at == bfgs.steps
    steps = optviz.race("rosenbrock", names, steps=100, lr=0.1)
    for one, other in zip(race.trajectories, steps.trajectories, strict=True):
        assert (one.points == other.points[: len(one.points)])[:-1].all()
    assert optviz.minimize("rosenbrock", "adam", steps=99, lr=0.1).points.tolist() == adam.points.tolist()


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"by": "evals"}, "by is 'evals'\nDid you mean 'evaluations'?"),
        ({"by": None}, "by is None\nChoose from: steps, evaluations"),
        ({"by": "evaluations", "steps": 1}, "1 evaluation makes no step\nGive at least 2"),
    ],
)
@pytest.mark.parametrize(
    "run",
    [
        lambda **given: optviz.race("sphere", ["sgd"], lr=0.1, **given),
        lambda **given: optviz.study(["sphere"], ["sgd"], lr=0.1, **given),
    ],
)
def test_what_cannot_be_counted(run, given, words):
    with pytest.raises(UsageError) as caught:
        run(**given)
    assert words in str(caught.value)


def test_a_race_without_solvers_by_evaluations_is_the_race_by_steps():
    by = optviz.race("sphere", ["sgd", "adam"], steps=11, by="evaluations", lr=0.1)
    steps = optviz.race("sphere", ["sgd", "adam"], steps=10, lr=0.1)
    for one, other in zip(by.trajectories, steps.trajectories, strict=True):
        assert one.points.tolist() == other.points.tolist() and one.spent[-1] == 11


def test_solvers_spend_as_much_or_have_stopped():
    race = optviz.race("rosenbrock", ["adam", "lbfgs", "nelder_mead", "newton"], steps=60, by="evaluations", lr=0.1)
    adam, lbfgs, simplex, newton = race.trajectories
    assert valid(race) and adam.spent[-1] == simplex.spent[-1] == 60 and not simplex.stopped
    for run in (lbfgs, newton):
        assert run.stopped == "at rest" and run.spent[-1] < 60 and run.stopped_at == run.steps


@pytest.mark.parametrize("targets", ["kept", "first"])
@pytest.mark.parametrize("name", ["nelder_mead", "lbfgs"])
def test_a_solver_reaches_a_target_with_the_evaluations_of_its_path(name, targets):
    from optviz.functions import REGISTRY
    from optviz.runs.points.study import drawn

    study = optviz.study(["rosenbrock"], [name], starts=6, steps=80, by="evaluations", targets=targets)
    for place, start in enumerate(drawn(REGISTRY["rosenbrock"], 6, 0)):
        run = optviz.minimize("rosenbrock", name, start, steps=80)
        for target, since in zip(study.targets, study.reached[0, 0, :, place], strict=True):
            below = (run.gap <= target) & (run.spent <= 80)
            steps = np.flatnonzero(below)
            if targets == "kept":
                steps = [k for k in steps if (run.gap[k:][run.spent[k:] <= 80] <= target).all()]
            spent = run.spent[steps[0]] if len(steps) else -1
            assert since == (-1 if targets == "kept" and spent > 76 else spent)


def test_a_study_without_solvers_by_evaluations_is_the_study_by_steps_and_one_more():
    given = {"functions": ["sphere", "booth"], "optimizers": ["sgd", "adam"], "starts": 5, "lr": 0.1}
    for targets in ("kept", "first"):
        by = optviz.study(**given, targets=targets, steps=41, by="evaluations")
        steps = optviz.study(**given, targets=targets, steps=40)
        assert valid(by) and (by.by, by.unit, by.steps, steps.by) == ("evaluations", "evaluation", 41, "steps")
        assert np.array_equal(by.reached, np.where(steps.reached < 0, -1, steps.reached + 1))
        assert np.array_equal(by.gaps, steps.gaps, equal_nan=True)
    assert "41 evaluations" in by.headline() and json.loads(json.dumps(by.to_dict()))["by"] == "evaluations"


@pytest.mark.parametrize("targets", ["kept", "first"])
def test_a_contender_reaches_a_target_with_the_evaluations_of_its_path(scipy, targets):
    from optviz.functions import REGISTRY
    from optviz.runs.points.study import drawn

    study = optviz.study(["rosenbrock"], ["scipy:BFGS"], starts=4, steps=60, by="evaluations", targets=targets)
    for place, start in enumerate(drawn(REGISTRY["rosenbrock"], 4, 0)):
        run = optviz.minimize("rosenbrock", "scipy:BFGS", start, steps=60)
        for target, since in zip(study.targets, study.reached[0, 0, :, place], strict=True):
            below = run.gap <= target
            steps = np.flatnonzero(below) if targets == "first" else [k for k in range(61) if below[k:].all()]
            spent = run.spent[steps[0]] if len(steps) else -1
            assert since == (-1 if targets == "kept" and spent > 57 else spent)


def test_pictures_and_tables_of_a_study_say_what_they_count():
    from optviz.figures.study import functions_figure, study_figure
    from optviz.results.study_tables import study_tables
    from tests.pictures import assert_readable, words

    study = optviz.study(["sphere", "booth"], ["sgd", "adam"], starts=5, lr=0.1, steps=40, by="evaluations")
    told = "\n".join([*map(str, study_tables(study)), *words(study_figure(study)), *words(functions_figure(study))])
    assert "share of targets reached, by evaluation" in told and "40 evaluations" in told
    assert "median evaluations to the last target" in told and "('median', 'evaluations')" in told
    assert " steps" not in told.replace("learning rate", "")
    for figure in (study_figure(study), functions_figure(study, theme="light")):
        assert_readable(figure)

"""``--by evaluations`` and contenders as they are typed."""

import importlib.util
import json
import re

import pytest

RACE = ("animate", "sphere", "--optimizers", "sgd,adam", "--lr", "0.1", "--by", "evaluations", "--steps", "9")


def test_a_race_by_evaluations_in_all_its_files(inside, here):
    done = inside(*RACE, "-o", "a.json", "-o", "a.npz", "-o", "a.svg", "-o", "a.html")
    assert done.code == 0 and re.search(r"evaluations +f − f\* after 9 evaluations", done.err)
    document = json.loads((here / "a.json").read_text())
    assert (document["evaluations"], document["steps"]) == (9, 8)
    assert [run["stopped"] for run in document["runs"]] == ["", ""]
    assert "evaluation" in (here / "a.svg").read_text()
    page = (here / "a.html").read_text()
    assert "<span>evaluation</span>" in page and "this page counts steps, and the race evaluations" in page
    assert inside("draw", "a.npz", "-o", "again.svg").code == 0
    assert inside(*RACE[:-2], "-o", "b.json").code == 0  # as many evaluations as the function's story has steps
    assert json.loads((here / "b.json").read_text())["evaluations"] > 9


def test_a_page_by_steps_counts_steps(inside, here):
    assert inside(*RACE[:6], "--steps", "9", "-o", "a.html").code == 0
    assert "<span>step</span>" in (here / "a.html").read_text()


@pytest.mark.parametrize(
    ("typed", "says"),
    [
        (("--by", "evals"), "--by: unknown value 'evals'. Did you mean 'evaluations'?"),
        (("--by", "evaluations", "--steps", "1"), "1 evaluation makes no step"),
        (("--optimizers", "scipy:BFGX"), "Did you mean 'scipy:BFGS'?"),
        (("--optimizers", "lookahead(scipy:BFGS)"), "nothing can be put around it"),
    ],
)
def test_what_is_refused(inside, here, typed, says):
    done = inside("animate", "sphere", *typed)
    assert done.code == 2 and says in done.err and not [*here.iterdir()]


def test_a_missing_library_is_named_and_ends_with_3(inside, here, monkeypatch):
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    done = inside("plot", "sphere", "--optimizers", "adam,scipy:Nelder-Mead")
    assert done.code == 3 and not [*here.iterdir()]
    problem, remedy = "SciPy is not installed, which runs Nelder-Mead", 'pip install "optviz[contenders]"'
    assert done.err == f"error: {problem}\n{remedy}\n"


def test_contenders_are_listed_and_shown(inside):
    names = inside("list", "contenders", "--quiet").out.split()
    assert "scipy:trust-constr" in names and names[-1] == "cma"
    assert "CMA-ES" in inside("list", "contenders", "--search", "covariance").out
    shown = inside("show", "scipy:powell").out
    assert "SciPy Powell (contender scipy:Powell)" in shown and "scipy.optimize.minimize" in shown
    assert json.loads(inside("show", "cma", "--json").out)["kind"] == "contenders"
    assert "tol  1e-06" in inside("show", "scipy:BFGS(tol=1e-6)").out
    told = inside("list", "--help").out
    assert "Ours are L-BFGS" in told and "pycma" in told


def test_contenders_beside_ours(inside, here):
    pytest.importorskip("scipy")
    done = inside(
        "animate", "sphere", "--optimizers", "sgd,scipy:Nelder-Mead", "--lr", "0.1", "--steps", "200", "-o", "a.json"
    )
    assert done.code == 0 and "at rest at step" in done.err and "SciPy" in done.err
    ours, theirs = json.loads((here / "a.json").read_text())["runs"]
    assert ours["evaluations"] is None and theirs["rate"] == "SciPy" and theirs["stopped"] == "at rest"
    assert len(theirs["evaluated"]) == len(theirs["evaluated_at"]) == theirs["evaluations"][-1]

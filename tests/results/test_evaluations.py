"""What records know of evaluations: counted, kept, compared by, and how a run stopped."""

import dataclasses
import json

import numpy as np
import pytest

from optviz.errors import DataError
from optviz.results import load, save
from optviz.results.batch_tables import race_rows
from optviz.results.race import STOPS
from optviz.results.saved import valid
from tests.records import RECORDS, by_evaluations, race, stopped, trajectory
from tests.results.test_saved import forge, pieces

NEW = ("evaluations", "evaluated", "evaluated_at", "stopped")


def test_a_run_of_one_evaluation_a_step_counts_them_itself():
    assert trajectory(steps=3).spent.tolist() == [1, 2, 3, 4]
    assert trajectory().stopped_at is None


def test_a_run_that_stops_says_where_and_why():
    run = stopped()
    assert run.spent.tolist() == [1, 3, 6, 6] and run.stopped_at == 2
    assert run.headline() == "SGD on sphere, 3 steps of 6 evaluations: f - f* = 1, stopped: no descent".replace(
        "SGD", "LBFGS"
    )


@pytest.mark.parametrize("name", ["trajectory", "race"])
def test_a_file_from_before_evaluations_is_one_of_one_a_step(name, tmp_path):
    save(tmp_path / "new.npz", RECORDS[name])
    header, arrays = pieces(tmp_path / "new.npz")
    result = header["result"]
    result.pop("budget", None)
    for run in result.get("trajectories", [result]):
        for field in NEW:
            del run[field]
    again = load(forge(tmp_path / "old.npz", header, arrays))
    run = again.trajectories[0] if name == "race" else again
    assert run.evaluations is None and run.stopped == "" and run.spent[-1] == run.steps + 1


def test_a_study_from_before_evaluations_is_one_by_steps(tmp_path):
    save(tmp_path / "new.npz", RECORDS["study"])
    header, arrays = pieces(tmp_path / "new.npz")
    del header["result"]["by"]
    again = load(forge(tmp_path / "old.npz", header, arrays))
    assert (again.by, again.unit) == ("steps", "step")


def test_the_end_of_a_race_is_told_with_its_evaluations():
    by_steps, by = race_rows(race({"sgd": "given"})), race_rows(by_evaluations())
    assert by_steps == [("optimizer", "lr", "", "f − f* at step 4"), ("SGD", "0.1", "given", "0.7901")]
    assert by[0] == ("optimizer", "lr", "", "evaluations", "f − f* after 6 evaluations", "stopped")
    assert [row[3:] for row in by[1:]] == [("6", "0.8264", ""), ("6", "1", "no descent at step 2")]


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"evaluations": np.array([1, 3, 2, 6])}, "its evaluations never become fewer"),
        ({"evaluations": np.array([1, 3, 6])}, "evaluations of its Trajectory has 3 where 4"),
        ({"evaluations": np.array([1, 3, 6, 6], np.int32)}, "is an array of int32"),
        ({"evaluations": np.array([1, 3, 6, 7])}, "as many as it has made by each step"),
        ({"evaluated_at": np.array([0, 1, 1, 2, 2, 4])}, "as many as it has made by each step"),
        ({"evaluated_at": np.array([0, 1, 2, 1, 2, 2])}, "as many as it has made by each step"),
        ({"evaluated_at": None}, "as many as it has made by each step"),
        ({"evaluated": np.zeros((5, 2))}, "evaluated_at of its Trajectory has 6 where 5"),
        ({"stopped": "bored"}, "stopped of its Trajectory is none of"),
    ],
)
def test_what_is_not_so_of_evaluations(changes, words, tmp_path):
    run = dataclasses.replace(stopped(), **changes)
    assert not valid(run) and valid(stopped())
    save(tmp_path / "a.npz", run)
    with pytest.raises(DataError, match=words):
        load(tmp_path / "a.npz")


def test_evaluations_may_be_counted_and_not_kept():
    assert valid(dataclasses.replace(stopped(), evaluated=None, evaluated_at=None))
    assert all(valid(dataclasses.replace(stopped(), stopped=why)) for why in STOPS)


def test_evaluations_may_be_made_anywhere():
    run = stopped()
    far = np.array(run.evaluated)
    far[3], far[4] = np.inf, np.nan
    assert valid(dataclasses.replace(run, evaluated=far))


def test_a_race_says_what_it_compares_by():
    by_steps, by = race({"sgd": "given"}), by_evaluations()
    assert (by_steps.by, by_steps.length) == ("steps", (4, "step"))
    assert (by.by, by.length, by.steps) == ("evaluations", (6, "evaluation"), 5)
    assert "2 optimizers on Sphere – “kugel”, 6 evaluations; " in by.headline()


def test_runs_go_equally_far():
    by = by_evaluations()
    assert valid(by)
    assert not valid(dataclasses.replace(by, budget=None))  # 5 steps and 3
    assert not valid(dataclasses.replace(by, budget=5))  # 6 are spent
    assert not valid(dataclasses.replace(by, budget=1 << 31))  # pictures count every one of them


def test_documents_tell_evaluations():
    document = json.loads(json.dumps(by_evaluations().to_dict(), allow_nan=False))
    assert document["evaluations"] == 6 and document["steps"] == 5
    plain, stops = document["runs"]
    assert [plain[name] for name in NEW] == [None, None, None, ""]
    assert stops["evaluations"] == [1, 3, 6, 6] and stops["stopped"] == "no descent"
    assert stops["evaluated"][1] == [2, 1] and stops["evaluated_at"] == [0, 1, 1, 2, 2, 2]

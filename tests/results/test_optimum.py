"""The optimum as a record: what is called a gap, which of them are told, and in which words."""

import dataclasses
import json

import numpy as np
import pytest

from optviz.errors import DataError
from optviz.results import LossPath, Optimum, load, save
from optviz.results.comparison_tables import tables
from optviz.results.optimum import LEAST
from tests.figures.gaps import EPOCHS, compared, optimum
from tests.runs.same import content


def test_the_floor_is_what_the_second_half_of_the_evaluations_gained():
    one = Optimum(100, np.array([2, 4, 5, 9]), np.array([0.9, 0.5, 0.4, 0.3]), "out of evaluations")
    assert one.evaluations == 9 and one.lowest == 0.3
    assert one.floor == pytest.approx(0.2)  # the loss after 4 evaluations, of 9
    assert dataclasses.replace(one, stopped="interrupted").floor == one.floor
    assert dataclasses.replace(one, stopped="at rest").floor == LEAST
    assert dataclasses.replace(one, losses=np.full(4, 0.3)).floor == LEAST
    assert Optimum(100, np.array([3]), np.array([0.9]), "interrupted").floor == np.inf  # nothing is known


def test_the_lowest_loss_is_a_run_s_where_that_is_lower():
    one = optimum({"adam": [0.9, 0.2, np.inf], "sgd": [0.9, 0.5, 0.4]}, lowest=0.3)
    assert one.lowest == 0.2
    assert "− 0.2, the lowest found, by Adam;" in one.rule()
    assert "by L-BFGS;" in optimum({"sgd": [0.9, 0.5, 0.4]}, lowest=0.3).rule()


def test_gaps_below_the_floor_are_not_told():
    one = optimum({"sgd": [0.9]}, lowest=0.3, gained=0.01)
    known = one.told(np.array([0.5, 0.0099, 0.0, np.nan]))
    np.testing.assert_array_equal(known, [0.5, np.nan, np.nan, np.nan])
    assert [one.written(gap) for gap in (0.5, 0.0099, np.nan)] == ["0.500", "<0.01", ""]


def test_a_row_is_the_mean_over_its_seeds():
    several = compared({"adam": [[0.9, 0.6, 0.5], [0.9, 0.6, 0.7]]}, lowest=0.3)
    (row,) = several.summaries()
    at, losses = several.optimum.of(row)
    assert losses.shape == (2, 3) and at.tolist() == EPOCHS
    assert several.optimum.last(row) == pytest.approx(0.3)


def test_the_table_and_the_documents_say_gap_and_rule(tmp_path):
    one = compared({"adam": [[0.9, 0.5, 0.302]], "sgd": [[0.9, 0.6, 0.5]]}, lowest=0.3, gained=0.01)
    table = tables(one)[0]
    place = table.heads.index(("final", "gap"))
    assert {row[0]: row[place] for row in table.rows} == {"Adam": "<0.01", "SGD": "0.200"}
    rule = one.optimum.rule()
    assert f"{rule[0].upper()}{rule[1:]}." in table.notes
    document = json.loads(json.dumps(one.to_dict(), allow_nan=False))
    assert {row["optimizer"]: row["gap"] for row in document["summary"]} == {"adam": None, "sgd": pytest.approx(0.2)}
    told = document["optimum"]
    assert (told["lowest"], told["floor"], told["evaluations"]) == (0.3, pytest.approx(0.01), 8)
    assert told["paths"][0]["gaps"] == [pytest.approx(0.6), pytest.approx(0.2), None]
    save(tmp_path / "one.npz", one)
    again = load(tmp_path / "one.npz")
    assert content(again) == content(one) and again.optimum.rule() == rule


def test_an_optimum_has_a_path_of_each_run(tmp_path):
    one = compared({"adam": [[0.9, 0.5, 0.4]]})
    stranger = LossPath("sgd", "SGD", 0, np.array(EPOCHS), np.ones(3))
    for paths in ((), (*one.optimum.paths, stranger)):
        wrong = dataclasses.replace(one, optimum=dataclasses.replace(one.optimum, paths=paths))
        save(tmp_path / "wrong.npz", wrong)
        with pytest.raises(DataError, match="its optimum has a path of each"):
            load(tmp_path / "wrong.npz")

"""A study's tables: the numbers of its summary as text, and sentences about what is told apart."""

import math

import numpy as np
import pytest

from optviz.results.study_steps import steps_to_target
from optviz.results.study_tables import study_tables
from optviz.results.table import told_apart
from tests.studies import made_of, study


@pytest.fixture(scope="module")
def whole():
    return study(starts=20)


def cells(table, column):
    at = [" ".join(head) for head in table.heads].index(column)
    return [row[at] for row in table.rows]


def notes(one, number=0):
    return " ".join(study_tables(one)[number].notes)


def test_the_optimizers_stand_best_first_with_the_numbers_of_the_summary(whole):
    table, rows = study_tables(whole)[0], whole.overall()
    assert table.title == "14 functions, 20 starts each, 1,000 steps"
    assert cells(table, "optimizer") == [row.contender.title for row in rows]
    assert cells(table, "area") == [f"{row.area:.3f}" for row in rows]
    assert cells(table, "fastest on") == [str(row.fastest) for row in rows]
    assert cells(table, "median steps") == [f"{math.ceil(row.median):,}" if row.median < 2000 else "∞" for row in rows]
    quartiles = cells(table, "quartiles of steps")
    assert quartiles[0].endswith("–∞") and quartiles[0].startswith(f"{math.ceil(rows[0].low):,}")
    assert cells(table, "rank")[0].startswith("1") and cells(table, "diverged %")
    assert table.leading == {index for index, row in enumerate(rows) if row.place[0] == 1}
    assert 0 < len(table.leading) < len(rows)


def test_a_cell_has_the_share_and_the_median_where_there_is_one(whole):
    table, steps = study_tables(whole)[1], steps_to_target(whole.reached, whole.steps)
    assert cells(table, "function") == list(whole.function_titles)
    for name, index in (("Adam", 6), ("Adadelta", 4)):
        for cell, solved, median in zip(
            cells(table, name), steps.solved[:, index], steps.median[:, index], strict=True
        ):
            share, *last = cell.split(" % ")
            assert float(share) == pytest.approx(100 * solved, abs=0.51)
            assert last[0].strip() == (f"{math.ceil(median):,}" if math.isfinite(median) else "∞")
    assert "Solved from no start by any optimizer: Eggholder." in table.notes


def test_a_cell_says_what_became_of_runs_that_diverged():
    diverged = np.array([[[2, 2, 0]], [[2, 0, 0]]], np.int32)
    one = made_of([[[[-1, -1, 9]]], [[[-1, 9, 9]]]], diverged=diverged)
    table = study_tables(one)[1]
    assert [" ".join(cell.split()) for cell in cells(table, "SGD")] == ["33 % diverged", "67 % 9"]
    assert "diverged: half of the starts or more did." in table.notes
    assert not [note for note in study_tables(made_of([[[[5]]]]))[1].notes if "diverged" in note]


def test_rates_have_a_table_where_functions_differ(whole):
    rates = study_tables(whole)[2]
    assert rates.title == "learning rate on each function"
    assert cells(rates, "Adam") == [f"{rate:.3g}" for rate in whole.rates[:, 6]]
    tables = study_tables(made_of([[[[5]], [[6]]]] * 2, rates=np.array([[0.1, np.nan]] * 2)))
    assert len(tables) == 2 and cells(tables[0], "lr") == ["0.1", "–"]


def test_a_share_that_is_not_whole_never_reads_as_all_or_nothing():
    reached = np.full((2, 1, 1, 1000), 5)
    reached[0, 0, 0, 0] = -1
    reached[1, 0, 0, 1:] = -1
    table = study_tables(made_of(reached))[1]
    assert [cell.split(" %")[0] for cell in cells(table, "SGD")] == ["99", "1"]


def test_sentences_say_what_is_told_apart():
    first = np.array([[[[10]], [[20]], [[50]]]] * 2)
    assert "All 3 can be told apart over 2 functions." in notes(made_of(first))
    assert "Both can be told apart over 2 functions." in notes(made_of(first[:, :2]))
    same = made_of([[[[10]], [[10]], [[10]]]] * 2)
    assert "None of the 3 can be told from any other over 2 functions." in notes(same)
    assert study_tables(same)[0].leading == frozenset()
    near = np.array([[[[10]], [[11]], [[90]]], [[[11]], [[10]], [[90]]], [[[12]], [[12]], [[91]]]])
    assert "Cannot be told apart over 3 functions: SGD and Momentum." in notes(made_of(near))
    assert "with Holm's correction for the 3 pairs" in notes(made_of(near))
    assert "correction" not in notes(made_of(near[:, :2]))


def test_groups_are_joined_with_semicolons():
    said = told_apart(["A", "B", "C", "D"], ((0, 1), (1, 2)), "5 seeds")
    assert said == "Cannot be told apart over 5 seeds: A and B; B and C."


def test_one_function_and_one_optimizer_are_told_without_ranks():
    one = study_tables(made_of([[[[10]], [[20]]]]))[0]
    assert one.title.startswith("Sphere, 1 start each") and ("rank",) not in one.heads
    assert "One function tells no two optimizers apart: each function is one observation." in one.notes
    alone = " ".join(study_tables(made_of([[[[10]]]] * 2))[0].notes)
    assert "told" not in alone and "One function" not in alone


def test_the_notes_say_what_the_numbers_are(whole):
    said = notes(whole)
    assert "over 7 targets from 1 to 1e-06, with steps on a logarithmic scale from 1 to 1,000" in said
    assert "Solved: f − f* ≤ 1e-06." in said and whole.provenance() in said
    assert "over the target 1, " in notes(made_of([[[[10]]]]))


def test_names_stay_on_their_line():
    one = made_of([[[[10]]]], functions=["bent\nfunction"], optimizers=["two\nlines"])
    assert all("\n" not in cell for table in study_tables(one) for row in table.rows for cell in row)
    assert all("\n" not in " ".join(head) for table in study_tables(one) for head in table.heads)

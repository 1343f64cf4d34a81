"""What a comparison shows: groups that cannot be told apart, differences from a published table, the document."""

import json
import math
from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from optviz.results.training_published import deviations, swapped
from optviz.results.training_seeds import best_first, judged
from tests.seeds import compared, published, rising


def alike(rows, epoch):
    """Groups of rows."""
    return [[rows[index] for index in group] for group in judged(rows, epoch).groups]


def grouped(accuracies):
    """Groups of names, from the final accuracy of each seed."""
    comparison = compared({name: [[value] for value in values] for name, values in accuracies.items()})
    rows = best_first(comparison.summaries(), 1)
    return [[row.first.optimizer for row in group] for group in alike(rows, 1)]


def found(comparison):
    return deviations(comparison.published, comparison.epochs, comparison.summaries())


@pytest.mark.parametrize(
    ("accuracies", "expected"),
    [
        ({}, []),
        ({"a": [0.9]}, []),
        ({"a": [0.9], "b": [0.8], "c": [0.7]}, [["a", "b", "c"]]),
        ({"a": [0.9, 0.91], "b": [0.8, 0.81], "c": [0.7, 0.71]}, []),
        ({"a": [0.9, 0.9], "b": [0.8, 0.8], "c": [0.8, 0.8]}, [["b", "c"]]),
        ({"a": [0.95, 0.96, 0.97], "b": [0.90, 0.97, 0.96], "c": [0.92, 0.931, 0.94]}, [["a", "b"], ["b", "c"]]),
        (
            {"a": [0.95, 0.96, 0.97], "b": [0.93, 0.94, 0.95], "c": [0.88, 0.92, 0.99], "d": [0.90, 0.91, 0.92]},
            [["a", "c"], ["b", "c"], ["c", "d"]],
        ),
    ],
    ids=["none", "one", "one seed", "all apart", "two alike", "a chain", "around one"],
)
def test_groups_that_cannot_be_told_apart(accuracies, expected):
    assert grouped(accuracies) == expected


VALUE = st.integers(0, 10).map(lambda hits: hits / 10)
TABLES = st.integers(1, 4).flatmap(lambda n: st.lists(st.lists(VALUE, min_size=n, max_size=n), max_size=6))


@settings(deadline=None)
@given(TABLES)
def test_groups_hold_each_pair_that_cannot_be_told_apart_and_no_other(table):
    comparison = compared({f"r{index}": [[value] for value in values] for index, values in enumerate(table)})
    rows = best_first(comparison.summaries(), 1)
    verdict = judged(rows, 1)
    near = {
        frozenset((rows[i].first.optimizer, rows[j].first.optimizer))
        for i, j in combinations(range(len(rows)), 2)
        if verdict.alike(i, j)
    }
    groups = [[row.first.optimizer for row in group] for group in alike(rows, 1)]
    assert {frozenset(pair) for group in groups for pair in combinations(group, 2)} == near
    assert not any(set(one) <= set(other) or set(other) <= set(one) for one, other in combinations(groups, 2))


def test_differences_from_a_published_table():
    comparison = compared(
        {"sgd": rising(0.94, 3, spread=0.004), "adam": rising(0.99, 3)},
        published=published({"adam": (0.9, 0.95, 0.985), "sgd": (0.9, 0.92, 0.91), "lion": (0.1, 0.2, 0.3)}),
    )
    adam, sgd = found(comparison)
    assert (adam.summary.first.optimizer, sgd.summary.first.optimizer) == ("adam", "sgd")
    assert adam.epochs == (1, 5, 10)
    assert adam.ours == pytest.approx([0.899, 0.939, 0.989])
    assert adam.difference == pytest.approx([-0.001, -0.011, 0.004])
    half = 4.3026527297 * 0.001 / math.sqrt(3)
    assert adam.tolerance == pytest.approx(max(0.002, half) + 0.01)
    assert not adam.differs
    assert sgd.tolerance == pytest.approx(4 * half + 0.01) and sgd.difference[-1] == pytest.approx(0.026)
    assert sgd.differs


def test_one_seed_has_no_spread_and_shorter_trainings_are_judged_by_their_last_common_epoch():
    table = published({"adam": (0.9, 0.95, 0.985)})
    (one,) = found(compared({"adam": rising(0.959, 1, epochs=7)}, published=table))
    assert one.epochs == (1, 5) and one.tolerance == pytest.approx(0.01)
    assert one.difference[-1] == pytest.approx(0.959 - 0.1 * 2 / 7 - 0.95) and one.differs


@pytest.mark.parametrize(
    ("fields", "count"),
    [
        ({}, 0),
        ({"published": published({"lion": (0.1, 0.2, 0.3)})}, 0),
        ({"published": published({"sgd": (0.9, 0.95)}, epochs=(20, 30))}, 0),
        ({"published": published({"sgd": (0.9, 0.95)}, epochs=(10, 20))}, 1),
    ],
    ids=["none", "others", "later epochs", "one epoch in common"],
)
def test_published_tables_with_little_in_common(fields, count):
    assert len(found(compared({"sgd": rising(0.9, 2)}, **fields))) == count


def test_runs_that_got_nowhere_differ_by_nothing_that_is_known():
    table = published({"sgd": (0.9, 0.92, 0.93), "adam": (0.9, 0.95, 0.98)})
    comparison = compared(
        {"sgd": [[], []], "adam": [[0.9], [0.91]]}, 10, {("sgd", 0): 1, ("sgd", 1): 1}, published=table
    )
    adam, sgd = found(comparison)
    assert math.isnan(sgd.difference[-1]) and math.isnan(sgd.tolerance) and not sgd.differs
    assert adam.difference[0] == pytest.approx(0.005) and math.isnan(adam.difference[-1]) and not adam.differs


def test_pairs_whose_order_is_not_the_published_one():
    table = published({"adam": (0.9,), "rmsprop": (0.8,), "sgd": (0.7,), "adagrad": (0.7,)}, epochs=(1,))
    comparison = compared(
        {"adam": [[0.9]], "rmsprop": [[0.95]], "sgd": [[0.6]], "adagrad": [[]]}, 1, {("adagrad", 0): 1}, published=table
    )
    assert [[row.first.optimizer for row in pair] for pair in swapped(found(comparison))] == [["rmsprop", "adam"]]
    comparison = compared({"adam": [[]], "rmsprop": [[0.5]]}, 1, {("adam", 0): 1}, published=table)
    assert [[row.first.optimizer for row in pair] for pair in swapped(found(comparison))] == [["rmsprop", "adam"]]
    assert swapped(found(compared({"adam": [[]], "rmsprop": [[0.5]]}, 1, published=table))) == ()


def test_document_of_rows():
    comparison = compared(
        {"adam": rising(0.98, 3), "sgd": [[0.5], [], [0.4]]},
        10,
        {("sgd", 1): 1},
        target=0.97,
        published=published({"adam": (0.9, 0.95, 0.985), "lion": (0.1, 0.2, 0.3)}),
    )
    told = comparison.to_dict()
    assert json.loads(json.dumps(told, allow_nan=False)) == told
    adam, sgd = told["summary"]
    assert (adam["optimizer"], adam["hyperparameters"], adam["runs"], adam["seeds"]) == (
        "adam", {"lr": 0.001}, 3, [0, 1, 2],
    )  # fmt: skip
    final = adam["test_accuracy"]
    assert (final["mean"], final["low"], final["high"]) == pytest.approx((0.979, 0.978, 0.98))
    assert final["half"] == pytest.approx(4.3026527297 * 0.001 / math.sqrt(3))
    assert adam["rank"] == [1, 2] and adam["target"] == {"accuracy": 0.97, "reached": 3, "epochs": 10, "seconds": 5}
    assert (sgd["diverged"], sgd["diverged_at"], sgd["epochs"], sgd["seeds"]) == (1, 1, 1, [0, 2])
    assert set(sgd["test_accuracy"].values()) == {None}
    assert sgd["target"] == {"accuracy": 0.97, "reached": 0, "epochs": None, "seconds": None}
    assert told["published"]["source"] == comparison.published.source
    (one,) = told["published"]["differences"]
    assert (one["optimizer"], one["epochs"], one["differs"]) == ("adam", [1, 5, 10], False)
    assert one["difference"] == pytest.approx([-0.011, -0.021, -0.006])


def test_document_of_one_seed_without_target_or_table():
    (row,) = compared({"adam": [[0.9]]}).to_dict()["summary"]
    assert row["test_accuracy"] == {"mean": 0.9, "low": 0.9, "high": 0.9, "half": None}
    assert row["target"] is None and row["rank"] == [1, 1]
    told = compared({}).to_dict()
    assert told["summary"] == [] and told["published"] is None

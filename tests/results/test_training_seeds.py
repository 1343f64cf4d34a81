"""Seeds summed up: which runs count, what may be said about the others, and which places the data allow."""

import math
from itertools import permutations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from optviz.results import Comparison, TrainingRun
from optviz.results.training_seeds import best_first, judged

summaries = Comparison.summaries


def run(optimizer, seed, accuracies, diverged_at=None, lr=0.01, broken=False):
    epochs = [
        {"epoch": index + 1, "train_loss": 1 - value, "test_loss": 1 - value, "test_accuracy": value, "seconds": 2.0}
        for index, value in enumerate(accuracies)
    ]
    if broken:
        epochs.append(epochs[-1] | {"epoch": len(epochs) + 1, "train_loss": math.nan, "test_loss": math.nan})
    return TrainingRun(optimizer, optimizer.upper(), "keras", "keras", {"lr": lr}, seed, tuple(epochs), diverged_at)


def comparison(*runs, epochs=3, target=None):
    return Comparison("mlp", "mnist", "784-128-10", 64, epochs, runs, target=target)


def finals(**accuracies):
    """Rows of one epoch, from the accuracy of each seed: None diverged, "…" was interrupted."""
    runs = [
        run(name, seed, [] if value in (None, "…") else [value], diverged_at=1 if value is None else None)
        for name, values in accuracies.items()
        for seed, value in enumerate(values)
    ]
    return summaries(comparison(*runs, epochs=1))


def ranks(**accuracies):
    return [row.rank for row in finals(**accuracies)]


def test_mean_and_range_over_seeds_in_the_order_of_the_runs():
    first, second = summaries(
        comparison(run("sgd", 0, [0.5, 0.7]), run("adam", 0, [0.9, 0.95]), run("sgd", 1, [0.6, 0.9]))
    )
    assert (first.first.optimizer, first.runs, first.seeds, second.seeds) == ("sgd", 2, (0, 1), (0,))
    assert first.test_accuracy.mean == pytest.approx([0.55, 0.8])
    assert first.test_accuracy.low.tolist() == [0.5, 0.7]
    assert first.test_accuracy.high.tolist() == [0.6, 0.9]
    assert first.train_loss.mean == pytest.approx([0.45, 0.2])
    assert first.seconds.mean.tolist() == [2, 4]


def test_interval_of_the_mean_is_students():
    two, one = summaries(comparison(run("sgd", 0, [0.5, 0.7]), run("sgd", 1, [0.6, 0.9]), run("adam", 0, [0.9, 0.95])))
    t = math.tan(0.95 * math.pi / 2)  # one degree of freedom: a Cauchy variable
    assert two.test_accuracy.half == pytest.approx([t * 0.05, t * 0.1])
    assert two.seconds.half.tolist() == [0, 0]
    assert np.isnan(one.test_accuracy.half).all() and one.test_accuracy.half.shape == (2,)


def test_only_the_seeds_that_got_furthest_count():
    (one,) = summaries(comparison(run("adam", 0, [0.8, 0.9, 0.95]), run("adam", 1, [0.1]), run("adam", 2, [])))
    assert (one.seeds, one.runs, one.epochs) == ((0,), 3, 3)
    assert one.test_accuracy.mean.tolist() == [0.8, 0.9, 0.95]


def test_diverged_runs_keep_their_finite_epochs():
    (one,) = summaries(
        comparison(run("sgd", 0, [0.3], diverged_at=2, broken=True), run("sgd", 1, [0.2], diverged_at=3, broken=True))
    )
    assert (one.diverged, one.diverged_at, one.epochs) == (2, 2, 1)
    assert np.isfinite(one.train_loss.mean).all()


def test_runs_without_an_epoch_are_empty_and_not_an_error():
    (one,) = summaries(comparison(run("sgd", 0, [], diverged_at=1)))
    assert one.epochs == 0 and one.test_accuracy.mean.shape == one.test_accuracy.half.shape == (0,)
    assert summaries(comparison()) == ()


def test_other_hyperparameters_are_another_line():
    assert len(summaries(comparison(run("adam", 0, [0.9], lr=0.1), run("adam", 0, [0.9], lr=0.2)))) == 2


def test_an_accuracy_that_is_not_finite_ends_the_epochs_that_count():
    (one,) = summaries(comparison(run("adam", 0, [0.9, math.nan, 0.8])))
    assert one.epochs == 1 and one.after(2) == {}


def test_accuracy_after_an_epoch_by_seed():
    """A run that diverged counts from then on as 0, one that was interrupted is left out."""
    (one,) = summaries(
        comparison(
            run("adam", 0, [0.8, 0.9, 0.95]), run("adam", 1, [0.7], diverged_at=2, broken=True), run("adam", 2, [0.6])
        )
    )
    assert one.after(1) == {0: 0.8, 1: 0.7, 2: 0.6}
    assert one.after(3) == {0: 0.95, 1: 0.0}
    assert one.score(3) == pytest.approx(0.475)
    (none,) = summaries(comparison(run("adam", 0, [0.9])))
    assert math.isnan(none.score(3))


def test_differences_are_paired_by_seed():
    """Noise that two optimizers share does not hide a difference that every seed shows."""
    one, other = finals(adam=[0.90, 0.80, 0.70], sgd=[0.89, 0.788, 0.69])
    verdict = judged([one, other], 1)
    pair = verdict.differences[0, 1]
    assert pair.shared == (0, 1, 2)
    assert pair.mean == pytest.approx((0.01 + 0.012 + 0.01) / 3)
    assert pair.half == pytest.approx(4.3026527297 * np.std([0.01, 0.012, 0.01], ddof=1) / math.sqrt(3))
    assert verdict.better.tolist() == [[False, True], [False, False]]
    back = judged([other, one], 1).differences[0, 1]
    assert (back.mean, back.half) == pytest.approx((-pair.mean, pair.half))


def test_interval_as_in_scipys_paired_test():
    stats = pytest.importorskip("scipy.stats")
    chance = np.random.default_rng(2)
    for count in (2, 3, 5, 20):
        a, b = chance.uniform(0.9, 1, count), chance.uniform(0.88, 0.98, count)
        pair = judged(finals(a=a.tolist(), b=b.tolist()), 1).differences[0, 1]
        found = stats.ttest_rel(a, b)
        low, high = found.confidence_interval(0.95)
        assert (pair.mean - pair.half, pair.mean + pair.half) == pytest.approx((low, high), rel=1e-9)
        assert pair.p == pytest.approx(found.pvalue, rel=1e-9)


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ({"a": [0.9]}, [(1, 1)]),
        ({"a": [0.9], "b": [0.1], "c": [None]}, [(1, 3)] * 3),
        ({"a": [0.9, 0.91], "b": [0.1, 0.11]}, [(1, 1), (2, 2)]),
        ({"a": [0.9, 0.91], "b": [0.8, 0.93]}, [(1, 2), (1, 2)]),
        ({"a": [0.9, 0.91, 0.92], "b": [0.9, 0.91, 0.92]}, [(1, 2), (1, 2)]),
        ({"a": [0.9, 0.9, 0.9], "b": [0.8, 0.8, 0.8], "c": [0.8, 0.8, 0.8]}, [(1, 1), (2, 3), (2, 3)]),
        ({"a": [None] * 5, "b": [0.7, 0.72, 0.71, 0.7, 0.7], "c": [None] * 5}, [(2, 3), (1, 1), (2, 3)]),
        ({"a": [0.9, 0.9, 0.9, 0.9, None], "b": [0.7, 0.7, 0.7, 0.7, 0.7]}, [(1, 2), (1, 2)]),
        ({"a": [0.9, 0.91, "…"], "b": [0.7, 0.71, 0.72]}, [(1, 1), (2, 2)]),
        ({"a": [0.9, "…", "…"], "b": [0.7, 0.71, 0.72]}, [(1, 2), (1, 2)]),
        ({"a": ["…", "…"], "b": ["…", "…"]}, [(1, 2), (1, 2)]),
    ],
    ids=[
        "alone",
        "one seed",
        "two seeds apart",
        "two seeds mixed",
        "identical",
        "no variance",
        "all diverged",
        "some diverged",
        "one seed interrupted",
        "one seed left",
        "nothing ended",
    ],
)
def test_ranks(rows, expected):
    assert ranks(**rows) == expected


def test_a_row_between_two_that_differ_shares_a_place_with_both():
    assert ranks(a=[0.95, 0.96, 0.97], b=[0.90, 0.97, 0.96], c=[0.92, 0.931, 0.94]) == [(1, 2), (1, 3), (2, 3)]


def test_means_over_all_seeds_forbid_a_circle():
    """Each is better than the next over the two seeds that both have; yet no place may stay empty."""
    rows = finals(
        a=[0.90, 0.91, "…", "…", 0.10, 0.11],
        b=[0.80, 0.81, 0.80, 0.81, "…", "…"],
        c=["…", "…", 0.70, 0.71, 0.20, 0.21],
    )
    assert all(one.p < 0.05 / 3 for one in judged(rows, 1).differences.values())
    assert covered(rows)


def covered(rows):
    """Whether for every place there is a row that may have it."""
    return all(any(row.rank[0] <= place <= row.rank[1] for row in rows) for place in range(1, len(rows) + 1))


ACCURACY = st.one_of(st.integers(0, 20).map(lambda hits: hits / 20), st.none(), st.just("…"))
TABLES = st.integers(1, 5).flatmap(
    lambda seeds: st.lists(st.lists(ACCURACY, min_size=seeds, max_size=seeds), max_size=6)
)


@settings(deadline=None)
@given(TABLES, st.randoms(use_true_random=False))
def test_ranks_of_any_accuracies(table, chance):
    named = {f"r{index}": values for index, values in enumerate(table)}
    rows = finals(**named)
    assert covered(rows)
    assert all(1 <= row.rank[0] <= row.rank[1] <= len(rows) for row in rows)
    better = judged(rows, 1).better
    for i, j in permutations(range(len(rows)), 2):
        if better[i, j]:
            assert not better[j, i]
            assert rows[i].rank[0] <= rows[j].rank[0] and rows[i].score(1) > rows[j].score(1)
    for place, row in enumerate(best_first(rows, 1), 1):
        assert row.rank[0] <= place <= row.rank[1]  # its own place in the table
    names = list(named)
    chance.shuffle(names)
    shuffled = finals(**{name: named[name] for name in names})
    assert {row.first.optimizer: row.rank for row in shuffled} == {row.first.optimizer: row.rank for row in rows}


def test_best_first_puts_divergence_below_and_interruption_last():
    rows = finals(a=["…", "…"], b=[None, 0.9], c=[0.7, 0.7], d=[None, None], e=[0.7, 0.7])
    assert [row.first.optimizer for row in best_first(rows, 1)] == ["c", "e", "b", "d", "a"]


def test_no_target_where_the_comparison_has_none():
    assert finals(a=[0.9])[0].target is None


def test_target_reached_by_some_seeds():
    one, other = summaries(
        comparison(
            run("adam", 0, [0.8, 0.97, 0.9]),
            run("adam", 1, [0.97, 0.96, 0.99]),
            run("adam", 2, [0.8, 0.9, 0.9699]),
            run("sgd", 0, [0.1, 0.2, 0.98]),
            run("sgd", 1, [0.1], diverged_at=2, broken=True),
            run("sgd", 2, [0.1, 0.5]),
            run("sgd", 3, [0.1, 0.97]),
            target=0.97,
        )
    )
    assert one.target.run_epochs.tolist() == [2, 1, math.inf]
    assert one.target.run_seconds.tolist() == [4, 2, math.inf]
    assert (one.target.accuracy, one.target.reached, one.target.epochs, one.target.seconds) == (0.97, 2, 2, 4)
    assert (other.target.reached, other.target.epochs, other.target.seconds) == (2, math.inf, math.inf)


@pytest.mark.parametrize("rows", [[[0.5, 0.6]], [[]], [[0.1], [], [0.2]]], ids=["missed", "no epoch", "three seeds"])
def test_target_missed_by_all(rows):
    (one,) = summaries(comparison(*(run("sgd", seed, values) for seed, values in enumerate(rows)), target=0.97))
    assert (one.target.reached, one.target.epochs, one.target.seconds) == (0, math.inf, math.inf)
    assert np.isposinf(one.target.run_epochs).all() and one.target.run_epochs.shape == (len(rows),)


def test_target_counts_no_epoch_after_divergence():
    found = run("sgd", 0, [0.5], diverged_at=2, broken=True)
    found.epochs[1]["test_accuracy"] = 0.99
    assert summaries(comparison(found, target=0.97))[0].target.reached == 0

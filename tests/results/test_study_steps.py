"""What a study says, against hand-computed cases and a slow reference that looks at one run at a time."""

import json
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from optviz import results
from optviz.results.study_steps import areas, ecdf, profile, ratios, steps_to_target
from tests.records import assert_same
from tests.studies import TARGETS, made_of, study

STEPS = 20
REACHED = st.tuples(st.integers(1, 4), st.integers(1, 4), st.integers(1, 3), st.integers(1, 5)).flatmap(
    lambda shape: arrays.arrays(np.int32, shape, elements=st.integers(-1, STEPS))
)
each_study = settings(deadline=None, max_examples=100)


def runs(one, function, optimizer, target=-1):
    """Steps of each start as plain numbers, infinite for never."""
    return [math.inf if taken < 0 else float(taken) for taken in one.reached[function, optimizer, target].tolist()]


def middle(values):
    values = sorted(values)
    half = len(values) // 2
    return values[half] if len(values) % 2 else (values[half - 1] + values[half]) / 2


def test_hand_computed():
    """Two functions, two optimizers, two targets, two starts, 100 steps: ln 10 / ln 100 is a half."""
    one = made_of([[[[1, 10], [10, 100]], [[1, -1], [-1, -1]]], [[[0, 0], [10, 10]], [[10, 10], [10, 10]]]])
    np.testing.assert_allclose(areas(one.reached, one.steps), [[0.5, 0.25], [0.75, 0.5]], rtol=1e-14)
    found = ecdf(one.reached, one.steps)
    assert found.shape == (2, 101)
    shares = found[:, [0, 1, 9, 10, 99, 100]].tolist()
    assert shares == [[0.25, 0.375, 0.375, 0.875, 0.875, 1.0], [0, 0.125, 0.125, 0.625, 0.625, 0.625]]
    assert ecdf(one.reached[1:2], one.steps)[:, [0, 9, 10]].tolist() == [[0.5, 0.5, 1.0], [0, 0, 1.0]]
    steps = steps_to_target(one.reached, one.steps)
    assert steps.solved.tolist() == [[1, 0], [1, 1]]
    assert steps.median.tolist() == [[55, math.inf], [10, 10]]
    assert ratios(one.reached, one.steps).tolist() == [[1, math.inf], [1, 1]]
    factors, shares = profile(one.reached, one.steps)
    assert factors.tolist() == [1] and shares.tolist() == [[1], [0.5]]
    first, second = one.overall()
    assert (first.contender.optimizer, first.area, first.fastest, first.solved) == ("sgd", 0.625, 2, 1.0)
    assert (second.area, second.fastest, second.solved, second.median) == (0.375, 1, 0.5, math.inf)
    assert (first.place, second.place) == ((1, 1), (2, 2))  # 0.25 on both functions
    assert (first.low, first.median, first.high) == (10, 10, 32.5)


def steps_of(study):
    return steps_to_target(study.reached, study.steps)


def test_quartiles_are_infinite_only_where_too_few_get_there():
    """Of five runs three get there: the median is the third, the upper quartile the fourth."""
    steps = steps_of(made_of([[[[7, -1, 3, 5, -1]]]]))
    assert [float(part[0, 0]) for part in (steps.low, steps.median, steps.high)] == [5, 7, math.inf]
    half = steps_of(made_of([[[[7, -1]]]]))  # half of the runs is not more than half
    assert [float(part[0, 0]) for part in (half.solved, half.low, half.median)] == [0.5, math.inf, math.inf]


def test_the_profile_counts_functions_within_a_factor():
    one = made_of([[[[10]], [[20]], [[40]]], [[[30]], [[10]], [[-1]]], [[[-1]], [[-1]], [[-1]]], [[[0]], [[1]], [[2]]]])
    assert ratios(one.reached, one.steps).tolist() == [[1, 2, 4], [3, 1, math.inf], [math.inf] * 3, [1, 1, 2]]
    factors, shares = profile(one.reached, one.steps)
    assert factors.tolist() == [1, 2, 3, 4]
    assert shares.tolist() == [[0.5, 0.5, 0.75, 0.75], [0.5, 0.75, 0.75, 0.75], [0, 0.25, 0.25, 0.5]]
    assert [row.fastest for row in sorted(one.overall(), key=lambda row: row.index)] == [2, 2, 0]


def test_nothing_reached_is_no_error():
    one = made_of(-np.ones((2, 2, 2, 3)))
    assert not ecdf(one.reached, one.steps).any() and not areas(one.reached, one.steps).any()
    assert np.isinf(ratios(one.reached, one.steps)).all() and profile(one.reached, one.steps)[1].tolist() == [[0], [0]]
    assert [(row.place, row.fastest, row.median) for row in one.overall()] == [((1, 2), 0, math.inf)] * 2


@pytest.mark.parametrize("steps", [1, 2])
def test_few_steps_have_a_finite_area(steps):
    one = made_of([[[[0, 1, -1, steps]]]], steps=steps)
    found = areas(one.reached, one.steps)
    assert found == (pytest.approx(0.75) if steps == 1 else pytest.approx(0.5))


def test_optimizers_come_best_first_and_equal_ones_in_their_order():
    one = made_of([[[[50]], [[5]], [[50]], [[-1]]]])
    assert [row.index for row in one.overall()] == [1, 0, 2, 3]


def test_what_diverged_is_counted():
    one = made_of([[[[5, -1]], [[5, -1]]]], diverged=np.array([[[0, 3], [0, 0]]], np.int32))
    assert [row.diverged for row in one.overall()] == [0.5, 0.0]


def test_rates_are_those_of_the_functions():
    rates = np.array([[0.1, np.nan], [0.01, np.nan]])
    first, second = sorted(made_of([[[[1]], [[1]]]] * 2, rates=rates).overall(), key=lambda row: row.index)
    assert first.rate_ends == (0.01, 0.1) and np.isnan(second.rate_ends).all()


@each_study
@given(REACHED)
def test_against_a_slow_reference(reached):
    one = made_of(reached, STEPS)
    shape, found, steps = reached.shape, areas(one.reached, one.steps), steps_to_target(one.reached, one.steps)
    for f in range(shape[0]):
        medians = []
        for o in range(shape[1]):
            taken = [steps for k in range(shape[2]) for steps in runs(one, f, o, k)]
            lost = [min(math.log(max(steps, 1.0)), math.log(STEPS)) / math.log(STEPS) for steps in taken]
            assert found[f, o] == pytest.approx(1 - math.fsum(lost) / len(lost), abs=1e-12)
            last = runs(one, f, o)
            assert steps.solved[f, o] == sum(map(math.isfinite, last)) / len(last)
            assert steps.median[f, o] == middle(last)
            medians.append(max(middle(last), 1.0))
        expected = [median / min(medians) if math.isfinite(median) else math.inf for median in medians]
        assert ratios(one.reached, one.steps)[f] == pytest.approx(expected, rel=1e-14)
    for o in range(shape[1]):
        taken = [steps for f in range(shape[0]) for k in range(shape[2]) for steps in runs(one, f, o, k)]
        curve = [sum(steps <= step for steps in taken) / len(taken) for step in range(STEPS + 1)]
        assert ecdf(one.reached, one.steps)[o] == pytest.approx(curve, abs=1e-15)


@each_study
@given(REACHED)
def test_the_area_is_that_under_the_curve(reached):
    """The integral of a curve of steps over the logarithm, piece by piece."""
    one = made_of(reached, STEPS)
    widths = np.diff(np.log(np.arange(1, STEPS + 1))) / math.log(STEPS)
    expected = ecdf(one.reached, one.steps)[:, 1:STEPS] @ widths
    np.testing.assert_allclose(areas(one.reached, one.steps).mean(axis=0), expected, atol=1e-12)
    for row in one.overall():
        assert row.area == pytest.approx(expected[row.index], abs=1e-12)


@each_study
@given(REACHED)
def test_curves_rise_and_end_at_what_is_reached(reached):
    one = made_of(reached, STEPS)
    found, (factors, shares) = ecdf(one.reached, one.steps), profile(one.reached, one.steps)
    assert (np.diff(found, axis=1) >= 0).all() and (np.diff(shares, axis=1) >= 0).all()
    np.testing.assert_allclose(found[:, -1], (reached >= 0).mean(axis=(0, 2, 3)), atol=1e-15)
    np.testing.assert_allclose(shares[:, -1], np.isfinite(ratios(one.reached, one.steps)).mean(axis=0))
    assert factors[0] == 1 and (np.diff(factors) > 0).all()
    steps = steps_to_target(one.reached, one.steps)
    assert ((steps.low <= steps.median) & (steps.median <= steps.high)).all()


@each_study
@given(REACHED, st.randoms(use_true_random=False))
def test_the_order_of_functions_and_starts_says_nothing(reached, random):
    one = made_of(reached, STEPS)
    functions, starts = (random.sample(range(reached.shape[axis]), reached.shape[axis]) for axis in (0, 3))
    other = made_of(reached[functions][..., starts], STEPS)
    rows = (sorted(study.overall(), key=lambda row: row.index) for study in (one, other))
    for here, there in zip(*rows, strict=True):
        assert here.area == pytest.approx(there.area, abs=1e-12)
        assert (here.solved, here.median, here.fastest) == (there.solved, there.median, there.fastest)


@each_study
@given(REACHED)
def test_never_slower_and_sometimes_faster_is_never_behind(reached):
    """An optimizer that takes one step less everywhere has the larger area and no worse place."""
    faster = np.where(reached > 0, reached - 1, reached)
    rows = sorted(
        made_of(np.concatenate([reached[:, :1], faster[:, :1]], axis=1), STEPS).overall(), key=lambda r: r.index
    )
    assert rows[1].area >= rows[0].area - 1e-15
    assert rows[1].place <= rows[0].place


def test_the_document_is_plain_and_says_what_the_summary_says():
    one = study(starts=10)
    document = one.to_dict()
    assert json.loads(json.dumps(document, allow_nan=False)) == document
    assert document["schema"] == 1 and document["targets"] == list(TARGETS) and document["starts"] == 10
    assert document["functions"] == list(one.functions) and document["provenance"] == one.provenance()
    rows = one.overall()
    for said, row in zip(document["optimizers"], rows, strict=True):
        assert (said["optimizer"], said["area"], said["place"]) == (row.contender.optimizer, row.area, list(row.place))
        assert said["share_solved"] == row.solved == said["share_reached"][-1]
        assert said["median_steps"] == (row.median if math.isfinite(row.median) else None)
        assert said["rates"]["sphere"] == one.rates[0, row.index]
    cells = {(cell["function"], cell["optimizer"]): cell for cell in document["cells"]}
    assert len(cells) == 14 * 7
    steps = steps_to_target(one.reached, one.steps)
    assert cells["rosenbrock", "adam"]["share_solved"] == steps.solved[3, 6]
    assert cells["rosenbrock", "adam"]["lr"] == one.rates[3, 6]
    assert cells["eggholder", "sgd"]["median_steps"] is None
    assert not {"reached", "gaps", "diverged"} & document.keys()
    assert len(document["pairs"]) == 21
    first = document["pairs"][0]
    assert first["optimizers"] == [row.contender.optimizer for row in rows[:2]]
    assert first["mean"] == pytest.approx(rows[0].area - rows[1].area)
    assert all(pair["told_apart"] == (pair["p"] < 0.05) for pair in document["pairs"])
    # A pair by itself is told apart sooner than one of 21.
    alone = [abs(pair["mean"]) > pair["half"] for pair in document["pairs"]]
    assert sum(alone) > sum(pair["told_apart"] for pair in document["pairs"]) > 0
    for place, row in enumerate(rows, 1):
        assert row.place[0] <= place <= row.place[1]


def test_the_document_holds_every_run_where_that_is_asked_for():
    one = study(("adam", "sgd"), ("sphere", "rosenbrock"), starts=4)
    whole = one.to_dict(arrays=True)
    assert whole["reached"] == one.reached.tolist() and whole["diverged"] == one.diverged.tolist()
    assert {name: whole[name] for name in one.to_dict()} == one.to_dict()


def test_a_study_of_one_function_has_no_intervals():
    pair = made_of([[[[5]], [[9]]]]).to_dict()["pairs"][0]
    assert pair["half"] is None and pair["told_apart"] is False


def test_a_study_is_saved_and_loaded(tmp_path):
    one = study(("adam", "sgd"), ("sphere",), starts=4)
    results.save(tmp_path / "it.npz", one)
    assert_same(results.load(tmp_path / "it.npz"), one)

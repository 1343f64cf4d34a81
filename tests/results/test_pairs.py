"""Pairs judged on what both were tried on: intervals, places and groups, with hand-computed cases and properties."""

import math
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from optviz.results import pairs

# Few values, so that ties and exact differences happen.
SCORES = st.integers(2, 6).flatmap(
    lambda tasks: st.lists(
        st.lists(st.sampled_from([0.0, 0.25, 0.5, 0.75, 1.0]), min_size=tasks, max_size=tasks), min_size=1, max_size=6
    )
)


def scores(*rows):
    return [dict(enumerate(row)) for row in rows]


def test_the_interval_of_a_difference_is_students():
    one, other = scores([0.5, 0.75, 1.0], [0.4, 0.55, 0.7])
    found = pairs.difference(one, other)
    t = 0.95 * math.sqrt(2 / (1 - 0.95**2))  # two degrees of freedom have a closed form
    assert found.shared == (0, 1, 2) and found.mean == pytest.approx(0.2)
    assert found.half == pytest.approx(t * 0.1 / math.sqrt(3))
    # The tail of two degrees of freedom has a closed form, too.
    ratio = 0.2 / (0.1 / math.sqrt(3))
    assert found.p == pytest.approx(1 - ratio / math.sqrt(2 + ratio**2)) and found.p > 0.05
    assert pairs.judged([one, other]).alike(0, 1)


def test_only_what_both_were_tried_on_is_compared():
    found = pairs.difference({0: 1.0, 1: 0.5, 5: 0.0}, {1: 0.25, 2: 9.0, 5: -0.25})
    assert found.shared == (1, 5) and (found.mean, found.half, found.p) == (0.25, 0.0, 0.0)
    nothing = pairs.difference({0: 1.0}, {1: 1.0})
    assert nothing.shared == () and math.isnan(nothing.mean) and nothing.p == 1


def test_one_task_tells_nobody_apart():
    verdict = pairs.judged(scores([1.0], [0.5], [0.0]))
    assert verdict.places == [(1, 3)] * 3 and verdict.groups == ((0, 1, 2),) and verdict.pairs == 0


def test_what_differs_alike_everywhere_is_told_apart_and_what_is_the_same_is_not():
    assert pairs.judged(scores([0.9, 0.8], [0.7, 0.6], [0.9, 0.8])).places == [(1, 2), (3, 3), (1, 2)]
    assert pairs.judged(scores([0.9, 0.8], [0.9, 0.8], [0.7, 0.6])).groups == ((0, 1),)


def test_neighbours_may_be_alike_while_the_ends_differ():
    first, last = np.array([0.8, 0.85, 0.9, 0.95]), np.array([0.5, 0.55, 0.6, 0.65])
    middle = (first + last) / 2 + np.array([0.2, -0.2, 0.2, -0.2])
    rows = scores(first, middle, last)
    verdict = pairs.judged(rows)
    assert verdict.places == [(1, 2), (1, 3), (2, 3)] and verdict.groups == ((0, 1), (1, 2))


def test_a_pair_that_neighbours_part_is_a_group_of_its_own():
    """The first cannot be told from the third, though both can from the second."""
    first = np.array([0.9, 0.9, 0.9, 0.9])
    second = first - 0.1
    third = np.array([0.35, 0.85, 0.95, 0.95])
    fourth = second - 0.01  # told from the second, not from the third
    verdict = pairs.judged(scores(first, second, fourth, third))
    assert verdict.better[0, 1] and verdict.alike(0, 3)
    groups = verdict.groups
    assert (0, 3) in groups and {(1, 3), (2, 3)} & {pair for group in groups for pair in combinations(group, 2)}
    assert not any({0, 1} <= set(group) for group in groups)


@settings(deadline=None, max_examples=200)
@given(SCORES)
def test_places_and_groups_say_the_same_as_the_pairs(rows):
    rows = scores(*sorted(rows, key=lambda row: -math.fsum(row)))
    verdict = pairs.judged(rows)
    places, groups, better = verdict.places, verdict.groups, verdict.better
    grouped = {pair for group in groups for pair in combinations(group, 2)}
    for i, j in combinations(range(len(rows)), 2):
        assert (better[i, j] or better[j, i]) != ((i, j) in grouped)
        assert not (better[i, j] and better[j, i])
    for index, (best, worst) in enumerate(places):
        assert best == 1 + sum(better[:, index]) and worst == len(rows) - sum(better[index])
        assert 1 <= best <= index + 1 <= worst <= len(rows)  # its own place is among them


@settings(deadline=None, max_examples=100)
@given(SCORES)
def test_a_difference_turns_its_sign_with_the_pair(rows):
    one, other = scores(rows[0], rows[-1])
    here, there = pairs.difference(one, other), pairs.difference(other, one)
    assert here.mean == -there.mean and here.half == there.half and here.p == there.p


def test_places_as_text():
    assert (pairs.span((2, 2)), pairs.span((1, 3))) == ("2", "1–3")


# Many pairs at once


def test_holms_steps_are_those_of_the_paper():
    """p(1) <= p(2) <= ... against 5 % / m, 5 % / (m - 1), ...: the first that is not below its own ends it."""
    chance = np.random.default_rng(5)
    for spread in (0.02, 0.1, 0.3):
        rows = scores(*(chance.normal(-0.1 * k, spread, 6) for k in range(5)))
        verdict = pairs.judged(rows)
        order = sorted(combinations(range(5), 2), key=lambda pair: verdict.differences[pair].p)
        open_yet = True
        for step, pair in enumerate(order):
            open_yet = open_yet and verdict.differences[pair].p < 0.05 / (len(order) - step)
            assert (verdict.p[pair] < 0.05) == open_yet and verdict.alike(*pair) != open_yet


def test_a_pair_alone_needs_no_correction_and_what_shares_too_little_is_no_pair():
    one, other = scores([0.9, 0.8, 0.85], [0.5, 0.45, 0.4])
    assert pairs.judged([one, other]).p[0, 1] == pairs.difference(one, other).p
    lonely = {7: 0.3}
    assert pairs.judged([one, other, lonely]).pairs == 1
    assert pairs.judged([one, other, lonely]).p[0, 1] == pairs.difference(one, other).p


@pytest.mark.slow
@pytest.mark.parametrize("tasks", [5, 14], ids=["five seeds", "fourteen functions"])
def test_identical_contenders_are_told_apart_in_one_table_of_twenty_at_most(tasks):
    chance, tables, wrong = np.random.default_rng(2026), 2000, 0
    for _ in range(tables):
        hardness = chance.normal(0, 1, tasks)
        wrong += pairs.judged(scores(*(hardness + chance.normal(0, 0.3, tasks) for _ in range(7)))).better.any()
    assert 0.01 < wrong / tables < 0.055


def test_the_correction_is_said_where_there_is_one():
    assert pairs.correction(21) == ", with Holm's correction for the 21 pairs" and pairs.correction(1) == ""

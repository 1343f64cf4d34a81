"""Pairs judged on what both were tried on: intervals, places and groups, with hand-computed cases and properties."""

import math
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from optviz import pairs

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
    assert not found.separate and not pairs.better(one, other)


def test_only_what_both_were_tried_on_is_compared():
    found = pairs.difference({0: 1.0, 1: 0.5, 5: 0.0}, {1: 0.25, 2: 9.0, 5: -0.25})
    assert found.shared == (1, 5) and (found.mean, found.half) == (0.25, 0.0) and found.separate
    nothing = pairs.difference({0: 1.0}, {1: 1.0})
    assert nothing.shared == () and math.isnan(nothing.mean) and not nothing.separate


def test_one_task_tells_nobody_apart():
    assert pairs.places(scores([1.0], [0.0], [0.5])) == [(1, 3)] * 3
    assert pairs.alike(scores([1.0], [0.5], [0.0])) == ((0, 1, 2),)


def test_what_differs_alike_everywhere_is_told_apart_and_what_is_the_same_is_not():
    assert pairs.places(scores([0.9, 0.8], [0.7, 0.6], [0.9, 0.8])) == [(1, 2), (3, 3), (1, 2)]
    assert pairs.alike(scores([0.9, 0.8], [0.9, 0.8], [0.7, 0.6])) == ((0, 1),)


def test_neighbours_may_be_alike_while_the_ends_differ():
    first, last = np.array([0.8, 0.85, 0.9, 0.95]), np.array([0.5, 0.55, 0.6, 0.65])
    middle = (first + last) / 2 + np.array([0.2, -0.2, 0.2, -0.2])
    rows = scores(first, middle, last)
    assert pairs.places(rows) == [(1, 2), (1, 3), (2, 3)]
    assert pairs.alike(rows) == ((0, 1), (1, 2))


def test_a_pair_that_neighbours_part_is_a_group_of_its_own():
    """The first cannot be told from the third, though both can from the second."""
    first = np.array([0.9, 0.9, 0.9, 0.9])
    second = first - 0.1
    third = np.array([0.35, 0.85, 0.95, 0.95])
    assert pairs.better(*scores(first, second)) and not pairs.better(*scores(first, third))
    fourth = second - 0.01  # told from the second, not from the third
    groups = pairs.alike(scores(first, second, fourth, third))
    assert (0, 3) in groups and {(1, 3), (2, 3)} & {pair for group in groups for pair in combinations(group, 2)}
    assert not any({0, 1} <= set(group) for group in groups)


@settings(deadline=None, max_examples=200)
@given(SCORES)
def test_places_and_groups_say_the_same_as_the_pairs(rows):
    rows = scores(*sorted(rows, key=lambda row: -math.fsum(row)))
    places, groups = pairs.places(rows), pairs.alike(rows)
    grouped = {pair for group in groups for pair in combinations(group, 2)}
    for i, j in combinations(range(len(rows)), 2):
        told = pairs.better(rows[i], rows[j]) or pairs.better(rows[j], rows[i])
        assert told != ((i, j) in grouped)
        assert not (pairs.better(rows[i], rows[j]) and pairs.better(rows[j], rows[i]))
    for index, (best, worst) in enumerate(places):
        assert best == 1 + sum(pairs.better(other, rows[index]) for other in rows)
        assert worst == len(rows) - sum(pairs.better(rows[index], other) for other in rows)
        assert 1 <= best <= worst <= len(rows)


@settings(deadline=None, max_examples=100)
@given(SCORES)
def test_a_difference_turns_its_sign_with_the_pair(rows):
    one, other = scores(rows[0], rows[-1])
    here, there = pairs.difference(one, other), pairs.difference(other, one)
    assert here.mean == -there.mean and here.half == there.half and here.separate == there.separate


def test_places_as_text():
    assert (pairs.span((2, 2)), pairs.span((1, 3))) == ("2", "1–3")

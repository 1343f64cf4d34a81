"""Who is ahead, and what is said about whom."""

from dataclasses import replace

import numpy as np
import pytest

from optviz.figures.standings import Standings
from tests.figures.races import landscape, race, trajectory
from tests.functions.classics import OWN, each

INSIDE, OUTSIDE = (1.0, 1.0), (3.0, 0.0)


def run(name, values, points=None, diverged_at=None):
    points = [INSIDE] * len(values) if points is None else points
    return trajectory(name, points, values, diverged_at=diverged_at)


def test_the_smaller_gap_comes_first_and_ties_keep_the_order_of_the_race():
    standings = Standings(race([run("a", [5, 3]), run("b", [5, 1]), run("c", [5, 3])]))
    assert standings.order(0) == [0, 1, 2]
    assert standings.order(1) == [1, 0, 2]


def test_an_iterate_off_the_map_is_not_ranked_by_its_value():
    standings = Standings(race([run("a", [5, -400], [INSIDE, OUTSIDE]), run("b", [5, 4])]))
    assert standings.order(1) == [1, 0]
    assert standings.status(0, 1).remark == "off the map"
    assert standings.gaps[0, 1] == 0


def test_what_is_seen_on_the_map_is_ranked_wherever_the_bounds_end():
    narrow = replace(landscape(), bounds=((-2.0, 2.0), (-2.0, 0.5)))
    standings = Standings(race([run("a", [5, 3]), run("b", [5, 4], [INSIDE, (1.0, 0.0)])], narrow))
    assert standings.order(1) == [0, 1]
    assert standings.status(0, 1).remark == ""


def test_an_iterate_below_the_minimum_has_not_arrived_and_does_not_lead():
    """A map that is larger than the bounds may show lower ground than the minimum in them."""
    standings = Standings(race([run("a", [5, -400]), run("b", [5, 4])]))
    assert standings.order(1) == [1, 0]
    assert standings.status(0, 1).remark == "below f*"
    assert standings.arrived == [None, None]


MANY = 20  # minimizers, of which a view shows those around the start


@each(OWN)
def test_every_minimizer_can_be_seen_arrived_at(unit):
    def shown(point):
        return all(low <= value <= high for value, (low, high) in zip(point, unit.view, strict=True))

    assert shown(unit.start)
    assert (any if len(unit.minimizers) > MANY else all)(map(shown, unit.minimizers))


def test_the_diverged_come_last_the_longest_survivor_first():
    nan = float("nan")
    standings = Standings(
        race(
            [
                run("a", [5, 1e9, nan, nan], diverged_at=1),
                run("b", [5, 6, 1e9, nan], diverged_at=2),
                run("c", [5, nan, 7, 8]),
            ]
        )
    )
    assert standings.order(0) == [0, 1, 2]
    assert standings.order(1) == [1, 2, 0]
    assert standings.order(3) == [2, 1, 0]
    status = standings.status(1, 2)
    assert (status.value, status.remark, status.tone) == ("diverged", "at step 2", "bad")
    assert standings.status(1, 1).value == "6"
    assert standings.status(2, 1).value == "undefined"


@pytest.mark.parametrize(
    ("values", "since"),
    [
        ([5, 1, 1e-5, 1e-5], 2),
        ([5, 1e-5, 1, 1e-5], 3),
        ([5, 1e-5, 1e-5, 1], None),
        ([0, 0, 0, 0], 0),
        ([5, 5, 5, -1e-9], 3),
    ],
)
def test_arrived_means_until_the_end(values, since):
    standings = Standings(race([run("a", values)]))
    assert standings.arrived == [since]
    assert standings.status(0, 3).remark == ("" if since is None else f"below 10⁻⁴ since {since}")
    if since:
        assert standings.status(0, since - 1).remark == ""


def test_a_run_that_ends_outside_has_not_arrived():
    standings = Standings(race([run("a", [5, 0, 0], [INSIDE, INSIDE, OUTSIDE])]))
    assert standings.arrived == [None]


def test_infinite_and_huge_values_are_ranked_last_without_a_warning():
    standings = Standings(race([run("a", [5, np.inf]), run("b", [5, 1e308]), run("c", [5, np.nan])]))
    assert standings.order(1)[0] == 1
    assert [standings.status(index, 1).value for index in range(3)] == ["∞", "10³⁰⁸", "undefined"]

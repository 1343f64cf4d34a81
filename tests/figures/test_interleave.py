"""Trails on one line: each is seen, and none is broken where it runs alone."""

import numpy as np
import pytest

from optviz.figures.engine.course import straight
from optviz.figures.engine.interleave import interleave
from optviz.figures.engine.theme import DARK
from optviz.figures.engine.trails import Pen, Trail

BOX = (0.0, 0.0, 400.0, 400.0)
PEN = Pen(width=2.2, hem=1.3, leap=46.0, bead=7.0, patch=8.0, crossings=1.5)


def trails(*paths):
    made = [Trail(straight(np.asarray(path, float), BOX), "#35a1ff", BOX, PEN, DARK) for path in paths]
    interleave(made, range(len(made)), BOX, 1.0)
    return made


def line(step, start=(50.0, 50.0), towards=(1.0, 0.6), length=280.0):
    along = np.array(towards) / np.hypot(*towards)
    return np.array(start) + np.arange(0, length, step)[:, None] * along


def painted(trail, samples=4000):
    """For places along the first path's line, whether a trail paints them."""
    cores = trail.strokes(0, len(trail.length))[1]
    lines = [outline.vertices for outline, _, width in cores if width <= PEN.width]
    at = line(280 / samples)
    seen = np.zeros(len(at), bool)
    for corners in lines:
        for a, b in zip(corners[:-1], corners[1:], strict=True):
            share = np.clip(((at - a) @ (b - a)) / max((b - a) @ (b - a), 1e-12), 0, 1)
            seen |= np.hypot(*(a + share[:, None] * (b - a) - at).T) < 0.5
    return seen


@pytest.mark.parametrize("steps", [(9, 4), (4, 9), (9, 9), (30, 20, 5), (6, 5, 4, 3)], ids=str)
def test_on_one_line_the_first_to_come_is_whole_and_the_later_take_their_dashes(steps):
    shares = [painted(trail).mean() for trail in trails(*(line(step) for step in steps))]
    fastest = int(np.argmax(steps))
    assert shares[fastest] > 0.95
    for index, share in enumerate(shares):
        if index != fastest:
            assert 0.6 / len(steps) < share < 1.6 / len(steps)


def test_no_two_of_the_later_paint_the_same_dash():
    first, second, third = (painted(trail) for trail in trails(line(30), line(9), line(7)))
    assert (second & third).mean() < 0.1  # round ends and slots that meet
    assert (first & ~second & ~third).mean() > 0.25


def test_trails_that_cross_or_run_side_by_side_stay_whole():
    beside = line(5, start=(50.0, 62.0))
    across = line(5, start=(50.0, 200.0), towards=(1.0, -0.6))
    assert all(not trail.parts for trail in trails(line(5), beside, across))


def test_a_trail_is_whole_again_where_it_leaves_the_others():
    shared = line(5, length=140)
    alone = shared[-1] + np.arange(1, 25)[:, None] * np.array([0.0, 5.0])
    one, _ = trails(np.concatenate([shared, alone]), line(9))
    assert one.parts and max(one.parts) < len(shared) + 1


def test_one_trail_alone_and_trails_that_stand_still_are_left_as_they_are():
    assert not trails(line(5))[0].parts
    assert all(not trail.parts for trail in trails([(50, 50)] * 9, [(50, 50)] * 9))


def test_coordinates_that_are_not_numbers_do_no_harm():
    wild = np.concatenate([line(5), [(1e300, 5), (np.nan, np.nan), (np.inf, 3), (60, 60)]])
    trails(wild, line(4))

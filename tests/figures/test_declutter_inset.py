"""Crowded heads and races in a corner."""

import itertools

import numpy as np
import pytest

from optviz.figures.engine.declutter import declutter
from optviz.figures.race import race_figure
from tests.figures.races import SEVEN, START, descent, race, trajectory

NOWHERE = np.empty((0, 2))


def test_heads_with_room_stay_where_they_are():
    heads = np.array([[[10.0, 10.0], [100.0, 10.0], [10.0, 100.0]]])
    assert (declutter(heads, np.array([[10.0, 10.0]]), 11, 16) == heads).all()
    alone = np.array([[[10.0, 10.0]]])
    assert (declutter(alone, np.array([[10.0, 10.0]]), 11, 16) == alone).all()


@pytest.mark.parametrize("count", [2, 3, 7, 12, 20])
def test_heads_in_one_place_are_pushed_apart_and_off_the_landmark(count):
    heads = np.full((1, count, 2), 50.0)
    landmark = np.array([[50.0, 50.0]])
    moved = declutter(heads, landmark, 11, 16)[0]
    assert min(np.hypot(*(a - b)) for a, b in itertools.combinations(moved, 2)) > 8.5
    assert np.hypot(*(moved - 50).T).min() > 13
    assert np.hypot(*(moved - 50).T).max() < 14 + 5 * count


def test_absent_heads_take_no_part():
    heads = np.array([[[10.0, 10.0], [np.nan, np.nan], [10.0, 10.0]]])
    moved = declutter(heads, NOWHERE, 11, 16)
    assert np.isnan(moved[0, 1]).all() and np.isfinite(moved[0, [0, 2]]).all()


def test_crowded_heads_move_smoothly_from_frame_to_frame():
    share = np.linspace(0, 1, 400)[:, None]
    paths = [np.array([40 * np.cos(a), 40 * np.sin(a)]) * (1 - share) + 100 for a in np.arange(5)]
    moved = declutter(np.stack(paths, axis=1), NOWHERE, 11, 16)
    assert np.hypot(*np.diff(moved, axis=0).transpose(2, 0, 1)).max() < 2.5


def wandering(name, radius, seed):
    rng = np.random.default_rng(seed)
    points = np.array(START) + np.cumsum(rng.normal(0, radius, (30, 2)), axis=0)
    return trajectory(name, [START, *points], np.linspace(5, 4, 31))


def test_a_race_that_hardly_moves_gets_an_inset():
    entrants = race([wandering(name, 0.01, seed) for seed, name in enumerate(SEVEN)])
    page = race_figure(entrants)
    view, inset = page.find("map"), page.find("inset")
    glass, part = inset.glass, np.array(inset.part)
    side = glass.box[2] - glass.box[0]
    assert side / (part[2] - part[0]) >= 2
    for run in entrants.trajectories:
        at = view.to_page(run.points)
        assert (at >= part[:2]).all() and (at <= part[2:]).all()
        shown = glass.to_page(run.points)
        assert (shown >= glass.box[:2]).all() and (shown <= glass.box[2:]).all()
    # It shows the same place: its corners are those of the part.
    assert np.allclose(glass.to_page(view.to_data(part[:2])), glass.box[:2])
    assert np.allclose(glass.to_page(view.to_data(part[2:])), glass.box[2:])
    x, y = view.to_page(entrants.landscape.minimizers)[0]
    left, top, right, bottom = glass.box
    assert not (left <= x <= right and top <= y <= bottom)


@pytest.mark.parametrize(
    "runs",
    [
        [descent(name, 0.1) for name in SEVEN],
        [wandering("adam", 0.01, 0), *(descent(name, 0.1, steps=30) for name in SEVEN[:3])],
        [trajectory(name, [START] * 5, [5] * 5) for name in SEVEN],
        [descent(name, 0.3) for name in SEVEN],
    ],
    ids=["travelling", "one small", "standing", "diverging"],
)
def test_other_races_get_none(runs):
    assert race_figure(race(runs)).find("inset").glass is None

"""The camera that is chosen for a race: measured on the race of every test function, with the block as it is drawn."""

import itertools
import time

import pytest

import optviz
from optviz.figures.engine.camera import Camera
from optviz.figures.engine.horizon import Heights, Horizon
from optviz.figures.engine.relief import levels
from optviz.figures.race import race_figure
from optviz.figures.viewpoint import AZIMUTHS, BLOCKS, COLUMNS, MOST_HIDDEN, hidden, viewpoint
from optviz.functions._sets import CLASSIC, sets
from tests.figures.races import calm, descent, landscape, race

FEW = CLASSIC[::3]
OTHERS = [name for name in sets()["@all"] if name not in FEW]


def measured(result):
    """The camera, how many minima something hides on the block as it is drawn, and which share of the iterates."""
    scene = race_figure(result, view="3d").find("map")
    heights = Heights(levels(result.landscape.values, result.landscape.minimum))
    return scene.camera, *hidden(result, heights, scene.solid.horizon)


@pytest.mark.parametrize("name", [*FEW, *(pytest.param(name, marks=pytest.mark.slow) for name in OTHERS)])
def test_the_story_of_every_default_race_is_in_sight(name):
    camera, minima, share = measured(optviz.race(name))
    assert minima == 0 and share <= 0.05, camera
    assert (camera.elevation, camera.height) in BLOCKS and camera.azimuth in AZIMUTHS


def test_the_highest_block_is_chosen_that_hides_little():
    result = calm()
    heights = Heights(levels(result.landscape.values, 0.0))
    chosen = viewpoint(result, heights)
    place = BLOCKS.index((chosen.elevation, chosen.height))
    assert place > 0  # or nothing is tested

    def lost(azimuth, elevation, high):
        return hidden(result, heights, Horizon(heights, Camera(azimuth, elevation, high), COLUMNS, 440))

    same = {azimuth: lost(azimuth, *BLOCKS[place]) for azimuth in AZIMUTHS}
    assert same[chosen.azimuth][1] <= min(share for minima, share in same.values() if not minima) + 0.02
    for azimuth, (elevation, high) in itertools.product(AZIMUTHS, BLOCKS[:place]):
        minima, share = lost(azimuth, elevation, 1.1 * high)  # a little is left to spare
        assert minima > 0 or share > 0.8 * MOST_HIDDEN


def test_it_is_found_quickly_and_again():
    result = calm(steps=300)
    heights = Heights(levels(result.landscape.values, 0.0))
    started = time.process_time()
    found = {viewpoint(result, heights) for _ in range(4)}
    assert len(found) == 1 and time.process_time() - started < 4 * 0.3  # 0.06 s each on an idle machine


def test_without_a_height_the_highest_block_is_chosen_in_the_direction_that_is_given():
    result = calm()
    heights = Heights(levels(result.landscape.values, 0.0))
    free, given = viewpoint(result, heights, (-40, 60)), viewpoint(result, heights, (-40, 60, 0.33))
    assert (free.azimuth, free.elevation) == (-40, 60) and free.height in {high for _, high in BLOCKS}
    assert given == Camera(-40, 60, 0.33)


def test_a_race_that_nobody_can_see_has_a_camera():
    gone = race([descent("sgd", 0.1, start=(50.0, 60.0), steps=0)], landscape(), start=(50.0, 60.0))
    camera = viewpoint(gone, Heights(levels(gone.landscape.values, 0.0)))
    assert (camera.elevation, camera.height) in BLOCKS

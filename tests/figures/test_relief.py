"""One level function for every landscape."""

import numpy as np
import pytest

from optviz.figures.engine.pixels import interpolated
from optviz.figures.engine.relief import Relief, levels
from optviz.figures.engine.theme import DARK, LIGHT, rgb
from tests.figures.races import landscape

SHAPE = 40, 40
TINY = np.geomspace(2e-302, 1e-299, 1600).reshape(SHAPE)


def test_levels_rise_with_the_function_from_0_to_1():
    ground = landscape(80)
    level = levels(ground.values, 0.0)
    assert level.shape == (80, 80) and 0 <= level.min() < 0.02 and level.max() == pytest.approx(1, abs=0.01)
    order = np.argsort(ground.values, axis=None)
    assert (np.diff(level.ravel()[order]) >= 0).all()


@pytest.mark.parametrize(
    "values",
    [
        np.zeros((40, 40)),
        np.full((40, 40), np.nan),
        np.full((40, 40), 1e300),
        np.where(np.eye(40) > 0, np.inf, 1.0),
        TINY,
    ],
    ids=["flat", "nan", "huge", "infinite", "tiny"],
)
def test_any_landscape_is_drawn(values):
    for theme in (DARK, LIGHT):
        relief = Relief(values, 0.0, theme)
        assert np.isfinite(relief.levels).all() and 0 <= relief.levels.min() <= relief.levels.max() <= 1
        picture = relief.shaded(100)
        assert picture.shape == (100, 100, 3) and picture.dtype == np.uint8


@pytest.mark.parametrize("minimum", [np.nan, -np.inf])
def test_without_a_finite_minimum_the_least_finite_value_is_the_lowest(minimum):
    values = np.append(np.linspace(-3.0, 5.0, 1599), -np.inf).reshape(40, 40)
    np.testing.assert_array_equal(levels(values, minimum), levels(values, -3.0))
    assert Relief(values, minimum, DARK).shaded(50).std() > 0
    assert Relief(np.full((40, 40), np.nan), minimum, DARK).shaded(50).shape == (50, 50, 3)


def test_values_below_the_stated_minimum_count_as_the_minimum():
    level = levels(np.array([[-5.0, 0.0], [1.0, 2.0]]), 0.0)
    assert level[0, 0] == level[0, 1]


def test_the_lowest_ground_has_the_colour_of_the_page_side():
    picture = Relief(landscape(200).values, 0.0, DARK).shaded(200).astype(int)
    # The minimizer (1, -0.5) lies at 3/4 of the width and 5/8 of the height from the top.
    assert np.abs(picture[125, 150] - rgb(DARK.ramp[0])).max() <= 6
    assert picture[0, 0].sum() > picture[125, 150].sum() + 100


@pytest.mark.parametrize("size", [40, 90, 333])
def test_resampling_keeps_places_and_values(size):
    centres = (np.arange(90) + 0.5) / 90
    grid = np.tile(centres, (90, 1)) + 2 * centres[:, None]
    new = (np.arange(size) + 0.5) / size
    edge = 2 * size // 90 + 2  # where the interpolation runs out of neighbours
    expected = np.tile(new, (size, 1)) + 2 * new[:, None]
    assert np.allclose(
        interpolated(grid, size)[edge:-edge, edge:-edge], expected[edge:-edge, edge:-edge], atol=2e-2 / 3
    )


def test_a_part_shows_the_same_ground_larger():
    relief = Relief(landscape(200).values, 0.0, DARK)
    whole, part = relief.shaded(400).astype(int), relief.shaded(200, (0.5, 0.25, 1.0, 0.75)).astype(int)
    assert np.abs(np.median(whole[100:300, 200:] - part, axis=(0, 1))).max() <= 3

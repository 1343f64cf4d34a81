"""What of a surface is seen: the floating horizon against rays that are followed point by point."""

import numpy as np
import pytest

from optviz.errors import UsageError
from optviz.figures.engine.camera import Camera, aimed, checked_view
from optviz.figures.engine.horizon import FLOAT, Heights, Horizon
from optviz.figures.engine.relief import levels
from tests.figures.surfaces import VIEWS, hidden, level, values

CAMERAS = [Camera(-60, 46, 0.95), Camera(-92, 58, 0.35), Camera(130, 30, 0.5), Camera(-90, 46, 0.5), Camera(0, 70, 2)]


def horizon(heights, camera, count=880):
    return Horizon(heights, camera, (np.arange(count) + 0.5) / count * 1.44 - 0.72, count // 2)


@pytest.mark.thin(3)
@pytest.mark.parametrize("camera", CAMERAS, ids=str)
@pytest.mark.parametrize("name", VIEWS)
def test_what_is_hidden_is_what_rays_run_into(name, camera):
    ground = levels(values(name), 0.0)
    heights, places = Heights(ground), np.random.default_rng(7).random((1000, 2))
    found = horizon(heights, camera).hides(places, heights.at(*places.T.astype(FLOAT)))
    expected = hidden(ground, camera, places)
    assert (found == expected).mean() >= 0.995
    sees_all = name == "cliff" or camera.elevation > 60 or (name, camera) == ("rosenbrock", CAMERAS[1])
    assert sees_all or expected.any()  # or nothing is tested


def test_levels_between_the_centres_of_cells_are_bilinear():
    ground, rng = levels(values("rastrigin"), 0.0), np.random.default_rng(0)
    places = rng.random((500, 2))
    found = Heights(ground).at(*places.T.astype(FLOAT))
    assert found.dtype == FLOAT
    np.testing.assert_allclose(found, level(ground, *places.T), atol=2e-5)


def test_slopes_are_those_of_the_levels():
    centres = (np.arange(50) + 0.5) / 50
    plane = 0.3 * centres[None] + 0.5 * centres[:, None]
    at, by_x, by_y = Heights(plane).slopes(*np.full((2, 1), 0.42, FLOAT))
    np.testing.assert_allclose([at[0], by_x[0], by_y[0]], [0.8 * 0.42, 0.3, 0.5], rtol=1e-4)


def test_places_are_seen_where_a_camera_in_the_south_sees_them():
    camera = Camera(-90, 30, 0.8)
    east, west, north, high = camera.seen(np.array([(1, 0.5), (0, 0.5), (0.5, 1), (0.5, 0.5)]), np.array([0, 0, 0, 1]))
    np.testing.assert_allclose(east, (0.5, 0), atol=1e-12)
    np.testing.assert_allclose(west, (-0.5, 0), atol=1e-12)
    np.testing.assert_allclose(north, (0, 0.25), atol=1e-12)
    np.testing.assert_allclose(high, (0, 0.8 * np.sqrt(3) / 2), atol=1e-12)


def test_what_is_right_next_to_a_point_does_not_hide_it():
    """A thin wall in front of a point hides it, unless it is nearer than the bias."""
    south = 0.5 - np.tile(((np.arange(400) + 0.5) / 400)[:, None], (1, 400))
    for near, hides in ((0.02, False), (0.07, True)):
        ground = ((south > near) & (south < near + 0.02)).astype(float)
        heights, middle = Heights(ground), np.array([[0.5, 0.5]])
        found = horizon(heights, Camera(-90, 46, 0.95)).hides(middle, heights.at(*middle.T.astype(FLOAT)))
        assert found[0] == hides


BAD = [(1,), (1, 2, 3, 4), (np.nan, 46), (-60, np.inf), (-60, 5), (-60, 91), (-60, 46, 0), (-60, 46, 3), (400, 46)]


@pytest.mark.parametrize("camera", [*BAD, "60,46", ("a", 46), (True, 46), 7, {}], ids=str)
def test_what_is_no_camera_is_refused(camera):
    with pytest.raises(UsageError, match="the camera is"):
        aimed(camera)


def test_views():
    assert checked_view("3d", (-60, 46)) and not checked_view("2d", None)
    with pytest.raises(UsageError, match="view is 'flat'\nChoose from: 2d, 3d"):
        checked_view("flat", None)
    with pytest.raises(UsageError, match="a camera is given"):
        checked_view("2d", (-60, 46))

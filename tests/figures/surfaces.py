"""Landscapes for the tests of solid surfaces, and the slow way to see what hides what."""

import math

import numpy as np

VIEWS = {
    "rastrigin": ((-2.0, 3.0), (-3.0, 2.0)),
    "himmelblau": ((-5.0, 5.0), (-5.0, 5.0)),
    "rosenbrock": ((-2.0, 2.0), (-1.0, 3.0)),
    "cliff": ((0.0, 1.0), (0.0, 1.0)),
}


def rastrigin(x, y):
    return 20 + x**2 - 10 * np.cos(2 * np.pi * x) + y**2 - 10 * np.cos(2 * np.pi * y)


def himmelblau(x, y):
    return (x**2 + y - 11) ** 2 + (x + y**2 - 7) ** 2


def rosenbrock(x, y):
    return (1 - x) ** 2 + 100 * (y - x**2) ** 2


def cliff(x, y):
    return np.where(x + 0.3 * y > 0.6, 1.0, 0.0) + 0.1 * x


def values(name, count=160):
    """(count, count) float64: a function at the centres of the cells of its view, row 0 lowest."""
    (left, right), (low, high) = VIEWS[name]
    centres = (np.arange(count) + 0.5) / count
    return globals()[name](*np.meshgrid(left + (right - left) * centres, low + (high - low) * centres))


def level(levels, x, y):
    """The level at shares of the sides: bilinear between the centres of the cells, the nearest beyond them."""
    count = len(levels)
    column, row = (np.clip(at * count - 0.5, 0, count - 1) for at in (x, y))
    left, low = (np.minimum(at.astype(int), count - 2) for at in (column, row))
    right, up = column - left, row - low
    below = levels[low, left] * (1 - right) + levels[low, left + 1] * right
    above = levels[low + 1, left] * (1 - right) + levels[low + 1, left + 1] * right
    return below * (1 - up) + above * up


def hidden(levels, camera, places, bias=0.05, step=5e-4):
    """Which places on the surface something hides: a ray to the eye runs into ground that is no nearer than `bias`.

    By its definition, point after point along each ray, without projection: the ray rises by the tangent of the
    elevation.
    """
    azimuth, rise = math.radians(camera.azimuth), math.tan(math.radians(camera.elevation))
    east, north = math.cos(azimuth), math.sin(azimuth)
    found = np.zeros(len(places), bool)
    for index, (x, y) in enumerate(places):
        away = np.arange(bias, 1.5, step)
        at_x, at_y = x + away * east, y + away * north
        over = (at_x >= 0) & (at_x <= 1) & (at_y >= 0) & (at_y <= 1)
        ground = camera.height * level(levels, at_x[over], at_y[over])
        eye = camera.height * level(levels, np.array(x), np.array(y)) + away[over] * rise
        found[index] = (ground > eye).any()
    return found

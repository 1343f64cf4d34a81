"""A landscape as a solid block: its surface with the colours, the light and the iso-lines of the map, and walls."""

from dataclasses import dataclass

import numpy as np

from optviz.figures.engine.camera import Camera
from optviz.figures.engine.clip import Box
from optviz.figures.engine.horizon import FLOAT, Heights, Horizon
from optviz.figures.engine.pixels import interpolated, lit, srgb
from optviz.figures.engine.relief import Relief, line_count, lines
from optviz.figures.engine.theme import Theme, rgb

LIGHT = np.array([-0.5, 0.62, 0.6]) / np.linalg.norm([-0.5, 0.62, 0.6])  # rightwards, away from the eye, upwards
SHADING = 0.3  # how much of its level the light moves a slope
LAYERS = 0.55  # of the ink of iso-lines, where they go on in the walls
SMALL_MAP = 120  # px, on which it is counted how many iso-lines a landscape can carry
FINE = 2  # samples along a pixel's sides
# Where on the ramp the wall towards the light is, and the other one.
WALLS = {"dark": (0.46, 0.30), "light": (0.62, 0.86)}


@dataclass(frozen=True)
class Lens:
    """From widths of the block to pixels of a page: `scale` pixels a width, and where the middle of the block lies."""

    scale: float
    x: float
    y: float

    def page(self, seen: np.ndarray) -> np.ndarray:
        """(..., 2) what a camera sees, as page pixels."""
        return seen * (self.scale, -self.scale) + (self.x, self.y)


class Solid:
    """A block at its place on a page.

    Parameters
    ----------
    relief : Relief
    camera : Camera
    lens : Lens
    box : (left, top, right, bottom)
        In whole pixels: what is drawn.
    theme : Theme
    """

    def __init__(self, relief: Relief, heights: Heights, camera: Camera, lens: Lens, box: Box, theme: Theme):
        self.relief, self.heights, self.camera = relief, heights, camera
        self.lens, self.box, self.theme = lens, box, theme
        left, _, right, _ = box
        fine = (np.arange(FINE * round(right - left)) + 0.5) / FINE
        self.count = line_count(np.hypot(*np.gradient(interpolated(relief.levels, SMALL_MAP))))
        self.horizon = Horizon(heights, camera, (left + fine - lens.x) / lens.scale, round(right - left))

    def pixels(self) -> np.ndarray:
        """(height, width, 3) uint8: the block on the page."""
        _, top, _, bottom = self.box
        rows = FINE * round(bottom - top)
        up = ((self.lens.y - bottom + (np.arange(rows) + 0.5) / FINE) / self.lens.scale).astype(FLOAT)
        horizon, camera = self.horizon, self.camera
        columns, slices = len(horizon.columns), horizon.slices
        # How many rows, from the lowest, the surface up to each slice covers; and for each row the first that does.
        step = FLOAT(up[1] - up[0])
        covered = np.clip(np.ceil((horizon.highest - up[0]) / step), 0, rows).astype(np.int32)
        counted = covered + (rows + 1) * np.arange(columns, dtype=np.int32)[:, None]
        reached = np.bincount(counted.ravel(), minlength=columns * (rows + 1)).reshape(columns, rows + 1)
        first = np.cumsum(reached[:, :rows], axis=1, dtype=np.int32)
        colours = np.empty((columns, rows, 3), np.uint8)
        colours[:] = rgb(self.theme.page)
        column, row = np.nonzero((first > 0) & (first <= slices))
        colours[column, row] = self._ground(column, first[column, row], up[row])
        foot = FLOAT(camera.base * camera.height * camera.rise[1])
        near = horizon.near[:, 0] * FLOAT(camera.rise[0])
        column, row = np.nonzero((first == 0) & (up >= (foot - near)[:, None]) & horizon.inside[:, None])
        colours[column, row] = self._walls(column, (up[row] + near[column]) / FLOAT(camera.height * camera.rise[1]))
        shares = lit(np.arange(256)).astype(FLOAT) / FINE**2
        light = sum(shares[colours[x::FINE, y::FINE]] for x in range(FINE) for y in range(FINE))
        return srgb(np.swapaxes(light, 0, 1)[::-1])

    def _ground(self, column: np.ndarray, reached: np.ndarray, up: np.ndarray) -> np.ndarray:
        """The colours of the surface where it is first seen at a height on the page, as sRGB."""
        horizon, (sine, cosine) = self.horizon, self.camera.rise
        before, after = horizon.raised[column, reached - 1], horizon.raised[column, reached]
        at = (reached - 1 + (up - before) / (after - before)) / FLOAT(horizon.slices)
        along = horizon.near[column, 0] - at * horizon.reach[column, 0]
        level, by_x, by_y = self.heights.slopes(*horizon.places(horizon.columns[column].astype(FLOAT), along))
        (rx, ry), (tx, ty) = self.camera.right.astype(FLOAT), self.camera.towards.astype(FLOAT)
        right, towards = by_x * rx + by_y * ry, by_x * tx + by_y * ty
        high = FLOAT(self.camera.height)
        # n = (-right, away, 1) of the surface whose height is `high` times its level
        normal = np.sqrt(1 + high**2 * (right**2 + towards**2))
        lambert = (LIGHT[2] + high * (LIGHT[1] * towards - LIGHT[0] * right)) / normal
        facing = np.maximum(sine - high * cosine * towards, 1e-3)
        slope = np.hypot(right * sine, towards) / facing / self.lens.scale
        # Where high ground is the darker one light moves it down the ramp.
        shading = SHADING if sum(rgb(self.theme.ramp[-1])) > sum(rgb(self.theme.ramp[0])) else -SHADING
        return self.relief.coloured(level + shading * (lambert - LIGHT[2]), lines(level, slope, self.count))

    def _walls(self, column: np.ndarray, level: np.ndarray) -> np.ndarray:
        """The colours of the cut, as sRGB: the iso-lines go on as layers."""
        x, y = self.horizon.places(self.horizon.columns.astype(FLOAT)[:, None], self.horizon.near)
        along_x = (np.abs(y - 0.5) > np.abs(x - 0.5))[column, 0]
        tx, ty = self.camera.towards
        rx, ry = self.camera.right
        lights = [np.sign(ty) * ry, np.sign(tx) * rx]  # how far each wall is turned to the right
        bright, dim = WALLS[self.theme.name]
        tones = [bright if light < 0 else dim for light in lights]
        tone = np.where(along_x, *map(FLOAT, tones))
        slope = np.full_like(level, 1 / (self.lens.scale * self.camera.height * self.camera.rise[1]))
        return self.relief.coloured(tone, LAYERS * lines(level, slope, self.count))

"""What of a surface is seen: a floating horizon for each column of the picture.

Wright 1973, "A two-space solution to the hidden line problem for plotting functions of two variables", IEEE
Transactions on Computers C-22(1), 28-33. A sight line enters the block at its near rim and goes away from the eye. What
is seen of the surface along it is what rises above everything nearer: its running maximum on the page.
"""

import numpy as np

from optviz.figures.engine.camera import Camera

BIAS = 0.05  # widths: what is nearer in front of a point than this does not hide it
NOWHERE = -9.0  # widths: below anything that is seen
FLOAT = np.float32


class Heights:
    """A landscape of levels over the unit square, between its cells' centres bilinear.

    Parameters
    ----------
    levels : (n, n) float64
        Row 0 lowest y.
    """

    def __init__(self, levels: np.ndarray):
        # A rim of copies, so that a place and its neighbours always lie inside.
        self._cells = np.pad(np.asarray(levels, FLOAT), 1, mode="edge")
        self._flat, self._side = self._cells.ravel(), self._cells.shape[1]
        self.count = len(levels)

    def at(self, x: np.ndarray, y: np.ndarray) -> np.ndarray:
        """The levels at shares of the sides; beyond these those at the rim."""
        return self._between(self._flat, *self._located(x, y))

    def slopes(self, x: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """The level and its derivatives by x and y, per width."""
        place = self._located(x, y)
        down, across = np.gradient(self._cells)
        across, down = (part * FLOAT(self.count) for part in (across, down))
        found = [self._between(part.ravel(), *place) for part in (self._flat, across, down)]
        return found[0], found[1], found[2]

    def _located(self, x: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """The cell below and to the left of places, and the shares towards the next ones."""
        most = FLOAT(self.count + 0.5)
        column = np.clip(x * FLOAT(self.count) + FLOAT(0.5), FLOAT(0.5), most)
        row = np.clip(y * FLOAT(self.count) + FLOAT(0.5), FLOAT(0.5), most)
        left, low = column.astype(np.int32), row.astype(np.int32)
        return low * self._side + left, column - left, row - low

    def _between(self, cells: np.ndarray, cell: np.ndarray, right: np.ndarray, up: np.ndarray) -> np.ndarray:
        low = cells[cell]
        low += right * (cells[cell + 1] - low)
        cell = cell + self._side
        high = cells[cell]
        high += right * (cells[cell + 1] - high)
        high -= low
        low += up * high
        return low


class Horizon:
    """The surface along the sight lines of columns of a picture.

    Parameters
    ----------
    heights : Heights
    camera : Camera
    columns : (w,) float64
        Where the columns are, rightwards in widths from the middle, equally spaced.
    slices : int
        How many parts of each sight line are looked at.

    Attributes
    ----------
    near, reach : (w, 1) float32
        Where sight lines enter the block, towards the eye in widths from the middle, and how long they are in it; none
        where they miss it.
    raised : (w, slices + 1) float32
        Where the surface is seen, upwards in widths, from the near rim to the far one.
    highest : (w, slices + 1) float32
        Its running maximum.
    """

    def __init__(self, heights: Heights, camera: Camera, columns: np.ndarray, slices: int):
        self.camera, self.columns, self.slices = camera, columns, slices
        right, towards, (sine, cosine) = camera.right, camera.towards, camera.rise
        enter, leave = np.full(len(columns), np.inf), np.full(len(columns), -np.inf)
        for start, pace in zip((columns[:, None] * right).T, towards, strict=True):
            if abs(pace) < 1e-9:
                missed = np.abs(start) > 0.5
                enter, leave = np.where(missed, -np.inf, enter), np.where(missed, np.inf, leave)
            else:
                ends = np.sort((np.array([[-0.5], [0.5]]) - start) / pace, axis=0)
                enter, leave = np.minimum(enter, ends[1]), np.maximum(leave, ends[0])
        inside = enter >= leave
        self.near = np.where(inside, enter, 0.0).astype(FLOAT)[:, None]
        self.reach = np.where(inside, enter - leave, 0.0).astype(FLOAT)[:, None]
        self.inside = inside
        along = self.near - self.reach * np.linspace(0, 1, slices + 1, dtype=FLOAT)
        level = heights.at(*self.places(columns.astype(FLOAT)[:, None], along))
        self.raised = level * FLOAT(camera.height * cosine) - along * FLOAT(sine)
        self.raised[~inside] = NOWHERE
        self.highest = np.maximum.accumulate(self.raised, axis=1)

    def places(self, across: np.ndarray, along: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """x and y, shares of the unit square, of places on the ground, rightwards and towards the eye."""
        (rx, ry), (tx, ty) = self.camera.right.astype(FLOAT), self.camera.towards.astype(FLOAT)
        return across * rx + along * tx + FLOAT(0.5), across * ry + along * ty + FLOAT(0.5)

    def hides(self, places: np.ndarray, level: np.ndarray) -> np.ndarray:
        """Which places of the unit square at a level something hides: nearer, but not next to them, and above.

        Parameters
        ----------
        places : (n, 2) float64
        level : (n,) float64

        Returns
        -------
        (n,) bool
        """
        across, up = self.camera.seen(places, level).T
        along = (places - 0.5) @ self.camera.towards
        step = self.columns[1] - self.columns[0]
        column = np.clip((across - self.columns[0]) / step, 0, len(self.columns) - 1)
        left = np.minimum(column.astype(int), len(self.columns) - 2)
        before = []
        for at in (left, left + 1):
            near, reach = self.near[at, 0], np.maximum(self.reach[at, 0], 1e-9)
            cell = (near - along - BIAS) / reach * self.slices
            last = np.clip(cell.astype(int), 0, self.slices - 1)
            part = np.clip(cell - last, 0, 1)
            ahead = (1 - part) * self.raised[at, last] + part * self.raised[at, last + 1]
            before.append(np.where((cell >= 0) & self.inside[at], np.maximum(self.highest[at, last], ahead), NOWHERE))
        share = column - left
        return (1 - share) * before[0] + share * before[1] > up

"""Ellipses of curvature: what a function looks like from near each of its minimizers.

There f is f* + ½ dᵀ H d for a small step d, so that its level lines are ellipses. Their axes lie along the eigenvectors
of the Hessian H, and are as long as one over the square root of the eigenvalues.
"""

from collections.abc import Iterator

import numpy as np

from optviz.figures.engine.items import Item, shapes, stroke
from optviz.figures.engine.panel import Mark

LONGEST = 0.09  # of the view's width: the longer half axis
THINNEST = 0.004  # of the view's width: the shorter half axis, so that a line remains
CORNERS = 72


class Ellipses(Mark):
    """A level line of the quadratic function that fits each minimizer, all of one length.

    Parameters
    ----------
    points : (k, 2) float64
    hessians : (k, 3) float64
        Second derivatives by xx, xy and yy; NaN where there are none.
    """

    name = "curvature"

    def __init__(self, points: np.ndarray, hessians: np.ndarray):
        self._points, self._hessians = points, hessians

    def still(self) -> Iterator[Item]:
        (left, right), (low, high) = ((axis.low, axis.high) for axis in (self.panel.x, self.panel.y))
        width, style = np.array([right - left, high - low]), self.panel.style
        casing, opacity = style.theme.casing
        drawn = []
        for point, hessian in zip(self._points, self._hessians, strict=True):
            around = ellipse(hessian, width)
            if around is None:
                continue
            for outline, ink in self.panel.outlines(point + around * width):
                drawn += [
                    stroke(outline, casing, style.length(3.2), opacity * ink),
                    stroke(outline, style.theme.ink, style.length(1.2), 0.9 * ink),
                ]
        yield shapes(drawn, clip=self.panel.box)


def ellipse(hessian: np.ndarray, width: np.ndarray) -> np.ndarray | None:
    """(n, 2) float64: corners around 0, in units of the view's widths; None where there is no strict minimum."""
    xx, xy, yy = np.asarray(hessian, float)
    if not np.isfinite([xx, xy, yy]).all():
        return None
    # In units of the view, so that an ellipse looks as its level lines do.
    matrix = np.array([[xx, xy], [xy, yy]]) * np.outer(width, width)
    values, vectors = np.linalg.eigh(matrix)
    if not values[0] > 1e-12 * values[1]:
        return None
    axes = LONGEST * np.sqrt(values[0] / values)
    turns = np.linspace(0, 2 * np.pi, CORNERS, endpoint=False)
    around = np.stack([np.cos(turns), np.sin(turns)], axis=1) * np.maximum(axes, THINNEST)
    return around @ vectors.T

"""A set of axes on the page: ground, rules, labels and heading."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from optviz.figures.axis import Axis
from optviz.figures.engine.clip import Box
from optviz.figures.engine.theme import Theme
from optviz.figures.layout import Scale
from optviz.figures.page import NONE, Item, Label, Outline, rectangle, rgba, shapes


@dataclass(frozen=True)
class Panel:
    """Where quantities stand.

    Attributes
    ----------
    box : (left, top, right, bottom)
        In pixels; labels and heading stand outside.
    heading : str
    x, y : Axis
    labelled : bool
        Whether it carries the labels of y, which panels side by side share.
    """

    box: Box
    heading: str
    x: Axis
    y: Axis
    labelled: bool = True

    def place(self, x: np.ndarray, y: np.ndarray) -> np.ndarray:
        """(n, 2) float64: where the points lie on the page."""
        left, top, right, bottom = self.box
        return np.stack([left + self.x.share(x) * (right - left), bottom - self.y.share(y) * (bottom - top)], axis=-1)

    def ground(self, scale: Scale, colours: Theme) -> Iterator[Item]:
        """What lies below the curves."""
        left, top, right, bottom = self.box
        small = scale.font(12)
        rules = [(rectangle(self.box), NONE, rgba(colours.panel), 0.0)]
        for at, label in self.y.ticks:
            y = bottom - (at - self.y.low) / (self.y.high - self.y.low) * (bottom - top)
            rules.append((Outline(np.array([(left, y), (right, y)])), rgba(colours.grid), NONE, 1.0))
            if self.labelled:
                yield Label(left - 6, y + 0.36 * small, label, small, colours.muted, anchor="right")
        for at, label in self.x.ticks:
            x = left + (at - self.x.low) / (self.x.high - self.x.low) * (right - left)
            rules.append((Outline(np.array([(x, bottom), (x, bottom + 4)])), rgba(colours.muted), NONE, 1.0))
            yield Label(x, bottom + small + 5, label, small, colours.muted, anchor="center")
        rules.append((Outline(np.array([(left, bottom), (right, bottom)])), rgba(colours.muted), NONE, 1.0))
        yield shapes(rules)
        yield Label(left, top - 8, self.heading, small, colours.muted)

"""What optimizers looked at on their way: a dot for each evaluation that is not where they went."""

from collections.abc import Iterator, Sequence

import numpy as np

from optviz.figures.engine.clip import inside
from optviz.figures.engine.items import Item, Outline, Strokes, rgba
from optviz.figures.engine.panel import Mark, Panel
from optviz.figures.engine.style import Entrant
from optviz.results import Trajectory

SIZE, HEM = 3.6, 0.8  # px, across a dot, and of its casing on each side
OPACITY = 0.7  # of a dot
FEW = 200  # dots that one optimizer shows in full; more of them are fainter, so that they make no lid
_DOT = np.array([(0.0, 0.0), (0.01, 0.0)])  # with round caps


class Looks(Mark):
    """Dots at the points of evaluations, which come with the steps that made them and stay.

    Parameters
    ----------
    entrants : sequence of Entrant
    runs : sequence of Trajectory
        Those that have kept no points have no dots.
    schedule : (frames,) float64
        The step that each frame shows.
    """

    name = "looks"

    def __init__(self, entrants: Sequence[Entrant], runs: Sequence[Trajectory], schedule: np.ndarray):
        self._steps = np.floor(schedule + 1e-9).astype(int)
        self._kept = [
            (one, run.evaluated, run.evaluated_at)
            for one, run in zip(entrants, runs, strict=True)
            if one.chosen and run.evaluated is not None and run.evaluated_at is not None
        ]

    def place(self, panel: Panel) -> None:
        super().place(panel)
        self._dots = []
        for entrant, points, at in self._kept:
            page = panel.to_page(points)
            shown = inside(page, panel.box) & (at > 0)  # the start has a sign of its own
            ink = panel.ink(points[shown]) * min(1.0, (FEW / max(shown.sum(), 1)) ** 0.5) * OPACITY
            self._dots.append((entrant.colour, page[shown], at[shown], ink))

    def added(self, first: int, last: int) -> Iterator[Item]:
        begin, end = 0 if first < 0 else int(self._steps[first]), int(self._steps[last])
        style = self.panel.style
        size, (casing, opacity) = style.length(SIZE), style.theme.casing
        paths: list[Outline] = []
        edges: list[tuple[float, ...]] = []
        widths: list[float] = []
        for colour, page, at, inks in self._dots:
            start, stop = np.searchsorted(at, (begin, end), side="right")
            for place, ink in zip(page[start:stop], inks[start:stop].tolist(), strict=True):
                paths += [Outline(place + _DOT)] * 2
                edges += [rgba(casing, opacity * ink), rgba(colour, ink)]
                widths += [size + 2 * style.length(HEM), size]
        if paths:
            clear = np.zeros((len(paths), 4))
            yield Strokes(paths, np.array(edges), clear, np.array(widths), "round", self.panel.box)

"""A view of the map with everything that is drawn on it: trails, comets, landmarks, heads, badges."""

from collections.abc import Sequence

import numpy as np

from optviz.figures.engine.interleave import interleave
from optviz.figures.engine.theme import Theme
from optviz.figures.engine.trails import HEM, Pen, Trail, comets, merged
from optviz.figures.field import Field
from optviz.figures.layout import MapView, Scale
from optviz.figures.page import Item, Strokes
from optviz.results import Race


class MapPanel:
    """One view of a race.

    Parameters
    ----------
    race : Race
    colours, shapes : sequence of str
        Of the optimizers, in the order of the race.
    view : MapView
    schedule : (frames,) float64
        The step that each frame shows.
    order : sequence of int
        In which the trails of a frame are drawn.
    scale : Scale
    theme : Theme
    whole : bool
        Whether this is the whole map, so that arrows at its border stand for heads that have left it. A part of the
        map leaves such heads out.
    """

    def __init__(
        self,
        race: Race,
        colours: Sequence[str],
        shapes: Sequence[str],
        view: MapView,
        schedule: np.ndarray,
        order: Sequence[int],
        scale: Scale,
        theme: Theme,
        whole: bool = True,
    ):
        self.view = view
        pen = Pen(
            width=scale.length(2.2),
            hem=max(HEM, scale.length(HEM)),
            leap=scale.length(46),
            bead=scale.length(7),
            patch=scale.length(8),
            crossings=1.5,
        )
        self.trails = [
            Trail(view.to_page(run.points), colour, view.box, pen, theme)
            for run, colour in zip(race.trajectories, colours, strict=True)
        ]
        interleave(self.trails, order, view.box, scale.factor)
        self.field = Field(race, self.trails, colours, shapes, view, schedule, scale, theme, whole)
        self._landmarks = self.field.landmarks()
        self._schedule, self._order = schedule, order

    def added(self, first: int, last: int) -> list[Strokes]:
        """Trails of the steps after `first` up to `last`."""
        casings, cores = [], []
        for index in self._order:
            hems, lines = self.trails[index].strokes(first, last)
            casings += hems
            cores += lines
        items = [merged(casings, "butt", self.view.box), merged(cores, "round", self.view.box)]
        return [item for item in items if item.paths]

    def comets(self, frame: int, order: Sequence[int]) -> list[Strokes]:
        """The last steps of each optimizer, the leader's on top."""
        at, heads = self._schedule[frame], self.field.true[frame]
        drawn = comets([self.trails[index].comet(at, heads[index]) for index in reversed(order)], self.view.box)
        return [drawn] if drawn.paths else []

    def heads(self, frame: int, order: Sequence[int]) -> list[Item]:
        """Landmarks, heads and badges."""
        field = self.field
        return [*field.leaders(frame, order), *self._landmarks, *field.heads(frame, order), *field.written(frame)]

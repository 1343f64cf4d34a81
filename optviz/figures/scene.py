"""A race as what stands still, what is added frame by frame, and what moves."""

import json

import numpy as np

from optviz.figures import footer, header
from optviz.figures.curve import Curve
from optviz.figures.engine import theme as themes
from optviz.figures.engine.clip import grown
from optviz.figures.engine.relief import Relief
from optviz.figures.engine.timeline import schedule
from optviz.figures.engine.trails import merged
from optviz.figures.layout import MapView, Scale, arranged, checked
from optviz.figures.lens import lens
from optviz.figures.map_panel import MapPanel
from optviz.figures.page import (
    NONE,
    Item,
    Label,
    Outline,
    Picture,
    Strokes,
    around,
    rectangle,
    rgba,
    rounded,
    shapes,
)
from optviz.figures.standings import Standings
from optviz.figures.table import Table
from optviz.results import Race, plain

RANK_EVERY, VALUES_EVERY = 10, 2  # frames
LEAST_CURVE = 95.0  # px of height at 800 x 600


class Scene:
    """Everything in a race picture.

    Parameters
    ----------
    race : Race
    size : (width, height)
        In pixels.
    theme : {"dark", "light"}
    frames : int
        How many frames tell the story.
    """

    def __init__(self, race: Race, size: tuple[int, int], theme: str, frames: int):
        self.race, self.theme = race, themes.find(theme)
        names = [run.optimizer for run in race.trajectories]
        self.colours = [*themes.colours(names, self.theme).values()]
        heads = [*themes.heads(names).values()]
        self.standings = Standings(race)
        self.schedule = schedule(frames, race.steps)
        self.steps = np.floor(self.schedule + 1e-9).astype(int)
        self._final = self.standings.order(race.steps)

        self._scale = scale = Scale.of(checked(size))
        self.table = Table(race, self.standings, self.colours, heads, scale, self.theme)
        self._key = footer.key(race)
        self.layout = arranged(race, size, scale, footer.key_width(self._key, scale), self.table.wanted_width(size[0]))
        room = self.table.place(self.layout.beside, scale.length(LEAST_CURVE))
        self.curve = Curve(self.standings, self.colours, heads, room, scale, self.theme) if room else None

        def panel(view: MapView, whole: bool) -> MapPanel:
            return MapPanel(race, self.colours, heads, view, self.schedule, self._final, scale, self.theme, whole)

        self._map = panel(self.layout.map, True)
        field = self._map.field
        self._lens = lens(self.layout.map, self._map.trails, np.concatenate([field.minima, field.start[None]]), scale)
        self._panels = [self._map, *([panel(self._lens.view, False)] if self._lens else [])]
        self._frames = self._map_frames()

    def still(self) -> list[Item]:
        """What never changes: header, map, axes, frames, footer."""
        landscape, view = self.race.landscape, self.layout.map
        relief = Relief(landscape.values, landscape.minimum, self.theme)
        items: list[Item] = [Picture(relief.shaded(view.side), view.x, view.y)]
        if self._lens:
            items.append(self._lens.pointer(self._scale, self.theme))
            glass = self._lens.view
            items.append(Picture(relief.shaded(glass.side, self._lens.share), glass.x, glass.y))
        items += header.title(self.layout, self.theme) + header.counter(self.layout, self.race.steps, self.theme)
        items += self._axes()
        items += self.curve.frame() if self.curve else []
        items += self.table.frame()
        items += footer.foot(self.race, self._key, self.layout, self.theme)
        items.append(shapes([(rectangle(self.layout.bar), NONE, rgba(self.theme.grid), 0.0)]))
        return items

    def _axes(self) -> list[Item]:
        layout, theme, scale = self.layout, self.theme, self._scale
        view, small = layout.map, layout.footer.size
        below, beside = view.y + view.side + small + scale.length(5), view.x - scale.length(6)
        bottom, mark = view.y + view.side, scale.length(3)
        lines = [Outline(np.array([(x, bottom), (x, bottom + mark)])) for x, _ in layout.x_ticks]
        lines += [Outline(np.array([(view.x - mark, y), (view.x, y)])) for y, _ in layout.y_ticks]
        colour, hair = rgba(theme.muted, 0.7), max(1.0, scale.length(1))
        return [
            *([shapes([(line, colour, NONE, hair) for line in lines])] if lines else []),
            *(Label(x, below, text, small, theme.muted, anchor="center") for x, text in layout.x_ticks),
            *(Label(beside, y + 0.36 * small, text, small, theme.muted, anchor="right") for y, text in layout.y_ticks),
            Label(view.x + view.side, below, "x", small, theme.muted, italic=True, anchor="right"),
            Label(beside, view.y + 0.8 * small, "y", small, theme.muted, italic=True, anchor="right"),
        ]

    def added(self, first: int, last: int) -> list[Strokes]:
        """Trails and curves of the steps after `first` up to `last`; best final value first, worst on top."""
        items = [item for panel in self._panels for item in panel.added(first, last)]
        if self.curve:
            lines = [line for index in self._final for line in self.curve.strokes(index, first, last)]
            items += [merged(lines, "round", grown(self.curve.box, 1))] if lines else []
        return items

    def ranking(self, frame: int) -> list[int]:
        """The order of the table: that of every tenth frame and of the last."""
        last = frame == len(self.schedule) - 1
        return self.standings.order(self.steps[frame if last else frame // RANK_EVERY * RANK_EVERY])

    def rows(self, frame: int) -> list[Label]:
        """The texts of the table: the values of every second frame and of the last."""
        last = frame == len(self.schedule) - 1
        valued = frame if last else frame // VALUES_EVERY * VALUES_EVERY
        return self.table.rows(self.ranking(frame), int(self.steps[valued]))

    def moving(self, frame: int) -> list[Item]:
        """What is drawn anew in every frame: comets, heads, badges, step, progress."""
        layout, theme, at = self.layout, self.theme, self.schedule[frame]
        last = frame == len(self.schedule) - 1
        order = self.standings.order(self.steps[frame])
        items: list[Item] = []
        for panel in self._panels if not last else []:
            items += panel.comets(frame, order)
        items += self._frames
        for panel in self._panels:
            items += panel.heads(frame, order)
        if self.curve:
            items += self.curve.clipped(int(self.steps[frame])) + self.curve.heads(at, order)
        items.append(header.step_number(layout, int(self.steps[frame]), self.race.steps, theme))
        left, top, right, bottom = layout.bar
        if share := 1.0 if last else at / max(self.race.steps, 1):  # like the counter: time is not even, frames are
            done = rectangle((left, top, left + share * (right - left), bottom))
            items.append(shapes([(done, NONE, rgba(theme.ink), 0.0)]))
        return items

    def _map_frames(self) -> list[Item]:
        """Page colour over the map's corners, a hairline around it, and the frame of the lens."""
        theme, scale, box = self.theme, self._scale, self.layout.map.box
        hair, radius = max(1.0, scale.length(1)), scale.length(8)
        edge = (rounded(grown(box, -0.5), radius), rgba(theme.muted, 0.35), NONE, hair)
        corners = shapes([(around(box, radius), NONE, rgba(theme.page), 0.0), edge])
        return [corners, *(self._lens.frame(scale, theme) if self._lens else [])]


def facts(race: Race) -> str:
    """The run's facts as one JSON document in plain ASCII."""
    runs = [
        {
            "optimizer": run.optimizer,
            "variant": run.variant,
            "defaults": run.defaults,
            "learning_rate": race.rates.get(run.optimizer),
            "hyperparameters": run.hyperparameters,
            "diverged_at": run.diverged_at,
        }
        for run in race.trajectories
    ]
    document = {
        "function": race.landscape.function,
        "start": race.start,
        "steps": race.steps,
        "seed": race.seed,
        "provenance": race.provenance(),
        "tuning": race.tuning,
        "runs": runs,
    }
    return json.dumps(plain(document))

"""A race as what stands still, what is added frame by frame, and what moves."""

import json

import numpy as np

from optviz.figures import theme as themes
from optviz.figures.clip import grown
from optviz.figures.curve import Curve
from optviz.figures.field import Field
from optviz.figures.heads import ARROW, DISC, STAR, placed
from optviz.figures.layout import Scale, arranged, checked
from optviz.figures.levels import shaded
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
from optviz.figures.text import width
from optviz.figures.timeline import schedule
from optviz.figures.trails import Pen, Trail, comets, merged
from optviz.results import Race, plain

RANK_EVERY, VALUES_EVERY = 10, 2  # frames


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
        colours = [*themes.colours(names, self.theme).values()]
        heads = [*themes.heads(names).values()]
        self.colours = colours
        self.standings = Standings(race)
        self.schedule = schedule(frames, race.steps)
        self.steps = np.floor(self.schedule + 1e-9).astype(int)
        self._final = self.standings.order(race.steps)

        scale = Scale.of(checked(size))
        self.table = Table(race, self.standings, colours, heads, scale, self.theme)
        self._key = _key(race)
        self.layout = arranged(race, size, scale, _key_width(self._key, scale), self.table.least_width())
        view = self.layout.map
        pen = Pen(
            width=scale.length(2.2),
            hem=scale.length(1.3),
            leap=scale.length(46),
            bead=scale.length(7),
            patch=scale.length(6),
            ink=0.55,
        )
        self.trails = [
            Trail(view.to_page(run.points), colour, view.box, pen, self.theme)
            for run, colour in zip(race.trajectories, colours, strict=True)
        ]
        self.field = Field(race, self.trails, colours, heads, view, self.schedule, scale, self.theme)
        room = self.table.place(self.layout.beside, scale.length(95))
        self._landmarks, self._frame = self.field.landmarks(), self._corners()
        self.curve = Curve(self.standings, colours, heads, room, scale, self.theme) if room else None

    def still(self) -> list[Item]:
        """What never changes: header, map, axes, frames, footer."""
        layout, theme, scale = self.layout, self.theme, self.layout.scale
        view, small = layout.map, layout.footer.size
        landscape = self.race.landscape
        items: list[Item] = [Picture(shaded(landscape.values, landscape.minimum, view.side, theme), view.x, view.y)]
        items.append(
            Label(layout.margin, layout.title.baseline, layout.title.lines[0], layout.title.size, theme.ink, bold=True)
        )
        for row, text in enumerate(layout.formula.lines):
            y = layout.formula.baseline + row * layout.formula.pitch
            items.append(Label(layout.margin, y, text, layout.formula.size, theme.muted))
        below = view.y + view.side + small + scale.length(5)
        beside = view.x - scale.length(6)
        items += [Label(x, below, text, small, theme.muted, anchor="center") for x, text in layout.x_ticks]
        items += [
            Label(beside, y + 0.36 * small, text, small, theme.muted, anchor="right") for y, text in layout.y_ticks
        ]
        items.append(Label(view.x + view.side, below, "x", small, theme.muted, italic=True, anchor="right"))
        items.append(Label(beside, view.y + 0.8 * small, "y", small, theme.muted, italic=True, anchor="right"))
        items += self._ticks()
        items += self.curve.frame() if self.curve else []
        items += self.table.frame()
        items += self._counter_words() + self._footer()
        items.append(shapes([(rectangle(layout.bar), NONE, rgba(theme.grid), 0.0)]))
        return items

    def _ticks(self) -> list[Item]:
        view, mark = self.layout.map, self.layout.scale.length(3)
        bottom = view.y + view.side
        lines = [Outline(np.array([(x, bottom), (x, bottom + mark)])) for x, _ in self.layout.x_ticks]
        lines += [Outline(np.array([(view.x - mark, y), (view.x, y)])) for y, _ in self.layout.y_ticks]
        if not lines:
            return []
        colour = rgba(self.theme.muted, 0.7)
        return [shapes([(line, colour, NONE, max(1.0, self.layout.scale.length(1))) for line in lines])]

    def _counter_words(self) -> list[Item]:
        layout, scale, theme = self.layout, self.layout.scale, self.theme
        size, right = scale.font(14), layout.size[0] - layout.margin
        total = Label(right, layout.title.baseline, f"/ {self.race.steps}", size, theme.muted, anchor="right")
        self._counter = total.left - scale.length(8)
        widest = width("8" * len(str(self.race.steps)), scale.font(20), bold=True)
        left = self._counter - widest - scale.length(8)
        return [total, Label(left, layout.title.baseline, "step", size, theme.muted, anchor="right")]

    def _footer(self) -> list[Item]:
        layout, theme, scale = self.layout, self.theme, self.layout.scale
        footer, small = layout.footer, layout.footer.size
        items: list[Item] = []
        x, middle = float(layout.margin), layout.key - 0.36 * small
        for shape, text in self._key:
            x += scale.length(7)
            if shape == "start":
                ring = placed(DISC, x, middle, scale.length(4.6))
                items.append(shapes([(ring, rgba(theme.ink), NONE, scale.length(1.8))]))
            elif shape == "arrow":
                items.append(shapes([(placed(ARROW, x, middle, scale.length(5)), NONE, rgba(theme.ink), 0.0)]))
            else:
                star = placed(STAR, x, middle, scale.length(7.5 if shape == "minimum" else 6.5))
                full = shape == "minimum"
                edge, face = (NONE, rgba(theme.ink)) if full else (rgba(theme.ink, 0.75), NONE)
                items.append(shapes([(star, edge, face, scale.length(1.1))]))
            items.append(Label(x + scale.length(12), layout.key, text, small, theme.muted))
            x += scale.length(12) + width(text, small) + scale.length(12)
        shared = layout.key == footer.baseline
        for row, text in enumerate(footer.lines):
            y = footer.baseline + row * footer.pitch
            x, anchor = (layout.size[0] - layout.margin, "right") if shared else (layout.margin, "left")
            items.append(Label(x, y, text, small, theme.muted, anchor=anchor))
        return items

    def added(self, first: int, last: int) -> list[Strokes]:
        """Trails and curves of the steps after `first` up to `last`; best final value first, worst on top."""
        casings, cores, curves = [], [], []
        for index in self._final:
            hems, lines = self.trails[index].strokes(first, last)
            casings += hems
            cores += lines
            if self.curve:
                curves += self.curve.strokes(index, first, last)
        box = self.layout.map.box
        items = [merged(casings, "butt", box), merged(cores, "round", box)]
        if self.curve:
            items.append(merged(curves, "round", grown(self.curve.box, 1)))
        return [item for item in items if item.paths]

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
        if not last:
            pieces = [self.trails[index].comet(at, self.field.true[frame, index]) for index in reversed(order)]
            items += [comet for comet in [comets(pieces, layout.map.box)] if comet.paths]
        items += [self._frame, *self.field.leaders(frame, order), *self._landmarks]
        items += self.field.heads(frame, order) + self.field.written(frame)
        if self.curve:
            items += self.curve.clipped(self.steps[frame]) + self.curve.heads(at, order)
        size = layout.scale.font(20)
        step = str(self.steps[frame])
        items.append(Label(self._counter, layout.title.baseline, step, size, theme.ink, bold=True, anchor="right"))
        left, top, right, bottom = layout.bar
        share = frame / max(1, len(self.schedule) - 1) if len(self.schedule) > 1 else 1.0
        if share:
            done = rectangle((left, top, left + share * (right - left), bottom))
            items.append(shapes([(done, NONE, rgba(theme.ink), 0.0)]))
        return items

    def _corners(self) -> Strokes:
        """The map's frame: page colour over its corners, and a hairline."""
        box, radius = self.layout.map.box, self.layout.scale.length(8)
        corners = (around(box, radius), NONE, rgba(self.theme.page), 0.0)
        hair = max(1.0, self.layout.scale.length(1))
        return shapes([corners, (rounded(grown(box, -0.5), radius), rgba(self.theme.muted, 0.35), NONE, hair)])

    def comment(self) -> str:
        """The run's facts as JSON in plain ASCII."""
        race = self.race
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
        facts = {
            "function": race.landscape.function,
            "start": race.start,
            "steps": race.steps,
            "seed": race.seed,
            "provenance": race.provenance(),
            "tuning": race.tuning,
            "runs": runs,
        }
        return json.dumps(plain(facts))


def _key(race: Race) -> list[tuple[str, str]]:
    """What the signs on the map mean, those that occur."""
    landscape = race.landscape
    (left, right), (low, high) = landscape.view
    on_map = lambda points: (
        (points[:, 0] >= left) & (points[:, 0] <= right) & (points[:, 1] >= low) & (points[:, 1] <= high)
    )
    key = []
    if on_map(np.array([race.start])).any():
        key.append(("start", "start"))
    if (count := on_map(landscape.minimizers).sum()) > 0:
        key.append(("minimum", "minimum" if count == 1 else "minima"))
    if on_map(landscape.local_minimizers).any():
        key.append(("local", "local minimum"))
    with np.errstate(invalid="ignore"):
        if any((~on_map(run.points[np.isfinite(run.points).all(axis=1)])).any() for run in race.trajectories) or any(
            run.diverged_at is not None for run in race.trajectories
        ):
            key.append(("arrow", "off the map"))
    return key


def _key_width(key: list[tuple[str, str]], scale: Scale) -> float:
    return sum(scale.length(31) + width(text, scale.font(12)) for _, text in key) - scale.length(12)

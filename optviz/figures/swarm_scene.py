"""A swarm as what stands still and what moves: the maps with their dots, and the rest."""

import json

import numpy as np

from optviz.figures import header
from optviz.figures.engine import theme as themes
from optviz.figures.engine.clip import Box
from optviz.figures.engine.minimizer_colours import minimizer_colours
from optviz.figures.engine.text import width
from optviz.figures.engine.theme import Theme
from optviz.figures.engine.wording import rate
from optviz.figures.layout import Scale, checked, counter_width
from optviz.figures.page import NONE, Item, Label, Picture, Strokes, rectangle, rgba, shapes
from optviz.figures.swarm_axes import marked, said, telling
from optviz.figures.swarm_chart import Chart, chart_width
from optviz.figures.swarm_key import Key, entries, percent, untabled
from optviz.figures.swarm_layout import Caption, arranged
from optviz.figures.swarm_map import NOWHERE, SwarmMap
from optviz.figures.swarm_story import Story
from optviz.results.saved import plain
from optviz.results.swarm import Swarm

LEAST_CHART, MOST_CHART = 100.0, 240.0  # px of height
LEAST_WIDTH = 190.0  # px of the column beside a single map
APART = 22.0
ARRIVED = " arrived"


class SwarmScene:
    """Everything in a picture of a swarm.

    Parameters
    ----------
    swarm : Swarm
    size : (width, height)
        In pixels.
    theme : {"dark", "light"} or Theme
    resting : bool
        Whether this is a still picture, which shows a single flock at several moments. Else each flock has one map.

    Raises
    ------
    UsageError
        If the size or the theme cannot be used, or if the maps would be too small.
    """

    def __init__(self, swarm: Swarm, size: tuple[int, int], theme: str | Theme, resting: bool = False):
        self.swarm, self.theme, self.story = swarm, themes.find(theme), Story(swarm)
        self._size = size = checked(size)
        self._scale = scale = Scale.of(size)
        moments = self.story.moments(0) if resting and len(swarm.runs) == 1 else []
        self._moments = moments if len(moments) > 1 else []
        self._single = len(self._moments or swarm.runs) == 1
        self.colours = [*minimizer_colours(swarm.minimizers, self.theme), NOWHERE[self.theme.name]]
        self.steps = np.zeros(self.story.frames, int)  # nothing is drawn to stay
        heads = themes.heads(one.contender.optimizer for one in swarm.runs)
        self._heads = [heads[one.contender.optimizer] for one in swarm.runs]
        lines = entries(self.story, self.colours, self.theme)
        lines = lines if self._single else untabled(lines, shares=len(swarm.runs) == 1)
        self.table = Key(lines, self._notes(), scale, self.theme)

        self._captions = [Caption(f"step {int(self.story.steps[frame]):,}", "") for frame in self._moments] or [
            Caption(one.contender.title, _rate(swarm, k), True) for k, one in enumerate(swarm.runs)
        ]
        wide, high = self.table.column
        strip = self.table.flow(size[0] - 2 * scale.length(16))
        self._heading = 0.0
        if self._single:
            self._heading = scale.font(16) + scale.length(16)
            wide, strip = max(wide, scale.length(LEAST_WIDTH), self._heading_width()), self._heading + high
        places = arranged(swarm, size, scale, self._captions, self._foot(), self._corner(), (wide, high), strip)
        self.layout, self._lines, self._column = places.page, places.lines, places.beside
        room = self._settled(places.beside, places.stacked)
        self.chart = Chart(self.story, self.colours[:-1], self._heads, room, scale, self.theme) if room else None
        flocks = [0] * len(self._moments) or range(len(swarm.runs))
        self.maps = [
            SwarmMap(self.story, flock, view, self.colours, scale, self.theme)
            for flock, view in zip(flocks, places.views, strict=True)
        ]

    def _notes(self) -> list[str]:
        view = self.swarm.landscape.view
        if self._single:
            rulers = [marked(low, high, self._scale.font(12)) for low, high in view]
            return [f"{name} = {one.note}" for name, one in zip("xy", rulers, strict=True) if one.note]
        ends = [said(name, *ends) for name, ends in zip("xy", view, strict=True)]
        near = all(telling(*ends) for ends in view)
        return ["bar: runs that have arrived", *([", ".join(ends)] if near else ends)]

    def _heading_width(self) -> float:
        """The room that the only optimizer's name and rate need beside the share that has arrived."""
        bold, quiet, gap = self._scale.font(16), self._scale.font(14), self._scale.length(8)
        name = width(self.swarm.runs[0].contender.title, bold, bold=True) + gap + width(_rate(self.swarm, 0), quiet)
        return name + 1.5 * gap + width(">99%", bold, bold=True) + width(ARRIVED, quiet)

    def _foot(self) -> float:
        """The room below each map: for the ends of its axis, or for its bar."""
        length, small = self._scale.length, self._scale.font(12)
        if self._single:
            return small + length(8)
        spoilt = any((one.diverged > 0).any() for one in self.swarm.runs)
        return length(9) + small + (small + length(4) if spoilt else 0.0)

    def _corner(self) -> float:
        """The room in the upper right corner of the page."""
        if not self._moments:
            return counter_width(self.swarm.steps, self._scale)
        return sum(label.width for label in self._whose(0.0)) + self._scale.length(8)

    def _settled(self, box: Box, stacked: bool) -> Box | None:
        """Give the key its place beside or below the maps; return what is left for the curve."""
        left, top, right, bottom = box
        length, (wide, high) = self._scale.length, self.table.column
        least = chart_width(self._scale)
        top += self._heading
        flowing = stacked and not self._single
        below = self.table.flow(right - left) if flowing else high
        most = max(length(MOST_CHART), 0.62 * (right - left))
        chart = min(bottom - top - below - length(14), most)
        beside, enough = right - left - wide - length(APART), max(high, length(LEAST_CHART))
        if stacked and chart < most and beside >= least and bottom - top >= enough:
            self.table.place((right - wide, top, right, bottom), False)
            return left, top, left + beside, min(bottom, top + most)
        if chart < length(LEAST_CHART) or right - left < least:
            self.table.place((left, top, right, top + below), flowing)
            return None
        self.table.place((left, top + chart + length(14), right, bottom), flowing)
        return left, top, right, top + chart

    def still(self) -> list[Item]:
        """What never changes."""
        layout, theme = self.layout, self.theme
        items: list[Item] = [*header.title(layout, theme), *self.table.still()]
        if self._moments:
            items += self._whose(layout.title.baseline)
        else:
            items += header.counter(layout, self.swarm.steps, theme)
            items.append(shapes([(rectangle(layout.bar), NONE, rgba(theme.grid), 0.0)]))
        for index, (one, caption) in enumerate(zip(self.maps, self._captions, strict=True)):
            if self._single:
                items += [*one.edges(), *self._named()]
            else:
                shape = self._heads[index] if self.chart and caption.signed else None
                items += [*one.caption(caption, shape, self._lines), *one.track()]
        items += self.chart.still() if self.chart else []
        footer = layout.footer
        items += [
            Label(layout.margin, footer.baseline + row * footer.pitch, words, footer.size, theme.muted)
            for row, words in enumerate(footer.lines)
        ]
        return items

    def _named(self) -> list[Label]:
        """The only optimizer's name and rate, over the column beside its map."""
        left, top, _, _ = self._column
        size = self._scale.font(16)
        name = Label(left, top + 0.8 * size, self.swarm.runs[0].contender.title, size, self.theme.ink, bold=True)
        after = left + name.width + self._scale.length(8)
        return [name, Label(after, name.y, _rate(self.swarm, 0), self._scale.font(14), self.theme.muted)]

    def _whose(self, baseline: float) -> list[Label]:
        """The only optimizer's name and rate, in the corner of the page."""
        size, right = self._scale.font(16), self._size[0] - round(self._scale.length(16))
        lr = Label(right, baseline, _rate(self.swarm, 0), self._scale.font(14), self.theme.muted, anchor="right")
        title, before = self.swarm.runs[0].contender.title, lr.left - self._scale.length(8)
        return [lr, Label(before, baseline, title, size, self.theme.ink, bold=True, anchor="right")]

    def added(self, first: int, last: int) -> list[Strokes]:
        """Nothing: dots leave no trails."""
        return []

    def ranking(self, frame: int) -> int:
        """The same in every frame: the key keeps its order."""
        return 0

    def _frames(self, frame: int) -> list[int]:
        """What each map shows."""
        return [*self._moments] or [frame] * len(self.maps)

    def rows(self, frame: int) -> list[Label]:
        """The numbers: of the key, and beside the maps."""
        if not self._single:
            return [label for one, at in zip(self.maps, self._frames(frame), strict=True) for label in one.counts(at)]
        share = percent(float(self.story.arrived[0, frame].sum() / len(self.swarm.runs[0].reached)))
        _, _, right, _ = self._column
        name, small = self._named()[0], self._scale.font(14)
        arrived = Label(right, name.y, ARRIVED, small, self.theme.muted, anchor="right")
        return [
            arrived,
            Label(arrived.left, name.y, share, name.size, self.theme.ink, bold=True, anchor="right"),
        ] + self.table.rows(frame)

    def pictures(self, frame: int) -> list[Picture]:
        """The maps with their dots."""
        return [one.picture(at) for one, at in zip(self.maps, self._frames(frame), strict=True)]

    def landmarks(self) -> list[Strokes]:
        """What lies on the maps."""
        return [item for one in self.maps for item in one.landmarks]

    def moving(self, frame: int) -> list[Item]:
        """What is drawn anew in every frame: the maps with what lies on them, bars, curve, step, progress."""
        items: list[Item] = [*self.pictures(frame)]
        items += [item for one, at in zip(self.maps, self._frames(frame), strict=True) for item in one.ways(at)]
        items += self.landmarks()
        if not self._single:
            items += [item for one, at in zip(self.maps, self._frames(frame), strict=True) for item in one.bar(at)]
        items += self.chart.drawn(frame) if self.chart else []
        if self._moments:
            return items + (self.chart.marked(self._moments) if self.chart else [])
        items.append(header.step_number(self.layout, int(self.story.steps[frame] + 1e-9), self.swarm.steps, self.theme))
        left, top, right, bottom = self.layout.bar
        if share := self.story.steps[frame] / max(1, self.swarm.steps):  # like the counter: time is not even
            items.append(
                shapes(
                    [(rectangle((left, top, left + share * (right - left), bottom)), NONE, rgba(self.theme.ink), 0.0)]
                )
            )
        return items


def _rate(swarm: Swarm, flock: int) -> str:
    """A flock's learning rate, if it has one."""
    hyperparameters = swarm.runs[flock].contender.hyperparameters
    return f"lr {rate(hyperparameters['lr'])}" if "lr" in hyperparameters else ""


def facts(swarm: Swarm) -> str:
    """The swarm's facts as one JSON document in plain ASCII."""
    document = {name: value for name, value in swarm.to_dict(arrays=False).items() if name not in ("schema", "moments")}
    return json.dumps(plain(document), allow_nan=False)

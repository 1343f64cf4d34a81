"""What stands on and above each panel of basins: minimizers, and the optimizer's name, learning rate and outcome."""

from collections.abc import Iterator, Sequence

import numpy as np

from optviz.figures.basin_colours import Heights, painted
from optviz.figures.engine import text
from optviz.figures.engine.clip import inside
from optviz.figures.engine.heads import STAR, placed
from optviz.figures.engine.items import Item, Label, rgba, shapes
from optviz.figures.engine.panel import Mark
from optviz.figures.engine.style import Style
from optviz.figures.engine.wording import number, percent, rate
from optviz.results.basins import BasinMap
from optviz.results.parts import Contender, median_steps, share

Outcome = tuple[list[str], list[str]]  # in longer and in shorter words


def star(x: float, y: float, radius: float, colour: str, style: Style, local: bool = False) -> Item:
    """A minimizer: its colour in a hem that stands out from every colour of the map; hollow for a local one."""
    theme = style.theme
    outer, inner = (theme.rim, theme.ink) if theme.name == "dark" else (theme.ink, theme.rim)
    outline = placed(STAR, x, y, 0.85 * radius if local else radius)
    hem = outline, rgba(outer, 0.9), rgba(outer), (0.6 if local else 0.5) * radius
    if local:
        return shapes([hem, (outline, rgba(colour), rgba(theme.rim), 0.22 * radius)])
    return shapes([hem, (outline, rgba(inner), rgba(colour), 0.2 * radius)])


class Starts(Mark):
    """The colour of each start, and hatching over those whose runs diverged; see `painted`."""

    def __init__(self, light: np.ndarray, diverged: np.ndarray):
        self._light, self._diverged = light, diverged

    def still(self) -> Iterator[Item]:
        yield self.panel.shown(lambda size: painted(self._light, self._diverged, size, self.panel.style.theme))


class Minimizers(Mark):
    """A star at each minimizer, hollow from the `local` one on."""

    name = "minimizers"

    def __init__(self, points: np.ndarray, colours: Sequence[str], local: int):
        self._points, self._colours, self._local = points, colours, local

    def still(self) -> Iterator[Item]:
        style = self.panel.style
        radius = style.length(8) * min(1.0, max(0.6, self.panel.size[0] / style.length(200)))
        at = self.panel.to_page(self._points)
        for index in np.flatnonzero(inside(at, self.panel.box)).tolist():
            x, y = at[index].tolist()
            yield star(x, y, radius, self._colours[index], style, index >= self._local)


class Heading(Mark):
    """Name and learning rate of an optimizer, and what came of its runs.

    Parameters
    ----------
    group : list of Heading
        Those of one picture; this one appends itself. Names are bold where all of them then fit, outcomes long where
        all do.
    contender : Contender
    outcome : Outcome
    narrow : bool
        Whether name and learning rate have lines of their own.
    gap, edge : float
        To the next panel, and the right end of the page, between which headings may reach, in pixels.
    """

    def __init__(
        self, group: "list[Heading]", contender: Contender, outcome: Outcome, narrow: bool, gap: float, edge: float
    ):
        self.contender, self.outcome = contender, outcome
        self._group, self._narrow, self._gap, self._edge = group, narrow, gap, edge
        group.append(self)

    def still(self) -> Iterator[Item]:
        left, top, right, _ = self.panel.box
        style, small, theme = self.panel.style, self.panel.style.small, self.panel.style.theme
        room = right - left + min(self._gap - 0.35 * small, self._edge - max(one.panel.box[2] for one in self._group))
        lr = self.contender.hyperparameters.get("lr")
        # A number that is cut off would say another one.
        rates = [] if lr is None else [f"lr {rate(lr)}", rate(lr)]
        rated = next((words for words in rates if text.width(words, small) <= room), "")
        base = top - style.length(7) - 0.1 * small
        yield Label(left, base, self._said(room, small), small, theme.muted)
        if self._narrow:
            bold = all(text.width(one.contender.title, small, bold=True) <= room for one in self._group)
            yield Label(left, base - 1.35 * small, rated, small, theme.muted)
            title = text.shortened(self.contender.title, room, small, bold)
            yield Label(left, base - 2.75 * small, title, small, theme.ink, bold)
            return
        aside = text.width(rated, small) + 0.7 * small if rated else 0.0
        title, size = text.fitted(self.contender.title, room - aside, (style.font(15), small), bold=True)
        name = Label(left, base - 1.45 * small, title, size, theme.ink, bold=True)
        yield from (name, Label(left + name.width + 0.7 * small, name.y, rated, small, theme.muted))

    def _said(self, room: float, small: float) -> str:
        longer, shorter = self.outcome
        if all(text.width(" · ".join(one.outcome[0]), small) <= room for one in self._group):
            return " · ".join(longer)
        return text.leading(shorter, room, small)


def arrivals(one: BasinMap) -> Outcome:
    """How many runs arrive, and how soon."""
    arrived, middle = percent(share(one.arrived)), median_steps(one.arrived)
    steps = [] if middle is None else [f"{number(middle, 3)} step" + "s" * (middle != 1)]
    return [f"{arrived} arrive", *(f"median {words}" for words in steps), *_lost(one)], [arrived, *steps, *_lost(one)]


def arrivals_and_value(one: BasinMap, scale: Heights | None) -> Outcome:
    """How many runs arrive, and which value they reach."""
    arrived, middle = percent(share(one.arrived)), _median(one, scale)
    if not middle:
        return [f"{arrived} arrive", *_lost(one)], [arrived, *_lost(one)]
    longer, shorter = ([f"{arrived} arrive", f"median f {equals}{middle}", *_lost(one)] for equals in ("= ", ""))
    return longer, shorter


def reached_values(one: BasinMap, scale: Heights | None) -> Outcome:
    """Which value runs reach, and how many the least one."""
    middle = _median(one, scale)
    if scale is None or not middle:
        return _lost(one), _lost(one)
    there = float((np.isfinite(one.values) & (one.values <= scale.least + scale.unit)).mean())
    rest = [f"{percent(there)} at {number(scale.least)}", *_lost(one)]
    return [f"median f = {middle}", *rest], [middle, *rest]


def _median(one: BasinMap, scale: Heights | None) -> str:
    known = one.values[np.isfinite(one.values)]
    return number(float(scale.rounded(np.median(known))), 3) if scale and known.size else ""


def _lost(one: BasinMap) -> list[str]:
    diverged = float((one.diverged > 0).mean())
    return [f"{percent(diverged)} diverge"] if diverged else []

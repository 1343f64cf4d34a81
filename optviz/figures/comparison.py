"""What all pictures of a comparison share: heading and notes, how each optimizer looks, and what there is to say."""

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import groupby
from pathlib import PurePath
from typing import Any, NamedTuple

import numpy as np

from optviz.figures.engine.axis import Axis
from optviz.figures.engine.boxes import Block, Column, Span
from optviz.figures.engine.clip import Box, grown
from optviz.figures.engine.declutter import declutter
from optviz.figures.engine.heads import head
from optviz.figures.engine.items import Item, Label, Outline, closed, fill, shapes, stroke
from optviz.figures.engine.key import Words
from optviz.figures.engine.painter import Page
from optviz.figures.engine.panel import CHART, Frame, Mark, Panel
from optviz.figures.engine.sheet import Corner, Footer, Header, Sheet
from optviz.figures.engine.style import RADIUS, Entrant, Style, entrants, told_apart
from optviz.figures.engine.table import Cells, Table, fixed
from optviz.figures.engine.text import CAP_HEIGHT, fitted, leading, width
from optviz.figures.engine.theme import Theme
from optviz.results.comparison import Comparison
from optviz.results.saved import plain
from optviz.results.training_run import TrainingRun
from optviz.results.training_seeds import Summary

LIBRARIES = {"keras": "Keras", "torch": "PyTorch", "paper": "papers'", "optax": "optax's"}
COLUMN = 250.0, 300.0, 0.33, 190.0  # of a table: px at least and at most, share of the page, px where that is small
ROW = 70.0  # px of a row of a table at most


def style_of(size: tuple[int, int], theme: str | Theme) -> Style:
    """The style of a picture of a comparison, which shrinks with its size: there is much to show."""
    return Style.of(size, theme, least=0.0)


def entered(comparison: Comparison, theme: Theme) -> dict[str, Entrant]:
    """The optimizers of a comparison by their registered names, alike in all its pictures."""
    named = {run.optimizer: run.title for run in comparison.runs}
    named |= {search.optimizer: search.title for search in comparison.tuning.searches} if comparison.tuning else {}
    best = [row.first.optimizer for row in comparison.ranked()]
    return entrants(named | {one.optimizer: one.title for one in comparison.mistakes}, theme, best)


def compared(
    comparison: Comparison,
    title: str,
    notes: Sequence[str],
    size: tuple[int, int],
    style: Style,
    body: Block | Callable[[Box], Block] | None,
    *,
    counted: bool = True,
) -> Page:
    """A page with the title, what was trained and how far, a body, and notes at its foot.

    Parameters
    ----------
    title : str
        What the picture shows; the data set's name follows it.
    notes : sequence of str
        What a reader has to know; empty ones are left out.
    body : Block, function from a box to a Block, or None
        None where there is nothing to draw: the page says why.
    counted : bool
        Whether to say how many epochs have ended.
    """
    corner = counter(comparison) if counted else []
    rule = told_apart(entered(comparison, style.theme).values(), style.theme)
    heading, footer = header(comparison, title, style, corner), Footer(" · ".join(filter(None, [*notes, rule])), style)
    words = Words(nothing(comparison), style, size=15, centred=True)
    return Sheet(size, style, heading, body or words, footer, json.dumps(facts(comparison), allow_nan=False)).page()


def header(comparison: Comparison, title: str, style: Style, corner: Sequence[Corner]) -> Header:
    """The title, the data set, and what was trained."""
    lines = [[" · ".join(_setting(comparison))]]
    return Header([f"{title} on {dataset(comparison)}"], lines, style, corner=corner, most=2)


def counter(comparison: Comparison, at: Callable[[int], str] | None = None) -> list[Corner]:
    """How many epochs have ended, of how many; of a frame where the number changes."""
    reached = max((len(run.epochs) for run in comparison.runs), default=0)
    widest = "8" * len(str(comparison.epochs)) if at else str(reached)
    words = "interrupted · epoch" if comparison.interrupted else "epoch"
    return [Corner(words), Corner(widest, 20.0, "ink", bold=True, at=at), Corner(f"/ {comparison.epochs}")]


def tabled(rows: Sequence[Cells], heading: str, box: Box, page: float, style: Style, widest: float = 0.0) -> Table:
    """The optimizers as a table that stands in a box, on two lines each where there is room.

    Parameters
    ----------
    rows : sequence of Cells
    heading : str
        Over their values.
    box : (left, top, right, bottom)
        Whose right side the table takes.
    page, widest : float
        The width of the page, and of the table where its names are long.
    """
    least, most, share, small = COLUMN
    headings = "optimizer", heading, ""
    two, one = fixed(rows, style, headings, two=True, most=ROW), fixed(rows, style, headings, two=False)
    wide = min(style.length(most), max(style.length(least), share * page, small))
    wide = max(wide, min(one.widths(0.0)[0], widest))
    table = two if two.heights(wide)[0] <= box[3] - box[1] else one
    table.place((box[2] - wide, *box[1:]))
    return table


def as_wide(table: Table, *below: Block) -> Column:
    """A table that keeps the width with which it stands, and what is below it."""
    return Column(table, *below, width=table.box[2] - table.box[0], weight=0.0)


def labelled(axes: Iterable[Axis], high: float, style: Style, *more: str) -> Frame:
    """The frame of panels about so high that stand below each other: as much room for the labels of each."""
    said = [words for axis in axes for _, words in axis.ticked(high, style.small, upright=True).ticks]
    return replace(CHART, widest=max([*said, *more], key=lambda words: width(words, style.small), default=""))


def furthest(summary: Summary) -> list[TrainingRun]:
    """The runs that a summary's means are over: of the seeds that got furthest."""
    return [run for run in summary.members if run.seed in summary.seeds]


def nothing(comparison: Comparison) -> str:
    """Why there is nothing to draw."""
    return "every run diverged" if any(run.epochs for run in comparison.runs) else "no epoch has ended"


def finished(comparison: Comparison) -> bool:
    """Whether any epoch of a run that did not diverge has ended."""
    return any(run.epochs and not run.diverged_at for run in comparison.runs)


def dataset(comparison: Comparison) -> str:
    """The name of the data set; of a folder its last part."""
    name = comparison.dataset
    return PurePath(name).name or name if set("/\\") & set(name) else name.upper()


def facts(comparison: Comparison) -> dict:
    """What was trained, for the metadata of a file."""
    none = np.empty(0)
    runs = tuple(replace(run, epochs=(), losses=none, predictions=none) for run in comparison.runs)
    document = plain(replace(comparison, runs=runs, labels=none, mistakes=(), plane=None, optimum=None))
    for name in ("labels", "mistakes", "plane", "optimum"):
        del document[name]
    for run in document["runs"]:
        for name in ("title", "epochs", "losses", "predictions"):
            del run[name]
    if comparison.optimum is not None:
        known = comparison.optimum.document()
        document["optimum"] = {name: known[name] for name in ("lowest", "floor", "evaluations", "stopped")}
    return document


def _setting(comparison: Comparison) -> list[str]:
    tables = dict.fromkeys(run.defaults for run in comparison.runs)
    defaults = " and ".join(LIBRARIES.get(name, name) for name in tables) + " defaults"
    sources = set(comparison.rates.values())
    for source in ("tuned", "given"):
        if source in sources:
            defaults += f", {'' if len(sources) == 1 else 'some '}learning rates {source}"
    network = f"{comparison.network} {comparison.architecture}"
    return [network, f"batch {comparison.batch_size}", defaults, "same weights and batches for all"]


class Caption(Block):
    """What belongs to one optimizer begins with it: head, name and value, and facts on a line below.

    Parameters
    ----------
    entrant : Entrant
    value : str
    facts : function
        Asked for once everything has its place; as many are shown as fit, from the first on.
    style : Style
    over : Block
        The value ends where this block does.
    """

    weight = 0.0

    def __init__(self, entrant: Entrant, value: str, facts: Callable[[], Sequence[str]], style: Style, over: Block):
        self.entrant, self.value, self.facts, self.style, self._over = entrant, value, facts, style, over

    def heights(self, width: float) -> Span:
        high = 2 * self.style.small + self.style.length(24)
        return high, high

    def still(self) -> Iterator[Item]:
        left, _, right, bottom = self.box
        style, small, ink = self.style, self.style.small, self.style.theme.ink
        radius, big = style.length(RADIUS), style.font(15)
        base = bottom - style.length(6) - 2 * small
        yield shapes([self.entrant.mark(left + radius + 1, base - CAP_HEIGHT * big / 2, style)])
        left += 3 * radius + 3
        end = Label(self._over.box[2], base, self.value, big, ink, bold=True, anchor="right")
        name, size = fitted(self.entrant.title, end.left - 8 - left, (big, small), bold=True)
        yield from (end, Label(left, base, name, size, ink, bold=True))
        yield Label(left, base + 1.35 * small, leading(self.facts(), right - left, small), small, style.theme.muted)


class Band(NamedTuple):
    """A quantity over seeds: (n,) float64 of what it depends on, its mean, and the seeds' lowest and highest."""

    entrant: Entrant
    x: np.ndarray
    mean: np.ndarray
    low: np.ndarray
    high: np.ndarray
    beads: np.ndarray


class Bands(Mark):
    """Bands around lines, with a bead where one is due; the first of them lies on top.

    Attributes
    ----------
    lines : list of (n, 2) float64
        On the page.
    """

    LINE, OPACITY = 2.0, 0.18

    def __init__(self, bands: Sequence[Band]):
        self.bands = bands

    def place(self, panel: Panel) -> None:
        super().place(panel)
        self.lines = [self._placed(band.x, band.mean) for band in self.bands]

    def still(self) -> Iterator[Item]:
        thick, box = self.panel.style.length(self.LINE), self.panel.box
        bead, areas = head("disc", thick / 2 + 0.8), []
        order = sorted(
            zip(self.bands[::-1], self.lines[::-1], strict=True), key=lambda pair: pair[0].entrant.chosen
        )  # grey ones below
        for band, _ in order:
            low, high = self._placed(band.x, band.low), self._placed(band.x, band.high)
            areas.append(fill(closed(np.concatenate([low, high[::-1]])), band.entrant.colour, self.OPACITY))
        yield shapes(areas, clip=box)
        wide = grown(box, 2 * thick)
        for dash, group in groupby(order, lambda pair: pair[0].entrant.dash):
            lines, beads = [], []
            for band, points in group:
                beads = [fill(bead.moved(*point), band.entrant.colour) for point in points[band.beads]]
                lines += [stroke(Outline(points), band.entrant.colour, thick), *([] if dash else beads)]
                if dash:
                    yield shapes(lines, clip=wide, dash=dash)
                    lines = beads
            yield shapes(lines, cap="round", clip=wide)

    def _placed(self, x: np.ndarray, y: np.ndarray) -> np.ndarray:
        return self.panel.to_page(np.stack([x, y], axis=-1))

    def apart(self, points: Any, distance: float) -> np.ndarray:
        """Where heads stand that would hide each other at these (n, 2) points: (n, 2) float64, inside the panel."""
        (left, top, right, bottom), radius = self.panel.box, self.panel.style.length(RADIUS)
        moved = declutter(np.reshape(points, (1, -1, 2)), np.empty((0, 2)), distance * radius, 0.0)[0]
        return np.clip(moved, (left, top + radius), (right, bottom - radius))

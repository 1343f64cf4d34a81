"""The table of a race: who is ahead, at which value, with which learning rate."""

import math
from dataclasses import dataclass

import numpy as np

from optviz.figures.engine.clip import Box
from optviz.figures.engine.heads import head
from optviz.figures.engine.text import SMALLEST, shortened, width
from optviz.figures.engine.theme import Theme
from optviz.figures.engine.wording import FLOOR, gap, rate
from optviz.figures.layout import Scale
from optviz.figures.page import Item, Label, Strokes, rgba, rounded, shapes
from optviz.figures.standings import OFF, Standings
from optviz.results import Race

TWO_LINE_ROWS = 7


@dataclass(frozen=True)
class Columns:
    """Widths of what stands in the rows of a table, in pixels.

    Attributes
    ----------
    name, value, rate, remark : float
    marker, space : float
        The head with its air, and the least distance between two columns.
    """

    name: float
    value: float
    rate: float
    remark: float
    marker: float
    space: float

    @property
    def two_lines(self) -> float:
        """The least width of rows with a second line for rate and remark."""
        return self.marker + max(self.name + self.value, self.rate + self.remark) + 2 * self.space

    @property
    def one_line(self) -> float:
        """The least width of rows that show the rate, but no remark, beside the name."""
        return self.marker + self.name + self.rate + self.value + 3 * self.space


class Table:
    """Rows that are filled anew for every step.

    Parameters
    ----------
    race : Race
    standings : Standings
    colours, shapes : list of str
        Of the optimizers, in the order of the race.
    scale : Scale
    theme : Theme
    """

    def __init__(
        self, race: Race, standings: Standings, colours: list[str], shapes: list[str], scale: Scale, theme: Theme
    ):
        self._standings, self._colours, self._shapes = standings, colours, shapes
        self._scale, self._theme = scale, theme
        self._names = [run.title for run in race.trajectories]
        self._rates = [
            rate(run.hyperparameters["lr"]) if "lr" in run.hyperparameters else "–" for run in race.trajectories
        ]
        self._small = scale.font(12)
        self._steps = race.steps
        self._diverged = {
            index: run.diverged_at for index, run in enumerate(race.trajectories) if run.diverged_at is not None
        }

    def wanted_width(self, page: float) -> float:
        """The width that suits the rows on a page of that width; less where names are long or the page narrow."""
        columns = self._columns(float(SMALLEST), 2)
        least = columns.one_line - max(0.0, columns.name - 8 * SMALLEST)
        best = self._columns(self._scale.font(15), 1).two_lines if len(self._names) <= TWO_LINE_ROWS else least
        return max(least, 0.29 * page, min(best, 0.35 * page))

    def place(self, box: Box, least_curve: float) -> Box | None:
        """Choose row height, fonts and columns for the table at the bottom of a box.

        Parameters
        ----------
        box : (left, top, right, bottom)
            Room for curve and table.
        least_curve : float
            Height below which a curve is not worth drawing.

        Returns
        -------
        (left, top, right, bottom) or None
            What is left for the curve.
        """
        count, scale = len(self._names), self._scale
        heading = self._small + scale.length(7)
        room = box[3] - box[1] - heading
        columns = self._columns(scale.font(15), 1)
        pitch = scale.length(34)
        self._two_lines = (
            count <= TWO_LINE_ROWS
            and columns.two_lines <= box[2] - box[0]
            and pitch >= 2.5 * SMALLEST
            and count * pitch + scale.length(10) + least_curve <= room
        )
        if not self._two_lines:
            least, most = 1.32 * SMALLEST, scale.length(26)
            wanted = max(least_curve, 0.4 * room)  # a curve is worth more than air between rows
            pitch = min(most, max(least, 1.6 * SMALLEST, (room - wanted - scale.length(10)) / count))
            if count * pitch + least_curve > room:
                pitch = min(most, max(least, (room - least_curve - scale.length(10)) / count))
            if count * pitch + least_curve > room:
                pitch = min(most, max(least, (room - scale.length(10)) / count))
        self._pitch = pitch
        self._pad = scale.length(5) if pitch > 1.5 * SMALLEST else scale.length(3)
        fitting = int((room - 2 * self._pad) / pitch + 1e-6)
        self._shown = count if fitting >= count else max(1, fitting - 1)
        lines = min(count, fitting)
        top = box[3] - lines * pitch - 2 * self._pad
        self.box = (box[0], top, box[2], box[3])
        self._choose_columns()
        above = top - heading - scale.length(10)
        return (box[0], box[1], box[2], above) if above - box[1] >= least_curve * 0.9 else None

    def _columns(self, size: float, lines: int) -> Columns:
        values = self._values()
        remarks = [self._standings.status(index, self._steps).remark for index in range(len(self._names))]
        prefix = "lr " if lines == 1 else ""
        return Columns(
            name=max(width(name, size, bold=True) for name in self._names),
            value=max(width(value, size, bold=True) for value in values),
            rate=max(width(prefix + text, self._small) for text in self._rates),
            remark=max(width(remark, self._small) for remark in [*remarks, OFF]),
            marker=self._scale.length(30),
            space=self._scale.length(9),
        )

    def _values(self) -> list[str]:
        """Texts as wide as any value that the run will show."""
        gaps = self._standings.gaps[np.isfinite(self._standings.gaps)]
        ends = [gaps.max(initial=1.0), max(FLOOR, gaps.min(initial=1.0)), 0.001]
        return [gap(1.234 * 10.0 ** math.floor(math.log10(value))) for value in ends] + [
            self._standings.status(index, self._steps).value for index in self._diverged
        ]

    def _choose_columns(self) -> None:
        """Font size and column positions: smaller names before shorter ones, and the rate given up last of all."""
        left, _, right, _ = self.box
        room = right - left
        largest = min(self._scale.font(15), max(float(SMALLEST), 0.72 * self._pitch))
        if self._two_lines:
            self._size = self._scale.font(15)
            columns = self._columns(self._size, 1)
        else:
            for size in (largest, 0.5 * (largest + SMALLEST), float(SMALLEST)):
                self._size = size
                columns = self._columns(size, 2)
                if columns.one_line <= room:
                    break
        self._marker = left + self._scale.length(16)
        self._name = left + columns.marker
        self._value = right - self._scale.length(9)
        self._with_rate = True
        if self._two_lines:
            self._name_room = self._value - columns.value - columns.space - self._name
            return
        spare = room - columns.one_line
        self._with_remark = spare >= columns.remark + columns.space
        # Without room for remarks the value says when a run diverged, if it can do so at no other column's cost.
        longest = max((width(f"diverged at {n}", self._size, bold=True) for n in self._diverged.values()), default=0.0)
        self._dated = not self._with_remark and 0 < longest <= columns.value + max(0.0, spare)
        spare -= max(0.0, longest - columns.value) * self._dated
        least_name = min(columns.name, 6 * self._size)
        if spare < 0 and columns.name + spare < least_name:
            self._with_rate = False
            spare += columns.rate + columns.space
        self._name_room = columns.name + min(0.0, spare)
        air = max(0.0, spare - (columns.remark + columns.space if self._with_remark else 0.0))
        # Spread the air, but keep rates near their names: a wide gap is hard to cross by eye.
        self._rate = self._name + self._name_room + columns.space + min(air * 0.3, self._scale.length(40))
        self._remark = self._rate + columns.rate + columns.space + min(air * 0.3, self._scale.length(40))

    def frame(self) -> list[Item]:
        """Panel and column headings."""
        theme, small = self._theme, self._small
        left, top, right, _ = self.box
        panel = shapes([(rounded(self.box, self._scale.length(8)), rgba(theme.grid), rgba(theme.panel), 1.0)])
        y = top - self._scale.length(7)
        items: list[Item] = [
            panel,
            Label(left, y, "optimizer", small, theme.muted),
            Label(right, y, "f − f* now", small, theme.muted, anchor="right"),
        ]
        if not self._two_lines and self._with_rate:
            items.append(Label(self._rate, y, "lr", small, theme.muted))
        return items

    def marks(self, order: list[int]) -> Strokes:
        """The heads of all rows, for optimizers from first to last."""
        radius = min(self._scale.length(5.6), 0.36 * self._pitch)
        rim, width = rgba(self._theme.rim), self._scale.length(1.2)
        return shapes(
            [
                (
                    head(self._shapes[index], radius).moved(self._marker, self._middle(place)),
                    rim,
                    rgba(self._colours[index]),
                    width,
                )
                for place, index in enumerate(order[: self._shown])
            ]
        )

    def rows(self, order: list[int], step: int) -> list[Label]:
        """The texts of all rows.

        Parameters
        ----------
        order : list of int
            The optimizers from first to last.
        step : int
            Whose values are shown.
        """
        row = self._two_line_row if self._two_lines else self._row
        labels = [
            label for place, index in enumerate(order[: self._shown]) for label in row(index, step, self._middle(place))
        ]
        if hidden := len(order) - self._shown:
            y = self._middle(self._shown) + 0.36 * self._small
            labels.append(Label(self._name, y, f"and {hidden} more", self._small, self._theme.muted))
        return labels

    def _middle(self, place: int) -> float:
        return self.box[1] + self._pad + (place + 0.5) * self._pitch

    def _two_line_row(self, index: int, step: int, middle: float) -> list[Label]:
        theme, small = self._theme, self._small
        status = self._standings.status(index, step)
        out = status.tone == "bad"
        ink = theme.muted if out else theme.ink
        upper, lower = middle - self._scale.length(2.5), middle + self._scale.length(11.5)
        name = shortened(self._names[index], self._name_room, self._size, bold=True)
        tone = theme.bad if out else ink
        items = [
            Label(self._name, upper, name, self._size, ink, bold=True),
            Label(self._value, upper, status.value, self._size, tone, bold=True, anchor="right"),
            Label(self._name, lower, f"lr {self._rates[index]}", small, theme.muted),
        ]
        if status.remark:
            colour = {"good": theme.good, "bad": theme.bad, "muted": theme.muted}[status.tone]
            items.append(Label(self._value, lower, status.remark, small, colour, anchor="right"))
        return items

    def _row(self, index: int, step: int, middle: float) -> list[Label]:
        theme, small = self._theme, self._small
        status = self._standings.status(index, step)
        out = status.tone == "bad"
        ink = theme.muted if out else theme.ink
        y = middle + 0.36 * self._size
        value = f"diverged at {self._diverged[index]}" if out and self._dated else status.value
        name = shortened(self._names[index], self._name_room, self._size, bold=True)
        items = [
            Label(self._name, y, name, self._size, ink, bold=True),
            Label(self._value, y, value, self._size, theme.bad if out else ink, bold=True, anchor="right"),
        ]
        if self._with_rate:
            items.append(Label(self._rate, y, self._rates[index], small, theme.muted))
        if self._with_remark and status.remark:
            colour = {"good": theme.good, "bad": theme.bad, "muted": theme.muted}[status.tone]
            items.append(Label(self._remark, y, status.remark, small, colour))
        return items

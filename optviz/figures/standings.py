"""Who is ahead at a step, and what is to be said about each optimizer then."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from optviz.figures.engine.style import Entrant
from optviz.figures.engine.table import Cells
from optviz.figures.engine.wording import FLOOR, gap, number, rate
from optviz.results import Race

ARRIVED = 1e-4  # a gap that stays below this counts as arrived
BELOW = 1e-6  # a gap below zero by less than this, in units of f*, is rounding
OFF = "off the map"


@dataclass(frozen=True)
class Status:
    """One optimizer at one step.

    Attributes
    ----------
    value : str
        Its suboptimality gap, or "diverged".
    remark, tone : str
        A few words, or "", and what they mean: ``"good"``, ``"bad"``, ``"muted"``.
    """

    value: str
    remark: str
    tone: str


class Standings:
    """The order of a race at every step.

    Parameters
    ----------
    race : Race

    Attributes
    ----------
    words, unit : str
        What the gap is called, and what a step is: ``"step"`` or ``"evaluation"``.
    stops : list of (int or None)
        The last step of those that stopped of themselves.
    headings : tuple of str
        What stands above the columns of the table.
    gaps : (optimizers, steps + 1) float64
        Suboptimality gap, not below 0; NaN where the function has no value and after divergence.
    seen : (optimizers, steps + 1) bool
        Whether the iterate lies on the map. What counts is what a reader sees: the function's bounds, which may end
        elsewhere, are not drawn, and a head on the map would seem to be ranked wrong.
    ranked : (optimizers, steps + 1) bool
        Whether its value counts: it lies on the map, and is not below f*, as the ground beyond the bounds may be.
    arrived : list of (int or None)
        The step since which the gap stays below `ARRIVED` until the end, and the iterate on the map.
    """

    def __init__(self, race: Race):
        self._runs, self.unit = race.trajectories, race.length[1]
        self.stops = [run.stopped_at for run in race.trajectories]
        self.words, self._minimum = race.landscape.gap, race.landscape.minimum
        self.headings = "optimizer", f"{self.words.removesuffix(' found')} now", "lr"
        self._floor = "the lowest found" if race.landscape.searched else "f*"
        (left, right), (low, high) = race.landscape.view
        rates = [run.hyperparameters.get("lr") for run in self._runs]
        self._rates = ["lr –" if lr is None else f"lr {rate(lr)}" for lr in rates]
        points = np.array([run.points for run in self._runs])
        with np.errstate(invalid="ignore", over="ignore"):
            gaps = np.array([run.gap for run in self._runs])
            self.gaps, self._signed = np.maximum(gaps, 0.0), gaps
            x, y = points[..., 0], points[..., 1]
            slack = 1e-9 * max(right - left, high - low)
            self.seen = (x >= left - slack) & (x <= right + slack) & (y >= low - slack) & (y <= high + slack)
            self.ranked = self.seen & ~(gaps < -BELOW * max(1.0, abs(race.landscape.minimum)))
            near = (self.gaps < ARRIVED) & self.ranked
        self.arrived = [
            _since(row) if run.diverged_at is None else None for row, run in zip(near, self._runs, strict=True)
        ]

    def order(self, step: int) -> list[int]:
        """The optimizers from first to last: by gap on the map, then those off it, then the diverged."""

        def key(index: int) -> tuple:
            diverged = self._runs[index].diverged_at
            if diverged is not None and step >= diverged:
                return 2, -diverged, index
            value = self.gaps[index, step]
            return int(not self.ranked[index, step]), value if np.isfinite(value) else np.inf, index

        return sorted(range(len(self._runs)), key=key)

    def status(self, index: int, step: int) -> Status:
        """What the table says about an optimizer at a step."""
        diverged, since = self._runs[index].diverged_at, self.arrived[index]
        if diverged is not None and step >= diverged:
            return Status("diverged", f"at {self.unit} {diverged}", "bad")
        value = self.gaps[index, step]
        text = gap(value) if np.isfinite(value) else number(value)
        if self._signed[index, step] < -BELOW * max(1.0, abs(self._minimum)):
            text = number(float(self._signed[index, step]), 3)
        if not self.ranked[index, step]:
            return Status(text, f"below {self._floor}" if self.seen[index, step] else OFF, "muted")
        if since is not None and step >= since:
            return Status(text, f"below {number(ARRIVED)} since {since}", "good")
        return Status(text, self.stop(index, step), "muted")

    def stop(self, index: int, step: int) -> str:
        """Why an optimizer does not go on, in a few words, if it has stopped by then."""
        run = self._runs[index]
        return f"stopped: {run.stopped}" if run.stopped_at is not None and step >= run.stopped_at else ""

    def cells(self, index: int, step: int, entrant: Entrant) -> Cells:
        """The row of an optimizer at a step."""
        status = self.status(index, step)
        out = status.tone == "bad"
        alone = f"diverged at {self._runs[index].diverged_at}" if out else ""
        tone = "bad" if out else "ink"
        remarks: tuple[str, ...] = (status.remark,)
        if status.tone == "good" and (stop := self.stop(index, step)):
            remarks = (f"{status.remark}, {stop}", *remarks)
        return Cells(entrant, status.value, (self._rates[index],), remarks, tone, status.tone, not out, alone)

    def widest(self, entrants: Sequence[Entrant]) -> list[Cells]:
        """Rows as wide as any that the race shows."""
        finite = self.gaps[np.isfinite(self.gaps)]
        ends = [finite.max(initial=1.0), max(FLOOR, finite.min(initial=1.0)), 0.001]
        values = [gap(1.234 * 10.0 ** math.floor(math.log10(value))) for value in ends]
        remarks = [OFF, *(f"stopped: {run.stopped}" for run in self._runs if run.stopped)]
        widest = max(remarks, key=len)
        return [Cells(entrant, value, remarks=(widest,)) for entrant in entrants[:1] for value in values]


def _since(near: np.ndarray) -> int | None:
    """The index from which all of a row holds, or None if its end does not."""
    if not near[-1]:
        return None
    outside = np.flatnonzero(~near)
    return int(outside[-1]) + 1 if len(outside) else 0

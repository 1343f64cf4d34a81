"""Who is ahead at a step, and what is to be said about each optimizer then."""

from dataclasses import dataclass

import numpy as np

from optviz.figures.wording import gap, number
from optviz.results import Race

ARRIVED = 1e-4  # a gap that stays below this counts as arrived


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
    gaps : (optimizers, steps + 1) float64
        Suboptimality gap, not below 0; NaN where the function has no value and after divergence.
    inside : (optimizers, steps + 1) bool
        Whether the iterate lies in the function's bounds. Outside them f may fall below its minimum, so such
        iterates are not ranked by it.
    arrived : list of (int or None)
        The step since which the gap stays below `ARRIVED` inside the bounds until the end.
    """

    def __init__(self, race: Race):
        self._runs = race.trajectories
        (left, right), (low, high) = race.landscape.bounds
        points = np.array([run.points for run in self._runs])
        with np.errstate(invalid="ignore", over="ignore"):
            self.gaps = np.maximum(np.array([run.gap for run in self._runs]), 0.0)
            x, y = points[..., 0], points[..., 1]
            slack = 1e-9 * max(right - left, high - low)
            self.inside = (x >= left - slack) & (x <= right + slack) & (y >= low - slack) & (y <= high + slack)
            near = (self.gaps < ARRIVED) & self.inside
        self.arrived = [
            _since(row) if run.diverged_at is None else None for row, run in zip(near, self._runs, strict=True)
        ]

    def order(self, step: int) -> list[int]:
        """The optimizers from first to last: by gap inside the bounds, then outside, then the diverged."""

        def key(index: int) -> tuple:
            diverged = self._runs[index].diverged_at
            if diverged is not None and step >= diverged:
                return 2, -diverged, index
            value = self.gaps[index, step]
            return int(not self.inside[index, step]), value if np.isfinite(value) else np.inf, index

        return sorted(range(len(self._runs)), key=key)

    def status(self, index: int, step: int) -> Status:
        """What the table says about an optimizer at a step."""
        diverged, since = self._runs[index].diverged_at, self.arrived[index]
        if diverged is not None and step >= diverged:
            return Status("diverged", f"at step {diverged}", "bad")
        value = self.gaps[index, step]
        text = gap(value) if np.isfinite(value) else number(value)
        if not self.inside[index, step]:
            return Status(text, "out of bounds", "muted")
        if since is not None and step >= since:
            return Status(text, f"below {number(ARRIVED)} since {since}", "good")
        return Status(text, "", "muted")


def _since(near: np.ndarray) -> int | None:
    """The index from which all of a row holds, or None if its end does not."""
    if not near[-1]:
        return None
    outside = np.flatnonzero(~near)
    return int(outside[-1]) + 1 if len(outside) else 0

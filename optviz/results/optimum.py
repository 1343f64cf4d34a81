"""The convex optimum that runs are measured from, and the loss of each run over all training images."""

from dataclasses import dataclass
from typing import Annotated, Any

import numpy as np

from optviz.results.saved import plain, record
from optviz.results.training_seeds import Summary
from optviz.results.validity import MEASURED, Array, Count, Many, Seed
from optviz.results.words import counted

LEAST = 1e-5  # below it a gap is mostly the rounding of float32
RESTING, INTERRUPTED = ("at rest", "no descent"), "interrupted"


@record()
@dataclass(frozen=True)
class LossPath:
    """The loss of one run over all training images.

    Attributes
    ----------
    optimizer, title : str
    seed : int
    epochs : (k,) float64
        When its weights were looked at, in epochs: 0 is the start; the first epoch has several looks.
    losses : (k,) float64
        The mean loss of all training images with the weights of that moment; nothing is dropped.
    """

    optimizer: str
    title: str
    seed: Seed
    epochs: Annotated[np.ndarray, Array("float64", "looks?", low=0, rising=True)]
    losses: Annotated[np.ndarray, Array("float64", "looks?", **MEASURED)]

    def headline(self) -> str:
        """The record in one line."""
        return f"{self.title}, seed {self.seed}, seen {counted(len(self.epochs), 'time')}"


@record(("its search begins somewhere", lambda optimum: len(optimum.losses) > 0))
@dataclass(frozen=True)
class Optimum:
    """The lowest loss over all training images that L-BFGS finds, and the losses of the runs.

    Where classes can be told apart without an error the infimum of the loss lies at infinity, and every search ends
    above it. So a gap, the distance from the lowest loss found, is only known up to what a longer search would still
    gain. That is reckoned as much as the second half of the evaluations gained: so it is where the distance falls as
    one over their number, and less where it falls faster.

    Attributes
    ----------
    images : int
    spent : (n,) int64
        The evaluations made until the end of each iteration of L-BFGS.
    losses : (n,) float64
        The loss there.
    stopped : str
        Why there is no further iteration.
    paths : tuple of LossPath
    """

    images: Count
    spent: Annotated[np.ndarray, Array("int64", "iterations", low=1)]
    losses: Annotated[np.ndarray, Array("float64", "iterations", low=0)]
    stopped: str
    paths: Annotated[tuple[LossPath, ...], Many("paths?", distinct=lambda one: (one.optimizer, one.seed))] = ()

    def headline(self) -> str:
        """The record in one line."""
        return f"loss {self.lowest:.6g} after {counted(self.evaluations, 'evaluation')}; {self.stopped}"

    @property
    def evaluations(self) -> int:
        """How many L-BFGS has made."""
        return int(self.spent[-1])

    @property
    def interrupted(self) -> bool:
        """Whether Ctrl-C ended its search."""
        return self.stopped == INTERRUPTED

    @property
    def lowest(self) -> float:
        """The lowest loss found, by L-BFGS or by a run."""
        ends = [path.losses[np.isfinite(path.losses)].min(initial=np.inf) for path in self.paths]
        return float(min([self.losses.min(), *ends]))

    @property
    def floor(self) -> float:
        """The gap below which none is told: what L-BFGS, had it gone on, might still have gained."""
        if self.stopped in RESTING:
            return LEAST
        half = self.losses[2 * self.spent <= self.evaluations]
        return max(LEAST, float((half[-1] if len(half) else np.inf) - self.losses.min()))

    def told(self, gaps: np.ndarray | float) -> np.ndarray:
        """Gaps, with NaN for those that are not told."""
        return np.where(gaps >= self.floor, gaps, np.nan)

    def of(self, row: Summary) -> tuple[np.ndarray, np.ndarray]:
        """The looks at the runs that a summary's means are over.

        Returns
        -------
        epochs : (k,) float64
        losses : (seeds, k) float64
        """
        those = [one for one in self.paths if one.optimizer == row.first.optimizer and one.seed in row.seeds]
        many = min((int((one.epochs <= row.epochs).sum()) for one in those), default=0)
        losses = np.array([one.losses[:many] for one in those]).reshape(len(those), many)
        return (those[0].epochs[:many] if those else np.empty(0)), losses

    def last(self, row: Summary) -> float:
        """The mean gap of a summary's runs when they were last seen, told or not; NaN where no epoch has ended."""
        at, losses = self.of(row)
        return float(losses[:, -1].mean()) - self.lowest if len(at) and at[-1] > 0 else float("nan")

    def written(self, gap: float) -> str:
        """A gap in words; empty where it is not known."""
        if np.isnan(gap):
            return ""
        return f"{gap:#.3g}" if gap >= self.floor else f"<{self.floor:.2g}"

    def rule(self) -> str:
        """What is called a gap, in a sentence."""
        made, who = counted(self.evaluations, "evaluation"), "L-BFGS"
        if self.lowest < self.losses.min():
            who = min(self.paths, key=lambda path: path.losses.min(initial=np.inf)).title
        why = f"which L-BFGS gained in the second half of {made}{' until it was interrupted' * self.interrupted}"
        if self.stopped in RESTING:
            why = f"the precision in which L-BFGS came to rest after {made}"
        return (
            f"gap: loss over all {self.images:,} training images − {self.lowest:.5g}, the lowest found, by {who}; "
            f"not told below {self.floor:.2g}, {why}"
        )

    def document(self) -> dict[str, Any]:
        """What a JSON document says of it."""
        known = {"lowest": self.lowest, "floor": self.floor, "evaluations": self.evaluations}
        paths = [plain(path) | {"gaps": plain(self.told(path.losses - self.lowest))} for path in self.paths]
        return plain(known) | plain(self) | {"paths": paths}

"""Swarms: thousands of starts that flow down a function together."""

import warnings
from dataclasses import dataclass
from typing import Annotated, Any

import numpy as np

from optviz.results.parts import (
    Budget,
    Contender,
    Landscape,
    OnLandscape,
    Tolerance,
    counts_through,
    ends,
    most_arrive,
    origins,
    said,
    square,
)
from optviz.results.saved import plain, record
from optviz.results.shown import Explored
from optviz.results.validity import ANY, Array, Device, Many, Seed, Steps
from optviz.results.words import counted

KEPT = ("reached", "arrived", "diverged", "points")


@record(once={"Flock": "SwarmRun"})
@dataclass(frozen=True)
class SwarmRun:
    """The runs of one optimizer in a swarm.

    Attributes
    ----------
    contender : Contender
    points : (h, n, 2) float32
        Where the runs are at each of the swarm's ``moments``; NaN after a divergence.
    reached, arrived, diverged : (n,) int32
        See `optviz.results.parts`.
    """

    contender: Contender
    points: Annotated[np.ndarray, Array("float32", "MOMENTS", "RUNS", 2, **ANY)]
    reached: Annotated[np.ndarray, Array("int32", "RUNS", low=-1)]
    arrived: Annotated[np.ndarray, Array("int32", "RUNS", low=-1)]
    diverged: Annotated[np.ndarray, Array("int32", "RUNS", low=0)]

    def headline(self) -> str:
        """One line: the starts, and how the runs ended."""
        starts = counted(len(self.arrived), "start")
        return f"{starts}; {ends(self.contender, self.arrived, self.diverged)}"


@record(
    (
        "its runs end at minimizers that it has",
        lambda swarm: all(counts_through(run.reached, swarm.minimizers) for run in swarm.runs),
    ),
    ("its landscape has as many rows as columns", square),
    ("its moments reach from 0 to its steps", lambda swarm: (swarm.moments[[0, -1]] == (0, swarm.steps)).all()),
    once={"flocks": "runs"},
)
@dataclass(frozen=True)
class Swarm(OnLandscape, Explored):
    """Thousands of starts flowing down together.

    Attributes
    ----------
    landscape : Landscape
        Over the region of the starts.
    minima : (k,) float64
        The values at `minimizers`.
    runs : tuple of SwarmRun
        One for each optimizer, all from the same starts.
    moments : (h,) int64
        The steps at which points were kept, 0 first and `steps` last.
    steps, seed : int
    tolerance : float
    noise : str
    tuning : dict or None
    device : {"cpu", "cuda"}

    Examples
    --------
    >>> import optviz
    >>> swarm = optviz.swarm("himmelblau", ["sgd"], lr=0.01, starts=100, steps=60)
    >>> [run.contender.title for run in swarm.runs]
    ['SGD']
    """

    landscape: Landscape
    minima: Annotated[np.ndarray, Array("float64", "GLOBAL + LOCAL")]
    runs: Annotated[tuple[SwarmRun, ...], Many("runs", distinct=lambda run: run.contender.optimizer)]
    moments: Annotated[np.ndarray, Array("int64", "MOMENTS", low=0, rising=True)]
    steps: Steps
    seed: Seed
    tolerance: Tolerance
    noise: str
    tuning: Budget | None = None
    device: Device = "cpu"

    @property
    def flocks(self) -> tuple[SwarmRun, ...]:
        """The former name of `runs`."""
        warnings.warn("Swarm.flocks is Swarm.runs now", DeprecationWarning, stacklevel=2)
        return self.runs

    def provenance(self) -> str:
        """One line, generated from the run, that says how the picture came about."""
        rates = origins(((run.contender.title, run.contender.rate) for run in self.runs), self.tuning)
        count = counted(len(self.runs[0].reached), "start")
        return f"{count} · {rates} · {self.context()}"

    def headline(self) -> str:
        """One line: the starts, and the optimizer with which most runs arrive."""
        starts = counted(len(self.runs[0].reached), "start")
        on = f"{counted(len(self.runs), 'optimizer')} on {self.landscape.title} from {starts}"
        return f"{on}, {counted(self.steps, 'step')}; {most_arrive(self.runs)}"

    def to_dict(self, arrays: bool = True) -> dict[str, Any]:
        """The document of ``-o swarm.json`` and ``--json``; without `arrays` what a picture holds, no points."""
        return {
            **self.document(),
            "bounds": plain(self.landscape.view),
            "minimizers": plain(self.minimizers),
            "minima": plain(self.minima),
            "starts": len(self.runs[0].reached),
            "tuning": plain(self.tuning),
            "moments": plain(self.moments),
            "optimizers": [
                said(run.contender, run.arrived, run.diverged)
                | ({name: plain(getattr(run, name)) for name in KEPT} if arrays else {})
                for run in self.runs
            ],
        }

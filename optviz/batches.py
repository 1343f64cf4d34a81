"""What many runs at once give: final states of a batch, basins of attraction, swarms.

Every run of these records, and of sweeps, tells the same four things.

- *reached*: the index of the minimizer at which it ends, counted through the global and then the local minimizers of
  the function; -1 where it ends at none of them.
- *arrived*: the step from which on it stays within `tolerance` of the value at that minimizer, 0 if it started there;
  -1 if it has not arrived. A run that passes through and leaves again has not arrived.
- *diverged*: the first step whose iterate is not finite or farther than 1e6 from the origin in a coordinate, else 0.
- *values*: the objective at the last iterate; NaN where the run diverged.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any, TypeAlias

import numpy as np

from optviz.contenders import Budget, Contender, elsewhere, origins
from optviz.races import Landscape, square
from optviz.saving import SCHEMA, plain, record
from optviz.text import counted
from optviz.validity import ANY, Array, Device, Many, Number, Seed, Steps

Tolerance: TypeAlias = Annotated[float, Number(0)]


def counts_through(reached: np.ndarray, minimizers: np.ndarray) -> bool:
    """Whether each index is that of a minimizer, or -1."""
    return bool((reached < len(minimizers)).all())


def share(arrived: np.ndarray) -> float:
    """The share of runs that arrived, 0 to 1."""
    return float((arrived >= 0).mean()) if arrived.size else 0.0


def median_steps(arrived: np.ndarray) -> float | None:
    """The median over those that arrived of the steps they took; None where none did."""
    taken = arrived[arrived >= 0]
    return float(np.median(taken)) if taken.size else None


def context(tolerance: float, noise: str, seed: int, device: str) -> str:
    """What else a picture's provenance says: tolerance, noise, seed, and the device if it is not the CPU."""
    parts = [f"tolerance {tolerance:g}", *([f"noise {noise}"] if noise else []), "no clipping", f"seed {seed}"]
    parts += elsewhere(device)
    return " · ".join(parts)


def ends(contender: Contender, arrived: np.ndarray, diverged: np.ndarray) -> str:
    """What became of the runs of one optimizer, in one line."""
    median = median_steps(arrived)
    steps = "" if median is None else f" (median {median:g} steps)"
    lost = float((diverged > 0).mean()) if diverged.size else 0.0
    return f"{contender.title}: {100 * share(arrived):.1f} % arrive{steps}, {100 * lost:.1f} % diverge"


def most_arrive(runs: "Sequence[BasinMap | Flock]") -> str:
    """Of which optimizer the largest share of runs arrives, in a few words."""
    best = max(runs, key=lambda one: share(one.arrived))
    arrive = f"{100 * share(best.arrived):.1f} % arrive"
    return f"{arrive}, the most, with {best.contender.title}" if share(best.arrived) else "no run arrives"


@record(("its runs end at minimizers that it has", lambda batch: counts_through(batch.reached, batch.minimizers)))
@dataclass(frozen=True)
class Batch:
    """One optimizer on one test function from many starts.

    Attributes
    ----------
    function : str
    contender : Contender
    steps, seed : int
    tolerance : float
    noise : str
        The noise model with its numbers, as ``"gaussian:0.1"``; empty for exact gradients.
    points : (n, d) float32 or float64
        The last iterates; NaN where a run diverged.
    values : (n,) float32 or float64
    reached, arrived, diverged : (n,) int32
        See the module's docstring.
    minimizers : (k, d) float64
        Global, then local ones.
    minima : (k,) float64
        The values there.
    history_steps : (h,) int64
        The steps at which iterates were kept.
    history : (h, n, d) float32 or float64
        Those iterates; NaN after a divergence.
    device : {"cpu", "cuda"}
        What computed the runs.
    """

    function: str
    contender: Contender
    steps: Steps
    seed: Seed
    tolerance: Tolerance
    noise: str
    points: Annotated[np.ndarray, Array("float32|float64", "RUNS", "dimension", **ANY)]
    values: Annotated[np.ndarray, Array("float32|float64", "RUNS", **ANY)]
    reached: Annotated[np.ndarray, Array("int32", "RUNS", low=-1)]
    arrived: Annotated[np.ndarray, Array("int32", "RUNS", low=-1)]
    diverged: Annotated[np.ndarray, Array("int32", "RUNS", low=0)]
    minimizers: Annotated[np.ndarray, Array("float64", "GLOBAL?", "dimension")]
    minima: Annotated[np.ndarray, Array("float64", "GLOBAL?")]
    history_steps: Annotated[np.ndarray, Array("int64", "MOMENTS?", low=0, rising=True)]
    history: Annotated[np.ndarray, Array("float32|float64", "MOMENTS?", "RUNS", "dimension", **ANY)]
    device: Device = "cpu"

    def found(self) -> str:
        """What it is and what became of its runs, in one line."""
        count = counted(len(self.points), "start")
        end = ends(self.contender, self.arrived, self.diverged)
        return f"{count} on {self.function}, {counted(self.steps, 'step')}; {end}"

    def to_dict(self) -> dict[str, Any]:
        """The document that ``writers`` put into a ``.json`` file."""
        return {"schema": SCHEMA, **plain(self)}


@record()
@dataclass(frozen=True)
class BasinMap:
    """Where one optimizer ends from each start of a grid.

    Attributes
    ----------
    contender : Contender
    reached, arrived, diverged : (ny, nx) int32
        See the module's docstring; row 0 holds the starts of lowest y.
    values : (ny, nx) float64
    """

    contender: Contender
    reached: Annotated[np.ndarray, Array("int32", "ROWS", "COLUMNS", low=-1)]
    arrived: Annotated[np.ndarray, Array("int32", "ROWS", "COLUMNS", low=-1)]
    diverged: Annotated[np.ndarray, Array("int32", "ROWS", "COLUMNS", low=0)]
    values: Annotated[np.ndarray, Array("float64", "ROWS", "COLUMNS", **ANY)]

    def found(self) -> str:
        """What it is and what became of its runs, in one line."""
        grid = " x ".join(map(str, self.arrived.shape[::-1]))
        return f"{grid} starts; {ends(self.contender, self.arrived, self.diverged)}"


@record(
    (
        "its runs end at minimizers that it has",
        lambda basins: all(counts_through(one.reached, basins.minimizers) for one in basins.maps),
    )
)
@dataclass(frozen=True)
class Basins:
    """Basins of attraction: a grid of starts, and where each optimizer ends from each of them.

    Attributes
    ----------
    landscape : Landscape
        The function over the region of the starts, its ``view``: as many cells as starts, each start at the centre of
        its cell. ``minimizers`` and ``local_minimizers`` are those of the whole function, some perhaps outside.
    minima : (k,) float64
        The values at `minimizers`.
    maps : tuple of BasinMap
        One for each optimizer, in the order asked for.
    steps, seed : int
    tolerance : float
    noise : str
    tuning : dict or None
        The budget of the tuning, see `optviz.results.Race`; its starts lie all over the function's view.
    device : {"cpu", "cuda"}
        What computed the runs.
    """

    landscape: Landscape
    minima: Annotated[np.ndarray, Array("float64", "GLOBAL + LOCAL")]
    maps: Annotated[tuple[BasinMap, ...], Many("maps", distinct=lambda one: one.contender.optimizer)]
    steps: Steps
    seed: Seed
    tolerance: Tolerance
    noise: str
    tuning: Budget | None = None
    device: Device = "cpu"

    @property
    def minimizers(self) -> np.ndarray:
        """(k, 2) float64: global, then local minimizers; `BasinMap.reached` counts through them."""
        return np.concatenate([self.landscape.minimizers, self.landscape.local_minimizers])

    def provenance(self) -> str:
        """One line, generated from the run, that says how the picture came about."""
        rates = origins(((one.contender.title, one.contender.rate) for one in self.maps), self.tuning)
        return f"{rates} · {context(self.tolerance, self.noise, self.seed, self.device)}"

    def found(self) -> str:
        """What it is and where most runs arrive, in one line."""
        starts = " x ".join(map(str, self.landscape.values.shape[::-1])) + " starts"
        on = f"{counted(len(self.maps), 'optimizer')} on {self.landscape.title} from {starts}"
        return f"{on}, {counted(self.steps, 'step')}; {most_arrive(self.maps)}"

    def to_dict(self, arrays: bool = True) -> dict[str, Any]:
        """The document of ``-o basins.json`` and ``--json``; without `arrays` what a picture holds, no grids."""
        return {
            "schema": SCHEMA,
            "function": self.landscape.function,
            "bounds": plain(self.landscape.view),
            "resolution": list(self.landscape.values.shape[::-1]),
            "minimizers": plain(self.minimizers),
            "minima": plain(self.minima),
            "steps": self.steps,
            "tolerance": self.tolerance,
            "noise": self.noise,
            "seed": self.seed,
            "device": self.device,
            "tuning": plain(self.tuning),
            "provenance": self.provenance(),
            "optimizers": [
                {
                    **plain(one.contender),
                    "share_arrived": share(one.arrived),
                    "median_steps": median_steps(one.arrived),
                    "share_diverged": float((one.diverged > 0).mean()),
                    "share_of_minimizer": [float((one.reached == k).mean()) for k in range(len(self.minimizers))],
                    **({name: plain(getattr(one, name)) for name in GRIDS} if arrays else {}),
                }
                for one in self.maps
            ],
        }


GRIDS = ("reached", "arrived", "diverged", "values")


@record()
@dataclass(frozen=True)
class Flock:
    """The runs of one optimizer in a swarm.

    Attributes
    ----------
    contender : Contender
    points : (h, n, 2) float32
        Where the runs are at each of the swarm's ``moments``; NaN after a divergence.
    reached, arrived, diverged : (n,) int32
        See the module's docstring.
    """

    contender: Contender
    points: Annotated[np.ndarray, Array("float32", "MOMENTS", "RUNS", 2, **ANY)]
    reached: Annotated[np.ndarray, Array("int32", "RUNS", low=-1)]
    arrived: Annotated[np.ndarray, Array("int32", "RUNS", low=-1)]
    diverged: Annotated[np.ndarray, Array("int32", "RUNS", low=0)]

    def found(self) -> str:
        """What it is and what became of its runs, in one line."""
        starts = counted(len(self.arrived), "start")
        return f"{starts}; {ends(self.contender, self.arrived, self.diverged)}"


@record(
    (
        "its runs end at minimizers that it has",
        lambda swarm: all(counts_through(one.reached, swarm.minimizers) for one in swarm.flocks),
    ),
    ("its landscape has as many rows as columns", square),
    ("its moments reach from 0 to its steps", lambda swarm: (swarm.moments[[0, -1]] == (0, swarm.steps)).all()),
)
@dataclass(frozen=True)
class Swarm:
    """Thousands of starts flowing down together.

    Attributes
    ----------
    landscape : Landscape
        Over the region of the starts.
    minima : (k,) float64
        The values at `minimizers`.
    flocks : tuple of Flock
        One for each optimizer, all from the same starts.
    moments : (h,) int64
        The steps at which points were kept, 0 first and `steps` last.
    steps, seed : int
    tolerance : float
    noise : str
    tuning : dict or None
    device : {"cpu", "cuda"}
    """

    landscape: Landscape
    minima: Annotated[np.ndarray, Array("float64", "GLOBAL + LOCAL")]
    flocks: Annotated[tuple[Flock, ...], Many("flocks", distinct=lambda one: one.contender.optimizer)]
    moments: Annotated[np.ndarray, Array("int64", "MOMENTS", low=0, rising=True)]
    steps: Steps
    seed: Seed
    tolerance: Tolerance
    noise: str
    tuning: Budget | None = None
    device: Device = "cpu"

    @property
    def minimizers(self) -> np.ndarray:
        """(k, 2) float64: global, then local minimizers; `Flock.reached` counts through them."""
        return np.concatenate([self.landscape.minimizers, self.landscape.local_minimizers])

    def provenance(self) -> str:
        """One line, generated from the run, that says how the picture came about."""
        rates = origins(((one.contender.title, one.contender.rate) for one in self.flocks), self.tuning)
        count = counted(len(self.flocks[0].reached), "start")
        return f"{count} · {rates} · {context(self.tolerance, self.noise, self.seed, self.device)}"

    def found(self) -> str:
        """What it is and where most runs arrive, in one line."""
        starts = counted(len(self.flocks[0].reached), "start")
        on = f"{counted(len(self.flocks), 'optimizer')} on {self.landscape.title} from {starts}"
        return f"{on}, {counted(self.steps, 'step')}; {most_arrive(self.flocks)}"

    def to_dict(self, arrays: bool = True) -> dict[str, Any]:
        """The document of ``-o swarm.json`` and ``--json``; without `arrays` what a picture holds, no points."""
        return {
            "schema": SCHEMA,
            "function": self.landscape.function,
            "bounds": plain(self.landscape.view),
            "minimizers": plain(self.minimizers),
            "minima": plain(self.minima),
            "starts": len(self.flocks[0].reached),
            "steps": self.steps,
            "tolerance": self.tolerance,
            "noise": self.noise,
            "seed": self.seed,
            "device": self.device,
            "tuning": plain(self.tuning),
            "provenance": self.provenance(),
            "moments": plain(self.moments),
            "optimizers": [
                {
                    **plain(one.contender),
                    "share_arrived": share(one.arrived),
                    "median_steps": median_steps(one.arrived),
                    "share_diverged": float((one.diverged > 0).mean()),
                    **(
                        {name: plain(getattr(one, name)) for name in ("reached", "arrived", "diverged", "points")}
                        if arrays
                        else {}
                    ),
                }
                for one in self.flocks
            ],
        }

"""Parts that several results share: the landscape, an optimizer as it ran, and what became of many runs.

Every run of a batch, of basins, of a swarm and of a sweep tells these four things.

- *reached*: the index of the minimizer at which it ends, counted through the global and then the local minimizers of
  the function; -1 where it ends at none of them.
- *arrived*: the step from which on it stays within `tolerance` of the value at that minimizer, 0 if it started there;
  -1 if it has not arrived. A run that passes through and leaves again has not arrived.
- *diverged*: the first step whose iterate is not finite or farther than 1e6 from the origin in a coordinate, else 0.
- *values*: the objective at the last iterate; NaN where the run diverged.
"""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, TypeAlias

import numpy as np

from optviz.results.saved import SCHEMA, plain, record
from optviz.results.validity import ANY, Array, Count, Items, Number, Region

Budget: TypeAlias = Annotated[
    dict[str, Any],
    Items(
        rule=str,
        grid=Count,
        most=Count,
        low=float,
        high=float,
        ends=tuple[str, ...],
        starts=Count,
        steps=int,
        noise=bool,
    ),
]  # of tuning, see `Race`
GRIDS = ("reached", "arrived", "diverged", "values")
Tolerance: TypeAlias = Annotated[float, Number(0)]


def _ordered(region: tuple[Any, ...]) -> bool:
    return all(low < high for low, high in region)


def centres(ends: tuple[float, float], count: int) -> np.ndarray:
    """(count,) float64: the centres of equal cells between two ends."""
    low, high = ends
    return low + (high - low) * ((np.arange(count) + 0.5) / count)


@record(("its bounds and its view have their lower ends first", lambda one: _ordered((*one.bounds, *one.view))))
@dataclass(frozen=True)
class Landscape:
    """A test function as a picture needs it.

    Attributes
    ----------
    function, title, formula : str
        Registered name, name in pictures, and the formula on one line.
    bounds, view : ((x_low, x_high), (y_low, y_high))
        The domain, and the square that is shown.
    values : (n, n) float64
        The function at the centres of n x n equal cells of the view; row 0 is the lowest y.
    minimizers, local_minimizers : (k, 2) float64
        Global minimizers, and further minima to mark.
    minimum : float
    searched : bool
        Whether minimizers and minimum are the lowest that a search has found, and not known to be the minimum.
    hessians : (k, 3) float64 or None
        The second derivatives by xx, xy and yy at the minimizers and then at the further minima; NaN where there are
        none.
    typed : str
        A formula of the user's own as it was typed, with its constants as numbers; "" for all others.

    Examples
    --------
    >>> import optviz
    >>> ground = optviz.race("beale", ["sgd"], lr=0.01, steps=1, resolution=32).landscape
    >>> ground.title, ground.values.shape, ground.minimizers.tolist()
    ('Beale', (32, 32), [[3.0, 0.5]])
    """

    function: str
    title: str
    formula: str
    bounds: Region
    view: Region
    values: Annotated[np.ndarray, Array("float64", "ROWS", "COLUMNS", **ANY)]
    minimizers: Annotated[np.ndarray, Array("float64", "GLOBAL?", 2)]
    local_minimizers: Annotated[np.ndarray, Array("float64", "LOCAL?", 2)]
    minimum: Annotated[float, Number(unknown=True, infinite=True)]
    searched: bool = False
    hessians: Annotated[np.ndarray, Array("float64", "POINTS?", 3, **ANY)] | None = None
    typed: str = ""

    @property
    def gap(self) -> str:
        """What a height above the minimum is called."""
        return "f − lowest found" if self.searched else "f − f*"

    def headline(self) -> str:
        """The record in one line."""
        x, y = (f"from {low:g} to {high:g}" for low, high in self.view)
        rows, columns = self.values.shape
        least = "lowest found" if self.searched else "minimum"
        return f"{self.title}, x {x}, y {y}, {columns} x {rows} values; {least} {self.minimum:g}"


def square(result: Any) -> bool:
    """Whether the landscape has as many rows as columns, as one that is drawn in relief."""
    rows, columns = result.landscape.values.shape
    return rows == columns


@record()
@dataclass(frozen=True)
class Contender:
    """An optimizer as it ran.

    Attributes
    ----------
    optimizer, title : str
        The registered name, with what tells it from others of that name, and the name in pictures.
    variant, defaults : str
        Whose formula, and whose numbers filled what was not given.
    hyperparameters : dict of str to float
        All of them, as used.
    rate : str
        Where the learning rate comes from: ``"tuned"``, ``"given"`` or the name of a default table.
    written : str
        The optimizer as it is written, with what is not as by default.
    """

    optimizer: str
    title: str
    variant: str
    defaults: str
    hyperparameters: dict[str, float]
    rate: str
    written: str = ""

    def headline(self) -> str:
        """The record in one line."""
        numbers = ", ".join(f"{name} {value:g}" for name, value in self.hyperparameters.items())
        return f"{self.title}, {numbers or 'no hyperparameters'}; learning rate: {self.rate}"


def origins(rates: Iterable[tuple[str, str]], tuning: Mapping[str, Any] | None) -> str:
    """Where learning rates come from, in one line.

    Parameters
    ----------
    rates : iterable of (title, source)
        For each optimizer ``"tuned"``, ``"given"`` or the name of a default table.
    tuning : dict or None
        With the ``rule`` by which rates were tuned.
    """
    titles: dict[str, list[str]] = {}
    for title, source in rates:
        titles.setdefault(source, []).append(title)
    words = {source: f"{source} defaults" for source in titles} | {"given": "given"}
    if tuning:
        words["tuned"] = tuning["rule"]
    # The largest group comes last and needs no names.
    *few, most = sorted(titles, key=lambda source: len(titles[source]))
    parts = [f"{', '.join(titles[source])}: {words[source]}" for source in few]
    parts.append(f"{'others' if few else 'learning rates'}: {words[most]}")
    return " · ".join(parts)


def elsewhere(device: str) -> list[str]:
    """The device in words, for a provenance; none for the CPU, whose results are the same bits everywhere."""
    return [] if device == "cpu" else [f"device {device}"]


class OnLandscape(ABC):
    """What a result on a landscape says of itself: `landscape`, `tolerance`, `noise`, `seed` and `device` are given."""

    landscape: Landscape
    steps: int
    tolerance: float
    noise: str
    seed: int
    device: str

    @property
    def minimizers(self) -> np.ndarray:
        """(k, 2) float64: global, then local minimizers; `reached` counts through them."""
        return np.concatenate([self.landscape.minimizers, self.landscape.local_minimizers])

    @abstractmethod
    def provenance(self) -> str:
        """One line, generated from the run, that says how the picture came about."""

    def context(self) -> str:
        """Tolerance, noise, seed, and the device if it is not the CPU, in one line."""
        noise = [f"noise {self.noise}"] if self.noise else []
        parts = [f"tolerance {self.tolerance:g}", *noise, "no clipping", f"seed {self.seed}", *elsewhere(self.device)]
        return " · ".join(parts)

    def document(self) -> dict[str, Any]:
        """The part of a JSON document that all such results share."""
        names = ("steps", "tolerance", "noise", "seed", "device")
        head = {"schema": SCHEMA, "function": self.landscape.function}
        return head | {name: getattr(self, name) for name in names} | {"provenance": self.provenance()}


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


def ends(contender: Contender, arrived: np.ndarray, diverged: np.ndarray) -> str:
    """The shares of one optimizer's runs that arrive and that diverge, in one line."""
    median = median_steps(arrived)
    steps = "" if median is None else f" (median {median:g} steps)"
    lost = float((diverged > 0).mean()) if diverged.size else 0.0
    return f"{contender.title}: {100 * share(arrived):.1f} % arrive{steps}, {100 * lost:.1f} % diverge"


def said(contender: Contender, arrived: np.ndarray, diverged: np.ndarray) -> dict[str, Any]:
    """One optimizer's runs in a JSON document, but for the runs themselves."""
    shares = {"share_arrived": share(arrived), "median_steps": median_steps(arrived)}
    return plain(contender) | shares | {"share_diverged": float((diverged > 0).mean())}


def most_arrive(runs: Sequence[Any]) -> str:
    """Of which optimizer the largest share of runs arrives, in a few words."""
    best = max(runs, key=lambda one: share(one.arrived))
    arrive = f"{100 * share(best.arrived):.1f} % arrive"
    return f"{arrive}, the most, with {best.contender.title}" if share(best.arrived) else "no run arrives"

"""One optimizer with other hyperparameters at each pixel of a map, and what theory says about it."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any

import numpy as np

from optviz.results.columns import Tabular, crossed, dataset
from optviz.results.numeric import each
from optviz.results.parts import GRIDS, Contender, Landscape, OnLandscape, Tolerance, share
from optviz.results.saved import plain, record
from optviz.results.shown import Explored
from optviz.results.validity import ANY, Array, Device, Items, OneOf, Seed, Steps
from optviz.results.words import counted

if TYPE_CHECKING:
    import xarray


def _log(value: float) -> float:
    return math.log(value) if value > 0 else -math.inf if value == 0 else math.nan


_SCALES: dict[str, Callable[[float], float]] = {
    "log": _log,
    "linear": float,
    "log(1-b)": lambda value: -math.log1p(-value) if value < 1 else math.inf if value == 1 else math.nan,
}


def _rises(axis: "Axis") -> bool:
    at = axis.place(axis.values) / len(axis.values)
    return axis.low < axis.high and bool(((at >= -1e-9) & (at <= 1 + 1e-9)).all())


@record(("its ends and its values rise on its scale", _rises))
@dataclass(frozen=True)
class Axis:
    """A hyperparameter that varies along an axis of a sweep.

    Attributes
    ----------
    name : str
        The hyperparameter: ``"lr"``.
    scale : str
        How its values are spaced: ``"log"``, ``"linear"`` or ``"log(1-b)"``, logarithmic in one minus the value.
    low, high : float
        The ends of the axis: the outer borders of its first and last pixel.
    values : (n,) float64
        The value of each pixel, at its centre on the axis's scale.
    """

    name: str
    scale: Annotated[str, OneOf(*_SCALES)]
    low: float
    high: float
    values: Annotated[np.ndarray, Array("float64", "pixels", rising=True)]

    def headline(self) -> str:
        """The record in one line."""
        return f"{self.name} from {self.low:g} to {self.high:g}, {len(self.values)} values, scale {self.scale}"

    def place(self, values: Any) -> np.ndarray:
        """Where values lie on the axis, in pixels from its lower end: 0 at `low`, n at `high`; NaN off the scale."""
        with np.errstate(invalid="ignore"):
            low, high, at = (each(_SCALES[self.scale], v) for v in (self.low, self.high, values))
            return (at - low) / (high - low) * len(self.values)


FINE = 16  # parts of a piece of a curve that are looked at


@record()
@dataclass(frozen=True)
class Curve:
    """What theory says about a sweep: a line in the plane of its two hyperparameters, or a point.

    Attributes
    ----------
    name : str
        ``"stability"`` or ``"optimum"``.
    text : str
        What it is, where it holds, and its formula: ``"near the minimum stable below lr = 2 (1 + momentum) / L"``.
    points : (m, 2) float64
        In the axes' own units; a single one for a point. Some may lie outside the axes.
    """

    name: Annotated[str, OneOf("stability", "optimum")]
    text: str
    points: Annotated[np.ndarray, Array("float64", "points", 2, unknown=True)]

    def headline(self) -> str:
        """The record in one line."""
        return self.text


def _has(sweep: "Sweep", best: dict[str, Any]) -> bool:
    rows, columns = sweep.values.shape
    pair = [best.get(axis.name) for axis in (sweep.x, sweep.y)]
    return best["row"] < rows and best["column"] < columns and all(isinstance(value, float | int) for value in pair)


@record(
    ("its axes are of different hyperparameters", lambda sweep: sweep.x.name != sweep.y.name),
    (
        "each pixel has its place on both axes",
        lambda sweep: sweep.values.shape == (len(sweep.y.values), len(sweep.x.values)),
    ),
    ("its best pixel is one of its own", lambda sweep: sweep.best is None or _has(sweep, sweep.best)),
)
@dataclass(frozen=True)
class Sweep(OnLandscape, Explored, Tabular):
    """One optimizer on one function from one start, with other hyperparameters at each pixel.

    Attributes
    ----------
    landscape : Landscape
    contender : Contender
        Its ``hyperparameters`` hold what does not vary, and the defaults of the two that do.
    x, y : Axis
    start : (x, y)
    steps, seed : int
    tolerance : float
        Above the global minimum: a run that ends at a local one has not arrived.
    noise : str
    arrived, diverged : (ny, nx) int32
        See `optviz.results.parts`; row 0 holds the lowest y.
    values : (ny, nx) float64
    best : dict or None
        The best robust pixel, that whose slowest neighbour within ``radius`` pixels is fastest: ``column``, ``row``,
        its two hyperparameters by name, ``steps`` (its own), ``worst`` (of its neighbourhood) and ``radius``. None
        where no pixel has a neighbourhood that arrives.
    theory : tuple of Curve
    device : {"cpu", "cuda"}
        What computed the runs.

    Examples
    --------
    >>> import optviz
    >>> sweep = optviz.sweep("quadratic", "momentum", ("lr", 0.001, 0.01, 40), ("momentum", 0.0, 0.9, 40))
    >>> sweep.arrived.shape, sweep.best is None
    ((40, 40), False)
    """

    landscape: Landscape
    contender: Contender
    x: Axis
    y: Axis
    start: tuple[float, float]
    steps: Steps
    seed: Seed
    tolerance: Tolerance
    noise: str
    arrived: Annotated[np.ndarray, Array("int32", "rows", "columns", low=-1)]
    diverged: Annotated[np.ndarray, Array("int32", "rows", "columns", low=0)]
    values: Annotated[np.ndarray, Array("float64", "rows", "columns", **ANY)]
    best: Annotated[dict[str, Any], Items(column=int, row=int, steps=int, worst=int, radius=int)] | None
    theory: tuple[Curve, ...]
    device: Device = "cpu"

    def shows(self, curve: Curve) -> bool:
        """Whether something of what theory says lies between the ends of both axes, so that a picture shows it."""
        at = np.stack([axis.place(curve.points[:, k]) / len(axis.values) for k, axis in enumerate((self.x, self.y))])
        with np.errstate(invalid="ignore"):
            if at.shape[1] > 1:  # between points a curve is straight
                near = np.linspace(0, 1, FINE, endpoint=False)
                pieces = (at[:, :-1, None] + np.diff(at)[..., None] * near).reshape(2, -1)
                at = np.concatenate([pieces, at[:, -1:]], axis=1)
            return bool(((at >= 0) & (at <= 1)).all(axis=0).any())

    def provenance(self) -> str:
        """One line, generated from the run, that says how the picture came about."""
        start = f"from ({self.start[0]:g}, {self.start[1]:g})".replace("-", "−")
        return f"{start} · {self.conditions()}"

    def conditions(self) -> str:
        """The provenance without the start, for where that is said already."""
        varied = (self.x.name, self.y.name)
        kept = [f"{name} {value:g}" for name, value in self.contender.hyperparameters.items() if name not in varied]
        return " · ".join([*kept, self.context()])

    def headline(self) -> str:
        """One line: the sweep, and the best pair."""
        axes = " and ".join(f"{axis.name} {axis.low:g} to {axis.high:g}" for axis in (self.x, self.y))
        best = "no pair arrives with all its neighbours"
        if self.best is not None:
            pair = ", ".join(f"{axis.name} {self.best[axis.name]:.4g}" for axis in (self.x, self.y))
            best = f"best {pair} in {counted(self.best['steps'], 'step')}"
        return f"{self.contender.title} on {self.landscape.title}, {axes}, {counted(self.steps, 'step')}; {best}"

    def _grids(self) -> dict[str, np.ndarray]:
        return {"arrived": self.arrived, "diverged": self.diverged, "value": self.values}

    def to_columns(self) -> dict[str, np.ndarray]:
        """A row for each pair: ``function``, ``optimizer``, both hyperparameters, and what became of the run.

        That is ``arrived``, ``diverged``, and ``value`` at the last iterate.
        """
        y, x = crossed(self.y.values, self.x.values)
        names = {"function": self.landscape.function, "optimizer": self.contender.optimizer}
        return {
            **{name: np.full(x.size, text, object) for name, text in names.items()},
            self.x.name: x,
            self.y.name: y,
            **{name: grid.flatten() for name, grid in self._grids().items()},
        }

    def to_xarray(self) -> "xarray.Dataset":
        """The map as arrays whose dimensions are the two hyperparameters, that of the rows first.

        Returns
        -------
        xarray.Dataset
            Of ``arrived``, ``diverged`` and ``value``, with what they are in their attributes.

        Raises
        ------
        MissingError
            If xarray is not installed.
        """
        axes = {axis.name: (axis.values, f"{axis.name}, scale {axis.scale}") for axis in (self.y, self.x)}
        facts = self.document() | {"optimizer": self.contender.optimizer, "start": list(self.start)}
        return dataset(self._grids(), axes, facts)

    def to_dict(self, arrays: bool = True) -> dict[str, Any]:
        """The document of ``-o sweep.json`` and ``--json``; without `arrays` what a picture holds, no grids."""
        document = {
            **self.document(),
            **plain(self.contender),
            "x": plain(self.x),
            "y": plain(self.y),
            "start": plain(self.start),
            "share_arrived": share(self.arrived),
            "share_diverged": float((self.diverged > 0).mean()),
            "best": plain(self.best),
            "theory": plain(self.theory),
        }
        return document | ({name: plain(getattr(self, name)) for name in GRIDS[1:]} if arrays else {})

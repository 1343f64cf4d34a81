"""Basins of attraction: where each optimizer ends from each start of a grid."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any

import numpy as np

from optviz.results.columns import Tabular, crossed, dataset, texts
from optviz.results.parts import (
    GRIDS,
    Budget,
    Contender,
    Landscape,
    OnLandscape,
    Tolerance,
    centres,
    counts_through,
    ends,
    most_arrive,
    origins,
    said,
)
from optviz.results.saved import plain, record
from optviz.results.shown import Explored
from optviz.results.validity import ANY, Array, Device, Many, Seed, Steps
from optviz.results.words import counted

if TYPE_CHECKING:
    import xarray


@record()
@dataclass(frozen=True)
class BasinMap:
    """Where one optimizer ends from each start of a grid.

    Attributes
    ----------
    contender : Contender
    reached, arrived, diverged : (ny, nx) int32
        See `optviz.results.parts`; row 0 holds the starts of lowest y.
    values : (ny, nx) float64
    """

    contender: Contender
    reached: Annotated[np.ndarray, Array("int32", "ROWS", "COLUMNS", low=-1)]
    arrived: Annotated[np.ndarray, Array("int32", "ROWS", "COLUMNS", low=-1)]
    diverged: Annotated[np.ndarray, Array("int32", "ROWS", "COLUMNS", low=0)]
    values: Annotated[np.ndarray, Array("float64", "ROWS", "COLUMNS", **ANY)]

    def headline(self) -> str:
        """One line: the starts, and how the runs ended."""
        grid = " x ".join(map(str, self.arrived.shape[::-1]))
        return f"{grid} starts; {ends(self.contender, self.arrived, self.diverged)}"


@record(
    (
        "its runs end at minimizers that it has",
        lambda basins: all(counts_through(basin.reached, basins.minimizers) for basin in basins.maps),
    )
)
@dataclass(frozen=True)
class Basins(OnLandscape, Explored, Tabular):
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
        The budget of the tuning, see `optviz.results.race.Race`; its starts lie all over the function's view.
    device : {"cpu", "cuda"}
        What computed the runs.

    Examples
    --------
    >>> import optviz
    >>> basins = optviz.basins("himmelblau", ["sgd"], lr=0.01, resolution=16, steps=100)
    >>> basins.headline()
    '1 optimizer on Himmelblau from 16 x 16 starts, 100 steps; 100.0 % arrive, the most, with SGD'
    >>> len(basins.minimizers), basins.maps[0].reached.shape
    (4, (16, 16))
    """

    landscape: Landscape
    minima: Annotated[np.ndarray, Array("float64", "GLOBAL + LOCAL")]
    maps: Annotated[tuple[BasinMap, ...], Many("maps", distinct=lambda basin: basin.contender.optimizer)]
    steps: Steps
    seed: Seed
    tolerance: Tolerance
    noise: str
    tuning: Budget | None = None
    device: Device = "cpu"

    def provenance(self) -> str:
        """One line, generated from the run, that says how the picture came about."""
        rates = origins(((basin.contender.title, basin.contender.rate) for basin in self.maps), self.tuning)
        return f"{rates} · {self.context()}"

    def headline(self) -> str:
        """One line: the starts, and the optimizer with which most runs arrive."""
        starts = " x ".join(map(str, self.landscape.values.shape[::-1])) + " starts"
        on = f"{counted(len(self.maps), 'optimizer')} on {self.landscape.title} from {starts}"
        return f"{on}, {counted(self.steps, 'step')}; {most_arrive(self.maps)}"

    @property
    def axes(self) -> tuple[np.ndarray, np.ndarray]:
        """(nx,) and (ny,) float64: x of the columns and y of the rows of starts."""
        return tuple(map(centres, self.landscape.view, self.landscape.values.shape[::-1]))  # type: ignore[return-value]

    def _grids(self) -> dict[str, np.ndarray]:
        """(optimizers, ny, nx): what became of the runs, each by the name of one."""
        grids = {name: np.stack([getattr(basin, name) for basin in self.maps]) for name in GRIDS}
        return {name.removesuffix("s"): grid for name, grid in grids.items()}

    def to_columns(self) -> dict[str, np.ndarray]:
        """A row for each start of each optimizer, row by row of the grid.

        ``function``, ``optimizer``, ``start_x``, ``start_y``, ``reached``, ``arrived``, ``diverged``, and ``value`` at
        the last iterate.
        """
        optimizers = texts(basin.contender.optimizer for basin in self.maps)
        optimizer, y, x = crossed(optimizers, *self.axes[::-1])
        return {
            "function": np.full(len(x), self.landscape.function, object),
            "optimizer": optimizer,
            "start_x": x,
            "start_y": y,
            **{name: grids.flatten() for name, grids in self._grids().items()},
        }

    def to_xarray(self) -> "xarray.Dataset":
        """The maps as arrays with the dimensions ``optimizer``, ``y`` and ``x``, the last two of starts.

        Returns
        -------
        xarray.Dataset
            Of ``reached``, ``arrived``, ``diverged`` and ``value``, with what they are in their attributes.

        Raises
        ------
        MissingError
            If xarray is not installed.
        """
        x, y = self.axes
        names = np.array([basin.contender.optimizer for basin in self.maps])
        axes = {"optimizer": (names, "optimizer"), "y": (y, "y of the start"), "x": (x, "x of the start")}
        return dataset(self._grids(), axes, self.document())

    def to_dict(self, arrays: bool = True) -> dict[str, Any]:
        """The document of ``-o basins.json`` and ``--json``; without `arrays` what a picture holds, no grids."""
        return {
            **self.document(),
            "bounds": plain(self.landscape.view),
            "resolution": list(self.landscape.values.shape[::-1]),
            "minimizers": plain(self.minimizers),
            "minima": plain(self.minima),
            "tuning": plain(self.tuning),
            "optimizers": [
                {
                    **said(basin.contender, basin.arrived, basin.diverged),
                    "share_of_minimizer": [float((basin.reached == k).mean()) for k in range(len(self.minimizers))],
                    **({name: plain(getattr(basin, name)) for name in GRIDS} if arrays else {}),
                }
                for basin in self.maps
            ],
        }

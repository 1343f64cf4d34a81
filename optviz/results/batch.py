"""Batches: one optimizer on one function from many starts."""

from dataclasses import dataclass
from typing import Annotated, Any

import numpy as np

from optviz.results.columns import Tabular, coordinates
from optviz.results.parts import Contender, Tolerance, counts_through, ends
from optviz.results.saved import SCHEMA, plain, record
from optviz.results.shown import Shown
from optviz.results.validity import ANY, Array, Device, Seed, Steps
from optviz.results.words import counted


@record(("its runs end at minimizers that it has", lambda batch: counts_through(batch.reached, batch.minimizers)))
@dataclass(frozen=True)
class Batch(Shown, Tabular):
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
        See `optviz.results.parts`.
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

    Examples
    --------
    >>> import numpy as np, optviz
    >>> batch = optviz.minimize_many("sphere", "sgd", np.ones((5, 2)), steps=20, lr=0.25)
    >>> batch.arrived.tolist(), batch.reached.tolist()
    ([8, 8, 8, 8, 8], [0, 0, 0, 0, 0])
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

    def headline(self) -> str:
        """One line: the starts, and how the runs ended."""
        count = counted(len(self.points), "start")
        end = ends(self.contender, self.arrived, self.diverged)
        return f"{count} on {self.function}, {counted(self.steps, 'step')}; {end}"

    def to_columns(self) -> dict[str, np.ndarray]:
        """A row for each run.

        ``function``, ``optimizer``, ``start`` (its number, from 0), ``x`` and ``y`` of the last iterate (``x1``,
        ``x2``, ... in other than two dimensions), ``value`` there, ``reached``, ``arrived`` and ``diverged``.
        """
        count = len(self.values)
        return {
            "function": np.full(count, self.function, object),
            "optimizer": np.full(count, self.contender.optimizer, object),
            "start": np.arange(count),
            **coordinates(self.points),
            "value": self.values.copy(),
            **{name: getattr(self, name).copy() for name in ("reached", "arrived", "diverged")},
        }

    def to_dict(self) -> dict[str, Any]:
        """The document that ``writers`` put into a ``.json`` file."""
        return {"schema": SCHEMA, **plain(self)}

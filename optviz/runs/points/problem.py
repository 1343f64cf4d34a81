"""What many runs have in common, and what follows from it for their kernels."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from optviz.functions import Function
from optviz.kernels.rules import constants
from optviz.noise import NoiseModel, NoiseSetting
from optviz.optimizers import Formula, Setting, showing
from optviz.runs.points.minibatches import batch_means
from optviz.runs.scalars import step_table

EVALUATIONS, MOST_EVALUATIONS = 100, 1_000_000  # of a solver: for each step, and of a run


@dataclass(frozen=True)
class Problem:
    """One setting on one function for so many steps.

    Attributes
    ----------
    setting : Setting
    function : Function
    steps : int
    watched : sequence of float
        Values; for each it is told from which step on a run stays at or below it, or when it is there first.
    dtype : type
        ``np.float32`` or ``np.float64``.
    own : tuple of str
        Hyperparameters that each run has its own values of.
    noise : NoiseSetting or None
    seed : int
        Of the noise.
    first : bool
        Whether the first iterate at or below a watched value counts, whatever comes later.
    counted : bool
        Whether it is told with how many evaluations a run is there, where they are of its own choice, and not at which
        step.
    evaluations : int or None
        Of a solver, which stops when it has made so many; by default `EVALUATIONS` a step, see `budget`.
    """

    setting: Setting
    function: Function
    steps: int
    watched: Sequence[float] = ()
    dtype: type = np.float64
    own: tuple[str, ...] = ()
    noise: NoiseSetting | None = None
    seed: int = 0
    first: bool = False
    evaluations: int | None = None
    counted: bool = False

    @cached_property
    def formula(self) -> Formula:
        """The setting's formula; where it reports another point, with that point in its last slot."""
        return showing(self.setting.formula)

    @property
    def dimension(self) -> int:
        """How many coordinates the function has."""
        return len(self.function.bounds)

    @property
    def budget(self) -> int:
        """The evaluations that a solver may make: enough to find its way, and an end if it does not."""
        return self.evaluations or min(EVALUATIONS * self.steps + 10 * (self.dimension + 1), MOST_EVALUATIONS)

    @property
    def model(self) -> NoiseModel | None:
        """The model of the noise."""
        return None if self.noise is None else self.noise.model

    @cached_property
    def thresholds(self) -> np.ndarray:
        """The watched values in the precision of the runs, (thresholds,)."""
        return np.array(self.watched, self.dtype)

    @cached_property
    def hyper(self) -> np.ndarray:
        """The constants of the rule's kernel, (constants,)."""
        with np.errstate(over="ignore"):  # beyond float32 a learning rate is infinite, and the run diverges
            return np.array(constants(self.formula, self.setting.hyperparameters), np.float64).astype(self.dtype)

    @cached_property
    def table(self) -> np.ndarray:
        """The step scalars of all steps, (steps, scalars), where runs share them."""
        return step_table(self.setting, self.dtype, self.steps).T.copy()

    @cached_property
    def draws(self) -> tuple:
        """What the noise's kernel takes but for a run's number: seed, parameters (parameters, d), means of batches."""
        if self.noise is None:
            return np.uint64(self.seed), np.empty((0, 0), self.dtype), np.empty((0, 0))
        parameters: np.ndarray = np.array(self.noise.by_coordinate(self.dimension), self.dtype)
        return np.uint64(self.seed), parameters, batch_means(self.noise, self.steps, self.dimension, self.seed)

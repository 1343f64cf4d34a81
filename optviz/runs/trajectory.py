"""One optimizer on one test function: `minimize`, and the loop that tuning shares with it."""

import math
import numbers
from collections.abc import Sequence
from typing import Any

import numpy as np

from optviz.errors import UsageError, UsageTypeError
from optviz.functions import REGISTRY, Function
from optviz.kernels.trajectory import trajectory_kernel
from optviz.optimizers import Setting, UpdateRule, configure
from optviz.results import Trajectory
from optviz.runs._scalars import hyperparameters, step_table

# A compiled call cannot be interrupted; this many steps take a few milliseconds even for the slowest pair, so that
# Ctrl-C is served at once.
CHUNK = 50_000
MOST_STEPS = 10_000_000  # 240 MB of iterates and values


class Runner:
    """One setting on one function, ready to run from any start, with the compiled kernel and its buffers.

    Parameters
    ----------
    setting : Setting
    function : Function
    steps : int
    dtype : type
        ``np.float64`` or ``np.float32``.
    """

    def __init__(self, setting: Setting, function: Function, steps: int, dtype: type = np.float64):
        self.function = function
        self.steps = steps
        self.dtype = dtype
        self.kernel = trajectory_kernel(setting.formula, function, dtype)
        self.use(setting)

    def use(self, setting: Setting) -> None:
        """Change the hyperparameters; the formula stays."""
        self.setting = setting
        self.hyper = hyperparameters(setting, self.dtype)
        self.table = step_table(setting, self.dtype, self.steps)
        slots = setting.formula.slots
        self.initial = [setting.initial(slot) for slot in slots]
        self.state: list[tuple[np.ndarray, ...]] = [tuple(np.empty(1, self.dtype) for _ in slots) for _ in "xy"]

    def run(self, start: Sequence[float], points: np.ndarray, values: np.ndarray) -> int:
        """Fill `points` (steps + 1, 2) and `values` (steps + 1,); return the step that diverged, else 0."""
        for slots in self.state:
            for slot, value in zip(slots, self.initial, strict=True):
                slot[0] = value
        points[0] = start
        for first in range(1, self.steps + 1, CHUNK):
            last = min(first + CHUNK - 1, self.steps)
            diverged = self.kernel(points, values, *self.state, self.table, self.hyper, first, last)
            if diverged:
                points[diverged + 1 :] = np.nan
                values[diverged + 1 :] = np.nan
                return diverged
        return 0


def minimize(
    function: str | Function,
    optimizer: str | UpdateRule | Setting,
    start: Sequence[float] | None = None,
    steps: int | None = None,
    *,
    defaults: str = "torch",
    variant: str | None = None,
    dtype: Any = np.float64,
    **hyperparameters: Any,
) -> Trajectory:
    """Run one optimizer on one test function and keep every iterate.

    Parameters
    ----------
    function : str or Function
        A registered name or a test function.
    optimizer : str, UpdateRule or Setting
        A registered name, a rule or a setting.
    start : (x, y), optional
        Inside the function's bounds; by default the function's own start.
    steps : int, optional
        At least 1; by default the function's own number.
    defaults, variant, **hyperparameters
        See `optviz.optimizers.configure`.
    dtype : float64 or float32
        The precision in which the run computes.

    Returns
    -------
    Trajectory
        ``points`` (steps + 1, 2) and ``values`` (steps + 1,) float64, start first.

    Raises
    ------
    UnknownNameError
        If the function or the optimizer is not registered.
    UsageError, UsageTypeError
        If the start, the number of steps, the precision or a hyperparameter cannot be used.

    Examples
    --------
    >>> run = minimize("sphere", "sgd", start=(3.0, 4.0), steps=2, lr=0.25)
    >>> run.points.tolist()
    [[3.0, 4.0], [1.5, 2.0], [0.75, 1.0]]
    """
    unit = function if isinstance(function, Function) else REGISTRY[function]
    setting = configure(optimizer, defaults=defaults, variant=variant, **hyperparameters)
    start = checked_start(unit, start)
    steps = checked_steps(unit.steps if steps is None else steps)
    try:
        precision = np.dtype(dtype).type
    except TypeError:
        precision = None
    if precision not in (np.float32, np.float64):
        raise UsageTypeError(f"dtype is {dtype!r}", "Runs compute in float64 or float32.")
    return trajectory(Runner(setting, unit, steps, precision), start)


def trajectory(runner: Runner, start: Sequence[float]) -> Trajectory:
    """Run from `start` and wrap the iterates with the names and numbers that made them."""
    points: np.ndarray = np.empty((runner.steps + 1, 2), runner.dtype)
    values: np.ndarray = np.empty(runner.steps + 1, runner.dtype)
    diverged = runner.run(start, points, values)
    setting = runner.setting
    return Trajectory(
        function=runner.function.name,
        optimizer=setting.rule.name,
        title=setting.rule.title,
        variant=setting.variant,
        defaults=setting.defaults,
        hyperparameters=dict(setting.hyperparameters),
        points=points.astype(np.float64, copy=False),
        values=values.astype(np.float64, copy=False),
        diverged_at=diverged or None,
        minimum=runner.function.minimum,
    )


def checked_start(function: Function, start: Sequence[float] | None) -> tuple[float, float]:
    """`start` as two floats inside the function's bounds; the function's own start for None."""
    if start is None:
        return function.start
    if isinstance(start, str) or not isinstance(start, Sequence | np.ndarray) or np.shape(start) != (2,):
        raise UsageTypeError(f"start is {start!r}", "It must be two numbers: start=(-1.5, 2.0)")
    for number in start:
        if isinstance(number, bool) or not isinstance(number, numbers.Real) or not math.isfinite(number):
            raise UsageError(f"start is {start!r}", "It must be two finite numbers: start=(-1.5, 2.0)")
    x, y = float(start[0]), float(start[1])
    for axis, number, (low, high) in zip("xy", (x, y), function.bounds, strict=True):
        if not low <= number <= high:
            raise UsageError(
                f"start ({x:g}, {y:g}) is outside the bounds of {function.name}",
                f"{axis} must lie between {low:g} and {high:g}.",
            )
    return x, y


def checked_steps(steps: Any) -> int:
    """`steps` as an int between 1 and what memory holds."""
    if isinstance(steps, bool) or not isinstance(steps, numbers.Integral):
        raise UsageTypeError(f"steps is {steps!r}", "It must be a whole number.")
    if not 1 <= int(steps) <= MOST_STEPS:
        raise UsageError(f"steps is {steps}", f"It must be between 1 and {MOST_STEPS:,}.")
    return int(steps)

"""One optimizer on one test function from one start: `minimize`."""

import math
import numbers
from collections.abc import Sequence
from typing import Any

import numpy as np

from optviz.errors import FormulaError, UsageError, UsageTypeError, shown
from optviz.functions import Function
from optviz.kernels.devices import chosen
from optviz.kernels.sources import place_of
from optviz.kernels.trajectory import trajectory_kernel
from optviz.optimizers import Setting, UpdateRule, configure
from optviz.results.numeric import plain
from optviz.results.race import Trajectory
from optviz.results.validity import MOST_STEPS
from optviz.runs.points.checks import checked_dtype, checked_seed, coordinate, function_of
from optviz.runs.points.engine import Engine
from optviz.runs.points.slices import Slab
from optviz.runs.scalars import hyperparameters, step_table

# A compiled call cannot be interrupted; this many steps take a few milliseconds even for the slowest pair, so that
# Ctrl-C is served at once.
CHUNK = 50_000


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
    dimension: int | None = None,
    noise: Any = None,
    seed: int = 0,
    defaults: str | None = None,
    variant: str | None = None,
    dtype: Any = np.float64,
    device: str = "cpu",
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
        d numbers; by default the function's own start. Outside the function's bounds the map of a race grows.
    steps : int, optional
        At least 1; by default the function's own number.
    dimension : int, optional
        The number d of coordinates, for functions of any dimension. By default 2.
    noise, seed
        As for `optviz.minimize_many`, whose first start sees the same noise.
    defaults, variant, **hyperparameters
        See `optviz.optimizers.configure`.
    dtype : float64 or float32
        The precision in which the run computes.
    device : {"cpu", "cuda", "auto"}
        As for `optviz.minimize_many`. A single run uses a single thread of a GPU, which is slower than a CPU's.

    Returns
    -------
    Trajectory
        ``points`` (steps + 1, d) and ``values`` (steps + 1,) float64, start first.

    Raises
    ------
    UnknownNameError
        If the function or the optimizer is not registered.
    UsageError, UsageTypeError
        If the start, the number of steps, the precision or a hyperparameter cannot be used.
    MissingError
        If the device is ``"cuda"`` and there is none.

    Examples
    --------
    >>> import optviz
    >>> run = optviz.minimize("sphere", "sgd", start=(3.0, 4.0), steps=2, lr=0.25)
    >>> run.points.tolist()
    [[3.0, 4.0], [1.5, 2.0], [0.75, 1.0]]
    """
    device = chosen(device)
    unit = function_of(function, dimension)
    setting = configure(optimizer, defaults=defaults, variant=variant, **hyperparameters)
    start = checked_start(unit, start)
    steps = checked_steps(unit.steps if steps is None else steps)
    precision = checked_dtype(dtype)
    if noise is not None or unit.dimension is not None or device != "cpu":
        engine = Engine(setting, unit, steps, (), precision, noise=noise, seed=checked_seed(seed), device=device)
        points, values, diverged = (one[0] for one in Slab(engine, np.array([start])).paths())
    else:
        points, values = np.empty((steps + 1, 2), precision), np.empty(steps + 1, precision)
        diverged = Runner(setting, unit, steps, precision).run(start, points, values)
    return trajectory(setting, unit, points, values, diverged)


def trajectory(
    setting: Setting, function: Function, points: np.ndarray, values: np.ndarray, diverged: int
) -> Trajectory:
    """A run's iterates with the names and numbers that made them."""
    return Trajectory(
        function=function.name,
        optimizer=setting.rule.name,
        title=setting.rule.title,
        variant=setting.variant,
        defaults=setting.defaults,
        hyperparameters=dict(setting.hyperparameters),
        points=points.astype(np.float64, copy=False),
        values=values.astype(np.float64, copy=False),
        diverged_at=int(diverged) or None,
        minimum=function.minimum,
    )


def checked_start(function: Function, start: Sequence[float] | None) -> tuple[float, ...]:
    """`start` as floats where the function has a value; the function's own start for None.

    It may lie outside the function's bounds, as in many published experiments.
    """
    if start is None:
        return function.start
    count = len(function.bounds)
    words = ("two", "start=(-1.5, 2.0)") if count == 2 else (str(count), f"start={shown(function.start)}")
    if isinstance(start, str) or not isinstance(start, Sequence | np.ndarray) or np.shape(start) != (count,):
        raise UsageTypeError(f"start is {shown(start)}", f"It must be {words[0]} numbers: {words[1]}")
    for number in map(plain, start):
        if isinstance(number, bool) or not isinstance(number, numbers.Real) or not math.isfinite(number):
            raise UsageError(f"start is {shown(start)}", f"It must be {words[0]} finite numbers: {words[1]}")
    point = tuple(map(float, start))
    text = f"start ({', '.join(f'{number:g}' for number in point)})"
    for c, number in enumerate(point):
        if abs(number) > function.far:
            raise UsageError(
                f"{text} is too far away for {function.name}",
                f"{coordinate(c, count)} must lie between {-function.far:g} and {function.far:g}: "
                "runs beyond have diverged.",
            )
    if not math.isfinite(height(function, point)):
        (left, right), (low, high), *_ = function.bounds
        bounds = f"Its bounds are {left:g} to {right:g} and {low:g} to {high:g}."
        raise UsageError(f"{text}: {function.name} has no value there", bounds)
    return point


def height(function: Function, point: Sequence[float]) -> float:
    """The value of a function at a point; NaN outside its domain.

    Raises
    ------
    FormulaError
        If its formula fails in another way.
    """
    try:
        value = function.value(*point) if function.dimension is None else function.value(point)
    except (ArithmeticError, ValueError):
        return math.nan
    except Exception as error:  # whatever its author's formula raises
        problem = f"the formula {place_of(function.value)} fails: {type(error).__name__}: {error}"
        raise FormulaError(problem, "Mend it and start again.") from error
    return math.nan if isinstance(value, complex) else float(value)  # Python's roots of negative numbers exist


def checked_steps(steps: Any) -> int:
    """`steps` as an int between 1 and what memory holds."""
    if isinstance(steps, bool) or not isinstance(steps, numbers.Integral):
        raise UsageTypeError(f"steps is {steps!r}", "It must be a whole number.")
    if not 1 <= int(steps) <= MOST_STEPS:
        raise UsageError(f"steps is {steps}", f"It must be between 1 and {MOST_STEPS:,}.")
    return int(steps)

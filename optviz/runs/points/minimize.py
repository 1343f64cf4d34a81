"""One optimizer on one test function from one start: `minimize`."""

import math
import numbers
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from optviz.errors import UsageError, UsageTypeError, shown
from optviz.functions import Function
from optviz.kernels.devices import chosen
from optviz.optimizers import Setting, UpdateRule, configure
from optviz.results.numeric import is_finite, plain
from optviz.results.race import Trajectory
from optviz.results.validity import MOST_STEPS
from optviz.runs.points.checks import check_setting, checked_dtype, checked_noise, checked_seed, coordinate
from optviz.runs.points.height import height
from optviz.runs.points.problem import Problem
from optviz.runs.points.runner import Runner
from optviz.runs.points.subject import function_of


def minimize(
    function: str | Function | Callable | tuple,
    optimizer: str | UpdateRule | Setting,
    start: Sequence[float] | None = None,
    steps: int | None = None,
    *,
    dimension: int | None = None,
    instance: int | None = None,
    gradient: Callable | None = None,
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
    function : str, Function or Python function
        A registered name, a formula as ``"(1 - x)**2 + y**2"``, a test function, or ``f(x, y)``, ``f(x)`` of an array,
        ``(fun, jac)``; see `optviz.function`, which also takes bounds and a minimum.
    optimizer : str, UpdateRule or Setting
        A registered name, a rule or a setting; or a contender of another library, ``"scipy:BFGS"``, see
        `optviz.contender`.
    start : (x, y), optional
        d numbers; by default the function's own start. Outside the function's bounds the map of a race grows.
    steps : int, optional
        At least 1; by default the function's own number.
    dimension : int, optional
        The number d of coordinates, for functions of any dimension. By default 2.
    instance : int, optional
        Which of its instances, for the functions of BBOB. By default 1.
    gradient : function, optional
        Of a Python function, see `optviz.function`.
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
    unit = function_of(function, dimension, gradient, instance)
    setting = configure(optimizer, defaults=defaults, variant=variant, **hyperparameters)
    start = checked_start(unit, start)
    steps = checked_steps(unit.steps if steps is None else steps)
    setting = setting.resolved(steps)
    precision = checked_dtype(dtype)
    model, seed = checked_noise(noise, len(unit.bounds)), checked_seed(seed)
    check_setting(setting, unit, model, device=device, dtype=precision)
    return trajectory(Runner(Problem(setting, unit, steps, dtype=precision, noise=model, seed=seed), device), start)


def trajectory(runner: Runner, start: Sequence[float], **own: np.ndarray) -> Trajectory:
    """A run with every iterate, and the names and numbers that made them.

    Parameters
    ----------
    runner : Runner
    start : (d,) float
    **own
        The run's own hyperparameters, (1,) float64 each.
    """
    setting, function = runner.problem.setting, runner.problem.function
    walk = runner.slice(np.array([start]), own=own)
    points, values, iterates, diverged = (path[0] for path in walk.paths())
    return Trajectory(
        function=function.name,
        optimizer=setting.name,
        title=setting.title,
        variant=setting.variant,
        defaults=setting.defaults,
        hyperparameters=dict(setting.hyperparameters),
        points=points.astype(np.float64, copy=False),
        values=values.astype(np.float64, copy=False),
        diverged_at=int(diverged) or None,
        minimum=function.minimum,
        iterates=iterates.astype(np.float64, copy=False) if iterates.shape[1] else None,
        written=setting.short_text,
        learning_rates=learning_rates(setting, len(values) - 1),
        searched=function.searched,
        **walk.told(0),
    )


def learning_rates(setting: Setting, steps: int) -> np.ndarray | None:
    """(steps + 1,) float64: see `Trajectory`; None without a schedule."""
    if "lr" not in setting.schedules:
        return None
    factors = np.array(setting.schedules["lr"].factors(1, steps))
    return setting.hyperparameters["lr"] * np.concatenate([factors[:1], factors])


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
        if not is_finite(number):
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


def checked_steps(steps: Any) -> int:
    """`steps` as an int between 1 and what memory holds."""
    if isinstance(steps, bool) or not isinstance(steps, numbers.Integral):
        raise UsageTypeError(f"steps is {steps!r}", "It must be a whole number.")
    if not 1 <= int(steps) <= MOST_STEPS:
        raise UsageError(f"steps is {steps}", f"It must be between 1 and {MOST_STEPS:,}.")
    return int(steps)

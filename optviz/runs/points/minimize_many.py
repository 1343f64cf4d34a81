"""One optimizer on one test function from many starts at once: `minimize_many`."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np

from optviz.errors import UsageTypeError, shown
from optviz.functions import Function
from optviz.optimizers import Setting, UpdateRule, configure
from optviz.results.batch import Batch
from optviz.runs.memory import check_fits
from optviz.runs.points.arrivals import Arrivals
from optviz.runs.points.checks import (
    check_setting,
    checked_dtype,
    checked_noise,
    checked_seed,
    checked_starts,
    checked_tolerance,
    checked_whole,
)
from optviz.runs.points.entrants import contender
from optviz.runs.points.minimize import checked_steps
from optviz.runs.points.problem import Problem
from optviz.runs.points.runner import Progress, Runner, checked_device
from optviz.runs.points.subject import function_of


def minimize_many(
    function: str | Function | Callable | tuple,
    optimizer: str | UpdateRule | Setting,
    starts: Any,
    steps: int | None = None,
    *,
    dimension: int | None = None,
    instance: int | None = None,
    gradient: Callable | None = None,
    tolerance: float = 1e-4,
    history: Sequence[int] = (),
    noise: Any = None,
    seed: int = 0,
    dtype: Any = np.float64,
    defaults: str | None = None,
    variant: str | None = None,
    threads: int | None = None,
    device: str = "cpu",
    progress: Progress | None = None,
    **hyperparameters: Any,
) -> Batch:
    """Run one optimizer on one test function from many starts.

    Each run is bit for bit what `optviz.minimize` computes from its start on the same device, whatever the number of
    starts, their order and the number of threads.

    Parameters
    ----------
    function : str, Function or Python function
        As for `optviz.minimize`.
    optimizer : str, UpdateRule or Setting
        A registered name, a rule or a setting; or a contender of another library, ``"scipy:BFGS"``, see
        `optviz.contender`.
    starts : (n, d) array
        Of numbers, not necessarily inside the function's bounds.
    steps : int, optional
        At least 1; by default the function's own number.
    dimension : int, optional
        The number d of coordinates, for functions of any dimension. By default 2.
    instance : int, optional
        Which of its instances, for the functions of BBOB. By default 1.
    gradient : function, optional
        Of a Python function, see `optviz.function`.
    tolerance : float
        A run has arrived at a minimizer once its value stays this close to the value there.
    history : sequence of int
        Steps, 0 to `steps`, after which the iterates are kept.
    noise : str, optional
        A noise model with its numbers, ``"gaussian:0.1"``: gradients are stochastic. What a run sees depends on `seed`,
        the number of its start and the step alone.
    seed : int
        Of the noise.
    dtype : float64 or float32
        The precision in which the runs compute.
    defaults, variant, **hyperparameters
        See `optviz.optimizers.configure`.
    threads : int, optional
        Of the CPU; by default one for each core.
    device : {"cpu", "cuda", "auto"}
        What computes the runs: the CPU, or an NVIDIA GPU with a thread for each run, where products and sums are fused,
        so that last digits differ; ``"auto"`` is a GPU where one can be used.
    progress : callable, optional
        ``progress(steps made, all steps)``, called a few times a second.

    Returns
    -------
    Batch

    Raises
    ------
    UnknownNameError
        If the function, the optimizer or the noise model is not registered.
    UsageError, UsageTypeError
        If the starts, the number of steps, the precision or a hyperparameter cannot be used, or memory does not hold
        the result.
    MissingError
        If the device is ``"cuda"`` and there is none.

    Examples
    --------
    >>> import optviz
    >>> batch = optviz.minimize_many("sphere", "sgd", [(3.0, 4.0), (0.0, 0.0)], steps=2, lr=0.25)
    >>> batch.points.tolist()
    [[0.75, 1.0], [0.0, 0.0]]
    >>> batch.arrived.tolist()
    [-1, 0]
    """
    device, threads = checked_device(device, threads)
    unit = function_of(function, dimension, gradient, instance)
    setting = configure(optimizer, defaults=defaults, variant=variant, **hyperparameters)
    precision = checked_dtype(dtype)
    steps = checked_steps(unit.steps if steps is None else steps)
    setting = setting.resolved(steps)
    tolerance, seed = checked_tolerance(tolerance), checked_seed(seed)
    if not isinstance(history, Iterable):
        raise UsageTypeError(f"history is {shown(history)}", "Give a list of steps: history=[0, 10, 100]")
    moments = sorted({checked_whole("a step of history", step, 0, steps) for step in history})
    places = checked_starts(unit, starts)
    model = checked_noise(noise, len(unit.bounds))
    check_setting(setting, unit, model, len(places), device, precision)
    n, d = places.shape
    size = np.dtype(precision).itemsize
    check_fits(
        f"a batch of {n:,} starts", n * ((len(moments) + 1) * d * size + size + 3 * 4), "Give fewer starts at a time."
    )
    arrivals = Arrivals(unit, tolerance, precision)
    points: np.ndarray = np.empty((n, d), precision)
    values: np.ndarray = np.empty(n, precision)
    kept: np.ndarray = np.empty((len(moments), n, d), precision)
    reached, arrived, diverged = (np.empty(n, np.int32) for _ in range(3))

    def collect(place: slice, *ends: np.ndarray) -> None:
        points[place], values[place], at, diverged[place] = ends
        reached[place], arrived[place] = arrivals.of(ends[0], ends[1], at)

    problem = Problem(setting, unit, steps, arrivals.thresholds, precision, noise=model, seed=seed)
    Runner(problem, device).run(places, collect, history=moments, kept=kept, threads=threads, progress=progress)
    return Batch(
        function=unit.name,
        contender=contender(setting, "given" if "lr" in hyperparameters else setting.defaults),
        steps=steps,
        seed=seed,
        tolerance=tolerance,
        noise=model.text if model else "",
        points=points,
        values=values,
        reached=reached,
        arrived=arrived,
        diverged=diverged,
        minimizers=arrivals.minimizers,
        minima=arrivals.minima,
        history_steps=np.array(moments, np.int64),
        history=kept,
        device=device,
    )

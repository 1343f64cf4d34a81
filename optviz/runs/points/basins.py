"""Where each optimizer ends from every start of a grid."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from optviz.functions import Bounds, Function
from optviz.optimizers import SEVEN
from optviz.results.basins import BasinMap, Basins
from optviz.results.parts import centres
from optviz.runs.memory import check_fits
from optviz.runs.points.arrivals import Arrivals
from optviz.runs.points.checks import (
    checked_bounds,
    checked_noise,
    checked_optimizers,
    checked_resolution,
    checked_seed,
    checked_tolerance,
)
from optviz.runs.points.criteria import MostArrive
from optviz.runs.points.entrants import Optimizer, contender, entrants
from optviz.runs.points.landscape import landscape
from optviz.runs.points.minimize import checked_steps
from optviz.runs.points.problem import Problem
from optviz.runs.points.runner import Progress, Runner, checked_device, part
from optviz.runs.points.subject import plane_function
from optviz.runs.points.tuning import spread


def basins(
    function: str | Function,
    optimizers: str | Sequence[Optimizer] = SEVEN,
    *,
    bounds: Bounds | None = None,
    resolution: int | tuple[int, int] = 258,
    steps: int = 300,
    tolerance: float = 1e-4,
    noise: Any = None,
    seed: int = 0,
    lr: str | float | Mapping[str, float] | None = None,
    defaults: str = "torch",
    threads: int | None = None,
    device: str = "cpu",
    progress: Progress | None = None,
) -> Basins:
    """Basins of attraction: run each optimizer from the centre of every cell of a grid, in float64.

    Parameters
    ----------
    function : str or Function
        Of two variables.
    optimizers : "all", set or sequence of str, UpdateRule or Setting
        Each once. Names as ``"adam"``, with numbers ``"adam(beta1=0.5)"``, and sets: ``"@classic"``;
        contenders of other libraries from 2,000 starts at most, ``"scipy:BFGS"``.
    bounds : ((x0, x1), (y0, y1)), optional
        The region of the starts, inside the function's bounds; by default its ``region``. Zoom into it at will.
    resolution : int or (nx, ny)
        Cells of the grid.
    steps : int
    tolerance, noise, seed, threads, device, progress
        As for `optviz.minimize_many`.
    lr : optional
        As for `optviz.race`. Tuned rates are those from which the largest share of 256 starts all over the function's
        region arrives, then those with the fewest steps, whatever `bounds` are, so that a zoom shows what the whole
        picture shows; see `optviz.runs.points.criteria.MostArrive`.
    defaults : {"torch", "keras", "paper", "optax"}

    Returns
    -------
    Basins

    Raises
    ------
    UnknownNameError
        If the function, an optimizer or the noise model is not registered.
    UsageError, UsageTypeError
        If an argument cannot be used, or memory does not hold the result.
    MissingError
        If the device is ``"cuda"`` and there is none.

    Examples
    --------
    >>> import optviz
    >>> (one,) = optviz.basins("himmelblau", ["sgd"], lr=0.01, resolution=16, steps=100).maps
    >>> one.headline()
    '16 x 16 starts; SGD: 100.0 % arrive (median 13 steps), 0.0 % diverge'
    """
    device, threads = checked_device(device, threads)
    unit = plane_function(function)
    chosen = checked_optimizers(optimizers, [unit], noise)
    region, (nx, ny) = checked_bounds(unit, bounds), checked_resolution(resolution)
    steps, tolerance, seed = checked_steps(steps), checked_tolerance(tolerance), checked_seed(seed)
    model = checked_noise(noise)
    size = nx * ny * (len(chosen) * (3 * 4 + 8) + 3 * 8)
    check_fits(f"a picture of {nx:,} x {ny:,} starts", size, "Ask for fewer.")
    arrivals = Arrivals(unit, tolerance, np.float64)
    judges = spread(unit.region, seed)
    criterion = MostArrive(unit, arrivals)
    settings, rates, budget = entrants(
        unit, chosen, lr, defaults, judges, steps, criterion, model, seed, nx * ny, device
    )
    contenders = [contender(one, rates[one.name]) for one in settings]
    problems = [Problem(one, unit, steps, arrivals.thresholds, noise=model, seed=seed) for one in settings]
    starts = np.stack(np.meshgrid(centres(region[0], nx), centres(region[1], ny)), axis=-1).reshape(-1, 2)
    maps = []
    for number, (problem, who) in enumerate(zip(problems, contenders, strict=True)):
        reached, arrived, diverged = (np.empty((ny, nx), np.int32) for _ in range(3))
        one = BasinMap(who, reached, arrived, diverged, np.empty((ny, nx)))
        _fill(Runner(problem, device), arrivals, starts, one, threads, part(progress, number, len(problems)))
        maps.append(one)
    return Basins(
        landscape=landscape(unit, (nx, ny), region),
        minima=arrivals.minima,
        maps=tuple(maps),
        steps=steps,
        seed=seed,
        tolerance=tolerance,
        noise=model.text if model else "",
        tuning=budget,
        device=device,
    )


def _fill(
    runner: Runner,
    arrivals: Arrivals,
    starts: np.ndarray,
    one: BasinMap,
    threads: int | None,
    progress: Progress | None,
) -> None:
    def collect(place: slice, points: np.ndarray, values: np.ndarray, at: np.ndarray, diverged: np.ndarray) -> None:
        one.values.reshape(-1)[place], one.diverged.reshape(-1)[place] = values, diverged
        one.reached.reshape(-1)[place], one.arrived.reshape(-1)[place] = arrivals.of(points, values, at)

    runner.run(starts, collect, threads=threads, progress=progress)

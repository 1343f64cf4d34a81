"""Thousands of starts flowing down a function together."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from optviz.functions import Bounds, Function
from optviz.results.numeric import each
from optviz.results.swarm import Swarm, SwarmRun
from optviz.runs.memory import check_fits
from optviz.runs.points.arrivals import Arrivals
from optviz.runs.points.checks import (
    checked_bounds,
    checked_noise,
    checked_optimizers,
    checked_seed,
    checked_tolerance,
    checked_whole,
)
from optviz.runs.points.criteria import MostArrive
from optviz.runs.points.entrants import Optimizer, contender, entrants
from optviz.runs.points.landscape import landscape
from optviz.runs.points.minimize import checked_steps
from optviz.runs.points.problem import Problem
from optviz.runs.points.runner import Progress, Runner, checked_device, part
from optviz.runs.points.subject import plane_function
from optviz.runs.points.tuning import spread

MAP = 488  # cells of the landscape: as many as the picture of a race has


def swarm(
    function: str | Function,
    optimizers: str | Sequence[Optimizer] = ("adam",),
    *,
    starts: int = 3136,
    bounds: Bounds | None = None,
    steps: int = 300,
    frames: int = 100,
    tolerance: float = 1e-4,
    noise: Any = None,
    seed: int = 0,
    lr: str | float | Mapping[str, float] | None = None,
    defaults: str = "torch",
    threads: int | None = None,
    device: str = "cpu",
    progress: Progress | None = None,
) -> Swarm:
    """Run each optimizer from the same many starts and keep where the runs are at some moments.

    Parameters
    ----------
    function : str or Function
        Of two variables.
    optimizers : "all", set or sequence of str, UpdateRule or Setting
        Each once. Names as ``"adam"``, with numbers ``"adam(beta1=0.5)"``, and sets: ``"@classic"``;
        contenders of other libraries from 2,000 starts at most, ``"scipy:BFGS"``.
    starts : int
        How many: one in each cell of a grid over `bounds`, at a place in it that `seed` decides, so that no rows of the
        grid are seen. Rounded to the nearest grid with square cells.
    bounds : ((x0, x1), (y0, y1)), optional
        By default the function's ``region``.
    steps : int
    frames : int
        How many moments are kept, more densely at the beginning, where most happens.
    tolerance, noise, seed, threads, device, progress
        As for `optviz.minimize_many`.
    lr, defaults
        As for `optviz.basins`.

    Returns
    -------
    Swarm

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
    >>> optviz.swarm("himmelblau", ["sgd"], lr=0.01, starts=100, steps=60).headline()
    '1 optimizer on Himmelblau from 100 starts, 60 steps; 100.0 % arrive, the most, with SGD'
    """
    device, threads = checked_device(device, threads)
    unit = plane_function(function)
    chosen = checked_optimizers(optimizers, [unit], noise)
    region = checked_bounds(unit, bounds)
    steps, tolerance, seed = checked_steps(steps), checked_tolerance(tolerance), checked_seed(seed)
    starts = checked_whole("starts", starts, 1, 10_000_000)
    frames = checked_whole("frames", frames, 2, 10_000)
    model = checked_noise(noise)
    moments = schedule(steps, frames)
    check_fits(
        f"a swarm of {starts:,} starts at {len(moments):,} moments",
        len(chosen) * starts * (len(moments) * 3 * 8 + 3 * 4),
        "Ask for fewer starts or frames.",
    )
    arrivals = Arrivals(unit, tolerance, np.float64)
    judges = spread(unit.region, seed)
    criterion = MostArrive(unit, arrivals)
    settings, rates, budget = entrants(
        unit, chosen, lr, defaults, judges, steps, criterion, model, seed, starts, device
    )
    contenders = [contender(one, rates[one.name]) for one in settings]
    problems = [Problem(one, unit, steps, arrivals.thresholds, noise=model, seed=seed) for one in settings]
    places = scattered(region, starts, seed)
    runs = []
    for number, (problem, who) in enumerate(zip(problems, contenders, strict=True)):
        kept = np.empty((len(moments), len(places), 2), np.float32)
        reached, arrived, diverged = (np.empty(len(places), np.int32) for _ in range(3))

        def collect(
            place: slice,
            points: np.ndarray,
            values: np.ndarray,
            at: np.ndarray,
            ends: np.ndarray,
            into: tuple[np.ndarray, ...] = (reached, arrived, diverged),
        ) -> None:
            into[0][place], into[1][place] = arrivals.of(points, values, at)
            into[2][place] = ends

        Runner(problem, device).run(
            places,
            collect,
            history=moments.tolist(),
            kept=kept,
            threads=threads,
            progress=part(progress, number, len(problems)),
        )
        runs.append(SwarmRun(who, kept, reached, arrived, diverged))
    return Swarm(
        landscape=landscape(unit, MAP, region),
        minima=arrivals.minima,
        runs=tuple(runs),
        moments=moments,
        steps=steps,
        seed=seed,
        tolerance=tolerance,
        noise=model.text if model else "",
        tuning=budget,
        device=device,
    )


def schedule(steps: int, frames: int) -> np.ndarray:
    """(h,) int64: steps from 0 to `steps`, at most `frames` of them, denser at the beginning."""
    u = np.linspace(0, 1, frames)
    return np.unique(np.round(steps * each(math.expm1, 3 * u) / math.expm1(3)).astype(np.int64))


def scattered(region: Bounds, count: int, seed: int) -> np.ndarray:
    """(n, 2) float64: about `count` points, one somewhere in each of equal, nearly square cells."""
    low, high = np.array(region).T
    width, height = high - low
    nx = max(round((count * width / height) ** 0.5), 1)
    ny = max(round(count / nx), 1)
    cells = np.stack(np.meshgrid(np.arange(nx), np.arange(ny)), axis=-1).reshape(-1, 2)
    moves = np.random.default_rng(seed).uniform(0, 1, cells.shape)
    return np.clip(low + (high - low) * (cells + moves) / (nx, ny), low, high)

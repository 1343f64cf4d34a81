"""Several optimizers from one start on one test function, each with a learning rate that can be accounted for."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from optviz.errors import UsageError, shown
from optviz.functions import Bounds, Function
from optviz.kernels.devices import chosen
from optviz.noise import NoiseSetting
from optviz.optimizers import SEVEN, Setting
from optviz.registry import suggestion
from optviz.results.race import BY, Race, Trajectory
from optviz.runs.points.checks import checked_bounds, checked_noise, checked_optimizers, checked_seed
from optviz.runs.points.costs import length
from optviz.runs.points.criteria import SettledGap
from optviz.runs.points.entrants import Optimizer, entrants
from optviz.runs.points.landscape import landscape
from optviz.runs.points.minimize import checked_start, checked_steps, trajectory
from optviz.runs.points.problem import Problem
from optviz.runs.points.runner import Runner
from optviz.runs.points.subject import seen_function
from optviz.runs.points.tuning import JITTER, jittered

MARGIN = 0.05  # of a view that grows, around a start outside the function's own


def race(
    function: str | Function,
    optimizers: str | Sequence[Optimizer] = SEVEN,
    *,
    start: Sequence[float] | None = None,
    steps: int | None = None,
    seed: int = 0,
    lr: str | float | Mapping[str, float] | None = None,
    defaults: str = "torch",
    noise: Any = None,
    bounds: Bounds | None = None,
    resolution: int = 488,
    device: str = "cpu",
    by: str = "steps",
) -> Race:
    """Run several optimizers from one start.

    Those that make more than one evaluation in a step, as solvers and the contenders of other libraries do, are
    compared fairly by evaluations.

    Parameters
    ----------
    function : str, Function or Python function
        Of two variables, see `optviz.minimize`; or of a matrix, of which the map shows two entries.
    optimizers : "all", set or sequence of str, UpdateRule or Setting
        As for `optviz.basins`.
    start, steps
        As in `optviz.minimize`.
    seed : int
        Of the tuning's nearby starts, and of the noise.
    lr : optional
        Where the learning rates come from. None: every optimizer is tuned with the same budget (see
        `optviz.runs.points.tuning`). ``"defaults"``: the default table's rates. A number: that rate for all. A mapping
        from optimizer to rate: those rates, and the others are tuned.
    defaults : {"torch", "keras", "paper", "optax"}
        Whose values the other hyperparameters take.
    noise : str, optional
        As for `optviz.minimize`; learning rates are tuned under the same noise.
    bounds : ((x0, x1), (y0, y1)), optional
        What the map shows, inside the function's bounds; it grows where the start is outside. By default the function's
        view.
    resolution : int
        Cells per side of the sampled landscape.
    device : {"cpu", "cuda", "auto"}
        What computes the paths, as for `optviz.minimize`.
    by : {"steps", "evaluations"}
        What is counted. By evaluations each optimizer runs until it has made `steps` of them, the one at the start
        included, or stops of itself.

    Returns
    -------
    Race

    Raises
    ------
    UnknownNameError
        If a function or an optimizer is not registered.
    UsageError, UsageTypeError
        If an argument cannot be used.
    MissingError
        If the device is ``"cuda"`` and there is none.

    Examples
    --------
    >>> import optviz
    >>> race = optviz.race("quadratic", ["sgd", "momentum", "adam"])
    >>> race.headline()
    '3 optimizers on Ill-conditioned quadratic, 200 steps; Adam leads with f - f* = 8.6e-08'
    """
    device = chosen(device)
    unit, shown, places = seen_function(function)
    origin = checked_start(unit, start)
    steps = checked_steps(unit.steps if steps is None else steps)
    budget = checked_budget(by, steps)
    seed, model = checked_seed(seed), checked_noise(noise, len(unit.bounds))
    starts = jittered(unit, origin, seed)
    view = None if bounds is None else checked_bounds(shown, bounds)
    several = checked_optimizers(optimizers, [unit], noise)
    most = steps if budget is None else budget - 1
    settings, rates, tuning = entrants(
        unit, several, lr, defaults, starts, most, SettledGap(unit), model, seed, 1, device, budget
    )
    runs = [_run(setting, unit, origin, steps, model, seed, device, budget) for setting in settings]
    place = origin[places[0]], origin[places[1]]
    return Race(
        landscape=landscape(shown, resolution, view_of(shown if view is None else replace(shown, view=view), place)),
        trajectories=tuple(_seen(run, places) for run in runs),
        start=place,
        seed=seed,
        rates=rates,
        tuning=tuning and tuning | {"jitter": JITTER},
        noise=model.text if model else "",
        device=device,
        budget=budget,
    )


def _seen(run: Trajectory, places: tuple[int, int]) -> Trajectory:
    """The run in the coordinates that a map shows."""
    if run.points.shape[1] == 2:
        return run
    there = lambda points: None if points is None else points[:, places]
    return replace(run, points=run.points[:, places], iterates=there(run.iterates), evaluated=there(run.evaluated))


def checked_budget(by: Any, steps: int) -> int | None:
    """The evaluations that everyone may spend, where they are what is counted; None for steps."""
    if by not in BY:
        hint = suggestion(by, [*BY]) if isinstance(by, str) else ""
        raise UsageError(f"by is {shown(by)}", f"{hint}Choose from: {', '.join(BY)}")
    if by == "steps":
        return None
    if steps < 2:
        raise UsageError(f"{steps} evaluation makes no step", "Give at least 2: steps=2")
    return steps


def view_of(function: Function, start: Sequence[float]) -> Bounds:
    """The function's view, and where the start is beyond it, a larger one of the same shape that holds both."""
    pairs = list(zip(function.view, start, strict=True))
    grown = max((max(high, at) - min(low, at)) / (high - low) for (low, high), at in pairs)
    if grown <= 1:
        return function.view
    grown *= 1 + 2 * MARGIN
    view = []
    for (low, high), at in pairs:
        size, margin = grown * (high - low), MARGIN * grown * (high - low)
        # As far as the start asks on its side; what is left of the room lies on the other.
        first = min(low, at - margin) if at < (low + high) / 2 else max(high, at + margin) - size
        view.append((first, first + size))
    return tuple(view)


def _run(
    setting: Setting,
    function: Function,
    start: tuple[float, ...],
    steps: int,
    noise: NoiseSetting | None,
    seed: int,
    device: str,
    budget: int | None,
) -> Trajectory:
    # With a learning rate of its own, as in tuning: one kernel serves both.
    own = {name: np.array([value]) for name, value in setting.hyperparameters.items() if name == "lr"}
    made = length(setting, steps, budget)
    problem = Problem(setting, function, made, own=tuple(own), noise=noise, seed=seed, evaluations=budget)
    run = trajectory(Runner(problem, device), start, **own)
    return run if budget is None else run.without_rest()

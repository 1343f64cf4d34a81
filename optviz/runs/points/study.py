"""Every optimizer on every function, each tuned with the same budget and then run from the same many starts."""

import functools
import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from optviz.errors import UsageError, shown
from optviz.functions import REGISTRY as FUNCTIONS
from optviz.functions import Function, expanded
from optviz.optimizers import SEVEN, configure, labelled
from optviz.results.study import REACHED, Study
from optviz.runs.memory import check_fits
from optviz.runs.points.checks import (
    check_setting,
    checked_list,
    checked_noise,
    checked_optimizers,
    checked_seed,
    checked_whole,
)
from optviz.runs.points.costs import CHOOSING, length, spent
from optviz.runs.points.criteria import TARGETS, MostTargets, targets_reached
from optviz.runs.points.entrants import Optimizer, contender, entrants
from optviz.runs.points.minimize import checked_steps
from optviz.runs.points.own import TITLE
from optviz.runs.points.problem import Problem
from optviz.runs.points.race import checked_budget
from optviz.runs.points.runner import Progress, Runner, checked_device, part
from optviz.runs.points.subject import plane_function
from optviz.runs.points.tuning import spread, told

TUNING_SIDE = 8  # of the grid of starts on which rates are tuned


def study(
    functions: str | Sequence[str | Function] = "all",
    optimizers: str | Sequence[Optimizer] = SEVEN,
    *,
    starts: int = 100,
    steps: int = 1000,
    noise: Any = None,
    seed: int = 0,
    targets: str = "kept",
    lr: str | float | Mapping[str, float] | None = None,
    defaults: str = "torch",
    threads: int | None = None,
    device: str = "cpu",
    progress: Progress | None = None,
    by: str = "steps",
) -> Study:
    """Compare optimizers over functions and starts.

    Parameters
    ----------
    functions : "all", set or sequence of str, Function or Python function
        Of two variables, each once; all that are registered by default. A set is a family as ``"@valley"``, or
        ``"@classic"``.
    optimizers : "all", set or sequence of str, UpdateRule or Setting
        As for `optviz.basins`.
    starts : int
        On each function, uniformly over its ``region``; the same for every optimizer, none of those tuned on.
    steps : int
    noise, seed, threads, device, progress
        As for `optviz.minimize_many`.
    targets : {"kept", "first"}
        When a run has reached a target: from the step on from which it stays at or below it, for a twentieth of the
        steps at least, or at the first step at which it is there, as COCO counts.
    lr : optional
        As for `optviz.race`. Tuned rates are judged by what the study ranks by, from 64 starts all over the region; see
        `optviz.runs.points.criteria.MostTargets`.
    defaults : {"torch", "keras", "paper", "optax"}
    by : {"steps", "evaluations"}
        What is counted. By evaluations each run makes `steps` of them, and reaches a target with so many, the one at
        the start included.

    Returns
    -------
    Study

    Raises
    ------
    UnknownNameError
        If a function, an optimizer or the noise model is not registered.
    UsageError, UsageTypeError
        If an argument cannot be used, or memory does not hold the result.
    MissingError
        If the device is ``"cuda"`` and there is none.

    Examples
    --------
    >>> import optviz
    >>> optviz.study(["sphere", "booth"], ["sgd", "adam"], steps=100).headline().partition("; ")[2]
    'SGD leads and solves 100.0 %, but Adam cannot be told from it'
    """
    device, threads = checked_device(device, threads)
    units = [plane_function(one) for one in _listed(functions)]
    chosen = checked_optimizers(optimizers, units, noise)
    if len({unit.name for unit in units}) != len(units):
        raise UsageError("the list of functions names one twice", "Name each function once.")
    for unit in units:
        if not math.isfinite(unit.minimum):
            reason = f"the minimum of {unit.name} is {unit.minimum:g}: there are no targets above it"
            raise UsageError(reason, "Leave it out.")
    steps, seed = checked_steps(steps), checked_seed(seed)
    budget = checked_budget(by, steps)
    most = steps if budget is None else budget - 1
    starts = checked_whole("starts", starts, 1, 1_000_000)
    if targets not in REACHED:
        raise UsageError(f"targets is {shown(targets)}", f"Choose from: {', '.join(REACHED)}")
    first = targets == "first"
    model = checked_noise(noise)
    shape = (len(units), len(chosen), len(TARGETS), starts)
    check_fits(f"a study of {starts:,} starts on each function", int(np.prod(shape)) * 5, "Give fewer starts.")
    plain = {one.name: one for one in labelled([configure(optimizer, defaults=defaults) for optimizer in chosen])}
    for setting in plain.values():
        for unit in units:
            check_setting(setting, unit, model, starts, device)
    reached = np.empty(shape, np.int32)
    gaps, diverged = np.empty((*shape[:2], starts)), np.empty((*shape[:2], starts), np.int32)
    rates = np.full(shape[:2], np.nan)
    budgets = []
    for i, unit in enumerate(units):
        judges = spread(unit.region, seed, TUNING_SIDE)
        criterion = MostTargets(unit, first)
        settings, sources, tuning = entrants(
            unit, chosen, lr, defaults, judges, most, criterion, model, seed, budget=budget
        )
        budgets.append(tuning)
        places = drawn(unit, starts, seed)
        for j, setting in enumerate(settings):
            rates[i, j] = setting.hyperparameters.get("lr", np.nan)
            watched = list(unit.minimum + TARGETS)
            made = length(setting, steps, budget)
            counts = None if budget is None or setting.kind in CHOOSING else spent(setting, made)
            problem = Problem(
                setting, unit, made, watched, noise=model, seed=seed, first=first,
                evaluations=budget, counted=budget is not None,
            )  # fmt: skip
            into = reached[i, j], gaps[i, j], diverged[i, j]
            number = i * len(settings) + j
            Runner(problem, device).run(
                places,
                functools.partial(_collect, unit, into, steps, first, counts),
                threads=threads,
                progress=part(progress, number, len(units) * len(settings)),
            )
    return Study(
        functions=tuple(unit.name for unit in units),
        function_titles=tuple(_called(unit) for unit in units),
        contenders=tuple(contender(one, sources[name]) for name, one in plain.items()),
        rates=rates,
        targets=TARGETS,
        reaching=targets,
        reached=reached,
        gaps=gaps,
        diverged=diverged,
        steps=steps,
        seed=seed,
        noise=model.text if model else "",
        tuning=_together(units, budgets),
        device=device,
        families=tuple(unit.family for unit in units),
        by=by,
    )


def _called(unit: Function) -> str:
    """What tables and pictures call a function: a formula by itself, one of many."""
    title = unit.formula.partition(" = ")[2] if unit.title == TITLE else unit.title
    return title + " (lowest found)" * unit.searched


def _listed(functions: Any) -> list[Any]:
    """The functions that are named, and those of sets; all of two variables for ``"all"``."""
    if isinstance(functions, str) and functions == "all":
        return [unit for unit in FUNCTIONS if unit.dimension is None]
    if isinstance(functions, str) and functions.startswith("@"):
        functions = [functions]
    return expanded(checked_list("functions", functions, FUNCTIONS))


def _collect(
    function: Function,
    into: tuple[np.ndarray, np.ndarray, np.ndarray],
    steps: int,
    first: bool,
    counts: np.ndarray | None,
    place: slice,
    points: np.ndarray,
    values: np.ndarray,
    arrived: np.ndarray,
    gone: np.ndarray,
) -> None:
    """Keep how runs end; with `counts` they arrive with as many evaluations as these say of the step."""
    reached, gaps, diverged = into
    if counts is not None:
        arrived = np.where(arrived < 0, arrived, counts[arrived]).astype(np.int32)
    reached[:, place], gaps[place] = targets_reached(function, steps, first, points, values, arrived)
    diverged[place] = gone


def _together(functions: Sequence[Function], budgets: Sequence[Mapping[str, Any] | None]) -> dict[str, Any] | None:
    """The budgets of all functions as one; None where nothing was tuned."""
    spent = [budget for budget in budgets if budget]
    if not spent:
        return None
    budget = {
        **spent[0],
        "most": max(budget["most"] for budget in spent),
        "low": min(budget["low"] for budget in spent),
        "high": max(budget["high"] for budget in spent),
        "ends": tuple(
            f"{who} on {unit.title}"
            for unit, budget in zip(functions, budgets, strict=True)
            for who in (budget["ends"] if budget else ())
        ),
    }
    return budget | {"rule": told(MostTargets.rule, budget)}


def drawn(function: Function, count: int, seed: int) -> np.ndarray:
    """(count, 2) float64: starts uniformly over a function's region."""
    low, high = np.array(function.region).T
    # Tuning draws from `seed` itself.
    return np.random.default_rng([seed, 1]).uniform(low, high, (count, 2))

"""Fair learning rates on test functions: every optimizer gets the same number of rates, starts and steps.

The rule, in one sentence: of the two neighbouring rates whose worse one is best, take the better one. So each rate is
judged with its neighbours: one that is good between two bad ones was lucky and would not be good again. What "good"
means is a criterion's business, see `optviz.runs.points.criteria`.

All rates are of one grid, six a decade of two digits each: 1, 1.5, 2.2, 3.2, 4.6, 6.8. Which 49 of them are tried
follows the scale of the function as the rule feels it: they reach from a millionth to a hundred times the rate at which
the first step is a quarter of the view. While the best of them is the first or the last one, a decade is added there.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from optviz.errors import UsageError
from optviz.formulas.adding import moved, probed
from optviz.formulas.formula import ITERATE, PRODUCT, SIGNS
from optviz.functions import Bounds, Function
from optviz.noise import NoiseSetting
from optviz.optimizers import Setting
from optviz.runs.points import libraries
from optviz.runs.points.costs import length
from optviz.runs.points.criteria import Criterion, Trials
from optviz.runs.points.evaluations import hessian_at
from optviz.runs.points.problem import Problem
from optviz.runs.points.runner import Runner
from optviz.runs.scalars import course
from optviz.schedules import constant

A_DECADE = 6
GRID = 8 * A_DECADE + 1
BELOW = 6 * A_DECADE  # rates of the grid below the function's scale
MOST_DECADES = 6  # added at either end
STARTS = 16
JITTER = 0.04  # of the view's width, to each side
MOST_STEPS = 10_000  # of a trial; what has not settled by then is not told apart by more
FIRST_MOVE = 64  # steps within which a rule moves
STREAM = 2  # of the seed: runs that are shown draw from others


@dataclass(frozen=True)
class Search:
    """What the tuning of one optimizer found.

    Attributes
    ----------
    rate : float
        The best one.
    rates : (r,) float64
        Those that were tried.
    end : bool
        Whether it is the first or the last of them, although decades were added: a better one may lie beyond.
    """

    rate: float
    rates: np.ndarray
    end: bool


def tune(
    function: Function,
    settings: Sequence[Setting],
    starts: np.ndarray,
    steps: int,
    criterion: Criterion,
    noise: NoiseSetting | None = None,
    seed: int = 0,
    evaluations: int | None = None,
) -> tuple[list[Setting], dict[str, Any]]:
    """Give every setting its best learning rate.

    Parameters
    ----------
    function : Function
    settings : sequence of Setting
    starts : (k, 2) float64
    steps : int
        Length of the run that is tuned for; trials are as long, up to 10,000 steps.
    criterion : Criterion
    noise : NoiseSetting, optional
        Under which the runs will be shown; trials see other draws of it.
    seed : int
        Of the noise.
    evaluations : int, optional
        What each run that is tuned for may spend, where evaluations are counted and not steps.

    Returns
    -------
    settings : list of Setting
        With their best ``lr``.
    budget : dict
        What was spent, and the rule, see `optviz.results.race.Race`.

    Raises
    ------
    UsageError
        If the function's minimum is not finite.
    """
    if not math.isfinite(function.minimum):
        raise UsageError(
            f"the minimum of {function.name} is {function.minimum:g}: no learning rate can be judged by it",
            "Give learning rates, or take the defaults.",
        )
    other = int(np.random.SeedSequence([seed, STREAM]).generate_state(1, np.uint64)[0])
    searches = []
    for setting in settings:
        # Always on the CPU: last digits must not decide between two rates, so that a device would change what is run.
        watched, first = criterion.thresholds, criterion.first
        made = min(length(setting, steps, evaluations), MOST_STEPS)
        problem = Problem(setting, function, made, watched, own=("lr",), noise=noise, seed=other, first=first)
        searches.append(searched(Runner(problem), starts, criterion))
    budget = {
        "grid": GRID,
        "most": max(len(search.rates) for search in searches),
        "low": float(min(search.rates[0] for search in searches)),
        "high": float(max(search.rates[-1] for search in searches)),
        "ends": tuple(setting.title for setting, best in zip(settings, searches, strict=True) if best.end),
        "starts": len(starts),
        "steps": min(steps, MOST_STEPS),
        "noise": noise is not None,
    }
    tuned = [setting.replace(lr=best.rate) for setting, best in zip(settings, searches, strict=True)]
    return tuned, {"rule": told(criterion.rule, budget), **budget}


def told(rule: str, budget: Mapping[str, Any]) -> str:
    """A criterion's rule with its numbers, what it was applied to, and where it found no best rate inside the grid."""
    most, grid, ends = (budget[name] for name in ("most", "grid", "ends"))
    rates = str(grid) if most == grid else f"{grid} to {most}"
    text = rule.format(rates=rates, starts=budget["starts"], steps=f"{budget['steps']:,}")
    noise = "; under the noise that is shown" if budget["noise"] else ""
    return text + noise + (f"; the last one tried for {' and '.join(ends)}" if ends else "")


def searched(runner: Runner, starts: np.ndarray, criterion: Criterion) -> Search:
    """The best learning rate of a problem's optimizer, from some starts (k, 2)."""
    middle = round(A_DECADE * math.log10(scale(runner.problem.function, runner.problem.setting, starts)))
    low, high = middle - BELOW, middle - BELOW + GRID - 1
    lowest, highest = (limit * A_DECADE for limit in (-300, 300))  # of float64
    low, high = max(low, lowest), min(high, highest)
    lowest, highest = max(lowest, low - MOST_DECADES * A_DECADE), min(highest, high + MOST_DECADES * A_DECADE)
    places = np.arange(low, high + 1)
    rows = criterion.rows(Trials(runner, grid(places), starts))
    while True:
        at, end = best(rows)
        if end < 0 and places[0] > lowest:
            added = np.arange(max(places[0] - A_DECADE, lowest), places[0])
        elif end > 0 and places[-1] < highest:
            added = np.arange(places[-1] + 1, min(places[-1] + A_DECADE, highest) + 1)
        else:
            rates = grid(places)
            return Search(float(rates[at]), rates, end != 0)
        more = criterion.rows(Trials(runner, grid(added), starts))
        parts = [(added, more), (places, rows)] if end < 0 else [(places, rows), (added, more)]
        places, rows = (np.concatenate(arrays) for arrays in zip(*parts, strict=True))


def best(rows: np.ndarray) -> tuple[int, int]:
    """The best of neighbouring rates: the better one of the two neighbours whose worse one is best.

    Parameters
    ----------
    rows : (r, k) float64
        How good each is, smaller is better, the first number first; infinite in the first where runs diverge.

    Returns
    -------
    at : int
        Which it is; the first of equals.
    end : {-1, 0, 1}
        -1 or 1 if a better one may lie below or above all of them, else 0.
    """
    _, rank = np.unique(rows, axis=0, return_inverse=True)
    rank = rank.ravel()
    never = rank.max() + 1
    padded = np.concatenate([[never], rank, [never]])
    with_its_better_neighbour = np.maximum(rank, np.minimum(padded[:-2], padded[2:]))
    at = int(np.lexsort((rank, with_its_better_neighbour))[0])
    if np.isinf(rows[at, 0]):
        return at, -1  # all diverge
    if at == 0 and rank[0] < rank[1]:
        return at, -1
    return at, int(at == len(rank) - 1 and rank[-1] < rank[-2])


def grid(places: np.ndarray) -> np.ndarray:
    """(r,) float64: rates of the grid, two digits each, so that what is shown is what was used."""
    return np.array([float(f"{10 ** (int(place) / A_DECADE):.1e}") for place in places])


def scale(function: Function, setting: Setting, starts: np.ndarray) -> float:
    """The learning rate at which the first step that moves is a quarter of the view, the median over some starts.

    For rules whose step is in proportion to the gradient it goes with one over the curvature, for those that normalise
    the gradient with the size of the view; nobody needs to say which a rule is.
    """
    quarter = max(high - low for low, high in function.view) / 4
    setting = setting.replace(lr=1.0)
    if "lr" in setting.schedules:  # whose first factor may be 0
        setting = setting.replace(lr=constant(1.0))
    is_foreign = setting.kind == "contender"
    table = [] if is_foreign else course(setting.formula, setting).columns(1, FIRST_MOVE).T.tolist()
    moves = []
    for start in starts.tolist():
        try:
            value, slopes = function.value(*start), function.gradient(*start)
            if is_foreign:
                ends = libraries.first_move(setting, function, np.array(start))
            else:
                ends = _first_move(setting, function, start, slopes, value, table)
            move = math.dist(start, ends)
        except (ArithmeticError, ValueError, TypeError):  # outside a domain; Python's roots of negative numbers exist
            continue
        if 0 < move < math.inf:
            moves.append(move)
    rate = quarter / float(np.median(moves)) if moves else quarter
    return rate if 0 < rate < math.inf else quarter


def _first_move(
    setting: Setting,
    function: Function,
    x: Sequence[float],
    g: Sequence[float],
    value: float,
    table: list[list[float]],
) -> list[float]:
    """Where the first step that moves each coordinate leads; some rules and wrappers wait before they move."""
    formula = setting.formula
    hyper = [setting.hyperparameters[name] for name in formula.hyperparameters]
    slots: list[list[Any]] = [
        [at if begin == ITERATE else begin for begin in map(setting.initial, formula.slots)] for at in x
    ]
    ends = list(x)
    if formula.multiplies:  # all signs are 1
        products = hessian_at(function, list(x)).sum(axis=1)
        where = [formula.slots.index(slot) for slot in (SIGNS, PRODUCT)]
        for own, product in zip(slots, products.tolist(), strict=True):
            own[where[0]], own[where[1]] = 1.0, product
    there = value, g
    for scalars in table:
        if formula.probe:
            point = probed(formula, x, g, slots, [value] * formula.takes_value + scalars, hyper)
            there = function.value(*point), function.gradient(*point)
        _, results = moved(formula, x, there[1], slots, [there[0]] * formula.takes_value + scalars, hyper)
        ends = [after[0] if end == at else end for after, end, at in zip(results, ends, x, strict=True)]
        slots = [[*after[1:]] for after in results]
        if all(end != at for end, at in zip(ends, x, strict=True)):
            break
    return ends


def jittered(function: Function, start: Sequence[float], seed: int) -> np.ndarray:
    """(16, d) float64: starts near a given one, which is none of them, inside the view."""
    low, high = np.array(function.view).T
    moves = np.random.default_rng([seed, STREAM]).uniform(-JITTER, JITTER, (STARTS, low.size)) * (high - low)
    return np.clip(np.array(start) + moves, np.minimum(low, start), np.maximum(high, start))


def spread(bounds: Bounds, seed: int, side: int = 16) -> np.ndarray:
    """(side * side, 2) float64: starts all over a region, one somewhere in each cell of a grid."""
    low, high = np.array(bounds).T
    cells = np.stack(np.meshgrid(np.arange(side), np.arange(side)), axis=-1).reshape(-1, 2)
    return low + (high - low) * (cells + np.random.default_rng([seed, STREAM]).uniform(0, 1, cells.shape)) / side

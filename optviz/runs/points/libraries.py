"""How other libraries' optimizers are called: one function for each library, which makes one run.

Each is given the setting, the start and what counts the evaluations, asks that for values, and tells it the iterates.
It returns why it stopped, "" where it made all steps; `Enough` ends it from inside.
"""

import math
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np

from optviz.errors import OptvizError, said
from optviz.functions import Function
from optviz.optimizers import Setting, foreign
from optviz.runs.points.evaluations import Enough, Evaluations
from optviz.runs.points.stepped import by_optax, by_steps, by_torch

# What a method of scipy's may end by, set so high that it ends by our bound of evaluations.
BOUNDS = {
    "Nelder-Mead": ("maxiter", "maxfev"),
    "Powell": ("maxiter", "maxfev"),
    "L-BFGS-B": ("maxiter", "maxfun"),
    "TNC": ("maxfun",),
    "COBYQA": ("maxiter", "maxfev"),
}
AGAIN = 10  # of the evaluations that it counts, those that are made once


def run(
    setting: Setting, function: Function, start: np.ndarray, steps: int, budget: int, seeds: tuple[int, int]
) -> tuple[Evaluations, str]:
    """Make one run.

    Parameters
    ----------
    setting : Setting
        Of a contender.
    function : Function
    start : (d,) float64
    steps, budget : int
        Of iterates and of evaluations, at most.
    seeds : (int, int)
        Of all that is random: the seed of all runs, and the number of this one.

    Returns
    -------
    evaluations : Evaluations
    stopped : str
        Why the run ended before its last step, see `optviz.results.race.STOPS`.

    Raises
    ------
    OptvizError
        If the library fails where all its evaluations were finite.
    """
    made = Evaluations(function, start, steps, budget)
    library = _LIBRARIES[foreign(setting).package]
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        try:
            return made, library(setting, function, start, made, budget, seeds)
        except Enough as end:
            return made, end.stopped
        except (OptvizError, MemoryError):
            raise
        except Exception as error:  # whatever a library raises over numbers that it cannot use
            if made.missed:
                return made, "no descent"
            problem = f"{setting.name} fails on {function.title}: {said(error)}"
            raise OptvizError(problem, "Leave it out, or start it elsewhere.") from error


def _scipy(
    setting: Setting, function: Function, start: np.ndarray, made: Evaluations, budget: int, seeds: tuple[int, int]
) -> str:
    from scipy.optimize import minimize

    formula = foreign(setting)
    given: dict[str, Any] = {}
    if formula.looks != "value":
        given["jac"] = made.gradient
    if formula.looks == "hessian":
        given["hess"] = made.hessian
    tolerance = setting.hyperparameters["tol"] or None
    options = dict.fromkeys(BOUNDS.get(formula.method, ("maxiter",)), AGAIN * budget)

    def moved(x: np.ndarray, *more: Any) -> None:
        made.moved(x)

    result = minimize(made.value, start, method=formula.method, tol=tolerance, callback=moved, options=options, **given)
    if result.x.tolist() != made.iterates[-1] and np.isfinite(result.x).all():
        made.moved(result.x)
    return "at rest" if result.success else "no descent"


def _cma(
    setting: Setting, function: Function, start: np.ndarray, made: Evaluations, budget: int, seeds: tuple[int, int]
) -> str:
    import cma

    draws = np.random.default_rng(seeds)
    width = max(high - low for low, high in function.view)
    options: dict[str, Any] = {
        "randn": lambda *shape: draws.standard_normal(shape),
        "seed": math.nan,  # of NumPy's own generator, which is the user's
        "verbose": -9,
        "verb_log": 0,
        "verb_disp": 0,
    }
    if setting.hyperparameters["popsize"]:
        options["popsize"] = max(2, int(setting.hyperparameters["popsize"]))
    strategy = cma.CMAEvolutionStrategy(start, setting.hyperparameters["sigma"] * width, options)
    best, lowest = start, made.values[0]
    while not strategy.stop():
        population = strategy.ask()
        heights = [made.value(x) for x in population]
        strategy.tell(population, [value if math.isfinite(value) else math.inf for value in heights])
        for x, value in zip(population, heights, strict=True):
            if value < lowest or math.isnan(lowest):
                best, lowest = x, value
        made.moved(best)
    return "at rest"


def first_move(setting: Setting, function: Function, start: np.ndarray) -> list[float]:
    """Where the first step of a contender leads."""
    made, _ = run(setting, function, start, 1, AGAIN, (0, 0))
    return made.iterates[-1]


_LIBRARIES: dict[str, Callable[..., str]] = {
    "scipy": _scipy,
    "cma": _cma,
    "torch": by_torch,
    "optax": by_optax,
    "": by_steps,
}

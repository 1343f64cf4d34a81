"""Who runs on a test function: optimizers, each with a learning rate that can be accounted for."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from optviz import schedules
from optviz.errors import UsageError, UsageTypeError
from optviz.functions import Function
from optviz.noise import NoiseSetting
from optviz.optimizers import PACKAGES, Setting, UpdateRule, configure, labelled, meant
from optviz.results.numeric import is_finite, plain
from optviz.results.parts import Contender
from optviz.runs.points.checks import check_setting
from optviz.runs.points.costs import length
from optviz.runs.points.criteria import Criterion
from optviz.runs.points.tuning import tune
from optviz.schedules import Schedule

Optimizer = str | UpdateRule | Setting


def entrants(
    function: Function,
    optimizers: Sequence[Optimizer],
    lr: Any,
    defaults: str,
    starts: np.ndarray,
    steps: int,
    criterion: Criterion,
    noise: NoiseSetting | None,
    seed: int,
    runs: int = 1,
    device: str = "cpu",
    budget: int | None = None,
) -> tuple[list[Setting], dict[str, str], dict[str, Any] | None]:
    """Configure optimizers, and tune those whose learning rate is not given.

    Parameters
    ----------
    function : Function
    optimizers, lr, defaults
        As for `optviz.race`.
    starts : (k, 2) float64
        Of the tuning, as all that follows, see `optviz.runs.points.tuning.tune`.
    steps : int
    criterion : Criterion
    noise : NoiseSetting or None
    seed : int
    runs : int
        How many of each are to follow.
    device : str
        That computes them.
    budget : int, optional
        The evaluations that each may spend, where these are counted and not `steps`.

    Returns
    -------
    settings : list of Setting
        In the order of `optimizers`.
    rates : dict of str to str
        For each where its learning rate comes from: ``"tuned"``, ``"given"`` or the name of a default table.
    tuning : dict or None
        See `optviz.runs.points.tuning.tune`; None where nothing was tuned.
    """
    settings = {
        setting.name: setting for setting in labelled([configure(one, defaults=defaults) for one in optimizers])
    }
    for setting in settings.values():
        check_setting(setting, function, noise, runs, device)
    rates, given = given_rates(lr, settings, defaults)
    settings |= {name: settings[name].replace(lr=rate) for name, rate in given.items()}
    settings = {name: setting.resolved(length(setting, steps, budget)) for name, setting in settings.items()}
    to_tune = [name for name, source in rates.items() if source == "tuned"]
    tuning = None
    if to_tune:
        chosen = [settings[name] for name in to_tune]
        tuned, tuning = tune(function, chosen, starts, steps, criterion, noise, seed, budget)
        settings |= dict(zip(to_tune, tuned, strict=True))
    return list(settings.values()), rates, tuning


Rate = float | str | Schedule


def given_rates(
    lr: Rate | Mapping[str, Rate] | None, settings: Mapping[str, Setting], defaults: str
) -> tuple[dict[str, str], dict[str, Rate]]:
    """For each optimizer where its rate comes from, and the rates that are given.

    A schedule that says no value is given without a rate: its scale is tuned.
    """
    sources = {name: _source(setting, defaults) for name, setting in settings.items()}
    if lr is None:
        return sources, {}
    if isinstance(lr, str) and lr == "defaults":
        return {name: defaults if source == "tuned" else source for name, source in sources.items()}, {}
    if isinstance(lr, Mapping):
        given = {meant(name, settings, defaults, "lr"): rate for name, rate in lr.items()}
    else:
        given = {name: lr for name, setting in settings.items() if "lr" in setting.hyperparameters}
    rates = {name: _checked_rate(rate) for name, rate in given.items()}
    has_value = lambda rate: not isinstance(rate, Schedule) or rate.value is not None
    return sources | {name: "given" if has_value(rate) else "tuned" for name, rate in rates.items()}, rates


def _source(setting: Setting, defaults: str) -> str:
    """Where a rate comes from of which nothing else is said.

    Rules that find their rate themselves are left with what their `lr` is by default, which only scales it.
    """
    if "lr" not in setting.hyperparameters or (setting.rule.family == "free" and "lr" not in setting.fixed):
        table = setting.rule.table_for(defaults)
        return PACKAGES.get(table, table)  # of another library's, its name
    return "given" if "lr" in setting.fixed else "tuned"


def _checked_rate(lr: Any) -> Rate:
    """A finite number, or a schedule."""
    number = plain(lr)
    if isinstance(number, Schedule) or callable(number):
        return schedules.configure(number)
    if isinstance(number, str) and ("(" in number or number in schedules.REGISTRY):
        return schedules.configure(number)
    if not is_finite(number):
        remedy = "It must be a number, a schedule as cosine(0.1), 'defaults', or one of these for each optimizer."
        raise (UsageError if isinstance(lr, str) else UsageTypeError)(f"lr is {lr!r}", remedy)
    return float(number)


def contender(setting: Setting, rate: str) -> Contender:
    """Who runs with a setting."""
    return Contender(
        optimizer=setting.name,
        title=setting.title,
        variant=setting.variant,
        defaults=setting.defaults,
        hyperparameters=dict(setting.hyperparameters),
        rate=rate,
        written=setting.short_text,
    )

"""Who runs on a test function: optimizers, each with a learning rate that can be accounted for."""

import math
import numbers
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from optviz.errors import UsageError, UsageTypeError
from optviz.functions import Function
from optviz.noise import NoiseSetting
from optviz.optimizers import REGISTRY, Setting, UpdateRule, configure
from optviz.results.numeric import plain
from optviz.results.parts import Contender
from optviz.runs.points.criteria import Criterion
from optviz.runs.points.tuning import tune

Optimizer = str | UpdateRule | Setting


def entrants(
    function: Function,
    optimizers: Sequence[Optimizer],
    lr: str | float | Mapping[str, float] | None,
    defaults: str,
    starts: np.ndarray,
    steps: int,
    criterion: Criterion,
    noise: NoiseSetting | None,
    seed: int,
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

    Returns
    -------
    settings : list of Setting
        In the order of `optimizers`.
    rates : dict of str to str
        For each where its learning rate comes from: ``"tuned"``, ``"given"`` or the name of a default table.
    budget : dict or None
        See `optviz.runs.points.tuning.tune`; None where nothing was tuned.
    """
    configured = (configure(optimizer, defaults=defaults) for optimizer in optimizers)
    settings = {setting.rule.name: setting for setting in configured}
    if len(settings) != len(optimizers) or not settings:
        raise UsageError("the list of optimizers is empty or names one twice", "Name each optimizer once.")
    rates, given = given_rates(lr, settings, defaults)
    settings |= {name: settings[name].replace(lr=rate) for name, rate in given.items()}
    to_tune = [name for name, source in rates.items() if source == "tuned"]
    budget = None
    if to_tune:
        tuned, budget = tune(function, [settings[name] for name in to_tune], starts, steps, criterion, noise, seed)
        settings |= dict(zip(to_tune, tuned, strict=True))
    return list(settings.values()), rates, budget


def given_rates(
    lr: str | float | Mapping[str, float] | None, settings: Mapping[str, Setting], defaults: str
) -> tuple[dict[str, str], dict[str, float]]:
    """For each optimizer where its rate comes from, and the rates that are given."""
    without = [name for name, setting in settings.items() if "lr" not in setting.hyperparameters]
    rates = {name: defaults if name in without else "tuned" for name in settings}
    if lr is None:
        return rates, {}
    if isinstance(lr, str):
        if lr != "defaults":
            raise UsageError(f"lr is {lr!r}", "It must be a number, 'defaults', or a rate for each optimizer.")
        return dict.fromkeys(settings, defaults), {}
    if isinstance(lr, Mapping):
        for name in lr:
            if name not in settings:
                REGISTRY[name]  # an unknown name is refused with a suggestion
                raise UsageError(f"lr is given for {name}, which does not run", f"It runs: {', '.join(settings)}")
        return rates | dict.fromkeys(lr, "given"), dict(lr)
    number = plain(lr)
    if isinstance(number, bool) or not isinstance(number, numbers.Real) or not math.isfinite(number):
        raise UsageTypeError(f"lr is {lr!r}", "It must be a number, 'defaults', or a rate for each optimizer.")
    given = {name: float(number) for name in settings if name not in without}
    return rates | dict.fromkeys(given, "given"), given


def contender(setting: Setting, rate: str) -> Contender:
    """Who runs with a setting."""
    return Contender(
        optimizer=setting.rule.name,
        title=setting.rule.title,
        variant=setting.variant,
        defaults=setting.defaults,
        hyperparameters=dict(setting.hyperparameters),
        rate=rate,
    )

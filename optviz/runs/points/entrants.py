"""Several optimizers for a region of starts, each with a learning rate that can be accounted for."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from optviz.errors import UsageError
from optviz.functions import Function
from optviz.noise import NoiseSetting
from optviz.optimizers import Setting, configure
from optviz.results.parts import Contender
from optviz.runs.points.criteria import Criterion
from optviz.runs.points.minimize_many import contender
from optviz.runs.points.race import Optimizer, given_rates
from optviz.runs.points.tuning import tune


def field(
    function: Function,
    optimizers: Sequence[Optimizer],
    lr: str | float | Mapping[str, float] | None,
    defaults: str,
    starts: np.ndarray,
    steps: int,
    criterion: Criterion,
    noise: NoiseSetting | None,
    seed: int,
) -> tuple[list[Setting], list[Contender], dict[str, Any] | None]:
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
    settings, contenders : list
        In the order of `optimizers`.
    budget : dict or None
        See `optviz.runs.points.tuning.tune`; None where nothing was tuned.
    """
    settings = {setting.rule.name: setting for setting in (configure(one, defaults=defaults) for one in optimizers)}
    if len(settings) != len(optimizers) or not settings:
        raise UsageError("the list of optimizers is empty or names one twice", "Name each optimizer once.")
    rates, given = given_rates(lr, settings, defaults)
    settings |= {name: settings[name].replace(lr=rate) for name, rate in given.items()}
    to_tune = [name for name, source in rates.items() if source == "tuned"]
    budget = None
    if to_tune:
        tuned, budget = tune(function, [settings[name] for name in to_tune], starts, steps, criterion, noise, seed)
        settings |= dict(zip(to_tune, tuned, strict=True))
    return list(settings.values()), [contender(one, rates[name]) for name, one in settings.items()], budget

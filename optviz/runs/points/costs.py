"""What steps cost in evaluations, and how many of them so many evaluations allow."""

from typing import Any

import numpy as np

from optviz.errors import UsageError
from optviz.formulas.formula import DUE
from optviz.optimizers import Setting
from optviz.runs.scalars import course

CHOOSING = ("solver", "contender")  # kinds of rule whose evaluations are of their own choice


def spent(setting: Setting, steps: int) -> np.ndarray:
    """(steps + 1,) int64: the evaluations made by the time the value at each iterate is known, where steps fix these.

    One at each iterate gives the value and a gradient. A rule that takes its gradient elsewhere alone makes it there:
    the values at its iterates are drawn, and not counted.
    """
    formula = setting.formula
    each = np.full(steps, formula.evaluations, np.int64)
    if formula.multiplies and DUE in formula.table_names:
        due = course(formula, setting).columns(1, steps)[formula.table_names.index(DUE)]
        each -= due == 0
    return 1 + np.concatenate([[0], np.cumsum(each)])


def told(setting: Setting, steps: int) -> dict[str, Any]:
    """What a `optviz.results.race.Trajectory` says of `spent`, which is nothing where steps make one evaluation."""
    return {} if setting.formula.evaluations == 1 else {"evaluations": spent(setting, steps)}


def length(setting: Setting, steps: int, budget: int | None) -> int:
    """The steps of a run: `steps`, or where evaluations are what is counted as many as `budget` of these allow.

    Raises
    ------
    UsageError
        If they allow none.
    """
    if budget is None or setting.kind in CHOOSING:
        return steps
    if setting.formula.evaluations == 1:
        return budget - 1
    made = int(np.searchsorted(spent(setting.resolved(budget - 1), budget - 1), budget, side="right")) - 1
    if made < 1:
        raise UsageError(
            f"{budget} evaluations make no step of {setting.plain_name}",
            f"Give at least {1 + setting.formula.evaluations}: steps={1 + setting.formula.evaluations}",
        )
    return made

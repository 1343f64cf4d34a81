"""How an optimizer takes a step: every quantity on the way from the gradient to the move, for a few steps."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from optviz.errors import UsageError
from optviz.formulas.adding import moved
from optviz.formulas.formula import ITERATE
from optviz.formulas.headings import REPORTED
from optviz.formulas.unfold import MOST, Unfolded, unfold
from optviz.functions import Bounds, Function
from optviz.optimizers import Setting, UpdateRule, check_runs, configure
from optviz.results.explanation import MOVE, Explanation, Quantity
from optviz.runs.points.arithmetic import as_kernels
from optviz.runs.points.checks import checked_bounds, checked_seed, checked_whole
from optviz.runs.points.criteria import SettledGap
from optviz.runs.points.entrants import contender, entrants
from optviz.runs.points.landscape import landscape
from optviz.runs.points.minimize import checked_start, learning_rates
from optviz.runs.points.subject import plane_function
from optviz.runs.points.tuning import JITTER, jittered
from optviz.runs.scalars import course

ROWS = 5  # steps at a time
FURTHEST = 100_000  # the last step that is told: all before it are made in plain Python
RESOLUTION = 200
MARGIN, LEAST, WIDEST = 0.22, 1e-6, 3.0  # of the map: around the steps, in shares of the view, and in views


def explain(
    optimizer: str | UpdateRule | Setting,
    function: str | Function | Callable = "rosenbrock",
    *,
    steps: int = ROWS,
    first: int = 1,
    start: Sequence[float] | None = None,
    seed: int = 0,
    lr: Any = None,
    defaults: str | None = None,
    variant: str | None = None,
    bounds: Bounds | None = None,
    **hyperparameters: Any,
) -> Explanation:
    """Take some steps of an optimizer apart.

    Parameters
    ----------
    optimizer : str, UpdateRule or Setting
        Any rule, as ``"adam"``, ``"lookahead(adam, k=5)"``.
    function : str, Function or Python function
        Of two variables, see `optviz.minimize`.
    steps : int
        How many steps are told, 1 to 5.
    first : int
        The number of the first of them; those before it are made and not told.
    start : (x, y), optional
        By default the function's own start.
    seed : int
        Of the tuning's nearby starts.
    lr : number, schedule, or "defaults", optional
        The learning rate. By default it is tuned as that of a race, for a run of the function's own length; with
        ``"defaults"`` it is that of the default table.
    defaults, variant, **hyperparameters
        See `optviz.optimizers.configure`.
    bounds : ((x0, x1), (y0, y1)), optional
        What the map shows. By default a square around the steps.

    Returns
    -------
    Explanation
        Up to a divergence, if there is one.

    Raises
    ------
    UnknownNameError
        If the optimizer or the function is not registered.
    UsageError, UsageTypeError
        If an argument cannot be used, or no learning rate can be tuned because the minimum is unknown.

    Examples
    --------
    >>> import optviz
    >>> told = optviz.explain("sgd", "sphere", start=(3.0, 4.0), steps=1, lr=0.25)
    >>> [column.text for column in told.columns]
    ['g = ∇f(x)', 'x ← x − 0.25g']
    >>> told.points.tolist()
    [[3.0, 4.0], [1.5, 2.0]]
    """
    unit = plane_function(function)
    steps = checked_whole("steps", steps, 1, ROWS)
    first = checked_whole("first", first, 1, FURTHEST)
    x, y = checked_start(unit, start)
    seed = checked_seed(seed)
    view = None if bounds is None else checked_bounds(unit, bounds)
    asked = configure(optimizer, defaults=defaults, variant=variant, **hyperparameters)
    check_runs(asked, "explain", unit)
    length = max(unit.steps, first + steps - 1)
    starts = jittered(unit, (x, y), seed)
    several, rates, budget = entrants(unit, [asked], lr, asked.defaults, starts, length, SettledGap(unit), None, seed)
    setting = several[0]
    taken = _Steps(setting, unit, (x, y), first, steps)
    ground = landscape(unit, RESOLUTION, view or _around(unit, taken.points[first - 1 :]))
    rate = learning_rates(setting, length)
    if rate is None and "lr" in setting.hyperparameters:
        rate = np.full(length + 1, setting.hyperparameters["lr"])
    told = len(taken.points) - first
    who = replace(contender(setting, rates[setting.name]), defaults=setting.rule.table_for(setting.defaults))
    return Explanation(
        landscape=ground,
        contender=who,
        start=(x, y),
        first=first,
        length=length,
        columns=taken.columns,
        points=taken.points,
        values=taken.values,
        equation=taken.unfolded.equation,
        terms=taken.unfolded.operands,
        operands=taken.operands,
        learning_rates=None if rate is None else rate[first : first + told],
        diverged_at=taken.diverged_at,
        dropped=taken.unfolded.dropped,
        seed=seed,
        tuning=budget and budget | {"jitter": JITTER},
    )


def unfolded(setting: Setting, most: int = MOST) -> Unfolded:
    """The columns of a setting, its hyperparameters written as numbers."""
    formula = setting.formula
    known = {name: setting.hyperparameters[name] for name in formula.hyperparameters}
    # A hyperparameter inside of a step scalar is a number too, unless it changes from step to step.
    bare = {name: value for name, value in setting.hyperparameters.items() if name not in formula.scalar_names}
    written = [one for one in setting.rule.variants[setting.variant] if {*one.table_names} <= {*formula.scalar_names}]
    widest = max(written, key=lambda one: len(one.table_names), default=None)
    # A wrapper with a clock lets the rule count steps of its own.
    tells = widest is not None and widest.scalars is not None and not any(one.clock for one, _ in setting.wrappers)
    scalars = [widest.scalars] if tells and widest is not None and widest.scalars is not None else []
    return unfold(formula, bare | known, scalars, most)


class _Steps:
    """The steps of a setting from a start, in plain Python, and what the last of them compute."""

    def __init__(self, setting: Setting, function: Function, start: tuple[float, float], first: int, steps: int):
        self.setting, self.function, self.formula = setting, function, setting.formula
        self.first = first
        self.columns: tuple[Quantity, ...]
        with np.errstate(all="ignore"):
            self._taken(start, first + steps - 1)
            reported = self._reported()
            self.unfolded = unfolded(setting)
            self._computed()
            if reported is not None and not self._shown(reported):
                self.unfolded = unfolded(setting, MOST - 1)
                self._computed()
                told = Quantity(REPORTED, "point", "point", "reported point", "what is evaluated", "", "", reported)
                self.columns = (*self.columns[:-1], told, self.columns[-1])

    def _taken(self, start: tuple[float, float], last: int) -> None:
        """All steps: points, values, and what goes into each."""
        formula, setting = self.formula, self.setting
        table = course(formula, setting).columns(1, last)
        hyper = [np.float64(setting.hyperparameters[name]) for name in formula.hyperparameters]
        x = [np.float64(at) for at in start]
        slots = [[np.float64(at if begin == ITERATE else begin) for begin in map(setting.initial, formula.slots)]
                 for at in x]  # fmt: skip
        points, values = [[*x]], [self.function.value_at(start)]
        self.inputs: list[list[tuple]] = []  # of each step and coordinate what the update is given
        self.outputs: list[list[tuple]] = []
        self.diverged_at: int | None = None
        for step in range(last):
            point = float(x[0]), float(x[1])
            slopes = self.function.gradient_at(point)
            value = [np.float64(values[-1])] if formula.takes_value else []
            scalars = [np.float64(number) for number in table[:, step]]
            given, results = moved(formula, x, [*map(np.float64, slopes)], slots, [*value, *scalars], hyper, _quietly)
            x, slots = [one[0] for one in results], [list(one[1:]) for one in results]
            self.inputs.append(given)
            self.outputs.append(results)
            points.append([*x])
            far = not all(abs(at) <= self.function.far for at in x)
            values.append(self.function.value_at((float(x[0]), float(x[1]))) if np.isfinite(x).all() else np.nan)
            if far:
                self.diverged_at = step + 1
                break
        if len(self.inputs) < self.first:
            raise UsageError(
                f"{self.setting.name} diverges at step {self.diverged_at}, before the first step that is asked for",
                f"Ask for an earlier one than {self.first}, or for a smaller learning rate.",
            )
        self.points, self.values = np.array(points, float), np.array(values, float)

    def _reported(self) -> np.ndarray | None:
        """(steps, 2): the points that the rule reports after the steps that are told, where it does."""
        formula = self.formula
        if formula.reported is None:
            return None
        reported = as_kernels(formula.reported)
        asked = formula.report_arguments
        rows = []
        for results in self.outputs[self.first - 1 :]:
            known = [dict(zip((ITERATE, *formula.slots), one, strict=True)) for one in results]
            rows.append([_carried_out(reported, [self._one(own, name) for name in asked], 1)[0] for own in known])
        return np.array(rows, float)

    def _one(self, known: dict[str, Any], name: str) -> Any:
        return known[name] if name in known else np.float64(self.setting.hyperparameters[name])

    def _computed(self) -> None:
        """What the steps that are told compute on their way."""
        columns, count = self.unfolded.columns, len(self.unfolded.columns)
        parts = as_kernels(self.unfolded.parts)
        size = count + len(self.unfolded.operands)
        given = self.inputs[self.first - 1 :]
        results = np.array([[_carried_out(parts, one, size) for one in pair] for pair in given], float)
        arguments = (ITERATE, "g", *self.formula.slots)
        held = {name: [[one[k] for one in pair] for pair in given] for k, name in enumerate(arguments)}
        before = {name: np.array(values, float) for name, values in held.items()}
        self.operands = results[:, :, count:]
        self.columns = tuple(
            Quantity(
                one.key, one.kind, one.role, one.words, one.text, one.update, one.inside,
                np.ascontiguousarray(results[:, :, k]), before.get(one.before),
            )
            for k, one in enumerate(columns)
        )  # fmt: skip

    def _shown(self, reported: np.ndarray) -> bool:
        """Whether a column, or the move, is the reported point already; the column then says so."""
        for k, column in enumerate(self.columns):
            if column.kind == "point" and np.array_equal(column.values, reported, equal_nan=True):
                if column.key != MOVE:
                    told = replace(column, words=f"{column.words}, reported")
                    self.columns = (*self.columns[:k], told, *self.columns[k + 1 :])
                return True
        return False


def _quietly(formula: Callable, given: Sequence[Any], count: int) -> tuple:
    """What a formula gives to numbers of numpy as kernels compute it."""
    return _carried_out(as_kernels(formula), given, count)


def _carried_out(formula: Callable, given: Sequence[Any], count: int) -> tuple:
    """What a formula gives, as a tuple; NaN where not even numpy's numbers keep Python from raising."""
    try:
        result = formula(*given)
    except ArithmeticError:
        return (np.float64(np.nan),) * count
    result = result if isinstance(result, tuple) else (result,)
    return tuple(np.float64(np.nan if isinstance(one, complex) else one) for one in result)


def _around(function: Function, points: np.ndarray) -> Bounds:
    """A square around some points, as far as they are near the function's view, with room for arrows."""
    low, high = np.array(function.view).T
    size = float((high - low).max())
    middle = (low + high) / 2
    near = points[(np.abs(points - middle) <= WIDEST * size).all(axis=1)]
    least, most = near.min(axis=0), near.max(axis=0)
    side = max(float((most - least).max()) * (1 + 2 * MARGIN), LEAST * size)
    side = size if side == LEAST * size else side
    centre = (least + most) / 2
    return tuple((float(at - side / 2), float(at + side / 2)) for at in centre)

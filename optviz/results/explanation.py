"""Explanations: some steps of one optimizer on one test function, with everything that it computes on the way."""

from dataclasses import dataclass
from typing import Annotated, Any

import numpy as np

from optviz.results.parts import Budget, Contender, Landscape, origins, square
from optviz.results.saved import SCHEMA, plain, record
from optviz.results.shown import Explored
from optviz.results.validity import ANY, Array, Count, Many, Number, OneOf, Seed
from optviz.results.words import counted

GRADIENT, MOVE = "gradient", "move"
INFINITE = ANY | {"infinite": True}


@record()
@dataclass(frozen=True)
class Quantity:
    """One quantity of the steps: a column of the picture.

    Attributes
    ----------
    key, kind, role, words, text, update, inside : str
        See `optviz.formulas.headings.Column`.
    values : (steps, 2) float64
        In x and y; of the move the next iterate.
    before : (steps, 2) float64 or None
        What the rule's memory held before each step, where that is the same quantity.
    """

    key: str
    kind: Annotated[str, OneOf("vector", "size", "point", "number")]
    role: Annotated[str, OneOf(GRADIENT, "average", "size", "point", "other", MOVE)]
    words: str
    text: str
    update: str
    inside: str
    values: Annotated[np.ndarray, Array("float64", "STEPS", 2, **INFINITE)]
    before: Annotated[np.ndarray, Array("float64", "STEPS", 2, **INFINITE)] | None = None

    def headline(self) -> str:
        """The record in one line."""
        return f"{self.words}: {self.text}, {counted(len(self.values), 'step')}"


def _ends_well(one: "Explanation") -> bool:
    """Whether the first quantity is the gradient, the last the move, and sizes name quantities that there are."""
    keys = [column.key for column in one.columns]
    ends = keys[0] == GRADIENT and keys[-1] == MOVE and len(keys) > 1
    return ends and all(not column.inside or column.inside in keys for column in one.columns)


@record(
    ("its landscape has as many rows as columns", square),
    ("its points lead from the start to the last step", lambda one: len(one.points) == one.first + one.steps),
    ("its quantities begin with the gradient and end with the move", _ends_well),
    ("it diverges at its last step", lambda one: one.diverged_at in (None, one.last)),
    (
        "its equation names its operands",
        lambda one: all(f"{{{k}}}" in one.equation for k in range(len(one.terms))) or not one.equation,
    ),
)
@dataclass(frozen=True)
class Explanation(Explored):
    """Some steps of an optimizer.

    Attributes
    ----------
    landscape : Landscape
        The part of the function in which the steps happen.
    contender : Contender
        The optimizer as it ran.
    start : (x, y)
    first : int
        The number of the first step that is told, counted from 1.
    length : int
        Steps of the run for which the learning rate was tuned, and schedules are as long as it.
    columns : tuple of Quantity
        What a step computes, from the gradient to the move.
    points : (first + steps, 2) float64
        The iterates, at which gradients are taken, from the start to that after the last step.
    values : (first + steps,) float64
        The function there.
    equation : str
        The last formula with ``{0}``, ``{1}``, ... in the places of its operands; or nothing.
    terms : tuple of str
        What each operand is.
    operands : (steps, 2, operands) float64
        The operands, in x and y.
    learning_rates : (steps,) float64 or None
        Of each step, where the rule has one.
    diverged_at : int or None
        The last step, if its iterate is not finite or too far away, see `optviz.results.race.Trajectory`.
    dropped : tuple of str
        Formulas of quantities that have no column.
    seed : int
        Of the tuning's nearby starts.
    tuning : dict or None
        See `optviz.results.race.Race`.

    Examples
    --------
    >>> import optviz
    >>> told = optviz.explain("momentum", "quadratic", lr=0.002)
    >>> [one.words for one in told.columns]
    ['gradient', 'decaying sum', 'the move']
    """

    landscape: Landscape
    contender: Contender
    start: tuple[float, float]
    first: Count
    length: Count
    columns: Annotated[tuple[Quantity, ...], Many("columns", distinct=lambda column: column.key)]
    points: Annotated[np.ndarray, Array("float64", "STATES", 2, **INFINITE)]
    values: Annotated[np.ndarray, Array("float64", "STATES", **INFINITE)]
    equation: str
    terms: Annotated[tuple[str, ...], Many("terms?")]
    operands: Annotated[np.ndarray, Array("float64", "STEPS", 2, "terms?", **INFINITE)]
    learning_rates: Annotated[np.ndarray, Array("float64", "STEPS", low=0.0)] | None = None
    diverged_at: Annotated[int, Number(1)] | None = None
    dropped: tuple[str, ...] = ()
    seed: Seed = 0
    tuning: Budget | None = None

    @property
    def steps(self) -> int:
        """The number of steps that are told."""
        return len(self.columns[0].values)

    @property
    def last(self) -> int:
        """The number of the last step."""
        return self.first + self.steps - 1

    @property
    def gap(self) -> np.ndarray:
        """(first + steps,) float64: the values above the minimum; the values themselves where there is none."""
        return self.values - self.landscape.minimum if np.isfinite(self.landscape.minimum) else self.values

    @property
    def height(self) -> str:
        """What `gap` is called."""
        return self.landscape.gap if np.isfinite(self.landscape.minimum) else "f"

    def quantity(self, key: str) -> Quantity:
        """The column of that key."""
        return next(column for column in self.columns if column.key == key)

    def provenance(self) -> str:
        """One line, generated from the run, that says where the numbers come from."""
        rate = origins([(self.contender.title, self.contender.rate)], self.tuning)
        rate = rate if "lr" in self.contender.hyperparameters else f"{self.contender.defaults} defaults"
        formula = f"{self.contender.variant} formula, {self.contender.defaults} numbers"
        dropped = [f"no room for {', '.join(self.dropped)}"] if self.dropped else []
        return " · ".join([rate, formula, *dropped, f"seed {self.seed}"])

    def headline(self) -> str:
        """One line: whose steps, and where they lead."""
        what = f"steps {self.first} to {self.last}" if self.steps > 1 else f"step {self.first}"
        height = self.height.replace("−", "-")
        end = f"{height} = {self.gap[self.first - 1]:.3g} -> {self.gap[-1]:.3g}"
        end = end if self.diverged_at is None else f"diverged at step {self.diverged_at}"
        return f"{self.contender.title} on {self.landscape.title}, {what}: {end}"

    def to_dict(self) -> dict[str, Any]:
        """The document of ``-o adam.json`` and of ``optviz explain --json``."""
        columns = [plain(column) for column in self.columns]
        names = ("start", "first", "length", "points", "values", "learning_rates", "diverged_at", "dropped", "seed")
        return {
            "schema": SCHEMA,
            "function": self.landscape.function,
            "minimum": plain(self.landscape.minimum),
            "optimizer": plain(self.contender),
            **{name: plain(getattr(self, name)) for name in names},
            "steps": self.steps,
            "columns": columns,
            "equation": self.equation,
            "terms": [*self.terms],
            "operands": plain(self.operands),
            "tuning": plain(self.tuning),
            "provenance": self.provenance(),
        }

"""Races on test functions: several optimizers from one start."""

from dataclasses import dataclass, replace
from typing import Annotated, Any

import numpy as np

from optviz.results.columns import Tabular, coordinates, stacked
from optviz.results.parts import Budget, Landscape, elsewhere, origins, square
from optviz.results.saved import SCHEMA, plain, record
from optviz.results.shown import Explored, Shown
from optviz.results.validity import ANY, FARTHEST, LARGEST, MOST_STEPS, Array, Device, Many, Number, OneOf, Seed
from optviz.results.words import counted

BY = ("steps", "evaluations")  # what runs are compared by
STOPS = ("no descent", "singular Hessian", "out of evaluations", "at rest")  # why runs end of themselves


def _stays(run: "Trajectory") -> bool:
    """Whether all iterates before a divergence are places, and nothing but NaN follows."""
    end = len(run.points) if run.diverged_at is None else run.diverged_at
    gone = run.points[end + 1 :], run.values[end + 1 :]
    return end >= 0 and bool((abs(run.points[:end]) <= FARTHEST).all()) and all(np.isnan(part).all() for part in gone)


def _counted(run: "Trajectory") -> bool:
    """Whether the evaluations up to each iterate are as many as have been made by then, in the order of the steps."""
    if run.evaluated is None or run.evaluated_at is None:
        return run.evaluated is None and run.evaluated_at is None
    by_then = np.searchsorted(run.evaluated_at, np.arange(len(run.points)), side="right")
    rises = bool((run.evaluated_at[1:] >= run.evaluated_at[:-1]).all())
    return rises and len(run.evaluated) == by_then[-1] and np.array_equal(by_then, run.spent)


@record(
    ("it diverges at one of its steps", lambda run: run.diverged_at is None or run.diverged_at < len(run.points)),
    ("its iterates are finite until it diverges, and NaN afterwards", _stays),
    ("its evaluations never become fewer", lambda run: bool((run.spent[1:] >= run.spent[:-1]).all())),
    ("the points of its evaluations are as many as it has made by each step", _counted),
)
@dataclass(frozen=True)
class Trajectory(Shown, Tabular):
    """One run of one optimizer on one test function.

    Attributes
    ----------
    function, optimizer, title : str
        Registered names, and the optimizer's name in pictures.
    variant, defaults : str
        Whose formula, and whose numbers filled what was not given.
    hyperparameters : dict of str to float
        All of them, as used.
    points : (steps + 1, 2) float64
        What the optimizer reports, the iterates of most, start first; NaN after the step at which the run diverged.
    values : (steps + 1,) float64
        The objective at each iterate; NaN after the step at which the run diverged.
    diverged_at : int or None
        The first step whose iterate is not finite or too far away in a coordinate: by default
        farther than 1e6 from the origin, see `optviz.functions.Function.far`.
    minimum : float
        The function's minimum, so that ``values - minimum`` is the suboptimality gap.
    iterates : (steps + 1, 2) float64 or None
        The points at which gradients were taken, where `points` are others that the optimizer reports.
    written : str
        The optimizer as it is written, with what is not as by default.
    searched : bool
        Whether the minimum is the lowest value that a search has found, and not known to be the minimum.
    learning_rates : (steps + 1,) float64 or None
        The learning rate of each step where it has a schedule, that of the first step at the start too.
    evaluations : (steps + 1,) int64 or None
        The number of evaluations made by the time each iterate's own value is known: 1 or more at the start. One that
        gives value and gradient counts once. None where every step makes one, see `spent`.
    evaluated : (k, 2) float64 or None
        The points of all evaluations, in their order. None where they are the iterates, or have not been kept.
    evaluated_at : (k,) int64 or None
        The step during which each of them was made, 0 for those at the start.
    stopped : {"", "no descent", "singular Hessian", "out of evaluations", "at rest"}
        Why it made no further evaluation before its last step; "" where it did. Its last iterate is then repeated.

    Examples
    --------
    >>> import optviz
    >>> run = optviz.minimize("sphere", "sgd", start=(3.0, 4.0), steps=2, lr=0.25)
    >>> run.gap.tolist(), run.diverged_at
    ([25.0, 6.25, 1.5625], None)
    """

    function: str
    optimizer: str
    title: str
    variant: str
    defaults: str
    hyperparameters: dict[str, float]
    points: Annotated[np.ndarray, Array("float64", "states", 2, **ANY)]
    values: Annotated[np.ndarray, Array("float64", "states", **ANY)]
    diverged_at: int | None
    minimum: Annotated[float, Number(unknown=True, infinite=True)]
    iterates: Annotated[np.ndarray, Array("float64", "states", 2, **ANY)] | None = None
    written: str = ""
    learning_rates: Annotated[np.ndarray, Array("float64", "states", low=0.0)] | None = None
    searched: bool = False
    evaluations: Annotated[np.ndarray, Array("int64", "states", low=0, high=LARGEST)] | None = None
    evaluated: Annotated[np.ndarray, Array("float64", "evaluated", 2, **ANY)] | None = None
    evaluated_at: Annotated[np.ndarray, Array("int64", "evaluated", low=0, high=LARGEST)] | None = None
    stopped: Annotated[str, OneOf("", *STOPS)] = ""

    @property
    def steps(self) -> int:
        """The number of steps asked for."""
        return len(self.values) - 1

    @property
    def spent(self) -> np.ndarray:
        """(steps + 1,) int64: the number of evaluations made by the time each iterate's own value is known."""
        return np.arange(1, len(self.values) + 1) if self.evaluations is None else self.evaluations

    @property
    def stopped_at(self) -> int | None:
        """The last step that made an evaluation, where the run stopped of itself; otherwise None."""
        return int(np.searchsorted(self.spent, self.spent[-1])) if self.stopped else None

    @property
    def gap(self) -> np.ndarray:
        """(steps + 1,) float64: the suboptimality gap f(x) - f*."""
        return self.values - self.minimum

    def without_rest(self) -> "Trajectory":
        """The run up to its last evaluation: one that ends since it may make no more has not stopped of itself."""
        last = int(np.searchsorted(self.spent, self.spent[-1]))
        last = last if self.diverged_at is None else max(last, self.diverged_at)
        arrays = ("points", "values", "iterates", "learning_rates", "evaluations")
        kept: dict[str, Any] = {name: row[: last + 1] for name in arrays if (row := getattr(self, name)) is not None}
        return replace(self, stopped=self.stopped if self.stopped != "out of evaluations" else "", **kept)

    def to_columns(self) -> dict[str, np.ndarray]:
        """A row for each step, the start first.

        ``function``, ``optimizer``, ``step``, ``evaluations`` made by then, ``lr`` of the step (NaN where the rule has
        none), ``x`` and ``y`` (``x1``, ``x2``, ... in other than two dimensions), ``value``, and ``gap`` above the
        minimum; NaN after a divergence.
        """
        steps = np.arange(len(self.values))
        rate = np.full(len(steps), self.hyperparameters.get("lr", np.nan), np.float64)
        return {
            "function": np.full(len(steps), self.function, object),
            "optimizer": np.full(len(steps), self.optimizer, object),
            "step": steps,
            "evaluations": self.spent.copy(),
            "lr": rate if self.learning_rates is None else self.learning_rates.copy(),
            **coordinates(self.points),
            "value": self.values.copy(),
            "gap": self.gap,
        }

    def headline(self) -> str:
        """One line: the run, and where it ended."""
        least = "the lowest found" if self.searched else "f*"
        known = np.isfinite(self.minimum)
        end = f"f - {least} = {self.gap[-1]:.2g}" if known else f"f = {self.values[-1]:.4g}"
        end = end if self.diverged_at is None else f"diverged at step {self.diverged_at}"
        count = counted(self.steps, "step")
        if self.evaluations is not None:
            count += f" of {counted(int(self.spent[-1]), 'evaluation')}"
        return f"{self.title} on {self.function}, {count}: {end}" + (f", stopped: {self.stopped}" * bool(self.stopped))


def _fair(race: "Race") -> bool:
    """Whether every run may go as far as the others."""
    if race.budget is None:
        return len({run.steps for run in race.trajectories}) == 1
    return all(run.spent[-1] <= race.budget for run in race.trajectories)


@record(
    ("its landscape has as many rows as columns", square),
    ("each trajectory has a rate", lambda race: all(run.optimizer in race.rates for run in race.trajectories)),
    (
        "all trajectories run on its landscape",
        lambda race: all(run.function == race.landscape.function for run in race.trajectories),
    ),
    ("its runs make the same number of steps, or spend no more than their evaluations", _fair),
)
@dataclass(frozen=True)
class Race(Explored, Tabular):
    """Several optimizers from one start on one test function.

    Attributes
    ----------
    landscape : Landscape
    trajectories : tuple of Trajectory
        All of the same number of steps, where they are compared by steps.
    start : (x, y)
    seed : int
    rates : dict of str to str
        For each optimizer where its learning rate comes from: ``"tuned"``, ``"given"`` or the name of a default
        table.
    tuning : dict or None
        The ``rule`` of the tuning in one sentence, and its budget: ``grid`` rates for every optimizer and ``most`` for
        those whose best rate was at an end of them, ``low`` and ``high`` of all that were tried, the titles of those
        whose best is the last one tried (``ends``), ``starts``, ``jitter`` (share of the view), ``steps``, whether
        there was ``noise``. None when nothing was tuned.
    noise : str
        The noise model with its numbers, or nothing.
    device : {"cpu", "cuda"}
        What computed the runs.
    budget : int or None
        The number of evaluations that every run may spend, where they are compared by evaluations; otherwise None.

    Examples
    --------
    >>> import optviz
    >>> race = optviz.race("quadratic", ["sgd", "momentum"], lr=0.002)
    >>> [run.title for run in race.trajectories], race.rates
    (['SGD', 'Momentum'], {'sgd': 'given', 'momentum': 'given'})
    """

    landscape: Landscape
    trajectories: Annotated[tuple[Trajectory, ...], Many("runs", distinct=lambda run: run.optimizer)]
    start: tuple[float, float]
    seed: Seed
    rates: dict[str, str]
    tuning: Budget | None = None
    noise: str = ""
    device: Device = "cpu"
    budget: Annotated[int, Number(1, MOST_STEPS)] | None = None

    @property
    def steps(self) -> int:
        """The number of steps of every trajectory; of the longest where they are compared by evaluations."""
        return max(run.steps for run in self.trajectories)

    @property
    def by(self) -> str:
        """What the runs are compared by: ``"steps"`` or ``"evaluations"``."""
        return "steps" if self.budget is None else "evaluations"

    @property
    def length(self) -> tuple[int, str]:
        """How far every run may go: a number, and of what, ``"step"`` or ``"evaluation"``."""
        return (self.steps, "step") if self.budget is None else (self.budget, "evaluation")

    def provenance(self) -> str:
        """One line, generated from the run, that says where the learning rates come from."""
        rates = origins(((run.title, self.rates[run.optimizer]) for run in self.trajectories), self.tuning)
        noise = [f"noise {self.noise}"] if self.noise else []
        outside = ["start outside the function's bounds"] if self.starts_outside else []
        return " · ".join([rates, *noise, *outside, "no clipping", f"seed {self.seed}", *elsewhere(self.device)])

    def headline(self) -> str:
        """One line: the runs, and who leads."""
        ended = [run for run in self.trajectories if run.diverged_at is None]
        lead = "all diverged"
        if ended:
            first = min(ended, key=self._rank)
            gap = self.landscape.gap.replace("−", "-")
            lead = f"{first.title} leads with {gap} = {first.gap[-1]:.2g}"
        of = counted(len(self.trajectories), "optimizer")
        return f"{of} on {self.landscape.title}, {counted(*self.length)}; {lead}"

    def _rank(self, run: Trajectory) -> tuple[bool, float]:
        """By gap; behind all others who ended where pictures do not rank: off the map, or below the minimum."""
        pairs = zip(run.points[-1], self.landscape.view, strict=True)
        off = any(not low <= at <= high for at, (low, high) in pairs)
        return off or run.gap[-1] < -1e-6 * max(1.0, abs(self.landscape.minimum)), run.gap[-1]

    @property
    def starts_outside(self) -> bool:
        """Whether the start lies outside the function's bounds."""
        pairs = zip(self.start, self.landscape.bounds, strict=True)
        return any(not low <= at <= high for at, (low, high) in pairs)

    def to_columns(self) -> dict[str, np.ndarray]:
        """A row for each step of each optimizer: the columns of `Trajectory.to_columns`, and the race's ``seed``."""
        table = stacked([run.to_columns() for run in self.trajectories])
        return table | {"seed": np.full(len(table["step"]), self.seed)}

    def to_dict(self) -> dict[str, Any]:
        """The document of ``-o race.json`` and of ``optviz animate --json``."""
        runs = []
        for run in self.trajectories:
            facts = {
                name: value for name, value in plain(run).items() if name not in ("function", "minimum", "searched")
            }
            end = len(run.values) - 1 if run.diverged_at is None else run.diverged_at
            final = {"rate": self.rates[run.optimizer], "final_point": run.points[end], "final_value": run.values[end]}
            runs.append(facts | plain(final))
        return {
            "schema": SCHEMA,
            "function": self.landscape.function,
            "minimum": plain(self.landscape.minimum),
            "start": plain(self.start),
            "steps": self.steps,
            "evaluations": self.budget,
            "seed": self.seed,
            "noise": self.noise,
            "device": self.device,
            "tuning": plain(self.tuning),
            "provenance": self.provenance(),
            "runs": runs,
        }

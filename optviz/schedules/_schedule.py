"""A shape with its value and all its numbers: what a run asks for the factor at each step."""

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TYPE_CHECKING, Any, TypeAlias

from optviz.errors import UsageError, said, shown
from optviz.formulas.calls import Call, Duration, Value, written

if TYPE_CHECKING:
    from optviz.schedules._shape import Shape

Number: TypeAlias = float | Duration | None
Numbers: TypeAlias = tuple[float | Duration, ...]
BOUNDARIES = "at"  # the list that says where one part of a schedule ends and the next begins


@dataclass(frozen=True)
class Schedule:
    """What a hyperparameter is at each step: a value times a factor.

    Attributes
    ----------
    value : float or None
        What the factor multiplies; None stands for the hyperparameter's own default. A schedule of others has the
        largest value of its parts.
    shape : Shape
    variant : str
        Which of the shape's formulas.
    parameters : tuple of (str, float, Duration or None)
        The shape's numbers, in order. Durations without a unit are steps; None is the rest of the run.
    lists : tuple of (str, tuple)
        The parameters that are several numbers.
    children : tuple of Schedule
        The schedules that this one is made of. One without a value has that of the one before.
    """

    value: float | None
    shape: "Shape"
    variant: str
    parameters: tuple[tuple[str, Number], ...] = ()
    lists: tuple[tuple[str, Numbers], ...] = ()
    children: tuple["Schedule", ...] = ()

    @property
    def text(self) -> str:
        """The schedule as it is written, what is as usual left out: ``"cosine(0.1, warmup=5%)"``."""
        return self.call().text

    def call(self) -> Call:
        """The schedule as it is written, as a call."""
        named: dict[str, Value] = {} if self.variant == next(iter(self.shape.variants)) else {"variant": self.variant}
        named |= {name: several if len(several) > 1 else several[0] for name, several in self.lists}
        defaults = self.shape.parameters
        named |= {name: number for name, number in self.parameters if number is not None and number != defaults[name]}
        value: tuple = () if self.value == self.shape.base or self.children else (self.value,)
        return Call(self.shape.name, value + tuple(child.call() for child in self.children), tuple(named.items()))

    @property
    def numbers(self) -> dict[str, float]:
        """What can be swept: the value where it is known, and the parameters that are numbers without a unit."""
        value = {} if self.value is None else {"value": self.value}
        return value | {name: number for name, number in self.parameters if isinstance(number, int | float)}

    def with_numbers(self, value: float | None = None, **numbers: Any) -> "Schedule":
        """A schedule with another value or other parameters; the parts of one keep their proportions.

        Raises
        ------
        UsageError
            If a parameter is unknown or a number out of range.
        """
        known = dict(self.parameters)
        for name, number in numbers.items():
            if name not in known:
                raise UsageError(f"{self.shape.name} has no parameter '{name}'", f"It has: {', '.join(known)}")
            known[name] = self.shape.number(name, number)
        changed = replace(self, parameters=tuple(known.items())).checked()
        return changed if value is None else changed._with_value(self.shape.value(value))

    def _with_value(self, value: float) -> "Schedule":
        if not self.children or value == self.value:
            return replace(self, value=value)
        if self.value is None:
            return self.valued(value)
        if self.value == 0:
            raise UsageError(f"{self.text} is 0 throughout", "Give the parts other values to scale them.")
        scale = value / self.value
        parts = (child if child.value is None else child._with_value(child.value * scale) for child in self.children)
        return replace(self, children=tuple(parts)).checked()

    def valued(self, value: float | None) -> "Schedule":
        """A schedule that has this value unless it has one already."""
        if value is None or self.value is not None:
            return self
        if not self.children:
            return replace(self, value=self.shape.value(value))
        return replace(self, children=(self.children[0].valued(value), *self.children[1:])).checked()

    def checked(self) -> "Schedule":
        """This schedule if its numbers go together, with the value that its parts give it; else a UsageError."""
        for name, several in self.lists:
            steps = [number for number in several if not isinstance(number, Duration)]
            if name in self.shape.durations and any(later <= earlier for earlier, later in pairwise(steps)):
                raise UsageError(f"{self.text}: {name} does not ascend", "Write each boundary after those before it.")
        if len({len(several) for _, several in self.lists}) > 1:
            names = " and ".join(name for name, _ in self.lists)
            raise UsageError(f"{self.text}: {names} are not equally many", "Write one of each for every boundary.")
        if wrong := self.shape.wrong(dict(self.parameters)):
            raise UsageError(f"{self.text}: {wrong[0]}", wrong[1])
        if not self.children:
            return self
        boundaries = dict(self.lists).get(BOUNDARIES)
        if boundaries is not None and len(boundaries) != len(self.children) - 1:
            raise UsageError(
                f"{self.text}: schedules and boundaries are {len(self.children)} and {len(boundaries)}",
                "Write a boundary between every two schedules: at=(100, 200).",
            )
        if boundaries is None and any(child.value is not None for child in self.children[1:]):
            raise UsageError(f"{self.text}: a schedule after the first has a value", "Give a value to the first alone.")
        values = [value for value in self._part_values() if value is not None]
        return replace(self, value=None if self.children[0].value is None else max(values))

    def _part_values(self) -> list[float | None]:
        """The value of each part, that of the one before where it has none."""
        values: list[float | None] = []
        for child in self.children:
            values.append(values[-1] if child.value is None and values else child.value)
        return values

    @property
    def _lead(self) -> float:
        """How many steps of warm-up stand before the formula's first."""
        lead = dict(self.parameters).get("warmup") if self.shape.warms_up else 0.0
        return lead if isinstance(lead, int | float) else 0.0

    def resolved(self, steps: float | None, epoch: float | None = None, run: str = "the run") -> "Schedule":
        """The schedule with all durations in steps.

        Parameters
        ----------
        steps : int or None
            How many steps the run has, if that is known.
        epoch : int or None
            How many of them are one epoch, if there are epochs.
        run : str
            What a message calls the run.

        Raises
        ------
        UsageError
            If a number that is asked for is not known, or if the schedule is longer than the run.
        """
        parameters = tuple((name, self._in_steps(name, number, steps, epoch)) for name, number in self.parameters)
        lists = tuple(
            (name, tuple(self._in_steps(name, number, steps, epoch) for number in several))
            for name, several in self.lists
        )
        counted = replace(self, parameters=parameters, lists=lists)
        left = None
        if steps is not None:
            counted._fit(steps, run)
            left = steps - counted._lead
        if None in dict(parameters).values():
            if left is None:
                known = counted.with_numbers(steps=1000).text
                raise UsageError(f"{self.shape.name} needs the number of steps", f"Give it: {known}")
            if left <= 0:
                raise UsageError(f"{self.text}: no step of {run} is left for it", "Make it shorter.")
            parameters = tuple((name, left if number is None else number) for name, number in parameters)
        boundaries = dict(lists).get(BOUNDARIES)
        spans = [(0, left)] * len(self.children) if boundaries is None else pairwise([0, *boundaries, left])
        parts = (
            child.resolved(None if end is None else end - begin, epoch, f"its part of {self.shape.name}")
            for child, (begin, end) in zip(self.children, spans, strict=False)
        )
        return replace(self, parameters=parameters, lists=lists, children=tuple(parts)).checked()

    def _in_steps(self, name: str, number: Number, steps: float | None, epoch: float | None) -> Any:
        """A number without its unit; a duration of some length lasts at least one step unless it may be 0."""
        if not isinstance(number, Duration):
            return number
        example = f"Give it in steps: {name}=100."
        unit = steps if number.unit == "%" else epoch
        if unit is None:
            unknown = "the number of steps is not known" if number.unit == "%" else "there are no epochs here"
            raise UsageError(f"{self.text}: {name} is {number.text}, and {unknown}", example)
        counted = round(number.number * unit / (100 if number.unit == "%" else 1))
        return float(max(counted, 0 if self.shape.parameters.get(name) == 0 else 1))

    def _fit(self, steps: float, run: str) -> None:
        """Refuse a schedule of which something lies beyond the run."""
        durations = {*self.shape.durations, "warmup"} - {*self.shape.paces}
        numbers = [*self.parameters, *((name, number) for name, several in self.lists for number in several)]
        for name, number in sorted(numbers, key=lambda pair: pair[0] != "warmup"):
            lead = self._lead if name != "warmup" else 0
            if name in durations and isinstance(number, int | float) and lead + number > steps:
                after = f" after {written(lead)} of warm-up" * (lead > 0)
                raise UsageError(
                    f"{self.text}: {name} is {written(number)}{after}, {run} has {written(steps)} steps",
                    "Make the schedule shorter or the run longer.",
                )

    def factor(self, done: float) -> float:
        """By what the value is multiplied when so many steps are done; the schedule has to be `resolved`."""
        return self.function()(done)

    def factors(self, first: int, count: int) -> list[float]:
        """The factors of `count` steps from the `first`, counted from 1.

        Raises
        ------
        UsageError
            If a duration is not in steps, or a factor negative or not finite.
        """
        factor = self.function()
        return [factor(done) for done in range(first - 1, first - 1 + count)]

    def function(self) -> Callable[[float], float]:
        """The factor as a function of how many steps are done, the warm-up before it."""
        ready = self.resolved(None)
        known = dict(ready.parameters) | dict(ready.lists)
        given: list[Any] = [known[name] for name in self.shape.arguments(self.variant)]
        if parts := ready._parts():
            given.insert(0, parts)
        formula = self.shape.variants[self.variant]
        lead = ready._lead
        least: Any = known.get("warmup_from", 0)

        def factor(done: float) -> float:
            try:
                if done < lead:
                    value = least + (formula(0, *given) - least) * done / lead
                else:
                    value = formula(done - lead, *given)
            except OverflowError:
                value = math.inf
            except UsageError:
                raise
            except Exception as error:  # of a formula from elsewhere
                problem = f"{self.text} fails at step {written(done + 1)}: {said(error)}"
                raise UsageError(problem, "Mend its formula.") from error
            if isinstance(value, bool) or not isinstance(value, int | float):
                problem = f"{self.text} gives {shown(value)} at step {written(done + 1)}"
                raise UsageError(problem, "A schedule gives finite numbers of at least 0.")
            if not 0 <= value < math.inf:
                raise UsageError(
                    f"{self.text} gives {shown(value)} at step {written(done + 1)}",
                    "A schedule gives finite numbers of at least 0.",
                )
            return value

        return factor

    def _parts(self) -> list[Callable[[float], float]]:
        """The factors of the parts, each as a share of the largest value."""
        values = self._part_values()
        if self.value is None and any(value is not None for value in values):
            raise UsageError(f"{self.text}: the first part has no value", "Write it: constant(0.1).")
        shares = [value / self.value if self.value and value is not None else 1.0 for value in values]
        return [_scaled(child.function(), share) for child, share in zip(self.children, shares, strict=True)]


def _scaled(factor: Callable[[float], float], share: float) -> Callable[[float], float]:
    return lambda done: share * factor(done)

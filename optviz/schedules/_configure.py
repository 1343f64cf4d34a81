"""From text, an object or a function to one validated schedule."""

from collections.abc import Callable
from dataclasses import dataclass
from numbers import Real
from typing import Any

from optviz.errors import UsageError, UsageTypeError, said, shown
from optviz.formulas.calls import Call, parse
from optviz.results.numeric import plain
from optviz.schedules._schedule import Schedule
from optviz.schedules._shape import REGISTRY, Shape


@dataclass(frozen=True)
class Values:
    """A function of t that gives the value itself, as the formula of a schedule whose value is 1."""

    function: Callable[[int], float]

    def __call__(self, done: float) -> float:
        t = int(done) + 1
        try:
            value = plain(self.function(t))
        except Exception as error:  # whatever its author's function raises
            problem = f"the schedule {_name(self.function)} fails at step {t}: {said(error)}"
            raise UsageError(problem, "Mend it: it must give a number for every step from 1.") from error
        if isinstance(value, bool) or not isinstance(value, Real):
            raise UsageTypeError(
                f"the schedule {_name(self.function)} gives {shown(value)} at step {t}",
                "It must give a number for every step from 1.",
            )
        return float(value)


def configure(schedule: str | Call | Schedule | Shape | Callable[[int], float], value: float | None = None) -> Schedule:
    """Choose a schedule and its numbers.

    Parameters
    ----------
    schedule : str, Call, Schedule, Shape or callable
        A schedule as it is written, ``"cosine(0.1, warmup=100)"``; one that is read already; or a function of the step
        t, counted from 1, that gives the value itself.
    value : float, optional
        The value of a schedule that says none: the default of what is scheduled.

    Returns
    -------
    Schedule

    Raises
    ------
    UnknownNameError
        If no schedule has that name.
    UsageError
        If the text is not a schedule, or a parameter is unknown, missing or out of range.
    UsageTypeError
        If `schedule` is none of these, or a parameter has the wrong type.
    """
    if isinstance(schedule, str):
        read = parse(schedule, "schedule")
        if not isinstance(read, Call):
            raise UsageError(f"the schedule is {shown(schedule)}", "Write a name with values: cosine(0.1, warmup=100).")
        schedule = read
    if isinstance(schedule, Call):
        given = (configure(part) if isinstance(part, Call) else part for part in schedule.positional)
        named: dict[str, Any] = dict(schedule.named)
        schedule = REGISTRY[schedule.name](*given, **named)
    elif isinstance(schedule, Shape):
        schedule = schedule()
    if isinstance(schedule, Schedule):
        return schedule.valued(value)
    if not callable(schedule):
        raise UsageTypeError(f"the schedule is {shown(schedule)}", "Give it as text: cosine(0.1, warmup=100)")
    return _shape_of(schedule)()


def _shape_of(function: Callable[[int], float]) -> Shape:
    """The unregistered shape of a function of t."""
    name = _name(function)
    module: Any = getattr(function, "__module__", "")
    return Shape(name, name, {"usual": Values(function)}, durations=(), base=1.0, module=module or "")


def _name(function: Callable) -> str:
    return getattr(function, "__name__", type(function).__name__)

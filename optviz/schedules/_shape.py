"""What a schedule's unit is: a shape, the factor at each step, with everything needed to name, choose and cite it."""

import inspect
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from optviz.errors import UsageError, UsageTypeError, shown
from optviz.formulas.calls import Duration, written
from optviz.registry import Registry, suggestion
from optviz.results.numeric import Range, number_in_range
from optviz.schedules._schedule import Number, Numbers, Schedule
from optviz.schedules._signature import PARTS, check_arguments, defaults_of

LENGTH = "steps"  # the parameter that is the rest of the run where it is not given
WARM_UP: dict[str, Number] = {"warmup": 0.0, "warmup_from": 0.0}  # what every schedule takes besides its own

# What libraries call the same things.
ALIASES = {
    "init_value": "value",
    "initial_learning_rate": "value",
    "peak_value": "value",
    "max_lr": "value",
    "T_max": "steps",
    "total_iters": "steps",
    "total_steps": "steps",
    "decay_steps": "steps",
    "transition_steps": "steps",
    "warmup_steps": "warmup",
    "milestones": "at",
    "boundaries": "at",
}


@dataclass(frozen=True, eq=False)
class Shape:
    """A schedule's formula: by what factor a value is multiplied when so many steps are done.

    Attributes
    ----------
    name, title : str
        The registered name (``"cosine"``) and the name in pictures (``"Cosine"``).
    reference, url : str
        Authors, year and identifier; where it can be read.
    text : str
        The unit's docstring.
    equation : str
        The factor on one line.
    variants : dict of str to function
        ``factor(done, *parameters)``, plain Python on ``math``; the first is what is taken unless another is named.
        ``done`` is 0 at the first step, as in torch, Keras and optax. A formula of other schedules has `parts` after
        it: functions of how many steps of each are done.
    durations : tuple of str
        The parameters and lists that are counted in steps and may be given in epochs or per cent of the run.
    paces : tuple of str
        Those durations that may be longer than the run.
    lists : tuple of str
        The parameters that are several numbers, all of one length.
    whole : tuple of str
        The parameters that are whole numbers.
    ranges : dict of str to tuple
        What a parameter may be, as (low, high, low allowed, high allowed). By default a number is at least 0, and a
        duration above 0 unless 0 is its default.
    check : function or None
        ``check(...)``, of any parameters by their names: what is wrong with them together and what to do, or None.
    aliases : dict of str to str
        Other libraries' names of parameters.
    names : tuple of str
        Other names of the schedule, in any case.
    base : float or None
        What the factor multiplies where nothing is said: 1 for a function that gives values itself; None stands for
        the hyperparameter's own default.
    module : str
        The module that defined it.
    """

    name: str
    title: str
    variants: dict[str, Callable]
    reference: str = ""
    url: str = ""
    text: str = ""
    equation: str = ""
    durations: tuple[str, ...] = ("steps",)
    paces: tuple[str, ...] = ()
    lists: tuple[str, ...] = ()
    whole: tuple[str, ...] = ()
    ranges: dict[str, Range] = field(default_factory=dict)
    check: Callable[..., tuple[str, str] | None] | None = None
    aliases: dict[str, str] = field(default_factory=dict)
    names: tuple[str, ...] = ()
    base: float | None = None
    module: str = ""

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Shape) and self._identity() == other._identity()

    def __hash__(self) -> int:
        return hash(self._identity())

    def _identity(self) -> tuple:
        return self.name, self.module, *self.variants.values()

    @property
    def parameters(self) -> dict[str, Number]:
        """Every number that a variant takes, with its default.

        None has to be given, except ``steps``, which then is the rest of the run.
        """
        own: dict[str, Number] = {}
        for formula in self.variants.values():
            own = {name: default for name, default in defaults_of(formula).items() if name not in self.lists} | own
        return own | WARM_UP if self.warms_up else own

    @property
    def warms_up(self) -> bool:
        """Whether the warm-up stands before the formula, not in it."""
        return not any(WARM_UP.keys() & defaults_of(formula).keys() for formula in self.variants.values())

    @property
    def takes_parts(self) -> bool:
        """Whether it is made of other schedules."""
        return any(PARTS in inspect.signature(formula).parameters for formula in self.variants.values())

    @property
    def usage(self) -> str:
        """How the schedule is written: ``"cosine(value, final=0, power=1, warmup=0, warmup_from=0)"``."""
        named = {name: default for name, default in self.parameters.items() if name != LENGTH or default is not None}
        parts = [name if default is None else f"{name}={written(default)}" for name, default in named.items()]
        return f"{self.name}({', '.join(['schedules...' if self.takes_parts else 'value', *self.lists, *parts])})"

    def formula(self, *variants: str) -> Callable[[Callable], Callable]:
        """Decorator: add a formula under the names of other variants."""

        def add(factor: Callable) -> Callable:
            check_arguments(factor, self.lists)
            self.variants.update(dict.fromkeys(variants, factor))
            return factor

        return add

    def arguments(self, variant: str) -> tuple[str, ...]:
        """The names of a variant's parameters in the order of its formula, lists among them."""
        return tuple(defaults_of(self.variants[variant]))

    def wrong(self, known: Mapping[str, Number]) -> tuple[str, str] | None:
        """What is wrong with these numbers together and what to do, where all that `check` asks for are known."""
        if self.check is None:
            return None
        asked = [known.get(name) for name in inspect.signature(self.check).parameters]
        return self.check(*asked) if all(isinstance(number, int | float) for number in asked) else None

    def __call__(self, /, *given: Any, variant: str | None = None, **named: Any) -> Schedule:
        """The schedule of this shape with these numbers.

        Parameters
        ----------
        *given
            The value that the factor multiplies, which may be left out; the schedules that this one is made of.
        variant : str, optional
            Which formula; by default the first.
        **named
            Parameters by our names or those of torch, Keras and optax.

        Raises
        ------
        UsageError
            If a parameter is unknown, missing, given twice or out of range.
        UsageTypeError
            If one has the wrong type.
        """
        variant = next(iter(self.variants)) if variant is None else variant
        if variant not in self.variants:
            hint = suggestion(str(variant), [*self.variants])
            raise UsageError(
                f"{self.name} has no variant {shown(variant)}", f"{hint}It has: {', '.join(self.variants)}"
            )
        defaults = self.parameters
        names = [name for name in self.arguments(variant) if name not in self.lists]
        names += WARM_UP if self.warms_up else []
        values = self._canonical(names, named)
        if given and not self.takes_parts:
            if len(given) > 1:
                raise UsageError(
                    f"{self.name} has {len(given)} values without names", f"Name all but the first: {self.usage}"
                )
            if "value" in values:
                raise UsageError(f"{self.name}: value is given twice", "Give it once.")
            values |= {"value": given[0]} if given[0] is not None else {}
        needed = [*self.lists, *(name for name in names if defaults[name] is None and name != LENGTH)]
        if missing := [name for name in needed if values.get(name) is None]:
            raise UsageError(f"{self.name} lacks {' and '.join(missing)}", f"Write {self.usage}")
        numbers = {name: self.number(name, value) for name, value in values.items() if name in names}
        return Schedule(
            value=self.value(values["value"]) if "value" in values else self.base,
            shape=self,
            variant=variant,
            parameters=tuple((name, numbers.get(name, defaults[name])) for name in names),
            lists=tuple((name, self._list(name, values[name])) for name in self.lists),
            children=self._children(given) if self.takes_parts else (),
        ).checked()

    def _canonical(self, names: Sequence[str], given: Mapping[str, Any]) -> dict[str, Any]:
        """Our names for the caller's parameters; what is None is not given."""
        known = [*names, *self.lists, *([] if self.takes_parts else ["value"])]
        values: dict[str, Any] = {}
        for name, value in given.items():
            ours = name if name in known else (ALIASES | self.aliases).get(name, name)
            if ours not in known:
                hint = suggestion(name, known)
                raise UsageError(f"{self.name} has no parameter '{name}'", f"{hint}It has: {', '.join(known)}")
            if ours in values:
                raise UsageError(f"{self.name}: {ours} is given twice", "Give it once.")
            values[ours] = value
        return {name: value for name, value in values.items() if value is not None}

    def _list(self, name: str, value: Any) -> Numbers:
        """Several numbers, or one that stands for a list of one."""
        several = tuple(value) if isinstance(value, tuple | list) else (value,)
        if not several:
            raise UsageError(f"{self.name}: {name} is empty", f"Write at least one number: {self.usage}")
        return tuple(self.number(name, number) for number in several)

    def _children(self, children: Sequence[Any]) -> tuple[Schedule, ...]:
        if self.takes_parts and not children:
            raise UsageError(f"{self.name} has no schedules in it", f"Write {self.usage}")
        for child in children:
            if not isinstance(child, Schedule):
                raise UsageTypeError(f"{self.name}: {shown(child)} is not a schedule", "Give schedules: constant(0.1).")
        return tuple(children)

    def value(self, value: Any) -> float:
        """What is given for the value that the factor multiplies, checked as `number` does."""
        number = self.number("value", value)
        assert isinstance(number, float)  # it is no duration
        return number

    def number(self, name: str, value: Any) -> float | Duration:
        """What is given for a parameter, or for an entry of a list, if it is of the right type and in range.

        Raises
        ------
        UsageError
            If it is out of range.
        UsageTypeError
            If it is not a number, or one with a unit where no duration is asked for.
        """
        positive = name in self.durations and self.parameters.get(name) != 0
        usual = 0, math.inf, not positive, False
        if not isinstance(value, Duration):
            where = f"{self.name}: {name} is {shown(value)}"
            number = number_in_range(where, value, self.ranges.get(name, usual), whole=name in self.whole)
            return number + 0.0  # no negative zero
        where = f"{self.name}: {name} is {value.text}"
        if name not in (*self.durations, "warmup"):
            raise UsageTypeError(where, "It is no duration: give a number without a unit.")
        if value.unit == "steps":
            return self.number(name, value.number)
        number_in_range(where, value.number, usual)
        return value


REGISTRY: Registry[Shape] = Registry("schedule", "optviz.schedules", order=lambda shape: shape.name)


def schedule(
    factor: Callable | None = None,
    *,
    title: str | None = None,
    variants: Sequence[str] = ("usual",),
    durations: Sequence[str] = (LENGTH,),
    lists: Sequence[str] = (),
    **facts: Any,
):
    """Decorator: make a shape of a formula and register it under the function's name.

    The decorated name becomes the `Shape`; formulas of other variants are added with its ``formula`` decorator. The
    defaults of the parameters are those of the signature, where ``"10%"`` is a share of the run.

    Parameters
    ----------
    factor : function
        ``factor(done, *parameters)``, see `Shape`.
    title, durations, lists
        See `Shape`.
    variants : sequence of str
        The variants that this formula stands for.
    **facts
        ``reference``, ``url``, ``equation``, ``paces``, ``whole``, ``ranges``, ``check``, ``aliases`` and ``names``,
        see `Shape`.

    Returns
    -------
    Shape

    Raises
    ------
    TypeError
        If the formula's arguments do not begin with `done` or lack one of the lists.
    """

    def register(factor: Callable) -> Shape:
        check_arguments(factor, lists)
        shape = Shape(
            name=factor.__name__,
            title=title or factor.__name__,
            variants=dict.fromkeys(variants, factor),
            durations=tuple(durations),
            lists=tuple(lists),
            text=inspect.cleandoc(factor.__doc__ or ""),
            module=factor.__module__,
            **facts,
        )
        return REGISTRY.add(shape)

    return register if factor is None else register(factor)

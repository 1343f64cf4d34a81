"""One update rule with its variant chosen, every number given, and what is put around it."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

from optviz.errors import UnknownNameError, UsageError
from optviz.formulas.calls import Call, Value, written
from optviz.formulas.formula import ITERATE, Formula, Initial
from optviz.formulas.matrices import MatrixFormula
from optviz.optimizers._assemble import assembled
from optviz.optimizers._elsewhere import elsewhere
from optviz.optimizers._numbers import checked, natural_variant
from optviz.optimizers._parts import Configured, changed, parts_of, schedule_numbers
from optviz.optimizers._rule import REGISTRY, UpdateRule
from optviz.schedules import Schedule
from optviz.wrappers import Wrapper

LOOKS = 1000  # steps of a run at which a schedule is held against the range of its hyperparameter


@dataclass(frozen=True)
class Setting(Configured):
    """An update rule with its variant chosen and every hyperparameter given.

    >>> import optviz
    >>> optviz.configure("adam(beta1=0.5)").hyperparameters["beta1"]
    0.5

    Attributes
    ----------
    rule : UpdateRule
    variant : str
        Which of the rule's formulas; ``""`` never occurs.
    defaults : str
        The default table that filled the hyperparameters not given.
    formula : Formula
        The smallest formula of the variant that has every hyperparameter that is on, inside all that is put around it.
    hyperparameters : dict of str to float
        All of the rule's hyperparameters, those of wrappers, and the numbers of schedules: ``lr_warmup``. Switches are
        0.0 or 1.0.
    schedules : dict of str to Schedule
        By which hyperparameters change from step to step; their values in `hyperparameters` are what is scaled.
    decay : str
        The form of the weight decay, one of `optviz.wrappers.DECAYS`; "" without one.
    maximize : bool
        Whether the rule climbs.
    wrappers : tuple of (Wrapper, dict of str to str)
        The innermost first, each with what its hyperparameters are called in `hyperparameters`.
    usual : dict of str to float
        The rule's hyperparameters where nothing is given.
    fixed : tuple of str
        The hyperparameters whose numbers somebody has given.
    label : str
        How it is written among others of its name in a comparison; "" where it has the name for itself.
    told : tuple of str
        What that says, for pictures: ``("beta1 0.5",)``.
    beside : Setting or None
        The setting of the rule for matrices beside which this one moves vectors.
    """

    rule: UpdateRule
    variant: str
    defaults: str
    formula: Formula
    hyperparameters: dict[str, float]
    schedules: dict[str, Schedule] = field(default_factory=dict)
    decay: str = ""
    maximize: bool = False
    wrappers: tuple[tuple[Wrapper, dict[str, str]], ...] = ()
    usual: dict[str, float] = field(default_factory=dict)
    fixed: tuple[str, ...] = field(default=(), compare=False)
    label: str = ""
    told: tuple[str, ...] = ()
    beside: "Setting | None" = field(default=None, compare=False, repr=False)

    @property
    def name(self) -> str:
        """How results call it: ``"adam"``, ``"lookahead(adam)"``; where that is not enough, ``"adam(beta1=0.5)"``."""
        return self.label or self.plain_name

    @property
    def plain_name(self) -> str:
        """The names of the wrappers and the rule."""
        name = self.rule.name
        for wrapper, _ in self.wrappers:
            name = f"{wrapper.name}({name})"
        return name

    @property
    def kind(self) -> str:
        """Which kind of rule it is with all that is put around it, see `Formula.kind`."""
        return self.formula.kind

    def moving(self, axes: int) -> "Setting":
        """The setting that moves arrays of so many axes: this one, or that for vectors or for matrices beside it."""
        if self.formula.matrices is not None and axes > 1:
            return self._matrices
        return self._vectors if axes < 2 and self.formula.kind == "matrices" else self

    @cached_property
    def _matrices(self) -> "Setting":
        """What moves matrices under a rule that keeps numbers of their rows and columns."""
        assert self.formula.matrices is not None
        return replace(self, formula=self.formula.matrices)

    @cached_property
    def _vectors(self) -> "Setting":
        """What moves biases beside a rule for matrices, with its numbers and their schedules."""
        formula = self.formula
        assert isinstance(formula, MatrixFormula)
        if formula.vectors is None:
            return self
        if formula.of_vectors is not None:
            return replace(self, formula=formula.of_vectors)
        numbers: dict[str, Any] = {}
        for name, factors in formula.vectors.numbers:
            value = math.prod(self.hyperparameters[factor] for factor in factors)
            bent = [self.schedules[factor] for factor in factors if factor in self.schedules]
            numbers[name] = bent[0].with_numbers(value=value) if bent else value
        rule = REGISTRY[formula.vectors.rule]
        variant = self.variant if self.variant in rule.variants else None
        table = self.defaults if self.defaults in rule.defaults else None
        made = configure(rule, defaults=table, variant=variant, **numbers).resolved()
        if made.kind != "element-wise":
            raise TypeError(f"{self.rule.name}: vectors are moved number by number, and not by {rule.name}")
        return replace(made, beside=self)

    @property
    def title(self) -> str:
        """The name in pictures, with schedules and what the label tells: ``"Lookahead Adam, cosine lr, k 5"``."""
        title = " ".join([*(wrapper.title for wrapper, _ in reversed(self.wrappers)), self.rule.title])
        schedules = {} if self.told else self.schedules  # what is told tells them with their numbers
        parts = [f"{schedule.shape.title.lower()} {name}" for name, schedule in schedules.items()]
        return ", ".join([title, *parts, *self.told])

    def labelled(self) -> "Setting":
        """The setting with a label that says what is not as by default."""
        facts = {name: value if isinstance(value, str) else written(value) for name, value in self.differences.items()}
        told = (f"{name} {value}" for name, value in facts.items())
        return replace(self, label=self.short_text, told=tuple(told))

    @property
    def differences(self) -> dict[str, Value]:
        """What is not as by default, by name: variant, numbers, schedules, form of the decay, numbers of wrappers."""
        facts = self._rule_facts()
        for wrapper, names in self.wrappers:
            facts |= {
                names[own]: value for own, value in self._wrapper_numbers(wrapper, names, only_given=True).items()
            }
        return facts

    @property
    def varying(self) -> tuple[str, ...]:
        """What can vary: hyperparameters of the rule, its weight decay, numbers of wrappers and schedules."""
        return tuple(dict.fromkeys((*self.hyperparameters, "weight_decay")))

    @property
    def text(self) -> str:
        """The setting as it is written, with every number; `optviz.optimizers.configure` makes the same of it."""
        named: dict[str, Value] = {"variant": self.variant, "defaults": self.defaults}
        return self._call(named | self._rule_numbers(only_given=False), only_given=False).text

    @property
    def short_text(self) -> str:
        """The setting as it is written, with what is not as by default."""
        return self._call(self._rule_facts(), only_given=True).text

    def _call(self, named: Mapping[str, Value], only_given: bool) -> Call:
        call = Call(self.rule.name, named=tuple(named.items()))
        for wrapper, names in self.wrappers:
            call = Call(wrapper.name, (call,), tuple(self._wrapper_numbers(wrapper, names, only_given).items()))
        return call

    def _wrapper_numbers(self, wrapper: Wrapper, names: Mapping[str, str], only_given: bool) -> dict[str, float]:
        numbers = {own: self.hyperparameters[name] for own, name in names.items()}
        return {own: value for own, value in numbers.items() if not only_given or value != wrapper.defaults[own]}

    def _rule_facts(self) -> dict[str, Value]:
        """What of the rule is not as by default."""
        is_usual = self.variant == natural_variant(self.rule, self.defaults)
        facts: dict[str, Value] = {} if is_usual else {"variant": self.variant}
        return facts | self._rule_numbers(only_given=True)

    def initial(self, slot: str, numbers: Mapping[str, float] | None = None) -> Initial:
        """The starting value of a state slot, where some hyperparameters have other `numbers`; "x" for the iterate."""
        value = dict(self.formula.initial).get(slot, 0.0)
        if not isinstance(value, str) or value == ITERATE:
            return value
        return (numbers or {}).get(value, self.hyperparameters[value])

    def replace(self, **hyperparameters: Any) -> "Setting":
        """A setting with other values for some hyperparameters."""
        return configure(self, **hyperparameters)

    def resolved(self, steps: int | None = None, epoch: int | None = None) -> "Setting":
        """A setting whose schedules know how long they are, in a run of so many steps, or so many in an epoch.

        Raises
        ------
        UsageError
            If a schedule needs a length that nobody has given, or is longer than the run.
        """
        schedules = {name: schedule.resolved(steps, epoch) for name, schedule in self.schedules.items()}
        numbers = {key: value for name, one in schedules.items() for key, value in schedule_numbers(name, one).items()}
        for name, schedule in schedules.items():
            self._check_course(name, schedule, steps)
        return replace(self, schedules=schedules, hyperparameters=self.hyperparameters | numbers)

    def _check_course(self, name: str, schedule: Schedule, steps: int | None) -> None:
        """Refuse a schedule that leads a hyperparameter out of its range, at one of a thousand steps of the run."""
        owner, ranges, whole, own = self.owner_of(name)
        last = steps or int(sum(schedule.numbers.get(part, 0) for part in ("steps", "warmup"))) or LOOKS
        factor = schedule.function()
        looks = sorted({round(k * (last - 1) / LOOKS) for k in range(LOOKS + 1)})
        values = [self.hyperparameters[name] * factor(done) for done in looks]
        for value in (min(values), max(values)):
            try:
                checked(owner, own, value, ranges, whole)
            except UsageError as error:
                step = looks[values.index(value)] + 1
                raise UsageError(f"{error.problem} at step {step} of {schedule.text}", error.remedy) from None

    def owner_of(self, name: str) -> tuple[str, Mapping[str, tuple], Sequence[str], str]:
        """Whose a hyperparameter is: the rule or wrapper, its ranges, which are whole, and how it is called there."""
        for wrapper, names in self.wrappers:
            for own, at in names.items():
                if at == name:
                    return wrapper.name, wrapper.ranges, wrapper.whole, own
        return self.rule.name, self.rule.ranges, self.rule.whole, name

    def _rule_numbers(self, only_given: bool) -> dict[str, Value]:
        facts: dict[str, Value] = {}
        for name in (*self.rule.hyperparameters, "weight_decay"):
            value = self.hyperparameters.get(name, 0.0)
            if name in self.schedules:
                facts[name] = self.schedules[name].call()
            elif name in self.hyperparameters and (not only_given or value != self.usual.get(name, 0.0)):
                facts[name] = value
        if self.decay and (not only_given or self.decay != self.rule.decay_of(self.variant)):
            facts["decay"] = self.decay
        return facts | ({"maximize": True} if self.maximize else {})


def configure(
    optimizer: "str | Call | UpdateRule | Setting",
    *,
    defaults: str | None = None,
    variant: str | None = None,
    **hyperparameters: Any,
) -> Setting:
    """Choose an optimizer's formula and numbers.

    >>> import optviz
    >>> optviz.configure("adam", defaults="keras").hyperparameters["eps"]
    1e-07

    Parameters
    ----------
    optimizer : str, Call, UpdateRule or Setting
        A registered name, with numbers and wrappers if need be: ``"adam"``, ``"adam(beta1=0.5)"``,
        ``"lookahead(adam, k=5)"``; or such a call as an object, a rule, or a setting to change. A setting keeps what is
        not given, its `defaults` included.
    defaults : {"torch", "keras", "paper", "optax"}, optional
        Whose default hyperparameters fill what is not given: by default those of `variant`, else torch's. Where that
        table has no value, the next of ``paper``, ``torch``, ``keras`` that has one is taken.
    variant : str, optional
        Whose formula. By default the one that belongs to `defaults` if the rule has it, else the rule's first.
    **hyperparameters
        Values by our names or by those of torch and Keras (``learning_rate``, ``betas``, ``alpha``, ...): numbers,
        schedules as text, object or function of the step, ``lr="cosine(0.1, warmup=100)"``. Every rule takes
        ``weight_decay`` with its form in ``decay``, one of `optviz.wrappers.DECAYS`, and ``maximize=True``.

    Returns
    -------
    Setting

    Raises
    ------
    UnknownNameError
        If the optimizer, a wrapper or a schedule is not registered.
    UsageError
        If a text cannot be read, a default table, variant or hyperparameter is unknown, or a value is out of range.
    UsageTypeError
        If a value has the wrong type.
    """
    if isinstance(optimizer, Setting):
        facts = assembled(changed(optimizer, variant, hyperparameters))
        return Setting(**facts, label=optimizer.label, told=optimizer.told)
    return Setting(**assembled(parts_of(optimizer, defaults, variant, hyperparameters)))


def contender(name: Any, **numbers: Any) -> Setting:
    """Choose an optimizer of another library, to run beside ours.

    Every list of optimizers takes its name as text too: ``optviz.race("rosenbrock", ["adam", "scipy:BFGS"])``. It runs
    on test functions, in Python, a start after the other, and counts its evaluations.

    Parameters
    ----------
    name : str, class or function
        ``"scipy:METHOD"`` for a method of `scipy.optimize.minimize` that needs no constraints; ``"cma"``: CMA-ES, as
        the package pycma has it; ``"torch:package.Class"`` and ``"optax:package.factory"``, or the class or factory
        itself; or a function ``step(x, g, state, **hyperparameters)`` that gives the next x and the next state.
    **numbers
        ``tol`` of scipy's methods, 0 for scipy's own; ``sigma``, a share of the view, and ``popsize`` of CMA-ES; the
        numbers and switches that a class, a factory or a function takes, by their names. Their ``lr`` is tuned as ours.

    Returns
    -------
    Setting

    Raises
    ------
    UnknownNameError
        If no contender is called so.
    UsageError, UsageTypeError
        If a number is unknown, out of range or of the wrong type.

    >>> import optviz
    >>> optviz.contender("scipy:Nelder-Mead", tol=1e-8).title
    'SciPy Nelder-Mead'
    """
    if not isinstance(name, str):
        name = elsewhere(name)
    setting = configure(name, **numbers)
    if setting.kind != "contender":
        raise UnknownNameError(f"{setting.plain_name} is no contender, but ours", "See: optviz list contenders")
    return setting


def labelled(settings: Sequence[Setting]) -> list[Setting]:
    """Settings that can be told apart: several of one name are labelled by what is not as by default.

    Raises
    ------
    UsageError
        If two are equal, or there is none.
    """
    names = [setting.plain_name for setting in settings]
    named = [one.labelled() if names.count(one.plain_name) > 1 else replace(one, label="", told=()) for one in settings]
    if not named:
        raise UsageError("the list of optimizers is empty", "Name one or more: optviz list optimizers")
    told = [setting.name for setting in named]
    if twice := [name for name in told if told.count(name) > 1]:
        raise UsageError(f"the list of optimizers names {twice[0]} twice", "Name each optimizer once.")
    return named

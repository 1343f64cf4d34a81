"""One update rule with its variant chosen, every number given, and what is put around it."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from optviz.errors import UsageError
from optviz.formulas.calls import Call, Value, written
from optviz.formulas.formula import ITERATE, Formula, Initial
from optviz.optimizers._numbers import checked, natural_variant
from optviz.optimizers._rule import UpdateRule
from optviz.schedules import Schedule
from optviz.wrappers import Wrapper

LOOKS = 1000  # steps of a run at which a schedule is held against the range of its hyperparameter


@dataclass(frozen=True)
class Setting:
    """An update rule with its variant chosen and every hyperparameter given.

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
    def title(self) -> str:
        """The name in pictures, with schedules and what the label tells: ``"Lookahead Adam, cosine lr, k 5"``."""
        title = " ".join([*(wrapper.title for wrapper, _ in reversed(self.wrappers)), self.rule.title])
        parts = [f"{schedule.shape.title.lower()} {name}" for name, schedule in self.schedules.items()]
        return ", ".join([title, *parts, *self.told])

    def labelled(self) -> "Setting":
        """The setting with a label that says what is not as by default."""
        facts = {name: value for name, value in self.differences.items() if name not in self.schedules}
        told = (f"{name} {value if isinstance(value, str) else written(value)}" for name, value in facts.items())
        return replace(self, label=self.short_text, told=tuple(told))

    @property
    def differences(self) -> dict[str, Value]:
        """What is not as by default, by name: variant, numbers, schedules, form of the decay, numbers of wrappers."""
        facts = self._rule_facts()
        for wrapper, names in self.wrappers:
            facts |= {names[own]: value for own, value in self._given(wrapper, names).items()}
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
            numbers = {own: self.hyperparameters[name] for own, name in names.items()}
            call = Call(wrapper.name, (call,), tuple((self._given(wrapper, names) if only_given else numbers).items()))
        return call

    def _given(self, wrapper: Wrapper, names: Mapping[str, str]) -> dict[str, float]:
        """The numbers of a wrapper that are not its defaults."""
        numbers = {own: self.hyperparameters[name] for own, name in names.items()}
        return {own: value for own, value in numbers.items() if value != wrapper.defaults[own]}

    def _rule_facts(self) -> dict[str, Value]:
        """What of the rule is not as by default."""
        is_usual = self.variant == natural_variant(self.rule, self.defaults)
        facts: dict[str, Value] = {} if is_usual else {"variant": self.variant}
        return facts | self._rule_numbers(only_given=True)

    def initial(self, slot: str) -> Initial:
        """The starting value of a state slot; "x" for the iterate."""
        value = dict(self.formula.initial).get(slot, 0.0)
        return self.hyperparameters[value] if isinstance(value, str) and value != ITERATE else value

    def replace(self, **hyperparameters: Any) -> "Setting":
        """A setting with other values for some hyperparameters."""
        from optviz.optimizers._configure import configure

        return configure(self, **hyperparameters)

    def resolved(self, steps: int | None = None, epoch: int | None = None) -> "Setting":
        """A setting whose schedules know how long they are, in a run of so many steps, or so many in an epoch.

        Raises
        ------
        UsageError
            If a schedule needs a length that nobody has given, or is longer than the run.
        """
        schedules = {name: schedule.resolved(steps, epoch) for name, schedule in self.schedules.items()}
        if schedules == self.schedules:
            return self
        numbers = {key: value for name, one in schedules.items() for key, value in schedule_numbers(name, one).items()}
        for name, schedule in schedules.items():
            self._check_course(name, schedule, steps)
        return replace(self, schedules=schedules, hyperparameters=self.hyperparameters | numbers)

    def _check_course(self, name: str, schedule: Schedule, steps: int | None) -> None:
        """Refuse a schedule that leads a hyperparameter out of its range, at one of a thousand steps of the run."""
        owner, ranges, own = self.rule.name, self.rule.ranges, name
        whole: tuple[str, ...] = ()
        for wrapper, names in self.wrappers:
            for its_name, at in names.items():
                if at == name:
                    owner, ranges, whole, own = wrapper.name, wrapper.ranges, wrapper.whole, its_name
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


def schedule_numbers(name: str, schedule: Schedule) -> dict[str, float]:
    """The numbers of a hyperparameter's schedule, under their names among hyperparameters."""
    return {f"{name}_{key}": value for key, value in schedule.numbers.items() if key != "value"}

"""What an optimizer is to the rest of optviz: an update rule with its variants, defaults and reference."""

import inspect
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from optviz.registry import Registry

Scalars = Callable[..., dict[str, Any]]
Initial = float | str

VALUE = "f"  # the step scalar that is the value at the iterate
ITERATE = "x"  # the iterate, as what a state slot begins with
BEFORE = "before"  # the argument of recursive step scalars that holds those of the step before
FAMILIES = ("plain", "momentum", "adaptive", "adam", "sign", "averaging", "free")
DECAYS = ("l2", "decoupled", "scheduled", "fixed", "proximal", "cautious")


@dataclass(frozen=True)
class Formula:
    """One formula of an update rule.

    Attributes
    ----------
    update : function
        ``update(x, g, *slots, *scalars, *hyperparameters)`` for one coordinate; returns the next ``x`` and the next
        state slots. Plain Python on ``math``, plain literals. Kernels are given ``1 - h`` of a hyperparameter h as it
        is in float64.
    scalars : function or None
        ``scalars(t, **hyperparameters)`` gives, by name, what depends on the step alone. ``t`` counts from 1 and may
        be a float64 array, as may the hyperparameters, so only arithmetic is allowed in it. Recursive ones are
        ``scalars(t, before, **hyperparameters)``: they are asked step after step, and `before` holds what they gave
        the step before, nothing at the first.
    slots, scalar_names, hyperparameters : tuple of str
        The three groups of the update's arguments after ``x`` and ``g``, in this order. The first step scalar may be
        ``f``, the value at the iterate, which `scalars` does not give.
    scalar_arguments : tuple of str
        The hyperparameters that `scalars` asks for.
    initial : tuple of (str, float or str)
        What state slots begin with, where it is not 0: a number, the name of the hyperparameter that holds it, or
        ``"x"``, the iterate.
    reported : function or None
        ``reported(x, ...)``, of the iterate and any of the slots and hyperparameters by their names: the point that is
        evaluated and drawn, where it is not the one at which gradients are taken. It may be asked of arrays, so only
        arithmetic is allowed in it.
    """

    update: Callable
    scalars: Scalars | None
    slots: tuple[str, ...]
    scalar_names: tuple[str, ...]
    hyperparameters: tuple[str, ...]
    scalar_arguments: tuple[str, ...] = ()
    initial: tuple[tuple[str, Initial], ...] = ()
    reported: Callable | None = None

    @property
    def takes_value(self) -> bool:
        """Whether the update asks for the value at the iterate."""
        return VALUE in self.scalar_names

    @property
    def recursive(self) -> bool:
        """Whether the step scalars depend on those of the step before."""
        return self.scalars is not None and BEFORE in inspect.signature(self.scalars).parameters

    def report_arguments(self) -> tuple[str, ...]:
        """What `reported` asks for, in order, the iterate first."""
        return tuple(inspect.signature(self.reported).parameters) if self.reported else ()


@dataclass(frozen=True)
class UpdateRule:
    """An optimizer: how it moves one coordinate, with everything needed to name, choose and cite it.

    Attributes
    ----------
    name, title : str
        The registered name (``"adam"``) and the name in pictures (``"Adam"``).
    year : int
        Year of publication; optimizers are listed in this order.
    reference : str
        Authors, year, identifier and equation or algorithm.
    url : str
        Where the reference can be read.
    text : str
        The unit's docstring: what the rule does and where libraries disagree.
    equation : str
        The update on one line, for tables.
    family : str
        One of `FAMILIES`.
    variants : dict of str to tuple of Formula
        For each variant its formulas, the smallest first. A formula that lacks a hyperparameter is used only when
        that hyperparameter is off (0 or False).
    defaults : dict of str to dict
        Default hyperparameters as ``paper``, ``torch``, ``keras`` and ``optax`` give them.
    initial : dict of str to float or str
        What state slots of these names begin with in any of the formulas, see `Formula`.
    decay : dict of str to str
        For a variant the form that ``weight_decay`` takes, one of `DECAYS`; for others see `decay_of`.
    ranges : dict
        Bounds of hyperparameters that differ from the common vocabulary.
    aliases : dict of str to str
        Other libraries' names for this rule's hyperparameters.
    names : tuple of str
        Other names of the rule, in any case.
    oracles : dict of str to str
        Whose code agrees with which variant, as the tests show: ``{"torch": "torch.optim.NAdam"}``.
    module : str
        The module that defined it.
    """

    name: str
    title: str
    year: int
    reference: str
    text: str
    equation: str
    variants: dict[str, tuple[Formula, ...]]
    defaults: dict[str, dict[str, float | bool]]
    url: str = ""
    family: str = "plain"
    initial: dict[str, Initial] = field(default_factory=dict)
    decay: dict[str, str] = field(default_factory=dict)
    ranges: dict[str, tuple] = field(default_factory=dict)
    aliases: dict[str, str] = field(default_factory=dict)
    names: tuple[str, ...] = ()
    oracles: dict[str, str] = field(default_factory=dict)
    module: str = ""

    @property
    def hyperparameters(self) -> tuple[str, ...]:
        """Every hyperparameter of the rule, in the order of the first default table that names it."""
        return tuple(dict.fromkeys(name for table in self.defaults.values() for name in table))

    def decay_of(self, variant: str) -> str:
        """The form of ``weight_decay``: the rule's own, else Keras's and optax's decoupled one, else torch's L2."""
        return self.decay.get(variant) or ("decoupled" if variant in ("keras", "optax") else "l2")

    def formula(
        self,
        *variants: str,
        scalars: Scalars | None = None,
        reported: Callable | None = None,
    ) -> Callable[[Callable], Callable]:
        """Decorator: add a formula to each of the named variants, after the smaller ones."""

        def add(update: Callable) -> Callable:
            formula = formula_of(update, scalars, self.hyperparameters, self.initial, reported)
            for variant in variants:
                self.variants[variant] = (*self.variants.get(variant, ()), formula)
            return update

        return add

    def derived(self, name: str, *, defaults: Mapping[str, Mapping[str, float | bool]], **facts: Any) -> "UpdateRule":
        """Register a rule with this one's formulas under another name: AdamW is Adam with a weight decay of its own.

        Parameters
        ----------
        name : str
        defaults : dict of str to dict
            What is added to this rule's tables, or takes its place.
        **facts
            Attributes that differ; `text`, `title`, `year`, `reference` and `equation` have to be given.
        """
        tables = {table: self.defaults.get(table, {}) | dict(defaults.get(table, {})) for table in defaults}
        caller = facts.pop("module", self.module)
        own = {"names": (), "oracles": {}, "module": caller} | facts
        return REGISTRY.add(replace(self, name=name, defaults=tables, variants=dict(self.variants), **own))


REGISTRY: Registry[UpdateRule] = Registry("optimizer", "optviz.optimizers", order=lambda rule: (rule.year, rule.name))


def optimizer(
    update: Callable | None = None,
    *,
    title: str | None = None,
    year: int = 9999,
    variants: Sequence[str] = ("paper",),
    scalars: Scalars | None = None,
    defaults: Mapping[str, Mapping[str, float | bool]] | None = None,
    reported: Callable | None = None,
    **facts: Any,
):
    """Decorator: make an update rule of a formula and register it under the function's name.

    The decorated name becomes the `UpdateRule`; further formulas are added with its ``formula`` decorator. Without
    `defaults` the defaults in the formula's signature are taken, so that ``@optimizer`` alone is enough.

    Parameters
    ----------
    update : function
        ``update(x, g, *slots, *scalars, *hyperparameters)``, see `Formula`.
    title, year, defaults
        See `UpdateRule`.
    variants : sequence of str
        The variants that this formula stands for.
    scalars, reported
        See `Formula`.
    **facts
        ``reference``, ``equation``, ``url``, ``family``, ``initial``, ``decay``, ``ranges``, ``aliases``, ``names`` and
        ``oracles``, see `UpdateRule`.

    Returns
    -------
    UpdateRule
    """

    def register(update: Callable) -> UpdateRule:
        signature = {
            name: parameter.default
            for name, parameter in inspect.signature(update).parameters.items()
            if parameter.default is not parameter.empty
        }
        rule = UpdateRule(
            name=update.__name__,
            title=title or update.__name__,
            year=year,
            text=inspect.cleandoc(update.__doc__ or ""),
            variants={},
            defaults={name: dict(table) for name, table in (defaults or {"paper": signature}).items()},
            module=update.__module__,
            **{"reference": "", "equation": ""} | facts,
        )
        rule.formula(*variants, scalars=scalars, reported=reported)(update)
        return REGISTRY.add(rule)

    return register if update is None else register(update)


def formula_of(
    update: Callable,
    scalars: Scalars | None,
    hyperparameters: Sequence[str],
    initial: Mapping[str, Initial],
    reported: Callable | None,
) -> Formula:
    """Sort the arguments of `update` into slots, step scalars and hyperparameters, and check their order."""
    names = list(inspect.signature(update).parameters)
    arguments = [name for name in inspect.signature(scalars).parameters if name != BEFORE][1:] if scalars else []
    given: dict[str, Any] = dict.fromkeys(arguments, 0.5)
    if scalars and BEFORE in inspect.signature(scalars).parameters:
        given[BEFORE] = {}
    scalar_names = tuple(scalars(1.0, **given)) if scalars else ()
    if VALUE in names and VALUE not in scalar_names:
        scalar_names = (VALUE, *scalar_names)
    hyper = tuple(name for name in names[2:] if name in hyperparameters)
    slots = tuple(name for name in names[2:] if name not in hyper and name not in scalar_names)
    if names != ["x", "g", *slots, *scalar_names, *hyper]:
        raise TypeError(
            f"{update.__name__}{inspect.signature(update)}: the arguments must be x, g, the state slots, "
            f"the step scalars {scalar_names} and the hyperparameters {hyper}, in this order"
        )
    begins = tuple((slot, initial[slot]) for slot in slots if slot in initial)
    return Formula(update, scalars, slots, scalar_names, hyper, tuple(arguments), begins, reported)

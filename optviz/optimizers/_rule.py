"""What an optimizer is to the rest of optviz: an update rule with its variants, defaults and reference."""

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from optviz.registry import Registry

Scalars = Callable[..., dict[str, Any]]


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
        be a float64 array, as may the hyperparameters, so only arithmetic is allowed in it.
    slots, scalar_names, hyperparameters : tuple of str
        The three groups of the update's arguments after ``x`` and ``g``, in this order.
    """

    update: Callable
    scalars: Scalars | None
    slots: tuple[str, ...]
    scalar_names: tuple[str, ...]
    hyperparameters: tuple[str, ...]

    @property
    def scalar_arguments(self) -> tuple[str, ...]:
        """The hyperparameters that `scalars` asks for: all its arguments but the step."""
        return tuple(_arguments(self.scalars)) if self.scalars else ()


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
    text : str
        The unit's docstring: what the rule does and where libraries disagree.
    equation : str
        The update on one line, for tables.
    variants : dict of str to tuple of Formula
        For each variant its formulas, the smallest first. A formula that lacks a hyperparameter is used only when
        that hyperparameter is off (0 or False).
    defaults : dict of str to dict
        Default hyperparameters as ``paper``, ``torch``, ``keras`` and ``optax`` give them.
    initial : dict of str to float or str
        Starting value of a state slot, or the name of the hyperparameter that holds it; other slots start at 0.
    ranges : dict
        Bounds of hyperparameters that differ from the common vocabulary.
    aliases : dict of str to str
        Other libraries' names for this rule's hyperparameters.
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
    initial: dict[str, float | str] = field(default_factory=dict)
    ranges: dict[str, tuple] = field(default_factory=dict)
    aliases: dict[str, str] = field(default_factory=dict)
    module: str = ""

    @property
    def hyperparameters(self) -> tuple[str, ...]:
        """Every hyperparameter of the rule, in the order of the first default table that names it."""
        return tuple(dict.fromkeys(name for table in self.defaults.values() for name in table))

    def formula(self, *variants: str, scalars: Scalars | None = None) -> Callable[[Callable], Callable]:
        """Decorator: add a formula to each of the named variants, after the smaller ones."""

        def add(update: Callable) -> Callable:
            formula = _formula(update, scalars, self.hyperparameters)
            for variant in variants:
                self.variants[variant] = (*self.variants.get(variant, ()), formula)
            return update

        return add


REGISTRY: Registry[UpdateRule] = Registry("optimizer", "optviz.optimizers", order=lambda rule: (rule.year, rule.name))


def optimizer(
    update: Callable | None = None,
    *,
    title: str | None = None,
    year: int = 9999,
    reference: str = "",
    equation: str = "",
    variants: tuple[str, ...] = ("paper",),
    scalars: Scalars | None = None,
    defaults: Mapping[str, Mapping[str, float | bool]] | None = None,
    initial: Mapping[str, float | str] | None = None,
    ranges: Mapping[str, tuple] | None = None,
    aliases: Mapping[str, str] | None = None,
):
    """Decorator: make an update rule of a formula and register it under the function's name.

    The decorated name becomes the `UpdateRule`; further formulas are added with its ``formula`` decorator. Without
    `defaults` the defaults in the formula's signature are taken, so that ``@optimizer`` alone is enough.

    Parameters
    ----------
    update : function
        ``update(x, g, *slots, *scalars, *hyperparameters)``, see `Formula`.
    title, year, reference, equation, defaults, initial, ranges, aliases
        See `UpdateRule`.
    variants : tuple of str
        The variants that this formula stands for.
    scalars : function
        See `Formula`.

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
            reference=reference,
            text=inspect.cleandoc(update.__doc__ or ""),
            equation=equation,
            variants={},
            defaults={name: dict(table) for name, table in (defaults or {"paper": signature}).items()},
            initial=dict(initial or {}),
            ranges=dict(ranges or {}),
            aliases=dict(aliases or {}),
            module=update.__module__,
        )
        rule.formula(*variants, scalars=scalars)(update)
        return REGISTRY.add(rule)

    return register if update is None else register(update)


def _formula(update: Callable, scalars: Scalars | None, hyperparameters: tuple[str, ...]) -> Formula:
    """Sort the arguments of `update` into slots, step scalars and hyperparameters, and check their order."""
    names = list(inspect.signature(update).parameters)
    scalar_names = tuple(scalars(1.0, **dict.fromkeys(_arguments(scalars), 0.5))) if scalars else ()
    hyper = tuple(name for name in names[2:] if name in hyperparameters)
    slots = tuple(name for name in names[2:] if name not in hyper and name not in scalar_names)
    if names != ["x", "g", *slots, *scalar_names, *hyper]:
        raise TypeError(
            f"{update.__name__}{inspect.signature(update)}: the arguments must be x, g, the state slots, "
            f"the step scalars {scalar_names} and the hyperparameters {hyper}, in this order"
        )
    return Formula(update, scalars, slots, scalar_names, hyper)


def _arguments(scalars: Callable) -> list[str]:
    """The hyperparameters that a function of step scalars asks for: all but the step."""
    return list(inspect.signature(scalars).parameters)[1:]

"""What a wrapper is: a formula that calls the rule which it is put around."""

import inspect
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

from optviz.formulas.calls import Call, written
from optviz.formulas.formula import Formula, Initial, Scalars, arguments_of, formula_of
from optviz.formulas.looking import completed
from optviz.registry import Registry


@dataclass(frozen=True, eq=False)
class Wrapper:
    """A formula around any update rule.

    Attributes
    ----------
    name, title : str
        As it is written, ``"lookahead"``, and in pictures, ``"Lookahead"``.
    formula : Formula
        Its ``update(x, g, *slots, *scalars, *hyperparameters)`` calls ``RULE(x, g)``, the next iterate that the rule
        makes of a point and a gradient, or ``RULE(x, g, f)`` with another value than that at the iterate. The rule's
        state moves on with every call. It returns the next iterate and its own slots. `Formula.matrices` is what stands
        around a rule that moves an array of two and more axes, where that is another formula.
    defaults : dict of str to float or bool
        Its own hyperparameters. Others that the formula asks for are the rule's: ``lr``.
    year, reference, url, text, equation
        As of an `optviz.optimizers.UpdateRule`.
    ranges : dict
        Bounds of its hyperparameters, as those of a rule.
    whole : tuple of str
        Those that are whole numbers.
    clock : function or None
        ``clock(t, ...)``, of the step and any of its hyperparameters, is the number of the rule's own step; only
        arithmetic is allowed in it. By default that is the step.
    names : tuple of str
        Other names.
    module : str
        The module that defined it.
    """

    name: str
    title: str
    formula: Formula
    defaults: dict[str, float | bool]
    year: int = 9999
    reference: str = ""
    url: str = ""
    text: str = ""
    equation: str = ""
    ranges: dict[str, tuple] = field(default_factory=dict)
    whole: tuple[str, ...] = ()
    clock: Callable | None = None
    names: tuple[str, ...] = ()
    module: str = ""

    def __call__(self, rule: Any, **hyperparameters: Any) -> Call:
        """The wrapper around a rule or a setting, for `optviz.optimizers.configure` and whoever takes an optimizer."""
        return Call(self.name, (rule,), tuple(hyperparameters.items()))

    @property
    def shared(self) -> tuple[str, ...]:
        """The rule's hyperparameters that the wrapper uses."""
        return tuple(name for name in self.formula.hyperparameters if name not in self.defaults)

    @cached_property
    def of_matrices(self) -> "Wrapper":
        """The wrapper around what moves arrays of two and more axes."""
        return self if self.formula.matrices is None else replace(self, formula=self.formula.matrices)

    @property
    def usage(self) -> str:
        """How the wrapper is written: ``"lookahead(RULE, k=5, alpha=0.5)"``."""
        return f"{self.name}({', '.join(['RULE', *(f'{name}={written(one)}' for name, one in self.defaults.items())])})"

    @property
    def clock_arguments(self) -> tuple[str, ...]:
        """What `clock` asks for behind the step."""
        return tuple(inspect.signature(self.clock).parameters)[1:] if self.clock else ()


REGISTRY: Registry[Wrapper] = Registry("wrapper", "optviz.wrappers", order=lambda unit: (unit.year, unit.name))


def wrapper(
    *,
    title: str,
    slots: Sequence[str] = (),
    defaults: Mapping[str, float | bool] | None = None,
    scalars: Scalars | None = None,
    initial: Mapping[str, Initial] | None = None,
    reported: Callable | None = None,
    shared: Sequence[str] = (),
    probe: Callable | None = None,
    matrices: Callable | None = None,
    **facts: Any,
) -> Callable[[Callable], Wrapper]:
    """Decorator: make a wrapper of a formula and register it under the function's name.

    Parameters
    ----------
    title, defaults, **facts
        See `Wrapper`.
    slots : sequence of str
        Which arguments of the formula are state slots.
    scalars, initial, reported, shared
        See `optviz.formulas.formula.Formula`.
    probe : function, optional
        The point at which the gradient is taken, of the iterate, the gradient there and any of the wrapper's own slots,
        step scalars and hyperparameters. The rule inside is given that gradient, and the value there.
    matrices : function, optional
        The formula around a rule that moves an array of two and more axes, with the arguments of the other. It may ask
        for sums along rows and columns; a row is all but the last axis.
    """

    def register(update: Callable) -> Wrapper:
        return REGISTRY.add(
            unregistered(
                update, title, slots, defaults or {}, scalars, initial, reported, shared, probe, matrices, **facts
            )
        )

    return register


def unregistered(
    update: Callable,
    title: str,
    slots: Sequence[str] = (),
    defaults: Mapping[str, float | bool] | None = None,
    scalars: Scalars | None = None,
    initial: Mapping[str, Initial] | None = None,
    reported: Callable | None = None,
    shared: Sequence[str] = (),
    probe: Callable | None = None,
    matrices: Callable | None = None,
    **facts: Any,
) -> Wrapper:
    """A wrapper that nobody writes by its name; arguments as for `wrapper`."""

    def formula(function: Callable) -> Formula:
        parameters = [name for name in inspect.signature(function).parameters if name not in slots]
        return formula_of(function, scalars, parameters, initial or {}, reported, shared)

    whole = completed(formula(update), probe)
    if matrices is not None:
        other = completed(formula(matrices), probe)
        if arguments_of(matrices) != arguments_of(update):
            raise TypeError(f"{matrices.__name__}: the arguments must be those of {update.__name__}")
        whole = replace(whole, matrices=replace(other, for_matrices=True))
    return Wrapper(
        name=update.__name__,
        title=title,
        formula=whole,
        defaults=dict(defaults or {}),
        text=inspect.cleandoc(update.__doc__ or ""),
        module=update.__module__,
        **facts,
    )

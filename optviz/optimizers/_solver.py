"""How a solver becomes an optimizer: the decorator beside `optviz.optimizers.optimizer`."""

import inspect
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from optviz.formulas.solver import solver_of
from optviz.optimizers._rule import REGISTRY, UpdateRule


def solver(
    update: Callable | None = None,
    *,
    memory: Mapping[str, str] | None = None,
    curvature: bool = False,
    residuals: bool = False,
    title: str | None = None,
    year: int = 9999,
    variants: Sequence[str] = ("paper",),
    defaults: Mapping[str, Mapping[str, float | bool]] | None = None,
    **facts: Any,
):
    """Decorator: make an optimizer of one iteration that chooses its own evaluations, see `Solver`.

    The decorated name becomes the `UpdateRule`. Without `defaults` those in the signature are taken.

    Parameters
    ----------
    update : function
        ``update(x, f, g, evaluate, *memory, *hyperparameters)``.
    memory, curvature, residuals
        See `optviz.formulas.solver.Solver`.
    title, year, defaults
        See `UpdateRule`.
    variants : sequence of str
        The variants that this formula stands for; `variant` adds others.
    **facts
        As for `optviz.optimizers.optimizer`.

    Returns
    -------
    UpdateRule
    """

    def register(update: Callable) -> UpdateRule:
        usual = {"paper": defaults_of(update)} if defaults is None else defaults
        rule = UpdateRule(
            name=update.__name__,
            title=title or update.__name__,
            year=year,
            text=inspect.cleandoc(update.__doc__ or ""),
            variants={},
            defaults={name: dict(table) for name, table in usual.items()},
            module=update.__module__,
            **{"reference": "", "equation": "", "family": "solver"} | facts,
        )
        variant(rule, *variants, memory=memory, curvature=curvature, residuals=residuals)(update)
        return REGISTRY.add(rule)

    return register if update is None else register(update)


def variant(rule: UpdateRule, *variants: str, memory: Mapping[str, str] | None = None, **facts: Any) -> Callable:
    """Decorator: add an iteration to each of the named variants of a solver, after the smaller ones."""

    def add(update: Callable) -> Callable:
        formula = solver_of(update, rule.hyperparameters, memory or {}, **facts)
        for name in variants:
            rule.variants[name] = (*rule.variants.get(name, ()), formula)
        return update

    return add


def defaults_of(update: Callable) -> dict[str, float | bool]:
    """The defaults in a function's signature."""
    parameters = inspect.signature(update).parameters.values()
    return {one.name: one.default for one in parameters if one.default is not one.empty}

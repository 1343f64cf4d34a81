"""Formulas made of formulas: a rule inside a wrapper, and one whose hyperparameters follow schedules."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

from optviz.errors import UsageError
from optviz.formulas.complements import COMPLEMENT, complements_of
from optviz.formulas.composing import calling, locals_of, made, reads_value, wrapping
from optviz.formulas.formula import ITERATE, SHOWN, VALUE, Formula, arguments_of
from optviz.formulas.looking import handing_on
from optviz.formulas.matrices import MatrixFormula
from optviz.wrappers import Wrapper, unregistered

KEPT = 512  # compositions of a process: equal ones are one object, so that their kernels are compiled once


@dataclass(frozen=True)
class WrappedScalars:
    """The step scalars of a formula inside a wrapper, as `Formula.scalars`.

    Attributes
    ----------
    formula : Formula
    wrapper : Wrapper
    names : tuple of (str, str)
        What the wrapper's own names are called here.
    """

    formula: Formula
    wrapper: Wrapper
    names: tuple[tuple[str, str], ...]

    def __call__(self, t: Any, before: Mapping[str, Any] | None = None, **given: Any) -> dict[str, Any]:
        """The step scalars of step `t`; those of the wrapper replace those of the formula."""
        formula, wrapper, outer, names = self.formula, self.wrapper, self.wrapper.formula, dict(self.names)
        asked = (*outer.scalar_arguments, *wrapper.clock_arguments)
        of_wrapper = {name: given[names.get(name, name)] for name in asked}
        when = {name: of_wrapper[name] for name in wrapper.clock_arguments}
        values = formula.step_scalars(wrapper.clock(t, **when) if wrapper.clock else t, given, before)
        if wrapper.clock and before and formula.recursive:
            waits = 1 * (wrapper.clock(t, **when) == wrapper.clock(t - 1, **when))
            values = {name: before[name] * waits + value * (1 - waits) for name, value in values.items()}
        earlier = {name: before[names[name]] for name in outer.table_names} if before else {}
        own = outer.step_scalars(t, of_wrapper, earlier)
        return values | {names[name]: value for name, value in own.items()}


@dataclass(frozen=True)
class ScheduledScalars:
    """The step scalars of a formula some of whose hyperparameters are among them, as `Formula.scalars`.

    Attributes
    ----------
    formula : Formula
    moved : tuple of str
        The hyperparameters that are given for each step.
    complements : tuple of str
        Those of them of which the update asks for 1 minus the number too.
    """

    formula: Formula
    moved: tuple[str, ...]
    complements: tuple[str, ...]

    def __call__(self, t: Any, before: Mapping[str, Any] | None = None, **given: Any) -> dict[str, Any]:
        """The step scalars of step `t`."""
        now = self.formula.step_scalars(t, given, before) | {name: given[name] for name in self.moved}
        return now | {COMPLEMENT.format(name): 1 - given[name] for name in self.complements}


@lru_cache(KEPT)
def own_names(formula: Formula, wrapper: Wrapper, known: tuple[str, ...] = ()) -> dict[str, str]:
    """What a wrapper's own names are called around a formula: as they are, or with its name where they are taken.

    Taken are the names of the formula, and those that are `known`: hyperparameters of the rule that are off.
    """
    taken = {*known, *formula.slots, *formula.scalar_names, *formula.hyperparameters, *formula.scalar_arguments}
    names = {*locals_of(wrapper.formula.update), *wrapper.defaults} - {ITERATE, "g", VALUE, *wrapper.shared}

    def free(name: str) -> str:
        others = (f"{wrapper.name}{number or ''}_{name}" for number in (0, *range(2, 100)))
        return next(other for other in (name, *others) if other not in taken)

    return {name: free(name) for name in sorted(names)}


@lru_cache(KEPT)
def wrapped(formula: Formula, wrapper: Wrapper, known: tuple[str, ...] = ()) -> Formula:
    """A formula inside a wrapper, see `own_names`."""
    outer, names = wrapper.formula, own_names(formula, wrapper, known)
    ours = lambda those: tuple(names.get(name, name) for name in those)
    slots = (*formula.slots, *ours(outer.slots))
    value = (VALUE,) if formula.takes_value or reads_value(outer.update) else ()
    inner_scalars, outer_scalars = (tuple(n for n in each.scalar_names if n != VALUE) for each in (formula, outer))
    scalars = (*value, *inner_scalars, *ours(outer_scalars))
    added = tuple(name for name in ours(outer.hyperparameters) if name not in (*formula.hyperparameters, *scalars))
    hyper = (*formula.hyperparameters, *added)
    given, arguments = (*formula.scalar_names, *formula.hyperparameters), ("x", "g", *slots, *scalars, *hyper)
    update = wrapping(outer.update, names, formula.update, formula.slots, given, arguments)

    of_step = tuple(dict.fromkeys((*outer.scalar_arguments, *wrapper.clock_arguments)))
    recursive = formula.recursive or outer.recursive
    asked = dict.fromkeys((*formula.scalar_arguments, *ours(of_step)))
    begins = tuple(
        (names[slot], ours((value,))[0] if isinstance(value, str) else value) for slot, value in outer.initial
    )
    reported = formula.reported
    if outer.reported is not None:
        called = ours(outer.report_arguments)
        reported = calling(outer.reported, called, called)
    return Formula(
        update,
        WrappedScalars(formula, wrapper, tuple(names.items())) if inner_scalars or outer_scalars else None,
        slots,
        scalars,
        hyper,
        tuple(asked),
        (*formula.initial, *begins),
        reported,
        recursive,
        (*formula.shared, *ours(outer.shared)),
        rows=formula.rows,
        columns=formula.columns,
        for_matrices=formula.for_matrices or outer.for_matrices,
        matrices=_of_matrices(formula, wrapper, known),
        probe=_probe(formula, wrapper, names, arguments, slots),
        looks_first=formula.looks_first or outer.looks_first,
    )


def _of_matrices(formula: Formula, wrapper: Wrapper, known: tuple[str, ...]) -> Formula | None:
    """What moves matrices, where the formula or the wrapper has another one for them."""
    if formula.matrices is None and wrapper.formula.matrices is None:
        return None
    return wrapped(formula.matrices or formula, wrapper.of_matrices, known)


def _probe(
    formula: Formula, wrapper: Wrapper, names: Mapping[str, str], arguments: tuple[str, ...], slots: tuple[str, ...]
) -> Callable | None:
    """The probe of a formula inside a wrapper: that of the one or of the other.

    What changes the gradient without a memory, a decay of weights for one, changes that of the probe as well. What
    has a memory is asked once in a step, with the gradient at the probe.
    """
    outer, given = wrapper.formula, (*formula.scalar_names, *formula.hyperparameters)
    if outer.probe is not None:
        if formula.probe is not None:
            raise UsageError(
                f"{wrapper.name} looks at another gradient, and the rule inside of it does already",
                "Put it around a rule that takes one gradient in a step.",
            )
        asked = tuple(names.get(name, name) for name in arguments_of(outer.probe))
        return handing_on(outer.probe, asked, tuple(names.get(name, name) for name in outer.slots), arguments, slots)
    if formula.probe is None:
        return None
    if not outer.slots and (formula.looks_first or not wrapper.reference):
        return wrapping(outer.update, names, formula.probe, formula.slots, given, arguments)
    return handing_on(formula.probe, ("x", "g", *formula.slots, *given), formula.slots, arguments, slots)


@lru_cache(KEPT)
def scheduled(formula: Formula, names: tuple[str, ...]) -> Formula:
    """A formula that takes some hyperparameters as step scalars; `Formula.step_scalars` is given them for each step."""
    moved = tuple(name for name in formula.hyperparameters if name in names)
    if isinstance(formula, MatrixFormula):  # which is given its numbers by name, as Python's floats
        alone = formula.of_vectors and scheduled(formula.of_vectors, names)
        assert alone is None or isinstance(alone, MatrixFormula)
        return replace(
            formula,
            scalars=ScheduledScalars(formula, moved, ()),
            scalar_names=(*formula.scalar_names, *moved),
            hyperparameters=tuple(name for name in formula.hyperparameters if name not in moved),
            scalar_arguments=tuple(dict.fromkeys((*formula.scalar_arguments, *moved))),
            of_vectors=alone,
        )
    complements = complements_of(formula.update, moved)
    added = (*moved, *(COMPLEMENT.format(name) for name in complements))
    scalars = (*formula.scalar_names, *added)
    hyper = tuple(name for name in formula.hyperparameters if name not in moved)
    given = ("x", "g", *formula.slots, *formula.scalar_names, *formula.hyperparameters)
    arguments = ("x", "g", *formula.slots, *scalars, *hyper)
    update = calling(formula.update, given, arguments)

    return Formula(
        update if moved else formula.update,
        ScheduledScalars(formula, moved, complements),
        formula.slots,
        scalars,
        hyper,
        tuple(dict.fromkeys((*formula.scalar_arguments, *moved))),
        formula.initial,
        formula.reported,
        formula.recursive,
        formula.shared,
        rows=formula.rows,
        columns=formula.columns,
        for_matrices=formula.for_matrices,
        matrices=formula.matrices and scheduled(formula.matrices, names),
        probe=formula.probe and calling(formula.probe, given, arguments),
        looks_first=formula.looks_first,
    )


@lru_cache(KEPT)
def showing(formula: Formula) -> Formula:
    """A formula whose last slot is the point that it reports; one that reports its iterate is given back as it is."""
    if formula.reported is None:
        return formula
    asked = formula.report_arguments
    own = tuple(name for name in asked if name not in (ITERATE, *formula.slots))
    text = (
        f"def shown(x, g, {SHOWN}{''.join(f', {name}' for name in own)}):\n"
        f"    after = RULE(x, g)\n"
        f"    return after, REPORTED({', '.join('after' if name == ITERATE else name for name in asked)})\n"
    )
    update = made(text, {"REPORTED": formula.reported})
    wrapper = unregistered(update, "", (SHOWN,), initial={SHOWN: ITERATE})
    return replace(wrapped(formula, wrapper), reported=formula.reported)

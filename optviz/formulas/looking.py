"""Formulas that need more than the gradient at the iterate: one at another point, or a product with the Hessian.

A `probe` is a small formula beside the update: the point at which the update's gradient is taken. It asks for what it
needs by name, and may ask for sums: ``def climb(x, g, rho): return x + rho * g / sqrt(total(g**2))``. One that does not
ask for ``g`` needs no gradient at the iterate. Here it is given the arguments and the state of the update, so that
whoever moves an iterate by a formula can move it to the probe.

An update that asks for ``z`` and ``hz`` is given random signs and their product with the Hessian at the iterate. They
stand among the state slots, where whoever makes a step writes them before it, and the update hands them on.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from types import FunctionType

from optviz.formulas.composing import RULE, made, short_name
from optviz.formulas.formula import ITERATE, PRODUCT, SIGNS, Formula, arguments_of
from optviz.formulas.inlining import free_name


def completed(formula: Formula, probe: Callable | None = None) -> Formula:
    """A formula as it was written, with its probe, and with what it does not say of signs and products.

    Raises
    ------
    TypeError
        If the probe asks for something that the update is not given, or for the value; or the update asks for ``hz``
        and not for ``z``.
    """
    arguments = ("x", "g", *formula.slots, *formula.scalar_names, *formula.hyperparameters)
    if formula.multiplies:
        if SIGNS not in formula.slots or {SIGNS, PRODUCT} & {*dict(formula.initial), *formula.shared}:
            raise TypeError(
                f"{formula.update.__name__}: {PRODUCT} belongs to {SIGNS}, and neither begins with anything"
            )
        formula = replace(formula, update=handing_on(formula.update, arguments, formula.kept, arguments, formula.slots))
    if probe is None:
        return formula
    asked = arguments_of(probe)
    known = ("x", "g", *formula.slots, *formula.table_names, *formula.hyperparameters)
    if strange := [name for name in asked if name not in known]:
        raise TypeError(f"{probe.__name__}: the probe asks for {strange[0]}, which is none of {', '.join(known)}")
    whole = handing_on(probe, asked, (), arguments, formula.slots)
    return replace(formula, probe=whole, looks_first="g" in asked)


def handing_on(
    rule: Callable, given: Sequence[str], gives: Sequence[str], arguments: Sequence[str], slots: Sequence[str]
) -> FunctionType:
    """What a rule makes of the iterate, with the state slots behind it, as they are where it does not give them.

    Parameters
    ----------
    rule : function
    given : sequence of str
        What it is called with.
    gives : sequence of str
        The slots that it returns behind the iterate.
    arguments : sequence of str
        Of the function that is made.
    slots : sequence of str
        What that returns behind the iterate.
    """
    moved = free_name("moved", (*arguments, ITERATE))
    text = (
        f"def {short_name(rule.__name__)}({', '.join(arguments)}):\n"
        f"    {', '.join((moved, *gives))} = {RULE}({', '.join(given)})\n"
        f"    return {', '.join((moved, *slots))}\n"
    )
    return made(text, {RULE: rule})

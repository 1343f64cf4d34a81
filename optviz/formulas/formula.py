"""What a formula of a step is: the update of one coordinate, and the numbers that go into it."""

import inspect
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from optviz.formulas.words import has_words

Scalars = Callable[..., dict[str, Any]]
Initial = float | str

VALUE = "f"  # the step scalar that is the value at the iterate
ITERATE = "x"  # the iterate, as what a state slot begins with
SHOWN = "reported_point"  # the last slot of a formula that keeps what it reports
VARIABLE = inspect.CO_VARARGS | inspect.CO_VARKEYWORDS
SIGNS, PRODUCT = "z", "hz"  # the slots of a formula that asks for a product with the Hessian, made before each step
DUE = "due"  # the step scalar that says whether its step needs that product
BEFORE = "before"  # the argument of recursive step scalars that holds those of the step before


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
    recursive : bool
        Whether the step scalars depend on those of the step before.
    shared : tuple of str
        The state slots of which all elements of an array hold the same number, which is made of sums.
    rows, columns : tuple of str
        In a formula for matrices the state slots of which a row or a column has one number, which is made of sums.
    for_matrices : bool
        Whether it is one for matrices itself.
    matrices : Formula or None
        What moves arrays of two and more axes, which may ask for sums along rows and columns; it has the step scalars
        and the hyperparameters of this one. A matrix has the last axis for its columns, and all others for its rows.
    probe : function or None
        ``probe(x, g, *slots, *scalars, *hyperparameters)``: the point at which the update's gradient and value are
        taken, where that is not the iterate, and the state slots as they are; see `optviz.formulas.looking`.
    looks_first : bool
        Whether the probe needs the gradient at the iterate.
    companion : function or None
        Of the formula of a probe the update beside which it stands: kernels are given the same numbers for both.
    totals : tuple of str
        The step scalars that are sums over elements: in what `optviz.formulas.sums.split` has made of a formula.
    """

    update: Callable
    scalars: Scalars | None
    slots: tuple[str, ...]
    scalar_names: tuple[str, ...]
    hyperparameters: tuple[str, ...]
    scalar_arguments: tuple[str, ...] = ()
    initial: tuple[tuple[str, Initial], ...] = ()
    reported: Callable | None = None
    recursive: bool = False
    shared: tuple[str, ...] = ()
    totals: tuple[str, ...] = ()
    rows: tuple[str, ...] = ()
    columns: tuple[str, ...] = ()
    for_matrices: bool = False
    matrices: "Formula | None" = None
    probe: Callable | None = None
    looks_first: bool = False
    companion: Callable | None = None

    @property
    def kind(self) -> str:
        """Which kind of rule it is: whose loop it needs, and so where it can run."""
        if self.multiplies:
            return "products"
        return "looks" if self.probe else "sums" if self.sums else "element-wise"

    @property
    def look(self) -> "Formula | None":
        """The formula that moves the iterate to the point of the update's gradient, and leaves the state as it is."""
        if self.probe is None:
            return None
        matrices = self.matrices and self.matrices.look
        return replace(
            self, update=self.probe, probe=None, looks_first=False, companion=self.update, reported=None,
            matrices=matrices,
        )  # fmt: skip

    @property
    def multiplies(self) -> bool:
        """Whether the update asks for ``hz``, the product of the Hessian at the iterate and the random signs ``z``."""
        return PRODUCT in self.slots

    @property
    def kept(self) -> tuple[str, ...]:
        """The slots that hold something from one step to the next."""
        return tuple(slot for slot in self.slots if not (self.multiplies and slot in (SIGNS, PRODUCT)))

    @property
    def evaluations(self) -> int:
        """The evaluations that a step makes, at most: a gradient with its value is one, and so is a product."""
        return 1 + self.looks_first + self.multiplies

    @property
    def by_arrays(self) -> bool:
        """Whether each array is moved for itself: a matrix otherwise than a vector, or after more than one gradient."""
        return self.matrices is not None or self.probe is not None or self.multiplies

    @property
    def sums(self) -> bool:
        """Whether the update, or that for matrices, asks for sums over elements by words of `optviz.formulas.words`."""
        return self.matrices is not None or has_words(self.update)

    @property
    def beside(self) -> tuple[str, ...]:
        """The hyperparameters of the rule that another formula takes, for arrays that this one does not move."""
        return ()

    def own_shape(self, slot: str, shape: tuple[int, ...]) -> tuple[int, ...] | None:
        """The shape of a state slot of an array of this shape, where the slot has one of its own."""
        if slot in self.shared:
            return ()
        return shape[:-1] if slot in self.rows else shape[-1:] if slot in self.columns else None

    def is_square(self, slot: str) -> bool:
        """Whether a state slot is a square matrix, which begins as a multiple of the identity."""
        return False

    @property
    def takes_value(self) -> bool:
        """Whether the update asks for the value at the iterate."""
        return VALUE in self.scalar_names

    @property
    def table_names(self) -> tuple[str, ...]:
        """The step scalars that can be known before a run: all but the value and sums."""
        return tuple(name for name in self.scalar_names if name != VALUE and name not in self.totals)

    @property
    def shown_slot(self) -> int:
        """The state slot that holds the reported point, its last, if it keeps that; else -1."""
        return len(self.slots) - 1 if SHOWN in self.slots else -1

    @property
    def report_arguments(self) -> tuple[str, ...]:
        """What `reported` asks for, in order."""
        return arguments_of(self.reported) if self.reported else ()

    def step_scalars(self, t: Any, given: Mapping[str, Any], before: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """The step scalars of step `t` by name, but for ``f``.

        Parameters
        ----------
        t : float, or (steps,) float64 where they are not recursive
        given : dict
            The hyperparameters that `scalars` asks for, at least.
        before : dict, optional
            Of recursive ones: what this gave the step before.
        """
        if self.scalars is None:
            return {}
        asked = {name: given[name] for name in self.scalar_arguments}
        return self.scalars(t, before or {}, **asked) if self.recursive else self.scalars(t, **asked)


def arguments_of(function: Callable) -> tuple[str, ...]:
    """The names of a function's arguments, for one as formulas are written without asking `inspect`, which is slow."""
    code = getattr(function, "__code__", None)
    if code is None or hasattr(function, "__wrapped__") or code.co_kwonlyargcount or code.co_flags & VARIABLE:
        return tuple(inspect.signature(function).parameters)
    return code.co_varnames[: code.co_argcount]


def formula_of(
    update: Callable,
    scalars: Scalars | None,
    hyperparameters: Sequence[str],
    initial: Mapping[str, Initial],
    reported: Callable | None,
    shared: Sequence[str] = (),
    first: tuple[str, str] = ("x", "g"),
) -> Formula:
    """Sort the arguments of `update` into slots, step scalars and hyperparameters, and check their order.

    `first` are the names of the iterate and its gradient.

    Raises
    ------
    TypeError
        If they stand in another order, or `reported` asks for something else.
    """
    names = [*arguments_of(update)]
    asked = [*arguments_of(scalars)[1:]] if scalars else []
    recursive = asked[:1] == [BEFORE]
    arguments = tuple(asked[recursive:])
    example = dict.fromkeys(arguments, 0.5)
    scalar_names: tuple[str, ...] = ()
    if scalars:
        scalar_names = tuple(scalars(1.0, {}, **example) if recursive else scalars(1.0, **example))
    if VALUE in names:
        scalar_names = (VALUE, *scalar_names)
    hyper = tuple(name for name in names[2:] if name in hyperparameters and name not in scalar_names)
    slots = tuple(name for name in names[2:] if name not in hyper and name not in scalar_names)
    if names != [*first, *slots, *scalar_names, *hyper]:
        raise TypeError(
            f"{update.__name__}{inspect.signature(update)}: the arguments must be {', '.join(first)}, the state slots, "
            f"the step scalars {scalar_names} and the hyperparameters {hyper}, in this order"
        )
    for slot in shared:
        if slot not in slots or initial.get(slot) == ITERATE:
            raise TypeError(f"{update.__name__}: {slot} cannot be shared: it must be a slot that begins with a number")
    begins = tuple((slot, initial[slot]) for slot in slots if slot in initial)
    formula = Formula(
        update, scalars, slots, scalar_names, hyper, arguments, begins, reported, recursive, tuple(shared)
    )
    for name in formula.report_arguments:
        if name not in ("x", *slots, *hyperparameters):
            raise TypeError(f"{update.__name__}: the reported point asks for {name}, which is no slot of the formula")
    return formula

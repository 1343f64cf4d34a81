"""What a formula for matrices is: a step of a whole matrix, in words, and what moves arrays that are none."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from typing import Any

from optviz.formulas.formula import VALUE, Formula, Initial, Scalars, formula_of

MATRIX = ("X", "G")  # the first arguments of a formula for matrices, by which it is known
SIDES = ("rows", "cols")


@dataclass(frozen=True)
class Vectors:
    """What moves biases and other arrays of fewer than two axes beside a rule for matrices.

    Attributes
    ----------
    rule : str
        The name of a rule.
    numbers : tuple of (str, tuple of str)
        Its hyperparameters, each with those of the rule for matrices of which it is the product. Others are as usual.
    formula : function or None
        Instead of a rule: a formula of ``X, G, ...`` in the same words, with the same step scalars, for a vector.
    """

    rule: str = ""
    numbers: tuple[tuple[str, tuple[str, ...]], ...] = ()
    formula: Callable | None = None

    @property
    def text(self) -> str:
        """What moves vectors, in words: ``"adamw: lr = lr adam_lr_ratio, eps"``."""
        if self.formula is not None:
            return "a formula of their own"
        told = (name if factors == (name,) else f"{name} = {' '.join(factors)}" for name, factors in self.numbers)
        return f"{self.rule}: {', '.join(told)}"

    @property
    def names(self) -> tuple[str, ...]:
        """The hyperparameters of the rule for matrices that are used."""
        return tuple(dict.fromkeys(name for _, names in self.numbers for name in names))


@dataclass(frozen=True)
class MatrixFormula(Formula):
    """A formula of whole matrices: ``update(X, G, *slots, *scalars, *hyperparameters)``.

    It computes with the words of `optviz.formulas.matrix_words`; nothing in it is compiled.

    Attributes
    ----------
    shapes : tuple of (str, str)
        The slots that are square, by the side of the matrix that they belong to.
    vectors : Vectors or None
        What moves arrays of fewer axes; None for a formula that moves these itself.
    inputs_first : bool
        Whether rows are a layer's inputs.
    of_vectors : MatrixFormula or None
        What moves arrays of fewer axes, if it is a formula in words and no rule.
    """

    shapes: tuple[tuple[str, str], ...] = ()
    vectors: Vectors | None = None
    inputs_first: bool = False
    of_vectors: "MatrixFormula | None" = None

    @property
    def kind(self) -> str:
        """Which kind of rule it is."""
        return "matrices"

    @property
    def by_arrays(self) -> bool:
        """It is."""
        return True

    @property
    def beside(self) -> tuple[str, ...]:
        """The hyperparameters that only the rule for vectors takes."""
        return self.vectors.names if self.vectors else ()

    def own_shape(self, slot: str, shape: tuple[int, ...]) -> tuple[int, ...] | None:
        """The shape of a state slot of an array of this shape, where the slot has one of its own."""
        side = dict(self.shapes).get(slot)
        if side is None:
            return super().own_shape(slot, shape)
        length = shape[0] if side == "rows" else math.prod(shape[1:])
        return length, length

    def is_square(self, slot: str) -> bool:
        """Whether it has a shape of its own."""
        return slot in dict(self.shapes)


def matrix_formula_of(
    update: Callable,
    scalars: Scalars | None,
    hyperparameters: Any,
    initial: Mapping[str, Initial],
    shapes: Mapping[str, str],
    vectors: Vectors | None,
    inputs_first: bool,
) -> MatrixFormula:
    """As `optviz.formulas.formula.formula_of`, of a formula for matrices.

    Raises
    ------
    TypeError
        If the arguments stand in another order, a shape is none of a square, or the formula asks for the value.
    """
    plain = formula_of(update, scalars, hyperparameters, initial, None, first=MATRIX)
    if plain.takes_value:
        raise TypeError(f"{update.__name__}: a formula for matrices is not given {VALUE}, the value at the iterate")
    own = tuple((slot, shapes[slot]) for slot in plain.slots if slot in shapes)
    for slot, side in own:
        if side not in SIDES:
            raise TypeError(f"{update.__name__}: the shape of {slot} is {side!r}, and not 'rows' or 'cols'")
    facts = {each.name: getattr(plain, each.name) for each in fields(Formula)}
    alone = None
    if vectors and vectors.formula:
        alone = matrix_formula_of(vectors.formula, scalars, hyperparameters, initial, {}, None, inputs_first)
    return MatrixFormula(**facts, shapes=own, vectors=vectors, inputs_first=inputs_first, of_vectors=alone)

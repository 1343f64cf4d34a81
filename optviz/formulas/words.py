"""The words with which a formula of one element asks for something of all elements."""

import functools
from dataclasses import dataclass
from types import FunctionType
from typing import Any, NoReturn


@dataclass(frozen=True)
class Word:
    """One of these words; `optviz.formulas.sums.split` takes it out of a formula, and nothing else understands it.

    Attributes
    ----------
    name : str
        As it is written.
    everywhere : bool
        Whether it is about the elements of all arrays, and not only of the one to which the element belongs.
    axis : str
        ``"row"`` or ``"column"``: it is about those of the matrix to which the element belongs.
    """

    name: str
    everywhere: bool = False
    axis: str = ""

    @property
    def is_mean(self) -> bool:
        """Whether a sum is divided by how many elements there were."""
        return "mean" in self.name

    @property
    def is_largest(self) -> bool:
        """Whether the largest is asked for, and not a sum."""
        return "largest" in self.name

    def __call__(self, value: Any) -> NoReturn:
        """Say that there are no elements here."""
        raise TypeError(
            f"{self.name}(...) is about all elements of an array: it stands in a formula, which is compiled"
        )


total, mean, largest = Word("total"), Word("mean"), Word("largest")
grand_total = Word("grand_total", everywhere=True)
row_total, column_total = Word("row_total", axis="row"), Word("column_total", axis="column")
row_mean, column_mean = Word("row_mean", axis="row"), Word("column_mean", axis="column")
row_largest, column_largest = Word("row_largest", axis="row"), Word("column_largest", axis="column")


@functools.cache
def has_words(formula: Any) -> bool:
    """Whether a formula, or a function that it calls, uses one of the words."""
    left, seen = [formula], {formula}
    while left:
        function = left.pop()
        scope, names = function.__globals__, function.__code__.co_names
        named = [scope[name] for name in names if name in scope]
        if any(isinstance(one, Word) for one in named):
            return True
        called = {one for one in named if isinstance(one, FunctionType)} - seen
        seen |= called
        left += called
    return False

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
    sign : str
        In texts about a step: ``Σ`` stands before what is summed.
    everywhere : bool
        Whether it is about the elements of all arrays, and not only of the one to which the element belongs.
    """

    name: str
    sign: str
    everywhere: bool = False

    def __call__(self, value: Any) -> NoReturn:
        """Say that there are no elements here."""
        raise TypeError(
            f"{self.name}(...) is about all elements of an array: it stands in a formula, which is compiled"
        )


total = Word("total", "Σ")
mean = Word("mean", "mean ")
largest = Word("largest", "max ")
grand_total = Word("grand_total", "Σ", everywhere=True)


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

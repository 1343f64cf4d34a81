"""What the formula of a solver is: one iteration of a whole point, which asks for the evaluations that it needs."""

import ast
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from optviz.formulas.composing import made, short_name
from optviz.formulas.formula import Formula, arguments_of

# What an iteration gives: whether there is another one, and why not. `STOPS` has the words, by number.
GO_ON, NO_DESCENT, SINGULAR, AT_REST, SPENT = range(5)
STOPS = ("", "no descent", "singular Hessian", "at rest", "out of evaluations")

EVALUATE = "evaluate"  # the argument by which a solver asks for values
SEES = (("x", "f", "g", EVALUATE), ("x", "f", EVALUATE))  # what a solver takes first: with gradients, or without
OWN = {"n", "room", "numbers", "at", "end", "STEP"}  # names in the text that hands a solver its memory


@dataclass(frozen=True)
class Solver(Formula):
    """One formula of a solver.

    ``update(x, f, g, evaluate, *memory, *hyperparameters)`` makes one iteration and returns one of the numbers above.
    The point x and its gradient g are sequences of n numbers and f is a sequence of one, its value: an iteration writes
    the next ones into them. ``evaluate(y, gy)`` gives the value at a point and writes the gradient there to ``gy``,
    which may be x and g themselves; ``evaluate.value(y)`` gives the value alone. Each of them counts. With curvature
    ``evaluate.hessian(y, h)`` writes the second derivatives to a sequence of n * n numbers; with residuals
    ``evaluate.normal(y, h)`` writes that part of them which the slopes of the residuals make, twice the Jacobian times
    itself. Beyond the budget of evaluations values are infinite, and the iteration is undone when it returns; so its
    loops must end by themselves.

    Attributes
    ----------
    memory : tuple of (str, str)
        Sequences that a run keeps from one iteration to the next, 0 at first, each with its length: an expression in n
        and hyperparameters, ``"history * n"``.
    curvature, residuals : bool
        Whether it asks for second derivatives, or for those of a sum of squares.
    """

    memory: tuple[tuple[str, str], ...] = ()
    curvature: bool = False
    residuals: bool = False

    @property
    def kind(self) -> str:
        """A solver."""
        return "solver"

    @property
    def sums(self) -> bool:
        """No: its loops are its own."""
        return False

    @property
    def sloped(self) -> bool:
        """Whether it uses gradients."""
        return arguments_of(self.update)[: len(SEES[0])] == SEES[0]

    @property
    def step(self) -> Callable:
        """``step(x, f, g, evaluate, room, numbers)``: the iteration with its memory side by side in one sequence."""
        lines = ["n = len(x)", *self._named(), "end = 0"]
        for name, length in self.memory:
            lines += ["at = end", f"end = at + int({length})", f"{name} = room[at:end]"]
        given = ", ".join(arguments_of(self.update))
        text = "\n    ".join(
            [f"def {short_name(self.update.__name__)}_step(x, f, g, evaluate, room, numbers):", *lines]
        )
        return made(f"{text}\n    return STEP({given})\n", {"STEP": self.update})

    def room(self, n: int, hyperparameters: Mapping[str, float]) -> int:
        """How many numbers its memory holds, of a point of `n` numbers."""
        lengths = " + ".join(f"int({length})" for _, length in self.memory) or "0"
        text = f"def room({', '.join(('n', *self.hyperparameters))}):\n    return {lengths}\n"
        return made(text, {})(n, *(hyperparameters[name] for name in self.hyperparameters))

    def _named(self) -> list[str]:
        return [f"{name} = numbers[{place}]" for place, name in enumerate(self.hyperparameters)]


def solver_of(update: Callable, hyperparameters: Sequence[str], memory: Mapping[str, str], **facts: Any) -> Solver:
    """Sort the arguments of an iteration into memory and hyperparameters, and check their order.

    Raises
    ------
    TypeError
        If they stand in another order, or bear names that are taken.
    """
    names = arguments_of(update)
    first = next((some for some in SEES if names[: len(some)] == some), SEES[0])
    hyper = tuple(name for name in names if name in hyperparameters)
    if names != (*first, *memory, *hyper) or OWN & {*names}:
        raise TypeError(
            f"{update.__name__}({', '.join(names)}): the arguments must be x, f, g, evaluate, or without g, then the "
            f"memory {(*memory,)} and the hyperparameters {hyper}, in this order; {', '.join(sorted(OWN))} are taken"
        )
    for name, length in memory.items():
        named = {node.id for node in ast.walk(ast.parse(length)) if isinstance(node, ast.Name)}
        if unknown := named - {"n", *hyper}:
            raise TypeError(
                f"{update.__name__}: the length of {name} names {', '.join(sorted(unknown))}, not n or a number"
            )
    return Solver(update, None, (), (), hyper, memory=tuple(memory.items()), **facts)

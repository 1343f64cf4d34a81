"""A step of arrays of any library, made of whole arrays: a pass for each level of sums, and then the update."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from optviz.formulas.adding import in_pairs
from optviz.formulas.formula import Formula
from optviz.formulas.rebinding import Engine, rebound
from optviz.formulas.speaking import words
from optviz.formulas.sums import Passes, split
from optviz.formulas.words import grand_total


class Input(NamedTuple):
    """What goes into the step of an array.

    Attributes
    ----------
    formula : Formula
    x, g : array
    slots : sequence of arrays
        Each of the shape that the formula gives it, see `Formula.own_shape`.
    scalars, hyper : sequence of numbers
        The value, if the formula takes it, with the step scalars; the hyperparameters.
    engine : Engine, optional
        What computes with this array, where that is not what computes with the others.
    """

    formula: Formula
    x: Any
    g: Any
    slots: Sequence[Any]
    scalars: Sequence[Any]
    hyper: Sequence[Any]
    engine: Engine | None = None

    @classmethod
    def of(
        cls,
        formula: Formula,
        x: Any,
        g: Any,
        slots: Sequence[Any],
        numbers: Mapping[str, Any],
        value: Any = None,
        cast: Callable[[Any], Any] = lambda number: number,
        engine: Engine | None = None,
    ) -> "Input":
        """The numbers in the order in which the formula takes them.

        Parameters
        ----------
        formula, x, g, slots, engine
            As the attributes.
        numbers : dict
            Step scalars and hyperparameters by name.
        value : optional
            Of the objective, for a formula that takes it.
        cast : function, optional
            What each number is passed through.
        """
        given = ([value] if formula.takes_value else []) + [numbers[name] for name in formula.table_names]
        hyper = [numbers[name] for name in formula.hyperparameters]
        return cls(formula, x, g, slots, [*map(cast, given)], [*map(cast, hyper)], engine)


def step_in_place(inputs: Sequence[Input], engine: Engine) -> None:
    """Make the step of arrays, see `stepped`, and write what comes of it into them and their slots."""
    for before, after in zip(inputs, stepped(inputs, engine), strict=True):
        old = before.x, *before.slots
        # A rule may give one slot to another as it is, which is to be read before it is written.
        new = [one + 0 if any(one is each for each in old) else one for one in after]
        for array, numbers in zip(old, new, strict=True):
            array[...] = numbers


def stepped(arrays: Sequence[Input], engine: Engine) -> list[tuple]:
    """One step of several arrays that are moved together.

    Parameters
    ----------
    arrays : sequence of Input
        Formulas that have another one for matrices are to be given as that where the array is a matrix.
    engine : Engine

    Returns
    -------
    list of tuple
        For each array the next one, and its next state slots.
    """
    matrices = [one.formula.kind == "matrices" for one in arrays]
    if any(matrices):
        others = iter(stepped([one for one, is_matrix in zip(arrays, matrices, strict=True) if not is_matrix], engine))
        return [
            _turned(one, engine) if is_matrix else next(others) for one, is_matrix in zip(arrays, matrices, strict=True)
        ]
    passes = [split(one.formula) for one in arrays]
    sums: list[list[Any]] = [[] for _ in arrays]
    for level in range(max((len(one.levels) for one in passes), default=0)):
        members = [k for k, its in enumerate(passes) if level < len(its.levels)]
        for k, found in zip(
            members, _sums(level, [(arrays[k], passes[k], sums[k]) for k in members], engine), strict=True
        ):
            sums[k] = [*sums[k], *found]
    after = []
    for one, its, known in zip(arrays, passes, sums, strict=True):
        x, *slots = rebound(its.formula.update, one.engine or engine)(*_given(one, known))
        after.append((x, *(_held(one.formula, *each) for each in zip(one.formula.slots, slots, strict=True))))
    return after


def _turned(one: Input, engine: Engine) -> tuple:
    """The step of an array by a formula for matrices, as the matrix of its first axis and all others."""
    update = rebound(one.formula.update, engine, words(engine))
    before = (one.x, *one.slots)
    if 0 in one.x.shape:  # of which nothing can be said, not even which entry is the largest
        return before
    x, g, *slots = (
        _shaped(each, (len(each), -1)) if len(each.shape) > 2 else each for each in (one.x, one.g, *one.slots)
    )
    after = update(x, g, *slots, *one.scalars, *one.hyper)
    return tuple(_shaped(new, tuple(old.shape)) for old, new in zip(before, after, strict=True))


def _shaped(array: Any, shape: tuple[int, ...]) -> Any:
    """An array in another shape; itself where it has it, so that it can be known again."""
    return array if tuple(array.shape) == shape else array.reshape(shape)


def _sums(level: int, arrays: Sequence[tuple[Input, Passes, list]], engine: Engine) -> list[list[Any]]:
    """The sums of a pass over several arrays, of each in the order in which its formula takes them."""
    found, places = [], []
    for one, its, known in arrays:
        totals, own = its.levels[level].totals, one.engine or engine
        terms = rebound(its.levels[level].terms, own)(*_given(one, [*known, *[0.0] * (len(its.totals) - len(known))]))
        found.append([own.total(each.word, term, one.x) for each, term in zip(totals, terms, strict=True)])
        places.append([place for place, each in enumerate(totals) if each.word.everywhere])
    sharing = [k for k, each in enumerate(places) if each]
    for together in zip(*(places[k] for k in sharing), strict=True):
        whole = in_pairs(grand_total, [found[k][place] for k, place in zip(sharing, together, strict=True)])
        for k, place in zip(sharing, together, strict=True):
            found[k][place] = whole
    return found


def _given(one: Input, sums: Sequence[Any]) -> list[Any]:
    """The arguments of an update, with what rows share as a column."""
    formula, count = one.formula, one.formula.takes_value
    slots = [
        slot[..., None] if name in formula.rows else slot for name, slot in zip(formula.slots, one.slots, strict=True)
    ]
    return [one.x, one.g, *slots, *one.scalars[:count], *sums, *one.scalars[count:], *one.hyper]


def _held(formula: Formula, name: str, slot: Any) -> Any:
    """A state slot as it is kept."""
    return slot[..., 0] if name in formula.rows else slot

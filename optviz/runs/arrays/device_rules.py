"""What moves arrays on a device: a kernel for all elements, passes and a kernel, or the functions of a library."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from optviz.errors import UsageError
from optviz.formulas.stepping import Input, step_in_place
from optviz.formulas.sums import split
from optviz.optimizers import Setting, own_numbers
from optviz.runs.arrays.device_bound import BoundArray, Flat
from optviz.runs.arrays.host import Asked, Numbers, StepScalars
from optviz.runs.arrays.libraries import Library, library_of
from optviz.runs.arrays.summed import check_alike


class Buffers(NamedTuple):
    """Where sums of arrays of one dtype stand on the device, see `optviz.kernels.cuda.array_sums`."""

    sums: Any
    whole: Any
    room: Any


class Rule(Numbers):
    """A setting in one precision, with the kernel that moves every element.

    Attributes
    ----------
    levels : list of tuple of Total
        What each pass sums, and by `joined` which rows of `Buffers.whole` it makes: the first one and how many.
    widest : int
        The most sums of a pass.
    """

    levels: list[tuple]
    joined: list[tuple[int, int]]
    widest = 0

    def __init__(self, setting: Setting, dtype: type):
        from optviz.kernels.cuda.update import arrays_kernel

        super().__init__(setting, dtype)
        self.levels, self.joined = [], []
        self._kernel, self._slots = arrays_kernel(setting.formula, dtype), len(setting.formula.slots)

    def table(self, bound: Sequence[BoundArray], sums: Sequence[tuple[int, int]]) -> tuple[np.ndarray, int, int]:
        """What the kernels are told: a table, and the numbers of tiles and of blocks that are summed.

        `sums` are where the totals of each array stand, and its place among all that are summed together.
        """
        from optviz.kernels.cuda import update

        places = [bound_array.places() for bound_array in bound if bound_array.param.size]
        rows = [(size, x, g, *slots) for size, x, g, slots in places]
        return *update.table_of(rows, self._slots, self.number), 0

    def move(self, table: Any, tiles: int, numbers: tuple, buffers: Buffers | None, stream: Any) -> None:
        """Launch the update."""
        from optviz.kernels.cuda import update

        scalars, hyper = numbers
        update.start(self._kernel, table, tiles, scalars, hyper, stream)


class SummingRule(Rule):
    """A `Rule` with sums."""

    def __init__(self, setting: Setting, dtype: type):
        from optviz.kernels.cuda.array_sums import SummingKernels

        Numbers.__init__(self, setting, dtype)
        self.kernels = SummingKernels(setting.formula, dtype)
        self.levels = [level.totals for level in split(setting.formula).levels]
        self.joined, self.widest = self.kernels.joined, max(self.kernels.widths)

    def table(self, bound: Sequence[BoundArray], sums: Sequence[tuple[int, int]]) -> tuple[np.ndarray, int, int]:
        """As `Rule.table`."""
        places = [bound_array.places() for bound_array in bound]
        rows = [(size, x, g, *its, *slots) for (size, x, g, slots), its in zip(places, sums, strict=True)]
        return self.kernels.table_of(rows)

    def move(self, table: Any, tiles: int, numbers: tuple, buffers: Buffers | None, stream: Any) -> None:
        """As `Rule.move`, with the sums that have been made."""
        assert buffers is not None
        self.kernels.move(table, tiles, numbers, buffers.sums, buffers.whole, stream)


class Launch(NamedTuple):
    """What stays the same for the same arrays: their table, here and on the device, and what must be copied."""

    rule: Rule
    table: Any
    tiles: int
    blocks: int
    fetched: list[Flat]
    stored: list[Flat]

    def fetch(self, stream: Any) -> None:
        """Copy what has gaps."""
        for flat in self.fetched:
            flat.fetch(stream)

    def make_sums(self, level: int, numbers: tuple, buffers: Buffers, stream: Any) -> None:
        """Make the sums of a pass over each array."""
        assert isinstance(self.rule, SummingRule)
        self.rule.kernels.make_sums(level, self.table, self.blocks, numbers, *buffers, stream)

    def move(self, numbers: tuple, buffers: Buffers | None, stream: Any) -> None:
        """Make the step."""
        if self.tiles:
            self.rule.move(self.table, self.tiles, numbers, buffers, stream)
            for flat in self.stored:
                flat.store(stream)


class LibraryRule(StepScalars):
    """A setting that a library's functions move; its numbers are Python's, which leave arrays in their precision."""

    def __init__(self, setting: Setting):
        super().__init__(setting, np.float64)
        self._setting = setting

    def at(self, t: int, asked: Asked) -> dict[str, float]:
        """The step scalars of step `t` and the hyperparameters."""
        own = dict(own_numbers(self._setting, asked.numbers))
        scalars = map(float, self.scalars(t, own))
        return self._setting.hyperparameters | own | dict(
            zip(self._setting.formula.table_names, scalars, strict=True)
        )  # fmt: skip


class Part(NamedTuple):
    """Arrays of one setting, dtype and step, by their places, and what is needed to move them."""

    rule: Rule | LibraryRule
    members: list[int]
    numbers: Any
    t: int


def needs_library(setting: Setting) -> bool:
    """Whether an array's rule multiplies matrices or sums along their rows and columns."""
    return setting.kind == "matrices" or setting.formula.for_matrices


def moves_alone(setting: Setting) -> bool:
    """Whether each element is moved for itself."""
    return not needs_library(setting) and not split(setting.formula).levels


def rule_of(setting: Setting, dtype: type, by_library: bool) -> Rule | LibraryRule:
    """What a setting is in one precision; `by_library` where others that it is summed with need a library."""
    if moves_alone(setting):
        return Rule(setting, dtype)
    return LibraryRule(setting) if by_library else SummingRule(setting, dtype)


def check_sums(parts: Sequence[Part]) -> None:
    """Refuse arrays that are summed together and have other sums or dtypes.

    Raises
    ------
    UsageError
    """
    if len(parts) > 1:
        check_alike([(part.rule.levels, part.rule.number) for part in parts if isinstance(part.rule, Rule)])


def move_by_library(
    library: Library,
    members: Sequence[tuple[Setting, Any, Any, dict[str, Any], dict[str, float]]],
    value: float | None,
) -> None:
    """Make the step of arrays with their library's functions, in place.

    Each is given with its setting, its gradient, its state and all numbers.
    """
    with library.computing():
        inputs = []
        for setting, x, g, entry, numbers in members:
            arrays = [x, g, *(entry[slot] for slot in setting.formula.slots)]
            x, g, *slots = map(library.plain, arrays)
            inputs.append(Input.of(setting.formula, x, g, slots, numbers, value))
        step_in_place(inputs, library.engine)


def library_that_moves(setting: Setting, named: Sequence[tuple[str, Any]], same: Library | None) -> Library:
    """The library of a parameter, its slots or its gradient, which all are to have.

    `same` is that of others that are moved together.

    Raises
    ------
    UsageError
        If one has none with functions for matrices, or two are not of the same.
    """
    for name, array in named:
        library = library_of(array)
        if library is None:
            raise UsageError(
                f"{name} is a {type(array).__name__}, and {setting.plain_name} moves matrices on a device with the "
                "functions of PyTorch or CuPy",
                "Give their arrays, torch.from_dlpack(array) or cupy.asarray(array), or NumPy arrays.",
            )
        if same is not None and library is not same:
            raise UsageError(
                f"{name} is of {library.engine.name}, and others that {setting.plain_name} moves of {same.engine.name}",
                "Give arrays of one library, with their gradients and the state that init gives.",
            )
        same = library
    assert same is not None
    return same

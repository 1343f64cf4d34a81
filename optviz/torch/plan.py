"""Parameters that a compiled kernel moves in one call, step after step."""

from collections.abc import Callable, MutableMapping, Sequence
from typing import Any

import numpy as np
import torch

from optviz.errors import UsageError
from optviz.kernels.table import SIZE, G, count_function, table_of
from optviz.optimizers import Setting
from optviz.runs.arrays.moving import in_parts
from optviz.torch.held import Held

States = MutableMapping[torch.Tensor, dict[str, Any]]


class Plan:
    """Parameters at the same step that a kernel moves in one call, for as long as all tensors stay where they are.

    Recognising them takes a fraction of what checking them takes, which would be more than half of a step.

    Parameters
    ----------
    setting : Setting
    parameters : sequence of tensors
        Those of a group, with a gradient or without.
    held : sequence of Held or None
        Of those that have one, which suits.
    """

    def __init__(self, setting: Setting, parameters: Sequence[torch.Tensor], held: Sequence[Held | None]):
        self._setting, self.held = setting, [one for one in held if one is not None]
        self._pairs = [*zip(parameters, held, strict=True)]
        self._tensors = [parameter for parameter, one in self._pairs if one is not None]
        self._table = table_of([one.row() for one in self.held], len(self.held[0].slots))
        _check_apart(self._table, np.dtype(self.held[0].number).itemsize)
        self._parts = [*in_parts(self._table)]
        self._counters = np.array([one.counter.data_ptr() for one in self.held], np.int64)
        self._count = count_function()

    def finds(self, setting: Setting, parameters: Sequence[torch.Tensor], states: States) -> bool:
        """Whether these are its tensors, each where it was; gradients may be anywhere."""
        if setting is not self._setting or len(parameters) != len(self._pairs):
            return False
        places = []
        try:
            for parameter, (known, held) in zip(parameters, self._pairs, strict=True):
                gradient = parameter.grad
                if parameter is not known or (gradient is None) is not (held is None):
                    return False
                if gradient is not None and held is not None:
                    place = held.place_of(parameter, gradient, states[parameter])
                    if place is None:
                        return False
                    places.append(place)
        except RuntimeError:  # a sparse tensor lies nowhere
            return False
        self._table[:, G] = places
        return True

    def take(self, gradients: Sequence[torch.Tensor]) -> None:
        """Gradients that suit."""
        self._table[:, G] = [gradient.data_ptr() for gradient in gradients]

    @property
    def steps(self) -> int:
        """How many steps the parameters have made; -1 where that is not the same."""
        return self._count(self._counters, 0)

    def move(self, kernel: Callable[..., Any], numbers: tuple[Any, ...], scalars: dict[str, Any]) -> None:
        """Make a step."""
        for part in self._parts:
            kernel(part, *numbers)
        self._count(self._counters, 1)
        _tell(self._tensors, self.held, scalars)


def _check_apart(table: np.ndarray, item: int) -> None:
    """Refuse parameters and states that share memory, of numbers of `item` bytes."""
    sizes = np.repeat(table[:, SIZE] * item, table.shape[1] - 2)
    places = np.delete(table, (SIZE, G), axis=1).ravel()[sizes > 0]
    order = np.argsort(places)
    if (np.diff(places[order]) < sizes[sizes > 0][order][:-1]).any():
        raise UsageError("two parameters share memory", "Give each one of its own, or one of them alone.")


def _tell(parameters: Sequence[torch.Tensor], held: Sequence[Held], scalars: dict[str, Any]) -> None:
    """Tell autograd that parameters have been moved, and keep what the next step needs."""
    torch.autograd.graph.increment_version(parameters)
    if held[0].is_recursive:
        for one in held:
            one.leave(scalars)

"""The forms in which arrays are given: one alone, a list or a tuple of them, or a dict."""

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

import numpy as np

from optviz.errors import UsageError, UsageTypeError


class OnDevice(Protocol):
    """An array on a CUDA device."""

    @property
    def __cuda_array_interface__(self) -> dict[str, Any]: ...


Array = np.ndarray | OnDevice
Arrays = Array | Sequence[Array] | Mapping[Any, Array]
SEQUENCE = (list, tuple)


def names_of(params: Any) -> list[str]:
    """How messages call each array after ``params``, ``grads`` or ``state``: ``[2]``, ``['weights']`` or nothing."""
    if isinstance(params, Mapping):
        return [f"[{key!r}]" for key in params]
    return [f"[{i}]" for i in range(len(params))] if isinstance(params, SEQUENCE) else [""]


def keys_of(params: Any) -> list[Any]:
    """By what groups name each array."""
    if isinstance(params, Mapping):
        return [*params]
    return [*range(len(params))] if isinstance(params, SEQUENCE) else [None]


def values_of(given: Any, params: Any, what: str) -> list:
    """The parts of `given`, in the order of `params`, of which it must have the form."""
    if isinstance(params, SEQUENCE):
        if not isinstance(given, SEQUENCE):
            raise UsageTypeError(f"{what} is a {type(given).__name__}", "Give a list, one for each array of params.")
        if len(given) != len(params):
            raise UsageError(f"{what} holds {len(given)}, params {len(params)}", "Give one for each array of params.")
        return given  # type: ignore[return-value]
    if isinstance(params, Mapping):
        if not isinstance(given, Mapping):
            raise UsageTypeError(f"{what} is a {type(given).__name__}", "Give a dict with the keys of params.")
        for key in [*params, *given]:
            if key not in given:
                raise UsageError(f"{what} has no {key!r}", "Give the keys of params; None stands for no gradient.")
            if key not in params:
                raise UsageError(f"{what} has {key!r}, which params has not", "Give the keys of params.")
        return [given[key] for key in params]
    if isinstance(given, SEQUENCE):
        raise UsageTypeError(f"{what} is a {type(given).__name__}, params one array", "Give both the same form.")
    return [given]

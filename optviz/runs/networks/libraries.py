"""Libraries whose functions move arrays on a CUDA device: PyTorch or CuPy; in the simulator NumPy stands in."""

import contextlib
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from importlib import import_module
from typing import Any, NamedTuple

import numpy as np

from optviz.errors import MissingError
from optviz.formulas.rebinding import Engine
from optviz.kernels.random import random_signs
from optviz.runs.arrays.libraries import cupy_engine, torch_engine


class Library(NamedTuple):
    """What is asked of a library.

    Attributes
    ----------
    engine : Engine
    view : function
        Makes an array of the device one of the library, of the same memory.
    computing : function
        The context in which to compute: behind what the default stream was given, and before what it will be.
    """

    engine: Engine
    view: Callable[[Any], Any]
    computing: Callable[[], AbstractContextManager]


def library(rule: str) -> Library:
    """The library that moves arrays here, for a rule with a name.

    Raises
    ------
    MissingError
        If there is none that sees the device.
    """
    from optviz.kernels.cuda.backend import SIMULATED

    makers = [_numpy] if SIMULATED else [_torch, _cupy]
    for maker in makers:
        with contextlib.suppress(ImportError):
            found = maker()
            if found is not None:
                return found
    raise MissingError(
        f"{rule} is moved on a device by functions of PyTorch or CuPy, and neither is here for CUDA",
        "Install one: pip install torch, or pip install cupy-cuda13x; or train with --device cpu.",
    )


def _torch() -> Library | None:
    torch = import_module("torch")
    if not torch.cuda.is_available():
        return None

    from optviz.kernels.cuda.backend import cuda

    device = f"cuda:{cuda.get_current_device().id}"  # on any other one torch would make copies

    @contextlib.contextmanager
    def computing() -> Iterator[None]:
        with torch.no_grad(), torch.cuda.stream(torch.cuda.default_stream(device)):
            yield

    return Library(torch_engine(torch), lambda array: torch.as_tensor(array, device=device), computing)


def _cupy() -> Library | None:
    cupy = import_module("cupy")
    if not cupy.cuda.is_available():
        return None
    return Library(cupy_engine(cupy), cupy.asarray, lambda: cupy.cuda.Stream.null)


def _numpy() -> Library:
    engine = Engine(
        name="NumPy",
        is_array=lambda given: isinstance(given, np.ndarray | np.generic),
        modules=(np.linalg, np),
        number=lambda value, like: np.asarray(value, dtype=like.dtype),
        signs=lambda count, t: random_signs(0, int(t), count),
    )
    return Library(engine, lambda array: array._ary, lambda: np.errstate(all="ignore"))

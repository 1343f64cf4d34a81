"""What a kernel is to the tests that compile it: its name, its argument types, and how it is launched."""

from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any, NamedTuple


class Kernel(NamedTuple):
    """A kernel with the types that it is compiled for.

    Attributes
    ----------
    name : str
        For the table: ``"update adam float32"``.
    kernel : CUDA dispatcher
        From `optviz.kernels.cuda.backend.specialise`.
    arguments : tuple of Numba types
    threads : int
        Of a block, as it is launched.
    dtype : {"float32", "float64"}
        In which it computes; a float32 kernel must not promote to float64.
    shared : int
        Bytes of dynamic shared memory of a block.
    registers : int or None
        At most so many for each thread; None where only spills are forbidden.
    """

    name: str
    kernel: Any
    arguments: tuple
    threads: int
    dtype: str
    shared: int = 0
    registers: int | None = None


def kernels() -> Iterator[Kernel]:
    """All kernels: those that ``kernels()`` of each module ``kernels_*`` beside this one lists."""
    for path in sorted(Path(__file__).parent.glob("kernels_*.py")):
        yield from import_module(f"tests.ptx.{path.stem}").kernels()

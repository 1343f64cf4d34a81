"""Kernels as an NVIDIA GPU would get them, made without one: compiled to PTX, assembled, and measured."""

import functools
import multiprocessing
import re
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from contextlib import contextmanager
from types import SimpleNamespace
from typing import NamedTuple

from optviz.kernels.cuda.backend import cuda
from optviz.runs.jobs import cores
from tests.ptx.listing import Kernel, kernels
from tests.ptx.occupancy import active_blocks, occupancy

COMPILER = ("debug", "lineinfo", "fastmath", "opt", "launch_bounds")  # what of a kernel's options makes other PTX


class Assembled(NamedTuple):
    """A kernel for one architecture.

    Attributes
    ----------
    ptx : str
    registers : int
        Of a thread.
    spills : int
        Bytes of a thread that are written to memory, or read from there, because registers are wanting.
    stack : int
        Bytes of a thread in local memory: arrays that are not in registers, tables of the mathematical functions.
    shared : int
        Bytes of a block, static and dynamic together.
    blocks : int
        That a multiprocessor holds at a time.
    occupancy : float
        The share of a multiprocessor's warps that can be active at a time.
    """

    ptx: str
    registers: int
    spills: int
    stack: int
    shared: int
    blocks: int
    occupancy: float


def assembled(kernel: Kernel, capability: tuple[int, int]) -> Assembled:
    """Compile and assemble a kernel for an architecture."""
    ptx = compiled(kernel, capability)
    needs = measured(link(ptx, capability, kernel.kernel.targetoptions.get("max_registers")))
    shared = declared(ptx) + kernel.shared
    launch = (capability, kernel.threads, needs["registers"], shared)
    return Assembled(ptx, **needs, shared=shared, blocks=active_blocks(*launch), occupancy=occupancy(*launch))


@contextmanager
def assembling(wanted: Iterable[tuple[Kernel, tuple[int, int]]]) -> Iterator[dict[tuple, Future]]:
    """`assembled` for many kernels and architectures, begun at once on all cores."""
    with ProcessPoolExecutor(cores(), multiprocessing.get_context("spawn")) as pool:
        yield {(kernel, each): pool.submit(_assembled_by_name, kernel.name, each) for kernel, each in wanted}
        pool.shutdown(cancel_futures=True)


@functools.cache
def _named() -> dict[str, Kernel]:
    return {kernel.name: kernel for kernel in kernels()}


def _assembled_by_name(name: str, capability: tuple[int, int]) -> Assembled:
    # A kernel cannot be sent to another process.
    return assembled(_named()[name], capability)


def compiled(kernel: Kernel, capability: tuple[int, int]) -> str:
    """The PTX of a kernel, compiled as it would be for its first launch."""
    given = kernel.kernel.targetoptions
    options = {name: given[name] for name in COMPILER if given.get(name) is not None}
    with compute_capability(capability):
        build = getattr(kernel.kernel._cache, "build", None)
        if build is not None:  # of parts
            return "\n".join(build(kernel.arguments).library.get_asm_strs(cc=(*capability, "")))
        return cuda.compile_ptx(kernel.kernel.py_func, kernel.arguments, cc=capability, **options)[0]


@contextmanager
def compute_capability(capability: tuple[int, int]) -> Iterator[None]:
    """Let Numba believe in a device: what a kernel calls is compiled for the current one, whatever `cc` says."""
    from numba.cuda import dispatcher

    original, bind = dispatcher.get_current_device, dispatcher._Kernel.bind
    dispatcher.get_current_device = lambda: SimpleNamespace(compute_capability=capability)
    dispatcher._Kernel.bind = lambda kernel: kernel.library.get_cubin()  # which the driver would load
    try:
        yield
    finally:
        dispatcher.get_current_device, dispatcher._Kernel.bind = original, bind


def link(ptx: str, capability: tuple[int, int], registers: int | None = None) -> str:
    """What the assembler says about a kernel.

    nvJitLink comes with the extra and always knows the version of its PTX, which a toolkit's ``ptxas`` need not.
    """
    from cuda.core import Linker, LinkerOptions, ObjectCode

    major, minor = capability
    options = LinkerOptions(arch=f"sm_{major}{minor}", ptxas_options=["-v"], verbose=True, max_register_count=registers)
    linker = Linker(ObjectCode.from_ptx(ptx.encode()), options=options)
    linker.link("cubin")
    return linker.get_info_log().replace("\0", "")


def measured(log: str) -> dict[str, int]:
    """Registers, spills and stack of a thread, from the assembler's words."""
    # A function that is not inlined has a frame of its own; the registers are said once, for all of the kernel.
    frames = re.findall(r"(\d+) bytes stack frame, (\d+) bytes spill stores, (\d+) bytes spill loads", log)
    (registers,) = re.findall(r"ptxas info *: Used (\d+) registers", log)
    stacks, stores, loads = (sum(map(int, column)) for column in zip(*frames, strict=True))
    return {"registers": int(registers), "spills": stores + loads, "stack": stacks}


def declared(ptx: str) -> int:
    """Bytes of static shared memory of a block.

    The assembler's count is of no use: for some architectures it holds what the system keeps for itself.
    """
    size = 0
    for alignment, count in re.findall(r"\.shared \.align (\d+) \.b8 \S+\[(\d+)\]", ptx):
        size += -size % int(alignment) + int(count)
    return size

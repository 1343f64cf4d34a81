"""CUDA, and everything that optviz takes from it: `linking` aside the only module that imports ``numba.cuda``.

Kernels are templates whose global names are bound, as on the CPU. What they call is the CPU's own code: `twin` compiles
a function that Numba compiled for the CPU, and all that it calls, for the GPU. Kernels are compiled when they are first
called, for the device that is there, and kept on disk.

With ``NUMBA_ENABLE_CUDASIM=1`` in the environment a kernel is plain Python and a thread of the device a thread of the
processor. `SIMULATED` says so.
"""

import contextlib
import functools
import re
import sys
import threading
from collections.abc import Callable, Iterator
from types import CellType, FunctionType
from typing import Any

import numpy as np
from numba import cuda
from numba.cuda import config

from optviz.errors import MissingError, OptvizError, UsageError
from optviz.kernels.addresses import PlainNumbers
from optviz.kernels.cuda import linking
from optviz.kernels.cuda.linking import Inner, Part
from optviz.kernels.specialise import blaming, bound, with_its_functions

SIMULATED = bool(config.ENABLE_CUDASIM)  # type: ignore[attr-defined]
THREADS = 128  # of a block, where nothing asks for another number
MOST_BLOCKS = (1 << 31) - 1  # of a grid; kernels stride over what is left
MOST_TEXT = 120  # characters of what a driver says
SHARE = 0.9  # of the device's free memory that a result may take
# What is raised where a kernel is made of its text, and by the driver, in all versions of the packages.
LINKERS = ("nvJitLinkError", "LinkerError", "NvvmError", "NvvmSupportError", "NVRTCError", "NvrtcError", "nvvmError")
DRIVERS = ("CudaAPIError", "CudaDriverError", "CUDAError")
JAX_KEEPS = "JAX keeps most of the device for itself: set XLA_PYTHON_CLIENT_PREALLOCATE=false before it starts."

_lock = threading.RLock()
_kernels: dict[Any, Any] = {}


def specialise(template: Callable, label: str, fingerprint: str, *, frame: str = "", **names: Any) -> Any:
    """A kernel: a template of ``optviz.kernels.cuda`` with global `names` bound, compiled when it is first launched.

    Label and fingerprint together must determine the names, as for `optviz.kernels.specialise.specialise`. The same
    dispatcher is given for the same template, label, fingerprint and frame; `launch` starts it.

    Names that are `Part` are compiled once for all kernels with which they are linked; `frame` must determine all the
    others then.
    """
    key = (template, label, fingerprint, frame)
    with _lock:
        if key not in _kernels:
            # What nvJitLink would make of a kernel is not what the tests assemble.
            options = {} if SIMULATED else {"lto": False}
            parts = {name: one for name, one in names.items() if isinstance(one, Part)}
            kernel = _filled(template, names | {name: part.function for name, part in parts.items()})
            kernel.__name__ = kernel.__qualname__ = f"{template.__name__}__{label}"
            name, build = re.sub(r"\W", "_", kernel.__name__, flags=re.ASCII), None
            where = f"{template.__module__} {template.__name__} {frame}"  # modules may have templates of one name
            if parts:
                build = linking.builder(name, where, parts, lambda calls: _filled(template, names | calls))
            _kernels[key] = linking.kept(cuda.jit(**options)(kernel), f"{where} {label} {fingerprint}", build)
        return _kernels[key]


def _filled(template: Callable, names: dict[str, Any]) -> FunctionType:
    """A template with its names bound, after the inner templates among them."""
    known = {name: one for name, one in names.items() if not isinstance(one, Inner)}
    for name, one in names.items():
        if isinstance(one, Inner):
            known[name] = device_function(one.template, **known)
    return bound(template, known)


def device_function(template: Callable, **names: Any) -> Any:
    """A function of a module of ``optviz.kernels`` with its global `names` bound, to be called inside CUDA kernels."""
    if SIMULATED:
        # The simulator would put its own `cuda` into the function for the length of each call, and then take it away
        # from the other threads that are inside.
        return bound(template, names | {"cuda": _Running()})
    return cuda.jit(device=True)(bound(template, names))


class _Running:
    """What `cuda` stands for inside the kernel that the simulator is running."""

    def __getattr__(self, name: str) -> Any:
        from numba.cuda.simulator import kernel

        return getattr(kernel._get_kernel_context(), name)


def compiled(formula: Callable, dtype: type, *, as_tuple: bool = False, complements: tuple[str, ...] = ()) -> Any:
    """A formula in one precision, to be called inside CUDA kernels; see `optviz.kernels.specialise.compiled`."""
    key = (formula, dtype, as_tuple, complements)
    with _lock:
        if key not in _kernels:
            function = with_its_functions(formula, dtype, as_tuple, complements, compiled)
            _kernels[key] = blaming(cuda.jit(device=True)(function), formula, "compile_device")
        return _kernels[key]


def twin(function: Any) -> Any:
    """The CUDA twin of a function that Numba compiles for the CPU: its source, with the twins of all that it calls.

    The function is made of plain Python, not of intrinsics. Anything else is given back as it is.
    """
    if not hasattr(function, "py_func"):
        return function
    with _lock:
        if function not in _kernels:
            plain = function.py_func
            scope = plain.__globals__
            names = {name: twin(scope[name]) for name in plain.__code__.co_names if name in scope}
            cells = tuple(CellType(twin(cell.cell_contents)) for cell in plain.__closure__ or ())
            clone = FunctionType(plain.__code__, scope | names, plain.__name__, plain.__defaults__, cells or None)
            _kernels[function] = cuda.jit(device=True)(clone)
        return _kernels[function]


def launch(kernel: Any, blocks: int, threads: int, *arguments: Any, stream: Any = 0, shared: int = 0) -> None:
    """Start a kernel in some blocks of threads; it may not have ended when this returns.

    No more than `MOST_BLOCKS` blocks are started, and none for 0: kernels stride over what is left. Arguments are
    device arrays, scalars, and tuples of them; `shared` is bytes of dynamic shared memory of a block. Raises as
    `guarded`.
    """
    if blocks < 1:
        return
    with guarded():
        _configured(kernel, min(blocks, MOST_BLOCKS), threads, stream, shared)(*arguments)


def _configured(kernel: Any, *how: Any) -> Any:
    """A kernel ready to be launched in some way, without a warning that the grid is small: little is asked of it.

    Numba warns when it is told how, and remembers it: the user's setting is another one for that moment only.
    """
    with _lock:
        wanted = config.CUDA_LOW_OCCUPANCY_WARNINGS  # type: ignore[attr-defined]
        config.CUDA_LOW_OCCUPANCY_WARNINGS = 0  # type: ignore[attr-defined]
        try:
            return kernel[how]
        finally:
            config.CUDA_LOW_OCCUPANCY_WARNINGS = wanted  # type: ignore[attr-defined]


@contextlib.contextmanager
def guarded() -> Iterator[None]:
    """Say in words what a driver says in codes: around everything that talks to the device.

    Raises
    ------
    MissingError
        If there is no device.
    OptvizError
        If the device's memory is full or the device does not answer any more.
    """
    # Exceptions of the driver have no common class, and no names in the simulator.
    try:
        yield
    except OptvizError:
        raise
    except Exception as error:
        kind, said = type(error), str(error)
        if kind.__name__ in ("CudaSupportError", "DynamicLibNotFoundError", "DynamicLibUnsupportedError"):
            raise MissingError(f"no CUDA device can be used: {_line(error)}", "Run optviz doctor.") from error
        if "global constant data" in said:  # 64 KiB
            raise UsageError(
                "the function has more constants than the device's memory for them", "Use float32, or --device cpu."
            ) from error
        if "OUT_OF_MEMORY" in said:
            raise OptvizError("the device's memory is full", "Ask for less at a time, or use --device cpu.") from error
        if "arch-specific" in said:  # with which Numba asks for the GPU's own machine code
            raise OptvizError(
                "the GPU is newer than CUDA's compiler", "Update the packages that optviz doctor names, or use the CPU."
            ) from error
        if kind.__name__ in LINKERS:
            raise OptvizError(
                f"CUDA's compiler or linker failed: {_line(error)}",
                "Compare its version with the driver's: optviz doctor. Until then compute on the CPU: --device cpu.",
            ) from error
        if kind.__name__ in DRIVERS or kind.__module__.startswith(("cuda.", "numba.cuda.cudadrv")):
            raise OptvizError(
                f"the CUDA device failed: {_line(error)}", "Run optviz doctor; then run again."
            ) from error
        raise


def _line(error: Exception) -> str:
    text = " ".join(str(error).split()) or type(error).__name__
    return text if len(text) <= MOST_TEXT else f"{text[: MOST_TEXT - 3]}..."


def put(array: np.ndarray, stream: Any = 0) -> Any:
    """A copy of an array on the device."""
    with guarded():
        return cuda.to_device(np.ascontiguousarray(array), stream=stream)


def empty(shape: int | tuple[int, ...], dtype: Any) -> Any:
    """A contiguous array on the device, its elements undefined."""
    with guarded():
        return cuda.device_array(shape, dtype)


def get(array: Any, stream: Any = 0) -> np.ndarray:
    """A copy of a device array here; waits for what the stream has been given so far."""
    with guarded():
        copy = array.copy_to_host(stream=stream)
        if not SIMULATED and stream:
            stream.synchronize()
        return copy


def synchronize() -> None:
    """Wait until the device has done all that it was given."""
    with guarded():
        cuda.synchronize()


def check_fits(what: str, size: int, remedy: str) -> None:
    """Refuse what is larger than the device's free memory, before any of it is there.

    `what` is the result in words, ``"a batch of 10,000,000 starts"``, and `size` its bytes.
    """
    room = room_for(int(size / SHARE))
    if size > SHARE * room:
        raise UsageError(
            f"{what} needs {size / 1e9:,.1f} GB, {SHARE * room / 1e9:,.1f} GB of the device are free",
            f"{remedy} {JAX_KEEPS}" if "jax" in sys.modules else remedy,
        )


def free() -> int:
    """Bytes of the device's memory that are free."""
    if SIMULATED:
        return 1 << 34
    with guarded():
        context = cuda.current_context()
        freed = getattr(context.memory_manager, "deallocations", None)
        if freed is not None:
            freed.clear()  # what Numba's own manager has not given back yet is free as well
        try:
            return int(context.get_memory_info().free)
        except NotImplementedError:  # by a memory manager that has been plugged in, such as RMM's
            driver: Any = cuda.cudadrv.driver.driver
            return int(driver.cuMemGetInfo()[0])


def room_for(wanted: int) -> int:
    """The bytes that are free; where these are fewer than wanted, after other libraries gave back what they can."""
    room = free()
    return free() if room < wanted and give_back() else room


def give_back() -> bool:
    """Let PyTorch and CuPy give back the memory that they keep for arrays to come; whether there was any of them."""
    torch, cupy = sys.modules.get("torch"), sys.modules.get("cupy")
    keepers = []
    if torch is not None and torch.cuda.is_initialized():
        keepers.append(torch.cuda.empty_cache)
    if cupy is not None:
        keepers.append(cupy.get_default_memory_pool().free_all_blocks)
    for give in keepers:
        give()
    return bool(keepers)


def resident_threads() -> int:
    """How many threads the device runs at a time: for each of them a kernel's local memory is set aside."""
    if SIMULATED:
        return 1 << 18
    with guarded():
        device = cuda.get_current_device()
        return int(device.MULTIPROCESSOR_COUNT * device.MAX_THREADS_PER_MULTIPROCESSOR)


def stream_at(handle: int) -> Any:
    """The stream with a handle of the CUDA driver, as other libraries give it; 0 is the default stream."""
    return _external(handle) if handle and not SIMULATED else 0


@functools.lru_cache(maxsize=64)
def _external(handle: int) -> Any:
    # Numba remembers how a kernel is launched by the object of the stream: another one each time costs it much.
    return cuda.external_stream(handle)


def same_device() -> Callable[[], None]:
    """What another thread calls to compute on the device of this one: by itself it would take the first."""
    if SIMULATED:
        return lambda: None
    with guarded():
        number = cuda.get_current_device().id

    def enter() -> None:
        with guarded():
            cuda.select_device(number)

    return enter


def numbers_at(dtype: type) -> Any:
    """A device function ``numbers(address)`` that reads and writes other libraries' memory inside kernels.

    It gives what is at an int64 address, a sequence of `dtype` without an end; nobody checks an index.
    """
    if SIMULATED:
        return lambda address: PlainNumbers(address, dtype)
    from numba.cuda import types
    from numba.cuda.extending import intrinsic

    kind: Any = types.CPointer(types.float32 if dtype is np.float32 else types.float64)  # type: ignore[attr-defined]

    @intrinsic
    def numbers(typingctx, address):
        def codegen(context, builder, signature, args):
            return builder.inttoptr(args[0], context.get_value_type(kind))

        return kind(types.int64), codegen

    return numbers

"""Numbers too small for full precision, set to zero.

State that is rarely fed decays into denormal numbers, on which x86 processors need a hundred cycles and more per
operation: an epoch of Adam on MNIST takes 1.7 times as long with them, the step of an array of which nothing else is
left up to 170 times. Below 1.2e-38 (float32) or 2.2e-308 (float64)
kernels therefore compute with zero.
"""

import contextlib
import platform
from collections.abc import Iterator

import numba
from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic

from optviz.kernels.cache import COMPILES, INNER, cached_jit

FLUSH = 0x8040  # MXCSR: bit 15 flushes results to zero, bit 6 takes operands as zero
SUPPORTED = platform.machine().lower() in ("x86_64", "amd64") and COMPILES


def _word_intrinsic(builder, name, slot):
    pointer = builder.bitcast(slot, ir.PointerType(ir.IntType(8)))
    function = cgutils.get_or_insert_function(
        builder.module, ir.FunctionType(ir.VoidType(), [ir.PointerType(ir.IntType(8))]), name
    )
    builder.call(function, [pointer])


@intrinsic
def _read_control_word(typingctx):
    """MXCSR of the calling thread, uint32."""

    def codegen(context, builder, signature, args):
        slot = cgutils.alloca_once(builder, ir.IntType(32))
        _word_intrinsic(builder, "llvm.x86.sse.stmxcsr", slot)
        return builder.load(slot)

    return types.uint32(), codegen


@intrinsic
def _write_control_word(typingctx, word):
    """Set MXCSR of the calling thread."""

    def codegen(context, builder, signature, args):
        slot = cgutils.alloca_once(builder, ir.IntType(32))
        builder.store(args[0], slot)
        _word_intrinsic(builder, "llvm.x86.sse.ldmxcsr", slot)
        return context.get_dummy_value()

    return types.void(types.uint32), codegen


if SUPPORTED:

    @numba.njit(**INNER)
    def flush():
        """Inside a kernel: flush denormals from here on; returns the control word to restore."""
        word = _read_control_word()
        _write_control_word(numba.uint32(word | FLUSH))
        return word

    @numba.njit(**INNER)
    def restore(word):
        """Inside a kernel: undo `flush`."""
        _write_control_word(word)

else:

    @numba.njit(**INNER)
    def flush():
        return 0

    @numba.njit(**INNER)
    def restore(word):
        pass


def _flush():
    return flush()


def _restore(word):
    restore(numba.uint32(word))


_flush_kernel, _restore_kernel = cached_jit(_flush), cached_jit(_restore)


@contextlib.contextmanager
def flushed() -> Iterator[None]:
    """Flush denormals in the calling thread for the length of the block.

    The thread's floating-point state is restored however the block ends. Blocks may be nested, and each thread has
    its own state. On processors other than x86-64 nothing happens.
    """
    word = _flush_kernel()
    try:
        yield
    finally:
        _restore_kernel(word)

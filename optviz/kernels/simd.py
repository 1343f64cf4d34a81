"""Short vectors of float32 that stay in registers: what the loops of a network are written with.

Numba vectorises a loop over elements but cannot keep a row of sums in registers through a second loop around it, so
that every product would wait for memory. A value of the type `Lanes` is such a row: LLVM cuts it to the registers that
the processor has. Where it has a fused multiply-add, `accumulate` rounds once instead of twice. That is right for the
sums of a network, whose order is free anyway; the formulas of optimizers are never compiled so.
"""

from typing import Any

from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic, models, register_model

ELEMENT = ir.FloatType()


class Lanes(types.Type):
    """The Numba type of a row of `count` float32 numbers."""

    def __init__(self, count: int):
        self.count = count
        super().__init__(name=f"Lanes({count})")

    @property
    def vector(self) -> ir.VectorType:
        return ir.VectorType(ELEMENT, self.count)


@register_model(Lanes)
class _LanesModel(models.PrimitiveModel):
    def __init__(self, manager: Any, lanes: Lanes):
        super().__init__(manager, lanes, lanes.vector)


@intrinsic(prefer_literal=True)
def zeros(typingctx, count):
    """A row of `count` zeros; the count is a literal."""
    lanes = Lanes(count.literal_value)

    def codegen(context, builder, signature, args):
        return ir.Constant(lanes.vector, [ir.Constant(ELEMENT, 0.0)] * lanes.count)

    return lanes(count), codegen


@intrinsic
def load(typingctx, like, array, index):
    """As many elements as `like` has of a contiguous float32 array, from the flat `index` on."""

    def codegen(context, builder, signature, args):
        loaded = builder.load(_pointer(context, builder, signature.args[1], args[1], args[2], like.vector))
        loaded.align = 4
        return loaded

    return like(like, array, types.uint64), codegen


@intrinsic
def store(typingctx, array, index, lanes):
    """Write a row to a contiguous float32 array, from the flat `index` on."""

    def codegen(context, builder, signature, args):
        pointer = _pointer(context, builder, signature.args[0], args[0], args[1], lanes.vector)
        builder.store(args[2], pointer).align = 4
        return context.get_dummy_value()

    return types.void(array, types.uint64, lanes), codegen


@intrinsic
def accumulate(typingctx, total, factor, lanes):
    """``total + factor * lanes``, fused where the processor can."""

    def codegen(context, builder, signature, args):
        vector = lanes.vector
        undefined = ir.Constant(vector, ir.Undefined)
        first = builder.insert_element(undefined, args[1], ir.Constant(ir.IntType(32), 0))
        everywhere = ir.Constant(ir.VectorType(ir.IntType(32), lanes.count), None)
        factors = builder.shuffle_vector(first, undefined, everywhere)
        name = f"llvm.fmuladd.v{lanes.count}f32"
        fused = cgutils.get_or_insert_function(builder.module, ir.FunctionType(vector, [vector] * 3), name)
        return builder.call(fused, [factors, args[2], args[0]])

    return total(total, types.float32, lanes), codegen


@intrinsic
def fold(typingctx, total, a, b):
    """``total`` plus the products of `a` and `b`, which are a whole number of times as long, folded to its length."""

    def codegen(context, builder, signature, args):
        short, long = total.vector, a.vector
        undefined = ir.Constant(long, ir.Undefined)
        name = f"llvm.fmuladd.v{total.count}f32"
        fused = cgutils.get_or_insert_function(builder.module, ir.FunctionType(short, [short] * 3), name)
        result = args[0]
        for first in range(0, a.count, total.count):
            places = [ir.Constant(ir.IntType(32), place) for place in range(first, first + total.count)]
            mask = ir.Constant(ir.VectorType(ir.IntType(32), total.count), places)
            parts = [builder.shuffle_vector(whole, undefined, mask) for whole in args[1:]]
            result = builder.call(fused, [*parts, result])
        return result

    return total(total, a, b), codegen


@intrinsic
def added(typingctx, lanes):
    """The sum of a row, halves first: float32."""

    def codegen(context, builder, signature, args):
        vector, count = args[0], lanes.count
        while count > 1:
            count //= 2
            undefined = ir.Constant(vector.type, ir.Undefined)
            halves = []
            for first in (0, count):
                places = [ir.Constant(ir.IntType(32), place) for place in range(first, first + count)]
                mask = ir.Constant(ir.VectorType(ir.IntType(32), count), places)
                halves.append(builder.shuffle_vector(vector, undefined, mask))
            vector = builder.fadd(*halves)
        return builder.extract_element(vector, ir.Constant(ir.IntType(32), 0))

    return types.float32(lanes), codegen


@intrinsic
def larger(typingctx, a, b):
    """The larger of each two elements, the first where they are equal, and bits for those that are of `b`."""

    def codegen(context, builder, signature, args):
        chosen = builder.fcmp_ordered(">", args[1], args[0])
        row = builder.select(chosen, args[1], args[0])
        bits = builder.zext(builder.bitcast(chosen, ir.IntType(a.count)), ir.IntType(64))
        return context.make_tuple(builder, signature.return_type, (row, bits))

    return types.Tuple((a, types.uint64))(a, a), codegen


@intrinsic
def plus_nothing(typingctx, lanes, a, b, c, d):
    """`lanes`, but NaN where one of the four others is not finite."""

    def codegen(context, builder, signature, args):
        total = builder.fadd(builder.fadd(args[1], args[2]), builder.fadd(args[3], args[4]))
        return builder.fadd(args[0], builder.fsub(total, total))

    return lanes(lanes, a, b, c, d), codegen


@intrinsic
def positive(typingctx, lanes):
    """Which elements are above zero or NaN: a bit for each."""

    def codegen(context, builder, signature, args):
        nothing = ir.Constant(lanes.vector, [ir.Constant(ELEMENT, 0.0)] * lanes.count)
        above = builder.fcmp_unordered(">", args[0], nothing)
        return builder.zext(builder.bitcast(above, ir.IntType(lanes.count)), ir.IntType(64))

    return types.uint64(lanes), codegen


@intrinsic
def occupied(typingctx, array, index):
    """Which of the 64 bytes of a contiguous uint8 array from the flat `index` on are not 0: a bit for each."""

    def codegen(context, builder, signature, args):
        vector = ir.VectorType(ir.IntType(8), 64)
        loaded = builder.load(_pointer(context, builder, signature.args[0], args[0], args[1], vector))
        loaded.align = 1
        nothing = ir.Constant(vector, [ir.Constant(ir.IntType(8), 0)] * 64)
        return builder.bitcast(builder.icmp_unsigned("!=", loaded, nothing), ir.IntType(64))

    return types.uint64(array, types.uint64), codegen


@intrinsic
def lowest(typingctx, bits):
    """The place of the lowest bit that is set; one must be."""

    def codegen(context, builder, signature, args):
        return builder.cttz(args[0], ir.Constant(ir.IntType(1), 1))

    return types.uint64(types.uint64), codegen


@intrinsic
def prefetch(typingctx, array, index):
    """Ask for the cache line that holds an element which will be read soon."""

    def codegen(context, builder, signature, args):
        byte, number = ir.PointerType(ir.IntType(8)), ir.IntType(32)
        pointer = _pointer(context, builder, signature.args[0], args[0], args[1], ir.IntType(8))
        kind = ir.FunctionType(ir.VoidType(), [byte, number, number, number])
        function = cgutils.get_or_insert_function(builder.module, kind, "llvm.prefetch.p0")
        builder.call(function, [pointer, number(0), number(3), number(1)])  # to read, into every cache, data
        return context.get_dummy_value()

    return types.void(array, types.uint64), codegen


def _pointer(context, builder, array_type, array, index, pointed):
    data = context.make_array(array_type)(context, builder, array).data
    return builder.bitcast(builder.gep(data, [index]), ir.PointerType(pointed))

"""Rows of a tile: numbers of many runs side by side, so that loops over runs fill the processor's vector registers.

A tile is one flat array. Row r holds one number of each of its `TILE` runs, the iterate's first coordinate, say; run i
has its own in ``s[r * TILE + i]``. All rows lie at constant distances in one array, so that the compiler can see that
what is written never is what is about to be read: with an array for each row it would have to check and gives up.
"""

from typing import Any

from llvmlite import ir
from numba import types
from numba.extending import intrinsic

from optviz.kernels.cache import COMPILES

TILE = 256  # runs


def take(count: int, stride: int = TILE) -> Any:
    """``take(s, at)``: element `at` and those a `stride` and more behind it, `count` in all, as a tuple; in kernels."""
    if not COMPILES:
        return lambda s, at: tuple(s[at + j * stride] for j in range(count))

    @intrinsic
    def taken(typingctx, s, at):
        result = types.UniTuple(s.dtype, count)

        def codegen(context, builder, signature, args):
            places = _places(context, builder, signature, args, count, stride)
            return context.make_tuple(builder, signature.return_type, [builder.load(place) for place in places])

        return result(s, types.int64), codegen

    return taken


def put(count: int) -> Any:
    """``put(s, at, values)``: write a tuple of `count` numbers to element `at` and those below it."""
    if not COMPILES:

        def write(s, at, values):
            for j in range(count):
                s[at + j * TILE] = values[j]

        return write

    @intrinsic
    def written(typingctx, s, at, values):
        def codegen(context, builder, signature, args):
            for j, place in enumerate(_places(context, builder, signature, args, count)):
                builder.store(builder.extract_value(args[2], j), place)
            return context.get_dummy_value()

        return types.void(s, types.int64, values), codegen

    return written


def stay(count: int, floor: float | None = None) -> Any:
    """``stay(s, at, value, thresholds)``: count how long a value has stayed at or below each of `count` thresholds.

    Element `at` and those below it grow by one, or fall to 0 where the value is above its threshold or NaN. With a
    `floor` they count since the first value between it and the threshold, and never fall.
    """
    if not COMPILES:

        def add(s, at, value, thresholds):
            for j in range(count):
                counted = s[at + j * TILE]
                below = value <= thresholds[j]
                grows = below if floor is None else counted > 0 or (below and value >= floor)
                s[at + j * TILE] = counted + 1 if grows else 0

        return add

    @intrinsic
    def added(typingctx, s, at, value, thresholds):
        def codegen(context, builder, signature, args):
            number = args[2].type
            for j, place in enumerate(_places(context, builder, signature, args, count)):
                counted, zero = builder.load(place), ir.Constant(number, 0.0)
                grows = builder.fcmp_ordered("<=", args[2], builder.extract_value(args[3], j))
                if floor is not None:
                    grows = builder.and_(grows, builder.fcmp_ordered(">=", args[2], ir.Constant(number, floor)))
                    grows = builder.or_(grows, builder.fcmp_ordered(">", counted, zero))
                longer = builder.fadd(counted, ir.Constant(number, 1.0))
                builder.store(builder.select(grows, longer, zero), place)
            return context.get_dummy_value()

        return types.void(s, types.int64, value, thresholds), codegen

    return added


def _places(context, builder, signature, args, count, stride=TILE):
    """Pointers to the elements of a column."""
    data = context.make_array(signature.args[0])(context, builder, args[0]).data
    first = builder.gep(data, [args[1]])
    return [builder.gep(first, [ir.Constant(ir.IntType(64), j * stride)]) for j in range(count)]

"""One run's numbers among those of many: what a formula of any dimension reads and writes inside a tile.

In a tile the runs stand side by side, so the coordinates of one of them lie a constant distance apart. A `Column` is a
view of them that a formula takes for a sequence: it has a length, and its elements are read and written by their index.
Where its elements lie is part of its type, so that LLVM sees constants, writes short loops over coordinates out (up to
sixteen or so) and fills its vectors from a loop over runs around them. The formula must be inlined for that
(``forceinline``), since LLVM leaves a call to what it has written out at length, and a loop with a call stays scalar.
"""

import functools
import math
import operator
from typing import Any

import numba
import numpy as np
from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic, lower_builtin, models, register_model, type_callable

from optviz.kernels.cache import COMPILES

INDEX = ir.IntType(64)


class Column(types.Type):
    """The Numba type of `dimension` numbers of `dtype`, `stride` elements apart."""

    def __init__(self, dtype: types.Type, stride: int, dimension: int):
        self.dtype, self.stride, self.dimension = dtype, stride, dimension
        super().__init__(name=f"Column({dtype}, {stride}, {dimension})")


@register_model(Column)
class _ColumnModel(models.PrimitiveModel):
    def __init__(self, manager: Any, column: Column):
        super().__init__(manager, column, manager.lookup(column.dtype).get_data_type().as_pointer())


class PlainColumn:
    """A column in plain Python, for kernels that are not compiled."""

    def __init__(self, s: Any, first: int, stride: int, dimension: int):
        self._s, self._first, self._stride, self._dimension = s, first, stride, dimension

    def __len__(self) -> int:
        return self._dimension

    def __getitem__(self, k: int) -> Any:
        return self._s[self._place(k)]

    def __setitem__(self, k: int, value: Any) -> None:
        self._s[self._place(k)] = value

    def _place(self, k: int) -> int:
        if not 0 <= k < self._dimension:
            raise IndexError(k)
        return self._first + k * self._stride


@functools.cache
def column_maker(first: int, stride: int, dimension: int) -> Any:
    """``column(s, i)``: the numbers ``s[(first + k) * stride + i]`` of a flat array, as a sequence over `dimension` k.

    The column is a view: what is written to it is written to `s`. An index below 0 or beyond the last number is the
    caller's error; compiled code does not look.
    """
    if not COMPILES:
        return lambda s, i: PlainColumn(s, first * stride + i, stride, dimension)

    @intrinsic
    def column(typingctx, s, i):
        def codegen(context, builder, signature, args):
            data = context.make_array(signature.args[0])(context, builder, args[0]).data
            # Two steps, a constant one last, show LLVM how far apart two rows are.
            return builder.gep(builder.gep(data, [args[1]]), [INDEX(first * stride)])

        return Column(s.dtype, stride, dimension)(s, types.int64), codegen

    return column


@functools.cache
def scratch_maker(dtype: type, dimension: int) -> Any:
    """``scratch()``: `dimension` numbers on the stack, undefined, as a sequence.

    They are given once for each function that asks, however often it runs through a loop.
    """
    if not COMPILES:
        return lambda: PlainColumn([math.nan] * dimension, 0, 1, dimension)
    kind = Column(numba.from_dtype(np.dtype(dtype)), 1, dimension)

    @intrinsic
    def scratch(typingctx):
        def codegen(context, builder, signature, args):
            return cgutils.alloca_once(builder, context.get_value_type(kind.dtype), size=INDEX(dimension))

        return kind(), codegen

    return scratch


@type_callable(len)
def _type_of_length(context):
    def typer(column):
        if isinstance(column, Column):
            return types.int64

    return typer


@lower_builtin(len, Column)
def _length(context, builder, signature, args):
    return INDEX(signature.args[0].dimension)


@type_callable(operator.getitem)
def _type_of_element(context):
    def typer(column, k):
        if isinstance(column, Column) and isinstance(k, types.Integer):
            return column.dtype

    return typer


@lower_builtin(operator.getitem, Column, types.Integer)
def _read(context, builder, signature, args):
    return builder.load(_place(context, builder, signature, args))


@type_callable(operator.setitem)
def _type_of_writing(context):
    def typer(column, k, value):
        if isinstance(column, Column) and isinstance(k, types.Integer) and isinstance(value, types.Number):
            return types.none

    return typer


@lower_builtin(operator.setitem, Column, types.Integer, types.Number)
def _write(context, builder, signature, args):
    column, _, kind = signature.args
    builder.store(context.cast(builder, args[2], kind, column.dtype), _place(context, builder, signature, args))


def _place(context, builder, signature, args):
    """A pointer to an element."""
    column, kind = signature.args[:2]
    k = context.cast(builder, args[1], kind, types.int64)
    return builder.gep(args[0], [builder.mul(k, INDEX(column.stride))])

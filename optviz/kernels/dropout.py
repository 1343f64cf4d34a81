"""Dropout: which outputs of a layer a step leaves out, told by a hash of seed, step, layer, image and unit.

Nothing is drawn and nothing is remembered: the answer for a unit is a number made of its place, so that it does not
depend on threads or on the order of computing, and the backward pass asks again instead of keeping a mask.
"""

import numba
import numpy as np
from llvmlite import ir
from numba import types
from numba.extending import intrinsic

from optviz.kernels.cache import INLINED, OPTIONS

LANES = 32  # units asked about at a time
ALL = 1 << 32  # as many as there are words of 32 bits


@numba.njit(**INLINED)
def keys(key, step, layer):
    """Two words of 32 bits for a layer in a step, from the 64 bits of `key`: SplitMix64 (Steele et al. 2014)."""
    z = np.uint64(key) + (np.uint64(step) * np.uint64(64) + np.uint64(layer + 1)) * np.uint64(0x9E3779B97F4A7C15)
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    z ^= z >> np.uint64(31)
    return np.uint32(z & np.uint64(0xFFFFFFFF)), np.uint32(z >> np.uint64(32))


@intrinsic(prefer_literal=True)
def kept(typingctx, first, second, unit, limit, count):
    """Which of `count` units from `unit` on stay: a bit for each; the count is a literal of at most 64.

    Each unit has a word of 32 bits, made by two rounds of multiplying and mixing with a key before each; it stays if
    that is not below `limit`.
    """
    lanes = count.literal_value

    def codegen(context, builder, signature, args):
        word = ir.IntType(32)
        vector = ir.VectorType(word, lanes)

        def everywhere(value):
            one = builder.insert_element(ir.Constant(vector, ir.Undefined), value, ir.Constant(word, 0))
            return builder.shuffle_vector(one, one, ir.Constant(ir.VectorType(word, lanes), None))

        def constant(value):
            return ir.Constant(vector, [ir.Constant(word, value)] * lanes)

        def mixed(value, shift):
            return builder.xor(value, builder.lshr(value, constant(shift)))

        begin = context.cast(builder, args[2], signature.args[2], types.uint32)
        places = ir.Constant(vector, [ir.Constant(word, place) for place in range(lanes)])
        x = builder.xor(everywhere(args[0]), builder.add(everywhere(begin), places))
        x = builder.mul(mixed(x, 16), constant(0x7FEB352D))
        x = builder.add(mixed(x, 15), everywhere(args[1]))
        x = mixed(builder.mul(x, constant(0x846CA68B)), 16)
        bits = builder.bitcast(builder.icmp_unsigned(">=", x, everywhere(args[3])), ir.IntType(lanes))
        return bits if lanes == 64 else builder.zext(bits, ir.IntType(64))

    return types.uint64(types.uint32, types.uint32, unit, types.uint32, count), codegen


@numba.njit(**INLINED)
def threshold(rate):
    """Units with a word below it are left out."""
    return np.uint32(np.uint64(np.float64(rate) * ALL))


@numba.njit(**OPTIONS)
def drop(outputs, count, width, rate, first, second):
    """Leave out a share `rate` of ``outputs[:count, :width]`` and divide the others by ``1 - rate``, in place.

    Of the deltas it does the same, since what is left out has no gradient.
    """
    limit, scale = threshold(rate), np.float32(1) / (np.float32(1) - np.float32(rate))
    for i in range(count):
        row = outputs[i]
        for block in range(0, width, LANES):
            bits = kept(first, second, i * width + block, limit, LANES)
            for j in range(block, min(block + LANES, width)):
                row[j] = row[j] * scale if bits >> np.uint64(j - block) & np.uint64(1) else np.float32(0)

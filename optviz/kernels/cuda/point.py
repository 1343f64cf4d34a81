"""A test function at the point of a run on a CUDA device: parts with which kernels of runs are linked."""

from typing import Any

import numpy as np

from optviz.functions import Function
from optviz.kernels.cuda.backend import compiled, device_function
from optviz.kernels.cuda.linking import Part
from optviz.kernels.specialise import fingerprint
from optviz.kernels.tile_parts import function_label

# Bound by `device_function`.
VALUE: Any = None  # the formula of the value
GRADIENT: Any = None  # that of the gradient
HESSIAN: Any = None  # that of the second derivatives, or of their product with a vector
LIMIT: Any = None  # how far from the origin in a coordinate runs have diverged
DIMENSION: Any = None  # number of coordinates


def near(x):
    result = True
    for c in range(DIMENSION):
        result &= abs(x[c]) <= LIMIT
    return result


def pair_value(x, scratch):
    return VALUE(x[0], x[1])


def pair_gradient(x, g, scratch):
    g[0], g[1] = GRADIENT(x[0], x[1])


def value(x, scratch):
    return VALUE(x)


def gradient(x, g, scratch):
    GRADIENT(x, g)


def value_with_scratch(x, scratch):
    return VALUE(x, scratch)


def gradient_with_scratch(x, g, scratch):
    GRADIENT(x, g, scratch)


def pair_product(x, along, product, room):
    xx, xy, yy = HESSIAN(x[0], x[1])
    product[0], product[1] = xx * along[0] + xy * along[1], xy * along[0] + yy * along[1]


def product(x, along, product, room):
    HESSIAN(x, along, room, product)


def parts(function: Function, dtype: type) -> dict[str, Part]:
    """``VALUE(x, scratch)``, ``GRADIENT(x, g, scratch)`` and ``NEAR(x)``: whether a point is finite and not too far.

    Point and gradient are arrays; `scratch` is one of as many numbers as the function needs, and of one at least.
    """
    label = function_label(function, dtype)
    if function.dimension is None:
        templates = pair_value, pair_gradient
    else:
        templates = (value_with_scratch, gradient_with_scratch) if function.scratch else (value, gradient)
    one, other = (compiled(formula, dtype) for formula in (function.value, function.gradient))
    is_near = device_function(near, DIMENSION=len(function.bounds), LIMIT=dtype(function.far))
    return {
        "VALUE": Part(device_function(templates[0], VALUE=one), dtype, f"{label} {fingerprint(function.value)}"),
        "GRADIENT": Part(
            device_function(templates[1], GRADIENT=other), None, f"{label} {fingerprint(function.gradient)}"
        ),
        "NEAR": Part(is_near, bool, f"near {len(function.bounds)} {function.far!r} {dtype.__name__}"),
    }


def product_part(function: Function, dtype: type) -> Part:
    """``PRODUCT(x, along, product, room)`` writes the Hessian at a point times a vector; the room is as long."""
    template = pair_product if function.dimension is None else product
    second = device_function(template, HESSIAN=compiled(function.hessian, dtype))
    return Part(second, None, f"{function_label(function, dtype)} {fingerprint(function.hessian)}")


def frame_names(function: Function, dtype: type) -> dict[str, Any]:
    """What frames must know of a function: sizes, and numbers of the dtype."""
    return {
        "DIMENSION": len(function.bounds),
        "SCRATCH": max(function.scratch, 1),
        "NUMBER": dtype,
        "NAN": dtype(np.nan),
    }

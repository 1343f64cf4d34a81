"""The step of one coordinate among many: where every kernel that updates arrays, on any device, meets a formula."""

from typing import Any

RULE: Any = None  # bound where kernels are made
TAKE: Any = None
PUT: Any = None


def element(x, g, slots, i, j, scalars, hyper):
    """Move element `i` of `x` and of the state slots against element `j` of the gradient."""
    new = RULE(x[i], g[j], *TAKE(slots, i), *scalars, *hyper)
    x[i] = new[0]
    PUT(slots, i, new[1:])

"""The quadratic model inside a ball that grows where the model is right and shrinks where it is wrong."""

from math import inf, sqrt

from optviz.formulas.solver import AT_REST, GO_ON, NO_DESCENT, SINGULAR
from optviz.optimizers._linear import eigen
from optviz.optimizers._solver import solver
from optviz.optimizers._vectors import copy, dot

LENGTH = (0, inf, False, False)


@solver(
    title="Trust region",
    year=1983,
    reference="Moré & Sorensen 1983, SIAM Journal on Scientific and Statistical Computing 4:553; Nocedal & Wright "
    "2006, Algorithm 4.1, Theorem 4.1",
    url="https://doi.org/10.1137/0904038",
    equation="x ← x + p,  p the minimizer of ⟨g, p⟩ + ½ ⟨p, H p⟩ with ‖p‖ ≤ Δ;  Δ by what f did",
    family="curvature",
    curvature=True,
    memory={"h": "n * n", "q": "n * n", "along": "n", "p": "n", "y": "n", "gy": "n", "ball": "1"},
    defaults={"paper": {"radius": 1.0, "widest": 1000.0, "accept": 0.15}},
    ranges={"radius": LENGTH, "widest": LENGTH, "accept": (0, 0.25, True, False)},
)
def trust_region(x, f, g, evaluate, h, q, along, p, y, gy, ball, radius, widest, accept):
    """Minimize the quadratic model exactly, as far as it is trusted, also where its curvature is negative.

    The ball shrinks to a quarter where f falls by less than a quarter of what the model promises, and doubles where it
    falls by more than three quarters and the ball was in the way. A step is taken where f falls by `accept` of the
    promise; one that is not is an iteration too. It leaves saddles along the most negative curvature.
    """
    n = len(x)
    if ball[0] == 0:
        ball[0] = radius
    evaluate.hessian(x, h)
    if not eigen(h, q, n):
        return SINGULAR
    for k in range(n):
        along[k] = 0.0
        for i in range(n):
            along[k] += q[i * n + k] * g[i]
    length = inside(h, along, p, n, ball[0])
    promise = 0.0
    for k in range(n):
        promise -= along[k] * p[k] + h[k * n + k] * p[k] ** 2 / 2
    moves = False
    for i in range(n):
        y[i] = x[i]
        for k in range(n):
            y[i] += q[i * n + k] * p[k]
        moves |= y[i] != x[i]
    if not promise > 0:
        return AT_REST
    if not moves:
        return AT_REST if length < 0.999 * ball[0] else NO_DESCENT
    value = evaluate(y, gy)
    kept = (f[0] - value) / promise
    if not kept >= 0.25:
        ball[0] = 0.25 * length
    elif kept > 0.75 and length >= 0.999 * ball[0]:
        ball[0] = min(2 * ball[0], widest)
    if kept > accept:
        copy(y, x)
        copy(gy, g)
        f[0] = value
    elif promise <= 1e-15 * abs(f[0]):
        return AT_REST
    return GO_ON


def inside(h, along, p, n, radius):
    """Write the minimizer of the model in a ball to p, all in the coordinates of the eigenvectors; its length.

    It is -(H + λ)⁻¹ g with the λ at which it is as long as the radius; or with λ = 0 where that is shorter and the
    curvature positive. Where the gradient has no part along the lowest curvature the length is made up along it.
    """
    least, lowest = h[0], 0
    for k in range(n):
        if h[k * n + k] < least:
            least, lowest = h[k * n + k], k
    if least > 0 and shifted(h, along, p, n, 0.0) <= radius:
        return shifted(h, along, p, n, 0.0)
    size = sqrt(dot(along, along))
    low, high = max(0.0, -least), max(0.0, -least) + size / radius
    for _ in range(200):
        middle = (low + high) / 2
        if middle <= low or middle >= high:
            break
        if shifted(h, along, p, n, middle) > radius:
            low = middle
        else:
            high = middle
    length = shifted(h, along, p, n, high)
    if length < 0.999 * radius:  # the hard case
        sign = -1.0 if along[lowest] > 0 else 1.0
        rest = length**2 - p[lowest] ** 2
        p[lowest] = sign * sqrt(max(radius**2 - rest, 0.0))
        length = radius
    return length


def shifted(h, along, p, n, shift):
    """Write -(H + shift)⁻¹ g to p; its length."""
    for k in range(n):
        below = h[k * n + k] + shift
        p[k] = -along[k] / below if below > 0 else (0.0 if along[k] == 0 else -along[k] * 1e300)
    return sqrt(dot(p, p))

"""A rule with twelve state slots, twelve step scalars and seven hyperparameters: more than any of ours."""

import contextlib

from optviz.optimizers import REGISTRY, Formula, optimizer

SLOTS, SCALARS, HYPERPARAMETERS = 12, 12, 7


def decays(t, lr):
    return {f"k{i}": lr / (t + i) for i in range(SCALARS)}


def wide(
    x, g, a, b, c, d, e, p, h, i, j, k, m, n, k0, k1, k2, k3, k4, k5, k6, k7, k8, k9, k10, k11, lr=0.01, h1=0.5,
    h2=0.25, h3=0.125, h4=0.75, h5=0.375, h6=0.625,
):  # fmt: skip
    """Pass the gradient on from slot to slot, and weigh each with a number of its own."""
    a, b, c, d, e, p = a * h1 + g, b * h2 + a, c * h3 + b, d * h4 + c, e * h5 + d, p * h6 + e
    h, i, j, k, m, n = h * (1 - h1) + p, (i + h) * h2, (j + i) * h3, (k + j) * h4, (m + k) * h5, (n + m) * h6
    first = k0 * a + k1 * b + k2 * c + k3 * d + k4 * e + k5 * p
    second = k6 * h + k7 * i + k8 * j + k9 * k + k10 * m + k11 * n
    return x - (first + second) * 0.125 - lr * g, a, b, c, d, e, p, h, i, j, k, m, n


NAMES = wide.__code__.co_varnames[2:33]
FORMULA = Formula(wide, decays, NAMES[:SLOTS], NAMES[SLOTS : SLOTS + SCALARS], NAMES[SLOTS + SCALARS :], ("lr",))


@contextlib.contextmanager
def registered(monkeypatch):
    """The rule, registered for the length of a block."""
    REGISTRY.names()
    monkeypatch.setattr(REGISTRY, "_units", dict(REGISTRY._units))
    rule = optimizer(wide, title="Wide", reference="Nobody 2026", equation="x", scalars=decays)
    assert rule.variants["paper"] == (FORMULA,)
    yield rule


def path(function, start, steps, **hyperparameters):
    """The iterates in plain Python."""
    given = dict(lr=0.01, h1=0.5, h2=0.25, h3=0.125, h4=0.75, h5=0.375, h6=0.625) | hyperparameters
    x, states = list(start), [[0.0] * SLOTS for _ in start]
    points = [tuple(x)]
    for t in range(1, steps + 1):
        slope, scalars = function.gradient(*x), decays(t, given["lr"]).values()
        for axis in range(len(x)):
            x[axis], *states[axis] = wide(x[axis], slope[axis], *states[axis], *scalars, *given.values())
        points.append(tuple(x))
    return points

"""Gradient descent that finds its own step lengths: by a search, or from the two last points."""

from optviz.formulas.solver import AT_REST, GO_ON
from optviz.optimizers._search import descended
from optviz.optimizers._solver import solver, variant
from optviz.optimizers._vectors import copy, dot


@solver(
    title="Gradient descent, backtracking",
    year=1966,
    reference="Armijo 1966, Pacific Journal of Mathematics 16:1; Nocedal & Wright 2006, Algorithm 3.1",
    url="https://doi.org/10.2140/pjm.1966.16.1",
    equation="x ← x − α g,  α = first · shrinkʲ, the first with f(x − α g) ≤ f(x) − c₁ α ‖g‖²",
    memory={"p": "n", "y": "n", "gy": "n"},
    defaults={"paper": {"first": 1.0, "shrink": 0.5, "c1": 1e-4, "most": 60}},
    ranges={"first": (0, float("inf"), False, False), "shrink": (0, 1, False, False), "c1": (0, 1, False, False)},
    whole=("most",),
)
def gd_backtracking(x, f, g, evaluate, p, y, gy, first, shrink, c1, most):
    """Go downhill as far as the slope allows: halve the step until the value falls by a share of what it promises.

    Every step begins anew with the same first length. It never climbs. Where no length helps, the run has stopped:
    "no descent".
    """
    slope = -dot(g, g)
    if slope == 0:
        return AT_REST
    for i in range(len(x)):
        p[i] = -g[i]
    return descended(x, f, g, slope, p, y, gy, evaluate, first, c1, shrink, most)


@solver(
    title="Barzilai-Borwein",
    year=1988,
    reference="Barzilai & Borwein 1988, IMA Journal of Numerical Analysis 8:141, equations 5 and 6",
    url="https://doi.org/10.1093/imanum/8.1.141",
    equation="x ← x − α g,  α = ⟨s, s⟩ / ⟨s, y⟩  (bb2: ⟨s, y⟩ / ⟨y, y⟩)",
    memory={"before": "n", "old": "n", "begun": "1"},
    variants=("bb1",),
    defaults={"paper": {"first": 1e-3}},
    ranges={"first": (0, float("inf"), False, False)},
)
def barzilai_borwein(x, f, g, evaluate, before, old, begun, first):
    """Take as step length what the two last points say of the curvature: one gradient a step, and no search.

    s is the last step and y the change of the gradient along it. Variant bb1 fits the length to s, bb2 to y, which is
    never longer. The first step, and each after a change without positive curvature, has the length `first`. The value
    may rise for a while: the method is not a descent.
    """
    rate = first
    if begun[0] > 0:
        ss, sy, _ = differences(x, g, before, old)
        rate = ss / sy if sy > 0 else first
    return stepped(x, f, g, evaluate, before, old, begun, rate)


@variant(barzilai_borwein, "bb2", memory={"before": "n", "old": "n", "begun": "1"})
def barzilai_borwein_short(x, f, g, evaluate, before, old, begun, first):
    rate = first
    if begun[0] > 0:
        _, sy, yy = differences(x, g, before, old)
        rate = sy / yy if sy > 0 else first
    return stepped(x, f, g, evaluate, before, old, begun, rate)


def differences(x, g, before, old):
    """The products of the last step with itself, with the change of the gradient, and of this with itself."""
    ss, sy, yy = 0.0, 0.0, 0.0
    for i in range(len(x)):
        s, y = x[i] - before[i], g[i] - old[i]
        ss += s * s
        sy += s * y
        yy += y * y
    return ss, sy, yy


def stepped(x, f, g, evaluate, before, old, begun, rate):
    """Move against the gradient, and remember where the step began."""
    if dot(g, g) == 0:
        return AT_REST
    copy(x, before)
    copy(g, old)
    begun[0] = 1.0
    for i in range(len(x)):
        x[i] -= rate * g[i]
    f[0] = evaluate(x, g)
    return GO_ON

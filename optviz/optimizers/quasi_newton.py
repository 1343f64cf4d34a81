"""Quasi-Newton methods: curvature learned from the changes of the gradient along the way."""

from optviz.formulas.solver import AT_REST, GO_ON, NO_DESCENT
from optviz.optimizers._search import halted, searched
from optviz.optimizers._solver import solver, variant
from optviz.optimizers._vectors import copy, dot, dot_at, total_size

SHARE = (0, 1, False, False)


@solver(
    title="L-BFGS",
    year=1989,
    reference="Liu & Nocedal 1989, Mathematical Programming 45:503; Nocedal & Wright 2006, Algorithms 7.4 and 7.5",
    url="https://doi.org/10.1007/BF01589116",
    equation="x ← x − α H g,  H from the last pairs s, y;  α by the strong Wolfe conditions",
    memory={"s": "history * n", "y": "history * n", "a": "history", "p": "n", "new": "n", "slope": "n", "count": "1"},
    oracles={"fixed": "torch.optim.LBFGS(max_iter=1)"},
    defaults={
        "paper": {"rate": 1.0, "history": 10, "c1": 1e-4, "c2": 0.9, "most": 20},
        "fixed": {"rate": 1.0, "history": 100, "c1": 0.0, "c2": 0.0, "most": 0},
    },
    ranges={
        "rate": (0, float("inf"), False, False), "history": (1, 1000, True, True),
        "c1": (0, 1, True, False), "c2": (0, 1, True, False), "most": (0, 1000, True, True),
    },
    whole=("history", "most"),
    aliases={"lr": "rate", "history_size": "history", "memory_size": "history", "max_ls": "most"},
    names=("limited_memory_bfgs",),
)  # fmt: skip
def lbfgs(x, f, g, evaluate, s, y, a, p, new, slope, count, rate, history, c1, c2, most):
    """Descend along H g, where the two-loop recursion makes H of the last steps s and changes y of the gradient.

    A search tries `rate` times that step first, and asks for at most `most` evaluations; the first step of all has
    a length of 1 at most. When a search finds nothing the pairs are forgotten once, and the steepest descent is tried.

    Variant fixed takes `rate` times the step without a search, as torch.optim.LBFGS does unless told otherwise: one
    evaluation a step, and nothing that keeps it from climbing. Torch drops a pair of which ⟨s, y⟩ is below 1e-10, and
    so does it.
    """
    n, known = len(x), int(count[0])
    if dot(g, g) == 0:
        return AT_REST
    two_loops(g, s, y, a, p, n, known, int(history))
    down = dot(g, p)
    if not down < 0:
        return NO_DESCENT
    first = rate if known > 0 else rate * min(1.0, 1.0 / dot(g, g) ** 0.5)
    taken, value = searched(x, f[0], down, p, new, slope, evaluate, first, c1, c2, most)
    if not taken > 0:
        if known == 0:
            return halted(x, f[0], down, p)
        count[0] = 0.0
        return GO_ON
    at = known % int(history) * n
    for i in range(n):
        s[at + i], y[at + i] = new[i] - x[i], slope[i] - g[i]
    if dot_at(s, y, at, n) > 1e-10 * dot_at(y, y, at, n):
        count[0] = known + 1.0
    copy(new, x)
    copy(slope, g)
    f[0] = value
    return GO_ON


@variant(
    lbfgs, "fixed", memory={"s": "history * n", "y": "history * n", "a": "history", "p": "n", "old": "n", "count": "2"}
)
def lbfgs_fixed(x, f, g, evaluate, s, y, a, p, old, count, rate, history):
    n, known, done = len(x), int(count[0]), count[1]
    if dot(g, g) == 0:
        return AT_REST
    if done > 0:
        at = known % int(history) * n
        for i in range(n):
            s[at + i], y[at + i] = p[i], g[i] - old[i]
        if dot_at(s, y, at, n) > 1e-10:
            known += 1
            count[0] = known
    two_loops(g, s, y, a, p, n, known, int(history))
    taken = rate if done > 0 else rate * min(1.0, 1.0 / total_size(g))
    copy(g, old)
    for i in range(n):
        p[i] *= taken
        x[i] += p[i]
    count[1] = 1.0
    f[0] = evaluate(x, g)
    return GO_ON


def two_loops(g, s, y, a, p, n, known, history):
    """Write minus the inverse Hessian that the last pairs tell, times g, to p.

    Pair number k lies in row k % history of s and y; a is room for a number for each.
    """
    for i in range(n):
        p[i] = -g[i]
    first = max(known - history, 0)
    for back in range(known - first):
        row = (known - 1 - back) % history
        at = row * n
        a[row] = product(s, at, p, n) / dot_at(s, y, at, n)
        for i in range(n):
            p[i] -= a[row] * y[at + i]
    if known > 0:
        at = (known - 1) % history * n
        scale = dot_at(s, y, at, n) / dot_at(y, y, at, n)
        for i in range(n):
            p[i] *= scale
    for k in range(first, known):
        row = k % history
        at = row * n
        share = a[row] - product(y, at, p, n) / dot_at(s, y, at, n)
        for i in range(n):
            p[i] += share * s[at + i]


def product(rows, at, p, n):
    """The product of what begins at a place in a sequence with another sequence."""
    total = 0.0
    for i in range(n):
        total += rows[at + i] * p[i]
    return total


@solver(
    title="BFGS",
    year=1970,
    reference="Broyden; Fletcher; Goldfarb; Shanno 1970; Nocedal & Wright 2006, Algorithm 6.1",
    url="https://doi.org/10.1093/imamat/6.1.76",
    equation="x ← x − α H g,  H ← (I − ρ s yᵀ) H (I − ρ y sᵀ) + ρ s sᵀ,  ρ = 1 / ⟨y, s⟩",
    memory={"inverse": "n * n", "p": "n", "new": "n", "slope": "n", "s": "n", "y": "n", "z": "n", "begun": "1"},
    defaults={"paper": {"c1": 1e-4, "c2": 0.9, "most": 20}},
    ranges={"c1": SHARE, "c2": SHARE, "most": (1, 1000, True, True)},
    whole=("most",),
)
def bfgs(x, f, g, evaluate, inverse, p, new, slope, s, y, z, begun, c1, c2, most):
    """Keep an inverse Hessian, and mend it after each step so that it maps the change of the gradient to the step.

    It begins as the identity, scaled by what the first step tells: ⟨s, y⟩ / ⟨y, y⟩. A step that has no positive
    curvature changes nothing. When a search finds nothing the matrix is forgotten once.
    """
    n = len(x)
    if dot(g, g) == 0:
        return AT_REST
    for i in range(n):
        total = 0.0
        for j in range(n):
            total += inverse[i * n + j] * g[j]
        p[i] = -total if begun[0] > 0 else -g[i]
    down = dot(g, p)
    if not down < 0:
        return NO_DESCENT
    first = 1.0 if begun[0] > 0 else min(1.0, 1.0 / dot(g, g) ** 0.5)
    taken, value = searched(x, f[0], down, p, new, slope, evaluate, first, c1, c2, most)
    if not taken > 0:
        if begun[0] == 0:
            return halted(x, f[0], down, p)
        begun[0] = 0.0
        return GO_ON
    for i in range(n):
        s[i], y[i] = new[i] - x[i], slope[i] - g[i]
    sy, yy = dot(s, y), dot(y, y)
    if sy > 1e-10 * yy:
        if begun[0] == 0:
            begun[0] = 1.0
            for k in range(n * n):
                inverse[k] = 0.0
            for i in range(n):
                inverse[i * n + i] = sy / yy
        mend(inverse, s, y, z, sy, n)
    copy(new, x)
    copy(slope, g)
    f[0] = value
    return GO_ON


def mend(inverse, s, y, z, sy, n):
    """The update of an inverse Hessian, in place; z is room for its product with y."""
    for i in range(n):
        z[i] = 0.0
        for j in range(n):
            z[i] += inverse[i * n + j] * y[j]
    share = (1 + dot(y, z) / sy) / sy
    for i in range(n):
        for j in range(n):
            inverse[i * n + j] += share * s[i] * s[j] - (z[i] * s[j] + s[i] * z[j]) / sy

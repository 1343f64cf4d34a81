"""Newton's method, and what tames it: steps by the quadratic that fits value, slope and curvature."""

from optviz.formulas.solver import AT_REST, GO_ON, SINGULAR
from optviz.optimizers._linear import cholesky, eigen, substituted
from optviz.optimizers._search import descended, solved
from optviz.optimizers._solver import solver
from optviz.optimizers._vectors import copy, dot


@solver(
    title="Newton",
    year=1740,
    reference="Simpson 1740, Essays on Several Curious and Useful Subjects, p. 81; Nocedal & Wright 2006, section 3.3",
    equation="x ← x − H⁻¹ g",
    family="curvature",
    curvature=True,
    memory={"h": "n * n", "p": "n"},
    defaults={"paper": {"rate": 1.0}},
    ranges={"rate": (0, float("inf"), False, False)},
    names=("newton_raphson",),
    aliases={"lr": "rate"},
)
def newton(x, f, g, evaluate, h, p, rate):
    """Go to the stationary point of the quadratic that has the value, slope and curvature of the function here.

    One step solves a quadratic; near a minimizer with a regular Hessian the number of right digits doubles with each
    step. It goes to saddles and maxima as gladly as to minima, and may diverge: `damped_newton`, `trust_region` and
    `saddle_free` are what people made of it. Where the Hessian is singular the run stops.
    """
    if dot(g, g) == 0:
        return AT_REST
    evaluate.hessian(x, h)
    return solved(x, f, g, evaluate, h, p, rate)


@solver(
    title="Damped Newton",
    year=1967,
    reference="Goldstein & Price 1967, Numerische Mathematik 10:184; Nocedal & Wright 2006, Algorithms 3.2 and 3.3",
    url="https://doi.org/10.1007/BF02162162",
    equation="x ← x − α (H + τ I)⁻¹ g,  τ the first that makes it positive definite, α by halving",
    family="curvature",
    curvature=True,
    memory={"h": "n * n", "factor": "n * n", "p": "n", "y": "n", "gy": "n"},
    defaults={"paper": {"shift": 1e-3, "shrink": 0.5, "c1": 1e-4, "most": 60}},
    ranges={
        "shift": (0, float("inf"), False, False), "shrink": (0, 1, False, False), "c1": (0, 1, False, False),
        "most": (1, 1000, True, True),
    },
    whole=("most",),
)  # fmt: skip
def damped_newton(x, f, g, evaluate, h, factor, p, y, gy, shift, shrink, c1, most):
    """Newton's step, made a descent: the curvature is raised until it is positive, and the step halved until f falls.

    Where the Hessian is positive definite and the whole step falls enough, as near a minimizer, it is Newton's. It
    never climbs, so it leaves saddles, but slowly where the curvature had to be raised a lot. The first τ is `shift`
    more than what the lowest diagonal element lacks.
    """
    n = len(x)
    if dot(g, g) == 0:
        return AT_REST
    evaluate.hessian(x, h)
    least = h[0]
    for i in range(n):
        least = min(least, h[i * n + i])
    tau = 0.0 if least > 0 else shift - least
    definite = False
    for _ in range(200):
        copy(h, factor)
        if cholesky(factor, n, tau):
            definite = True
            break
        tau = max(2 * tau, shift)
    if not definite:
        return SINGULAR
    substituted(factor, g, p, n)
    for i in range(n):
        p[i] = -p[i]
    slope = dot(g, p)
    return descended(x, f, g, slope, p, y, gy, evaluate, 1.0, c1, shrink, most)


@solver(
    title="Saddle-free Newton",
    year=2014,
    reference="Dauphin, Pascanu, Gulcehre, Cho, Ganguli & Bengio 2014, arXiv:1406.2572, Algorithm 1 without a subspace",
    url="https://arxiv.org/abs/1406.2572",
    equation="x ← x − α |H|⁻¹ g,  |H| with the sizes of the eigenvalues, `least` at the least",
    family="curvature",
    curvature=True,
    memory={"h": "n * n", "q": "n * n", "p": "n"},
    defaults={"paper": {"rate": 1.0, "least": 1e-6}},
    ranges={"rate": (0, float("inf"), False, False), "least": (0, float("inf"), False, False)},
    aliases={"lr": "rate"},
)
def saddle_free(x, f, g, evaluate, h, q, p, rate, least):
    """Newton's step with the size of each eigenvalue in place of the eigenvalue: downhill where the curvature is
    negative, so that saddles repel.

    Near a minimizer it is Newton's method; nothing is searched, and a whole step may be far too long where the
    curvature is small.
    """
    n = len(x)
    if dot(g, g) == 0:
        return AT_REST
    evaluate.hessian(x, h)
    if not eigen(h, q, n):
        return SINGULAR
    for k in range(n):
        along = 0.0
        for i in range(n):
            along += q[i * n + k] * g[i]
        p[k] = along / max(abs(h[k * n + k]), least)
    for i in range(n):
        for k in range(n):
            x[i] -= rate * q[i * n + k] * p[k]
    f[0] = evaluate(x, g)
    return GO_ON

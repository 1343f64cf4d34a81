"""Newton's method: the step to the stationary point of the quadratic that fits value, slope and curvature."""

from optviz.formulas.solver import AT_REST, GO_ON, SINGULAR
from optviz.optimizers._linear import eliminated
from optviz.optimizers._solver import solver
from optviz.optimizers._vectors import dot


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
    n = len(x)
    if dot(g, g) == 0:
        return AT_REST
    evaluate.hessian(x, h)
    if not eliminated(h, g, p, n):
        return SINGULAR
    for i in range(n):
        x[i] -= rate * p[i]
    f[0] = evaluate(x, g)
    return GO_ON

"""Methods for sums of squares: the slopes of the residuals stand for the curvature of their squares."""

from math import inf

from optviz.formulas.solver import AT_REST, GO_ON
from optviz.optimizers._linear import cholesky, substituted
from optviz.optimizers._search import halted, solved
from optviz.optimizers._solver import solver
from optviz.optimizers._vectors import copy, dot

POSITIVE, SHARE = (0, inf, False, False), (0, 1, False, False)


@solver(
    title="Gauss-Newton",
    year=1809,
    reference="Gauss 1809, Theoria motus corporum coelestium, section 180; Nocedal & Wright 2006, section 10.3",
    equation="x ← x − α (JᵀJ)⁻¹ Jᵀ r,  f = ‖r‖²",
    family="curvature",
    residuals=True,
    memory={"h": "n * n", "p": "n"},
    defaults={"paper": {"rate": 1.0}},
    ranges={"rate": POSITIVE},
    aliases={"lr": "rate"},
)
def gauss_newton(x, f, g, evaluate, h, p, rate):
    """Newton's step without the curvature of the residuals: exact where these are linear or vanish at the minimizer.

    It runs on functions that are sums of squares. Where residuals are large and bent it may circle or diverge; where
    their slopes depend on each other the run stops.
    """
    if dot(g, g) == 0:
        return AT_REST
    evaluate.normal(x, h)
    return solved(x, f, g, evaluate, h, p, rate)


@solver(
    title="Levenberg-Marquardt",
    year=1963,
    reference="Levenberg 1944, Quarterly of Applied Mathematics 2:164; Marquardt 1963, Journal of the Society for "
    "Industrial and Applied Mathematics 11:431",
    url="https://doi.org/10.1137/0111030",
    equation="x ← x − (JᵀJ + λ diag JᵀJ)⁻¹ Jᵀ r;  λ ← down λ where f falls, else up λ and again",
    family="curvature",
    residuals=True,
    memory={"h": "n * n", "factor": "n * n", "p": "n", "y": "n", "gy": "n", "damping": "1"},
    defaults={"paper": {"first": 1e-3, "up": 10.0, "down": 0.1, "most": 30}},
    ranges={
        "first": POSITIVE,
        "up": (1, inf, False, False),
        "down": SHARE,
        "most": (1, 1000, True, True),
    },
    whole=("most",),
    names=("lm",),
)
def levenberg_marquardt(x, f, g, evaluate, h, factor, p, y, gy, damping, first, up, down, most):
    """Between Gauss-Newton and a short scaled gradient step: nearer to the former after each success.

    λ weighs the scaled step; it is raised until f falls, with an evaluation each time. It runs on functions that are
    sums of squares.
    """
    n = len(x)
    if dot(g, g) == 0:
        return AT_REST
    if damping[0] == 0:
        damping[0] = first
    evaluate.normal(x, h)
    slope = 0.0
    for _ in range(int(most)):
        copy(h, factor)
        for i in range(n):
            factor[i * n + i] += damping[0] * max(h[i * n + i], 1e-12)
        if cholesky(factor, n, 0.0):
            substituted(factor, g, p, n)
            for i in range(n):
                y[i] = x[i] - p[i]
            slope = min(slope, -dot(g, p))
            value = evaluate(y, gy)
            if value < f[0]:
                copy(y, x)
                copy(gy, g)
                f[0] = value
                damping[0] = max(down * damping[0], 1e-15)
                return GO_ON
        damping[0] *= up
    return halted(x, f[0], slope, p)

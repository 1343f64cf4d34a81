"""A step with the gradient of another point than the iterate: where the function is higher nearby."""

from math import sqrt
from typing import Any

from optviz.formulas.words import grand_total
from optviz.wrappers import wrapper

RULE: Any = None

POSITIVE = (0, float("inf"), True, False)
SMALL = 1e-12  # keeps the length of a gradient from being 0


def climb(x, g, rho):
    return x + rho * g / (sqrt(grand_total(g**2)) + SMALL)


@wrapper(
    title="SAM",
    year=2020,
    reference="Foret et al. 2020, arXiv:2010.01412, Algorithm 1 with p = 2",
    url="https://arxiv.org/abs/2010.01412",
    equation="g ← ∇f(x + ρ g / ‖g‖), the norm over all arrays together",
    defaults={"rho": 0.05},
    ranges={"rho": POSITIVE},
    probe=climb,
)
def sam(x, g, rho):
    """Take the gradient where the function is highest within `rho`, as far as the gradient here can tell.

    A sharp valley is as high there as its walls, so that steps lead to wide ones. A step makes two evaluations, on the
    same images in training. The rule inside is given the second gradient, and where it asks for the value, that there.
    """
    return RULE(x, g)


def climb_to_scale(x, g, rho, eta):
    size = abs(x) + eta
    return x + rho * size**2 * g / (sqrt(grand_total((size * g) ** 2)) + SMALL)


@wrapper(
    title="ASAM",
    year=2021,
    reference="Kwon et al. 2021, arXiv:2102.11600, Algorithm 1 with p = 2",
    url="https://arxiv.org/abs/2102.11600",
    equation="g ← ∇f(x + ρ T² g / ‖T g‖), T = |x| + η, the norm over all arrays together",
    defaults={"rho": 0.5, "eta": 0.01},
    ranges={"rho": POSITIVE, "eta": POSITIVE},
    probe=climb_to_scale,
)
def asam(x, g, rho, eta):
    """SAM with a neighbourhood that grows with each parameter, so that scaling a network's layers changes nothing.

    The authors' code takes 1 for T in biases; here they are arrays as all others. pytorch_optimizer has no `eta`.
    """
    return RULE(x, g)

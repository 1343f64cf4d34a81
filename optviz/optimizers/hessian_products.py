"""Rules on products of the Hessian with random signs, of which the diagonal is estimated.

With signs z the mean of z (H z), element by element, is the diagonal of H (Hutchinson's estimate). On test functions
products are exact; in networks they are differences of two gradients, see `optviz.runs.networks.looking`.
"""

from math import sqrt

from optviz.optimizers import optimizer
from optviz.optimizers.adam import unbias


@optimizer(
    title="AdaHessian",
    year=2020,
    reference="Yao et al. 2020, arXiv:2006.00719, Algorithm 1 with k = 1 and no averages over blocks",
    url="https://arxiv.org/abs/2006.00719",
    equation="d = z ⊙ H z,  x ← x − lr m̂ / (√v̂ + ε), v the average of d²",
    family="curvature",
    scalars=unbias,
    defaults={
        "paper": {"lr": 0.15, "beta1": 0.9, "beta2": 0.999, "eps": 1e-4},
        "pytorch_optimizer": {"lr": 0.1, "beta1": 0.9, "beta2": 0.999, "eps": 1e-8},
    },
    variants=("paper",),
    decay={"paper": "decoupled"},
)
def adahessian(x, g, m, v, z, hz, unbias_m, unbias_v, lr, beta1, beta2, eps):
    """Adam with an estimate of the Hessian's diagonal in place of the gradient in its denominator.

    A step makes a product with the Hessian besides the gradient. On test functions it is exact; in networks it is an
    approximation, (g(x + r z) − g(x)) / r on the same images with r = 0.001 (1 + ‖x‖) / ‖z‖, in which a ReLU that
    switches between the two points counts as curvature. The paper averages the estimate over the elements of a
    convolution's kernel, which is left out here.
    """
    m = beta1 * m + (1 - beta1) * g
    v = beta2 * v + (1 - beta2) * (z * hz) ** 2
    return x - lr * (m * unbias_m) / (sqrt(v * unbias_v) + eps), m, v


def every_few(t, every):
    return {"due": 1.0 * ((t - 1) % every == 0)}


def every_few_corrected(t, beta1, every):
    return {"due": 1.0 * ((t - 1) % every == 0), "unbias_m": 1 / (1 - beta1**t)}


SOPHIA = {"beta1": 0.965, "beta2": 0.99, "gamma": 0.01, "rho": 1.0}


@optimizer(
    title="Sophia-H",
    year=2023,
    reference="Liu et al. 2023, arXiv:2305.14342v2, Algorithm 3 with Hutchinson's estimate, Algorithm 1",
    url="https://arxiv.org/abs/2305.14342",
    equation="x ← x − lr clip(m / max(γ h, ε), ρ), h the average of z ⊙ H z, every k steps",
    family="curvature",
    scalars=every_few,
    whole=("every",),
    ranges={
        "every": (1, float("inf"), True, False),
        "rho": (0, float("inf"), False, False),
        "gamma": (0, float("inf"), True, False),
    },
    aliases={"update_interval": "every", "update_period": "every", "clip_threshold": "rho", "p": "rho"},
    decay={"paper": "decoupled"},
    names=("sophia",),
    defaults={
        "paper": {"lr": 4e-4, **SOPHIA, "eps": 1e-12, "every": 10},
        "optax": {"lr": 1e-3, **SOPHIA, "eps": 1e-8, "every": 10},
        "pytorch_optimizer": {
            "lr": 0.06, "beta1": 0.96, "beta2": 0.99, "gamma": 1.0, "rho": 0.01, "eps": 1e-12, "every": 10,
        },
    },
)  # fmt: skip
def sophia_h(x, g, m, h, z, hz, due, lr, beta1, beta2, gamma, rho, eps):
    """Divide the average gradient by an average of the Hessian's diagonal, and clip what is more than `rho`.

    The product with the Hessian is made every tenth step (`every`): a step costs 1.1 evaluations. In networks it is an
    approximation, (g(x + r z) − g(x)) / r on the same images with r = 0.001 (1 + ‖x‖) / ‖z‖. Where curvature is
    negative the step is rho lr. The first version of the paper divides by max(h, ε) and clips at 0.04, and
    pytorch_optimizer at 0.01: gamma=1, rho=0.04. optax corrects the average gradient for its beginning at 0, and
    divides by the average of curvatures as it was before the step.
    """
    m = beta1 * m + (1 - beta1) * g
    h = beta2 * h + (1 - beta2) * z * hz if due > 0 else h
    return x - lr * min(max(m / max(gamma * h, eps), -rho), rho), m, h


@sophia_h.formula("optax", scalars=every_few_corrected)
def sophia_h_optax(x, g, m, h, z, hz, due, unbias_m, lr, beta1, beta2, gamma, rho, eps):
    m = beta1 * m + (1 - beta1) * g
    move = lr * min(max(m * unbias_m / max(gamma * h, eps), -rho), rho)
    h = beta2 * h + (1 - beta2) * z * hz if due > 0 else h
    return x - move, m, h

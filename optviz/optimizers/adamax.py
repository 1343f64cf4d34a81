"""Adamax: Adam with the largest recent gradient in place of the root of the average square."""

from math import fabs

from optviz.optimizers import optimizer
from optviz.optimizers._formulas import greater


def unbiased_rate(t, lr, beta1):
    return {"rate": lr / (1 - beta1**t)}


@optimizer(
    title="Adamax",
    year=2014,
    reference="Kingma & Ba 2014, arXiv:1412.6980, Algorithm 2",
    url="https://arxiv.org/abs/1412.6980",
    equation="m ← β₁ m + (1 − β₁) g,  u ← max(β₂ u, |g|),  x ← x − lr / (1 − β₁ᵗ) m / u",
    family="adam",
    variants=("paper", "keras"),
    scalars=unbiased_rate,
    defaults={
        "torch": {"lr": 2e-3, "beta1": 0.9, "beta2": 0.999, "eps": 1e-8},
        "keras": {"lr": 1e-3, "beta1": 0.9, "beta2": 0.999, "eps": 1e-7},
        "paper": {"lr": 2e-3, "beta1": 0.9, "beta2": 0.999},
        "optax": {"beta1": 0.9, "beta2": 0.999, "eps": 1e-8},
    },
    oracles={"torch": "torch.optim.Adamax", "keras": "keras.optimizers.Adamax", "optax": "optax.adamax"},
    keys={"torch": {"m": "exp_avg", "u": "exp_inf"}},
)
def adamax(x, g, m, u, rate, beta1, beta2, eps):
    """Divide the average gradient by the largest gradient that has not yet decayed.

    The paper has no eps (eps=0 gives it to the letter; torch's 1e-8 fills in) and needs none as long as gradients are
    not exactly 0. Keras adds eps to the maximum u; torch and optax add it to each gradient's size before the maximum
    is taken, so that it decays with u. Keras's learning rate is half the paper's.

    No step is longer than lr but for the correction of the first ones: u is at least the newest gradient.
    """
    m = beta1 * m + (1 - beta1) * g
    u = greater(beta2 * u, fabs(g))
    return x - rate * m / (u + eps), m, u


@adamax.formula("torch", "optax", scalars=unbiased_rate)
def adamax_torch(x, g, m, u, rate, beta1, beta2, eps):
    m = beta1 * m + (1 - beta1) * g
    u = greater(beta2 * u, fabs(g) + eps)
    return x - rate * m / u, m, u

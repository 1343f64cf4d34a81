"""Adam and its family: momentum, scaled by the root of the average squared gradient, both freed of their start at 0."""

from math import sqrt

from optviz.optimizers import optimizer
from optviz.optimizers._spoken import decoupled, switches


def unbias(t, beta1, beta2):
    return {"unbias_m": 1 / (1 - beta1**t), "unbias_v": 1 / (1 - beta2**t)}


@optimizer(
    title="Adam",
    year=2014,
    reference="Kingma & Ba 2014, arXiv:1412.6980, Algorithm 1",
    equation="m ← β₁ m + (1 − β₁) g,  v ← β₂ v + (1 − β₂) g²,  x ← x − lr m̂ / (√v̂ + ε)",
    family="adam",
    variants=("paper", "torch", "optax"),
    scalars=unbias,
    defaults={
        "paper": {"lr": 1e-3, "beta1": 0.9, "beta2": 0.999, "eps": 1e-8},
        "torch": {"lr": 1e-3, "beta1": 0.9, "beta2": 0.999, "eps": 1e-8},
        "keras": {"lr": 1e-3, "beta1": 0.9, "beta2": 0.999, "eps": 1e-7},
        "optax": {"beta1": 0.9, "beta2": 0.999, "eps": 1e-8},
    },
    becomes=switches("adam", amsgrad=("amsgrad", {}), **decoupled("adam")),
    keys={"torch": {"m": "exp_avg", "v": "exp_avg_sq"}},
)
def adam(x, g, m, v, unbias_m, unbias_v, lr, beta1, beta2, eps):
    """Average the gradient and its square, correct both for their start at 0, and divide.

    The paper's Algorithm 1, torch and optax add eps to the root of the corrected average. Keras takes the form at the
    end of the paper's section 2: both corrections go into the step size and eps stands beside the uncorrected root,
    which makes it about 30 times larger in the first step.
    """
    m = beta1 * m + (1 - beta1) * g
    v = beta2 * v + (1 - beta2) * g**2
    return x - lr * (m * unbias_m) / (sqrt(v * unbias_v) + eps), m, v


def corrected_rate(t, lr, beta1, beta2):
    return {"rate": lr * (1 - beta2**t) ** 0.5 / (1 - beta1**t)}


@adam.formula("keras", scalars=corrected_rate)
def adam_keras(x, g, m, v, rate, beta1, beta2, eps):
    m = beta1 * m + (1 - beta1) * g
    v = beta2 * v + (1 - beta2) * g**2
    return x - rate * m / (sqrt(v) + eps), m, v

"""Adadelta: steps in units of earlier steps, so that no learning rate is needed."""

from math import sqrt

from optviz.optimizers import optimizer


@optimizer(
    title="Adadelta",
    year=2012,
    reference="Zeiler 2012, arXiv:1212.5701, Algorithm 1",
    equation="a ← ρ a + (1 − ρ) g²,  u = √(d + ε) / √(a + ε) g,  d ← ρ d + (1 − ρ) u²,  x ← x − lr u",
    family="adaptive",
    variants=("paper", "torch", "keras", "optax"),
    keys={"torch": {"a": "square_avg", "d": "acc_delta"}},
    defaults={
        "torch": {"lr": 1.0, "rho": 0.9, "eps": 1e-6},
        "keras": {"lr": 1e-3, "rho": 0.95, "eps": 1e-7},
        "paper": {"lr": 1.0, "rho": 0.95, "eps": 1e-6},
        "optax": {"lr": 1.0, "rho": 0.9, "eps": 1e-6},
    },
)
def adadelta(x, g, a, d, lr, rho, eps):
    """Divide the gradient by its own average size and multiply by the average size of the steps so far.

    Everybody computes the same: both eps inside the roots, d without the learning rate. Only the numbers differ, and
    one of them matters. **Keras's learning rate of 0.001 makes every step a thousand times shorter than the paper's,
    which has none (1)**: Adadelta's last place in comparisons with Keras defaults shows that number, not the rule.

    The first step has length √(eps / (1 − rho)), about 0.0045 with the paper's numbers, whatever the gradient; the
    step size grows from there.
    """
    a = rho * a + (1 - rho) * g**2
    u = sqrt(d + eps) / sqrt(a + eps) * g
    d = rho * d + (1 - rho) * u**2
    return x - lr * u, a, d

"""Stochastic gradient descent: a step against the gradient."""

from optviz.optimizers import optimizer
from optviz.optimizers._spoken import momenta


@optimizer(
    title="SGD",
    year=1951,
    reference="Robbins & Monro 1951, Annals of Mathematical Statistics 22(3), 400-407, equation 8",
    equation="x ← x − lr g",
    variants=("paper", "torch", "keras", "optax"),
    defaults={"torch": {"lr": 1e-3}, "keras": {"lr": 0.01}},
    names=("gradient-descent",),
    becomes=momenta,
)
def sgd(x, g, lr):
    """Move against the gradient by a fixed multiple of it.

    The paper leaves the step sizes open (any sequence whose sum diverges and whose squares do not); torch and Keras
    keep one constant and disagree on it by a factor of ten.
    """
    return x - lr * g

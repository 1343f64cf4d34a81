"""Adagrad: each coordinate's step shrinks with the gradients that it has seen."""

from math import sqrt

from optviz.optimizers import optimizer


@optimizer(
    title="Adagrad",
    year=2011,
    reference="Duchi, Hazan & Singer 2011, JMLR 12, 2121-2159, Figure 1 (diagonal matrices)",
    equation="a ← a + g²,  x ← x − lr g / (√a + ε)",
    family="adaptive",
    variants=("paper", "torch"),
    initial={"a": "initial_accumulator_value"},
    keys={"torch": {"a": "sum"}},
    defaults={
        "torch": {"lr": 0.01, "eps": 1e-10, "initial_accumulator_value": 0.0, "lr_decay": 0.0},
        "keras": {"lr": 1e-3, "eps": 1e-7, "initial_accumulator_value": 0.1},
        "paper": {"initial_accumulator_value": 0.0},
        "optax": {"eps": 1e-7, "initial_accumulator_value": 0.1},
    },
)
def adagrad(x, g, a, lr, eps):
    """Divide the gradient by the root of the sum of all its squares so far.

    The paper and torch add eps (the paper's δ) to the root and start the sum at 0; torch can let the learning rate
    decay besides. Keras and optax add eps inside the root and start the sum at 0.1, which holds back the first steps
    wherever gradients are small; optax makes no step while the sum is 0. TensorFlow 1 is Keras with eps 0.

    Under a constant gradient the steps are lr / √t: progress never stops and always slows down. The paper names no
    numbers for lr and eps, optax none for lr.
    """
    a = a + g**2
    return x - lr * g / (sqrt(a) + eps), a


def decayed(t, lr, lr_decay):
    return {"rate": lr / (1 + (t - 1) * lr_decay)}


@adagrad.formula("torch", scalars=decayed)
def adagrad_decayed(x, g, a, rate, eps):
    a = a + g**2
    return x - rate * g / (sqrt(a) + eps), a


@adagrad.formula("keras")
def adagrad_keras(x, g, a, lr, eps):
    a = a + g**2
    return x - lr * g / sqrt(a + eps), a


@adagrad.formula("optax")
def adagrad_optax(x, g, a, lr, eps):
    a = a + g**2
    return x - (lr * g / sqrt(a + eps) if a != 0 else 0), a

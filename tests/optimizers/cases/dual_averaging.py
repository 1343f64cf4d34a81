"""Rules that make the iterate anew from sums, and KATE: cases, slow references, and how libraries make them."""

import numpy as np

from tests.optimizers.cases.names import in_keras, renamed
from tests.optimizers.reference import reference, walk

CASES = {
    "madgrad": [
        {},
        {"lr": 0.05},
        {"lr": 0.1, "momentum": 0.5, "eps": 1e-2},
        {"lr": 0.05, "momentum": 0},
    ],
    "ftrl": [
        {},
        {"lr": 0.5},
        {"lr": 0.5, "beta": 1, "l1": 0.1},
        {"lr": 0.3, "l1": 0.01, "l2": 0.1},
        {"lr": 0.3, "initial_accumulator_value": 0, "lr_power": -0.4, "l2": 0.1},
        {"lr": 0.3, "l2_shrinkage": 0.1, "lr_power": -0.6},
        {"lr": 0.1, "initial_accumulator_value": 0, "l1": 0.2, "beta": 0.5},
    ],
    "cocob": [{}, {"alpha": 10}, {"alpha": 2, "eps": 1}],
    "kate": [{}, {"lr": 0.5}, {"lr": 0.3, "eta": 0.1}, {"lr": 0.3, "eta": 0.01, "eps": 1e-3}],
}

KERAS = {
    "ftrl": lambda optimizers, h: optimizers.Ftrl(
        **in_keras(
            renamed(
                h,
                lr_power="learning_rate_power",
                l1="l1_regularization_strength",
                l2="l2_regularization_strength",
                l2_shrinkage="l2_shrinkage_regularization_strength",
            )
        )
    )
}
OPTAX = {
    "madgrad": lambda optax, h: contrib().madgrad(h["lr"], momentum=h["momentum"], eps=h["eps"]),
    "cocob": lambda optax, h: contrib().cocob(alpha=h["alpha"], eps=h["eps"]),
}
PEERS = {
    ("madgrad", "kozistr", "pytorch_optimizer"): lambda peer, x, h: peer.MADGRAD(x, **h),
    ("madgrad", "authors", "torch_optimizer"): lambda peer, x, h: peer.MADGRAD(x, **h),
    ("kate", "kozistr", "pytorch_optimizer"): lambda peer, x, h: peer.Kate(x, **renamed(h, eta="delta")),
    ("ftrl", "kozistr", "pytorch_optimizer"): lambda peer, x, h: (
        None
        if h["initial_accumulator_value"]
        else peer.FTRL(x, h["lr"], lr_power=h["lr_power"], beta=h["beta"], lambda_1=h["l1"], lambda_2=h["l2"])
    ),
}


def contrib():
    import optax.contrib

    return optax.contrib


def madgrad_walk(gradient, start, steps, lr, momentum, eps):
    def following(t, x, g):
        weights = lr * np.sqrt(np.arange(1, t + 1))[:, None]
        s, v = np.sum(weights * np.array(g), axis=0), np.sum(weights * np.array(g) ** 2, axis=0)
        return momentum * x[-1] + (1 - momentum) * (x[0] - s / (np.cbrt(v) + eps))

    return walk(gradient, start, steps, following)


@reference("madgrad", "paper")
def madgrad(gradient, start, steps, lr, momentum, eps):
    return madgrad_walk(gradient, start, steps, lr, momentum, eps)


@reference("madgrad", "authors", "optax", "kozistr")
def madgrad_stable(gradient, start, steps, lr, momentum, eps):
    return madgrad_walk(gradient, start, steps, lr + eps, momentum, eps)


def ftrl_walk(gradient, start, steps, lr, lr_power, n0, l1, shrinkage, curvature):
    """The minimum of the sum of linear losses, proximal terms and penalties, each sum taken anew.

    ``curvature(root, n)`` is the quadratic part, `root` being n to the power -lr_power.
    """
    power = lambda n: n**-lr_power

    def following(t, x, g):
        n = n0 + np.concatenate([np.zeros((1, len(start))), np.cumsum(np.array(g) ** 2, axis=0)])
        sigma = np.diff(power(n), axis=0) / lr
        z = np.sum(np.array(g) + 2 * shrinkage * np.array(x) - sigma * np.array(x), axis=0)
        return -np.sign(z) * np.maximum(np.abs(z) - l1, 0) / curvature(power(n[-1]), n[-1])

    return walk(gradient, start, steps, following)


@reference("ftrl", "paper")
def ftrl(gradient, start, steps, lr, lr_power, l1, l2, beta, initial_accumulator_value):
    curvature = lambda root, n: (beta + root) / lr + l2
    return ftrl_walk(gradient, start, steps, lr, lr_power, initial_accumulator_value, l1, 0, curvature)


@reference("ftrl", "keras")
def ftrl_keras(gradient, start, steps, lr, lr_power, l1, l2, l2_shrinkage, beta, initial_accumulator_value):
    curvature = lambda root, n: root / lr + 2 * (l2 + beta / (2 * lr))
    return ftrl_walk(gradient, start, steps, lr, lr_power, initial_accumulator_value, l1, l2_shrinkage, curvature)


@reference("ftrl", "kozistr")
def ftrl_kozistr(gradient, start, steps, lr, lr_power, l1, l2, beta, initial_accumulator_value):
    curvature = lambda root, n: (beta + np.sqrt(n)) / lr + l2
    return ftrl_walk(gradient, start, steps, lr, lr_power, initial_accumulator_value, l1, 0, curvature)


@reference("cocob", "paper", "optax")
def cocob(gradient, start, steps, alpha, eps):
    """Algorithm 2, with the largest gradient and the sums over all of them anew, and the reward step by step."""
    reward = np.zeros(len(start))

    def following(t, x, g):
        nonlocal reward
        reward = np.maximum(reward - g[-1] * (x[-1] - x[0]), 0)
        sizes = np.abs(g)
        largest = np.maximum(eps, sizes.max(axis=0))
        bet = -np.sum(g, axis=0) / (largest * np.maximum(sizes.sum(axis=0) + largest, alpha * largest))
        return x[0] + bet * (largest + reward)

    return walk(gradient, start, steps, following)


@reference("kate", "paper", "kozistr")
def kate(gradient, start, steps, lr, eta, eps):
    def following(t, x, g):
        b = np.cumsum(np.array(g) ** 2 + eps, axis=0)
        m = np.sum(eta * np.array(g) ** 2 + np.array(g) ** 2 / b, axis=0)
        return x[-1] - lr * np.sqrt(m) * g[-1] / b[-1]

    return walk(gradient, start, steps, following)

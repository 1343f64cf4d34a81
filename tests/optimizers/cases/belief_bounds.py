"""AdaBelief, ACProp, Yogi; AdaBound, AMSBound, AdaMod."""

import numpy as np

from tests.optimizers.cases.adam_family import BETAS, averages_of_squares, corrected, squares
from tests.optimizers.cases.names import in_optax, paired, without
from tests.optimizers.reference import average, discounted, reference, walk

BOUNDS = [
    {},
    {"lr": 0.1},
    {"lr": 0.05, "beta1": 0.5, "beta2": 0.9, "eps": 1e-3},
    {"lr": 0.5, "final_lr": 0.01, "gamma": 0.02},
    {"lr": 1e-4, "final_lr": 0.05, "gamma": 0.5, "beta1": 0},
]
CASES = {
    # Without a memory (beta1 = 0) no gradient is unexpected and AdaBelief's denominator is eps.
    "adabelief": [
        *(case for case in BETAS if case.get("beta1") != 0),
        {"lr": 0.05, "eps_root": 1e-3},
        {"lr": 0.05, "eps": 1e-4, "eps_root": 0},
    ],
    "acprop": [*BETAS, {"lr": 0.05, "eps_root": 1e-3}, {"lr": 0.05, "eps": 1e-4, "eps_root": 0}],
    "yogi": [
        *BETAS,
        {"lr": 0.05, "initial_accumulator_value": 1e-6},
        {"lr": 0.05, "beta2": 0.9, "initial_accumulator_value": 0.1},
    ],
    "adabound": BOUNDS,
    "amsbound": BOUNDS,
    "adamod": [*BETAS, {"lr": 0.05, "beta3": 0}, {"lr": 0.05, "beta2": 0.9, "beta3": 0.8}],
}
OPTAX = {
    "adabelief": lambda optax, h: optax.adabelief(**in_optax(h)),
    "acprop": lambda optax, h: optax.contrib.acprop(**in_optax(h)),
    "yogi": lambda optax, h: optax.chain(
        optax.scale_by_yogi(**in_optax(h, "lr")), optax.scale_by_learning_rate(h["lr"])
    ),
}
PEERS = {
    ("adabelief", "paper", "pytorch_optimizer"): lambda peer, x, h: (
        peer.AdaBelief(x, **without(h, "eps_root")) if h["eps"] == h["eps_root"] else None
    ),
    ("adabound", "authors", "pytorch_optimizer"): lambda peer, x, h: peer.AdaBound(x, **paired(h)),
    ("adabound", "authors", "torch_optimizer"): lambda peer, x, h: peer.AdaBound(x, **paired(h)),
    ("amsbound", "authors", "torch_optimizer"): lambda peer, x, h: peer.AdaBound(x, amsbound=True, **paired(h)),
    ("adamod", "authors", "pytorch_optimizer"): lambda peer, x, h: peer.AdaMod(x, **paired(h)),
    ("adamod", "authors", "torch_optimizer"): lambda peer, x, h: peer.AdaMod(
        x, **without(h, "beta3"), beta3=h["beta3"]
    ),
}


def discounted_by_steps(history, decay):
    """(t, n): the discounted sum as it was after each step."""
    return np.array([discounted(history[:k], decay) for k in range(1, len(history) + 1)])


@reference("adabelief", "paper", "optax")
def adabelief(gradient, start, steps, lr, beta1, beta2, eps, eps_root):
    """Algorithm 2: each step adds a weighted square and eps to s, and both are discounted alike."""
    additions = []

    def following(t, x, g):
        additions.append((1 - beta2) * (g[-1] - average(g, beta1)) ** 2 + eps_root)
        s_hat = discounted(additions, beta2) / (1 - beta2**t)
        return x[-1] - lr * corrected(g, beta1) / (np.sqrt(s_hat) + eps)

    return walk(gradient, start, steps, following)


@reference("acprop", "optax")
def acprop(gradient, start, steps, lr, beta1, beta2, eps, eps_root):
    additions = []

    def following(t, x, g):
        s_hat = discounted(additions, beta2) / (1 - beta2 ** (t - 1)) if t > 1 else 1.0
        expected = average(g[:-1], beta1) if t > 1 else 0.0
        additions.append((1 - beta2) * (g[-1] - expected) ** 2 + eps_root)
        return x[-1] - lr * g[-1] / (np.sqrt(s_hat) + eps)

    return walk(gradient, start, steps, following)


def yogi_average(beta2, initial):
    """The start plus all that was ever added, asked step after step."""
    additions = [initial]

    def summed(g):
        v, square = np.sum(additions, axis=0), g[-1] ** 2
        additions.append((1 - beta2) * np.where(square > v, square, np.where(square < v, -square, 0)))
        return v + additions[-1]

    return summed


@reference("yogi", "paper")
def yogi(gradient, start, steps, lr, beta1, beta2, eps, initial_accumulator_value):
    average_of_squares = yogi_average(beta2, np.full_like(start, initial_accumulator_value))

    def following(t, x, g):
        m = average(g, beta1) + beta1**t * initial_accumulator_value
        return x[-1] - lr * m / (np.sqrt(average_of_squares(g)) + eps)

    return walk(gradient, start, steps, following)


@reference("yogi", "optax")
def yogi_optax(gradient, start, steps, lr, beta1, beta2, eps, initial_accumulator_value):
    average_of_squares = yogi_average(beta2, np.full_like(start, initial_accumulator_value))

    def following(t, x, g):
        m_hat = corrected(g, beta1) + beta1**t * initial_accumulator_value / (1 - beta1**t)
        return x[-1] - lr * m_hat / (np.sqrt(average_of_squares(g) / (1 - beta2**t)) + eps)

    return walk(gradient, start, steps, following)


def between(size, t, final_lr, gamma):
    return np.minimum(np.maximum(size, final_lr - final_lr / (gamma * t + 1)), final_lr + final_lr / (gamma * t))


def bounded(largest):
    """The references of AdaBound and, with the largest average so far, AMSBound."""

    def second(g, beta2):
        averages = averages_of_squares(g, beta2)
        return np.max(averages, axis=0) if largest else averages[-1]

    def authors(gradient, start, steps, lr, beta1, beta2, eps, final_lr, gamma):
        def following(t, x, g):
            size = lr * np.sqrt(1 - beta2**t) / (1 - beta1**t) / (np.sqrt(second(g, beta2)) + eps)
            return x[-1] - between(size, t, final_lr, gamma) * average(g, beta1)

        return walk(gradient, start, steps, following)

    def paper(gradient, start, steps, lr, beta1, beta2, eps, final_lr, gamma):
        def following(t, x, g):
            size = between(lr / (np.sqrt(second(g, beta2)) + eps), t, final_lr, gamma) / np.sqrt(t)
            return x[-1] - size * average(g, beta1)

        return walk(gradient, start, steps, following)

    return authors, paper


for _name, _largest in (("adabound", False), ("amsbound", True)):
    _authors, _paper = bounded(_largest)
    reference(_name, "authors")(_authors)
    reference(_name, "paper")(_paper)


@reference("adamod", "paper")
def adamod(gradient, start, steps, lr, beta1, beta2, beta3, eps):
    sizes = []

    def following(t, x, g):
        sizes.append(lr / (np.sqrt(corrected(squares(g), beta2)) + eps))
        return x[-1] - np.minimum(sizes[-1], average(sizes, beta3)) * corrected(g, beta1)

    return walk(gradient, start, steps, following)


@reference("adamod", "authors")
def adamod_authors(gradient, start, steps, lr, beta1, beta2, beta3, eps):
    sizes = []

    def following(t, x, g):
        rate = lr * np.sqrt(1 - beta2**t) / (1 - beta1**t)
        sizes.append(rate / (np.sqrt(average(squares(g), beta2)) + eps))
        return x[-1] - np.minimum(sizes[-1], average(sizes, beta3)) * average(g, beta1)

    return walk(gradient, start, steps, following)

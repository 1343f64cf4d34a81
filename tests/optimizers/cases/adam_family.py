"""Adam's family as torch has it: AMSGrad, Adamax, Nadam, RAdam."""

import numpy as np

from tests.optimizers.cases.names import in_keras, in_optax, paired
from tests.optimizers.reference import average, reference, walk

BETAS = [
    {},
    {"lr": 0.1},
    {"lr": 0.05, "beta1": 0.5, "beta2": 0.9, "eps": 1e-3},
    {"lr": 0.02, "beta1": 0},
    {"lr": 0.02, "beta1": 0.95, "beta2": 0.99},
]
CASES = {
    "amsgrad": BETAS,
    "adamax": BETAS,
    "nadam": [
        *BETAS,
        {"lr": 0.05, "momentum_decay": 0},
        {"lr": 0.05, "momentum_decay": 0.5},
        {"lr": 0.05, "beta1": 0.8, "beta2": 0.9, "eps": 1e-3, "momentum_decay": 0},
        {"lr": 0.02, "beta1": 0.8, "momentum_decay": 1},
    ],
    "radam": [*BETAS, {"lr": 0.05, "beta2": 0.6}, {"lr": 0.05, "beta2": 0.5}, {"lr": 0.01, "beta2": 0.9999}],
}

TORCH = {
    "amsgrad": lambda optim, x, h: optim.Adam(x, amsgrad=True, **paired(h)),
    "adamax": lambda optim, x, h: optim.Adamax(x, **paired(h)),
    "nadam": lambda optim, x, h: optim.NAdam(x, **paired(h)),
    "radam": lambda optim, x, h: optim.RAdam(x, **paired(h)),
}
KERAS = {
    "amsgrad": lambda optimizers, h: optimizers.Adam(amsgrad=True, **in_keras(h)),
    "adamax": lambda optimizers, h: optimizers.Adamax(**in_keras(h)),
    "nadam": lambda optimizers, h: (
        optimizers.Nadam(**in_keras(h, "momentum_decay")) if h["momentum_decay"] == 1 else None
    ),
}
OPTAX = {
    "amsgrad": lambda optax, h: optax.amsgrad(**in_optax(h)),
    "adamax": lambda optax, h: optax.adamax(**in_optax(h)),
    "nadam": lambda optax, h: optax.nadam(**in_optax(h, "momentum_decay")),
    "radam": lambda optax, h: optax.radam(**in_optax(h)),
}


def corrected(history, decay):
    """The exponential average with weights that add up to 1."""
    return average(history, decay) / (1 - decay ** len(history))


def squares(history):
    return np.array(history) ** 2


def averages(history, decay):
    """(t, n): what the average was after each step."""
    steps = np.arange(float(len(history)))
    ages = steps[:, None] - steps
    return (1 - decay) * np.where(ages < 0, 0, decay ** np.maximum(ages, 0)) @ np.array(history)


def averages_of_squares(history, decay):
    return averages(squares(history), decay)


@reference("amsgrad", "paper")
def amsgrad(gradient, start, steps, lr, beta1, beta2, eps):
    """Algorithm 2."""

    def following(t, x, g):
        v_hat = np.max(averages_of_squares(g, beta2), axis=0)
        return x[-1] - lr * average(g, beta1) / (np.sqrt(v_hat) + eps)

    return walk(gradient, start, steps, following)


@reference("amsgrad", "torch")
def amsgrad_torch(gradient, start, steps, lr, beta1, beta2, eps):
    def following(t, x, g):
        largest = np.max(averages_of_squares(g, beta2), axis=0) / (1 - beta2**t)
        return x[-1] - lr * corrected(g, beta1) / (np.sqrt(largest) + eps)

    return walk(gradient, start, steps, following)


@reference("amsgrad", "keras")
def amsgrad_eps_hat(gradient, start, steps, lr, beta1, beta2, eps):
    def following(t, x, g):
        largest = np.max(averages_of_squares(g, beta2), axis=0)
        rate = lr * np.sqrt(1 - beta2**t) / (1 - beta1**t)
        return x[-1] - rate * average(g, beta1) / (np.sqrt(largest) + eps)

    return walk(gradient, start, steps, following)


@reference("amsgrad", "optax")
def amsgrad_optax(gradient, start, steps, lr, beta1, beta2, eps):
    def following(t, x, g):
        corrections = 1 - beta2 ** np.arange(1.0, t + 1)
        largest = np.max(averages_of_squares(g, beta2) / corrections[:, None], axis=0)
        return x[-1] - lr * corrected(g, beta1) / (np.sqrt(largest) + eps)

    return walk(gradient, start, steps, following)


@reference("adamax", "paper", "keras")
def adamax(gradient, start, steps, lr, beta1, beta2, eps):
    """Equation 12: the largest of all gradients, each decayed by its age."""

    def following(t, x, g):
        ages = np.arange(t - 1, -1, -1.0)
        u = np.max(beta2 ** ages[:, None] * np.abs(g), axis=0)
        return x[-1] - lr * corrected(g, beta1) / (u + eps)

    return walk(gradient, start, steps, following)


@reference("adamax", "torch", "optax")
def adamax_torch(gradient, start, steps, lr, beta1, beta2, eps):
    def following(t, x, g):
        ages = np.arange(t - 1, -1, -1.0)
        u = np.max(beta2 ** ages[:, None] * (np.abs(g) + eps), axis=0)
        return x[-1] - lr * corrected(g, beta1) / u

    return walk(gradient, start, steps, following)


def momenta(steps, beta1, momentum_decay):
    """The momentum of each step, that of step 1 first."""
    return beta1 * (1 - 0.5 * 0.96 ** (np.arange(1.0, steps + 1) * momentum_decay))


def looking_ahead(m, g, mu):
    """The step's numerator from the average, the newest gradient and the momenta up to the next step."""
    return mu[-1] * m / (1 - np.prod(mu)) + (1 - mu[-2]) * g[-1] / (1 - np.prod(mu[:-1]))


@reference("nadam", "torch", "keras")
def nadam(gradient, start, steps, lr, beta1, beta2, eps, momentum_decay):
    def following(t, x, g):
        mean = looking_ahead(average(g, beta1), g, momenta(t + 1, beta1, momentum_decay))
        return x[-1] - lr * mean / (np.sqrt(corrected(squares(g), beta2)) + eps)

    return walk(gradient, start, steps, following)


@reference("nadam", "optax")
def nadam_without_a_schedule(gradient, start, steps, lr, beta1, beta2, eps):
    def following(t, x, g):
        mean = looking_ahead(average(g, beta1), g, np.full(t + 1, beta1))
        return x[-1] - lr * mean / (np.sqrt(corrected(squares(g), beta2)) + eps)

    return walk(gradient, start, steps, following)


@reference("nadam", "paper")
def nadam_paper(gradient, start, steps, lr, beta1, beta2, eps, momentum_decay):
    """Algorithm 2: a gradient's weight in m is 1 - mu of its own step times the mu of all later steps."""

    def following(t, x, g):
        mu = momenta(t + 1, beta1, momentum_decay)
        later = np.append(np.cumprod(mu[t - 1 : 0 : -1])[::-1], 1.0)
        m = np.sum(((1 - mu[:t]) * later)[:, None] * np.array(g), axis=0)
        n_hat = beta2 * corrected(squares(g), beta2)
        return x[-1] - lr * looking_ahead(m, g, mu) / (np.sqrt(n_hat) + eps)

    return walk(gradient, start, steps, following)


def length_of_average(t, beta2):
    """Equation 5 of RAdam: rho at infinity and now."""
    longest = 2 / (1 - beta2) - 1
    return longest, longest - 2 * t * beta2**t / (1 - beta2**t)


def rectifying(t, beta2):
    longest, length = length_of_average(t, beta2)
    return np.sqrt((length - 4) * (length - 2) * longest / ((longest - 4) * (longest - 2) * length))


@reference("radam", "paper")
def radam(gradient, start, steps, lr, beta1, beta2, eps):
    """Algorithm 2."""

    def following(t, x, g):
        step = lr * corrected(g, beta1)
        if length_of_average(t, beta2)[1] > 4:
            step = step * rectifying(t, beta2) / (np.sqrt(corrected(squares(g), beta2)) + eps)
        return x[-1] - step

    return walk(gradient, start, steps, following)


@reference("radam", "optax")
def radam_optax(gradient, start, steps, lr, beta1, beta2, eps):
    def following(t, x, g):
        step = lr * corrected(g, beta1)
        if length_of_average(t, beta2)[1] >= 5:
            step = step * rectifying(t, beta2) / (np.sqrt(corrected(squares(g), beta2)) + eps)
        return x[-1] - step

    return walk(gradient, start, steps, following)


@reference("radam", "torch")
def radam_torch(gradient, start, steps, lr, beta1, beta2, eps):
    def following(t, x, g):
        step = lr * corrected(g, beta1)
        if length_of_average(t, beta2)[1] > 5:
            root = np.sqrt(average(squares(g), beta2)) + eps
            step = step * rectifying(t, beta2) * np.sqrt(1 - beta2**t) / root
        return x[-1] - step

    return walk(gradient, start, steps, following)

"""Adam with other memories: AdEMAMix, AdamG, AdaPNM, AdamNC, NosAdam, AdaX, Expectigrad."""

import math

import numpy as np

from tests.optimizers.cases.adam_family import BETAS, averages, averages_of_squares, corrected, squares
from tests.optimizers.cases.names import in_optax, paired
from tests.optimizers.reference import average, discounted, reference, walk

EVERLASTING = [{}, {"lr": 0.1}, {"lr": 0.05, "beta1": 0.5, "eps": 1e-3}, {"lr": 0.02, "beta1": 0}]
CASES = {
    "ademamix": [
        *BETAS,
        {"lr": 0.05, "alpha": 8, "beta3": 0.99},
        {"lr": 0.05, "alpha": 8, "beta3": 0.99, "horizon": 100},
        {"lr": 0.02, "beta1": 0.5, "beta3": 0.9999, "horizon": 1000},
    ],
    "simplified_ademamix": [
        {},
        {"lr": 0.001},
        {"lr": 0.005, "beta1": 0.5, "beta2": 0.9, "eps": 1e-3, "alpha": 2},
        {"lr": 0.01, "beta1": 0, "alpha": 0.5},
    ],
    "adamg": [
        *BETAS,
        {"lr": 0.3, "beta3": 0.5, "p": 0.5, "q": 0.4},
        {"lr": 0.5, "beta3": 0, "q": 0},
    ],
    "adapnm": [*BETAS, {"lr": 0.02, "beta3": 0}, {"lr": 0.02, "beta1": 0.8, "beta3": 0.5}],
    "adamnc": EVERLASTING,
    "nosadam": [*EVERLASTING, {"lr": 0.05, "gamma": 0}, {"lr": 0.05, "gamma": 1.5}],
    "adax": [*EVERLASTING, {"lr": 0.05, "beta2": 0.01}],
    "expectigrad": EVERLASTING,
}
OPTAX = {
    "ademamix": lambda optax, h: optax.contrib.ademamix(**in_optax(h, "horizon")) if h["horizon"] == 0 else None,
    "simplified_ademamix": lambda optax, h: optax.contrib.simplified_ademamix(**in_optax(h)),
}
PEERS = {
    ("expectigrad", "paper", "expectigrad.pytorch"): lambda peer, x, h: peer.Expectigrad(
        x, h["lr"], beta=h["beta1"], eps=h["eps"]
    ),
    ("adamg", "paper", "pytorch_optimizer"): lambda peer, x, h: (
        peer.AdamG(x, **paired(h)) if h["beta3"] and h["q"] else None
    ),
    ("adapnm", "kozistr", "pytorch_optimizer"): lambda peer, x, h: peer.AdaPNM(x, **paired(h)),
}


def rising(t, beta1, beta3, alpha, horizon):
    """The schedules at the end of the paper's section 3."""
    if horizon == 0 or t >= horizon:
        return alpha, beta3
    done, start, end = t / horizon, math.log(beta1), math.log(beta3)
    return alpha * done, math.exp(start * end / ((1 - done) * end + done * start))


@reference("ademamix", "paper", "authors", "optax")
def ademamix(gradient, start, steps, lr, beta1, beta2, beta3, alpha, horizon, eps):
    """A gradient's weight in the slow average is 1 - beta3 of its own step times the beta3 of all later ones."""

    def following(t, x, g):
        weight = rising(t, beta1, beta3, alpha, horizon)[0]
        keep = np.array([rising(k, beta1, beta3, alpha, horizon)[1] for k in range(1, t + 1)])
        later = np.append(np.cumprod(keep[:0:-1])[::-1], 1.0)
        slow = np.sum(((1 - keep) * later)[:, None] * np.array(g), axis=0)
        root = np.sqrt(corrected(squares(g), beta2)) + eps
        return x[-1] - lr * (corrected(g, beta1) + weight * slow) / root

    return walk(gradient, start, steps, following)


@reference("simplified_ademamix", "paper", "optax")
def simplified_ademamix(gradient, start, steps, lr, beta1, beta2, alpha, eps):
    def following(t, x, g):
        root = np.sqrt(corrected(squares(g), beta2)) + eps
        return x[-1] - lr * (discounted(g, beta1) + alpha * g[-1]) / root

    return walk(gradient, start, steps, following)


@reference("adamg", "paper")
def adamg(gradient, start, steps, lr, beta1, beta2, beta3, eps, p, q):
    def following(t, x, g):
        v = averages_of_squares(g, beta2)
        golden = averages(p * v**q, beta3)
        m_hat = corrected(golden * np.array(g), beta1)
        return x[-1] - min(lr, 1 / math.sqrt(t)) * m_hat / (np.sqrt(v[-1] / (1 - beta2**t)) + eps)

    return walk(gradient, start, steps, following)


def positive_negative(g, beta1, beta3):
    """The averages over every other gradient, up to the last and up to the one before."""
    newer, older = average(g[::-2][::-1], beta1**2), average(g[-2::-2][::-1], beta1**2) if len(g) > 1 else 0.0
    return ((1 + beta3) * newer - beta3 * older) / np.hypot(1 + beta3, beta3) / (1 - beta1 ** len(g))


@reference("adapnm", "paper")
def adapnm(gradient, start, steps, lr, beta1, beta2, beta3, eps):
    def following(t, x, g):
        largest = np.max(averages_of_squares(g, beta2), axis=0)
        root = np.sqrt(largest / (1 - beta2**t)) + eps
        return x[-1] - lr * positive_negative(g, beta1, beta3) / root

    return walk(gradient, start, steps, following)


@reference("adapnm", "kozistr")
def adapnm_kozistr(gradient, start, steps, lr, beta1, beta2, beta3, eps):
    def following(t, x, g):
        root = np.sqrt(np.max(averages_of_squares(g, beta2), axis=0)) + eps
        return x[-1] - lr * np.sqrt(1 - beta2**t) * positive_negative(g, beta1, beta3) / root

    return walk(gradient, start, steps, following)


def weighing(weights, gradient, start, steps, lr, beta1, eps):
    """The walk whose mean square has ``weights(t)`` for the first t squares, up to a factor."""

    def following(t, x, g):
        mean = np.average(squares(g), axis=0, weights=weights(np.arange(1.0, t + 1)))
        return x[-1] - lr * average(g, beta1) / (np.sqrt(mean) + eps)

    return walk(gradient, start, steps, following)


@reference("adamnc", "paper")
def adamnc(gradient, start, steps, lr, beta1, eps):
    return weighing(lambda k: np.ones_like(k), gradient, start, steps, lr, beta1, eps)


@reference("nosadam", "paper")
def nosadam(gradient, start, steps, lr, beta1, eps, gamma):
    return weighing(lambda k: k**-gamma, gradient, start, steps, lr, beta1, eps)


@reference("adax", "paper")
def adax(gradient, start, steps, lr, beta1, beta2, eps):
    return weighing(lambda k: (1 + beta2) ** (k[-1] - k), gradient, start, steps, lr, beta1, eps)


@reference("expectigrad", "paper")
def expectigrad(gradient, start, steps, lr, beta1, eps):
    quotients = []

    def following(t, x, g):
        counts = np.sum(np.array(g) != 0, axis=0)
        root = np.sqrt(np.sum(squares(g), axis=0) / counts)
        quotients.append(g[-1] / (eps + root))
        return x[-1] - lr * corrected(quotients, beta1)

    return walk(gradient, start, steps, following)

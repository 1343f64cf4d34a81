"""Rules that find their rate: from values, or from how far they have come."""

import numpy as np

from tests.optimizers.cases.adam_family import averages, averages_of_squares
from tests.optimizers.cases.names import in_optax, renamed
from tests.optimizers.reference import average, bowl, reference, walk

CASES = {
    "polyak": [{}, {"lr": 0.1}, {"lr": 0.5, "c": 2.0, "f_star": -0.1}, {"lr": 0.3, "c": 1.0, "f_star": -0.1}],
    "alig": [{}, {"lr": 1.0, "delta": 0.5}],
    "momo": [{}, {"lr": 0.1, "momentum": 0.5}, {"lr": 0.3, "f_star": -3.0, "weight_decay": 0.1}],
    "momo_adam": [
        {},
        {"lr": 1.0, "beta1": 0.5, "beta2": 0.9, "eps": 1e-3},
        {"lr": 0.5, "f_star": -3.0, "weight_decay": 0.1},
    ],
    "dog": [{}, {"lr": 0.5, "r_eps": 1e-2, "eps": 1e-3}],
    "dowg": [{}, {"lr": 0.5, "eps": 1e-2}],
    "dadapt_sgd": [{}, {"lr": 0.5, "momentum": 0, "d0": 1e-3}],
    "dadapt_adam": [{}, {"lr": 0.5, "beta1": 0.5, "beta2": 0.9, "d0": 1e-3, "eps": 1e-3, "weight_decay": 0.1}],
    "prodigy": [
        {},
        {"lr": 0.5, "beta1": 0.5, "beta2": 0.9, "beta3": 0.8, "d0": 1e-3, "eps": 1e-3, "weight_decay": 0.1},
    ],
}
OPTAX = {
    "polyak/paper": lambda optax, h: (
        optax.polyak_sgd(max_learning_rate=h["lr"], f_min=h["f_star"]) if h["c"] == 1 else None
    ),
    "momo/paper": lambda optax, h: optax.contrib.momo(
        h["lr"], h["momentum"], h["f_star"], h["weight_decay"], adapt_lower_bound=False
    ),
    "momo_adam/paper": lambda optax, h: optax.contrib.momo_adam(
        **renamed(in_optax(h), f_star="lower_bound"), adapt_lower_bound=False
    ),
    "dog/paper": lambda optax, h: optax.contrib.dog(h["lr"], ("heuristic", h["r_eps"]), h["eps"]),
    "dowg/paper": lambda optax, h: optax.contrib.dowg(h["lr"], eps=h["eps"]),
    "dadapt_adam/paper": lambda optax, h: optax.contrib.dadapt_adamw(
        h["lr"], (h["beta1"], h["beta2"]), h["eps"], h["d0"], h["weight_decay"]
    ),
    "prodigy/paper": lambda optax, h: optax.contrib.prodigy(
        h["lr"], (h["beta1"], h["beta2"]), h["beta3"], h["eps"], h["d0"], weight_decay=h["weight_decay"]
    ),
}
PEERS = {
    ("dadapt_sgd", "paper", "pytorch_optimizer"): lambda library, x, h: library.DAdaptSGD(
        x, h["lr"], momentum=h["momentum"], d0=h["d0"]
    ),
}


@reference("polyak", "paper")
def polyak(gradient, start, steps, lr, c, f_star):
    def following(t, x, g):
        return x[-1] - min((bowl(x[-1], t) - f_star) / (c * np.sum(g[-1] ** 2)), lr) * g[-1]

    return walk(gradient, start, steps, following)


@reference("alig", "paper")
def alig(gradient, start, steps, lr, delta):
    return walk(
        gradient, start, steps, lambda t, x, g: x[-1] - min(bowl(x[-1], t) / (np.sum(g[-1] ** 2) + delta), lr) * g[-1]
    )


@reference("momo", "paper")
def momo(gradient, start, steps, lr, momentum, f_star, weight_decay):
    """Algorithm 1: averages whose first entry has the weight that is left."""

    def mean(entries):
        entries = np.array(entries)
        t = len(entries)
        weights = np.array([momentum ** (t - 1 - k) * (1 if k == 0 else 1 - momentum) for k in range(t)])
        return np.tensordot(weights, entries, axes=1)

    def following(t, x, g):
        m = mean(g)
        value, gamma = mean([bowl(at, 0) for at in x]), mean([np.dot(a, b) for a, b in zip(g, x, strict=True)])
        decayed = 1 + lr * weight_decay
        rate = max(decayed * (value - f_star - gamma) + np.dot(m, x[-1]), 0) / np.dot(m, m)
        return x[-1] * (1 - lr * weight_decay / decayed) - min(lr, rate) * m

    return walk(gradient, start, steps, following)


@reference("momo_adam", "paper")
def momo_adam(gradient, start, steps, lr, beta1, beta2, eps, f_star, weight_decay):
    """Algorithm 2."""

    def following(t, x, g):
        m, share = average(g, beta1), 1 - beta1**t
        divisor = eps + np.sqrt(average(np.array(g) ** 2, beta2) / (1 - beta2**t))
        value = average(np.array([[bowl(at, 0)] for at in x]), beta1)[0]
        gamma = average(np.array([[np.dot(a, b)] for a, b in zip(g, x, strict=True)]), beta1)[0]
        decayed = 1 + lr * weight_decay
        rate = max(decayed * (value - share * f_star - gamma) + np.dot(m, x[-1]), 0) / np.dot(m, m / divisor)
        return x[-1] * (1 - lr * weight_decay / decayed) - min(lr / share, rate) * m / divisor

    return walk(gradient, start, steps, following)


def reached(x):
    return np.sqrt(np.sum((np.array(x) - x[0]) ** 2, axis=1))


@reference("dog", "paper")
def dog(gradient, start, steps, lr, r_eps, eps):
    """Equation 2."""

    def following(t, x, g):
        r = max(np.max(reached(x)), r_eps * (1 + np.linalg.norm(x[0])))
        return x[-1] - lr * r / np.sqrt(np.sum(np.square(g)) + eps) * g[-1]

    return walk(gradient, start, steps, following)


@reference("dowg", "paper")
def dowg(gradient, start, steps, lr, eps):
    """Algorithm 1."""

    def following(t, x, g):
        reach = np.maximum.accumulate(np.maximum(reached(x) ** 2, eps))
        square = np.sum(reach * np.sum(np.square(g), axis=1))
        return x[-1] - lr * reach[-1] / (np.sqrt(square) + eps) * g[-1]

    return walk(gradient, start, steps, following)


@reference("dadapt_sgd", "paper")
def dadapt_sgd(gradient, start, steps, lr, momentum, d0):
    """Algorithm 4: every estimate anew from all rates before it."""
    d, rates = [d0], []

    def following(t, x, g):
        rates.append(d[-1] * lr / np.linalg.norm(g[0]))
        terms = np.array(rates)[:, None] * np.array(g)
        sums = np.concatenate([np.zeros((1, terms.shape[1])), np.cumsum(terms, axis=0)])
        bound = 2 * np.sum(terms * sums[:-1]) / np.linalg.norm(sums[-1])
        d.append(max(d[-1], bound))
        return momentum * x[-1] + (1 - momentum) * (x[0] - sums[-1])

    return walk(gradient, start, steps, following)


@reference("dadapt_adam", "paper")
def dadapt_adam(gradient, start, steps, lr, beta1, beta2, eps, d0, weight_decay):
    """Algorithm 5: averages written out from all rates before."""
    d, rates, along = [d0], [], []
    root = np.sqrt(beta2)

    def following(t, x, g):
        rates.append(d[-1] * lr * np.sqrt(1 - beta2**t) / (1 - beta1**t))
        terms = np.array(rates)[:, None] * np.array(g)
        if t == 1:
            before = np.zeros_like(g[0])
        else:
            before = average(terms[:-1], root) / (np.sqrt(averages_of_squares(g[:-1], beta2)[-1]) + eps)
        along.append(rates[-1] * np.dot(g[-1], before))
        bound = average(np.array(along)[:, None], root)[0]
        d.append(max(d[-1], bound / ((1 - root) * np.sum(np.abs(average(terms, root))))))
        v = averages_of_squares(g, beta2)[-1]
        return x[-1] * (1 - rates[-1] * weight_decay) - averages(terms, beta1)[-1] / (np.sqrt(v) + eps)

    return walk(gradient, start, steps, following)


@reference("prodigy", "paper")
def prodigy(gradient, start, steps, lr, beta1, beta2, beta3, eps, d0, weight_decay):
    """Algorithm 4: likewise."""
    d, rates = [d0], []

    def following(t, x, g):
        rates.append(d[-1] * lr * np.sqrt(1 - beta2**t) / (1 - beta1**t))
        scaled = np.array(d)[:, None] * np.array(g)
        fade = beta3 ** np.arange(t - 1, -1, -1.0)
        weights = fade * np.array(d) / d0 * np.array(rates)
        r = np.sum(weights * np.sum(np.array(g) * (x[0] - np.array(x)), axis=1))
        s = weights @ np.array(g)
        estimate = max(d[-1], r / np.sum(np.abs(s)))
        v = averages_of_squares(scaled, beta2)[-1]
        decayed = x[-1] * (1 - rates[-1] * weight_decay)
        after = decayed - rates[-1] * average(scaled, beta1) / (np.sqrt(v) + estimate * eps)
        d.append(estimate)
        return after

    return walk(gradient, start, steps, following)

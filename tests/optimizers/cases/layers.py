"""Rules whose arrays keep one number of their gradients, or take steps as long as themselves."""

import numpy as np

from tests.optimizers.cases.adam_family import averages, corrected, squares
from tests.optimizers.cases.names import in_keras, in_optax, without
from tests.optimizers.reference import average, reference, walk

ADAM = [{}, {"lr": 0.1}, {"lr": 0.05, "beta1": 0.5, "beta2": 0.9, "eps": 1e-3}, {"lr": 0.02, "beta1": 0}]
CASES = {
    "lars": [{}, {"lr": 1.0, "trust": 0.1}, {"lr": 0.5, "momentum": 0, "weight_decay": 0.1, "trust": 0.05}],
    "lamb": [*ADAM, {"lr": 0.05, "weight_decay": 0.1}],
    "fromage": [{}, {"lr": 0.1}],
    "novograd": [{}, {"lr": 0.1, "beta1": 0, "beta2": 0}, {"lr": 0.02, "weight_decay": 0.1, "eps": 1e-3}],
    "adafactor": [
        {},
        {"lr": 0.5, "decay_power": 0.5, "d": 1.5},
        {"lr": 0.1, "eps": 1e-3, "eps2": 0.5},
        {"weight_decay": 0.1},
    ],
    "sm3": [{}, {"lr": 0.5, "momentum": 0, "eps": 1e-2}],
    "adagrad_norm": [{}, {"lr": 0.1, "initial_accumulator_value": 4.0}],
    "adanorm": [*ADAM, {"lr": 0.1, "gamma": 0.5}],
    "stable_adamw": [*ADAM, {"lr": 0.05, "weight_decay": 0.1, "eps": 1e-2}],
    "adai": [{"lr": 0.1}, {"lr": 0.3, "beta0": 0.5, "beta2": 0.9, "eps": 0.1}, {"lr": 0.1, "beta0": 2.0}],
}
TORCH = {
    "adafactor": lambda optim, x, h: optim.Adafactor(
        x, h["lr"], -h["decay_power"], (h["eps"], h["eps2"]), h["d"], h.get("weight_decay", 0)
    ),
}
KERAS = {
    "adafactor": lambda optimizers, h: (
        None
        if h.get("weight_decay")
        else optimizers.Adafactor(h["lr"], -h["decay_power"], h["eps"], h["eps2"], clip_threshold=h["d"])
    ),
    "lamb": lambda optimizers, h: None if h.get("weight_decay") else optimizers.Lamb(**in_keras(h, "weight_decay")),
}
OPTAX = {
    "lars": lambda optax, h: optax.lars(
        h["lr"], h["weight_decay"], trust_coefficient=h["trust"], momentum=h["momentum"]
    ),
    "lamb/paper": lambda optax, h: optax.lamb(**in_optax(h)),
    "fromage/paper": lambda optax, h: optax.fromage(h["lr"]),
    "novograd/paper": lambda optax, h: optax.novograd(**in_optax(h)),
    "sm3/paper": lambda optax, h: optax.chain(
        optax.scale_by_sm3(b1=h["momentum"], eps=h["eps"]), optax.scale_by_learning_rate(h["lr"])
    ),
}
PEERS = {
    ("stable_adamw", "paper", "pytorch_optimizer"): lambda library, x, h: library.StableAdamW(x, **paired_decay(h)),
    ("adai", "kozistr", "pytorch_optimizer"): lambda library, x, h: (
        library.Adai(x, h["lr"], betas=(h["beta0"], h["beta2"]), eps=h["eps"]) if h["beta0"] < 1 else None
    ),
}


def paired_decay(h):
    return without(h) | {"weight_decouple": True, "kahan_sum": False}


def norm(x):
    return np.sqrt(np.sum(np.square(x)))


def ratio(above, below):
    return above / below if above > 0 and below > 0 else 1.0


@reference("lars", "paper")
def lars(gradient, start, steps, lr, momentum, weight_decay, trust):
    """Algorithm 1: the velocity is the last displacement."""

    def following(t, x, g):
        before = x[-1] - x[-2] if len(x) > 1 else 0 * x[-1]
        local = trust * ratio(norm(x[-1]), norm(g[-1]) + weight_decay * norm(x[-1]))
        return x[-1] + momentum * before - lr * local * (g[-1] + weight_decay * x[-1])

    return walk(gradient, start, steps, following)


@reference("lars", "optax")
def lars_optax(gradient, start, steps, lr, momentum, weight_decay, trust):
    def following(t, x, g):
        before = x[-1] - x[-2] if len(x) > 1 else 0 * x[-1]
        direction = g[-1] + weight_decay * x[-1]
        return x[-1] + momentum * before - lr * trust * ratio(norm(x[-1]), norm(direction)) * direction

    return walk(gradient, start, steps, following)


@reference("lamb", "paper")
def lamb(gradient, start, steps, lr, beta1, beta2, eps, weight_decay):
    """Algorithm 2 with phi the identity."""

    def following(t, x, g):
        r = corrected(g, beta1) / (np.sqrt(corrected(squares(g), beta2)) + eps) + weight_decay * x[-1]
        return x[-1] - lr * ratio(norm(x[-1]), norm(r)) * r

    return walk(gradient, start, steps, following)


@reference("lamb", "keras")
def lamb_keras(gradient, start, steps, lr, beta1, beta2, eps, weight_decay=0.0):
    """The decay, where there is one, is decoupled and comes first."""

    def following(t, x, g):
        r = corrected(g, beta1) / (np.sqrt(corrected(squares(g), beta2)) + eps)
        at = x[-1] * (1 - lr * weight_decay)
        return at - lr * ratio(norm(at), norm(r)) * r

    return walk(gradient, start, steps, following)


@reference("fromage", "paper")
def fromage(gradient, start, steps, lr):
    return walk(
        gradient,
        start,
        steps,
        lambda t, x, g: (x[-1] - lr * ratio(norm(x[-1]), norm(g[-1])) * g[-1]) / np.sqrt(1 + lr**2),
    )


@reference("novograd", "paper")
def novograd(gradient, start, steps, lr, beta1, beta2, eps, weight_decay):
    """Algorithm 1; the average of squared norms as a weighted sum whose first weight is beta2^(t-1)."""

    def following(t, x, g):
        moment = 0
        for s in range(1, t + 1):
            squared = [norm(one) ** 2 for one in g[:s]]
            weights = [beta2 ** (s - 1 - k) * (1 if k == 0 else 1 - beta2) for k in range(s)]
            v = np.dot(weights, squared)
            moment = moment + beta1 ** (t - s) * (g[s - 1] / (np.sqrt(v) + eps) + weight_decay * x[s - 1])
        return x[-1] - lr * moment

    return walk(gradient, start, steps, following)


def fading(g, decay_power):
    """(t,): the weights of Adafactor's average, whose decay depends on the step."""
    newest = np.arange(1.0, len(g) + 1) ** -decay_power
    return np.array([newest[s] * np.prod(1 - newest[s + 1 :]) for s in range(len(g))])


def adafactor_step(t, x, g, lr, decay_power, eps, eps2, d):
    """Algorithm 5: a vector keeps all its squares."""
    u = g[-1] / np.sqrt(fading(g, decay_power) @ (np.array(g) ** 2 + eps))
    u = u / max(1, np.sqrt(np.mean(u**2)) / d)
    return max(eps2, np.sqrt(np.mean(x**2))) * min(lr, t**-0.5) * u


@reference("adafactor", "paper")
def adafactor(gradient, start, steps, lr, decay_power, eps, eps2, d, weight_decay=0.0):
    """A decay, where there is one, is added to the gradients."""

    def following(t, x, g):
        decayed = [one + weight_decay * at for one, at in zip(g, x, strict=True)]
        return x[-1] - adafactor_step(t, x[-1], decayed, lr, decay_power, eps, eps2, d)

    return walk(gradient, start, steps, following)


@reference("adafactor", "keras")
def adafactor_keras(gradient, start, steps, lr, decay_power, eps, eps2, d, weight_decay=0.0):
    """A decay, where there is one, is decoupled and comes first."""

    def following(t, x, g):
        at = x[-1] * (1 - lr * weight_decay)
        return at - adafactor_step(t, at, g, lr, decay_power, eps, eps2, d)

    return walk(gradient, start, steps, following)


@reference("adafactor", "torch")
def adafactor_torch(gradient, start, steps, lr, decay_power, eps, eps2, d, weight_decay):
    """The average is bounded from below."""

    def following(t, x, g):
        u = g[-1] / np.sqrt(np.maximum(fading(g, decay_power) @ np.array(g) ** 2, eps**2))
        u = u / max(1, np.sqrt(np.mean(u**2)) / d)
        decayed = x[-1] * (1 - lr * weight_decay)
        return decayed - max(eps2, np.sqrt(np.mean(x[-1] ** 2))) * min(lr, t**-0.5) * u

    return walk(gradient, start, steps, following)


@reference("sm3", "paper")
def sm3(gradient, start, steps, lr, momentum, eps):
    """SM3-II with a cover for each element."""

    def following(t, x, g):
        sums = np.cumsum(squares(g), axis=0)
        return x[-1] - lr * averages(np.array(g) / np.sqrt(sums + eps), momentum)[-1]

    return walk(gradient, start, steps, following)


@reference("adagrad_norm", "paper")
def adagrad_norm(gradient, start, steps, lr, initial_accumulator_value):
    return walk(
        gradient,
        start,
        steps,
        lambda t, x, g: x[-1] - lr * g[-1] / np.sqrt(initial_accumulator_value + np.sum(np.square(g))),
    )


@reference("adanorm", "paper")
def adanorm(gradient, start, steps, lr, beta1, beta2, eps, gamma):
    """Algorithm 2."""

    def following(t, x, g):
        norms = [norm(one) for one in g]
        lengthened = []
        for k in range(t):
            e = average(np.array(norms[: k + 1])[:, None], gamma)[0]
            lengthened.append(g[k] * max(1.0, e / norms[k]))
        return x[-1] - lr * corrected(lengthened, beta1) / (np.sqrt(corrected(squares(g), beta2)) + eps)

    return walk(gradient, start, steps, following)


@reference("stable_adamw", "paper")
def stable_adamw(gradient, start, steps, lr, beta1, beta2, eps, weight_decay):
    """Algorithm 2: corrected averages, and the update's clipping as a smaller rate."""

    def following(t, x, g):
        v = corrected(squares(g), beta2)
        rate = lr / max(1.0, np.sqrt(np.mean(g[-1] ** 2 / np.maximum(v, eps**2))))
        return x[-1] - rate * weight_decay * x[-1] - rate * corrected(g, beta1) / (np.sqrt(v) + eps)

    return walk(gradient, start, steps, following)


@reference("adai", "kozistr")
def adai_kozistr(gradient, start, steps, lr, beta0, beta2, eps):
    """The mean is bounded from below."""
    return adai(gradient, start, steps, lr, beta0, beta2, eps, least=eps)


@reference("adai", "paper")
def adai(gradient, start, steps, lr, beta0, beta2, eps, least=0.0):
    """Algorithm 2: an inertia of each parameter's own for every step."""

    def following(t, x, g):
        sizes = averages(squares(g), beta2) / (1 - beta2 ** np.arange(1, t + 1))[:, None]
        usual = np.maximum(sizes.mean(axis=1, keepdims=True), least)
        keep = np.clip(1 - beta0 * sizes / usual, 0, 1 - eps)
        m = sum((1 - keep[s]) * g[s] * np.prod(keep[s + 1 :], axis=0) for s in range(t))
        return x[-1] - lr * m / (1 - np.prod(keep, axis=0))

    return walk(gradient, start, steps, following)

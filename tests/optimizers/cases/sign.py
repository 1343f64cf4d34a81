"""Rules that follow signs: cases, slow references, and how libraries make them."""

import numpy as np

from tests.optimizers.cases.names import in_keras, in_optax, paired
from tests.optimizers.reference import average, reference, walk

CASES = {
    "signsgd": [{}, {"lr": 0.1}, {"lr": 0.03}],
    "signum": [{}, {"lr": 0.1}, {"lr": 0.03, "momentum": 0.5}, {"lr": 0.05, "momentum": 0}],
    "tiger": [{"weight_decay": 0}, {}, {"lr": 0.1}, {"lr": 0.03, "beta1": 0.5, "weight_decay": 0.1}],
    "lion": [
        {},
        {"lr": 0.1},
        {"lr": 0.03, "beta1": 0.5, "beta2": 0.8},
        {"lr": 0.03, "beta1": 0.1, "beta2": 0},
        {"lr": 0.1, "smooth_beta": 2},
        {"lr": 0.03, "beta1": 0.7, "smooth_beta": 0.3},
    ],
    "focus": [{}, {"lr": 0.05, "gamma": 0.5}, {"lr": 0.03, "beta1": 0.5, "beta2": 0.9, "gamma": 0}],
    "rprop": [
        {},
        {"lr": 1},
        {"lr": 0.1, "eta_minus": 0.7, "eta_plus": 1.1},
        {"lr": 0.1, "min_step_size": 0.05, "max_step_size": 0.2},
    ],
}

TORCH = {
    "rprop": lambda optim, x, h: optim.Rprop(
        x,
        h["lr"],
        etas=(h["eta_minus"], h["eta_plus"]),
        step_sizes=(h["min_step_size"], h["max_step_size"]),
    )
}
KERAS = {"lion": lambda optimizers, h: optimizers.Lion(**in_keras(h, "smooth_beta"))}
OPTAX = {
    "signsgd": lambda optax, h: optax.sign_sgd(h["lr"]),
    "signum": lambda optax, h: optax.signum(h["lr"], beta=h["momentum"]),
    "lion": lambda optax, h: lion(optax, h, "smooth" if h["smooth_beta"] else "hard"),
    "lion/refined": lambda optax, h: lion(optax, h, "refined"),
    "rprop": lambda optax, h: optax.rprop(**in_optax(h)),
}
PEERS = {
    ("signsgd", "kozistr", "pytorch_optimizer"): lambda peer, x, h: peer.SignSGD(x, h["lr"], momentum=0),
    ("tiger", "kozistr", "pytorch_optimizer"): lambda peer, x, h: peer.Tiger(
        x, h["lr"], beta=h["beta1"], weight_decay=h["weight_decay"]
    ),
    ("lion", "paper", "pytorch_optimizer"): lambda peer, x, h: peer.Lion(
        x, h["lr"], betas=(h["beta1"], h["beta2"]), weight_decay=h["weight_decay"]
    ),
    ("focus", "kozistr", "pytorch_optimizer"): lambda peer, x, h: peer.FOCUS(x, **paired(h)),
}


def lion(optax, h, mode):
    scaled = optax.scale_by_lion(b1=h["beta1"], b2=h["beta2"], mode=mode, smooth_beta=h["smooth_beta"])
    return optax.chain(scaled, optax.add_decayed_weights(h["weight_decay"]), optax.scale_by_learning_rate(h["lr"]))


@reference("signsgd", "paper", "optax", "kozistr")
def signsgd(gradient, start, steps, lr):
    return walk(gradient, start, steps, lambda t, x, g: x[-1] - lr * np.sign(g[-1]))


@reference("signum", "paper", "optax")
def signum(gradient, start, steps, lr, momentum):
    return walk(gradient, start, steps, lambda t, x, g: x[-1] - lr * np.sign(average(g, momentum)))


@reference("tiger", "authors", "kozistr")
def tiger(gradient, start, steps, lr, beta1, weight_decay):
    def following(t, x, g):
        return x[-1] - lr * (np.sign(average(g, beta1)) + weight_decay * x[-1])

    return walk(gradient, start, steps, following)


def lion_walk(direction):
    """Lion with this function of the interpolated gradient in the sign's place."""

    def run(gradient, start, steps, lr, beta1, beta2, weight_decay, smooth_beta=0.0):
        def following(t, x, g):
            remembered = average(g[:-1], beta2) if t > 1 else 0.0
            c = beta1 * remembered + (1 - beta1) * g[-1]
            return x[-1] - lr * (direction(c, smooth_beta) + weight_decay * x[-1])

        return walk(gradient, start, steps, following)

    return run


def soft(c, smooth_beta):
    return np.tanh(smooth_beta * c) if smooth_beta else np.sign(c)


reference("lion", "paper", "keras")(lion_walk(lambda c, smooth_beta: np.sign(c)))
reference("lion", "refined")(lion_walk(lambda c, smooth_beta: np.clip(c, -1, 1)))


@reference("lion", "optax")
def lion_optax(gradient, start, steps, lr, beta1, beta2, weight_decay, smooth_beta):
    return lion_walk(soft)(gradient, start, steps, lr, beta1, beta2, weight_decay, smooth_beta)


@reference("focus", "paper", "kozistr")
def focus(gradient, start, steps, lr, beta1, beta2, gamma):
    """Algorithm 1, the average iterate as the weighted mean that it is."""

    def following(t, x, g):
        weights = beta2 ** np.arange(len(x) - 1, -1, -1.0)
        mean = np.average(np.array(x) - x[-1], axis=0, weights=weights)
        return x[-1] - lr * (np.sign(average(g, beta1)) - gamma * np.sign(mean))

    return walk(gradient, start, steps, following)


def signs_of(gradient, start, steps, lr, eta_minus, eta_plus, min_step_size, max_step_size, back):
    """Riedmiller & Braun's equations 4-6 coordinate by coordinate.

    ``back(path)`` says whether the step is taken back after a change of sign, or none is made; a None in its place is
    torch's rule, which keeps the first step in its bounds too.
    """
    path = [np.array(start)]
    size = np.full(len(start), lr)
    before, step = np.zeros(len(start)), np.zeros(len(start))
    for t in range(1, steps + 1):
        g = gradient(path[-1], t)
        for i in range(len(start)):
            if before[i] * g[i] > 0:
                size[i] = min(size[i] * eta_plus, max_step_size)
                step[i] = -np.sign(g[i]) * size[i]
                before[i] = g[i]
            elif before[i] * g[i] < 0:
                size[i] = max(size[i] * eta_minus, min_step_size)
                step[i] = -step[i] if back and back(path) else 0.0
                before[i] = 0.0
            else:
                if not back:
                    size[i] = min(max(size[i], min_step_size), max_step_size)
                step[i] = -np.sign(g[i]) * size[i]
                before[i] = g[i]
        path.append(path[-1] + step)
    return np.array(path)


@reference("rprop", "torch")
def irprop_minus(gradient, start, steps, lr, eta_minus, eta_plus, min_step_size, max_step_size):
    return signs_of(gradient, start, steps, lr, eta_minus, eta_plus, min_step_size, max_step_size, back=None)


@reference("rprop", "paper")
def rprop_paper(gradient, start, steps, lr, eta_minus, eta_plus, min_step_size, max_step_size):
    return signs_of(
        gradient, start, steps, lr, eta_minus, eta_plus, min_step_size, max_step_size, back=lambda path: True
    )


@reference("rprop", "igel")
def irprop_plus(gradient, start, steps, lr, eta_minus, eta_plus, min_step_size, max_step_size):
    """The value is that of `tests.optimizers.driving.bowl`."""
    is_worse = lambda path: np.sum(path[-1] ** 2) > np.sum(path[-2] ** 2)
    return signs_of(gradient, start, steps, lr, eta_minus, eta_plus, min_step_size, max_step_size, back=is_worse)


@reference("rprop", "optax")
def rprop_late(gradient, start, steps, lr, eta_minus, eta_plus, min_step_size, max_step_size):
    """optax's rule: the step decided upon is made one step later, and then only if the gradient agrees with it."""
    path, decided, size = [np.array(start)], np.zeros(len(start)), np.full(len(start), lr)
    for t in range(1, steps + 1):
        g = gradient(path[-1], t)
        agree = np.sign(g * decided)
        changed = size * np.choose((agree + 1).astype(int), [eta_minus, 1, eta_plus])
        size = np.where(agree == 0, size, np.clip(changed, min_step_size, max_step_size))
        path.append(path[-1] - np.where(agree < 0, 0.0, decided))
        decided = np.where(agree < 0, 0.0, size * np.sign(g))
    return np.array(path)

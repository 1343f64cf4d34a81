"""Schedule-Free rules: cases, slow references, and how libraries make them."""

import numpy as np

from tests.optimizers.cases.names import in_optax, paired
from tests.optimizers.reference import average, reference

CASES = {
    "schedule_free_sgd": [{"lr": 0.1}, {"lr": 0.3, "beta1": 0.5}, {"lr": 0.1, "beta1": 1}, {"lr": 0.2, "r": 1.5}],
    "schedule_free_adamw": [
        {},
        {"lr": 0.1, "beta1": 0.5, "beta2": 0.9, "eps": 1e-3},
        {"lr": 0.05, "r": 1},
    ],
    "schedule_free_radam": [
        {},
        {"lr": 0.1, "beta1": 0.5, "beta2": 0.9, "eps": 1e-3},
        {"lr": 0.05, "r": 1},
    ],
}

OPTAX = {
    "schedule_free_sgd": lambda optax, h: contrib().schedule_free_sgd(**in_optax(h, "r")),
    "schedule_free_adamw": lambda optax, h: contrib().schedule_free_adamw(**in_optax(h, "r")),
}
PEERS = {
    ("schedule_free_sgd", "authors", "schedulefree"): lambda peer, x, h: (
        training(peer.SGDScheduleFree(x, h["lr"], momentum=h["beta1"], r=h["r"])) if h["beta1"] < 1 else None
    ),
    ("schedule_free_adamw", "authors", "schedulefree"): lambda peer, x, h: training(
        peer.AdamWScheduleFree(x, **paired(h))
    ),
    ("schedule_free_radam", "authors", "schedulefree"): lambda peer, x, h: training(
        peer.RAdamScheduleFree(x, **paired(h))
    ),
    ("schedule_free_sgd", "kozistr", "pytorch_optimizer"): lambda peer, x, h: (
        training(peer.ScheduleFreeSGD(x, h["lr"], momentum=h["beta1"], r=h["r"], weight_decay=0))
        if h["beta1"] < 1
        else None
    ),
    ("schedule_free_adamw", "kozistr", "pytorch_optimizer"): lambda peer, x, h: training(
        peer.ScheduleFreeAdamW(x, **paired(h))
    ),
    ("schedule_free_radam", "kozistr", "pytorch_optimizer"): lambda peer, x, h: training(
        peer.ScheduleFreeRAdam(x, **paired(h))
    ),
}


def contrib():
    import optax.contrib

    return optax.contrib


def training(optimizer):
    """The optimizer, with its parameters where gradients are taken."""
    optimizer.train()
    return optimizer


def three_points(gradient, start, steps, beta1, r, rate_of, step_of):
    """The averages x, each summed anew over all points z; ``rate_of(t)`` and ``step_of(t, gradients, y)`` make z."""
    z, x, g, weights = [np.array(start)], [np.array(start)], [], []
    for t in range(1, steps + 1):
        y = (1 - beta1) * z[-1] + beta1 * x[-1]
        g.append(gradient(y, t))
        z.append(z[-1] - rate_of(t) * step_of(t, g, y))
        weights.append(t**r * max(rate_of(k) for k in range(1, t + 1)) ** 2)
        x.append(np.average(z[1:], axis=0, weights=weights) if any(weights) else x[-1])
    return np.array(x)


@reference("schedule_free_sgd", "authors", "optax", "kozistr", reports=True)
def schedule_free_sgd(gradient, start, steps, lr, beta1, r):
    return three_points(gradient, start, steps, beta1, r, lambda t: lr, lambda t, g, y: g[-1])


def adam_step(beta2, eps, weight_decay, corrected=True):
    def step(t, g, y):
        v = average(np.array(g) ** 2, beta2) / (1 - beta2**t if corrected else 1)
        return g[-1] / (np.sqrt(v) + eps) + weight_decay * y

    return step


@reference("schedule_free_adamw", "authors", "optax", "kozistr", "keras", reports=True)
def schedule_free_adamw(gradient, start, steps, lr, beta1, beta2, eps, r, weight_decay):
    step = adam_step(beta2, eps, weight_decay)
    return three_points(gradient, start, steps, beta1, r, lambda t: lr, step)


@reference("schedule_free_adamw", "first", reports=True)
def schedule_free_adamw_first(gradient, start, steps, lr, beta1, beta2, eps, r, weight_decay):
    step = adam_step(beta2, eps, weight_decay, corrected=False)
    return three_points(gradient, start, steps, beta1, r, lambda t: lr * np.sqrt(1 - beta2**t), step)


@reference("schedule_free_radam", "authors", "kozistr", reports=True)
def schedule_free_radam(gradient, start, steps, lr, beta1, beta2, eps, r, weight_decay):
    longest = 2 / (1 - beta2) - 1

    def rate(t):
        length = longest - 2 * t * beta2**t / (1 - beta2**t)
        if length <= 4:
            return 0.0
        return lr * np.sqrt((length - 4) / (longest - 4) * (length - 2) / (longest - 2) * longest / length)

    return three_points(gradient, start, steps, beta1, r, rate, adam_step(beta2, eps, weight_decay))

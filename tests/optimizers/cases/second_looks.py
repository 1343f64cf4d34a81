"""Rules that take their gradient elsewhere, and rules on products with the Hessian."""

import numpy as np

from tests.optimizers.cases.adam_family import corrected
from tests.optimizers.cases.names import without
from tests.optimizers.reference import average, curvature, reference, walk

CASES = {
    "extragradient": [{}, {"lr": 0.1}],
    "past_extragradient": [{}, {"lr": 0.1}],
    "nesterov_ahead": [{}, {"lr": 0.05, "momentum": 0.5}],
    "adahessian": [{}, {"lr": 0.1}, {"lr": 0.05, "beta1": 0.5, "beta2": 0.9, "eps": 1e-2}],
    "sophia_h": [
        {},
        {"lr": 0.01, "every": 3, "gamma": 1.0, "rho": 0.5},
        {"lr": 0.05, "beta1": 0.5, "beta2": 0.9, "gamma": 0.5, "rho": 0.04},
    ],
}


class Told:
    """A PyTorch optimizer that is told the diagonal of the Hessian in each step."""

    def __init__(self, optimizer, x):
        self.optimizer, self.x, self.t = optimizer, x, 0

    def step(self):
        self.t += 1
        due = (self.t - 1) % getattr(self.optimizer, "update_period", 1) == 0
        told = [0 * self.x[0].detach() + curvature(self.t)]
        self.optimizer.step(hessian=told) if due else self.optimizer.step()


PEERS = {
    ("adahessian", "paper", "pytorch_optimizer"): lambda library, x, h: Told(
        library.AdaHessian(x, **without(h, "beta1", "beta2"), betas=(h["beta1"], h["beta2"]), weight_decay=0), x
    ),
    ("sophia_h", "paper", "pytorch_optimizer"): lambda library, x, h: (
        None
        if h["gamma"] != 1
        else Told(
            library.SophiaH(
                x, h["lr"], betas=(h["beta1"], h["beta2"]), p=h["rho"], update_period=int(h["every"]), eps=h["eps"],
                weight_decay=0,
            ),
            x,
        )
    ),
}  # fmt: skip


def told_diagonal(optax):
    """What optax takes for an estimate of the diagonal: it counts the estimates that it has made."""
    import jax

    def update(updates, count, params=None, **_):
        t = 1 + count[0] * count[1]
        return jax.tree.map(lambda p: 0 * p + 1.5 + 2 * jax.numpy.sin(1.3 * t), params), count.at[0].add(1)

    return lambda every: optax.GradientTransformation(lambda params: jax.numpy.array([0, every]), update)


OPTAX = {
    "sophia_h": lambda optax, h: optax.contrib.sophia(
        h["lr"], h["beta1"], h["beta2"], h["eps"], 0.0, None, h["gamma"], h["rho"], int(h["every"]),
        told_diagonal(optax)(int(h["every"])),
    ),
}  # fmt: skip


@reference("extragradient", "paper")
def extragradient(gradient, start, steps, lr):
    x = [np.array(start)]
    for t in range(1, steps + 1):
        x.append(x[-1] - lr * gradient(x[-1] - lr * gradient(x[-1], t), t))
    return np.array(x)


@reference("past_extragradient", "paper")
def past_extragradient(gradient, start, steps, lr):
    """By its points in between alone: each is the last but two gradients on (Gidel et al., equation 8)."""
    between, x, g = np.array(start), [np.array(start)], []
    for t in range(1, steps + 1):
        g.append(gradient(between, t))
        x.append(x[0] - lr * np.sum(g, axis=0))
        between = x[-1] - lr * g[-1]
    return np.array(x)


@reference("nesterov_ahead", "paper")
def nesterov_ahead(gradient, start, steps, lr, momentum):
    x = [np.array(start), np.array(start)]
    for t in range(1, steps + 1):
        ahead = x[-1] + momentum * (x[-1] - x[-2])
        x.append(ahead - lr * gradient(ahead, t))
    return np.array(x[1:])


@reference("adahessian", "paper")
def adahessian(gradient, start, steps, lr, beta1, beta2, eps):
    def following(t, x, g):
        seen = [np.full_like(g[0], curvature(k) ** 2) for k in range(1, t + 1)]
        return x[-1] - lr * corrected(g, beta1) / (np.sqrt(corrected(seen, beta2)) + eps)

    return walk(gradient, start, steps, following)


def seen_by(t, beta2, every):
    """The average of curvatures after step t."""
    return average([curvature(k) for k in range(1, t + 1, int(every))], beta2) if t > 0 else 0.0


@reference("sophia_h", "paper")
def sophia_h(gradient, start, steps, lr, beta1, beta2, gamma, rho, eps, every):
    def following(t, x, g):
        below = max(gamma * seen_by(t, beta2, every), eps)
        return x[-1] - lr * np.clip(average(g, beta1) / below, -rho, rho)

    return walk(gradient, start, steps, following)


@reference("sophia_h", "optax")
def sophia_h_optax(gradient, start, steps, lr, beta1, beta2, gamma, rho, eps, every):
    def following(t, x, g):
        below = max(gamma * seen_by(t - 1, beta2, every), eps)
        return x[-1] - lr * np.clip(corrected(g, beta1) / below, -rho, rho)

    return walk(gradient, start, steps, following)

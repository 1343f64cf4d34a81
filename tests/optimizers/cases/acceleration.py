"""Accelerated rules, and rules that ask for agreement: cases and slow references. No library of today has them."""

import numpy as np

from tests.optimizers.reference import average, reference, walk

CASES = {
    "nesterov_convex": [{}, {"lr": 0.1}, {"lr": 0.2}],
    "ogm": [{}, {"lr": 0.05}, {"lr": 0.02}],
    "triple_momentum": [{"lr": 0.1}, {"lr": 0.2, "kappa": 10}, {"lr": 0.05, "kappa": 2}],
    "delta_bar_delta": [{}, {"lr": 0.1, "theta": 0}, {"lr": 0.05, "kappa": 0.01, "phi": 0.5}],
    "smorms3": [{}, {"lr": 0.05}, {"lr": 0.1, "eps": 1e-3}],
    "power_sign": [{"lr": 0.05}, {"lr": 0.1, "beta1": 0.5, "base": 2}, {"lr": 0.05, "beta1": 0}],
    "add_sign": [{}, {"lr": 0.05, "beta1": 0.5, "alpha": 2}, {"lr": 0.1, "alpha": 0.5}],
}


def thetas(steps):
    """θ of the steps from 1 on, and of one more."""
    known = [1.0]
    for _ in range(steps):
        known.append((1 + np.sqrt(1 + 4 * known[-1] ** 2)) / 2)
    return known


def accelerated(share, extra):
    """The gradient steps y; the next gradient is taken at y + share (y - last y) + extra (y - its own start)."""

    def run(gradient, start, steps, lr):
        x, y = np.array(start), [np.array(start)]
        for t in range(1, steps + 1):
            y.append(x - lr * gradient(x, t))
            x = y[-1] + share(t) * (y[-1] - y[-2]) + extra(t) * (y[-1] - x)
        return np.array(y)

    return run


THETA = thetas(1000)


@reference("nesterov_convex", "paper", reports=True)
def fista(gradient, start, steps, lr):
    return accelerated(lambda t: (THETA[t - 1] - 1) / THETA[t], lambda t: 0)(gradient, start, steps, lr)


@reference("nesterov_convex", "ratio", reports=True)
def nesterov_ratio(gradient, start, steps, lr):
    return accelerated(lambda t: (t - 1) / (t + 2), lambda t: 0)(gradient, start, steps, lr)


@reference("ogm", "paper", reports=True)
def ogm(gradient, start, steps, lr):
    both = accelerated(lambda t: (THETA[t - 1] - 1) / THETA[t], lambda t: THETA[t - 1] / THETA[t])
    return both(gradient, start, steps, lr)


@reference("triple_momentum", "paper", reports=True)
def triple_momentum(gradient, start, steps, lr, kappa):
    """The state ξ alone, from which the other two points are made."""
    rho = 1 - np.sqrt(1 / kappa)
    beta, gamma, delta = rho**2 / (2 - rho), rho**2 / (1 + rho) / (2 - rho), rho**2 / (1 - rho**2)
    xi, shown = [np.array(start)] * 2, [np.array(start)]
    for t in range(1, steps + 1):
        y = (1 + gamma) * xi[-1] - gamma * xi[-2]
        xi.append((1 + beta) * xi[-1] - beta * xi[-2] - (1 + rho) * lr * gradient(y, t))
        shown.append((1 + delta) * xi[-1] - delta * xi[-2])
    return np.array(shown)


@reference("delta_bar_delta", "paper")
def delta_bar_delta(gradient, start, steps, lr, kappa, phi, theta):
    rates = [np.full(len(start), lr)]

    def following(t, x, g):
        bar = average(g[:-1], theta) if t > 1 else np.zeros(len(start))
        agree = np.sign(bar * g[-1]).astype(int)
        rates.append(np.choose(agree + 1, [rates[-1] * (1 - phi), rates[-1], rates[-1] + kappa]))
        return x[-1] - rates[-1] * g[-1]

    return walk(gradient, start, steps, following)


@reference("smorms3", "authors")
def smorms3(gradient, start, steps, lr, eps):
    """Coordinate by coordinate, the two averages with the weights that the memories so far give each gradient."""
    memories = [np.ones(len(start))]

    def following(t, x, g):
        fresh = 1 / (1 + np.array(memories))
        weights = fresh * np.array([np.prod(1 - fresh[k + 1 :], axis=0) for k in range(t)])
        mean, square = np.sum(weights * g, axis=0), np.sum(weights * np.array(g) ** 2, axis=0)
        agreement = mean**2 / (square + eps)
        memories.append(1 + memories[-1] * (1 - agreement))
        return x[-1] - np.minimum(lr, agreement) / (np.sqrt(square) + eps) * g[-1]

    return walk(gradient, start, steps, following)


@reference("power_sign", "paper", "tf")
def power_sign(gradient, start, steps, lr, beta1, base):
    def following(t, x, g):
        return x[-1] - lr * base ** (np.sign(g[-1]) * np.sign(average(g, beta1))) * g[-1]

    return walk(gradient, start, steps, following)


@reference("add_sign", "paper", "tf")
def add_sign(gradient, start, steps, lr, beta1, alpha):
    def following(t, x, g):
        return x[-1] - lr * (alpha + np.sign(g[-1] * average(g, beta1))) * g[-1]

    return walk(gradient, start, steps, following)

"""Rules that evaluate an average of the iterates: cases, slow references, and how libraries make them."""

import numpy as np

from tests.optimizers.reference import reference, walk

CASES = {
    "asgd": [
        {},
        {"lr": 0.1, "t0": 0},
        {"lr": 0.3, "t0": 20, "lambd": 0.01, "alpha": 0.5},
        {"lr": 0.1, "t0": 2.5, "lambd": 0},
    ],
    "polyak_ruppert": [{}, {"lr": 0.3}, {"lr": 0.3, "alpha": 0.5}, {"lr": 0.1, "alpha": 0}],
}

TORCH = {"asgd": lambda optim, x, h: optim.ASGD(x, **h)}


@reference("asgd", "torch", reports=True)
def asgd(gradient, start, steps, lr, lambd, alpha, t0):
    """The mean of the iterates from step t0 + 2 on, or the last one until then."""

    def following(t, x, g):
        eta = lr / (1 + lambd * lr * (t - 1)) ** alpha
        return (1 - lambd * eta) * x[-1] - eta * g[-1]

    x = walk(gradient, start, steps, following)
    shown = [x[0]]
    for t in range(1, steps + 1):
        weight = 1 / max(1, t - 1 - t0)
        shown.append(weight * x[t] + (1 - weight) * shown[-1])
    return np.array(shown)


@reference("polyak_ruppert", "paper", reports=True)
def polyak_ruppert(gradient, start, steps, lr, alpha):
    x = walk(gradient, start, steps, lambda t, x, g: x[-1] - lr / t**alpha * g[-1])
    return np.array([x[0]] + [np.mean(x[:t], axis=0) for t in range(1, steps + 1)])

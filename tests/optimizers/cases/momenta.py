"""Momentum in other proportions, and rules that look at changes: cases, slow references, how libraries make them."""

import numpy as np

from tests.optimizers.cases.classic import heavy_ball, momentum_torch, momentum_trace
from tests.optimizers.cases.names import in_optax, paired, renamed
from tests.optimizers.reference import average, discounted, reference, walk

CASES = {
    "sgdw": [{}, {"lr": 0.05}, {"lr": 0.1, "momentum": 0.5}, {"lr": 0.05, "momentum": 0.8, "dampening": 0.4}],
    "qhm": [{}, {"lr": 0.3, "momentum": 0.9}, {"lr": 0.1, "momentum": 0.5, "nu": 0}, {"lr": 0.3, "nu": 1}],
    "aggmo": [{}, {"lr": 0.02}, {"lr": 0.05, "beta1": 0.3, "beta2": 0.5, "beta3": 0.8}],
    "pnm": [{}, {"lr": 0.1}, {"lr": 0.05, "beta1": 0.5, "beta0": 0.3}, {"lr": 0.05, "beta0": 0}],
    "accsgd": [{"lr": 0.01}, {"lr": 0.05, "kappa": 10, "xi": 3}, {"lr": 0.02, "kappa": 100, "small_const": 0.5}],
    "pid": [{}, {"lr": 0.01}, {"lr": 0.02, "momentum": 0.5, "integral": 1, "derivative": 3}],
    "optimistic_gd": [{"lr": 0.1}, {"lr": 0.05, "alpha": 2, "beta": 0.5}, {"lr": 0.1, "beta": 0}],
    "optimistic_adam": [
        {},
        {"lr": 0.05, "beta1": 0.5, "beta2": 0.9, "eps": 1e-3},
        {"lr": 0.02, "alpha": 2, "beta": 0.5},
    ],
    "msvag": [{}, {"lr": 0.1}, {"lr": 0.05, "momentum": 0.99}, {"lr": 0.1, "momentum": 0}],
}

KERAS = {"sgdw": lambda optimizers, h: optimizers.SGD(h["lr"], momentum=h["momentum"])}
OPTAX = {
    "sgdw": lambda optax, h: optax.sgd(h["lr"], momentum=h["momentum"]),
    "optimistic_gd": lambda optax, h: optax.optimistic_gradient_descent(**in_optax(h)),
    "optimistic_adam": lambda optax, h: optax.optimistic_adam_v2(**in_optax(h)),
}
PEERS = {
    ("sgdw", "torch", "pytorch_optimizer"): lambda peer, x, h: peer.SGDW(x, **h),
    ("qhm", "jettify", "torch_optimizer"): lambda peer, x, h: peer.QHM(x, **h),
    ("qhm", "kozistr", "pytorch_optimizer"): lambda peer, x, h: peer.QHM(x, **h),
    ("aggmo", "jettify", "torch_optimizer"): lambda peer, x, h: peer.AggMo(x, **paired(h)),
    ("aggmo", "kozistr", "pytorch_optimizer"): lambda peer, x, h: peer.AggMo(x, **paired(h)),
    ("pnm", "kozistr", "pytorch_optimizer"): lambda peer, x, h: peer.PNM(x, h["lr"], betas=(h["beta1"], h["beta0"])),
    ("accsgd", "jettify", "torch_optimizer"): lambda peer, x, h: peer.AccSGD(x, **h),
    ("accsgd", "kozistr", "pytorch_optimizer"): lambda peer, x, h: peer.AccSGD(x, **renamed(h, small_const="constant")),
    ("pid", "jettify", "torch_optimizer"): lambda peer, x, h: peer.PID(x, **h),
    ("pid", "kozistr", "pytorch_optimizer"): lambda peer, x, h: peer.PID(x, **h),
    ("msvag", "kozistr", "pytorch_optimizer"): lambda peer, x, h: peer.MSVAG(x, h["lr"], beta=h["momentum"]),
}

reference("sgdw", "paper", "keras")(heavy_ball)
reference("sgdw", "optax")(momentum_trace)
reference("sgdw", "torch")(momentum_torch)


@reference("qhm", "paper", "jettify", "kozistr")
def qhm(gradient, start, steps, lr, momentum, nu):
    return walk(gradient, start, steps, lambda t, x, g: x[-1] - lr * ((1 - nu) * g[-1] + nu * average(g, momentum)))


@reference("aggmo", "paper", "jettify", "kozistr")
def aggmo(gradient, start, steps, lr, beta1, beta2, beta3):
    def following(t, x, g):
        return x[-1] - lr * np.mean([discounted(g, beta) for beta in (beta1, beta2, beta3)], axis=0)

    return walk(gradient, start, steps, following)


@reference("pnm", "paper", "kozistr")
def pnm(gradient, start, steps, lr, beta1, beta0):
    """The averages of the odd and of the even gradients."""

    def following(t, x, g):
        newest = average(g[::-2][::-1], beta1**2)
        other = average(g[-2::-2][::-1], beta1**2) if t > 1 else 0.0
        return x[-1] - lr * ((1 + beta0) * newest - beta0 * other) / np.hypot(1 + beta0, beta0)

    return walk(gradient, start, steps, following)


@reference("accsgd", "authors", "jettify", "kozistr")
def accsgd(gradient, start, steps, lr, kappa, xi, small_const):
    """Algorithm 1, the average w of the long steps as a sum over all of them."""
    alpha = 1 - small_const**2 * xi / kappa
    long_steps = []

    def following(t, x, g):
        long_steps.append(x[-1] - lr * kappa / small_const * g[-1])
        w = alpha**t * x[0] + average(long_steps, alpha)
        share = small_const / (small_const + (1 - alpha))
        return share * (x[-1] - lr * g[-1]) + (1 - share) * w

    return walk(gradient, start, steps, following)


def pid_walk(before_the_second):
    """PID, whose second change is taken against ``before_the_second(first gradient)``."""

    def run(gradient, start, steps, lr, momentum, integral, derivative):
        def following(t, x, g):
            earlier = [g[0], *g[:-1]]
            if t > 1:
                earlier[1] = before_the_second(g[0])
            changes = [now - then for now, then in zip(g, earlier, strict=True)]
            return x[-1] - lr * (g[-1] + integral * discounted(g, momentum) + derivative * average(changes, momentum))

        return walk(gradient, start, steps, following)

    return run


reference("pid", "paper", "kozistr")(pid_walk(lambda g: g))
reference("pid", "authors", "jettify")(pid_walk(lambda g: 0 * g))


def optimistic_walk(direction, rest):
    """Twice the direction less the last one; before the first step it was 0, or with `rest` what it is then."""

    def run(gradient, start, steps, lr, alpha, beta, **given):
        u = []

        def following(t, x, g):
            u.append(direction(t, g, **given))
            last = u[-2] if t > 1 else u[-1] if rest else 0.0
            return x[-1] - lr * (alpha * u[-1] + beta * (u[-1] - last))

        return walk(gradient, start, steps, following)

    return run


GD = {"paper": optimistic_walk(lambda t, g: g[-1], False), "optax": optimistic_walk(lambda t, g: g[-1], True)}


@reference("optimistic_gd", "paper")
def optimistic_gd(gradient, start, steps, lr, alpha, beta):
    return GD["paper"](gradient, start, steps, lr, alpha, beta)


@reference("optimistic_gd", "optax")
def optimistic_gd_from_rest(gradient, start, steps, lr, alpha, beta):
    return GD["optax"](gradient, start, steps, lr, alpha, beta)


def adam_direction(t, g, beta1, beta2, eps):
    v_hat = average(np.array(g) ** 2, beta2) / (1 - beta2**t)
    return average(g, beta1) / (1 - beta1**t) / (np.sqrt(v_hat) + eps)


def nadam_direction(t, g, beta1, beta2, eps):
    v_hat = average(np.array(g) ** 2, beta2) / (1 - beta2**t)
    ahead = beta1 * average(g, beta1) / (1 - beta1 ** (t + 1)) + (1 - beta1) * g[-1] / (1 - beta1**t)
    return ahead / (np.sqrt(v_hat) + eps)


@reference("optimistic_adam", "paper")
def optimistic_adam(gradient, start, steps, lr, alpha, beta, beta1, beta2, eps):
    run = optimistic_walk(adam_direction, False)
    return run(gradient, start, steps, lr, alpha, beta, beta1=beta1, beta2=beta2, eps=eps)


@reference("optimistic_adam", "optax")
def optimistic_adam_from_rest(gradient, start, steps, lr, alpha, beta, beta1, beta2, eps):
    run = optimistic_walk(nadam_direction, True)
    return run(gradient, start, steps, lr, alpha, beta, beta1=beta1, beta2=beta2, eps=eps)


def msvag_walk(cap):
    """The mean and the variance as weighted over all gradients, the variance freed of its bias by the weights."""

    def run(gradient, start, steps, lr, momentum):
        def following(t, x, g):
            weights = momentum ** np.arange(t - 1, -1, -1.0)
            weights /= weights.sum()
            rho = min(np.sum(weights**2), cap)
            mean = weights @ np.array(g)
            variance = weights @ (np.array(g) - mean) ** 2 / (1 - rho)
            return x[-1] - lr * mean * mean**2 / (mean**2 + rho * variance)

        return walk(gradient, start, steps, following)

    return run


reference("msvag", "authors")(msvag_walk(0.999))
reference("msvag", "kozistr")(msvag_walk(0.9999))

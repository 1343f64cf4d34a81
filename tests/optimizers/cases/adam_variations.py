"""What uses Adam's averages otherwise: differences, mixtures, other denominators, directions, momenta of quotients."""

import numpy as np

from tests.optimizers.cases.adam_family import BETAS, averages_of_squares, corrected, squares
from tests.optimizers.cases.names import in_optax, paired, without
from tests.optimizers.reference import average, reference, walk

NO_EPS = [{name: value for name, value in case.items() if name != "eps"} for case in BETAS]
CASES = {
    "diffgrad": BETAS,
    "adan": [
        {},
        {"lr": 0.1},
        {"lr": 0.05, "beta1": 0.5, "beta2": 0.6, "beta3": 0.9, "eps": 1e-3},
        {"lr": 0.02, "beta1": 0, "beta2": 0, "beta3": 0.9},
        {"lr": 0.05, "eps_root": 1e-3},
    ],
    "qhadam": [*BETAS, {"lr": 0.05, "nu1": 1, "nu2": 0.5}, {"lr": 0.05, "nu1": 0.3, "nu2": 0.9, "beta1": 0.9}],
    "padam": [
        {},
        {"lr": 0.1, "partial": 0.5},
        {"lr": 0.05, "beta1": 0.5, "beta2": 0.9, "eps": 1e-3, "partial": 0.3},
        {"lr": 0.02, "beta1": 0, "partial": 1e-3},
    ],
    "adamd": BETAS,
    "adam_atan2": [*NO_EPS, {"lr": 0.05, "a": 1.27}, {"lr": 0.05, "a": 0.5, "b": 3}],
    "exadam": BETAS,
    "adopt": BETAS,
    "laprop": BETAS,
    "grams": BETAS,
    "ano": [case for case in BETAS if case.get("beta2", 1) >= 0.5],
}
OPTAX = {
    "adan": lambda optax, h: optax.adan(**in_optax(h)),
    "adopt": lambda optax, h: optax.contrib.adopt(**in_optax(h)),
}
PEERS = {
    ("diffgrad", "authors", "torch_optimizer"): lambda peer, x, h: peer.DiffGrad(x, **paired(h)),
    ("adan", "authors", "pytorch_optimizer"): lambda peer, x, h: (
        None if h["eps_root"] else peer.Adan(x, **without(h, "eps_root"))
    ),
    ("qhadam", "authors", "torch_optimizer"): lambda peer, x, h: peer.QHAdam(
        x, **without(h, "nu1", "nu2"), nus=(h["nu1"], h["nu2"])
    ),
    ("padam", "kozistr", "pytorch_optimizer"): lambda peer, x, h: peer.PAdam(x, **paired(h)),
    ("exadam", "paper", "pytorch_optimizer"): lambda peer, x, h: peer.EXAdam(x, **paired(h)),
    ("adopt", "authors", "pytorch_optimizer"): lambda peer, x, h: peer.ADOPT(
        x, clip_lambda=lambda step: (step - 1) ** 0.25, **paired(h)
    ),
    ("adopt", "paper", "pytorch_optimizer"): lambda peer, x, h: peer.ADOPT(x, clip_lambda=None, **paired(h)),
    ("laprop", "authors", "pytorch_optimizer"): lambda peer, x, h: (
        peer.LaProp(x, **paired(h)) if h["eps"] < 1e-6 else None  # its eps stands beside the uncorrected root
    ),
    ("ano", "paper", "pytorch_optimizer"): lambda peer, x, h: peer.Ano(x, **paired(h)),
}


def adams(numerator, denominator):
    """The walk along ``lr numerator / denominator``, both of the step and the gradients so far."""

    def walked(gradient, start, steps, lr):
        return walk(gradient, start, steps, lambda t, x, g: x[-1] - lr * numerator(t, g) / denominator(t, g))

    return walked


def root(beta2, eps):
    return lambda t, g: np.sqrt(corrected(squares(g), beta2)) + eps


def friction(g):
    before = g[-2] if len(g) > 1 else 0
    return 1 / (1 + np.exp(-np.abs(before - g[-1])))


@reference("diffgrad", "paper")
def diffgrad(gradient, start, steps, lr, beta1, beta2, eps):
    return adams(lambda t, g: friction(g) * corrected(g, beta1), root(beta2, eps))(gradient, start, steps, lr)


def eps_hat(t, g, beta1, beta2, eps):
    """Adam's step for lr = 1 with both corrections in the step size."""
    rate = np.sqrt(1 - beta2**t) / (1 - beta1**t)
    return rate * average(g, beta1) / (np.sqrt(average(squares(g), beta2)) + eps)


@reference("diffgrad", "authors")
def diffgrad_authors(gradient, start, steps, lr, beta1, beta2, eps):
    rubbed = lambda t, g: friction(g) * eps_hat(t, g, beta1, beta2, eps)
    return adams(rubbed, lambda t, g: 1)(gradient, start, steps, lr)


def adan_with(share):
    """The reference with ``share(beta2)`` as the weight of the change."""

    def adan(gradient, start, steps, lr, beta1, beta2, beta3, eps, eps_root):
        def following(t, x, g):
            changes = [np.zeros_like(start)] + [later - earlier for earlier, later in zip(g, g[1:], strict=False)]
            foretold = np.array(g) + share(beta2) * np.array(changes)
            u = corrected(g, beta1) + share(beta2) * corrected(changes, beta2)
            return x[-1] - lr * u / (np.sqrt(corrected(foretold**2, beta3) + eps_root) + eps)

        return walk(gradient, start, steps, following)

    return adan


reference("adan", "paper", "authors")(adan_with(lambda beta2: beta2))
reference("adan", "optax")(adan_with(lambda beta2: 1 - beta2))


@reference("qhadam", "paper", "authors")
def qhadam(gradient, start, steps, lr, beta1, beta2, eps, nu1, nu2):
    above = lambda t, g: (1 - nu1) * g[-1] + nu1 * corrected(g, beta1)
    below = lambda t, g: np.sqrt((1 - nu2) * g[-1] ** 2 + nu2 * corrected(squares(g), beta2)) + eps
    return adams(above, below)(gradient, start, steps, lr)


@reference("padam", "paper")
def padam(gradient, start, steps, lr, beta1, beta2, eps, partial):
    below = lambda t, g: (np.sqrt(np.max(averages_of_squares(g, beta2), axis=0)) + eps) ** (2 * partial)
    return adams(lambda t, g: average(g, beta1), below)(gradient, start, steps, lr)


@reference("padam", "kozistr")
def padam_kozistr(gradient, start, steps, lr, beta1, beta2, eps, partial):
    above = lambda t, g: np.sqrt(1 - beta2**t) * corrected(g, beta1)
    below = lambda t, g: (np.sqrt(average(squares(g), beta2)) + eps) ** (2 * partial)
    return adams(above, below)(gradient, start, steps, lr)


@reference("adamd", "paper")
def adamd(gradient, start, steps, lr, beta1, beta2, eps):
    return adams(lambda t, g: average(g, beta1), root(beta2, eps))(gradient, start, steps, lr)


@reference("adam_atan2", "paper")
def adam_atan2(gradient, start, steps, lr, beta1, beta2, a, b):
    angle = lambda t, g: np.arctan2(corrected(g, beta1), b * root(beta2, 0)(t, g))
    return adams(lambda t, g: a * angle(t, g), lambda t, g: 1)(gradient, start, steps, lr)


@reference("exadam", "paper")
def exadam(gradient, start, steps, lr, beta1, beta2, eps):
    """The corrected averages, each stretched by what the other does not know yet, and the newest gradient."""

    def following(t, x, g):
        m, v = average(g, beta1), average(squares(g), beta2)
        m_tilde = m / (1 - beta1**t) * (1 + v / (v + eps) * beta2**t)
        v_tilde = v / (1 - beta2**t) * (1 + m**2 / (m**2 + eps) * beta1**t)
        newest = g[-1] / (1 - beta1**t) * (1 + v / (v + eps) * beta2**t)
        return x[-1] - lr * (m_tilde + newest) / (np.sqrt(v_tilde) + eps)

    return walk(gradient, start, steps, following)


def adopt_with(limit):
    def adopt(gradient, start, steps, lr, beta1, beta2, eps):
        """The average of squares starts with the first; quotients start with the second."""
        quotients = []

        def following(t, x, g):
            if t == 1:
                return x[-1]
            earlier = squares(g[:-1])
            v = beta2 ** (t - 2) * earlier[0] + (average(earlier[1:], beta2) if t > 2 else 0)
            quotient = g[-1] / np.maximum(np.sqrt(v), eps)
            quotients.append(np.clip(quotient, -limit(t), limit(t)))
            return x[-1] - lr * average(quotients, beta1)

        return walk(gradient, start, steps, following)

    return adopt


reference("adopt", "paper")(adopt_with(lambda t: np.inf))
reference("adopt", "authors", "optax")(adopt_with(lambda t: (t - 1) ** 0.25))


@reference("laprop", "paper", "authors")
def laprop(gradient, start, steps, lr, beta1, beta2, eps):
    quotients = []

    def following(t, x, g):
        quotients.append(g[-1] / root(beta2, eps)(t, g))
        return x[-1] - lr * corrected(quotients, beta1)

    return walk(gradient, start, steps, following)


@reference("grams", "paper")
def grams(gradient, start, steps, lr, beta1, beta2, eps):
    above = lambda t, g: np.sign(g[-1]) * np.abs(corrected(g, beta1))
    return adams(above, root(beta2, eps))(gradient, start, steps, lr)


@reference("grams", "authors")
def grams_authors(gradient, start, steps, lr, beta1, beta2, eps):
    above = lambda t, g: np.sign(g[-1]) * np.abs(eps_hat(t, g, beta1, beta2, eps))
    return adams(above, lambda t, g: 1)(gradient, start, steps, lr)


def signed_average(beta2):
    """The average of squares, each with the sign of its distance to the average before, asked step after step."""
    signed = []

    def averaged(g):
        before = average(signed, beta2) if signed else 0.0
        signed.append(np.sign(g[-1] ** 2 - before) * g[-1] ** 2)
        return average(signed, beta2) / (1 - beta2 ** len(g))

    return averaged


def signs_of_average(g, beta1):
    return np.abs(g[-1]) * np.sign(average(g, beta1))


@reference("ano", "paper")
def ano(gradient, start, steps, lr, beta1, beta2, eps):
    v_hat = signed_average(beta2)
    below = lambda t, g: np.sqrt(v_hat(g)) + eps
    return adams(lambda t, g: signs_of_average(g, beta1), below)(gradient, start, steps, lr)


@reference("ano", "authors")
def ano_authors(gradient, start, steps, lr, beta1, beta2, eps):
    v_hat = signed_average(beta2)
    below = lambda t, g: np.sqrt(v_hat(g) + eps)
    return adams(lambda t, g: signs_of_average(g, beta1), below)(gradient, start, steps, lr)

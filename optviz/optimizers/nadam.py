"""Nadam: Adam that already applies the next step's momentum, after Nesterov."""

from math import sqrt

from optviz.optimizers import optimizer
from optviz.optimizers._spoken import decoupled, switches


def weights(now, following, product):
    """The weights of m and of g in the step, both corrected by the product of the momenta so far."""
    return {"of_m": following / (1 - product * following), "of_g": (1 - now) / (1 - product), "product": product}


def momentum_at(t, beta1, momentum_decay):
    return beta1 * (1 - 0.5 * 0.96 ** (t * momentum_decay))


def rising_momentum(t, before, beta1, beta2, momentum_decay):
    now, following = momentum_at(t, beta1, momentum_decay), momentum_at(t + 1, beta1, momentum_decay)
    return weights(now, following, before.get("product", 1.0) * now) | {"unbias_v": 1 / (1 - beta2**t)}


@optimizer(
    title="Nadam",
    year=2016,
    reference="Dozat 2016, Incorporating Nesterov Momentum into Adam, ICLR workshop, Algorithm 2",
    url="https://openreview.net/forum?id=OM0jvwB8jIp57ZJjtNEZ",
    equation=(
        "m ← β₁ m + (1 − β₁) g,  v ← β₂ v + (1 − β₂) g²,  "
        "m̄ = μₜ₊₁ m / (1 − Π μₜ₊₁) + (1 − μₜ) g / (1 − Π),  x ← x − lr m̄ / (√v̂ + ε)"
    ),
    family="adam",
    variants=("torch", "keras"),
    scalars=rising_momentum,
    defaults={
        "torch": {"lr": 2e-3, "beta1": 0.9, "beta2": 0.999, "eps": 1e-8, "momentum_decay": 4e-3},
        "keras": {"lr": 1e-3, "beta1": 0.9, "beta2": 0.999, "eps": 1e-7, "momentum_decay": 1.0},
        "paper": {"lr": 2e-3, "beta1": 0.9, "beta2": 0.999, "eps": 1e-8, "momentum_decay": 4e-3},
        "optax": {"beta1": 0.9, "beta2": 0.999, "eps": 1e-8, "momentum_decay": 0.0},
    },
    ranges={"momentum_decay": (0, float("inf"), True, False)},
    becomes=switches("nadam", **decoupled("nadam")),
    keys={"torch": {"m": "exp_avg", "v": "exp_avg_sq", "product": "mu_product"}},
    oracles={"torch": "torch.optim.NAdam", "keras": "keras.optimizers.Nadam", "optax": "optax.nadam"},
)
def nadam(x, g, m, v, of_m, of_g, product, unbias_v, lr, beta1, beta2, eps):
    """Step along the average gradient as it will count at the next step, with the newest gradient mixed in.

    The momentum μ rises from half of beta1 to beta1 with the step: μₜ = β₁ (1 − 0.96^(t ψ) / 2), ψ being
    momentum_decay, and Π is the product of all so far. torch and Keras keep beta1 in the average itself, as the
    author's report of 2015 does. The paper's Algorithm 2 puts μ into the average too and multiplies v̂ by beta2;
    nobody else does. optax has no schedule: μ is beta1 throughout, and momentum_decay has no place there.

    **Keras has lost the factor ψ = 0.004**: with its 1 the momentum reaches beta1 after a hundred steps instead of
    ten thousand (step 100: 0.892 against torch's 0.457).
    """
    m = beta1 * m + (1 - beta1) * g
    v = beta2 * v + (1 - beta2) * g**2
    return x - lr * (of_m * m + of_g * g) / (sqrt(v * unbias_v) + eps), m, v


def constant_momentum(t, beta1, beta2):
    return weights(beta1, beta1, beta1**t) | {"unbias_v": 1 / (1 - beta2**t)}


# The product is a power here; the step is the same.
nadam.formula("optax", scalars=constant_momentum)(nadam.variants["torch"][0].update)


def momentum_of_algorithm_2(t, before, beta1, beta2, momentum_decay):
    now = momentum_at(t, beta1, momentum_decay)
    known = rising_momentum(t, before, beta1, beta2, momentum_decay)
    return known | {"unbias_v": beta2 / (1 - beta2**t), "now": now, "rest": 1 - now}


@nadam.formula("paper", scalars=momentum_of_algorithm_2)
def nadam_paper(x, g, m, v, of_m, of_g, product, unbias_v, now, rest, lr, beta2, eps):
    m = now * m + rest * g
    v = beta2 * v + (1 - beta2) * g**2
    return x - lr * (of_m * m + of_g * g) / (sqrt(v * unbias_v) + eps), m, v

"""RAdam: Adam that steps without a denominator until the variance of that denominator is known to be finite."""

from math import sqrt

from optviz.optimizers import optimizer
from optviz.optimizers._spoken import decoupled, switches
from optviz.optimizers.adam import unbias


def average_length(t, beta2):
    """How long a plain average would be that is as reliable as v at step t, and at most."""
    longest = 2 / (1 - beta2) - 1
    return longest - 2 * t * beta2**t / (1 - beta2**t), longest


def rectification(length, longest, tractable):
    """The factor r of the rectified step, 0 where `tractable` is 0."""
    below = tractable * (longest - 4) * (longest - 2) * length + (1 - tractable)  # never 0
    return tractable * (abs((length - 4) * (length - 2) * longest) / below) ** 0.5


def beyond_4(t, beta1, beta2):
    length, longest = average_length(t, beta2)
    return unbias(t, beta1, beta2) | {"r": rectification(length, longest, 1.0 * (length > 4))}


def from_5(t, beta1, beta2):
    length, longest = average_length(t, beta2)
    return unbias(t, beta1, beta2) | {"r": rectification(length, longest, 1.0 * (length >= 5))}


@optimizer(
    title="RAdam",
    year=2019,
    reference="Liu et al. 2019, arXiv:1908.03265, Algorithm 2",
    url="https://arxiv.org/abs/1908.03265",
    equation="ρ = ρ∞ − 2 t β₂ᵗ / (1 − β₂ᵗ),  x ← x − lr r m̂ / √v̂ if ρ > 4, else x − lr m̂",
    family="adam",
    variants=("paper",),
    scalars=beyond_4,
    defaults={
        "torch": {"lr": 1e-3, "beta1": 0.9, "beta2": 0.999, "eps": 1e-8},
        "paper": {"lr": 1e-3, "beta1": 0.9, "beta2": 0.999},
        "optax": {"beta1": 0.9, "beta2": 0.999, "eps": 1e-8},
    },
    names=("rectified-adam",),
    becomes=switches("radam", **decoupled("radam")),
    keys={"torch": {"m": "exp_avg", "v": "exp_avg_sq"}},
    oracles={"torch": "torch.optim.RAdam", "optax": "optax.radam"},
)
def radam(x, g, m, v, unbias_m, unbias_v, r, lr, beta1, beta2, eps):
    """Follow the average gradient alone in the first steps, then Adam's step times a factor r that rises to 1.

    ρ is the length of a plain average that would be as reliable as v, ρ∞ = 2 / (1 − β₂) − 1 its limit, and
    r² = (ρ − 4)(ρ − 2) ρ∞ / ((ρ∞ − 4)(ρ∞ − 2) ρ). The paper rectifies where ρ > 4, torch where ρ > 5 and optax where
    ρ ≥ 5: with beta2 = 0.999 that is from step 5 or from step 6 on. The paper has no eps (eps=0 gives it to the letter;
    torch's 1e-8 fills in), optax adds it to the corrected root, torch to the uncorrected one.

    The first steps are those of momentum: they grow with the gradient, and with lr = 0.001 they hardly move anything
    where gradients are small. With beta2 of at most 0.6 every step is of that kind.
    """
    m = beta1 * m + (1 - beta1) * g
    v = beta2 * v + (1 - beta2) * g**2
    return x - lr * (m * unbias_m) * (r / (sqrt(v * unbias_v) + eps) if r > 0 else 1), m, v


radam.formula("optax", scalars=from_5)(radam.variants["paper"][0].update)


def beyond_5(t, beta1, beta2):
    length, longest = average_length(t, beta2)
    r = rectification(length, longest, 1.0 * (length > 5))
    return {"unbias_m": 1 / (1 - beta1**t), "r": r * (1 - beta2**t) ** 0.5}


@radam.formula("torch", scalars=beyond_5)
def radam_torch(x, g, m, v, unbias_m, r, lr, beta1, beta2, eps):
    m = beta1 * m + (1 - beta1) * g
    v = beta2 * v + (1 - beta2) * g**2
    return x - lr * (m * unbias_m) * (r / (sqrt(v) + eps) if r > 0 else 1), m, v

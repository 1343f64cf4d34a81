"""Adam's kin that divide by how far gradients are from what was expected: AdaBelief, ACProp."""

from math import sqrt

from optviz.optimizers import optimizer
from optviz.optimizers.adam import unbias


@optimizer(
    title="AdaBelief",
    year=2020,
    reference="Zhuang et al. 2020, arXiv:2010.07468, Algorithm 2",
    url="https://arxiv.org/abs/2010.07468",
    equation="m ← β₁ m + (1 − β₁) g,  s ← β₂ s + (1 − β₂) (g − m)² + ε,  x ← x − lr m̂ / (√ŝ + ε)",
    family="adam",
    variants=("paper", "optax"),
    scalars=unbias,
    defaults={
        "paper": {"lr": 1e-3, "beta1": 0.9, "beta2": 0.999, "eps": 1e-16, "eps_root": 1e-16},
        "optax": {"beta1": 0.9, "beta2": 0.999, "eps": 1e-16, "eps_root": 1e-16},
    },
    decay={"paper": "decoupled"},
    ranges={"eps_root": (0, float("inf"), True, False)},
    oracles={"paper": "pytorch_optimizer.AdaBelief", "optax": "optax.adabelief"},
)
def adabelief(x, g, m, s, unbias_m, unbias_v, lr, beta1, beta2, eps, eps_root):
    """Divide the average gradient by how far gradients were from it, so that steps are long where they agree.

    The second eps is added to s itself at every step and stays there; under the same weight as the squares it tends to
    eps_root / (1 − β₂). The paper and the authors' code call both by one name and take 1e-16 for it, optax has two
    names; implementations with 1e-8 compute another rule, for that floor is then 3e-3 under the root. The authors' code
    rectifies its first steps besides, as RAdam does, unless told otherwise.

    On a straight slope g − m goes to 0 and steps become very long: the rule wants that, and overshoots by it. Without
    momentum (beta1 = 0) nothing is left of s but eps_root.
    """
    m = beta1 * m + (1 - beta1) * g
    s = beta2 * s + (1 - beta2) * (g - m) ** 2 + eps_root
    return x - lr * (m * unbias_m) / (sqrt(s * unbias_v) + eps), m, s


def denominator_of_the_step_before(t, beta2):
    later = 1.0 * (t > 1)
    return {"unbias_before": later / (1 - beta2 ** (t - later)), "instead": 1 - later}


@optimizer(
    title="ACProp",
    year=2021,
    reference="Zhuang et al. 2021, arXiv:2110.05454, as optax.contrib computes it",
    url="https://arxiv.org/abs/2110.05454",
    equation="x ← x − lr g / (√ŝ + ε),  s ← β₂ s + (1 − β₂) (g − m)² + ε,  m ← β₁ m + (1 − β₁) g",
    family="adam",
    variants=("optax",),
    scalars=denominator_of_the_step_before,
    defaults={"optax": {"lr": 1e-3, "beta1": 0.9, "beta2": 0.999, "eps": 1e-16, "eps_root": 1e-16}},
    ranges={"eps_root": (0, float("inf"), True, False)},
    oracles={"optax": "optax.contrib.acprop"},
)
def acprop(x, g, m, s, unbias_before, instead, lr, beta1, beta2, eps, eps_root):
    """Divide each gradient by a spread that does not know it yet: AdaBelief's, of the steps before.

    Numerator and denominator are then independent, and the step is right on average. There is no momentum in the
    numerator; m serves the spread alone. optax measures it against the average before the newest gradient, its own
    documentation against the one after. The first step has no spread to divide by: its denominator is 1, so that it is
    as long as the gradient is large.
    """
    step = lr * g / (sqrt(s * unbias_before + instead) + eps)
    s = beta2 * s + (1 - beta2) * (g - m) ** 2 + eps_root
    m = beta1 * m + (1 - beta1) * g
    return x - step, m, s

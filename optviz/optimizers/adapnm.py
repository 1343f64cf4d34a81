"""AdaPNM: AMSGrad with positive-negative momentum."""

from math import sqrt

from optviz.optimizers import optimizer
from optviz.optimizers._formulas import greater


def mixture(t, lr, beta1, beta2, beta3):
    """What the two averages count in the step, and the weights of a memory of every other gradient."""
    size = lr / (1 - beta1**t) / ((1 + beta3) ** 2 + beta3**2) ** 0.5
    weights = {"of_new": size * (1 + beta3), "of_old": size * beta3, "keep": beta1**2, "rest": 1 - beta1**2}
    return weights | {"unbias_v": 1 / (1 - beta2**t)}


@optimizer(
    title="AdaPNM",
    year=2021,
    reference="Xie et al. 2021, arXiv:2103.17182",
    url="https://arxiv.org/abs/2103.17182",
    equation=(
        "p ← β₁² p′ + (1 − β₁²) g,  h ← max(h, v),  "
        "x ← x − lr / (1 − β₁ᵗ) ((1 + β₃) p − β₃ p′) / √((1 + β₃)² + β₃²) / (√ĥ + ε)"
    ),
    family="adam",
    variants=("paper",),
    scalars=mixture,
    defaults={"paper": {"lr": 1e-3, "beta1": 0.9, "beta2": 0.999, "beta3": 1.0, "eps": 1e-8}},
    decay={"paper": "decoupled", "kozistr": "decoupled"},
    oracles={"kozistr": "pytorch_optimizer.AdaPNM"},
    ranges={"beta3": (0, float("inf"), True, False)},
)
def adapnm(x, g, new, old, v, h, of_new, of_old, keep, rest, unbias_v, beta2, eps):
    """Average even and odd gradients apart and step along twice the newer average minus the older.

    The difference of the two averages is noise alone, and adding it is the point: beta3 (the paper's β₀) says how much.
    With beta3 = 0 it is AMSGrad on every other gradient. The collection pytorch_optimizer (variant ``kozistr``) puts
    eps beside the uncorrected root.
    """
    after = keep * old + rest * g
    v = beta2 * v + (1 - beta2) * g**2
    h = greater(h, v)
    return x - (of_new * after - of_old * new) / (sqrt(h * unbias_v) + eps), after, new, v, h


def mixture_with_corrected_rate(t, lr, beta1, beta2, beta3):
    weights = mixture(t, lr, beta1, beta2, beta3)
    root = (1 - beta2**t) ** 0.5
    return {"of_new": root * weights["of_new"], "of_old": root * weights["of_old"], "keep": weights["keep"],
            "rest": weights["rest"]}  # fmt: skip


@adapnm.formula("kozistr", scalars=mixture_with_corrected_rate)
def adapnm_kozistr(x, g, new, old, v, h, of_new, of_old, keep, rest, beta2, eps):
    after = keep * old + rest * g
    v = beta2 * v + (1 - beta2) * g**2
    h = greater(h, v)
    return x - (of_new * after - of_old * new) / (sqrt(h) + eps), after, new, v, h

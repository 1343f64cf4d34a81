"""Adam with its denominator put to other use: PAdam, AdamD, Adam-atan2, EXAdam."""

from math import atan2, pow, sqrt

from optviz.optimizers import optimizer
from optviz.optimizers._formulas import greater
from optviz.optimizers.adam import corrected_rate, unbias


@optimizer(
    title="PAdam",
    year=2018,
    reference="Chen et al. 2018, arXiv:1806.06763, Algorithm 1",
    url="https://arxiv.org/abs/1806.06763",
    equation="m, v as in Adam,  h ← max(h, v),  x ← x − lr m / hᵖ",
    family="adam",
    variants=("paper",),
    defaults={
        "paper": {"lr": 0.1, "beta1": 0.9, "beta2": 0.999, "partial": 0.125},
        "kozistr": {"lr": 0.1, "beta1": 0.9, "beta2": 0.999, "eps": 1e-8, "partial": 0.25},
    },
    ranges={"partial": (0, 0.5, False, True)},
    oracles={"kozistr": "pytorch_optimizer.PAdam"},
)
def padam(x, g, m, v, h, lr, beta1, beta2, eps, partial):
    """Divide the average gradient by a small power of the largest average square: between momentum and AMSGrad.

    ``partial`` is the paper's p: 1/2 is AMSGrad, and towards 0 the denominator loses its say; the learning rate grows
    as p falls. The paper has no eps (eps=0 gives it to the letter; 1e-8 fills in). The variant kozistr, of the
    collection pytorch_optimizer, takes no maximum and corrects both averages as Adam does.
    """
    m = beta1 * m + (1 - beta1) * g
    v = beta2 * v + (1 - beta2) * g**2
    h = greater(h, v)
    return x - lr * m / pow(sqrt(h) + eps, 2 * partial), m, v, h


@padam.formula("kozistr", scalars=corrected_rate)
def padam_kozistr(x, g, m, v, rate, beta1, beta2, eps, partial):
    m = beta1 * m + (1 - beta1) * g
    v = beta2 * v + (1 - beta2) * g**2
    return x - rate * m / pow(sqrt(v) + eps, 2 * partial), m, v


def unbias_v(t, beta2):
    return {"unbias_v": 1 / (1 - beta2**t)}


@optimizer(
    title="AdamD",
    year=2021,
    reference="St John 2021, arXiv:2110.10828",
    url="https://arxiv.org/abs/2110.10828",
    equation="m, v as in Adam,  x ← x − lr m / (√v̂ + ε)",
    family="adam",
    variants=("paper",),
    scalars=unbias_v,
    defaults={"paper": {"lr": 1e-3, "beta1": 0.9, "beta2": 0.999, "eps": 1e-8}},
)
def adamd(x, g, m, v, unbias_v, lr, beta1, beta2, eps):
    """Correct the average square for its start at 0, but not the average gradient.

    The first steps are then short, by 1 − β₁ᵗ, where Adam's are full: a warm-up over the first 1 / (1 − β₁) steps.
    After that both are the same rule.
    """
    m = beta1 * m + (1 - beta1) * g
    v = beta2 * v + (1 - beta2) * g**2
    return x - lr * m / (sqrt(v * unbias_v) + eps), m, v


@optimizer(
    title="Adam-atan2",
    year=2024,
    reference="Everett et al. 2024, arXiv:2407.05872",
    url="https://arxiv.org/abs/2407.05872",
    equation="m, v as in Adam,  x ← x − lr a atan2(m̂, b √v̂)",
    family="adam",
    variants=("paper",),
    scalars=unbias,
    defaults={
        "paper": {"lr": 1e-3, "beta1": 0.9, "beta2": 0.999, "a": 1.0, "b": 1.0},
        "lucidrains": {"lr": 1e-4, "beta1": 0.9, "beta2": 0.99, "a": 1.27, "b": 1.0},
    },
    decay={"paper": "decoupled"},
    ranges={"a": (0, float("inf"), True, False), "b": (0, float("inf"), False, False)},
)
def adam_atan2(x, g, m, v, unbias_m, unbias_v, lr, beta1, beta2, a, b):
    """Take the angle of the two averages for their quotient, so that no eps is needed.

    For small quotients both are the same; where the quotient is 1 the angle is π/4, and a = 4/π ≈ 1.27 makes up for it
    (the package adam-atan2-pytorch does so). However small or large gradients are, the path is the same, exactly.
    """
    m = beta1 * m + (1 - beta1) * g
    v = beta2 * v + (1 - beta2) * g**2
    return x - lr * a * atan2(m * unbias_m, b * sqrt(v * unbias_v)), m, v


def unbias_and_fade(t, beta1, beta2):
    return unbias(t, beta1, beta2) | {"fading1": beta1**t, "fading2": beta2**t}


@optimizer(
    title="EXAdam",
    year=2024,
    reference="Adly 2024, arXiv:2412.20302",
    url="https://arxiv.org/abs/2412.20302",
    equation=(
        "d₁ = 1 + v / (v + ε) β₂ᵗ,  d₂ = 1 + m² / (m² + ε) β₁ᵗ,  x ← x − lr d₁ (m̂ + g / (1 − β₁ᵗ)) / (√(v̂ d₂) + ε)"
    ),
    family="adam",
    variants=("paper",),
    scalars=unbias_and_fade,
    defaults={"paper": {"lr": 1e-3, "beta1": 0.9, "beta2": 0.999, "eps": 1e-8}},
    decay={"paper": "decoupled"},
    oracles={"paper": "pytorch_optimizer.EXAdam"},
)
def exadam(x, g, m, v, unbias_m, unbias_v, fading1, fading2, lr, beta1, beta2, eps):
    """Let each average correct the other for its start, and add the newest gradient to the numerator.

    The corrections d₁ and d₂ fade with β₂ᵗ and β₁ᵗ; what remains is Adam with m̂ + g in place of m̂, about twice Adam's
    step. The first step is 16 lr long with the usual betas, for the newest gradient is divided by 1 − β₁ there.
    """
    m = beta1 * m + (1 - beta1) * g
    v = beta2 * v + (1 - beta2) * g**2
    of_m = 1 + v / (v + eps) * fading2
    of_v = 1 + m**2 / (m**2 + eps) * fading1
    return x - lr * of_m * unbias_m * (m + g) / (sqrt(v * unbias_v * of_v) + eps), m, v

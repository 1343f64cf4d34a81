"""Rules that find their learning rate from how far they have come: DoG, DoWG, D-Adaptation, Prodigy."""

from math import sqrt

from optviz.optimizers import grand_total, optimizer
from optviz.optimizers.layers import first

ABOVE = (0, float("inf"), False, False)


@optimizer(
    title="DoG",
    year=2023,
    reference="Ivgi et al. 2023, arXiv:2302.12022, equation 2",
    url="https://arxiv.org/abs/2302.12022",
    equation="r ← max(r, ‖x − x₀‖),  G ← G + ‖g‖²,  x ← x − lr r / √(G + ε) g",
    family="free",
    shared=("r", "square"),
    initial={"x0": "x"},
    defaults={"paper": {"lr": 1.0, "r_eps": 1e-6, "eps": 1e-8}},
    ranges={"r_eps": ABOVE},
    aliases={"reps_rel": "r_eps"},
    oracles={"paper": "optax.contrib.dog"},
)
def dog(x, g, x0, r, square, lr, r_eps, eps):
    """Divide the largest distance from the start by the root of the sum of squared gradients: that is the rate.

    The first distance is `r_eps` (1 + ‖x₀‖). The authors report the average of the iterates, as
    ``polyak_average(dog)`` does.
    """
    r = max(r, max(sqrt(grand_total((x - x0) ** 2)), r_eps * (1 + sqrt(grand_total(x0**2)))))
    square = square + grand_total(g**2)
    return x - lr * r / sqrt(square + eps) * g, x0, r, square


@optimizer(
    title="DoWG",
    year=2023,
    reference="Khaled et al. 2023, arXiv:2305.16284, Algorithm 1",
    url="https://arxiv.org/abs/2305.16284",
    equation="r² ← max(r², ‖x − x₀‖²),  V ← V + r² ‖g‖²,  x ← x − lr r² / (√V + ε) g",
    family="free",
    shared=("reach", "square"),
    initial={"x0": "x", "reach": "eps"},
    defaults={"paper": {"lr": 1.0, "eps": 1e-4}},
    oracles={"paper": "optax.contrib.dowg"},
)
def dowg(x, g, x0, reach, square, lr, eps):
    """Weigh squared gradients by the squared distance at which they were met, so that early ones count less.

    `eps` is the first squared distance too, as in the authors' code.
    """
    reach = max(reach, grand_total((x - x0) ** 2))
    square = square + reach * grand_total(g**2)
    return x - lr * reach / (sqrt(square) + eps) * g, x0, reach, square


@optimizer(
    title="D-Adapted SGD",
    year=2023,
    reference="Defazio & Mishchenko 2023, arXiv:2301.07733, Algorithm 4, with the bound of the authors' code",
    url="https://arxiv.org/abs/2301.07733",
    equation="λ = d lr / ‖g₁‖,  s ← s + λ g,  d ← max(d, 2 ∑ λ ⟨g, s₋₁⟩ / ‖s‖),  x ← x + (1 − μ) (x₀ − s − x)",
    family="free",
    scalars=first,
    shared=("d", "r", "size"),
    initial={"x0": "x", "d": "d0"},
    defaults={"paper": {"lr": 1.0, "momentum": 0.9, "d0": 1e-6}},
    ranges={"d0": ABOVE},
    oracles={"paper": "pytorch_optimizer.DAdaptSGD"},
)
def dadapt_sgd(x, g, x0, s, d, r, size, begins, lr, momentum):
    """Take steps in proportion to an estimate from below of how far the solution is, which only grows.

    The estimate comes of how the gradients point along the way gone so far. Rates are in units of the first gradient's
    length. The rate `lr` scales it, and is left at 1.
    """
    size = sqrt(grand_total(g**2)) if begins > 0 else size
    rate = d * lr / size if size > 0 else 0.0
    r = r + rate * grand_total(g * s)
    s = s + rate * g
    reach = sqrt(grand_total(s**2))
    d = max(d, 2 * r / reach) if reach > 0 else d
    return x + (1 - momentum) * (x0 - s - x), x0, s, d, r, size


def rate_and_root(t, lr, beta1, beta2):
    root = beta2**0.5
    return {"rate": lr * (1 - beta2**t) ** 0.5 / (1 - beta1**t), "keep": root, "take": 1 - root}


@optimizer(
    title="D-Adapted Adam",
    year=2023,
    reference="Defazio & Mishchenko 2023, arXiv:2301.07733, Algorithm 5",
    url="https://arxiv.org/abs/2301.07733",
    equation="λ = d lr √(1 − β₂ᵗ) / (1 − β₁ᵗ),  d ← max(d, r / ((1 − √β₂) ‖s‖₁)),  m ← β₁ m + (1 − β₁) λ g,  "
    "x ← x − m / (√v + ε)",
    family="free",
    scalars=rate_and_root,
    shared=("d", "r"),
    initial={"d": "d0"},
    defaults={"paper": {"lr": 1.0, "beta1": 0.9, "beta2": 0.999, "eps": 1e-8, "d0": 1e-6, "weight_decay": 0.0}},
    ranges={"d0": ABOVE},
    aliases={"estim_lr0": "d0"},
    oracles={"paper": "optax.contrib.dadapt_adamw"},
)
def dadapt_adam(x, g, m, v, s, d, r, rate, keep, take, beta1, beta2, eps, weight_decay):
    """Take Adam's steps with a rate that is an estimate from below of how far the solution is.

    The estimate only grows, from `d0`; its rate of growth is bounded by the averages. `lr` scales it, and is left at 1.
    """
    step = d * rate
    along = grand_total(g * (s / (sqrt(v) + eps)))
    m = beta1 * m + (1 - beta1) * step * g
    v = beta2 * v + (1 - beta2) * g**2
    s = keep * s + take * step * g
    r = keep * r + take * step * along
    reach = grand_total(abs(s))
    d = max(d, r / (take * reach)) if reach > 0 else d
    return x - m / (sqrt(v) + eps) - step * weight_decay * x, m, v, s, d, r


def rate_of(t, lr, beta1, beta2):
    return {"rate": lr * (1 - beta2**t) ** 0.5 / (1 - beta1**t)}


@optimizer(
    title="Prodigy",
    year=2023,
    reference="Mishchenko & Defazio 2023, arXiv:2306.06101, Algorithm 4",
    url="https://arxiv.org/abs/2306.06101",
    equation="d ← max(d, r / ‖s‖₁),  m, v ← averages of d g, d² g²,  x ← x − d lrₜ m / (√v + d ε)",
    family="free",
    scalars=rate_of,
    shared=("d", "r"),
    initial={"x0": "x", "d": "d0"},
    defaults={
        "paper": {
            "lr": 1.0,
            "beta1": 0.9,
            "beta2": 0.999,
            "beta3": 0.999**0.5,
            "eps": 1e-8,
            "d0": 1e-6,
            "weight_decay": 0.0,
        },
    },
    ranges={"d0": ABOVE},
    aliases={"estim_lr0": "d0"},
    oracles={"paper": "optax.contrib.prodigy"},
)
def prodigy(x, g, x0, m, v, s, d, r, rate, beta1, beta2, beta3, eps, d0, weight_decay):
    """Take Adam's steps with a rate that grows with the distance gone, faster than D-Adaptation's.

    lrₜ is lr √(1 − β₂ᵗ) / (1 − β₁ᵗ), and lr is left at 1. Beside the root stands the new estimate times eps; the step
    and both averages take the old one. β₃ is √β₂ for the usual β₂.
    """
    step = d * rate
    m = beta1 * m + (1 - beta1) * d * g
    v = beta2 * v + (1 - beta2) * (d * g) ** 2
    s = beta3 * s + step * (d / d0) * g
    r = beta3 * r + step * (d / d0) * grand_total(g * (x0 - x))
    reach = grand_total(abs(s))
    d = max(d, r / reach) if reach > 0 else d
    return x - step * m / (sqrt(v) + d * eps) - step * weight_decay * x, x0, m, v, s, d, r

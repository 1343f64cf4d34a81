"""Rules that leave out what gradient and direction do not agree on, or take noise out of gradients: Cautious, MARS."""

from math import sqrt

from optviz.optimizers import mean, optimizer, total
from optviz.optimizers._signs import sign
from optviz.optimizers.adam import unbias


@optimizer(
    title="Cautious AdamW",
    year=2024,
    reference="Liang et al. 2024, arXiv:2411.16085, Algorithm 2, scaled as in the authors' code",
    url="https://arxiv.org/abs/2411.16085",
    equation="k = [m g > 0],  x ← x − lr m̂ / (√v̂ + ε) k / max(mean k, 10⁻³)",
    family="layerwise",
    scalars=unbias,
    defaults={"paper": {"lr": 1e-3, "beta1": 0.9, "beta2": 0.999, "eps": 1e-6, "weight_decay": 0.0}},
    decay={"paper": "decoupled"},
)
def cautious_adamw(x, g, m, v, unbias_m, unbias_v, lr, beta1, beta2, eps):
    """Take AdamW's step where it points against the newest gradient, and make up for what is left out.

    What is left of an array's step is scaled by the share that agrees, so that it stays as long as before where all
    its parts are alike. A branch of the authors' code takes m² for m g, which is never negative: it leaves nothing out.
    """
    m = beta1 * m + (1 - beta1) * g
    v = beta2 * v + (1 - beta2) * g**2
    agrees = 1.0 if m * g > 0 else 0.0
    scale = agrees / max(mean(agrees), 1e-3)
    return x - lr * scale * (m * unbias_m) / (sqrt(v * unbias_v) + eps), m, v


@optimizer(
    title="Cautious Lion",
    year=2024,
    reference="Liang et al. 2024, arXiv:2411.16085, as the authors' C-Lion",
    url="https://arxiv.org/abs/2411.16085",
    equation="u = sgn(β₁ m + (1 − β₁) g),  k = [u g > 0],  x ← x − lr u k d / (∑k + 1),  m ← β₂ m + (1 − β₂) g",
    family="layerwise",
    defaults={"paper": {"lr": 1e-4, "beta1": 0.9, "beta2": 0.99, "weight_decay": 0.0}},
    decay={"paper": "decoupled"},
    oracles={"paper": "pytorch_optimizer.Lion"},
)
def cautious_lion(x, g, m, lr, beta1, beta2):
    """Take Lion's step where it points against the newest gradient, and make up for what is left out.

    Of d parameters, k of which agree, those are scaled by d / (k + 1): on two coordinates by 2/3 where both agree.
    """
    u = sign(beta1 * m + (1 - beta1) * g)
    agrees = 1.0 if u * g > 0 else 0.0
    m = beta2 * m + (1 - beta2) * g
    return x - lr * u * agrees * total(1.0) / (total(agrees) + 1), m


@optimizer(
    title="MARS AdamW",
    year=2024,
    reference="Yuan et al. 2024, arXiv:2411.10438, Algorithm 2 (MARS-AdamW)",
    url="https://arxiv.org/abs/2411.10438",
    equation="c = g + γ β₁ / (1 − β₁) (g − g₋₁),  c ← c / max(1, ‖c‖),  x ← x − lr m̂ / (√v̂ + ε) with m, v of c",
    family="layerwise",
    scalars=unbias,
    defaults={"paper": {"lr": 3e-3, "beta1": 0.95, "beta2": 0.99, "eps": 1e-8, "gamma": 0.025, "weight_decay": 0.0}},
    ranges={"gamma": (0, 1, True, True)},
    decay={"paper": "decoupled"},
    oracles={"paper": "pytorch_optimizer.MARS"},
)
def mars_adamw(x, g, m, v, g_before, unbias_m, unbias_v, lr, beta1, beta2, eps, gamma):
    """Correct each gradient by a share of its change, cut it to length 1, and give it to AdamW.

    The correction takes out noise that two gradients of one batch have in common; here, as in the authors' approximate
    form, the gradient before is that of the batch before. Before the first step it is 0. The authors move arrays of two
    and more axes so, and the others by AdamW.
    """
    c = g + gamma * beta1 / (1 - beta1) * (g - g_before)
    c = c / max(1.0, sqrt(total(c**2)))
    m = beta1 * m + (1 - beta1) * c
    v = beta2 * v + (1 - beta2) * c**2
    return x - lr * (m * unbias_m) / (sqrt(v * unbias_v) + eps), m, v, g


@optimizer(
    title="MARS Lion",
    year=2024,
    reference="Yuan et al. 2024, arXiv:2411.10438, Algorithm 3 (MARS-Lion)",
    url="https://arxiv.org/abs/2411.10438",
    equation="c = g + γ β₁ / (1 − β₁) (g − g₋₁),  c ← c / max(1, ‖c‖),  m ← β₁ m + (1 − β₁) c,  x ← x − lr sgn(m)",
    family="layerwise",
    defaults={"paper": {"lr": 3e-4, "beta1": 0.95, "gamma": 0.025, "weight_decay": 0.0}},
    ranges={"gamma": (0, 1, True, True)},
    decay={"paper": "decoupled"},
    oracles={"paper": "pytorch_optimizer.MARS"},
)
def mars_lion(x, g, m, g_before, lr, beta1, gamma):
    """Correct each gradient by a share of its change, cut it to length 1, and step by the sign of the average.

    See `mars_adamw`.
    """
    c = g + gamma * beta1 / (1 - beta1) * (g - g_before)
    c = c / max(1.0, sqrt(total(c**2)))
    m = beta1 * m + (1 - beta1) * c
    return x - lr * sign(m), m, g

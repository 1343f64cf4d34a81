"""Rules in which each array, or all of them together, keeps one number of what its gradients are like."""

from math import sqrt

from optviz.optimizers import grand_total, mean, optimizer, total
from optviz.optimizers.adam import unbias


def first(t):
    return {"begins": 1.0 * (t == 1)}


@optimizer(
    title="NovoGrad",
    year=2019,
    reference="Ginsburg et al. 2019, arXiv:1905.11286, Algorithm 1",
    url="https://arxiv.org/abs/1905.11286",
    equation="v ← β₂ v + (1 − β₂) ‖g‖²,  m ← β₁ m + g / (√v + ε) + λ x,  x ← x − lr m",
    family="layerwise",
    scalars=first,
    shared=("v",),
    defaults={
        "paper": {"lr": 0.01, "beta1": 0.95, "beta2": 0.98, "eps": 1e-8, "weight_decay": 0.0},
        "optax": {"beta1": 0.9, "beta2": 0.25, "eps": 1e-6},
    },
    oracles={"paper": "optax.novograd"},
)
def novograd(x, g, m, v, begins, lr, beta1, beta2, eps, weight_decay):
    """Divide the gradient of each array by the average length that it has had, and add up what comes of it.

    The average begins with the first gradient's own length, so that nothing has to be corrected. Momentum is a sum, not
    an average: the step grows to 1 / (1 − β₁) times that of one gradient.
    """
    square = total(g**2)
    v = square if begins > 0 else beta2 * v + (1 - beta2) * square
    m = beta1 * m + g / (sqrt(v) + eps) + weight_decay * x
    return x - lr * m, m, v


@optimizer(
    title="AdaGrad-Norm",
    year=2018,
    reference="Ward et al. 2018, arXiv:1806.01811, Algorithm 1",
    url="https://arxiv.org/abs/1806.01811",
    equation="b² ← b² + ‖g‖²,  x ← x − lr g / b",
    family="adaptive",
    shared=("square",),
    initial={"square": "initial_accumulator_value"},
    defaults={"paper": {"lr": 1.0, "initial_accumulator_value": 1e-2}},
)
def adagrad_norm(x, g, square, lr):
    """Divide all gradients by one number: the root of the sum of their squared lengths.

    Its path turns with the coordinate system, which that of Adagrad does not. The paper starts b anywhere above 0; the
    initial value is that of b².
    """
    square = square + grand_total(g**2)
    return x - lr * g / sqrt(square), square


@optimizer(
    title="AdaNorm",
    year=2022,
    reference="Dubey et al. 2022, arXiv:2210.06364, Algorithm 2 (Adam with AdaNorm)",
    url="https://arxiv.org/abs/2210.06364",
    equation="e ← γ e + (1 − γ) ‖g‖,  h = g max(1, e / ‖g‖),  m ← β₁ m + (1 − β₁) h,  x ← x − lr m̂ / (√v̂ + ε)",
    family="layerwise",
    scalars=unbias,
    shared=("e",),
    defaults={"paper": {"lr": 1e-3, "beta1": 0.9, "beta2": 0.999, "eps": 1e-8, "gamma": 0.95}},
    ranges={"gamma": (0, 1, True, False)},
)
def adanorm(x, g, m, v, e, unbias_m, unbias_v, lr, beta1, beta2, eps, gamma):
    """Lengthen gradients that are shorter than the average one, for the momentum alone, and step as Adam.

    An implementation that does not store the average equals Adam.
    """
    length = sqrt(total(g**2))
    e = gamma * e + (1 - gamma) * length
    h = g * (e / length) if e > length > 0 else g
    m = beta1 * m + (1 - beta1) * h
    v = beta2 * v + (1 - beta2) * g**2
    return x - lr * (m * unbias_m) / (sqrt(v * unbias_v) + eps), m, v, e


def debiased(t, beta1, beta2):
    """Weights of the newest gradient and its square, as averages have them that begin with the first one alone."""
    return {"take1": (1 - beta1) / (1 - beta1**t), "take2": (1 - beta2) / (1 - beta2**t)}


@optimizer(
    title="StableAdamW",
    year=2023,
    reference="Wortsman et al. 2023, arXiv:2304.13013, Algorithm 2",
    url="https://arxiv.org/abs/2304.13013",
    equation="r = √mean(g² / max(v, ε²)),  x ← x − lr / max(1, r) (m / (√v + ε) + λ x)",
    family="layerwise",
    scalars=debiased,
    defaults={"paper": {"lr": 1e-3, "beta1": 0.9, "beta2": 0.99, "eps": 1e-8, "weight_decay": 0.01}},
    oracles={"paper": "pytorch_optimizer.StableAdamW"},
)
def stable_adamw(x, g, m, v, take1, take2, lr, beta1, beta2, eps, weight_decay):
    """Take AdamW's step, shortened for an array whose gradients have become larger than their average square knows.

    That is Adafactor's clipping of the update, applied to the rate. The averages are kept corrected: their weights
    change from step to step.
    """
    m = m + take1 * (g - m)
    v = v + take2 * (g**2 - v)
    spread = sqrt(mean(g**2 / max(v, eps**2)))
    rate = lr / max(1.0, spread)
    return x - rate * (m / (sqrt(v) + eps) + weight_decay * x), m, v


def corrected(t, beta2):
    return {"unbias_v": 1 / (1 - beta2**t)}


@optimizer(
    title="Adai",
    year=2020,
    reference="Xie et al. 2020, arXiv:2006.15815, Algorithm 2",
    url="https://arxiv.org/abs/2006.15815",
    equation="β₁ = clip(1 − β₀ v̂ / mean v̂, 0, 1 − ε),  m ← β₁ m + (1 − β₁) g,  x ← x − lr m / (1 − ∏ β₁)",
    family="momentum",
    scalars=corrected,
    initial={"product": 1.0},
    defaults={"paper": {"lr": 1.0, "beta0": 0.1, "beta2": 0.99, "eps": 1e-3}},
    ranges={"beta0": (0, float("inf"), True, False)},
    oracles={"kozistr": "pytorch_optimizer.Adai"},
)
def adai(x, g, m, v, product, unbias_v, lr, beta0, beta2, eps):
    """Give each parameter its own inertia: more where gradients are small, and one learning rate for all.

    How large they are is measured against the mean over all arrays. pytorch_optimizer takes eps for means that are
    smaller, so that all small gradients have much inertia.
    """
    v = beta2 * v + (1 - beta2) * g**2
    size = v * unbias_v
    usual = grand_total(size) / grand_total(1.0)
    keep = min(max(1 - beta0 * (size / usual if usual > 0 else 1.0), 0.0), 1 - eps)
    product = product * keep
    m = keep * m + (1 - keep) * g
    return x - lr * m / (1 - product), m, v, product


@adai.formula("kozistr", scalars=corrected)
def adai_kozistr(x, g, m, v, product, unbias_v, lr, beta0, beta2, eps):
    v = beta2 * v + (1 - beta2) * g**2
    size = v * unbias_v
    usual = max(grand_total(size) / grand_total(1.0), eps)
    keep = min(max(1 - beta0 * size / usual, 0.0), 1 - eps)
    product = product * keep
    m = keep * m + (1 - keep) * g
    return x - lr * m / (1 - product), m, v, product

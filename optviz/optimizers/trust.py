"""Rules that make the step of each array as long as the array itself asks for: LARS, LAMB, Fromage."""

from math import sqrt

from optviz.optimizers import optimizer, total
from optviz.optimizers.adam import unbias


@optimizer(
    title="LARS",
    year=2017,
    reference="You et al. 2017, arXiv:1708.03888, Algorithm 1",
    url="https://arxiv.org/abs/1708.03888",
    equation="l = η ‖x‖ / (‖g‖ + λ ‖x‖),  v ← μ v + lr l (g + λ x),  x ← x − v",
    family="layerwise",
    variants=("paper",),
    defaults={
        "paper": {"lr": 0.1, "momentum": 0.9, "weight_decay": 5e-4, "trust": 1e-3},
        "optax": {"weight_decay": 0.0},
    },
    ranges={"trust": (0, float("inf"), False, False)},
    aliases={"trust_coefficient": "trust"},
    oracles={"optax": "optax.lars"},
)
def lars(x, g, v, lr, momentum, weight_decay, trust):
    """Move each array by a share of its own length, whatever the length of its gradient.

    The paper adds the lengths of gradient and decay in the denominator; optax takes the length of their sum. Arrays of
    length 0, and those whose gradient is 0, take a step of the rate alone.
    """
    length, slope = sqrt(total(x**2)), sqrt(total(g**2))
    scale = trust * length / (slope + weight_decay * length) if min(length, slope) > 0 else 1.0
    v = momentum * v + lr * scale * (g + weight_decay * x)
    return x - v, v


@lars.formula("optax")
def lars_optax(x, g, v, lr, momentum, weight_decay, trust):
    g = g + weight_decay * x
    length, slope = sqrt(total(x**2)), sqrt(total(g**2))
    scale = trust * length / slope if min(length, slope) > 0 else 1.0
    v = momentum * v + lr * scale * g
    return x - v, v


@optimizer(
    title="LAMB",
    year=2019,
    reference="You et al. 2019, arXiv:1904.00962, Algorithm 2",
    url="https://arxiv.org/abs/1904.00962",
    equation="u = m̂ / (√v̂ + ε) + λ x,  x ← x − lr ‖x‖ / ‖u‖ u",
    family="layerwise",
    variants=("paper",),
    scalars=unbias,
    defaults={
        "paper": {"lr": 1e-3, "beta1": 0.9, "beta2": 0.999, "eps": 1e-6, "weight_decay": 0.01},
        "keras": {"eps": 1e-7, "weight_decay": 0.0},
        "optax": {"weight_decay": 0.0},
    },
    oracles={"paper": "optax.lamb", "keras": "keras.optimizers.Lamb"},
)
def lamb(x, g, m, v, unbias_m, unbias_v, lr, beta1, beta2, eps, weight_decay):
    """Take Adam's direction, and a step as long as `lr` times the array itself.

    Where the array or the direction has length 0 the step is Adam's. The paper leaves the function of the array's
    length open; it is the length itself here, as in optax and Keras. Keras keeps the weight decay out of the direction.
    """
    m = beta1 * m + (1 - beta1) * g
    v = beta2 * v + (1 - beta2) * g**2
    u = (m * unbias_m) / (sqrt(v * unbias_v) + eps) + weight_decay * x
    length, size = sqrt(total(x**2)), sqrt(total(u**2))
    trust = length / size if min(length, size) > 0 else 1.0
    return x - lr * trust * u, m, v


@lamb.formula("keras", scalars=unbias)
def lamb_keras(x, g, m, v, unbias_m, unbias_v, lr, beta1, beta2, eps):
    m = beta1 * m + (1 - beta1) * g
    v = beta2 * v + (1 - beta2) * g**2
    u = (m * unbias_m) / (sqrt(v * unbias_v) + eps)
    length, size = sqrt(total(x**2)), sqrt(total(u**2))
    trust = length / size if min(length, size) > 0 else 1.0
    return x - lr * trust * u, m, v


@optimizer(
    title="Fromage",
    year=2020,
    reference="Bernstein et al. 2020, arXiv:2002.03432, Algorithm 1",
    url="https://arxiv.org/abs/2002.03432",
    equation="x ← (x − lr ‖x‖ / ‖g‖ g) / √(1 + lr²)",
    family="layerwise",
    defaults={"paper": {"lr": 0.01}},
    oracles={"paper": "optax.fromage"},
)
def fromage(x, g, lr):
    """Turn each array by `lr` of its own length, and bring its length back to what it was.

    Where the array or its gradient has length 0, the step is the gradient's.
    """
    length, slope = sqrt(total(x**2)), sqrt(total(g**2))
    scale = length / slope if min(length, slope) > 0 else 1.0
    return (x - lr * scale * g) / sqrt(1 + lr**2)

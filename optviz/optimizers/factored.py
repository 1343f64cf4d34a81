"""Rules that keep a number for each row and each column of a matrix instead of one for each element: Adafactor, SM3."""

from math import inf, sqrt

from optviz.errors import UsageError, UsageTypeError, shown
from optviz.optimizers import column_largest, column_mean, mean, optimizer, row_largest, row_mean
from optviz.results.numeric import is_finite, plain

ABOVE = (0, float("inf"), True, False)


def fading(t, lr, decay_power):
    """The weight of what was, and a rate that shrinks as 1 / √t at last."""
    rate, newest = 1 / t**0.5, t**-decay_power
    return {"keep": 1 - newest, "take": newest, "rate": lr * (lr <= rate) + rate * (lr > rate)}


def spoken(given):
    """What torch and Keras say otherwise: the power with its sign, and torch a pair of eps; None is as by default."""
    if "beta2_decay" in given:
        power = plain(given.pop("beta2_decay"))
        if isinstance(power, bool) or not isinstance(power, int | float):
            raise UsageTypeError(f"adafactor: beta2_decay is {shown(power)}", "It must be a number.")
        if not -inf < power <= 0:
            raise UsageError(f"adafactor: beta2_decay is {shown(power)}", "It must not be positive: beta2_decay=-0.8")
        given["decay_power"] = -power
    if isinstance(given.get("eps"), tuple | list):
        told = f"adafactor: eps is {shown(given['eps'])}"
        pair = [*map(plain, given.pop("eps"))]
        if len(pair) != 2 or not all(one is None or is_finite(one) for one in pair):
            raise UsageTypeError(told, "It must be a number, or torch's two: eps=(1e-30, 1e-3)")
        if any(one is not None and one < 0 for one in pair):
            raise UsageError(told, "Neither may be below 0: eps=(1e-30, 1e-3)")
        given |= {name: value for name, value in zip(("eps", "eps2"), pair, strict=True) if value is not None}
    return "adafactor", given


@optimizer(
    title="Adafactor",
    year=2018,
    reference="Shazeer & Stern 2018, arXiv:1804.04235, Algorithms 4 (matrices) and 5 (vectors)",
    url="https://arxiv.org/abs/1804.04235",
    equation="V = R Cᵀ / mean R,  u = g / √V,  x ← x − max(ε₂, rms x) min(lr, 1/√t) u / max(1, rms(u) / d)",
    family="layerwise",
    variants=("paper", "keras"),
    scalars=fading,
    defaults={
        "paper": {"lr": 0.01, "decay_power": 0.8, "eps": 1e-30, "eps2": 1e-3, "d": 1.0},
        "torch": {"lr": 0.01, "eps": 2.220446049250313e-16, "weight_decay": 0.0},
        "keras": {"lr": 1e-3},
    },
    ranges={"decay_power": (0, 1, False, True), "eps2": ABOVE, "d": (0, float("inf"), False, False)},
    becomes=spoken,
    aliases={"epsilon_1": "eps", "epsilon_2": "eps2", "clip_threshold": "d"},
    oracles={"keras": "keras.optimizers.Adafactor", "torch": "torch.optim.Adafactor"},
    keys={"torch": {"v": "variance", "r": "row_var", "c": "col_var"}},
)
def adafactor(x, g, v, keep, take, rate, eps, eps2, d):
    """Divide by the root of averages of rows and columns; step in proportion to the array's own size, cut to `d`.

    A matrix keeps the average squares of its rows and of its columns, whose product over their mean stands for those of
    elements. The rate is the smaller of lr and 1 / √t, times the array's root mean square. eps is added to squares
    before they are averaged; torch bounds their average from below instead, by the square of its eps, which is the
    smallest number beside 1 (of float32 where arrays are of that).
    """
    v = keep * v + take * (g**2 + eps)
    u = g / sqrt(v)
    u = u / max(1.0, sqrt(mean(u**2)) / d)
    return x - max(eps2, sqrt(mean(x**2))) * rate * u, v


@adafactor.for_matrices("paper", "keras", rows=("r",), columns=("c",))
def adafactor_factored(x, g, r, c, keep, take, rate, eps, eps2, d):
    square = g**2 + eps
    r = keep * r + take * row_mean(square)
    c = keep * c + take * column_mean(square)
    u = g / sqrt(r / mean(r) * c)
    u = u / max(1.0, sqrt(mean(u**2)) / d)
    return x - max(eps2, sqrt(mean(x**2))) * rate * u, r, c


@adafactor.formula("torch", scalars=fading)
def adafactor_torch(x, g, v, keep, take, rate, lr, eps, eps2, weight_decay, d):
    v = keep * v + take * g**2
    u = g / sqrt(max(v, eps**2))
    step = max(eps2, sqrt(mean(x**2))) * rate * u / max(1.0, sqrt(mean(u**2)) / d)
    return x * (1 - lr * weight_decay) - step, v


@adafactor.for_matrices("torch", rows=("r",), columns=("c",))
def adafactor_factored_torch(x, g, r, c, keep, take, rate, lr, eps, eps2, weight_decay, d):
    r = keep * r + take * row_mean(g**2)
    c = keep * c + take * column_mean(g**2)
    u = g / sqrt(max(r / max(mean(r), eps) * c, eps**2))
    step = max(eps2, sqrt(mean(x**2))) * rate * u / max(1.0, sqrt(mean(u**2)) / d)
    return x * (1 - lr * weight_decay) - step, r, c


@optimizer(
    title="SM3",
    year=2019,
    reference="Anil et al. 2019, arXiv:1901.11150, Algorithm SM3-II, with momentum",
    url="https://arxiv.org/abs/1901.11150",
    equation="n = min(r, c) + g²,  m ← μ m + (1 − μ) g / √n,  x ← x − lr m,  r, c ← largest n of each row, each column",
    family="layerwise",
    defaults={"paper": {"lr": 0.1, "momentum": 0.9, "eps": 0.0}, "optax": {"eps": 1e-8}},
    oracles={"paper": "optax.sm3"},
)
def sm3(x, g, m, n, lr, momentum, eps):
    """Bound Adagrad's sums from above by one number for each row and one for each column of a matrix.

    An array of one axis keeps them all, and is Adagrad's with an average of its steps. Where the sum is 0 there is no
    step.
    """
    n = n + g**2
    m = momentum * m + (1 - momentum) * (0.0 if n == 0 else g / sqrt(n + eps))
    return x - lr * m, m, n


@sm3.for_matrices(rows=("r",), columns=("c",))
def sm3_covers(x, g, m, r, c, lr, momentum, eps):
    n = min(r, c) + g**2
    m = momentum * m + (1 - momentum) * (0.0 if n == 0 else g / sqrt(n + eps))
    return x - lr * m, m, row_largest(n), column_largest(n)

"""Rules that ask whether a gradient agrees with those before it, and lengthen or shorten the step."""

from math import sqrt

from optviz.optimizers import optimizer
from optviz.optimizers._formulas import lesser
from optviz.optimizers._signs import sign


@optimizer(
    title="Delta-bar-delta",
    year=1988,
    reference="Jacobs 1988, Neural Networks 1(4), 295-307",
    url="https://doi.org/10.1016/0893-6080(88)90003-2",
    equation="d ← d + κ where m g > 0, (1 − φ) d where m g < 0,  x ← x − d g,  m ← θ m + (1 − θ) g",
    family="adaptive",
    initial={"d": "lr"},
    ranges={
        "kappa": (0, float("inf"), True, False),
        "phi": (0, 1, True, False),
        "theta": (0, 1, True, False),
    },
    names=("dbd",),
    defaults={"paper": {"lr": 0.01, "kappa": 1e-3, "phi": 0.1, "theta": 0.7}},
)
def delta_bar_delta(x, g, m, d, kappa, phi, theta):
    """Give every coordinate a learning rate, that rises steadily while gradients agree and falls by a share when not.

    lr is where all of them begin. The paper chose its numbers problem by problem; these are ours. It is the
    grandmother of Rprop, which compares two gradients in place of an average, and lets the step rise by a factor.
    """
    d = d + kappa if m * g > 0 else (1 - phi) * d if m * g < 0 else d
    return x - d * g, theta * m + (1 - theta) * g, d


@optimizer(
    title="SMORMS3",
    year=2015,
    reference="Funk 2015, RMSprop loses to SMORMS3 - Beware the Epsilon!",
    url="https://sifter.org/~simon/journal/20150420.html",
    equation="r = 1 / (1 + n),  m ← (1 − r) m + r g,  v ← (1 − r) v + r g²,  q = m² / (v + ε),  "
    "x ← x − min(lr, q) g / (√v + ε),  n ← 1 + n (1 − q)",
    family="adaptive",
    variants=("authors",),
    initial={"n": 1.0},
    defaults={"authors": {"lr": 1e-3, "eps": 1e-16}},
)
def smorms3(x, g, m, v, n, lr, eps):
    """Divide by the root of an average square whose memory shortens where gradients agree.

    q is 1 where all gradients are alike and near 0 where they are noise; it is both the step's length, lr at most, and
    what the memory n forgets. Published as a page of a diary; Chainer and others have the same formula.

    eps is 1e-16, far below float32's resolution of the squares; it only saves coordinates without a gradient.
    """
    r = 1 / (n + 1)
    m = m + r * (g - m)
    v = v + r * (g**2 - v)
    q = m * m / (v + eps)
    return x - lesser(lr, q) * g / (sqrt(v) + eps), m, v, 1 + n * (1 - q)


@optimizer(
    title="PowerSign",
    year=2017,
    reference="Bello, Zoph, Vasudevan & Le 2017, arXiv:1709.07417",
    url="https://arxiv.org/abs/1709.07417",
    equation="m ← β₁ m + (1 − β₁) g,  x ← x − lr base^(sgn(g) sgn(m)) g",
    family="momentum",
    variants=("paper", "tf"),
    ranges={"base": (1, float("inf"), False, False)},
    aliases={"beta": "beta1"},
    defaults={"tf": {"lr": 0.1, "beta1": 0.9, "base": 2.718281828459045}, "paper": {"beta1": 0.9}},
)
def power_sign(x, g, m, lr, beta1, base):
    """Lengthen the gradient step by a factor where gradient and average agree, and shorten it by the same otherwise.

    Found by a search among formulas. TensorFlow 1 had it, with base e and a learning rate of 0.1; its sign_decay, which
    lets the factor fall to 1 as a schedule does, is a schedule of base here.
    """
    m = beta1 * m + (1 - beta1) * g
    agreement = sign(g) * sign(m)
    factor = base if agreement > 0 else 1 / base if agreement < 0 else 1 + agreement  # NaN stays NaN
    return x - lr * factor * g, m


@optimizer(
    title="AddSign",
    year=2017,
    reference="Bello, Zoph, Vasudevan & Le 2017, arXiv:1709.07417",
    url="https://arxiv.org/abs/1709.07417",
    equation="m ← β₁ m + (1 − β₁) g,  x ← x − lr (α + sgn(g) sgn(m)) g",
    family="momentum",
    variants=("paper", "tf"),
    ranges={"alpha": (0, float("inf"), True, False)},
    aliases={"beta": "beta1"},
    defaults={"tf": {"lr": 0.1, "beta1": 0.9, "alpha": 1.0}, "paper": {"beta1": 0.9}},
)
def add_sign(x, g, m, lr, beta1, alpha):
    """Make the gradient step twice as long where gradient and average agree, and none otherwise.

    Those are the lengths with alpha = 1. Found by a search among formulas; TensorFlow 1 had it, with a learning rate
    of 0.1.
    """
    m = beta1 * m + (1 - beta1) * g
    return x - lr * (alpha + sign(g) * sign(m)) * g, m

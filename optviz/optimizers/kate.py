"""KATE: Adagrad without the root, which does not care about the scale of a coordinate."""

from math import sqrt

from optviz.optimizers import optimizer


@optimizer(
    title="KATE",
    year=2024,
    reference="Choudhury et al. 2024, arXiv:2403.02648, Algorithm 1",
    url="https://arxiv.org/abs/2403.02648",
    equation="b ← b + g²,  m ← m + η g² + g² / b,  x ← x − lr √m g / b",
    family="adaptive",
    variants=("paper", "kozistr"),
    decay={"kozistr": "decoupled"},
    ranges={"eta": (0, float("inf"), True, False)},
    aliases={"delta": "eta"},
    oracles={"kozistr": "pytorch_optimizer.Kate"},
    defaults={
        "paper": {"eta": 0.0, "eps": 0.0},
        "kozistr": {"lr": 1e-3, "eta": 0.0, "eps": 1e-8},
    },
)
def kate(x, g, m, b, lr, eta, eps):
    """Divide the gradient by the sum of its squares, not by the root of it, and multiply by a sum that makes up for it.

    With eta = 0 the path of a coordinate scales as the coordinate does, x = s y, which holds of no other rule here but
    Newton's. pytorch_optimizer adds eps to the sum of squares at every step, which the paper (eps = 0) does not, calls
    eta delta and is the only one to name a learning rate.

    Steps shrink as Adagrad's do, as 1 / √t times a logarithm.
    """
    b = b + g**2 + eps
    gain = g / b if b != 0 else 0.0
    m = m + eta * g**2 + g * gain
    return x - lr * sqrt(m) * gain, m, b

"""AdamG: Adam that sets its own pace by how large gradients have been."""

from math import pow, sqrt

from optviz.optimizers import optimizer


def capped_rate(t, lr, beta1, beta2):
    cap = 1 / t**0.5
    rate = lr * (lr <= cap) + cap * (cap < lr)
    return {"rate": rate / (1 - beta1**t), "unbias_v": 1 / (1 - beta2**t)}


@optimizer(
    title="AdamG",
    year=2024,
    reference="Pang et al. 2024, arXiv:2405.04376",
    url="https://arxiv.org/abs/2405.04376",
    equation="r ← β₃ r + (1 − β₃) p v^q,  m ← β₁ m + (1 − β₁) r g,  x ← x − min(lr, 1/√t) m̂ / (√v̂ + ε)",
    family="adam",
    variants=("paper",),
    scalars=capped_rate,
    defaults={
        "paper": {"lr": 1.0, "beta1": 0.95, "beta2": 0.999, "beta3": 0.95, "eps": 1e-8, "p": 0.2, "q": 0.24},
    },
    ranges={
        "beta3": (0, 1, True, False), "p": (0, float("inf"), True, False), "q": (0, float("inf"), True, False),
    },
    oracles={"paper": "pytorch_optimizer.AdamG"},
)  # fmt: skip
def adamg(x, g, m, v, r, rate, unbias_v, beta1, beta2, beta3, eps, p, q):
    """Scale each gradient by a small power of the average square, so that lr = 1 suits most problems.

    The power stands for the golden step size that the paper derives from Adagrad's bound; with q = 0.24 it grows about
    as the root of the gradient. The learning rate is at most 1/√t in step t, which is a schedule of its own.
    """
    v = beta2 * v + (1 - beta2) * g**2
    r = beta3 * r + (1 - beta3) * p * pow(v, q)
    m = beta1 * m + (1 - beta1) * r * g
    return x - rate * m / (sqrt(v * unbias_v) + eps), m, v, r

"""Adam whose average square forgets nothing: AdamNC, NosAdam, AdaX, Expectigrad.

Each of the first three gives the newest square some weight w and what was known 1 − w; w alone tells them apart.
"""

from math import sqrt

from optviz.optimizers import optimizer
from optviz.optimizers.adamax import unbiased_rate


def evenly(t):
    return {"newest": 1 / t, "known": 1 - 1 / t}


@optimizer(
    title="AdamNC",
    year=2018,
    reference="Reddi, Kale & Kumar 2018, On the Convergence of Adam and Beyond, ICLR, Algorithm 3 with β₂ₜ = 1 − 1/t",
    url="https://openreview.net/forum?id=ryQu7f-RZ",
    equation="m ← β₁ m + (1 − β₁) g,  v ← (1 − 1/t) v + g²/t,  x ← x − lr m / √v",
    family="adam",
    variants=("paper",),
    scalars=evenly,
    defaults={"paper": {"lr": 1e-3, "beta1": 0.9, "eps": 1e-8}},
    names=("adafom",),
)
def adamnc(x, g, m, v, newest, known, lr, beta1, eps):
    """Divide the average gradient by the root of the plain mean of all squares.

    With a learning rate that falls as 1/√t, as the paper's proof has it, this is Adagrad with momentum (AdaFom); with a
    constant one its steps do not shrink as Adagrad's do. The paper has no eps (eps=0 gives it to the letter).
    """
    m = beta1 * m + (1 - beta1) * g
    v = known * v + newest * g**2
    return x - lr * m / (sqrt(v) + eps), m, v


def nostalgic(t, before, gamma):
    total = before.get("total", 0.0) + t**-gamma
    newest = t**-gamma / total
    return {"newest": newest, "known": before.get("total", 0.0) / total, "total": total}


@optimizer(
    title="NosAdam",
    year=2018,
    reference="Huang, Wang & Dong 2018, arXiv:1805.07557, the hyper-harmonic case",
    url="https://arxiv.org/abs/1805.07557",
    equation="B ← B + t^−γ,  v ← (1 − t^−γ / B) v + t^−γ / B g²,  x ← x − lr m / √v",
    family="adam",
    variants=("paper",),
    scalars=nostalgic,
    defaults={"paper": {"lr": 1e-3, "beta1": 0.9, "eps": 1e-8, "gamma": 0.1}},
    ranges={"gamma": (0, float("inf"), True, False)},
)
def nosadam(x, g, m, v, newest, known, total, lr, beta1, eps):
    """Weigh the squares of early gradients more than those of late ones: step k counts k^−γ.

    With gamma = 0 all count the same and it is AdamNC; the larger gamma, the more the start decides for good. The
    paper has no eps (eps=0 gives it to the letter).
    """
    m = beta1 * m + (1 - beta1) * g
    v = known * v + newest * g**2
    return x - lr * m / (sqrt(v) + eps), m, v


def exponential(t, beta2):
    newest = beta2 / ((1 + beta2) ** t - 1)
    return {"newest": newest, "known": 1 - newest}


@optimizer(
    title="AdaX",
    year=2020,
    reference="Li et al. 2020, arXiv:2004.09740, Algorithm 1",
    url="https://arxiv.org/abs/2004.09740",
    equation="v ← (1 + β₂) v + β₂ g²,  x ← x − lr m / (√(v / ((1 + β₂)ᵗ − 1)) + ε)",
    family="adam",
    variants=("paper",),
    scalars=exponential,
    defaults={"paper": {"lr": 1e-3, "beta1": 0.9, "beta2": 1e-4, "eps": 1e-12}},
    ranges={"beta2": (0, 1, False, False)},
)
def adax(x, g, m, v, newest, known, lr, beta1, eps):
    """Let past squares grow instead of fade, so that late gradients change the denominator less and less.

    The slot holds the corrected average, which is the same sequence and does not overflow; the paper's v is
    (1 + β₂)ᵗ − 1 times as large. beta2 is what is added to 1, not a decay. m is not corrected for its start at 0.
    """
    m = beta1 * m + (1 - beta1) * g
    v = known * v + newest * g**2
    return x - lr * m / (sqrt(v) + eps), m, v


@optimizer(
    title="Expectigrad",
    year=2020,
    reference="Daley & Amato 2020, arXiv:2010.01356, Algorithm 1",
    url="https://arxiv.org/abs/2010.01356",
    equation="s ← s + g²,  n ← n + sgn(g²),  m ← β₁ m + (1 − β₁) g / (√(s/n) + ε),  x ← x − lr m̂",
    family="adam",
    variants=("paper",),
    scalars=unbiased_rate,
    defaults={"paper": {"lr": 1e-3, "beta1": 0.9, "eps": 1e-8}},
    aliases={"beta": "beta1"},
    oracles={"paper": "expectigrad.pytorch.Expectigrad"},
)
def expectigrad(x, g, m, s, n, rate, beta1, eps):
    """Divide each gradient by the root mean square of all that were not 0, then take the momentum of the quotients.

    The mean over steps with a gradient serves parameters that rarely have one; elsewhere it is LaProp with a memory
    without end.
    """
    s = s + g**2
    n = n + (1 if g != 0 else 0)
    m = beta1 * m + (1 - beta1) * g / (sqrt(s / n if n > 0 else s) + eps)
    return x - rate * m, m, s, n

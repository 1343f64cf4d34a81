"""Rules that follow the sign of the gradient or of its average: every step has one length, whatever the slope."""

from math import tanh

from optviz.optimizers import optimizer
from optviz.optimizers._signs import sign


@optimizer(
    title="SignSGD",
    year=2018,
    reference="Bernstein, Wang, Azizzadenesheli & Anandkumar 2018, arXiv:1802.04434, Algorithm 1",
    url="https://arxiv.org/abs/1802.04434",
    equation="x ← x − lr sgn(g)",
    family="sign",
    variants=("paper", "optax", "kozistr"),
    decay={"paper": "decoupled", "kozistr": "decoupled"},
    oracles={"optax": "optax.sign_sgd", "kozistr": "pytorch_optimizer.SignSGD(momentum=0)"},
    defaults={"kozistr": {"lr": 1e-3}, "paper": {}, "optax": {}},
)
def signsgd(x, g, lr):
    """Move every coordinate by the learning rate, against the sign of its gradient.

    Everybody computes the same; only pytorch_optimizer has a number for lr. Adam without memory and eps, beta1 = beta2
    = eps = 0, is this rule.

    The length of a step does not shrink near a minimum: with a constant learning rate the iterate ends by jumping to
    and fro over it, lr away at most.
    """
    return x - lr * sign(g)


@optimizer(
    title="Signum",
    year=2018,
    reference="Bernstein, Wang, Azizzadenesheli & Anandkumar 2018, arXiv:1802.04434, Algorithm 2",
    url="https://arxiv.org/abs/1802.04434",
    equation="m ← μ m + (1 − μ) g,  x ← x − lr sgn(m)",
    family="sign",
    variants=("paper", "optax"),
    decay={"paper": "decoupled"},
    aliases={"beta": "momentum"},
    oracles={"optax": "optax.signum"},
    defaults={"kozistr": {"lr": 1e-3}, "paper": {"momentum": 0.9}, "optax": {"momentum": 0.9}},
)
def signum(x, g, m, lr, momentum):
    """Move every coordinate by the learning rate, against the sign of its average gradient.

    The paper and optax agree. pytorch_optimizer's SignSGD(momentum=...) once emptied its average at every step and was
    SignSGD. Neither names a learning rate: lr is pytorch_optimizer's.

    A sum of gradients in place of the average has the same sign and so gives the same path.
    """
    m = momentum * m + (1 - momentum) * g
    return x - lr * sign(m), m


@optimizer(
    title="Tiger",
    year=2023,
    reference="Su 2023, github.com/bojone/tiger",
    url="https://github.com/bojone/tiger",
    equation="m ← β₁ m + (1 − β₁) g,  x ← x − lr sgn(m)",
    family="sign",
    variants=("authors", "kozistr"),
    decay={"authors": "decoupled", "kozistr": "decoupled"},
    aliases={"beta": "beta1"},
    oracles={"kozistr": "pytorch_optimizer.Tiger"},
    defaults={
        "authors": {"lr": 1e-3, "beta1": 0.965, "weight_decay": 0.01},
        "kozistr": {"lr": 1e-3, "beta1": 0.965, "weight_decay": 0.01},
    },
)
def tiger(x, g, m, lr, beta1):
    """Follow the sign of the average gradient, as Signum does, with a longer memory and decoupled weight decay.

    Its author, who wrote no paper, and pytorch_optimizer agree; both decay weights by 0.01. It is Lion with beta1 =
    beta2, so that one number of state per parameter serves gradient accumulation too.
    """
    m = beta1 * m + (1 - beta1) * g
    return x - lr * sign(m), m


@optimizer(
    title="Lion",
    year=2023,
    reference="Chen et al. 2023, arXiv:2302.06675, Algorithm 2",
    url="https://arxiv.org/abs/2302.06675",
    equation="x ← x − lr sgn(β₁ m + (1 − β₁) g),  m ← β₂ m + (1 − β₂) g",
    family="sign",
    variants=("paper", "keras", "optax"),
    decay={"paper": "decoupled", "refined": "decoupled"},
    ranges={"smooth_beta": (0, float("inf"), True, False)},
    oracles={
        "paper": "pytorch_optimizer.Lion",
        "keras": "keras.optimizers.Lion",
        "optax": "optax.lion",
        "refined": "optax.scale_by_lion(mode='refined')",
    },
    defaults={
        "paper": {"lr": 1e-4, "beta1": 0.9, "beta2": 0.99, "weight_decay": 0.0},
        "keras": {"lr": 1e-3, "beta1": 0.9, "beta2": 0.99, "weight_decay": 0.0},
        "optax": {"beta1": 0.9, "beta2": 0.99, "smooth_beta": 0.0, "weight_decay": 1e-3},
    },
)
def lion(x, g, m, lr, beta1, beta2):
    """Follow the sign of a short average of gradients, and remember a long one.

    The paper, Keras and optax compute the same; Keras's learning rate is ten times the paper's, which was tuned with a
    weight decay ten times that of AdamW. optax can replace the sign: in its mode "smooth" by tanh(smooth_beta c), here
    with smooth_beta above 0, and in its mode "refined", a variant here, by c itself where that is shorter than 1.
    Weights decay by 0.001 in optax unless told otherwise, and not at all in the authors' code and in Keras.

    Steps have one length: the learning rate has to be three to ten times smaller than Adam's, and has to fall in the
    end if the iterate is to come to rest.
    """
    c = beta1 * m + (1 - beta1) * g
    return x - lr * sign(c), beta2 * m + (1 - beta2) * g


@lion.formula("optax")
def lion_smooth(x, g, m, lr, beta1, beta2, smooth_beta):
    c = beta1 * m + (1 - beta1) * g
    return x - lr * tanh(smooth_beta * c), beta2 * m + (1 - beta2) * g


@lion.formula("refined")
def lion_refined(x, g, m, lr, beta1, beta2):
    c = beta1 * m + (1 - beta1) * g
    return x - lr * (c if abs(c) < 1 else sign(c)), beta2 * m + (1 - beta2) * g


def drift(t, beta1, beta2):
    # The average of the iterates, freed of its start: its weights come to 1 at every step.
    return {"intake": (1 - beta2) / (1 - beta2**t)}


@optimizer(
    title="FOCUS",
    year=2025,
    reference="Liu et al. 2025, arXiv:2501.12243, Algorithm 1",
    url="https://arxiv.org/abs/2501.12243",
    equation="m ← β₁ m + (1 − β₁) g,  q ← β₂ q + (1 − β₂) x,  x ← x − lr (sgn(m) + γ sgn(x − q̂))",
    family="sign",
    variants=("paper", "kozistr"),
    scalars=drift,
    initial={"q": "x"},
    ranges={"gamma": (0, 1, True, False)},
    oracles={"kozistr": "pytorch_optimizer.FOCUS"},
    defaults={
        "paper": {"lr": 0.01, "beta1": 0.9, "beta2": 0.999, "gamma": 0.1},
        "kozistr": {"lr": 0.01, "beta1": 0.9, "beta2": 0.999, "gamma": 0.1},
    },
)
def focus(x, g, m, q, intake, lr, beta1, gamma):
    """Follow the sign of the average gradient, and be drawn to the average iterate.

    The slot q is the average of the iterates as it is after its correction for a start at 0: written so, x − q̂ is
    exactly 0 while nothing moves. pytorch_optimizer corrects the average afterwards and moves by a rounding error's
    sign then, by γ lr.
    """
    m = beta1 * m + (1 - beta1) * g
    q = q + intake * (x - q)
    return x - lr * (sign(m) + gamma * sign(x - q)), m, q

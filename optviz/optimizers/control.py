"""Rules that look at how the gradient changes: PID control, optimism, and variance that is adapted to."""

from math import sqrt

from optviz.optimizers import optimizer


def after_the_first(t):
    return {"later": 1.0 * (t > 1)}


@optimizer(
    title="PID",
    year=2018,
    reference="An, Wang, Xia, Sheng, Zhang & Liu 2018, CVPR, A PID Controller Approach for Stochastic Optimization",
    url="https://openaccess.thecvf.com/content_cvpr_2018/html/An_A_PID_Controller_CVPR_2018_paper.html",
    equation="i ← μ i + g,  d ← μ d + (1 − μ) (g − p),  x ← x − lr (g + I i + D d),  p ← g",
    family="momentum",
    variants=("paper", "kozistr"),
    scalars=after_the_first,
    ranges={name: (0, float("inf"), True, False) for name in ("integral", "derivative")},
    oracles={"jettify": "torch_optimizer.PID", "kozistr": "pytorch_optimizer.PID"},
    defaults={
        "authors": {"lr": 1e-3, "momentum": 0.9, "integral": 5.0, "derivative": 10.0},
        "paper": {"momentum": 0.9},
    },
)
def pid(x, g, i, d, p, later, lr, momentum, integral, derivative):
    """Add to the gradient its sum, as momentum does, and the average of its changes, which brakes before the minimum.

    There is a change from the second step on. The authors' code and torch_optimizer, here the variant "authors",
    remember the gradient from the second step on instead, so that the first change is the whole second gradient; so
    did pytorch_optimizer once. All of them are SGD unless a momentum is given.

    The sum counts five times: lr has to be smaller than momentum's by as much.
    """
    i = momentum * i + g
    d = momentum * d + (1 - momentum) * (later * (g - p))
    return x - lr * (g + integral * i + derivative * d), i, d, g


@pid.formula("authors", "jettify", scalars=after_the_first)
def pid_late(x, g, i, d, p, later, lr, momentum, integral, derivative):
    i = momentum * i + g
    d = momentum * d + (1 - momentum) * (later * (g - p))
    return x - lr * (g + integral * i + derivative * d), i, d, later * g


@optimizer(
    title="Optimistic GD",
    year=2017,
    reference="Daskalakis, Ilyas, Syrgkanis & Zeng 2017, arXiv:1711.00141, section 2",
    url="https://arxiv.org/abs/1711.00141",
    equation="x ← x − lr ((α + β) g − β p),  p ← g",
    family="plain",
    ranges={name: (0, float("inf"), True, False) for name in ("alpha", "beta")},
    names=("optimistic-gradient-descent", "ogd", "omd"),
    oracles={"optax": "optax.optimistic_gradient_descent"},
    defaults={"optax": {"alpha": 1.0, "beta": 1.0}, "paper": {"lr": 0.1, "alpha": 1.0, "beta": 1.0}},
)
def optimistic_gd(x, g, p, lr, alpha, beta):
    """Move by the gradient and by how much it has changed, as if it went on changing so.

    Two players who both descend circle around the saddle that they look for; with this rule they come to rest in it.
    Before the first step the paper's gradient is 0, optax's is the first one: a first step α + β or α times lr long.
    Neither names a learning rate; the 0.1 here is ours.
    """
    return x - lr * ((alpha + beta) * g - beta * p), g


def at_the_first(t):
    return {"first": 1.0 * (t == 1)}


@optimistic_gd.formula("optax", scalars=at_the_first)
def optimistic_gd_from_rest(x, g, p, first, lr, alpha, beta):
    p = p + first * (g - p)
    return x - lr * ((alpha + beta) * g - beta * p), g


def unbias(t, beta1, beta2):
    return {"unbias_m": 1 / (1 - beta1**t), "unbias_v": 1 / (1 - beta2**t)}


@optimizer(
    title="Optimistic Adam",
    year=2017,
    reference="Daskalakis, Ilyas, Syrgkanis & Zeng 2017, arXiv:1711.00141, Algorithm 1",
    url="https://arxiv.org/abs/1711.00141",
    equation="u = m̂ / (√v̂ + ε),  x ← x − lr ((α + β) u − β p),  p ← u",
    family="adam",
    scalars=unbias,
    ranges={name: (0, float("inf"), True, False) for name in ("alpha", "beta")},
    oracles={"optax": "optax.optimistic_adam_v2"},
    defaults={
        "optax": {"beta1": 0.9, "beta2": 0.999, "eps": 1e-8, "alpha": 1.0, "beta": 1.0},
        "paper": {"lr": 1e-3, "beta1": 0.9, "beta2": 0.999, "eps": 1e-8, "alpha": 1.0, "beta": 1.0},
    },
)
def optimistic_adam(x, g, m, v, p, unbias_m, unbias_v, lr, beta1, beta2, eps, alpha, beta):
    """Move by Adam's direction and by how much it has changed since the last step.

    The paper doubles Adam's direction and takes the last one off. optax (optimistic_adam_v2) does so with Nadam's
    direction unless told otherwise, and takes the first direction for the one before it. The paper's numbers are
    those of its networks; Adam's are taken here.
    """
    m = beta1 * m + (1 - beta1) * g
    v = beta2 * v + (1 - beta2) * g**2
    u = (m * unbias_m) / (sqrt(v * unbias_v) + eps)
    return x - lr * ((alpha + beta) * u - beta * p), m, v, u


def look_ahead(t, beta1, beta2):
    return {
        "unbias_next": 1 / (1 - beta1 ** (t + 1)),
        "unbias_m": 1 / (1 - beta1**t),
        "unbias_v": 1 / (1 - beta2**t),
        "first": 1.0 * (t == 1),
    }


@optimistic_adam.formula("optax", scalars=look_ahead)
def optimistic_adam_from_rest(
    x, g, m, v, p, unbias_next, unbias_m, unbias_v, first, lr, beta1, beta2, eps, alpha, beta
):
    m = beta1 * m + (1 - beta1) * g
    v = beta2 * v + (1 - beta2) * g**2
    u = (beta1 * m * unbias_next + (1 - beta1) * g * unbias_m) / (sqrt(v * unbias_v) + eps)
    p = p + first * (u - p)
    return x - lr * ((alpha + beta) * u - beta * p), m, v, u


def variance_shares(t, momentum, cap):
    # The variance of the average is this share rho of the gradient's; both are estimated from v - m^2.
    rho = (1 - momentum) * (1 + momentum**t) / ((1 + momentum) * (1 - momentum**t))
    rho = rho * (rho < cap) + cap * (rho >= cap)
    return {"unbias": 1 / (1 - momentum**t), "noise": rho / (1 - rho)}


def authors_shares(t, momentum):
    return variance_shares(t, momentum, 0.999)


@optimizer(
    title="M-SVAG",
    year=2017,
    reference="Balles & Hennig 2017, arXiv:1705.07774, section 4",
    url="https://arxiv.org/abs/1705.07774",
    equation="m ← μ m + (1 − μ) g,  v ← μ v + (1 − μ) g²,  s = (v̂ − m̂²) / (1 − ρ),  x ← x − lr m̂³ / (m̂² + ρ s)",
    family="momentum",
    variants=("authors",),
    scalars=authors_shares,
    aliases={"beta": "momentum"},
    oracles={"kozistr": "pytorch_optimizer.MSVAG"},
    defaults={"authors": {"momentum": 0.9}, "kozistr": {"lr": 0.01, "momentum": 0.9}},
)
def msvag(x, g, m, v, unbias, noise, lr, momentum):
    """Shorten momentum where the gradient is noisy: by its signal, divided by signal and noise.

    Of Adam's two parts this keeps the one that knows the variance and leaves out the one that takes the sign. After
    one step the variance is not known: ρ is 1, which the authors' code caps at 0.999 and pytorch_optimizer at 0.9999,
    a difference that shows with a memory of hundreds of steps. Without noise the rule is momentum as an average.
    """
    m = momentum * m + (1 - momentum) * g
    v = momentum * v + (1 - momentum) * g**2
    mean = m * unbias
    spread = mean * mean + noise * (v * unbias - mean * mean)
    share = mean * mean / spread if spread > mean * mean else 1
    return x - lr * share * mean, m, v


def kozistr_shares(t, momentum):
    return variance_shares(t, momentum, 0.9999)


msvag.formula("kozistr", scalars=kozistr_shares)(msvag.variants["authors"][0].update)

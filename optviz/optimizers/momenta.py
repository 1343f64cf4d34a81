"""Momentum in other proportions: the newest gradient weighed apart, several memories at once, one against another."""

from optviz.optimizers import optimizer
from optviz.optimizers.momentum import momentum

sgdw = momentum.derived(
    "sgdw",
    title="SGDW",
    year=2017,
    reference="Loshchilov & Hutter 2017, arXiv:1711.05101, Algorithm 1",
    url="https://arxiv.org/abs/1711.05101",
    equation="v ← μ v − lr g,  x ← x + v − wd x",
    module=__name__,
    decay={"paper": "scheduled", "torch": "decoupled"},
    oracles={
        "torch": "pytorch_optimizer.SGDW",
        "keras": "keras.optimizers.SGD(weight_decay=...)",
        "optax": "optax.sgd",
    },
    text=(
        "Add a fraction of the last step to the next, and let the weights decay beside it.\n\n"
        "The paper's decay is not part of the gradient and not scaled by the learning rate, only by its schedule. "
        "pytorch_optimizer's SGDW, here the variant torch, scales it by the learning rate, as Keras and optax do. "
        "torch_optimizer's SGDW adds the number wd itself to every weight, which is no decay.\n\n"
        "There is no weight decay until it is given. Nesterov's momentum is decoupled in the same way by "
        "nesterov(weight_decay=..., decay=decoupled): the paper has no form of its own for it, and the gradient at the "
        "look-ahead point knows nothing of the decay in either case."
    ),
    defaults={
        "keras": {},
        "paper": {},
        "torch": {},
    },
)


@optimizer(
    title="QHM",
    year=2018,
    reference="Ma & Yarats 2018, arXiv:1810.06801, equations 3-4",
    url="https://arxiv.org/abs/1810.06801",
    equation="b ← μ b + (1 − μ) g,  x ← x − lr ((1 − ν) g + ν b)",
    family="momentum",
    variants=("paper", "jettify", "kozistr"),
    aliases={"beta": "momentum"},
    ranges={"nu": (0, 1, True, True)},
    names=("quasi-hyperbolic-momentum",),
    oracles={"jettify": "torch_optimizer.QHM", "kozistr": "pytorch_optimizer.QHM"},
    defaults={
        "jettify": {"lr": 1e-3, "nu": 0.7},
        "paper": {"momentum": 0.999, "nu": 0.7},
        "authors": {"lr": 1.0, "momentum": 0.999, "nu": 0.7},
    },
)
def qhm(x, g, b, lr, momentum, nu):
    """Move by a mean of the gradient and of its average.

    Everybody computes the same. nu = 1 is momentum as an average, nu = 0 is SGD, and nu = momentum is Nesterov's rule
    at lr (1 − momentum). The paper recommends nu = 0.7 with a memory of a thousand steps, and its authors' package a
    learning rate of 1; that of torch_optimizer, 0.001, is taken here unless theirs is asked for.

    Because momentum is an average here, lr is about 1 / (1 − momentum) times that of torch's momentum.
    """
    b = momentum * b + (1 - momentum) * g
    return x - lr * ((1 - nu) * g + nu * b), b


@optimizer(
    title="AggMo",
    year=2018,
    reference="Lucas, Sun, Zemel & Grosse 2018, arXiv:1804.00325, section 3",
    url="https://arxiv.org/abs/1804.00325",
    equation="bᵢ ← βᵢ bᵢ + g,  x ← x − lr (b₁ + b₂ + b₃) / 3",
    family="momentum",
    variants=("paper", "jettify", "kozistr"),
    names=("aggregated-momentum",),
    oracles={"jettify": "torch_optimizer.AggMo", "kozistr": "pytorch_optimizer.AggMo"},
    defaults={
        "jettify": {"lr": 1e-3, "beta1": 0.0, "beta2": 0.9, "beta3": 0.99},
        "kozistr": {"lr": 1e-3, "beta1": 0.0, "beta2": 0.9, "beta3": 0.99},
        "paper": {"beta1": 0.0, "beta2": 0.9, "beta3": 0.99},
    },
)
def aggmo(x, g, a, b, c, lr, beta1, beta2, beta3):
    """Move by the mean of three sums of gradients that remember for shorter and longer.

    Everybody computes the same, with any number of sums; here there are the three that are everybody's default. What
    one sum overshoots, the others damp, so that 0.99 can be used where it would oscillate alone. The paper names no
    learning rate.

    The sums are not averages: with the default betas a constant gradient moves by 37 lr a step.
    """
    a = beta1 * a + g
    b = beta2 * b + g
    c = beta3 * c + g
    return x - lr / 3 * (a + b + c), a, b, c


def normalised(t, lr, beta0):
    return {"rate": lr / ((1 + beta0) ** 2 + beta0**2) ** 0.5}


@optimizer(
    title="PNM",
    year=2021,
    reference="Xie, Yuan, Zhu & Sugiyama 2021, arXiv:2103.17182, Algorithm 1",
    url="https://arxiv.org/abs/2103.17182",
    equation="mₜ ← β₁² mₜ₋₂ + (1 − β₁²) g,  x ← x − lr ((1 + β₀) mₜ − β₀ mₜ₋₁) / √((1 + β₀)² + β₀²)",
    family="momentum",
    variants=("paper", "kozistr"),
    scalars=normalised,
    decay={"paper": "decoupled", "kozistr": "decoupled"},
    ranges={"beta0": (0, float("inf"), True, False)},
    names=("positive-negative-momentum",),
    oracles={"kozistr": "pytorch_optimizer.PNM"},
    defaults={
        "paper": {"beta1": 0.9, "beta0": 1.0},
        "kozistr": {"lr": 1e-3, "beta1": 0.9, "beta0": 1.0},
    },
)
def pnm(x, g, older, newer, rate, beta1, beta0):
    """Subtract the average of every other gradient from that of the rest, for more noise along the same way.

    Two averages take the gradients in turn, and at each step the one just filled counts 1 + beta0, the other −beta0;
    the root makes up for the noise that this adds. The authors' code, and pytorch_optimizer, give beta0 as the second
    of two betas. The paper's learning rate belongs to its networks; 0.001 is pytorch_optimizer's.

    beta0 = 0 does not give momentum back, but momentum that sees every second gradient.
    """
    older = beta1 * beta1 * older + (1 - beta1) * (1 + beta1) * g
    return x - rate * ((1 + beta0) * older - beta0 * newer), newer, older


def two_rates(t, lr, kappa, xi, small_const):
    intake = small_const * small_const * xi / kappa
    far = intake / (small_const + intake)
    return {
        "long_rate": lr * kappa / small_const,
        "short_rate": lr * small_const / (small_const + intake),
        "intake": intake,
        "far": far,
    }


@optimizer(
    title="AccSGD",
    year=2017,
    reference="Jain, Kakade, Kidambi, Netrapalli & Sidford 2017, arXiv:1704.08227, Algorithm 1",
    url="https://arxiv.org/abs/1704.08227",
    equation="β = c² ξ / κ,  b ← (1 − β) b + β (x − lr κ / c g),  x ← (c (x − lr g) + β b) / (c + β)",
    family="momentum",
    variants=("authors", "jettify", "kozistr"),
    scalars=two_rates,
    initial={"b": "x"},
    ranges={name: (0, float("inf"), False, False) for name in ("kappa", "xi")} | {"small_const": (0, 1, False, False)},
    aliases={"constant": "small_const"},
    names=("accelerated-sgd",),
    oracles={"jettify": "torch_optimizer.AccSGD", "kozistr": "pytorch_optimizer.AccSGD"},
    defaults={
        "authors": {"kappa": 1000.0, "xi": 10.0, "small_const": 0.7},
        "jettify": {"lr": 1e-3, "kappa": 1000.0, "xi": 10.0, "small_const": 0.7},
        "kozistr": {"lr": 1e-3, "kappa": 1000.0, "xi": 10.0, "small_const": 0.7},
    },
)
def accsgd(x, g, b, long_rate, short_rate, intake, far):
    """Average a path of short steps with one of long steps, so that acceleration survives noise.

    kappa is the ratio of the long step to the short one, xi the advantage that is hoped for over SGD; all codes are
    the authors'. Their small_const is a number of the proof. At most, xi is about the root of kappa.
    """
    b = b + intake * (x - long_rate * g - b)
    return x - short_rate * g + far * (b - x), b

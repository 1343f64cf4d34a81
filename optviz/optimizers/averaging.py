"""Averages of the iterates: the noise of single steps cancels in them, and they are what is evaluated."""

from optviz.optimizers import optimizer


def asgd_scalars(t, before, lr, lambd, alpha, t0):
    # torch makes both numbers ready at the end of a step for the next one: a learning rate that changes comes late.
    late = t - t0
    return {
        "eta": before.get("coming", lr),
        "mu": before.get("coming_mu", 1.0),
        "coming": lr / (1 + lambd * lr * t) ** alpha,
        "coming_mu": 1 / (late * (late > 1) + (late <= 1)),
    }


def average_of(ax):
    return ax


@optimizer(
    title="ASGD",
    year=1992,
    reference=(
        "Polyak & Juditsky 1992, SIAM J. Control and Optimization 30(4), 838-855; "
        "step sizes as Bottou 2012, Stochastic Gradient Descent Tricks"
    ),
    url="https://doi.org/10.1137/0330046",
    equation="x ← (1 − λ η) x − η g,  a ← a + μ (x − a),  η = lr / (1 + λ lr t)^α",
    family="averaging",
    variants=("torch",),
    scalars=asgd_scalars,
    initial={"ax": "x"},
    reported=average_of,
    ranges={name: (0, float("inf"), True, False) for name in ("lambd", "alpha", "t0")},
    names=("averaged-sgd",),
    oracles={"torch": "torch.optim.ASGD"},
    keys={"torch": {"ax": "ax", "coming": "eta", "coming_mu": "mu"}},
    defaults={"torch": {"lr": 0.01, "lambd": 1e-4, "alpha": 0.75, "t0": 1e6}},
)
def asgd(x, g, ax, eta, mu, coming, coming_mu, lambd):
    """Move as SGD with a falling step size, and evaluate the average of the iterates.

    Averaging begins at step t0. **torch's t0 is a million steps: until then the average is the last iterate**, and the
    rule is SGD; give a smaller one. torch decays the iterate by lambd besides, and has no form but this one: until
    2024 its path for many tensors at once used lr / (1 + λ lr t^α). The class of this name in pytorch_optimizer is
    another method (arXiv:1910.09529). For the paper's own form see polyak_ruppert.
    """
    x = x * (1 - lambd * eta) - eta * g
    return x, (x if mu == 1 else ax + mu * (x - ax))


def falling(t, lr, alpha):
    return {"eta": lr / t**alpha, "share": 1 / t}


@optimizer(
    title="Polyak-Ruppert averaging",
    year=1992,
    reference="Polyak & Juditsky 1992, SIAM J. Control and Optimization 30(4), 838-855",
    url="https://doi.org/10.1137/0330046",
    equation="a ← a + (x − a) / t,  x ← x − lr g / t^α",
    family="averaging",
    scalars=falling,
    initial={"ax": "x"},
    reported=average_of,
    ranges={"alpha": (0, 1, True, True)},
    names=("polyak-averaging",),
    defaults={"paper": {"lr": 0.01, "alpha": 0.75}},
)
def polyak_ruppert(x, g, ax, eta, share):
    """Move as SGD with steps that fall more slowly than 1 / t, and evaluate the mean of all iterates.

    The paper's mean at step t is that of the iterates from the start to the one before the step. Its steps may fall as
    any power between 0 and 1, 1 excluded; it names no numbers, and torch's ASGD lends its own.

    The mean forgets the start as slowly as 1 / t. Without noise the last iterate is far better.
    """
    return x - eta * g, ax + share * (x - ax)

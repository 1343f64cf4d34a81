"""Rules that take their gradient ahead of the iterate, where a first step or the momentum leads."""

from optviz.optimizers import optimizer


def half(x, g, lr):
    return x - lr * g


@optimizer(
    title="Extragradient",
    year=1976,
    reference="Korpelevich 1976, Ekonomika i Matematicheskie Metody 12(4), 747-756",
    url="https://arxiv.org/abs/1802.10551",
    equation="x ← x − lr ∇f(x − lr g)",
    family="plain",
    names=("eg",),
    defaults={"paper": {"lr": 0.01}},
    probe=half,
)
def extragradient(x, g, lr):
    """Step as gradient descent would, and take the gradient found there for the step from where one was.

    It is the implicit step to first order: for games, where two players turn around each other, it converges where
    gradient descent spirals outwards. A step makes two evaluations. The number is ours.
    """
    return x - lr * g


def from_the_past(x, past, lr):
    return x - lr * past


@optimizer(
    title="Past extragradient",
    year=1980,
    reference=(
        "Popov 1980, Mathematical Notes 28(5), 845-848; as Gidel et al. 2018, arXiv:1802.10551, "
        "extrapolation from the past"
    ),
    url="https://arxiv.org/abs/1802.10551",
    equation="h = ∇f(x − lr h'), h' that of the step before,  x ← x − lr h",
    family="plain",
    names=("popov", "optimistic_extragradient"),
    defaults={"paper": {"lr": 0.01}},
    probe=from_the_past,
)
def past_extragradient(x, g, past, lr):
    """Extragradient whose first step takes the gradient that the step before found: one evaluation in a step.

    The iterates are where the steps end; the value there is drawn, and costs an evaluation that the rule does not make.
    The number is ours.
    """
    return x - lr * g, g


def ahead(x, v, momentum):
    return x + momentum * v


@optimizer(
    title="Nesterov ahead",
    year=2013,
    reference="Sutskever, Martens, Dahl & Hinton 2013, ICML, equations 3 and 4",
    url="https://proceedings.mlr.press/v28/sutskever13.html",
    equation="v ← μ v − lr ∇f(x + μ v),  x ← x + v",
    family="momentum",
    names=("sutskever_nesterov",),
    defaults={"paper": {"lr": 0.01, "momentum": 0.9}},
    probe=ahead,
)
def nesterov_ahead(x, g, v, lr, momentum):
    """Nesterov's momentum as it was published: the gradient is taken where the momentum alone leads.

    Libraries keep the points of the gradients, x + μ v, for iterates instead, which need no second look: the rule
    "nesterov" in the form of Keras makes the same steps seen from there. The number is ours.
    """
    v = momentum * v - lr * g
    return x + v, v

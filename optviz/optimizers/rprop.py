"""Rprop: a step size of its own for every coordinate, which grows while the gradient keeps its sign."""

from optviz.optimizers import optimizer
from optviz.optimizers._formulas import clip, greater, lesser
from optviz.optimizers._signs import sign


@optimizer(
    title="Rprop",
    year=1993,
    reference=(
        "Riedmiller & Braun 1993, IEEE ICNN, 586-591, equations 4-6; without a way back as "
        "Igel & Hüsken 2000, Neural Computation 2000, 115-121, iRprop−"
    ),
    url="https://doi.org/10.1109/ICNN.1993.298623",
    equation="d ← η± d by the sign of g p,  x ← x − d sgn(g),  p ← g",
    family="sign",
    variants=("torch",),
    initial={"d": "lr"},
    ranges={
        "eta_minus": (0, 1, False, False),
        "eta_plus": (1, float("inf"), False, False),
        "min_step_size": (0, float("inf"), True, False),
        "max_step_size": (0, float("inf"), False, False),
    },
    aliases={"etas": ("eta_minus", "eta_plus"), "step_sizes": ("min_step_size", "max_step_size")},
    names=("irprop-",),
    oracles={"torch": "torch.optim.Rprop", "optax": "optax.rprop"},
    keys={"torch": {"p": "prev", "d": "step_size"}},
    defaults={
        "torch": {"lr": 0.01, "eta_minus": 0.5, "eta_plus": 1.2, "min_step_size": 1e-6, "max_step_size": 50.0},
        "paper": {"lr": 0.1, "eta_minus": 0.5, "eta_plus": 1.2, "min_step_size": 1e-6, "max_step_size": 50.0},
        "optax": {"eta_minus": 0.5, "eta_plus": 1.2, "min_step_size": 1e-6, "max_step_size": 50.0},
    },
)
def rprop(x, g, p, d, eta_minus, eta_plus, min_step_size, max_step_size):
    """Let the step of a coordinate grow while its gradient keeps its sign, and halve it when the sign changes.

    lr is the first step size alone: 0.01 in torch, 0.1 in the paper; changing it later has no effect. After a change
    of sign the paper takes the last step back (equation 6), and torch stays where it is for one step: that is Igel and
    Hüsken's iRprop−. Their iRprop+, the variant "igel", takes the step back only where the value has become worse.
    optax 0.2.8 makes each step one step late, the first one being none, and keeps the last step in place of the last
    gradient.

    Only signs count, so the gradient has to be exact: with mini-batches every second sign is noise, and steps shrink
    to nothing.
    """
    turn = g * p
    d = clip(d * (eta_plus if turn > 0 else eta_minus if turn < 0 else 1), min_step_size, max_step_size)
    g = 0.0 if turn < 0 else g
    return x - d * sign(g), g, d


@rprop.formula("paper")
def rprop_back(x, g, p, d, last, eta_minus, eta_plus, min_step_size, max_step_size):
    turn = g * p
    d = lesser(d * eta_plus, max_step_size) if turn > 0 else greater(d * eta_minus, min_step_size) if turn < 0 else d
    last = -last if turn < 0 else -d * sign(g)
    return x + last, (0.0 if turn < 0 else g), d, last


@rprop.formula("igel")
def rprop_back_if_worse(x, g, p, d, last, value, f, eta_minus, eta_plus, min_step_size, max_step_size):
    turn = g * p
    d = lesser(d * eta_plus, max_step_size) if turn > 0 else greater(d * eta_minus, min_step_size) if turn < 0 else d
    last = (-last if f > value else 0.0) if turn < 0 else -d * sign(g)
    return x + last, (0.0 if turn < 0 else g), d, last, f


@rprop.formula("optax")
def rprop_late(x, g, u, d, eta_minus, eta_plus, min_step_size, max_step_size):
    turn = g * u
    d = d if turn == 0 else clip(d * (eta_plus if turn > 0 else eta_minus), min_step_size, max_step_size)
    step = 0.0 if turn < 0 else u
    return x - step, (0.0 if turn < 0 else d * sign(g)), d

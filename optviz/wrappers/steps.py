"""What is done to the step that a rule makes: momentum around it, a mask, and a size that falls on plateaus."""

from math import inf
from typing import Any

from optviz.wrappers import wrapper

RULE: Any = None


@wrapper(
    title="Nesterovised",
    year=1983,
    reference="Sutskever et al. 2013, PMLR 28(3), equations 3-4, around any step, as Keras's SGD(nesterov=True)",
    url="https://proceedings.mlr.press/v28/sutskever13.html",
    equation="v ← μ v + Δ,  x ← x + μ v + Δ with the rule's step Δ",
    slots=("v",),
    defaults={"momentum": 0.9},
    names=("nesterovized",),
)
def nesterovised(x, g, v, momentum):
    """Add Nesterov's momentum to the steps of a rule: around SGD it is Keras's Nesterov.

    NadamW has Dozat's form instead, which looks ahead in Adam's own average; that is a rule of its own.
    """
    step = RULE(x, g) - x
    v = momentum * v + step
    return x + momentum * v + step, v


@wrapper(
    title="Cautious",
    year=2024,
    reference="Liang et al. 2024, arXiv:2411.16085, Algorithm 2, the mask without its scale",
    url="https://arxiv.org/abs/2411.16085",
    equation="x ← x + Δ where Δ g < 0, else x",
    names=("cautious_mask",),
)
def cautious(x, g):
    """Make only those steps that lead downhill by the gradient of today.

    The authors' code also divides by the share of coordinates that move. That is a mean over an array, which is not
    known to one coordinate; here the others move no farther for it.
    """
    after = RULE(x, g)
    return x if (x - after) * g <= 0 else after  # where either is no number, that is seen


def look(t, every):
    return {"looks": 1 * (t % every == 0)}


@wrapper(
    title="Plateau",
    year=2017,
    reference="torch's ReduceLROnPlateau(mode='min', threshold_mode='rel')",
    url="https://docs.pytorch.org/docs/stable/generated/torch.optim.lr_scheduler.ReduceLROnPlateau.html",
    equation="steps × factor after more than `patience` looks without f < best (1 − threshold)",
    slots=("total", "best", "bad", "rest", "scale"),
    defaults={"factor": 0.1, "patience": 10, "threshold": 1e-4, "cooldown": 0, "least": 0.0, "every": 1},
    scalars=look,
    initial={"best": inf, "scale": 1.0},
    ranges={
        "factor": (0, 1, True, False),
        "patience": (0, inf, True, False),
        "threshold": (0, 1, True, False),
        "cooldown": (0, inf, True, False),
        "least": (0, 1, True, True),
        "every": (1, inf, True, False),
    },
    whole=("patience", "cooldown", "every"),
    names=("reduce_on_plateau", "ReduceLROnPlateau"),
)
def plateau(x, g, total, best, bad, rest, scale, f, looks, factor, patience, threshold, cooldown, least, every):
    """Make shorter steps when the value has stopped falling.

    The rule's whole step is multiplied, weight decay included, which is the same as a smaller learning rate wherever
    that multiplies the step. Every `every` steps it looks at the mean value of these; in training that is the loss of
    the batches, so that `every` wants to be the steps of an epoch. torch lowers the learning rate itself, after the
    step, and so does this one.
    """
    after = RULE(x, g)
    after = after if scale == 1 else x + scale * (after - x)
    total = total + f
    if looks > 0:
        mean = total / every
        better = mean < best * (1 - threshold)
        best = mean if better else best
        bad = 0 if better else bad + 1
        bad = 0 if rest > 0 else bad
        rest = rest - 1 if rest > 0 else rest
        lower = bad > patience
        scale = max(scale * factor, least) if lower else scale
        rest = cooldown if lower else rest
        bad = 0 if lower else bad
        total = 0
    return after, total, best, bad, rest, scale

"""Weight decay in every form that a library gives it, and steps uphill, as formulas around a rule."""

from typing import Any

from optviz.wrappers._wrapper import Wrapper, unregistered

RULE: Any = None  # bound where a rule is wrapped, see `optviz.formulas.composing`


def l2(x, g, weight_decay):
    """Add the decay to the gradient, so that it is averaged and scaled with it: torch's SGD, Adam and others."""
    return RULE(x, g + weight_decay * x)


def decoupled(x, g, lr, weight_decay):
    """Shrink the iterate by the share lr wd before the step: torch's AdamW, all of Keras, optax's adamw."""
    return RULE(x - lr * weight_decay * x, g)


def scheduled(x, g, lr_share, weight_decay):
    """Shrink it by the share wd, scaled by the schedule of the learning rate alone: Loshchilov & Hutter, line 12."""
    return RULE(x - lr_share * weight_decay * x, g)


def fixed(x, g, weight_decay):
    """Shrink it by the share wd, whatever the learning rate is."""
    return RULE(x - weight_decay * x, g)


def proximal(x, g, lr, weight_decay):
    """Divide by 1 + lr wd after the step: Adan's decay, an implicit step against it."""
    return RULE(x, g) / (1 + lr * weight_decay)


def cautious(x, g, lr, weight_decay):
    """Shrink only where that leads the way of the step: Chen et al. 2025, arXiv:2510.12402, Algorithm 1."""
    after = RULE(x, g)
    return after - (lr * weight_decay * x if (x - after) * x >= 0 else 0)


def maximize(x, g, f):
    """Move with the gradient instead of against it."""
    return RULE(x, -g, -f)


def _decay(formula) -> Wrapper:
    return unregistered(formula, formula.__name__, defaults={"weight_decay": 0.0})


# The form of a decay -> its formula. `scheduled` is `fixed` as long as the learning rate has no schedule.
DECAYS = {formula.__name__: _decay(formula) for formula in (l2, decoupled, scheduled, fixed, proximal, cautious)}
MAXIMIZE = unregistered(maximize, "Uphill")

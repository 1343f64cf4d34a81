"""What is done to the gradient before a rule sees it: clipping by value, accumulation, and filters."""

from typing import Any

from optviz.wrappers import wrapper

RULE: Any = None


@wrapper(
    title="Clipped",
    year=2012,
    reference="Pascanu et al. 2012, arXiv:1211.5063; by value as torch's clip_grad_value_ and optax.clip",
    url="https://arxiv.org/abs/1211.5063",
    equation="g ← clip(g, −limit, limit)",
    defaults={"limit": 1.0},
    ranges={"limit": (0, float("inf"), False, False)},
    names=("clip_by_value", "clipvalue"),
)
def clip(x, g, limit):
    """Cut each coordinate of the gradient to at most `limit`; what is no number stays none."""
    g = limit if g > limit else g
    return RULE(x, -limit if g < -limit else g)


def last_of_k(t, k):
    return {"moves": 1 * (t % k == 0)}


def rounds(t, k):
    return (t + k - 1) // k


@wrapper(
    title="Accumulated",
    year=2017,
    reference="Keras's gradient_accumulation_steps, optax.MultiSteps; in steps as Ott et al. 2018, arXiv:1806.00187",
    url="https://arxiv.org/abs/1806.00187",
    equation="every k steps: one step of the rule with the mean of the last k gradients",
    slots=("total",),
    defaults={"k": 4},
    scalars=last_of_k,
    clock=rounds,
    ranges={"k": (1, float("inf"), True, False)},
    whole=("k",),
    names=("multi_steps", "gradient_accumulation"),
)
def accumulate(x, g, total, moves, k):
    """Wait for k gradients, then make one step with their mean.

    The rule counts its own steps, one in k. Schedules count all of them, as the run does.
    """
    total = total + g
    if moves > 0:
        x = RULE(x, total / k)
    return x, (0 if moves > 0 else total)


@wrapper(
    title="Grokfast",
    year=2024,
    reference="Lee et al. 2024, arXiv:2405.20233, Algorithm 2 (Grokfast-EMA)",
    url="https://arxiv.org/abs/2405.20233",
    equation="h ← α h + (1 − α) g,  g ← g + λ h",
    slots=("h",),
    defaults={"alpha": 0.98, "lam": 2.0},
    ranges={"alpha": (0, 1, True, False), "lam": (0, float("inf"), True, False)},
    names=("grokfast_ema",),
)
def grokfast(x, g, h, alpha, lam):
    """Add the slow part of the gradient to it once more, amplified."""
    h = alpha * h + (1 - alpha) * g
    return RULE(x, g + lam * h), h

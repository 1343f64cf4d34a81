"""Lookahead: slow weights that follow fast ones every few steps."""

from typing import Any

from optviz.wrappers import wrapper

RULE: Any = None


def meeting(t, k):
    return {"meets": 1 * (t % k == 0)}


def slow_weights(slow):
    return slow


@wrapper(
    title="Lookahead",
    year=2019,
    reference="Zhang et al. 2019, arXiv:1907.08610, Algorithm 1",
    url="https://arxiv.org/abs/1907.08610",
    equation="every k steps: s ← s + α (x − s),  x ← s",
    slots=("slow",),
    defaults={"k": 5, "alpha": 0.5},
    scalars=meeting,
    initial={"slow": "x"},
    reported=slow_weights,
    ranges={"k": (1, float("inf"), True, False), "alpha": (0, 1, True, True)},
    whole=("k",),
)
def lookahead(x, g, slow, meets, alpha):
    """Let the rule run k steps ahead, then go a part of the way and start from there.

    What is reported are the slow weights, as the paper evaluates them; the rule takes its gradients at the fast ones.
    The rule's own state is kept when they meet, as in optax. With k = 1 and alpha = 1 it is the rule alone.
    """
    fast = RULE(x, g)
    slow = (1 - alpha) * slow + alpha * fast if meets > 0 else slow
    return (slow if meets > 0 else fast), slow

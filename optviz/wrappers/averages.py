"""Averages of iterates, which are evaluated in place of the last one: exponential, and stochastic weight averaging."""

from typing import Any

from optviz.wrappers import wrapper

RULE: Any = None


def the_average(average):
    return average


@wrapper(
    title="EMA",
    year=1992,
    reference="Polyak & Juditsky 1992, SIAM J. Control Optim. 30(4); exponential as in Keras's use_ema",
    url="https://epubs.siam.org/doi/10.1137/0330046",
    equation="a ← d a + (1 − d) x, reported a",
    slots=("average",),
    defaults={"decay": 0.99},
    initial={"average": "x"},
    reported=the_average,
    ranges={"decay": (0, 1, True, False)},
    names=("exponential_moving_average",),
)
def ema(x, g, average, decay):
    """Report an exponential average of the iterates; the rule itself runs as it would alone.

    The average begins at the start, as Keras's does. With decay = 0 it is the rule alone.
    """
    after = RULE(x, g)
    average = decay * average + (1 - decay) * after
    return after, average


def mean_weight(t, start, every):
    """The part of the next iterate in the mean: all of it before `start`, then one in as many as have been taken."""
    taken = (t - start) // every * (t > start)
    takes = (t > start) * ((t - start) % every == 0)
    return {"weight": 1 * (t <= start) + takes / (taken + (taken == 0))}


@wrapper(
    title="SWA",
    year=2018,
    reference="Izmailov et al. 2018, arXiv:1803.05407, Algorithm 1",
    url="https://arxiv.org/abs/1803.05407",
    equation="a ← a + (x − a) / n at every c-th step from the start on, reported a",
    slots=("average",),
    defaults={"start": 0, "every": 1},
    scalars=mean_weight,
    initial={"average": "x"},
    reported=the_average,
    ranges={"start": (0, float("inf"), True, False), "every": (1, float("inf"), True, False)},
    whole=("start", "every"),
    names=("stochastic_weight_averaging",),
)
def swa(x, g, average, weight):
    """Report the mean of the iterates from some step on, every so many steps; the rule runs as it would alone.

    Up to the step `start` the iterate itself is reported. A cyclic or constant learning rate belongs to it.
    """
    after = RULE(x, g)
    average = (1 - weight) * average + weight * after if weight > 0 else average
    return after, average

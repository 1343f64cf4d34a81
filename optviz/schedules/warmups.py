"""Schedules of phases: a warm-up in the formula itself, a long constant part, a cooldown."""

from math import cos, pi, sqrt

from optviz.schedules import schedule


@schedule(
    title="Noam",
    equation="√warmup min(t^−1/2, t warmup^−3/2),  t = done + 1",
    reference="Vaswani et al. 2017, arXiv:1706.03762, equation 3",
    url="https://arxiv.org/abs/1706.03762",
    durations=("warmup",),
)
def noam(done, warmup):
    """Rise along a line for `warmup` steps, then fall as one over the root of time.

    The paper writes the value at the peak as d^−1/2 warmup^−1/2 for a model of width d, with a warmup of 4000. Its
    first step is not 0 but 1 / warmup of the peak.
    """
    t = done + 1.0
    return min(sqrt(warmup / t), t / warmup)


def fits(steps, cooldown):
    """Whether the cooldown is a part of the schedule."""
    return (f"cooldown is {cooldown:g} of {steps:g} steps", "Make it shorter.") if cooldown > steps else None


@schedule(
    title="Warm-up, stable, decay",
    equation="1, and in the last `cooldown` steps final + (1 − final) (1 − q),  q from 0 to 1",
    reference="Hu et al. 2024, arXiv:2404.06395 (MiniCPM); cooldowns: Hägele et al. 2024, arXiv:2405.18392",
    url="https://arxiv.org/abs/2404.06395",
    variants=("linear",),
    durations=("steps", "cooldown"),
    check=fits,
    names=("warmup-stable-decay", "trapezoid"),
)
def wsd(done, steps=None, cooldown="10%", final=0.0):
    """Keep the value, then let it fall to a share of it; with `warmup` this is warm-up, stable, decay.

    The variants are the ways down: along a line, by a root (the best of Hägele et al.), a square or half a wave of the
    cosine. In the variant ``sqrt`` the fall is 1 − √q, in ``square`` 1 − q².
    """
    return final + (1.0 - final) * (1.0 - cooled(done, steps, cooldown))


@wsd.formula("sqrt")
def wsd_sqrt(done, steps=None, cooldown="10%", final=0.0):
    return final + (1.0 - final) * (1.0 - sqrt(cooled(done, steps, cooldown)))


@wsd.formula("square")
def wsd_square(done, steps=None, cooldown="10%", final=0.0):
    return final + (1.0 - final) * (1.0 - cooled(done, steps, cooldown) ** 2)


@wsd.formula("cosine")
def wsd_cosine(done, steps=None, cooldown="10%", final=0.0):
    return final + (1.0 - final) * (1.0 + cos(pi * cooled(done, steps, cooldown))) / 2.0


def cooled(done, steps, cooldown):
    """How much of the cooldown is done, from 0 to 1."""
    return min(max(done - (steps - cooldown), 0.0) / cooldown, 1.0)


def leaves(steps, explore):
    """Whether steps are left after the exploration."""
    return (f"explore is {explore:g} of {steps:g} steps", "Leave some to exploit.") if explore >= steps else None


@schedule(
    title="Explore, exploit",
    equation="1 for `explore` steps, then along a line to final",
    reference="Iyer et al. 2023, arXiv:2003.03977 (Knee)",
    url="https://arxiv.org/abs/2003.03977",
    durations=("explore", "steps"),
    check=leaves,
    names=("knee",),
)
def explore_exploit(done, explore="50%", steps=None, final=0.0):
    """Keep a high value to find a wide minimum, then go down into it along a line."""
    p = min(max(done - explore, 0.0) / (steps - explore), 1.0)
    return (1.0 - p) + p * final


@schedule(
    title="To an averaging rate",
    equation="1 + a (final − 1),  a = (1 − cos πp) / 2,  p = min(done / steps, 1)",
    reference="Izmailov et al. 2018, arXiv:1803.05407; torch.optim.swa_utils.SWALR",
    url="https://arxiv.org/abs/1803.05407",
    variants=("cosine",),
    aliases={"anneal_epochs": "steps"},
)
def swalr(done, final, steps=10.0):
    """Go to another constant value within a few steps, at which iterates are averaged then.

    torch counts epochs, 10 of them by default, and gives the end as a value. The variant ``linear`` goes along a line.
    """
    a = (1.0 - cos(pi * min(done / steps, 1.0))) / 2.0
    return (1.0 - a) + a * final


@swalr.formula("linear")
def swalr_linear(done, final, steps=10.0):
    a = min(done / steps, 1.0)
    return (1.0 - a) + a * final

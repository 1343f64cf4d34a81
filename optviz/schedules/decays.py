"""Schedules that stay or fall: constant, along a line, in steps, by powers and roots."""

from math import ceil, inf, sqrt, tanh

from optviz.schedules import schedule


@schedule(
    title="Constant",
    equation="share before `steps`, then 1",
    ranges={"steps": (0, inf, True, False)},
    aliases={"factor": "share"},
    names=("ConstantLR", "constant_schedule"),
)
def constant(done, share=1.0, steps=0.0):
    """Keep the value; at first a share of it where one is given.

    torch's ConstantLR has a share of 1/3 during 5 steps by default, optax none.
    """
    return share if done < steps else 1.0


@schedule(
    title="Linear",
    equation="start + p (final − start),  p = min(done / steps, 1)",
    reference="Defazio et al. 2023, arXiv:2310.07831 (linear decay to zero)",
    url="https://arxiv.org/abs/2310.07831",
    aliases={"start_factor": "start", "end_factor": "final"},
    names=("LinearLR", "linear_schedule", "linear_to_zero"),
)
def linear(done, start=1.0, final=0.0, steps=None):
    """Go from one share of the value to another along a line, and stay there.

    torch's LinearLR rises from 1/3 to 1 within 5 steps by default; optax has no defaults.
    """
    p = min(done / steps, 1.0)
    return (1.0 - p) * start + p * final


@schedule(
    title="Step",
    equation="gamma^⌊done / every⌋",
    durations=("every",),
    aliases={"step_size": "every"},
    names=("StepLR",),
)
def step(done, every, gamma=0.1):
    """Multiply the value by gamma again and again, after so many steps each."""
    return gamma ** (done // every)


@schedule(
    title="Multi-step",
    equation="gamma^(number of boundaries that are reached)",
    durations=("at",),
    lists=("at",),
    names=("MultiStepLR",),
)
def multistep(done, at, gamma=0.1):
    """Multiply the value by gamma at each of the boundaries."""
    return gamma ** sum(boundary <= done for boundary in at)


@schedule(
    title="Exponential",
    equation="max(gamma^(done / every), final)",
    variants=("smooth",),
    durations=("every",),
    paces=("every",),
    aliases={"decay_rate": "gamma", "decay_steps": "every", "transition_steps": "every", "end_value": "final"},
    names=("ExponentialLR", "ExponentialDecay"),
)
def exponential(done, gamma, every=1.0, final=0.0):
    """Multiply the value by gamma within so many steps, but let it not fall below a share.

    torch's ExponentialLR counts single steps; Keras and optax have both forms, their staircase keeps the value for
    `every` steps. A gamma above 1 lets the value grow, as in a search for the largest learning rate.
    """
    return max(gamma ** (done / every), final)


@exponential.formula("staircase")
def exponential_staircase(done, gamma, every=1.0, final=0.0):
    return max(gamma ** (done // every), final)


@schedule(
    title="Polynomial",
    equation="final + (1 − final) (1 − p)^power,  p = min(done / steps, 1)",
    variants=("once",),
    names=("PolynomialLR", "PolynomialDecay", "polynomial_schedule"),
)
def polynomial(done, steps=None, power=1.0, final=0.0):
    """Fall to a share of the value by a power of what is left.

    torch falls to 0 within 5 steps by default, Keras to 1e-4 (the value, not its share); both have power 1. The variant
    ``cycle`` is that of Keras: at the end the same course begins anew, stretched to twice, three times the length.
    """
    return final + (1.0 - final) * (1.0 - min(done / steps, 1.0)) ** power


@polynomial.formula("cycle")
def polynomial_cycle(done, steps=None, power=1.0, final=0.0):
    length = steps * max(ceil(done / steps), 1)
    return final + (1.0 - final) * (1.0 - done / length) ** power


@schedule(
    title="Inverse time",
    equation="1 / (1 + rate done / every)",
    reference="Robbins & Monro 1951, Annals of Mathematical Statistics 22(3), 400-407",
    url="https://doi.org/10.1214/aoms/1177729586",
    variants=("smooth",),
    durations=("every",),
    paces=("every",),
    aliases={"decay_rate": "rate", "decay_steps": "every"},
    names=("InverseTimeDecay",),
)
def inverse_time(done, rate, every=1.0):
    """Divide the value by a number that grows with time: the steps sum up to infinity, their squares do not."""
    return 1.0 / (1.0 + rate * done / every)


@inverse_time.formula("staircase")
def inverse_time_staircase(done, rate, every=1.0):
    return 1.0 / (1.0 + rate * (done // every))


@schedule(
    title="Power law",
    equation="(1 + done / timescale)^−power",
    reference="Robbins & Monro 1951, Annals of Mathematical Statistics 22(3), 400-407",
    url="https://doi.org/10.1214/aoms/1177729586",
    durations=("timescale",),
    paces=("timescale",),
)
def power_law(done, power, timescale=1.0):
    """Fall as a power of time; stochastic approximation converges with powers above 1/2, up to 1."""
    return (1.0 + done / timescale) ** -power


@schedule(
    title="Inverse square root",
    equation="1 / √(1 + done / timescale)",
    reference="Zhai et al. 2022, arXiv:2106.04560 (rsqrt)",
    url="https://arxiv.org/abs/2106.04560",
    durations=("timescale",),
    paces=("timescale",),
    names=("rsqrt",),
)
def inverse_sqrt(done, timescale):
    """Fall as one over the root of time.

    With a warm-up of `timescale` steps the value at step t is √(timescale / t) times the peak, as in fairseq; in
    `noam` the warm-up is part of the formula.
    """
    return 1.0 / sqrt(1.0 + done / timescale)


@schedule(
    title="REX",
    equation="final + (1 − final) (1 − p) / (1 − p / 2),  p = min(done / steps, 1)",
    reference="Chen, Wolfe & Kyrillidis 2021, arXiv:2107.04197",
    url="https://arxiv.org/abs/2107.04197",
)
def rex(done, steps=None, final=0.0):
    """Fall slowly at first and fast at the end: reflected exponential, above the line all the way."""
    p = min(done / steps, 1.0)
    return final + (1.0 - final) * (1.0 - p) / (1.0 - p / 2.0)


@schedule(
    title="1 − sqrt",
    equation="final + (1 − final) (1 − √p),  p = min(done / steps, 1)",
    reference="Hägele et al. 2024, arXiv:2405.18392 (1-sqrt)",
    url="https://arxiv.org/abs/2405.18392",
)
def sqrt_cooldown(done, steps=None, final=0.0):
    """Fall fast at first and slowly at the end; a cooldown after a constant value, which `wsd` has in one."""
    return final + (1.0 - final) * (1.0 - sqrt(min(done / steps, 1.0)))


@schedule(
    title="Hyperbolic tangent",
    equation="(1 − tanh(low + (high − low) p)) / 2,  p = min(done / steps, 1)",
    reference="Hsueh, Li & Wu 2019, arXiv:1806.01593 (HTD)",
    url="https://arxiv.org/abs/1806.01593",
    ranges={"low": (-inf, inf, False, False), "high": (-inf, inf, False, False)},
    names=("htd", "tanh"),
)
def hyperbolic_tangent(done, steps=None, low=-6.0, high=3.0):
    """Stay, then fall, then stay again: the branch of a tanh from `low` to `high`.

    The paper tries several branches, this one among them; timm's begins at −7.
    """
    p = min(done / steps, 1.0)
    return (1.0 - tanh(low + (high - low) * p)) / 2.0

"""Schedules that fall along half a wave of the cosine, once or again and again."""

from math import cos, inf, pi

from optviz.schedules import schedule


@schedule(
    title="Cosine",
    equation="final + (1 − final) ((1 + cos πp) / 2)^power,  p = min(done / steps, 1)",
    reference="Loshchilov & Hutter 2017, arXiv:1608.03983, equation 5, without restarts",
    url="https://arxiv.org/abs/1608.03983",
    variants=("optax", "keras"),
    aliases={"alpha": "final", "exponent": "power"},
    names=("CosineAnnealingLR", "CosineDecay", "cosine_decay_schedule"),
)
def cosine(done, steps=None, final=0.0, power=1.0):
    """Fall to a share of the value along half a wave of the cosine.

    Keras and optax stay at the end; torch's CosineAnnealingLR goes on along the wave, up again to the value after
    twice the steps. torch gives the end as a value, eta_min, not as a share. Only optax has the power.
    """
    return final + (1.0 - final) * ((1.0 + cos(pi * min(done / steps, 1.0))) / 2.0) ** power


@cosine.formula("torch")
def cosine_wave(done, steps=None, final=0.0):
    return final + (1.0 - final) * (1.0 + cos(pi * done / steps)) / 2.0


@schedule(
    title="Cosine with restarts",
    equation="final + (1 − final) m_mul^i (1 + cos πp) / 2,  p of cycle i, which has first t_mul^i steps",
    reference="Loshchilov & Hutter 2017, arXiv:1608.03983, equation 5 (SGDR)",
    url="https://arxiv.org/abs/1608.03983",
    durations=("first",),
    ranges={"first": (1, inf, True, False), "t_mul": (1, inf, True, False)},
    aliases={"T_0": "first", "first_decay_steps": "first", "T_mult": "t_mul", "alpha": "final"},
    names=("CosineAnnealingWarmRestarts", "CosineDecayRestarts", "sgdr", "cosine_restarts"),
)
def restarts(done, first, t_mul=1.0, m_mul=1.0, final=0.0):
    """Fall along a cosine, jump up and begin anew, each cycle t_mul times as long and m_mul times as high.

    Keras doubles the length by default, torch does not; torch has no m_mul.
    """
    length, height = first, 1.0
    if t_mul == 1.0:
        cycle = done // length
        done, height = done - cycle * length, m_mul**cycle
    while done >= length:
        done, length, height = done - length, length * t_mul, height * m_mul
    return final + (1.0 - final) * height * (1.0 + cos(pi * done / length)) / 2.0

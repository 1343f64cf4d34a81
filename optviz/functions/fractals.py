"""Functions that are as rough under any magnification: no gradient says anything about the next step."""

from itertools import product
from math import cos, floor, pi, sin

from optviz.functions import General, function, summed


def weierstrass_profile(t):
    """Σₖ 2⁻ᵏ (1 − cos 2π3ᵏt), written with 1 − cos 2u = 2 sin² u so that nothing cancels near zero.

    The sine and cosine of three times an angle follow from its own, without another call of either. They are brought
    back to length 1 each time, so that rounding grows threefold from wave to wave and no more, as that of 3ᵏt does.
    """
    total, weight, sine, cosine = 0.0, 2.0, sin(pi * t), cos(pi * t)
    for _ in range(21):
        total += weight * sine**2
        weight = weight / 2
        thrice, beside = sine * (4 * cosine**2 - 1), cosine * (1 - 4 * sine**2)
        length = 1.5 - 0.5 * (thrice**2 + beside**2)
        sine, cosine = thrice * length, beside * length
    return total


@function(
    title="Weierstrass",
    family="many minima",
    formula="f(x, y) = w(x) + w(y),  w(t) = Σₖ 2⁻ᵏ (1 − cos 2π3ᵏt),  k = 0 to 20",
    bounds=((-0.5, 0.5), (-0.5, 0.5)),
    start=(0.3, -0.2),
    minimizers=[(0.0, 0.0)],
    minimum=0.0,
    hazards="differentiable in name only: gradients to 6e4 that change sign within 2e-10; period 1 in each coordinate",
    steps=200,
    reference="Suganthan et al. 2005, CEC 2005 technical report, F11, before its shift; after Weierstrass 1872",
    general=summed(
        formula="f(x) = Σᵢ Σₖ 2⁻ᵏ (1 − cos 2π3ᵏxᵢ),  k = 0 to 20",
        minimizers=lambda n: [(0.0,) * n],
        minimum=lambda n: 0.0,
        reference="Suganthan et al. 2005, as for two variables",
    ),
    traits=("rough",),
)
def weierstrass(x, y):
    """A coastline for a graph: each wave carries waves a third as long and half as high.

    Published as Σₖ 2⁻ᵏ (cos 2π3ᵏ(t + ½) − cos π3ᵏ), which is what stands in the formula, since 3ᵏ is odd.
    """
    return weierstrass_profile(x) + weierstrass_profile(y)


KATSUURA_POWER = 10 / 2**1.2  # 10/n^1.2 for n = 2


def katsuura_profile(t):
    """Σⱼ |2ʲt − round 2ʲt|/2ʲ for j from 1 to 32: distances to the nearest whole number."""
    total, weight, offset = 0.0, 1.0, t
    for _ in range(32):
        weight = weight / 2
        offset = 2 * offset
        offset = offset - floor(offset + 0.5)  # exact, and as far from a whole number as 2ʲt
        total += weight * abs(offset)
    return total


def katsuura_slope(t):
    """The derivative of `katsuura_profile`: how many of its 32 zigzags rise, less how many fall."""
    total, offset = 0.0, t
    for _ in range(32):
        offset = 2 * offset
        offset = offset - floor(offset + 0.5)
        total += 1.0 if offset > 0 else (-1.0 if offset < 0 else 0.0)
    return total


def katsuura_general(x):
    n = float(len(x))
    power = 10 / n**1.2
    factors = 1.0
    for i in range(len(x)):
        factors *= (1 + float(i + 1) * katsuura_profile(x[i])) ** power
    return 10 / n**2 * (factors - 1)


def katsuura_general_gradient(x, g):
    n = float(len(x))
    power = 10 / n**1.2
    factors = 1.0
    for i in range(len(x)):
        factors *= (1 + float(i + 1) * katsuura_profile(x[i])) ** power
    for i in range(len(x)):  # no factor is below 1
        weight = float(i + 1)
        g[i] = 10 / n**2 * factors * power * weight * katsuura_slope(x[i]) / (1 + weight * katsuura_profile(x[i]))


HALVES = [k / 2 for k in range(-10, 11)]


@function(
    title="Katsuura",
    family="many minima",
    formula="f(x, y) = 5/2 (1 + s(x))ᵖ (1 + 2s(y))ᵖ − 5/2",
    bounds=((-5.0, 5.0), (-5.0, 5.0)),
    view=((-1.5, 1.5), (-1.5, 1.5)),
    start=(1.28, -0.72),
    minimizers=list(product(HALVES, HALVES)),
    minimum=0.0,
    hazards="441 minima, at every multiple of ½ in both coordinates; continuous, in the limit nowhere differentiable",
    steps=200,
    reference="Katsuura 1991, The American Mathematical Monthly 98(5), 411-416",
    general=General(
        formula="f(x) = 10/n² (Πᵢ (1 + i s(xᵢ))ᵖ − 1),  p = 10/n^1.2",
        value=katsuura_general,
        gradient=katsuura_general_gradient,
        # 21ⁿ of them; in more than two dimensions those on the diagonal stand for all.
        minimizers=lambda n: list(product(HALVES, HALVES)) if n == 2 else [(half,) * n for half in HALVES],
        minimum=lambda n: 0.0,
        reference="Hansen, Finck, Ros & Auger 2009, INRIA report RR-6829, f23",
    ),
    traits=("kink", "rough"),
)
def katsuura(x, y):
    """Zigzags on zigzags, 32 times halved. In the formula p = 4.353, ten over the 1.2th power of
    the number of variables, and s(t) = Σⱼ |2ʲt − round 2ʲt|/2ʲ, j from 1 to 32.
    """
    left = (1 + katsuura_profile(x)) ** KATSUURA_POWER
    right = (1 + 2 * katsuura_profile(y)) ** KATSUURA_POWER
    return 2.5 * (left * right - 1)

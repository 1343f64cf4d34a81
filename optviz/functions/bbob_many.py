"""BBOB f15 to f24: many minima, on slopes that lead to the best of them and on plains that do not."""

from itertools import product

from optviz.functions import _bbob_parts as parts
from optviz.functions._bbob import bbob
from optviz.functions._bbob_draws import around_the_middle, normal, order, stretched, times, uniform

ROOT = 10**0.5

bbob_f15 = bbob(
    15,
    "Rastrigin",
    "The lattice of wells turned, bent and turned again, so that no axis leads from one well to the next.",
    formula="Σᵢ (10 − 10 cos 2πzᵢ + zᵢ²) + fₒₚₜ, z = R Λ Q T R d",
    general="Σᵢ (10 − 10 cos 2πzᵢ + zᵢ²) + fₒₚₜ, z = R Λ Q T R d",
    start=(3.0, -3.0),
    hazards="about 10ⁿ wells, askew and unevenly spaced",
    numbers=lambda draw: {
        "FIRST": draw.outer,
        "SKEW": tuple(0.2 * place for place in draw.place),
        "SECOND": draw.product(ROOT),
    },
    term=parts.ripple,
    warp=parts.wavy_skewed,
)


def unbent(height):
    """The number that the waves make `height` of: they grow, and change no number by more than 11 %."""
    low, high = sorted((0.89 * height, 1.12 * height))
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if parts.wavy(middle, 0.0) < height else (low, middle)
    return (low + high) / 2


def lattice(names):
    """Where z is of integers, which is as low as the optimum."""
    a, b, c, d = names["SECOND"]
    right, up, left, down = names["FIRST"]
    x, y = names["BEST"]
    area = a * d - b * c
    found = [(x, y)]
    for i, j in product(range(-16, 17), repeat=2):
        u, v = (d * i - b * j) / area, (a * j - c * i) / area
        if abs(x + right * u + left * v) > 7.5 or abs(y + up * u + down * v) > 7.5 or i == j == 0:
            continue
        u, v = unbent(u), unbent(v)
        point = x + right * u + left * v, y + up * u + down * v
        if max(map(abs, point)) <= 5:
            found.append(point)
    return found


bbob_f16 = bbob(
    16,
    "Weierstrass",
    "A rough landscape that repeats itself: several pits are exactly as deep as the optimum. "
    "w(t) is the sum of cos(2π 3ᵏ (t + ½))/2ᵏ for k from 0 to 11, and −c the least that it can be.",
    formula="10 (½ Σᵢ w(zᵢ) + c)³ + 5 p + fₒₚₜ, z = R Λ Q T R d",
    general="10 (Σᵢ w(zᵢ)/n + c)³ + 10 p/n + fₒₚₜ, z = R Λ Q T R d",
    start=(3.0, 3.0),
    hazards="waves down to 1/177147 of a period; several global minimizers, more in more dimensions, without curvature",
    numbers=lambda draw: {
        "FIRST": draw.outer,
        "SECOND": draw.product(0.1),
        "FENCE": 10 / draw.n,
    },
    term=parts.weierstrass,
    warp=parts.wavy,
    finish=parts.cubed_mean,
    minimizers=lattice,
    traits=["degenerate"],
)


def schaffer(base):
    return lambda draw: {
        "FIRST": draw.outer,
        "SKEW": tuple(0.5 * place for place in draw.place),
        "SECOND": stretched(draw.inner, draw.powers(base)),
        "FENCE": 10.0,
    }


bbob_f17 = bbob(
    17,
    "Schaffer F7",
    "Rings of waves that grow with the distance in height and in length, seen through a bent lens. sᵢ² is zᵢ² + zᵢ₊₁².",
    formula="√r (1 + sin² 50 r⁰·¹)² + 10 p + fₒₚₜ, r = |z|², z = Λ Q T R d",
    general="(Σᵢ √sᵢ (1 + sin² 50 sᵢ⁰·²)/(n − 1))² + 10 p + fₒₚₜ, z = Λ Q T R d",
    start=(-3.0, -3.0),
    hazards="a kink at the minimizer; ring after ring, ever closer towards it",
    numbers=schaffer(ROOT),
    link=parts.schaffer,
    warp=parts.skewed,
    finish=parts.squared_mean,
    traits=["kink"],
)

bbob_f18 = bbob(
    18,
    "Schaffer F7, ill-conditioned",
    "The rings of f17 pressed into long ellipses, thirty times as long as wide. sᵢ² is zᵢ² + zᵢ₊₁².",
    formula="√r (1 + sin² 50 r⁰·¹)² + 10 p + fₒₚₜ, r = |z|², z = Λ′ Q T R d",
    general="(Σᵢ √sᵢ (1 + sin² 50 sᵢ⁰·²)/(n − 1))² + 10 p + fₒₚₜ, z = Λ′ Q T R d",
    start=(3.0, -3.0),
    hazards="a kink at the minimizer; rings, and condition 1,000",
    numbers=schaffer(1000**0.5),
    link=parts.schaffer,
    warp=parts.skewed,
    finish=parts.squared_mean,
    like=17,
    traits=["kink"],
)

bbob_f19 = bbob(
    19,
    "Griewank-Rosenbrock",
    "The banana valley under waves in the height itself: its flanks are hundreds of ridges that run along it. "
    "s is what Rosenbrock's function adds up: 100 (z₁² − z₂)² + (z₁ − 1)² for the first two coordinates.",
    formula="10 (s/4000 − cos s + 1) + fₒₚₜ, z = Q d + 1",
    general="10 Σᵢ (sᵢ/4000 − cos sᵢ)/(n − 1) + 10 + fₒₚₜ, z = Q d + 1",
    start=(-2.0, 3.0),
    hazards="ridges closer and closer up the flanks, with gradients of thousands",
    numbers=around_the_middle,
    link=parts.griewank,
    finish=parts.raised_mean,
)


def far_corner(draw):
    """Schwefel's optimum near a corner of the cube, put near one that the signs choose."""
    usual, signs, stretches = 4.2096874637, draw.signs(), draw.powers(ROOT)
    n, best = draw.n, []
    matrix = [0.0] * (n * n)
    for i in range(n):
        matrix[i * n + i] = 200 * stretches[i] * signs[i]
        wanted = usual + (parts.SCHWEFEL / 100 - usual) / stretches[i]
        if i:
            matrix[i * n + i - 1] = 50 * stretches[i] * signs[i - 1]
            wanted -= 0.25 * (2 * signs[i - 1] * best[i - 1] - usual)
        best.append(signs[i] * wanted / 2)
    return {"BEST": tuple(best), "FIRST": tuple(matrix), "OFFSET": parts.SCHWEFEL}


bbob_f20 = bbob(
    20,
    "Schwefel",
    "Wide basins, and the second best of them lies in the opposite corner; beyond all corners is a steep wall. "
    "z is 100 times x with signs, each coordinate bent by its neighbour and stretched.",
    formula="4.19 + Σᵢ (0.01 max(0, |zᵢ| − 500)² − zᵢ sin √|zᵢ|/200) + fₒₚₜ",
    general="4.19 + Σᵢ (0.01 max(0, |zᵢ| − 500)² − zᵢ sin √|zᵢ|/(100n)) + fₒₚₜ",
    start=(0.5, 0.5),
    hazards="the best basin is far from the next best ones; a steep wall where |zᵢ| exceeds 500",
    numbers=far_corner,
    term=parts.schwefel,
    finish=parts.below_height,
)


def hills(peaks, highest, width):
    """Gallagher's peaks: their places, how they fall off along the turned axes, and how high they are."""

    def numbers(draw):
        n = draw.n
        places = [width * number - width / 2 for number in uniform(n * peaks, draw.seed)]
        best = [0.8 * number for number in places[:n]]
        turned = [0.0] * n
        for k in range(1, peaks):
            away = [place - middle for place, middle in zip(places[k * n : (k + 1) * n], best, strict=True)]
            turned += times(draw.inner, away)
        conditions = [highest, *(1000 ** (rank / (peaks - 2)) for rank in order(uniform(peaks - 1, draw.seed)))]
        widths = []
        for k, condition in enumerate(conditions):
            ranks = order(uniform(n, draw.seed + 1000 * k))
            widths += [condition ** (rank / (n - 1) - 0.5) for rank in ranks]
        tops = [10.0, *(1.1 + 8 * k / (peaks - 2) for k in range(peaks - 1))]
        return {
            "BEST": tuple(best),
            "FIRST": draw.inner,
            "FENCE": 1.0,
            "PEAKS": peaks,
            "PLACE": tuple(turned),
            "WIDTH": tuple(widths),
            "TOP": tuple(tops),
        }

    return numbers


bbob_f21 = bbob(
    21,
    "Gallagher, 101 peaks",
    "A hundred and one hollows strewn at random. Nothing but their depth tells the best from the others. "
    "wₖ is the depth of hollow k, up to 10, and qₖ the squared distance of z from it, stretched in its own way.",
    formula="T(10 − maxₖ wₖ exp(−qₖ/4))² + p + fₒₚₜ, z = Q d",
    general="T(10 − maxₖ wₖ exp(−qₖ/2n))² + p + fₒₚₜ, z = Q d",
    start=(4.0, -4.0),
    hazards="kinks where hollows meet; level far from all of them; no curvature at the minimizer",
    numbers=hills(101, 1000**0.5, 10.0),
    finish=parts.wavy_square,
    traits=["degenerate", "rough"],
)

bbob_f22 = bbob(
    22,
    "Gallagher, 21 peaks",
    "Only twenty-one hollows, the best of them a narrow gash. "
    "wₖ is the depth of hollow k, up to 10, and qₖ the squared distance of z from it, stretched in its own way.",
    formula="T(10 − maxₖ wₖ exp(−qₖ/4))² + p + fₒₚₜ, z = Q d, k ≤ 21",
    general="T(10 − maxₖ wₖ exp(−qₖ/2n))² + p + fₒₚₜ, z = Q d, k ≤ 21",
    start=(4.0, -4.0),
    hazards="kinks where hollows meet; the best one has condition 1,000 and no curvature at its bottom",
    numbers=hills(21, 1000.0, 9.8),
    finish=parts.wavy_square,
    traits=["degenerate", "rough"],
)

bbob_f23 = bbob(
    23,
    "Katsuura",
    "Continuous and nowhere smooth: saw teeth on saw teeth, with thousands of equally deep notches. "
    "[z] is z rounded, j runs from 1 to 32, and a is 10/n¹·².",
    formula="2.5 (Πᵢ (1 + i Σⱼ |2ʲzᵢ − [2ʲzᵢ]|/2ʲ)ᵃ − 1) + p + fₒₚₜ, z = R Λ Q d",
    general="10/n² (Πᵢ (1 + i Σⱼ |2ʲzᵢ − [2ʲzᵢ]|/2ʲ)ᵃ − 1) + p + fₒₚₜ, z = R Λ Q d",
    start=(3.0, 3.0),
    hazards="a kink in every interval of 2⁻³²; the gradient says nothing about where to go",
    numbers=lambda draw: {
        "FIRST": draw.product(10.0),
        "WEIGHT": tuple(float(i + 1) for i in range(draw.n)),
        "FLATNESS": 10 / draw.n**1.2,
        "FENCE": 1.0,
    },
    term=parts.katsuura,
    finish=parts.flat_product,
    traits=["kink", "rough", "continuum"],
    continuum="some 4,000 points, where 2z is of integers",
)


def two_funnels(draw):
    signs = [-1.0 if number < 0 else 1.0 for number in normal(draw.n, draw.seed)]
    turned = draw.product(10.0)
    depth = 1 - 0.5 / ((draw.n + 20) ** 0.5 - 4.1)
    return {
        "BEST": tuple(1.25 * sign for sign in signs),
        "FIRST": tuple(2 * signs[place % draw.n] * number for place, number in enumerate(turned)),
        "FENCE": 1e4,
        "SIGN": tuple(signs),
        "DEPTH": depth,
        "APART": 2.5 + (5.25 / depth) ** 0.5,
    }


bbob_f24 = bbob(
    24,
    "Lunacek bi-Rastrigin",
    "Two funnels full of wells. The wide one draws most of those who come, and its floor is the higher one. eᵢ is 2dᵢ, "
    "mirrored where the optimum is negative, and z is R Λ Q e; m tells how far apart the funnels are.",
    formula="min(|e|², 2 + s |e + m|²) + 10 Σᵢ (1 − cos 2πzᵢ) + 10⁴ p + fₒₚₜ",
    general="min(|e|², n + s |e + m|²) + 10 Σᵢ (1 − cos 2πzᵢ) + 10⁴ p + fₒₚₜ",
    start=(-3.0, -3.0),
    hazards="a kink between the funnels; wells of a few hundredths across; a wall outside the bounds",
    numbers=two_funnels,
    term=parts.waves,
    aside="funnels",
    traits=["rough"],
)

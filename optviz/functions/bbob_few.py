"""BBOB f1 to f14: apart from f3 and f4 one valley floor, and every way in which the road along it is made long.

What the letters of their formulas mean each function's text says.
"""

from optviz.functions import _bbob_parts as parts
from optviz.functions._bbob import bbob
from optviz.functions._bbob_draws import around_the_middle, stretched

ROOT = 10**0.5
MILLION = 1e6

bbob_f1 = bbob(
    1,
    "sphere",
    "Round contour lines about a point that no symmetry gives away. What fails here has a fault in its step size.",
    formula="d₁² + d₂² + fₒₚₜ",
    general="Σᵢ dᵢ² + fₒₚₜ",
    start=(-3.0, 3.0),
    hazards="none; the optimum lies at no round number",
    term=parts.square,
    steps=150,
)

bbob_f2 = bbob(
    2,
    "separable ellipsoid",
    "A trench along an axis, a million times steeper across than along, with ripples in its slope.",
    formula="z₁² + 10⁶ z₂² + fₒₚₜ, z = T d",
    general="Σᵢ 10⁶ᵃ zᵢ² + fₒₚₜ, a from 0 to 1, z = T d",
    start=(-3.5, 3.0),
    hazards="condition 10⁶ along the axes; waves on the walls, and no second derivative at the minimizer",
    numbers=lambda draw: {"WEIGHT": draw.powers(MILLION)},
    term=parts.square,
    warp=parts.wavy,
)

bbob_f3 = bbob(
    3,
    "separable Rastrigin",
    "A lattice of wells whose rows are bent and stretched, but still parallel to the axes.",
    formula="Σᵢ (10 − 10 cos 2πzᵢ + zᵢ²) + fₒₚₜ, z = Λ T d",
    general="Σᵢ (10 − 10 cos 2πzᵢ + zᵢ²) + fₒₚₜ, z = Λ T d",
    start=(2.0, -3.0),
    hazards="about 10 wells along each axis; uneven spacing",
    numbers=lambda draw: {"SKEW": tuple(0.2 * place for place in draw.place), "WEIGHT": draw.powers(ROOT)},
    term=parts.ripple,
    warp=parts.wavy_skewed,
)


def mirrored(draw):
    """Every other coordinate of the optimum is positive, and steep beyond it."""
    best = tuple(number if i % 2 else abs(number) for i, number in enumerate(draw.optimum()))
    lopsided = tuple(1.0 if i % 2 else 10.0 for i in range(draw.n))
    return {"BEST": best, "SKEW": lopsided, "WEIGHT": draw.powers(ROOT), "FENCE": 100.0}


bbob_f4 = bbob(
    4,
    "Büche-Rastrigin",
    "Wells as in f3, but on one side of the optimum ten times closer: who comes from there walks over a washboard.",
    formula="Σᵢ (10 − 10 cos 2πzᵢ + zᵢ²) + 100 p + fₒₚₜ, z = Λ T d",
    general="Σᵢ (10 − 10 cos 2πzᵢ + zᵢ²) + 100 p + fₒₚₜ, z = Λ T d",
    start=(4.2, -3.0),
    hazards="wells crowd where a coordinate with an odd number exceeds the optimum's; a penalty outside the bounds",
    numbers=mirrored,
    term=parts.ripple,
    warp=parts.wavy_lopsided,
    like=3,
)


def corner(draw):
    """The corner on whose side the drawn optimum lies, and the slopes towards it."""
    signs = [1.0 if number > 0 else -1.0 for number in draw.optimum()]
    slopes = zip(signs, draw.powers(10.0), strict=True)
    return {"BEST": tuple(5 * sign for sign in signs), "WEIGHT": tuple(sign * slope for sign, slope in slopes)}


bbob_f5 = bbob(
    5,
    "linear slope",
    "A tilted plane that ends in a corner of the domain; beyond its edges it is level.",
    formula="Σᵢ max(0, −sᵢ dᵢ) + fₒₚₜ, s = (±1, ±10)",
    general="Σᵢ max(0, −sᵢ dᵢ) + fₒₚₜ, |sᵢ| from 1 to 10",
    start=(-3.0, -3.0),
    hazards="the minimizer is a corner, and beyond it the ground is level; no curvature anywhere",
    numbers=corner,
    term=parts.ramp,
    traits=["kink"],
    steps=200,
)

bbob_f6 = bbob(
    6,
    "attractive sector",
    "Only one quadrant of the turned axes is gentle; on its other sides the walls are ten thousand times steeper.",
    formula="T(Σᵢ (sᵢ zᵢ)²)⁰·⁹ + fₒₚₜ, z = R Λ Q d",
    general="T(Σᵢ (sᵢ zᵢ)²)⁰·⁹ + fₒₚₜ, sᵢ = 100 if zᵢ xₒₚₜᵢ > 0 else 1, z = R Λ Q d",
    start=(-3.5, -3.0),
    hazards="curvature jumps by 10⁴ across two lines and is unbounded at the minimizer",
    numbers=lambda draw: {"FIRST": draw.product(ROOT), "WEIGHT": draw.optimum()},
    term=parts.sector,
    finish=parts.wavy_power,
)


def plate(names):
    """The first of the turned coordinates is 0 where the others are rounded to 0."""
    first, best = names["FIRST"], names["BEST"]
    along = -first[1], first[0]
    rate = first[2] * along[0] + first[3] * along[1]
    return [tuple(b + share * 0.04 / rate * a for b, a in zip(best, along, strict=True)) for share in (0, -1, 1)]


bbob_f7 = bbob(
    7,
    "step ellipsoid",
    "A bowl of terraces. On each of them the ground is level, so only those who look around find the next one. u is "
    "Λ Q d, and [u] is u rounded.",
    formula="0.1 max(|u₁|/10⁴, z₁² + 100 z₂²) + p + fₒₚₜ, z = R [Λ Q d]",
    general="0.1 max(|u₁|/10⁴, Σᵢ 100ᵃ zᵢ²) + p + fₒₚₜ, z = R [Λ Q d]",
    start=(-4.0, 3.0),
    hazards="the gradient is 0 but for a valley in the lowest terrace",
    numbers=lambda draw: {
        "FIRST": stretched(draw.inner, draw.powers(ROOT)),
        "SECOND": draw.outer,
        "WEIGHT": draw.powers(100.0),
        "FENCE": 1.0,
    },
    term=parts.square,
    warp=parts.stepped,
    finish=parts.tilted,
    minimizers=plate,
    traits=["steps", "kink", "continuum"],
    continuum="in the lowest terrace, where u₁ = 0",
)

bbob_f8 = bbob(
    8,
    "Rosenbrock",
    "The banana valley, shifted: its floor has to be followed round a bend to the optimum.",
    formula="100 (z₁² − z₂)² + (z₁ − 1)² + fₒₚₜ, z = d + 1",
    general="Σᵢ 100 (zᵢ² − zᵢ₊₁)² + (zᵢ − 1)² + fₒₚₜ, z = d + 1",
    start=(-4.0, 2.0),
    hazards="condition 2,500 at the minimizer; from 4 dimensions on a second minimum",
    numbers=lambda draw: {"BEST": tuple(0.75 * number for number in draw.optimum()), "OFFSET": 1.0},
    link=parts.rosenbrock,
)

bbob_f9 = bbob(
    9,
    "rotated Rosenbrock",
    "The banana valley in another direction, so that no axis is the valley's.",
    formula="100 (z₁² − z₂)² + (z₁ − 1)² + fₒₚₜ, z = Q d + 1",
    general="Σᵢ 100 (zᵢ² − zᵢ₊₁)² + (zᵢ − 1)² + fₒₚₜ, z = Q d + 1",
    start=(-3.0, 3.0),
    hazards="condition 2,500 at the minimizer; from 4 dimensions on a second minimum",
    numbers=around_the_middle,
    link=parts.rosenbrock,
)

bbob_f10 = bbob(
    10,
    "ellipsoid",
    "The trench of f2 askew: a step size for each coordinate does not straighten it.",
    formula="z₁² + 10⁶ z₂² + fₒₚₜ, z = T R d",
    general="Σᵢ 10⁶ᵃ zᵢ² + fₒₚₜ, a from 0 to 1, z = T R d",
    start=(-3.0, -3.0),
    hazards="condition 10⁶ askew to the axes; waves on the walls",
    numbers=lambda draw: {"FIRST": draw.outer, "WEIGHT": draw.powers(MILLION)},
    term=parts.square,
    warp=parts.wavy,
)

bbob_f11 = bbob(
    11,
    "discus",
    "One direction is a million times steeper than all the others, which are alike.",
    formula="10⁶ z₁² + z₂² + fₒₚₜ, z = T R d",
    general="10⁶ z₁² + z₂² + … + zₙ² + fₒₚₜ, z = T R d",
    start=(-3.0, 3.0),
    hazards="condition 10⁶ in a single direction",
    numbers=lambda draw: {"FIRST": draw.outer, "WEIGHT": (MILLION, *(1.0,) * (draw.n - 1))},
    term=parts.square,
    warp=parts.wavy,
)

bbob_f12 = bbob(
    12,
    "bent cigar",
    "A ridge of a valley that is narrow to all sides but one, and curved where the axes are bent.",
    formula="z₁² + 10⁶ z₂² + fₒₚₜ, z = R T R d",
    general="z₁² + 10⁶ (z₂² + … + zₙ²) + fₒₚₜ, z = R T R d",
    start=(-3.0, -2.0),
    hazards="condition 10⁶; the valley is bent where coordinates of R d are positive",
    numbers=lambda draw: {
        "BEST": draw.optimum(1_000_000),
        "FIRST": draw.outer,
        "SKEW": tuple(0.5 * place for place in draw.place),
        "SECOND": draw.outer,
        "WEIGHT": (1.0, *(MILLION,) * (draw.n - 1)),
    },
    term=parts.square,
    warp=parts.skewed,
)

bbob_f13 = bbob(
    13,
    "sharp ridge",
    "Two slopes meet in a ridge that descends gently: steps of any size fall across it and go hardly forward.",
    formula="z₁² + 100 |z₂| + fₒₚₜ, z = R Λ Q d",
    general="z₁² + 100 √(z₂² + … + zₙ²) + fₒₚₜ, z = R Λ Q d",
    start=(-3.0, 3.0),
    hazards="a kink along the ridge, with a gradient of length 100 or more on its sides",
    numbers=lambda draw: {"FIRST": draw.product(ROOT), "WEIGHT": (0.0, *(1.0,) * (draw.n - 1))},
    term=parts.square,
    finish=parts.ridge,
    traits=["kink"],
)

bbob_f14 = bbob(
    14,
    "different powers",
    "The nearer to the optimum the more unequal the directions: each has a power of its own.",
    formula="√(|z₁|² + |z₂|⁶) + fₒₚₜ, z = R d",
    general="√(Σᵢ |zᵢ|ᵃ) + fₒₚₜ, a from 2 to 6, z = R d",
    start=(-3.0, 3.0),
    hazards="a kink at the minimizer; no scale is the right one",
    numbers=lambda draw: {"FIRST": draw.outer, "WEIGHT": tuple(2 + 4 * place for place in draw.place)},
    term=parts.power,
    finish=parts.root,
    traits=["kink"],
)

"""Several wells: smooth everywhere, and the start and the first few steps decide which one is reached."""

from math import exp

from optviz.functions import function, summed


def himmelblau_gradient(x, y):
    a = x**2 + y - 11
    b = x + y**2 - 7
    return 4 * x * a + 2 * b, 2 * a + 4 * y * b


@function(
    title="Himmelblau",
    family="wells",
    formula="f(x, y) = (x² + y − 11)² + (x + y² − 7)²",
    gradient=himmelblau_gradient,
    bounds=((-5.0, 5.0), (-5.0, 5.0)),
    start=(0.5, 4.3),
    minimizers=[
        (3.0, 2.0),
        (-2.805118086952745, 3.131312518250573),
        (-3.779310253377747, -3.283185991286169),
        (3.584428340330492, -1.848126526964404),
    ],
    minimum=0.0,
    hazards="four equal minima, four saddles, a maximum of 181.6 at (-0.2708, -0.9230)",
    steps=200,
    reference="Himmelblau 1972, Applied Nonlinear Programming, McGraw-Hill",
)
def himmelblau(x, y):
    """Four wells of equal depth around a hill. Near its top neighbouring starts, or two optimizers, part ways."""
    return (x**2 + y - 11) ** 2 + (x + y**2 - 7) ** 2


def styblinski_tang_gradient(x, y):
    return 2 * x**3 - 16 * x + 2.5, 2 * y**3 - 16 * y + 2.5


@function(
    title="Styblinski–Tang",
    family="wells",
    formula="f(x, y) = ½ (x⁴ − 16x² + 5x + y⁴ − 16y² + 5y)",
    gradient=styblinski_tang_gradient,
    bounds=((-5.0, 5.0), (-5.0, 5.0)),
    start=(4.1, 0.6),
    minimizers=[(-2.903534027771177, -2.903534027771177)],
    minimum=-78.33233140754283,
    local_minimizers=[
        (2.746802770990837, -2.903534027771177),
        (-2.903534027771177, 2.746802770990837),
        (2.746802770990837, 2.746802770990837),
    ],
    hazards="four wells of unequal depth, a maximum at (0.1567, 0.1567); separable: each coordinate decides alone",
    steps=200,
    reference="Styblinski & Tang 1990, Neural Networks 3(4), 467-483",
    general=summed(
        formula="f(x) = ½ Σᵢ (xᵢ⁴ − 16xᵢ² + 5xᵢ)",
        minimizers=lambda n: [(-2.903534027771177,) * n],
        minimum=lambda n: -39.166165703771415 * n,
        reference="Jamil & Yang 2013, arXiv:1308.4008, Styblinski-Tang function",
    ),
)
def styblinski_tang(x, y):
    """Four wells, one of them deepest: the same double well in each coordinate, tilted a little."""
    return 0.5 * (x**4 - 16 * x**2 + 5 * x + y**4 - 16 * y**2 + 5 * y)


def three_hump_camel_gradient(x, y):
    return 4 * x - 4.2 * x**3 + x**5 + y, x + 2 * y


@function(
    title="Three-hump camel",
    family="wells",
    formula="f(x, y) = 2x² − 1.05x⁴ + x⁶/6 + xy + y²",
    gradient=three_hump_camel_gradient,
    bounds=((-5.0, 5.0), (-5.0, 5.0)),
    view=((-2.5, 2.5), (-2.5, 2.5)),
    start=(-2.1, 0.5),
    minimizers=[(0.0, 0.0)],
    minimum=0.0,
    local_minimizers=[
        (1.747552345830289, -0.8737761729151445),
        (-1.747552345830289, 0.8737761729151445),
    ],
    hazards="side wells at f = 0.2986 on the way in; beyond |x| = 3 the sixth power takes over",
    steps=200,
    reference="Branin 1972, IBM Journal of Research and Development 16(5), 504-522",
    names=(
        "camel3",
        "three_hump",
    ),
)
def three_hump_camel(x, y):
    """A long trough with three dents. The middle one is the deepest, and each side dent stops who comes in slowly."""
    return 2 * x**2 - 1.05 * x**4 + x**6 / 6 + x * y + y**2


def goldstein_price_gradient(x, y):
    a = x + y + 1
    p = 19 - 14 * x + 3 * x**2 - 14 * y + 6 * x * y + 3 * y**2
    b = 2 * x - 3 * y
    q = 18 - 32 * x + 12 * x**2 + 48 * y - 36 * x * y + 27 * y**2
    left = 1 + a**2 * p
    right = 30 + b**2 * q
    # a and p are alike in x and y, and so is the slope of the left factor.
    left_slope = 2 * a * p + a**2 * (6 * x + 6 * y - 14)
    right_x = 4 * b * q + b**2 * (24 * x - 36 * y - 32)
    right_y = -6 * b * q + b**2 * (54 * y - 36 * x + 48)
    return left_slope * right + left * right_x, left_slope * right + left * right_y


@function(
    title="Goldstein–Price",
    family="wells",
    formula="f(x, y) = (1 + (x + y + 1)² p(x, y)) (30 + (2x − 3y)² q(x, y))",
    gradient=goldstein_price_gradient,
    bounds=((-2.0, 2.0), (-2.0, 2.0)),
    start=(-1.0, 1.0),
    minimizers=[(0.0, -1.0)],
    minimum=3.0,
    local_minimizers=[(-0.6, -0.4), (1.8, 0.2), (1.2, 0.8)],
    hazards="six decades: values to 1e6 and gradients to 2e6 at the corners; local minima at 30, 84 and 840",
    steps=300,
    reference="Goldstein & Price 1971, Mathematics of Computation 25(115), 569-574",
)
def goldstein_price(x, y):
    """Wells in the beds of four deep gorges. In the formula's short form p and q are quadratic polynomials:

    p = 19 − 14x + 3x² − 14y + 6xy + 3y² and q = 18 − 32x + 12x² + 48y − 36xy + 27y².
    """
    p = 19 - 14 * x + 3 * x**2 - 14 * y + 6 * x * y + 3 * y**2
    q = 18 - 32 * x + 12 * x**2 + 48 * y - 36 * x * y + 27 * y**2
    return (1 + (x + y + 1) ** 2 * p) * (30 + (2 * x - 3 * y) ** 2 * q)


def mueller_brown_gradient(x, y):
    a = -200 * exp(-((x - 1) ** 2) - 10 * y**2)
    b = -100 * exp(-(x**2) - 10 * (y - 0.5) ** 2)
    c = -170 * exp(-6.5 * (x + 0.5) ** 2 + 11 * (x + 0.5) * (y - 1.5) - 6.5 * (y - 1.5) ** 2)
    d = 15 * exp(0.7 * (x + 1) ** 2 + 0.6 * (x + 1) * (y - 1) + 0.7 * (y - 1) ** 2)
    return (
        -2 * (x - 1) * a - 2 * x * b + (11 * (y - 1.5) - 13 * (x + 0.5)) * c + (1.4 * (x + 1) + 0.6 * (y - 1)) * d,
        -20 * y * a - 20 * (y - 0.5) * b + (11 * (x + 0.5) - 13 * (y - 1.5)) * c + (0.6 * (x + 1) + 1.4 * (y - 1)) * d,
    )


@function(
    title="Müller–Brown",
    family="wells",
    formula="f(x, y) = Σₖ Aₖ exp(aₖ u² + bₖ uv + cₖ v²),  u = x − xₖ,  v = y − yₖ",
    gradient=mueller_brown_gradient,
    bounds=((-1.5, 1.2), (-0.2, 2.0)),
    view=((-1.3, 0.9), (-0.2, 2.0)),
    start=(-1.1, 0.0),
    minimizers=[(-0.5582236346330243, 1.4417258418046687)],
    minimum=-146.69951720995402,
    local_minimizers=[
        (0.6234994049308765, 0.028037758528665727),
        (-0.05001082299820606, 0.46669410487197207),
    ],
    hazards="three wells, saddles at (-0.8220, 0.6243) and (0.2125, 0.2930); grows like exp(x² + y²) outside",
    steps=300,
    reference="Müller & Brown 1979, Theoretica Chimica Acta 53, 75-93",
    names=("muller_brown",),
)
def mueller_brown(x, y):
    """A molecule's three states and the two passes between them: four Gaussian-like terms, written out below."""
    return (
        -200 * exp(-((x - 1) ** 2) - 10 * y**2)
        - 100 * exp(-(x**2) - 10 * (y - 0.5) ** 2)
        - 170 * exp(-6.5 * (x + 0.5) ** 2 + 11 * (x + 0.5) * (y - 1.5) - 6.5 * (y - 1.5) ** 2)
        + 15 * exp(0.7 * (x + 1) ** 2 + 0.6 * (x + 1) * (y - 1) + 0.7 * (y - 1) ** 2)
    )

"""Many minima: the slope under the feet says little about the way home."""

from math import copysign, cos, e, exp, fabs, nan, pi, sin, sqrt

from optviz.functions import General, chained, function, summed


def rastrigin_gradient(x, y):
    return (
        2 * x + 20 * pi * sin(2 * pi * x),
        2 * y + 20 * pi * sin(2 * pi * y),
    )


@function(
    title="Rastrigin",
    family="many minima",
    formula="f(x, y) = 20 + x² − 10 cos 2πx + y² − 10 cos 2πy",
    gradient=rastrigin_gradient,
    bounds=((-5.12, 5.12), (-5.12, 5.12)),
    view=((-2.0, 3.0), (-3.0, 2.0)),
    start=(2.3, -2.2),
    minimizers=[(0.0, 0.0)],
    minimum=0.0,
    hazards="about a hundred wells on a lattice of period 1; curvature 397 in each, 2 in the bowl under them",
    steps=200,
    reference="Rastrigin 1974, Systems of Extremal Control, Nauka",
    general=summed(
        formula="f(x) = 10n + Σᵢ (xᵢ² − 10 cos 2πxᵢ)",
        minimizers=lambda n: [(0.0,) * n],
        minimum=lambda n: 0.0,
        reference="Mühlenbein, Schomisch & Born 1991, Parallel Computing 17(6-7), 619-632",
    ),
)
def rastrigin(x, y):
    """A bowl paved with wells as deep as the bowl itself."""
    return 20 + x**2 - 10 * cos(2 * pi * x) + y**2 - 10 * cos(2 * pi * y)


def ackley_gradient(x, y):
    r = sqrt((x**2 + y**2) / 2)
    # The tip of the cone has no gradient; 0, the mean over all directions, keeps it finite there.
    pull = 2 * exp(-0.2 * r) / r if r > 0 else 0.0
    ripple = pi * exp((cos(2 * pi * x) + cos(2 * pi * y)) / 2)
    return pull * x + ripple * sin(2 * pi * x), pull * y + ripple * sin(2 * pi * y)


def general_ackley(x):
    squares, cosines = 0.0, 0.0
    for i in range(len(x)):
        squares += x[i] ** 2
        cosines += cos(2 * pi * x[i])
    n = float(len(x))
    return 20 - 20 * exp(-0.2 * sqrt(squares / n)) + e - exp(cosines / n)


def general_ackley_gradient(x, g):
    squares, cosines = 0.0, 0.0
    for i in range(len(x)):
        squares += x[i] ** 2
        cosines += cos(2 * pi * x[i])
    n = float(len(x))
    r = sqrt(squares / n)
    pull = 4 * exp(-0.2 * r) / (n * r) if r > 0 else 0.0
    ripple = 2 * pi * exp(cosines / n) / n
    for i in range(len(x)):
        g[i] = pull * x[i] + ripple * sin(2 * pi * x[i])


@function(
    title="Ackley",
    family="many minima",
    formula="f(x, y) = 20 + e − 20 exp(−r/√50) − exp(½ cos 2πx + ½ cos 2πy)",
    gradient=ackley_gradient,
    bounds=((-5.0, 5.0), (-5.0, 5.0)),
    view=((-4.0, 4.0), (-4.0, 4.0)),
    start=(-1.8, 2.2),
    minimizers=[(0.0, 0.0)],
    minimum=0.0,
    hazards="a kink at the minimizer, with a gradient of length 2.8 all around it; wells at period 1, flat far out",
    steps=150,
    reference="Ackley 1987, A Connectionist Machine for Genetic Hillclimbing, Kluwer",
    general=General(
        formula="f(x) = 20 + e − 20 exp(−0.2 √(Σᵢ xᵢ²/n)) − exp(Σᵢ cos 2πxᵢ/n)",
        value=general_ackley,
        gradient=general_ackley_gradient,
        minimizers=lambda n: [(0.0,) * n],
        minimum=lambda n: 0.0,
        reference="Bäck & Schwefel 1993, Evolutionary Computation 1(1), 1-23",
    ),
    traits=("kink",),
)
def ackley(x, y):
    """A cratered plain with a funnel in the middle. The funnel ends in a tip, so a constant step never settles.

    In the short form of the formula r is the distance from the origin.
    """
    r = sqrt((x**2 + y**2) / 2)
    ripple = exp((cos(2 * pi * x) + cos(2 * pi * y)) / 2)
    return 20 - 20 * exp(-0.2 * r) + e - ripple


def eggholder_gradient(x, y):
    u = x / 2 + y + 47
    v = x - y - 47
    a = sqrt(fabs(u))
    b = sqrt(fabs(v))
    # Derivatives of sin a and sin b by u and v. At u = 0 and v = 0 they are unbounded, with opposite signs on the two
    # sides; 0, their mean, keeps the gradient finite there.
    slope_u = copysign(0.5, u) * cos(a) / a if a > 0 else 0.0
    slope_v = copysign(0.5, v) * cos(b) / b if b > 0 else 0.0
    return (
        -(y + 47) * slope_u / 2 - sin(b) - x * slope_v,
        -sin(a) - (y + 47) * slope_u + x * slope_v,
    )


@function(
    title="Eggholder",
    family="many minima",
    formula="f(x, y) = −(y + 47) sin √|x/2 + y + 47| − x sin √|x − y − 47|",
    gradient=eggholder_gradient,
    bounds=((-512.0, 512.0), (-512.0, 512.0)),
    view=((112.0, 512.0), (112.0, 512.0)),
    start=(360.0, 330.0),
    minimizers=[(512.0, 404.2318051137578)],
    minimum=-959.6406627208508,
    local_minimizers=[  # the deepest three of the view; there are dozens
        (482.3533104647884, 432.87899894548343),
        (439.48099726945344, 453.97743475400256),
        (347.3269729738487, 499.41539845004286),
    ],
    hazards=(
        "kinks with unbounded gradient along y = −x/2 − 47 and y = x − 47; the minimizer lies on the border x = 512, "
        "where f still falls outwards: outside the bounds there is lower ground"
    ),
    steps=250,
    reference="Whitley, Rana, Dzubera & Mathias 1996, Artificial Intelligence 85, 245-276, function F101",
    general=chained(
        formula="f(x) = −Σᵢ (xᵢ₊₁ + 47) sin √|xᵢ/2 + xᵢ₊₁ + 47| + xᵢ sin √|xᵢ − xᵢ₊₁ − 47|",
        minimizers=lambda n: [],  # no form is known for more than two dimensions
        minimum=lambda n: nan,
        reference="Jamil & Yang 2013, arXiv:1308.4008, Egg Holder function",
    ),
    traits=("rough", "falls"),
)
def eggholder(x, y):
    """A crate of deep wells that grow towards the corners, cut by two lines of kinks."""
    return -(y + 47) * sin(sqrt(fabs(x / 2 + y + 47))) - x * sin(sqrt(fabs(x - y - 47)))

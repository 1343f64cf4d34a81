"""Many minima: the slope under the feet says little about the way home."""

from math import copysign, cos, e, exp, fabs, pi, sin, sqrt

from optviz.functions import function


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
    camera=(-60, 55),
    steps=200,
    reference="Rastrigin 1974, Systems of Extremal Control, Nauka",
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


@function(
    title="Ackley",
    family="many minima",
    formula="f(x, y) = 20 + e − 20 exp(−r/√50) − exp(½ cos 2πx + ½ cos 2πy)",
    gradient=ackley_gradient,
    bounds=((-5.0, 5.0), (-5.0, 5.0)),
    view=((-4.0, 4.0), (-4.0, 4.0)),
    start=(-3.4, 1.9),
    minimizers=[(0.0, 0.0)],
    minimum=0.0,
    hazards="a kink at the minimizer, with a gradient of length 2.8 all around it; wells at period 1, flat far out",
    camera=(-60, 45),
    steps=150,
    reference="Ackley 1987, A Connectionist Machine for Genetic Hillclimbing, Kluwer",
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
    camera=(-60, 60),
    steps=250,
    reference="Whitley, Rana, Dzubera & Mathias 1996, Artificial Intelligence 85, 245-276, function F101",
)
def eggholder(x, y):
    """A crate of deep wells that grow towards the corners, cut by two lines of kinks."""
    return -(y + 47) * sin(sqrt(fabs(x / 2 + y + 47))) - x * sin(sqrt(fabs(x - y - 47)))

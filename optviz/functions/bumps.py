"""Bumps and grooves at a fixed distance, on ground that slopes too little to tell which groove is the lowest."""

from math import cos, exp, pi, sin, sqrt

from optviz.functions import function


@function(
    title="Chichinadze",
    family="many minima",
    formula="f(x, y) = (x − 6)² − 25 + 10 cos ½πx + 8 sin 5πx/2 − exp(−v²/2)/√5",
    bounds=((-30.0, 30.0), (-10.0, 10.0)),
    view=((0.0, 12.0), (-6.0, 6.0)),
    start=(9.0, 3.0),
    minimizers=[(6.18986658698431, 0.5)],
    minimum=-42.94438701899097,
    local_minimizers=[(5.427453952203763, 0.5), (6.963829572206937, 0.5)],
    hazards=(
        "grooves along y at a distance of 0.8, without any slope along y farther than 4 from y = 0.5; the literature's "
        "-43.32 is wrong"
    ),
    steps=200,
    reference="Jamil & Yang 2013, arXiv:1308.4008, Chichinadze function",
)
def chichinadze(x, y):
    """A corrugated parabola along x, and a dent along y that hardly anybody notices from afar: v is y − ½."""
    return x**2 - 12 * x + 11 + 10 * cos(pi * x / 2) + 8 * sin(5 * pi * x / 2) - exp(-0.5 * (y - 0.5) ** 2) / sqrt(5)


@function(
    title="Keane",
    family="many minima",
    formula="f(x, y) = −sin²(x − y) sin²(x + y)/√(x² + y²)",
    bounds=((0.0, 10.0), (0.0, 10.0)),
    start=(5.0, 2.5),
    minimizers=[(0.0, 1.3932490753255886), (1.3932490753255886, 0.0)],
    minimum=-0.6736675211468547,
    local_minimizers=[(3.0767494588077433, 1.5384415541046468), (1.5384415541046468, 3.0767494588077433)],
    hazards=(
        "wells that get shallower outwards; the minimizers lie on the borders x = 0 and y = 0, across which f is "
        "symmetric"
    ),
    steps=200,
    reference=(
        "Keane 1994, Experiences with optimizers in structural design, Adaptive Computing in Engineering Design and "
        "Control"
    ),
)
def keane(x, y):
    """An egg tray that fades away with the distance: the best wells are the nearest to the origin."""
    squares = x**2 + y**2
    return -(sin(x - y) ** 2) * sin(x + y) ** 2 / sqrt(squares) if squares > 0 else 0.0


@function(
    title="Venter–Sobieszczanski-Sobieski",
    family="many minima",
    formula="f(x, y) = p(x) + p(y),  p(t) = t² − 100 cos² t − 100 cos(t²/30)",
    bounds=((-50.0, 50.0), (-50.0, 50.0)),
    view=((-10.0, 10.0), (-10.0, 10.0)),
    start=(-7.0, 6.0),
    minimizers=[(0.0, 0.0)],
    minimum=-400.0,
    local_minimizers=[
        (3.07875152934637, 0.0),
        (-3.07875152934637, 0.0),
        (0.0, 3.07875152934637),
        (0.0, -3.07875152934637),
    ],
    hazards=(
        "wells at a distance of 3.1, 100 deep, on a bowl that wobbles ever faster outwards; curvature 202 at the "
        "minimizer"
    ),
    steps=200,
    reference="Venter & Sobieszczanski-Sobieski 2003, AIAA Journal 41(8), 1583-1589",
    names=("sobieski",),
)
def venter_sobieski(x, y):
    """A regular lattice of wells in a slowly waving bowl."""
    return x**2 - 100 * cos(x) ** 2 - 100 * cos(x**2 / 30) + y**2 - 100 * cos(y**2 / 30) - 100 * cos(y) ** 2

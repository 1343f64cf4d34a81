"""Mishra's wrinkled functions: waves on a gentle tilt, which decides between one wrinkle and the next."""

from math import cos, log, sin, sqrt

from optviz.functions import function


@function(
    title="Mishra 3",
    family="many minima",
    formula="f(x, y) = √|cos √|x² + y|| + (x + y)/100",
    bounds=((-10.0, 10.0), (-10.0, 10.0)),
    start=(3.0, -4.0),
    minimizers=[(-8.466701099413424, -10.0)],  # x = -√(25π²/4 + 10)
    minimum=-0.18466701099413424,
    hazards=(
        "the minimizer is on the border, in a groove with unbounded gradient: rounding of 1e-16 there "
        "is 1e-8 in f, and grids miss it"
    ),
    steps=200,
    reference="Mishra 2006, Munich Personal RePEc Archive, paper 2718, function no. 3",
    traits=("kink", "rough", "falls"),
)
def mishra3(x, y):
    """Parabolic grooves, sharp as knives, on a plane that is tilted a hundred to one. A groove is easy to find; the
    tilt along its floor is all that tells one from another.
    """
    return sqrt(abs(cos(sqrt(abs(x**2 + y))))) + 0.01 * (x + y)


@function(
    title="Mishra 4",
    family="many minima",
    formula="f(x, y) = √|sin √|x² + y|| + (x + y)/100",
    bounds=((-10.0, 10.0), (-10.0, 10.0)),
    start=(3.0, -4.0),
    minimizers=[(-9.941148807346373, -10.0)],  # x = -√(9π² + 10)
    minimum=-0.19941148807346373,
    hazards="as Mishra 3, with a groove more, along y = −x², where the gradient grows even faster",
    steps=200,
    reference="Mishra 2006, Munich Personal RePEc Archive, paper 2718, function no. 4",
    traits=("kink", "rough", "falls"),
)
def mishra4(x, y):
    """Sharp parabolic grooves again, shifted by half a wave: the middle one follows y = −x²."""
    return sqrt(abs(sin(sqrt(abs(x**2 + y))))) + 0.01 * (x + y)


@function(
    title="Mishra 5",
    family="many minima",
    formula="f(x, y) = (s + c + x)² + x/100 + y/10",
    bounds=((-10.0, 10.0), (-10.0, 10.0)),
    start=(4.0, 3.0),
    minimizers=[(-1.9868206464261489, -10.0)],
    minimum=-1.019829519930943,
    hazards="a wavy valley along which only y/10 pulls, down to the border y = −10, where f still falls outwards",
    steps=300,
    reference="Mishra 2006, Munich Personal RePEc Archive, paper 2718, function no. 5",
    traits=("falls",),
)
def mishra5(x, y):
    """A winding ditch of nearly constant depth. Across it all is steep; along it the floor falls one in ten.

    In the formula s = sin²((cos x + cos y)²) and c = cos²((sin x + sin y)²).
    """
    bend = sin((cos(x) + cos(y)) ** 2) ** 2 + cos((sin(x) + sin(y)) ** 2) ** 2 + x
    return bend**2 + 0.01 * x + 0.1 * y


@function(
    title="Mishra 6",
    family="many minima",
    formula="f(x, y) = −ln (s − c + x)² + ((x − 1)² + (y − 1)²)/10",
    bounds=((-10.0, 10.0), (-10.0, 10.0)),
    start=(6.0, 6.0),
    minimizers=[(2.886307215532004, 1.8232603315820546)],
    minimum=-2.2839498384747587,
    hazards="a wall of infinite height where the bracket is zero, a winding line near x = 0; two sides, one minimizer",
    steps=200,
    reference="Mishra 2006, Munich Personal RePEc Archive, paper 2718, function no. 6",
    traits=("rough",),
)
def mishra6(x, y):
    """Rolling ground on both sides of a wall that no small step passes. In the formula's short form

    s = sin²((cos x + cos y)²) and c = cos²((sin x + sin y)²).
    """
    bracket = sin((cos(x) + cos(y)) ** 2) ** 2 - cos((sin(x) + sin(y)) ** 2) ** 2 + x
    return -log(bracket**2) + 0.1 * ((x - 1) ** 2 + (y - 1) ** 2)

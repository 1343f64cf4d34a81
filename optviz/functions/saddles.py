"""Saddles: points where the gradient vanishes and nothing is won."""

from itertools import product
from math import sin

from optviz.functions import General, function


def saddle_gradient(x, y):
    return 2 * x, y**3 - 2 * y


@function(
    title="Saddle",
    family="saddle",
    formula="f(x, y) = x² − y² + y⁴/4",
    gradient=saddle_gradient,
    bounds=((-2.5, 2.5), (-2.5, 2.5)),
    view=((-2.4, 1.6), (-1.8, 2.2)),
    start=(-2.0, 0.001),
    minimizers=[(0.0, 1.4142135623730951), (0.0, -1.4142135623730951)],
    minimum=-1.0,
    hazards="saddle at (0, 0): on y = 0 the gradient leads straight into it, and only a push to the side leads out",
    steps=200,
    reference="after Nesterov 2004, Introductory Lectures on Convex Optimization, example 1.2.2",
    names=("bounded_saddle",),
)
def saddle(x, y):
    """A ridge between two equal wells. Everybody reaches the saddle at once; what counts is who leaves it first."""
    return x**2 - y**2 + y**4 / 4


def hyperbolic_general(x):
    total = x[0] ** 2
    for i in range(1, len(x)):
        total -= x[i] ** 2
    return total


def hyperbolic_minimizers(n):
    """In every corner x = 0, y = ±1, ...: all of them for up to seven coordinates, beyond that those all alike."""
    if n <= 7:
        return [(0.0, *signs) for signs in product((1.0, -1.0), repeat=n - 1)]
    return [(0.0, *(sign,) * (n - 1)) for sign in (1.0, -1.0)]


@function(
    title="Radford saddle",
    family="saddle",
    formula="f(x, y) = x² − y²",
    bounds=((-1.0, 1.0), (-1.0, 1.0)),
    start=(-0.9, 0.001),
    minimizers=[(0.0, 1.0), (0.0, -1.0)],
    minimum=-1.0,
    hazards=(
        "saddle at (0, 0); unbounded below: the minimum is that on the border y = ±1, beyond which f goes on falling"
    ),
    steps=150,
    reference="after Radford 2014, animations in the notes of Stanford's CS231n, there of a saddle",
    names=("hyperbolic_paraboloid",),
    traits=("falls",),
    general=General(
        formula="f(x) = x₁² − x₂² − … − xₙ²",
        value=hyperbolic_general,
        minimizers=hyperbolic_minimizers,
        minimum=lambda n: 1.0 - n,
        reference="after Radford 2014, with one direction up and n − 1 down",
    ),
)
def radford_saddle(x, y):
    """The plainest saddle. A start almost on its ridge: what counts is the step at which |y| passes 1."""
    return x**2 - y**2


@function(
    title="Lilipads saddle",
    family="saddle",
    formula="f(x, y) = sin x + y²",
    bounds=((-3.0, 3.0), (-3.0, 3.0)),
    start=(1.5707, 1.5),
    minimizers=[(-1.5707963267948966, 0.0)],
    minimum=-1.0,
    hazards="saddle at (π/2, 0): the start is 1e-4 off the ridge x = π/2, on the side that leads to the minimizer",
    steps=250,
    reference="Jiang 2020, gradient_descent_viz, the surface saddle point",
    names=("sine_saddle",),
)
def lilipads_saddle(x, y):
    """The top of a wave, crossed by a trough. All roll into the trough at once, and few get off the top soon."""
    return sin(x) + y**2


@function(
    title="Monkey saddle",
    family="saddle",
    formula="f(x, y) = x³ − 3xy²",
    bounds=((-1.5, 1.5), (-1.5, 1.5)),
    start=(0.9, 0.01),
    minimizers=[(1.5, 1.5), (1.5, -1.5)],
    minimum=-6.75,
    hazards=(
        "no curvature at (0, 0), so that no rate says how soon it is left; unbounded below: the minimum is that in two "
        "corners "
        "of the bounds, beyond which f goes on falling"
    ),
    steps=200,
    reference="Hilbert & Cohn-Vossen 1932, Anschauliche Geometrie, Springer",
    traits=("falls",),
)
def monkey_saddle(x, y):
    """Three ways down between three ways up, for two legs and a tail. At the middle even the curvature is nothing."""
    return x**3 - 3 * x * y**2


@function(
    title="Bounded monkey saddle",
    family="saddle",
    formula="f(x, y) = x³ − 3xy² + (x² + y²)²/4",
    bounds=((-4.0, 4.0), (-4.0, 4.0)),
    start=(0.9, 0.01),
    minimizers=[(-3.0, 0.0), (1.5, 2.598076211353316), (1.5, -2.598076211353316)],
    minimum=-6.75,
    hazards="no curvature at (0, 0), where the gradient vanishes like r²; three equal wells with curvatures 9 and 27",
    steps=200,
    reference="after Hilbert & Cohn-Vossen 1932, with a fourth power that bounds it",
)
def monkey_saddle_bounded(x, y):
    """A monkey saddle whose three ways down end in wells: at the flat middle it is decided which one is taken."""
    return x**3 - 3 * x * y**2 + (x**2 + y**2) ** 2 / 4

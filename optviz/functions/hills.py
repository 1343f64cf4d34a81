"""Hills and hollows of Gaussians, on a plain or in a bowl: beyond what there is to see the ground is plain."""

from math import exp

from optviz.functions import function


@function(
    title="Gramacy–Lee",
    family="plate",
    formula="f(x, y) = x exp(−x² − y²)",
    bounds=((-2.0, 2.0), (-2.0, 2.0)),
    start=(0.7, 1.2),
    minimizers=[(-0.7071067811865476, 0.0)],
    minimum=-0.4288819424803534,
    hazards=(
        "a hill as high as the hollow is deep, and flat tails that fall outwards to 0: runs on the hill's far side "
        "never return"
    ),
    steps=200,
    reference="Gramacy & Lee 2008, Journal of the American Statistical Association 103(483), 1119-1130",
)
def gramacy_lee(x, y):
    """One hill and one hollow on a plain. The start is behind the hill, where down is the wrong way."""
    return x * exp(-(x**2) - y**2)


@function(
    title="Peaks",
    family="wells",
    formula="f(x, y) = 3 (1 − x)² A − 10 (x/5 − x³ − y⁵) B − C/3",
    bounds=((-3.0, 3.0), (-3.0, 3.0)),
    start=(1.9, -1.0),
    minimizers=[(0.22827892055636909, -1.6255349574999643)],
    minimum=-6.551133332835837,
    local_minimizers=[(-1.3473962443682108, 0.20451886609700518), (0.2964455538468321, 0.32019624766683435)],
    hazards="three hills of 8.11, 3.78 and 3.59, further wells at -3.05 and -0.065, flat tails",
    steps=200,
    reference="MathWorks 2024, MATLAB documentation, peaks",
    names=("matlab_peaks",),
)
def peaks(x, y):
    """The mountains of a hundred textbooks: three hills, three hollows, and plains around.

    In the formula A = exp(−x² − (y + 1)²), B = exp(−x² − y²) and C = exp(−(x + 1)² − y²).
    """
    return (
        3 * (1 - x) ** 2 * exp(-(x**2) - (y + 1) ** 2)
        - 10 * (x / 5 - x**3 - y**5) * exp(-(x**2) - y**2)
        - exp(-((x + 1) ** 2) - y**2) / 3
    )


@function(
    title="Lilipads local minimum",
    family="wells",
    formula="f(x, y) = x² + v² − 2 G(x − 1, v) − 6 G(x + 1, v),  v = 1.4y",
    bounds=((-2.0, 2.0), (-2.0, 2.0)),
    start=(0.9, 1.2),
    minimizers=[(-0.9675774464554597, 0.0)],
    minimum=-5.032339968658435,
    local_minimizers=[(0.9053178606008483, 0.0)],
    hazards="the well in front of the start, at -1.09, is the wrong one; curvatures 61 and 121 in the right one",
    steps=150,
    reference="Jiang 2020, gradient_descent_viz, the surface local minimum",
    names=("two_holes",),
)
def lilipads_local_minimum(x, y):
    """A bowl with two holes, the deeper one on the other side. In the formula G(a, b) is exp(−5a² − 5b²)."""
    v = 1.4 * y
    return -2 * exp(-((x - 1) ** 2 + v**2) / 0.2) - 6 * exp(-((x + 1) ** 2 + v**2) / 0.2) + x**2 + v**2


@function(
    title="Lilipads hills",
    family="wells",
    formula="f(x, y) = x² + v² + 2 G(x−1, v) + 6 G(x+1, v) − 2 G(x−1, v+1)",
    bounds=((-2.0, 2.0), (-2.0, 2.0)),
    start=(0.0, -1.5),
    minimizers=[(0.9003065222993073, -0.6534011583039486)],
    minimum=-0.1588086100344146,
    local_minimizers=[(0.04150712569956181, -0.0006403776376543042)],
    hazards="two hills of 7.0 and 3.1 in a bowl, and a second well between them; curvatures 18 and 42 at the minimizer",
    steps=150,
    reference="Jiang 2020, gradient_descent_viz, the surface hills",
    names=("hills",),
)
def lilipads_hills(x, y):
    """A bowl with two hills and a hole beside them: the bowl leads to its middle, and the hole is lower.

    In the formula v is 1.4y and G(a, b) is exp(−5a² − 5b²).
    """
    v = 1.4 * y
    return (
        2 * exp(-((x - 1) ** 2 + v**2) / 0.2)
        + 6 * exp(-((x + 1) ** 2 + v**2) / 0.2)
        - 2 * exp(-((x - 1) ** 2 + (v + 1) ** 2) / 0.2)
        + x**2
        + v**2
    )

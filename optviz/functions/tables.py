"""Mishra's tables, trays and holders: products of waves under |1 − r/π| or |100 − r/π|, folded by absolute values."""

from math import cos, exp, pi, sin, sqrt

from optviz.functions import function


@function(
    title="Holder table",
    family="many minima",
    formula="f(x, y) = −|sin x cos y exp|1 − r/π||,  r = √(x² + y²)",
    bounds=((-10.0, 10.0), (-10.0, 10.0)),
    start=(4.0, -5.0),
    minimizers=[
        (8.055023475736563, 9.664590019241272),
        (8.055023475736563, -9.664590019241272),
        (-8.055023475736563, 9.664590019241272),
        (-8.055023475736563, -9.664590019241272),
    ],
    minimum=-19.208502567886732,
    hazards="ridges with kinks along x = kπ and y = π/2 + kπ; beyond the four corners the holes grow deeper still",
    steps=200,
    reference="Mishra 2006, Munich Personal RePEc Archive, paper 2718, Holder table function",
    traits=("rough", "falls"),
)
def holder_table(x, y):
    """A table top with dozens of hollows and four legs that are hollows too. Each run keeps to its own."""
    return -abs(sin(x) * cos(y) * exp(abs(1 - sqrt(x**2 + y**2) / pi)))


@function(
    title="Carrom table",
    family="many minima",
    formula="f(x, y) = −(cos x cos y exp|1 − r/π|)²/30,  r = √(x² + y²)",
    bounds=((-10.0, 10.0), (-10.0, 10.0)),
    start=(4.0, 3.0),
    minimizers=[
        (9.646167670410366, 9.646167670410366),
        (9.646167670410366, -9.646167670410366),
        (-9.646167670410366, 9.646167670410366),
        (-9.646167670410366, -9.646167670410366),
    ],
    minimum=-24.15681554739119,
    hazards="a kink along the circle r = π; the pockets are at -24.2, the next hollows at -6.8",
    steps=200,
    reference="Mishra 2006, Munich Personal RePEc Archive, paper 2718, Carrom table function",
    traits=("rough", "falls"),
)
def carrom_table(x, y):
    """A board with a pocket in each corner, and shallower ones all over that catch the ball before."""
    return -((cos(x) * cos(y) * exp(abs(1 - sqrt(x**2 + y**2) / pi))) ** 2) / 30


@function(
    title="Pen holder",
    family="many minima",
    formula="f(x, y) = −exp(−1/|cos x cos y exp|1 − r/π||),  r = √(x² + y²)",
    bounds=((-11.0, 11.0), (-11.0, 11.0)),
    start=(4.0, 3.0),
    minimizers=[
        (9.646167670410366, 9.646167670410366),
        (9.646167670410366, -9.646167670410366),
        (-9.646167670410366, 9.646167670410366),
        (-9.646167670410366, -9.646167670410366),
    ],
    minimum=-0.9635348327265058,
    hazards="bars of value 0 between the holes that are flat to all orders, a kink along r = π; curvature 0.037",
    steps=250,
    reference="Mishra 2006, Munich Personal RePEc Archive, paper 2718, Pen holder function",
    traits=("rough", "falls"),
)
def pen_holder(x, y):
    """Square holes with level floors, separated by bars: the gradient is small where it matters and zero on top."""
    height = abs(cos(x) * cos(y) * exp(abs(1 - sqrt(x**2 + y**2) / pi)))
    return -exp(-1 / height) if height > 0 else 0.0


@function(
    title="Test-tube holder",
    family="many minima",
    formula="f(x, y) = −4 |sin x cos y exp|cos((x² + y²)/200)||",
    bounds=((-10.0, 10.0), (-10.0, 10.0)),
    start=(3.5, 1.0),
    minimizers=[(1.5706026141658023, 0.0), (-1.5706026141658023, 0.0)],
    minimum=-10.872300105622745,
    hazards="ridges with kinks; the minima are at ±1.5706, not ±π/2 as in lists; neighbours differ by 0.02",
    steps=200,
    reference="Mishra 2006, Munich Personal RePEc Archive, paper 2718, Test tube holder function",
    names=("test_tube",),
    traits=("rough", "falls"),
)
def test_tube_holder(x, y):
    """Round tubes in rows, nearly equal in depth: their bottoms follow a wave that is much longer than they are."""
    return -4 * abs(exp(abs(cos((x**2 + y**2) / 200))) * sin(x) * cos(y))


def tray(x, y):
    """(|sin x sin y exp|100 − r/π|| + 1)^0.1 without the number e¹⁰⁰, which is too large for float32.

    With q the square root of the exponential: (|sin x sin y| q² + 1) = q (|sin x sin y| q + 1/q).
    """
    q = exp(abs(100 - sqrt(x**2 + y**2) / pi) / 2)
    return q**0.1 * (abs(sin(x) * sin(y)) * q + 1 / q) ** 0.1


@function(
    title="Cross in tray",
    family="many minima",
    formula="f(x, y) = −10⁻⁴ ¹⁰√(|sin x sin y exp|100 − r/π|| + 1),  r = √(x² + y²)",
    bounds=((-10.0, 10.0), (-10.0, 10.0)),
    start=(-6.0, 5.0),
    minimizers=[
        (1.3494066171539107, 1.3494066171539107),
        (1.3494066171539107, -1.3494066171539107),
        (-1.3494066171539107, 1.3494066171539107),
        (-1.3494066171539107, -1.3494066171539107),
    ],
    minimum=-2.062611870822737,
    hazards="needle-thin walls along x = kπ and y = kπ, as high as the tray is deep; shallow hollows between them",
    steps=200,
    reference="Mishra 2006, Munich Personal RePEc Archive, paper 2718, Cross in tray function",
    traits=("rough", "falls"),
)
def cross_in_tray(x, y):
    """A tray divided by thin walls. The tenth root flattens the hollows; what is left of their depths is small."""
    return -0.0001 * tray(x, y)


@function(
    title="Crowned cross",
    family="many minima",
    formula="f(x, y) = 10⁻⁴ ¹⁰√(|sin x sin y exp|100 − r/π|| + 1),  r = √(x² + y²)",
    bounds=((-10.0, 10.0), (-10.0, 10.0)),
    start=(4.0, 3.0),
    minimizers=[(0.0, 0.0), (5.0, 0.0), (-5.0, 0.0), (0.0, 5.0), (0.0, -5.0)],
    minimum=0.0001,
    hazards="half of the descent is within 0.001 of the lines, the last hundredth of it within 1e-20",
    steps=200,
    reference="Mishra 2006, Munich Personal RePEc Archive, paper 2718, Crowned cross function",
    traits=("kink", "continuum"),
    continuum="the lines sin x = 0 and sin y = 0",
)
def crowned_cross(x, y):
    """Cross in tray turned over: slits that the gradient points at and that no step can hit, save by chance."""
    return 0.0001 * tray(x, y)


@function(
    title="Cross-leg table",
    family="many minima",
    formula="f(x, y) = −1/¹⁰√(|sin x sin y exp|100 − r/π|| + 1),  r = √(x² + y²)",
    bounds=((-10.0, 10.0), (-10.0, 10.0)),
    start=(-6.0, 5.0),
    minimizers=[(0.0, 0.0), (5.0, 0.0), (-5.0, 0.0), (0.0, 5.0), (0.0, -5.0)],
    minimum=-1.0,
    hazards="within 1e-4 of zero except on needle-thin lines; gradients of 1e-5: nothing for gradient methods",
    steps=200,
    reference="Mishra 2006, Munich Personal RePEc Archive, paper 2718, Cross leg table function",
    names=("cross_leg",),
    traits=("kink", "continuum"),
    continuum="the lines sin x = 0 and sin y = 0",
)
def cross_leg_table(x, y):
    """A level table on legs without width: all that is lower than the top lies on a few lines."""
    return -1 / tray(x, y)

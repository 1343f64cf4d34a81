"""Ridges and waves across a slope: what is downhill here is uphill half a wavelength on."""

from math import cos, exp, pi, sin, sqrt

from optviz.functions import General, chained, function


@function(
    title="Schaffer 1",
    family="many minima",
    formula="f(x, y) = ½ + (sin²((x² + y²)²) − ½)/(1 + (x² + y²)/1000)²",
    bounds=((-10.0, 10.0), (-10.0, 10.0)),
    view=((-2.5, 2.5), (-2.5, 2.5)),
    start=(-2.2, 1.4),
    minimizers=[(0.0, 0.0)],
    minimum=0.0,
    hazards="rings whose width falls like 1/r³: below 0.001 at r = 10; curvature 0.002 at the minimizer",
    steps=200,
    reference="Mishra 2006, Munich Personal RePEc Archive, paper 2718, Schaffer's first function, there on ±100",
)
def schaffer1(x, y):
    """Rings that grow finer outwards without end; the wide disc in the middle is all that a large step can see."""
    s = x**2 + y**2
    return 0.5 + (sin(s**2) ** 2 - 0.5) / (1 + s / 1000) ** 2


@function(
    title="Schaffer 2",
    family="many minima",
    formula="f(x, y) = ½ + (sin²(x² − y²) − ½)/(1 + (x² + y²)/1000)²",
    bounds=((-10.0, 10.0), (-10.0, 10.0)),
    view=((-5.0, 5.0), (-5.0, 5.0)),
    start=(-3.0, 1.5),
    minimizers=[(0.0, 0.0)],
    minimum=0.0,
    hazards="hyperbolic valleys side by side, their floors nearly level: curvature 0.002 along them; published on ±100",
    steps=200,
    reference="Mishra 2006, Munich Personal RePEc Archive, paper 2718, Schaffer's second function, there on ±100",
)
def schaffer2(x, y):
    """A cross of two valleys among hyperbolas. Into a valley one falls at once, to its lowest point hardly ever."""
    s = x**2 + y**2
    return 0.5 + (sin(x**2 - y**2) ** 2 - 0.5) / (1 + s / 1000) ** 2


@function(
    title="Schaffer 4",
    family="many minima",
    formula="f(x, y) = ½ + (cos²(sin |x² − y²|) − ½)/(1 + (x² + y²)/1000)²",
    bounds=((-10.0, 10.0), (-10.0, 10.0)),
    view=((-5.0, 5.0), (-5.0, 5.0)),
    start=(-3.0, 1.5),
    minimizers=[
        (0.0, 1.2531318314637332),
        (0.0, -1.2531318314637332),
        (1.2531318314637332, 0.0),
        (-1.2531318314637332, 0.0),
    ],
    minimum=0.29257863203598056,
    hazards="hyperbolic valleys that differ in the third digit; some codes forget the square of the cosine",
    steps=200,
    reference="Mishra 2006, Munich Personal RePEc Archive, paper 2718, Schaffer's fourth function, there on ±100",
)
def schaffer4(x, y):
    """Between hyperbolas, the lowest points are where the first valleys cross the axes.

    The bars of the published form are left out below: sine is odd and cosine even, so they change nothing.
    """
    s = x**2 + y**2
    return 0.5 + (cos(sin(x**2 - y**2)) ** 2 - 0.5) / (1 + s / 1000) ** 2


# Of the ellipses 100 x² + y² = (kπ)² each crosses the diagonal twice, and there Pathological is zero.
CROSSINGS = [k * pi / sqrt(101) for k in range(-31, 32)]


@function(
    title="Pathological",
    family="many minima",
    formula="f(x, y) = ½ + (sin² √(100x² + y²) − ½)/(1 + (x − y)⁴/1000)",
    bounds=((-10.0, 10.0), (-10.0, 10.0)),
    view=((-5.0, 5.0), (-5.0, 5.0)),
    start=(-3.0, 2.0),
    minimizers=[(t, t) for t in CROSSINGS],
    minimum=0.0,
    hazards="63 minima on the diagonal, where lists have the one at 0; but for that one each is flat along its ellipse",
    steps=250,
    reference="Rahnamayan, Tizhoosh & Salama 2007, Computers & Mathematics with Applications 53, 1605, Pathological",
    general=chained(
        formula="f(x) = Σᵢ (½ + (sin² √(100xᵢ² + xᵢ₊₁²) − ½)/(1 + (xᵢ − xᵢ₊₁)⁴/1000))",
        minimizers=lambda n: [(t,) * n for t in CROSSINGS],
        minimum=lambda n: 0.0,
        reference="Jamil & Yang 2013, arXiv:1308.4008, Pathological function",
    ),
    traits=("degenerate",),
)
def pathological(x, y):
    """Narrow elliptic ditches, thirty of them, each deepest where it crosses the diagonal and almost level beside."""
    return 0.5 + (sin(sqrt(100 * x**2 + y**2)) ** 2 - 0.5) / (1 + (x - y) ** 4 / 1000)


@function(
    title="Bird",
    family="many minima",
    formula="f(x, y) = sin x exp((1 − cos y)²) + cos y exp((1 − sin x)²) + (x − y)²",
    bounds=((-2 * pi, 2 * pi), (-2 * pi, 2 * pi)),
    start=(0.0, 5.0),
    minimizers=[(4.701043130249553, 3.15293850372493), (-1.5821421769300335, -3.1302468034546562)],
    minimum=-106.76453674926468,
    hazards="two equal basins, curvature 275 in both; values from -107 to 176",
    steps=200,
    reference="Mishra 2006, Munich Personal RePEc Archive, paper 2718, Bird function",
)
def bird(x, y):
    """Deep round holes and high round hills, two of the holes alike: a period of 2π apart along the diagonal."""
    return sin(x) * exp((1 - cos(y)) ** 2) + cos(y) * exp((1 - sin(x)) ** 2) + (x - y) ** 2


@function(
    title="Bartels–Conn",
    family="many minima",
    formula="f(x, y) = |x² + y² + xy| + |sin x| + |cos y|",
    bounds=((-10.0, 10.0), (-10.0, 10.0)),
    start=(-7.0, 5.0),
    minimizers=[(0.0, 0.0)],
    minimum=1.0,
    hazards="kinks along x = kπ and y = π/2 + kπ, one of them through the minimizer; published on ±500",
    steps=200,
    reference="Jamil & Yang 2013, arXiv:1308.4008, Bartels Conn function",
    traits=("kink", "rough"),
)
def bartels_conn(x, y):
    """A tilted bowl with creases. Far out nobody feels them, and near the end they decide."""
    return abs(x**2 + y**2 + x * y) + abs(sin(x)) + abs(cos(y))


def xin_she_yang2_general(x):
    size, waves = 0.0, 0.0
    for i in range(len(x)):
        size += abs(x[i])
        waves += sin(x[i] ** 2)
    return size * exp(-waves)


@function(
    title="Xin-She Yang 2",
    family="many minima",
    formula="f(x, y) = (|x| + |y|) exp(−sin x² − sin y²)",
    bounds=((-2 * pi, 2 * pi), (-2 * pi, 2 * pi)),
    start=(-4.0, 3.0),
    minimizers=[(0.0, 0.0)],
    minimum=0.0,
    hazards="waves that grow higher and shorter outwards, gradients to 600; kinks along both axes",
    steps=200,
    reference="Yang 2010, Test Problems in Optimization, arXiv:1008.0549",
    general=General(
        formula="f(x) = Σᵢ |xᵢ| exp(−Σᵢ sin xᵢ²)",
        value=xin_she_yang2_general,
        minimizers=lambda n: [(0.0,) * n],
        minimum=lambda n: 0.0,
        reference="Yang 2010, as for two variables",
    ),
    traits=("kink", "rough"),
)
def xin_she_yang2(x, y):
    """A pyramid's tip turned down, among waves that nobody crosses from far out."""
    return (abs(x) + abs(y)) * exp(-sin(x**2) - sin(y**2))


def periodic_general(x):
    squares, waves = 0.0, 0.0
    for i in range(len(x)):
        squares += x[i] ** 2
        waves += sin(x[i]) ** 2
    return 1 + waves - 0.1 * exp(-squares)


@function(
    title="Periodic",
    family="many minima",
    formula="f(x, y) = 1 + sin² x + sin² y − exp(−x² − y²)/10",
    bounds=((-10.0, 10.0), (-10.0, 10.0)),
    view=((-5.0, 5.0), (-5.0, 5.0)),
    start=(-4.2, 2.6),
    minimizers=[(0.0, 0.0)],
    minimum=0.9,
    hazards="48 local minima of value 1 around a global one that is lower by a tenth and no wider",
    steps=150,
    reference="Price 1977, The Computer Journal 20(4), 367-370, second test function",
    general=General(
        formula="f(x) = 1 + Σᵢ sin² xᵢ − exp(−Σᵢ xᵢ²)/10",
        value=periodic_general,
        minimizers=lambda n: [(0.0,) * n],
        minimum=lambda n: 0.9,
        reference="Ali, Khompatraporn & Zabinsky 2005, Journal of Global Optimization 31, 635-672, problem PRD",
    ),
    names=("price2",),
)
def periodic(x, y):
    """Forty-nine wells, and nothing outside the middle one tells that it is the deepest."""
    return 1 + sin(x) ** 2 + sin(y) ** 2 - 0.1 * exp(-(x**2) - y**2)

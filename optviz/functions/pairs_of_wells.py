"""A few wells, two or three for the most part: the side from which a run comes in is the side on which it stays."""

from math import cos, exp, pi, sin

from optviz.functions import function


@function(
    title="Six-hump camel",
    family="wells",
    formula="f(x, y) = (4 − 2.1x² + x⁴/3) x² + xy + (4y² − 4) y²",
    bounds=((-3.0, 3.0), (-2.0, 2.0)),
    view=((-2.0, 2.0), (-2.0, 2.0)),
    start=(1.3, -1.5),
    minimizers=[(0.08984201310031806, -0.7126564030207396), (-0.08984201310031806, 0.7126564030207396)],
    minimum=-1.0316284534898774,
    local_minimizers=[
        (1.703606714969981, -0.7960835686726251),
        (-1.703606714969981, 0.7960835686726251),
        (-1.6071047529201972, -0.5686514548841314),
        (1.6071047529201972, 0.5686514548841314),
    ],
    hazards="six minima in pairs, at -1.03, -0.215 and 2.10; beyond |x| = 2 the sixth power takes over",
    steps=200,
    reference="Dixon & Szegő 1978, Towards Global Optimisation 2, North-Holland, the six-hump camel-back function",
    names=(
        "camel6",
        "six_hump",
    ),
)
def six_hump_camel(x, y):
    """Two deep wells in the middle and two shallow ones on each side, all mirrored through the origin."""
    return (4 - 2.1 * x**2 + x**4 / 3) * x**2 + x * y + (4 * y**2 - 4) * y**2


@function(
    title="McCormick",
    family="plate",
    formula="f(x, y) = sin(x + y) + (x − y)² − 1.5x + 2.5y + 1",
    bounds=((-1.5, 4.0), (-3.0, 4.0)),
    view=((-2.25, 4.75), (-3.0, 4.0)),
    start=(-1.2, 3.2),
    minimizers=[(-0.5471975511965977, -1.5471975511965979)],
    minimum=-1.9132229549810364,
    local_minimizers=[(2.5943951023931957, 1.5943951023931955)],
    hazards=(
        "a second minimum of 1.23 in the bounds, and outside them ever lower ones: f falls by π for each period along "
        "y = x"
    ),
    steps=200,
    reference="Jamil & Yang 2013, arXiv:1308.4008, McCormick function",
    traits=("falls",),
)
def mccormick(x, y):
    """A trough along the diagonal with waves on its floor. Too much momentum, and the next trough down is reached."""
    return sin(x + y) + (x - y) ** 2 - 1.5 * x + 2.5 * y + 1


@function(
    title="Dekkers–Aarts",
    family="wells",
    formula="f(x, y) = 10⁵x² + y² − (x² + y²)² + 10⁻⁵ (x² + y²)⁴",
    bounds=((-20.0, 20.0), (-20.0, 20.0)),
    start=(8.0, 4.0),
    minimizers=[(0.0, 14.945112151891959), (0.0, -14.945112151891959)],
    minimum=-24776.51834231769,
    local_minimizers=[(0.0, 0.0)],
    hazards=(
        "gradients to 5e6 and heights to 4e7; curvatures 2e5 along x and 3.6e3 along y; a shallow minimum of 0 at the "
        "origin"
    ),
    steps=250,
    reference="Dekkers & Aarts 1991, Mathematical Programming 50, 367-393",
    names=("dekkers_aarts",),
)
def deckkers_aarts(x, y):
    """A canyon with a deep end to the north and one to the south. It is so steep that the first step decides "
    "everything."""
    squares = x**2 + y**2
    return 1e5 * x**2 + y**2 - squares**2 + 1e-5 * squares**4


@function(
    title="Treccani",
    family="wells",
    formula="f(x, y) = x⁴ + 4x³ + 4x² + y²",
    bounds=((-5.0, 5.0), (-5.0, 5.0)),
    view=((-4.0, 2.0), (-2.5, 3.5)),
    start=(-0.7, 3.0),
    minimizers=[(-2.0, 0.0), (0.0, 0.0)],
    minimum=0.0,
    hazards="two equal wells, with curvatures 8 and 2; saddle at (-1, 0) with f = 1",
    steps=150,
    reference="Dixon, Gomulka & Szegő 1975, Towards Global Optimisation, North-Holland, Treccani's function",
)
def treccani(x, y):
    """Two equal wells side by side, x²(x + 2)², and a start above the ridge between them."""
    return x**4 + 4 * x**3 + 4 * x**2 + y**2


@function(
    title="Zirilli",
    family="wells",
    formula="f(x, y) = x⁴/4 − x²/2 + x/10 + y²/2",
    bounds=((-10.0, 10.0), (-10.0, 10.0)),
    view=((-3.0, 3.0), (-2.5, 3.5)),
    start=(1.9, 3.0),
    minimizers=[(-1.0466805318046022, 0.0)],
    minimum=-0.35238607380003645,
    local_minimizers=[(0.9456492739235914, 0.0)],
    hazards="the nearer well is the worse one, at -0.153; saddle at (0.1010, 0) with f = 0.0050",
    steps=150,
    reference="Aluffi-Pentini, Parisi & Zirilli 1985, Journal of Optimization Theory and Applications 47(1), 1-16",
    names=("aluffi_pentini",),
)
def zirilli(x, y):
    """A double well, tilted: who arrives with momentum gets over the ridge into the deeper one."""
    return 0.25 * x**4 - 0.5 * x**2 + 0.1 * x + 0.5 * y**2


@function(
    title="Branin",
    family="wells",
    formula="f(x, y) = (y − 5.1x²/4π² + 5x/π − 6)² + 10 (1 − 1/8π) cos x + 10",
    bounds=((-5.0, 10.0), (0.0, 15.0)),
    start=(6.0, 14.0),
    minimizers=[(-pi, 12.275), (pi, 2.275), (3 * pi, 2.475)],
    minimum=0.3978873577297383,
    hazards="three equal wells along a parabola; condition numbers 26, 6 and 7",
    steps=200,
    reference="Dixon & Szegő 1978, Towards Global Optimisation 2, North-Holland, function RCOS of Branin",
    names=("rcos", "branin_hoo"),
)
def branin(x, y):
    """Three equal wells in a bent valley, and a slope above them from which any of the three can be reached."""
    return (y - 5.1 * x**2 / (4 * pi**2) + 5 * x / pi - 6) ** 2 + 10 * (1 - 1 / (8 * pi)) * cos(x) + 10


@function(
    title="Adjiman",
    family="wells",
    formula="f(x, y) = cos x sin y − x/(y² + 1)",
    bounds=((-1.0, 2.0), (-1.0, 1.0)),
    view=((-0.7, 2.1), (-1.4, 1.4)),
    start=(-0.5, 0.8),
    minimizers=[(2.0, 0.1057834694517169)],
    minimum=-2.021806783359787,
    hazards=(
        "the minimizer lies on the border x = 2, beyond which f goes on falling: without bounds there is no minimum"
    ),
    steps=150,
    reference="Adjiman, Dallwig, Floudas & Neumaier 1998, Computers & Chemical Engineering 22(9), 1137-1158",
    traits=("falls",),
)
def adjiman(x, y):
    """A slope that leads out of the bounds: the minimizer is where the way is cut off."""
    return cos(x) * sin(y) - x / (y**2 + 1)


@function(
    title="Hosaki",
    family="wells",
    formula="f(x, y) = (1 − 8x + 7x² − 7x³/3 + x⁴/4) y² exp(−y)",
    bounds=((0.0, 5.0), (0.0, 6.0)),
    view=((0.0, 5.0), (0.5, 5.5)),
    start=(2.6, 5.0),
    minimizers=[(4.0, 2.0)],
    minimum=-2.3458115761012865,
    local_minimizers=[(1.0, 2.0)],
    hazards=(
        "a second well of -1.128; flat for large y and on y = 0; below y = -0.56, outside the bounds, there is lower "
        "ground"
    ),
    steps=200,
    reference="Bekey & Ung 1974, IEEE Transactions on Systems, Man, and Cybernetics 4(1), 124-132",
    traits=("falls",),
)
def hosaki(x, y):
    """Two wells, one twice as deep as the other, and a flat tail of an exponential that leads to both."""
    return (1 - 8 * x + 7 * x**2 - 7 * x**3 / 3 + x**4 / 4) * y**2 * exp(-y)


@function(
    title="Ursem 1",
    family="wells",
    formula="f(x, y) = −sin(2x − π/2) − 3 cos y − x/2",
    bounds=((-2.5, 3.0), (-2.0, 2.0)),
    view=((-2.5, 3.0), (-2.75, 2.75)),
    start=(-0.1, 1.7),
    minimizers=[(1.697136454365936, 0.0)],
    minimum=-4.816814063734822,
    local_minimizers=[(-1.4444561992238574, 0.0)],
    hazards="a second well of -3.246; outside the bounds each period along x is lower by π/2 than the one before",
    steps=150,
    reference="Ursem 1999, Multinational evolutionary algorithms, Congress on Evolutionary Computation, 1633-1640",
    traits=("falls",),
)
def ursem1(x, y):
    """Waves on a slope, two of which are within the bounds. The start is near the crest between them."""
    return -sin(2 * x - 0.5 * pi) - 3 * cos(y) - 0.5 * x

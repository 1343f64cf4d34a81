"""Products of weights, as layers behind each other make them: valleys along hyperbolas, saddles at zero, matrices."""

from optviz.functions import function


@function(
    title="Two layers",
    family="teaching",
    formula="f(x, y) = (xy − 1)²",
    bounds=((-3.0, 3.0), (-3.0, 3.0)),
    start=(2.6, -0.6),
    minimizers=[(1.0, 1.0), (2.0, 0.5), (0.5, 2.0), (-1.0, -1.0), (-2.0, -0.5), (-0.5, -2.0)],
    minimum=0.0,
    hazards="across the valley the curvature is 2 (x² + y²), 4 at (±1, ±1) and ever more beyond; a saddle at (0, 0)",
    steps=200,
    reference="Du, Hu & Lee 2018, arXiv:1806.00900, section 1: a product of two layers and their balance",
    traits=("continuum",),
    continuum="the hyperbola xy = 1",
)
def two_layers(x, y):
    """A linear network of two weights. Every minimizer is as good, and they differ in how sharp they are.

    Gradient flow keeps x² − y² as it was at the start; large steps and noise drift to the flat ones at (±1, ±1).
    """
    return (x * y - 1) ** 2


@function(
    title="Matrix factorisation",
    family="teaching",
    formula="f(x, y) = (xy − 1)² + (x² + y²)/20",
    bounds=((-3.0, 3.0), (-3.0, 3.0)),
    start=(-2.0, 1.9),
    minimizers=[(0.9746794344808964, 0.9746794344808964), (-0.9746794344808964, -0.9746794344808964)],
    minimum=0.0975,
    hazards="a saddle at (0, 0) with curvatures −1.9 and 2.1; the floors of the valleys rise from 0.0975 to 0.46 only",
    steps=300,
    reference="Srebro, Rennie & Jaakkola 2005, Maximum-margin matrix factorization, NIPS 17, in one dimension",
    names=("factorization",),
)
def factorisation(x, y):
    """Two factors of 1 that are kept small: the penalty chooses the two equal ones among all pairs.

    From the side where the factors differ in sign the way leads to the saddle, and only then to a valley.
    """
    return (x * y - 1) ** 2 + (x**2 + y**2) / 20


@function(
    title="Six layers",
    family="teaching",
    formula="f(x, y) = (x³y³ − 1)²",
    bounds=((-2.0, 2.0), (-2.0, 2.0)),
    view=((-1.6, 1.6), (-1.6, 1.6)),
    start=(0.7, 0.4),
    minimizers=[(1.0, 1.0), (1.25, 0.8), (0.8, 1.25), (-1.0, -1.0), (-1.25, -0.8), (-0.8, -1.25)],
    minimum=0.0,
    hazards="flat to the sixth order around (0, 0), with slopes below 0.2 for |x|, |y| < ½; 17,000 in the corners",
    steps=300,
    reference="Saxe, McClelland & Ganguli 2014, arXiv:1312.6120: deep linear networks and their plateaus",
    traits=("continuum",),
    continuum="the hyperbola xy = 1",
)
def six_layers(x, y):
    """A chain of six linear layers, three with weight x and three with weight y: a plain, then a precipice.

    A learning rate that gets anywhere on the plain is too large for the slope behind it.
    """
    return (x**3 * y**3 - 1) ** 2


# The directions (a, b) in which phase_retrieval measures, and the squares that (1, 1/2) has there.
DIRECTIONS = (1.0, 0.0, 0.0, 1.0, 1.0, 1.0, 1.0, -1.0, 2.0, -1.0)
SQUARES = (1.0, 0.25, 2.25, 0.25, 2.25)


@function(
    title="Phase retrieval",
    family="teaching",
    formula="f(x, y) = Σₖ ((aₖx + bₖy)² − cₖ)²/20,  k = 1 to 5",
    bounds=((-2.0, 2.0), (-2.0, 2.0)),
    start=(-0.3, 1.0),
    minimizers=[(1.0, 0.5), (-1.0, -0.5)],
    minimum=0.0,
    local_minimizers=[(0.0, 1.118033988749895), (0.0, -1.118033988749895)],
    hazards="a peak at (0, 0); two shallow wells with f = 1/4 beside the two deep ones, behind saddles with f = 0.3125",
    steps=200,
    reference="Candès, Li & Soltanolkotabi 2015, arXiv:1407.1065, equation 1.3",
    names=("wirtinger_flow",),
)
def phase_retrieval(x, y):
    """A vector is sought of which only the squares of five projections are known: (1, ½), or as well its negative.

    Five are too few to make every well a right one: runs from above and below end at (0, ±√5/2).

    The directions (a, b) are (1, 0), (0, 1), (1, 1), (1, −1) and (2, −1), the squares c = 1, ¼, 2¼, ¼ and 2¼.
    """
    total = 0.0
    for k in range(5):
        total += ((DIRECTIONS[2 * k] * x + DIRECTIONS[2 * k + 1] * y) ** 2 - SQUARES[k]) ** 2 / 20
    return total


# A, B and C = A X B for the best X = ((1, −1), (2, 0.5)), row by row.
LEFT = (2.0, 1.0, 0.0, 0.5)
RIGHT = (1.0, 0.5, 0.0, 2.0)
PRODUCT = (4.0, -1.0, 1.0, 1.0)


def matrix_gap(a, b, c, d):
    """The sum of the squares of A X B − C for X = ((a, b), (c, d))."""
    e, f = LEFT[0] * a + LEFT[1] * c, LEFT[0] * b + LEFT[1] * d
    g, h = LEFT[2] * a + LEFT[3] * c, LEFT[2] * b + LEFT[3] * d
    first = (e * RIGHT[0] + f * RIGHT[2] - PRODUCT[0]) ** 2 + (e * RIGHT[1] + f * RIGHT[3] - PRODUCT[1]) ** 2
    second = (g * RIGHT[0] + h * RIGHT[2] - PRODUCT[2]) ** 2 + (g * RIGHT[1] + h * RIGHT[3] - PRODUCT[3]) ** 2
    return first + second


@function(
    title="Matrix regression",
    family="teaching",
    formula="f(x) = ‖A X B − C‖²,  X = (x₁, x₂; x₃, x₄)",
    dimension=4,
    matrix=(2, 2),
    plane=("matrix_plane", (0, 3)),
    bounds=((-4.0, 4.0),) * 4,
    start=(-2.0, 2.0, -1.0, 3.0),
    minimizers=[(1.0, -1.0, 2.0, 0.5)],
    minimum=0.0,
    hazards="a quadratic whose curvatures are products of those of A and B, from 0.37 to 44",
    steps=300,
    reference="Gupta, Koren & Singer 2018, arXiv:1802.09568: preconditioners from the left and from the right",
)
def matrix_regression(x):
    """Least squares in a 2 × 2 matrix between two others, A = (2, 1; 0, ½) and B = (1, ½; 0, 2).

    What a rule for matrices does, as Shampoo, SOAP or Muon, shows where the parameters are one: A is felt from the
    left, B from the right.
    """
    return matrix_gap(x[0], x[1], x[2], x[3])


@function(
    title="Matrix regression, a plane",
    family="teaching",
    formula="f(x, y) = ‖A X B − C‖²,  X = (x, −1; 2, y)",
    bounds=((-4.0, 4.0), (-4.0, 4.0)),
    start=(-2.5, 3.0),
    minimizers=[(1.0, 0.5)],
    minimum=0.0,
    hazards="a bowl with curvatures 6 and 14, a plane of one that has 0.37 to 44 across all four entries",
    steps=200,
    reference="Gupta, Koren & Singer 2018, arXiv:1802.09568, the diagonal of a 2 × 2 matrix",
)
def matrix_plane(x, y):
    """The diagonal of the matrix in matrix_regression, with its other two entries at their best.

    A plane through a matrix is no matrix: here Muon is a sign of two numbers.
    """
    return matrix_gap(x, -1.0, 2.0, y)

"""Functions of three, four or six variables that have no form in any other number of them."""

from math import exp

from optviz.functions import function


@function(
    title="Powell singular",
    family="valley",
    formula="f(x) = (x₁ + 10x₂)² + 5 (x₃ − x₄)² + (x₂ − 2x₃)⁴ + 10 (x₁ − x₄)⁴",
    dimension=4,
    bounds=((-4.0, 5.0),) * 4,
    start=(3.0, -1.0, 0.0, 1.0),
    minimizers=[(0.0, 0.0, 0.0, 0.0)],
    minimum=0.0,
    hazards="two of the four curvatures are zero at the minimizer: the last digits of the place take ever longer",
    steps=300,
    reference="Powell 1962, The Computer Journal 5(2), 147-151; the start, at f = 215, is his",
    names=("powell",),
    traits=("degenerate",),
)
def powell_singular(x):
    """Two squares hold two directions, two fourth powers the others: Newton's method itself only creeps here."""
    return (x[0] + 10 * x[1]) ** 2 + 5 * (x[2] - x[3]) ** 2 + (x[1] - 2 * x[2]) ** 4 + 10 * (x[0] - x[3]) ** 4


@function(
    title="Colville",
    family="valley",
    formula="f(x) = r(x₁, x₂) + 0.9 r(x₃, x₄) + 10.1 (v² + w²) + 19.8 vw",
    dimension=4,
    bounds=((-10.0, 10.0),) * 4,
    view=((-4.0, 4.0),) * 4,
    start=(-3.0, -1.0, -3.0, -1.0),
    minimizers=[(1.0, 1.0, 1.0, 1.0)],
    minimum=0.0,
    hazards="a saddle with f = 7.877 near (-1, 1, -1, 1), which runs from the usual start come close to",
    steps=400,
    reference="Colville 1968, IBM New York Scientific Center, report 320-2949, problem of four variables",
    names=("wood",),
)
def colville(x):
    """Two banana valleys that share a slope. In the formula's short form v = x₂ − 1, w = x₄ − 1 and

    r(a, b) = 100 (a² − b)² + (a − 1)²; only the second valley's last term has the weight 1 and not 0.9.
    """
    return (
        100 * (x[0] ** 2 - x[1]) ** 2
        + (x[0] - 1) ** 2
        + (x[2] - 1) ** 2
        + 90 * (x[2] ** 2 - x[3]) ** 2
        + 10.1 * ((x[1] - 1) ** 2 + (x[3] - 1) ** 2)
        + 19.8 * (x[1] - 1) * (x[3] - 1)
    )


HEIGHTS = (1.0, 1.2, 3.0, 3.2)  # of the four Gaussian wells of both Hartmann functions
NARROWNESS_3 = (3.0, 10.0, 30.0, 0.1, 10.0, 35.0, 3.0, 10.0, 30.0, 0.1, 10.0, 35.0)
CENTRES_3 = (0.3689, 0.117, 0.2673, 0.4699, 0.4387, 0.747, 0.1091, 0.8732, 0.5547, 0.0381, 0.5743, 0.8828)


@function(
    title="Hartmann 3-D",
    family="wells",
    formula="f(x) = −Σₖ aₖ exp(−Σⱼ Aₖⱼ (xⱼ − Pₖⱼ)²),  three variables",
    dimension=3,
    bounds=((0.0, 1.0),) * 3,
    start=(0.5, 0.2, 0.3),
    minimizers=[(0.11458887665506896, 0.55564889461693, 0.8525469846866774)],
    minimum=-3.8627797873326624,
    hazards="wells at -3.8628, -3.0898 and -1.0008; an entry of P that is 0.0381 here is also printed as 0.03815",
    steps=200,
    reference="Hartman 1973, Naval Postgraduate School, report NPS55HH72051A; data of Dixon & Szegö 1978",
    names=("hartman3",),
)
def hartmann3(x):
    """Four Gaussians make three wells in the unit cube, each with widths of its own along the axes."""
    total = 0.0
    for k in range(4):
        distance = 0.0
        for j in range(3):
            distance += NARROWNESS_3[3 * k + j] * (x[j] - CENTRES_3[3 * k + j]) ** 2
        total += HEIGHTS[k] * exp(-distance)
    return -total


NARROWNESS_6 = (
    *(10.0, 3.0, 17.0, 3.5, 1.7, 8.0),
    *(0.05, 10.0, 17.0, 0.1, 8.0, 14.0),
    *(3.0, 3.5, 1.7, 10.0, 17.0, 8.0),
    *(17.0, 8.0, 0.05, 10.0, 0.1, 14.0),
)
CENTRES_6 = (
    *(0.1312, 0.1696, 0.5569, 0.0124, 0.8283, 0.5886),
    *(0.2329, 0.4135, 0.8307, 0.3736, 0.1004, 0.9991),
    *(0.2348, 0.1451, 0.3522, 0.2883, 0.3047, 0.665),
    *(0.4047, 0.8828, 0.8732, 0.5743, 0.1091, 0.0381),
)


@function(
    title="Hartmann 6-D",
    family="wells",
    formula="f(x) = −Σₖ aₖ exp(−Σⱼ Aₖⱼ (xⱼ − Pₖⱼ)²),  six variables",
    dimension=6,
    bounds=((0.0, 1.0),) * 6,
    start=(0.6, 0.4, 0.7, 0.6, 0.1, 0.4),
    minimizers=[
        (
            *(0.20168951100670543, 0.15001069182345797, 0.476873974221897),
            *(0.2753324304940561, 0.31165161660011326, 0.6573005340656203),
        )
    ],
    minimum=-3.3223680114155147,
    hazards="a second well at f = -3.2032, in which many runs end; gradients near nothing in the corners",
    steps=200,
    reference="Hartman 1973, as for three variables; data of Dixon & Szegö 1978, Towards Global Optimisation 2, 1-15",
    names=("hartman6",),
)
def hartmann6(x):
    """The Gaussian wells of the unit cube in six dimensions, of which two are deep enough to stay in."""
    total = 0.0
    for k in range(4):
        distance = 0.0
        for j in range(6):
            distance += NARROWNESS_6[6 * k + j] * (x[j] - CENTRES_6[6 * k + j]) ** 2
        total += HEIGHTS[k] * exp(-distance)
    return -total


WIDTHS = (0.1, 0.2, 0.2, 0.4, 0.4, 0.6, 0.3, 0.7, 0.5, 0.5)  # of the foxholes of all three Shekel functions
HOLES = (
    *(4.0, 4.0, 4.0, 4.0),
    *(1.0, 1.0, 1.0, 1.0),
    *(8.0, 8.0, 8.0, 8.0),
    *(6.0, 6.0, 6.0, 6.0),
    *(3.0, 7.0, 3.0, 7.0),
    *(2.0, 9.0, 2.0, 9.0),
    *(5.0, 3.0, 5.0, 3.0),
    *(8.0, 1.0, 8.0, 1.0),
    *(6.0, 2.0, 6.0, 2.0),
    *(7.0, 3.6, 7.0, 3.6),
)


@function(
    title="Shekel 5",
    family="wells",
    formula="f(x) = −Σₖ 1/(bₖ + Σⱼ (xⱼ − Cⱼₖ)²),  k = 1 to 5",
    dimension=4,
    bounds=((0.0, 10.0),) * 4,
    start=(5.2, 3.0, 5.2, 3.0),
    minimizers=[(4.000037152819676, 4.00013327659156, 4.000037152819676, 4.00013327659156)],
    minimum=-10.153199679058227,
    hazards="five holes of width √bₖ, below 0.7, in a plain ten wide; curvature 200 in the deepest",
    steps=200,
    reference="Shekel 1971, Fifth Annual Princeton Conference on Information Science and Systems, five holes",
)
def shekel5(x):
    """Foxholes in four dimensions. On the plain between them the gradient is small and points at their midst."""
    total = 0.0
    for k in range(5):
        distance = WIDTHS[k]
        for j in range(4):
            distance += (x[j] - HOLES[4 * k + j]) ** 2
        total += 1 / distance
    return -total


@function(
    title="Shekel 7",
    family="wells",
    formula="f(x) = −Σₖ 1/(bₖ + Σⱼ (xⱼ − Cⱼₖ)²),  k = 1 to 7",
    dimension=4,
    bounds=((0.0, 10.0),) * 4,
    start=(5.2, 5.0, 5.2, 5.0),
    minimizers=[(4.000572819251117, 3.9996062096096887, 4.000572819251117, 3.9996062096096887)],
    minimum=-10.402915336777744,
    hazards="seven holes; the one around (5, 3, 5, 3) is close to the deepest and catches what comes from that side",
    steps=200,
    reference="Shekel 1971, Fifth Annual Princeton Conference on Information Science and Systems, seven holes",
)
def shekel7(x):
    """Shekel's foxholes with two more of them."""
    total = 0.0
    for k in range(7):
        distance = WIDTHS[k]
        for j in range(4):
            distance += (x[j] - HOLES[4 * k + j]) ** 2
        total += 1 / distance
    return -total


@function(
    title="Shekel 10",
    family="wells",
    formula="f(x) = −Σₖ 1/(bₖ + Σⱼ (xⱼ − Cⱼₖ)²),  k = 1 to 10",
    dimension=4,
    bounds=((0.0, 10.0),) * 4,
    start=(5.6, 5.0, 5.6, 5.0),
    minimizers=[(4.000746868270634, 3.9995094800857736, 4.000746868270634, 3.9995094800857736)],
    minimum=-10.536443153483528,
    hazards="ten holes, the deepest of them narrow; each of the others keeps the runs that start around it",
    steps=200,
    reference="Shekel 1971, Fifth Annual Princeton Conference on Information Science and Systems, ten holes",
)
def shekel10(x):
    """Shekel's foxholes, all ten."""
    total = 0.0
    for k in range(10):
        distance = WIDTHS[k]
        for j in range(4):
            distance += (x[j] - HOLES[4 * k + j]) ** 2
        total += 1 / distance
    return -total

"""Shapes that show one property of an optimizer each: a cliff, a gorge, plateaus, stairs, a kink, saw teeth."""

from math import cos, exp, log, pi, sin, tanh

from optviz.functions import General, chained, function, summed


def logistic(t):
    # Never of too large a number, and quicker than a hyperbolic tangent.
    return 1 / (1 + exp(-t)) if t >= 0 else exp(t) / (1 + exp(t))


@function(
    title="Cliff",
    family="teaching",
    formula="f(x, y) = (σ(h₅₀) − 0.7)²,  hₖ₊₁ = x σ(hₖ) + y,  h₀ = ½",
    bounds=((4.4, 6.0), (-3.4, -1.8)),
    start=(5.5, -2.45),
    minimizers=[
        (4.5, -2.2977559497658313),
        (4.75, -2.456406040641589),
        (5.0, -2.6122703959050373),
    ],
    minimum=0.0,
    hazards="a wall whose slope is 157 at x = 4.5 and above 1,000 beyond 4.75; the median of all slopes is 0.08",
    steps=200,
    reference="Pascanu, Mikolov & Bengio 2013, arXiv:1211.5063, section 2.2 and figure 6",
    traits=("continuum",),
    continuum="the curve along the wall on which σ(h₅₀) = 0.7",
)
def cliff(x, y):
    """A recurrent unit of one state with weight x and bias y, run for fifty steps.

    Two stable states lie on either side of a wall: one plain step on it is thrown out of the picture, a clipped
    gradient walks down.
    """
    h = 0.5
    for _ in range(50):
        h = x * logistic(h) + y
    return (logistic(h) - 0.7) ** 2


@function(
    title="Gorge",
    family="teaching",
    formula="f(x, y) = ln(1 + 400 (y − sin x)²) + (x − 2)²/20",
    bounds=((-4.0, 4.0), (-4.0, 4.0)),
    start=(-3.0, 2.5),
    minimizers=[(2.0, 0.9092974268256817)],
    minimum=0.0,
    hazards="walls of slope 20 only 0.05 away from the bottom, where the curvature is 800 and more; along it 0.1",
    steps=400,
    reference="after Sutton 1986, Two problems with backpropagation, Cognitive Science Society, 823-831: ravines",
)
def gorge(x, y):
    """A winding crack in a gentle plain. From afar the walls look flat; what enters it must take small steps across
    and long ones along.
    """
    return log(1 + 400 * (y - sin(x)) ** 2) + (x - 2) ** 2 / 20


@function(
    title="Saturation",
    family="teaching",
    formula="f(x, y) = tanh² x + tanh² y",
    bounds=((-5.0, 5.0), (-5.0, 5.0)),
    start=(-4.0, 3.0),
    minimizers=[(0.0, 0.0)],
    minimum=0.0,
    hazards="slopes of 0.0027 at x = −4 and 0.02 at y = 3, of 0.77 on the rim: steps as long as the gradient creep",
    steps=300,
    reference="after Glorot & Bengio 2010, AISTATS, section 3: saturated units pass no gradient",
    general=summed(
        formula="f(x) = Σᵢ tanh² xᵢ",
        minimizers=lambda n: [(0.0,) * n],
        minimum=lambda n: 0.0,
        reference="after Glorot & Bengio 2010, AISTATS, section 3, in n dimensions",
    ),
)
def saturation(x, y):
    """Two trenches in a plateau, and a pit where they cross. Out on the plateau the slope halves every third of a
    unit: who divides by the size of the gradient crosses it at full speed.
    """
    return tanh(x) ** 2 + tanh(y) ** 2


def staircase_general(x):
    total = 0.0
    for i in range(len(x)):
        total += x[i] ** 2 / 4
    return total + 0.98 * sin(2 * pi * total) / (2 * pi)


@function(
    title="Staircase",
    family="teaching",
    formula="f(x, y) = u + 0.98 sin(2πu)/2π,  u = (x² + y²)/4",
    bounds=((-4.0, 4.0), (-4.0, 4.0)),
    start=(-3.0, 2.2),
    minimizers=[(0.0, 0.0)],
    minimum=0.0,
    hazards="on the landings, at r² = 2, 6, 10 and so on, slopes are 50 times smaller than in a bowl, on risers twice",
    steps=300,
    reference="after De Jong 1975, dissertation, University of Michigan, function 3, with its steps rounded",
    general=General(
        formula="f(x) = u + 0.98 sin(2πu)/2π,  u = Σᵢ xᵢ²/4",
        value=staircase_general,
        minimizers=lambda n: [(0.0,) * n],
        minimum=lambda n: 0.0,
        reference="after De Jong 1975, function 3, with its steps rounded, in n dimensions",
    ),
)
def staircase(x, y):
    """Round steps down to the middle: the direction is always right, the length of the gradient says nothing.

    There is no local minimum; runs that seem to have converged on a landing have not.
    """
    u = (x**2 + y**2) / 4
    return u + 0.98 * sin(2 * pi * u) / (2 * pi)


@function(
    title="Tilted kink",
    family="teaching",
    formula="f(x, y) = |x + y| + |x − y|/10",
    bounds=((-4.0, 4.0), (-4.0, 4.0)),
    start=(-3.0, 1.0),
    minimizers=[(0.0, 0.0)],
    minimum=0.0,
    hazards="across the kink the slope jumps from −1.4 to 1.4: a constant learning rate never settles",
    steps=200,
    reference="after Warga 1963, Journal of the Society for Industrial and Applied Mathematics 11(3), 588-593",
    general=chained(
        formula="f(x) = Σᵢ |xᵢ + xᵢ₊₁| + |xᵢ − xᵢ₊₁|/10",
        minimizers=lambda n: [(0.0,) * n],
        minimum=lambda n: 0.0,
        reference="after Warga 1963, in n dimensions",
    ),
    traits=("kink", "rough"),
)
def tilted_kink(x, y):
    """A sharp crease across the axes with a gentle fall along it.

    Moving one coordinate at a time ends anywhere on the crease. Gradient steps zigzag over it, with the fall between
    them a tenth of their length.
    """
    return abs(x + y) + abs(x - y) / 10


def sawtooth_path(t):
    """Slope 3 on the first third of each tooth and −1 on the rest, from 0; teeth are 0.003 long."""
    s = (t / 0.003) % 1
    return t / 3 + 0.003 * (8 * s / 3 if 3 * s < 1 else 4 * (1 - s) / 3)


@function(
    title="Rare large gradients",
    family="teaching",
    formula="f(x, y) = z(|x + 1|) + |y + 1|/3,  z′ = 3, −1, −1, 3, −1, −1, …",
    bounds=((-1.5, 1.5), (-1.5, 1.5)),
    start=(0.1, 0.1),
    minimizers=[(-1.0, -1.0)],
    minimum=0.0,
    hazards="1,000 teeth along x, 0.0027 high and each with a local minimum; kinks on all of their edges",
    steps=200,
    reference="after Reddi, Kale & Kumar 2018, On the Convergence of Adam and Beyond, ICLR, theorems 1 and 3, C = 3",
    traits=("kink", "rough"),
)
def rare_large_gradients(x, y):
    """Along x one step in three meets the slope 3 and two meet −1; along y all meet their mean, 1/3.

    In the counter-example of the paper the slope depends on the step, which no test function does. Here it is a tooth
    of 0.003 that steps land on at random. Steps of gradient descent add up to the same way along x and y; Adam with
    beta1 = 0 and beta2 = 0.1 makes up for the rare large slope and climbs along x, AMSGrad does not.
    """
    return sawtooth_path(abs(x + 1)) + abs(y + 1) / 3


@function(
    title="Log–sum–exp",
    family="teaching",
    formula="f(x, y) = ln(exp(x + 3y − 0.1) + exp(x − 3y − 0.1) + exp(−x − 0.1))",
    bounds=((-4.0, 4.0), (-4.0, 4.0)),
    start=(-3.0, 2.5),
    minimizers=[(-0.34657359027997264, 0.0)],
    minimum=0.939720770839918,
    hazards="three plane faces with slopes of 1, 3.2 and 3.2; curvatures 1 and 4.5 at the minimizer, 0 on the faces",
    steps=200,
    reference="Boyd & Vandenberghe 2004, Convex Optimization, equation 9.20, its logarithm",
    names=("logsumexp",),
)
def log_sum_exp(x, y):
    """A three-sided pyramid on its point, rounded: the loss of a softmax.

    The gradient is about as long everywhere, so that a step says nothing about how far it is to the edge.
    """
    a, b, c = x + 3 * y - 0.1, x - 3 * y - 0.1, -x - 0.1
    most = max(a, b, c)
    return most + log(exp(a - most) + exp(b - most) + exp(c - most))


def pair_energy(x, y):
    q = 1 / (x**2 + y**2 + 0.25) ** 3
    return 4 * (q**2 - q)


@function(
    title="Third atom",
    family="teaching",
    formula="f(x, y) = e(x − 0.6, y) + e(x + 0.6, y),  e = 4 (q² − q)",
    bounds=((-2.5, 2.5), (-2.5, 2.5)),
    start=(1.6, 1.7),
    minimizers=[(0.0, 0.8061768105663132), (0.0, -0.8061768105663132)],
    minimum=-2.0,
    hazards="two peaks of 16,127 with slopes up to 64,000 beside wells of depth 2; saddles with f = −1.03 at (±1.6, 0)",
    steps=300,
    reference="after Lennard-Jones 1931, Proceedings of the Physical Society 43(5), 461-482, with a softened core",
)
def third_atom(x, y):
    """A third atom beside two that are held at (±0.6, 0): q = 1/(r² + 1/4)³ for the distance r from each.

    Pushed apart when near, drawn together when far: one step too close throws it out of the picture.
    """
    return pair_energy(x - 0.6, y) + pair_energy(x + 0.6, y)


@function(
    title="Spiral ravine",
    family="teaching",
    formula="f(x, y) = r²/50 + (r² − (x² − y²) cos 2r² − 2xy sin 2r²)/2",
    bounds=((-2.5, 2.5), (-2.5, 2.5)),
    start=(2.0, -1.0),
    minimizers=[(0.0, 0.0)],
    minimum=0.0,
    hazards="curvatures 2.04 and 0.04 at the minimizer; at r = 2 the walls have 136, and the floor a slope of 0.01",
    steps=400,
    reference="after Rosenbrock 1960, The Computer Journal 3(3), 175-184: his curved valley, wound up",
)
def spiral_ravine(x, y):
    """Two ravines that wind around each other into the middle, f = r²/50 + r² sin²(θ − r²).

    Momentum that was right a quarter of a turn ago points at the wall.
    """
    s = x**2 + y**2
    return s / 50 + (s - (x**2 - y**2) * cos(2 * s) - 2 * x * y * sin(2 * s)) / 2

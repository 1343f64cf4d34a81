"""Values that others have published, or that a line of arithmetic gives."""

import math

import pytest

from optviz.functions import REGISTRY

EXACT = [
    ("sphere", (3.0, 4.0), 25.0),
    ("quadratic", (1.0, 1.0), 101.0),
    ("quadratic", (-4.0, 0.1), 17.0),
    ("booth", (0.0, 0.0), 74.0),  # 49 + 25
    ("rosenbrock", (-1.2, 1.0), 24.2),  # Rosenbrock 1960: the start of his table
    ("rosenbrock", (0.0, 0.0), 1.0),
    ("beale", (1.0, 1.0), 14.203125),  # More, Garbow & Hillstrom 1981: the start of problem 5
    ("beale", (0.0, 1.0), 14.203125),  # the saddle: every bracket keeps its constant only
    ("saddle", (0.0, 0.0), 0.0),
    ("saddle", (2.0, 2.0), 4.0),
    ("himmelblau", (0.0, 0.0), 170.0),  # 121 + 49
    ("styblinski_tang", (0.0, 0.0), 0.0),
    ("styblinski_tang", (1.0, 1.0), -10.0),
    ("three_hump_camel", (0.0, 2.0), 4.0),
    ("goldstein_price", (0.0, 0.0), 600.0),  # (1 + 19) * 30
    ("goldstein_price", (-0.6, -0.4), 30.0),  # Goldstein & Price 1971: the three local minima
    ("goldstein_price", (1.8, 0.2), 84.0),
    ("goldstein_price", (1.2, 0.8), 840.0),
    ("rastrigin", (1.0, 1.0), 2.0),
    ("rastrigin", (0.5, 0.5), 40.5),
    ("ackley", (1.0, 1.0), 20 - 20 * math.exp(-0.2)),
    ("eggholder", (0.0, 0.0), -47 * math.sin(math.sqrt(47))),
]

# Printed with the digits given.
ROUNDED = [
    ("mueller_brown", (-0.558, 1.442), -146.700, 5e-3),  # Mueller & Brown 1979: three minima, two saddle points
    ("mueller_brown", (0.623, 0.028), -108.167, 5e-3),
    ("mueller_brown", (-0.050, 0.467), -80.768, 5e-3),
    ("mueller_brown", (-0.822, 0.624), -40.665, 5e-3),
    ("mueller_brown", (0.212, 0.293), -72.249, 5e-3),
    ("himmelblau", (-0.270845, -0.923039), 181.617, 5e-4),  # the maximum
    ("three_hump_camel", (1.747552, -0.873776), 0.298638, 5e-7),
    ("styblinski_tang", (-2.903534, -2.903534), 2 * -39.16617, 2e-5),  # -39.16617 for each dimension
    ("rastrigin", (4.52299366, 4.52299366), 80.70658039, 1e-8),  # the maximum within the bounds
    ("eggholder", (512.0, 404.2319), -959.6407, 5e-5),
    ("eggholder", (482.353, 432.879), -956.918, 5e-4),
    ("eggholder", (439.481, 453.977), -935.338, 5e-4),
]


@pytest.mark.parametrize(("name", "point", "value"), EXACT)
def test_value(name, point, value):
    assert REGISTRY[name].value(*point) == pytest.approx(value, rel=1e-13, abs=1e-13)


@pytest.mark.parametrize(("name", "point", "value", "tolerance"), ROUNDED)
def test_printed_value(name, point, value, tolerance):
    assert REGISTRY[name].value(*point) == pytest.approx(value, abs=tolerance)


@pytest.mark.parametrize(
    ("name", "point", "gradient"),
    [
        ("rosenbrock", (-1.2, 1.0), (-215.6, -88.0)),
        ("booth", (0.0, 0.0), (-34.0, -38.0)),
        ("beale", (0.0, 1.0), (0.0, 0.0)),
        ("himmelblau", (0.0, 0.0), (-14.0, -22.0)),
        ("saddle", (0.0, 0.0), (0.0, 0.0)),
        ("quadratic", (1.0, 1.0), (2.0, 200.0)),
    ],
)
def test_gradient(name, point, gradient):
    assert REGISTRY[name].gradient(*point) == pytest.approx(gradient, rel=1e-13, abs=1e-13)


@pytest.mark.parametrize("scale", [0.5, 1.0, 3.0])
def test_symmetries(scale):
    x, y = 0.7 * scale, -0.3 * scale
    for name in ("sphere", "styblinski_tang", "rastrigin", "ackley"):
        assert REGISTRY[name].value(x, y) == pytest.approx(REGISTRY[name].value(y, x), rel=1e-14)
    assert REGISTRY["three_hump_camel"].value(x, y) == pytest.approx(REGISTRY["three_hump_camel"].value(-x, -y))
    assert REGISTRY["saddle"].value(x, y) == REGISTRY["saddle"].value(-x, y) == REGISTRY["saddle"].value(x, -y)

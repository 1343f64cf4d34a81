"""Noise models: what every unit says, what their formulas compute, and units from outside the package."""

import inspect
import math
import re
import subprocess
import sys
from statistics import NormalDist
from textwrap import dedent

import numpy as np
import pytest

from optviz.noise import DRAWS, REGISTRY, configure, noise

MODELS = list(REGISTRY)
STABLE = REGISTRY["stable"].gradient
EXTREMES = (2.0**-53, 2.0**-30, 0.25, 0.5 - 2.0**-53, 0.5, 0.5 + 2.0**-53, 0.75, 1 - 2.0**-30, 1 - 2.0**-53)

each = pytest.mark.parametrize("model", MODELS, ids=lambda model: model.name)


def test_the_four_are_there():
    assert set(REGISTRY.names()) >= {"gaussian", "multiplicative", "minibatch", "stable"}


@each
def test_every_unit_says_what_it_is_and_where_it_comes_from(model):
    assert model.title and model.text and model.equation
    assert re.search(r"\b(19|20)\d\d\b", model.reference)
    assert not set("-*^") & set(model.equation.replace("alpha-stable", ""))
    assert {*model.ranges, *model.defaults, *model.whole} <= set(model.parameters)


@each
def test_the_signature_is_the_specification(model):
    assert list(inspect.signature(model.gradient).parameters) == ["g", *model.draws, *model.parameters]
    assert set(model.draws) <= set(DRAWS)


@each
def test_formulas_use_math_and_plain_literals_only(model):
    code = model.gradient.__code__
    for name in set(code.co_names) & set(model.gradient.__globals__):
        thing = model.gradient.__globals__[name]
        assert isinstance(thing, float) or thing.__module__ == "math", name
    assert not code.co_freevars


def test_formulas():
    gaussian, multiplicative = REGISTRY["gaussian"].gradient, REGISTRY["multiplicative"].gradient
    assert gaussian(3.0, -2.0, 0.25) == 2.5
    assert multiplicative(3.0, -2.0, 0.25) == 1.5
    assert multiplicative(0.0, 5.0, 0.25) == 0.0
    assert REGISTRY["minibatch"].gradient(3.0, -2.0, 100, 10, 0.25) == 2.5


def chambers(u, w, alpha):
    """X of the reference, with the angle counted from the middle."""
    v, e = math.pi * (u - 0.5), -math.log(w)
    cosine = math.cos(v)
    first = math.sin(alpha * v) / cosine ** (1 / alpha)
    return first * (math.cos((1 - alpha) * v) / e) ** ((1 - alpha) / alpha)


@pytest.mark.parametrize("alpha", [0.5, 0.8, 1.0, 1.3, 1.9, 2.0])
def test_stable_is_the_formula_of_its_source(alpha):
    for u in np.linspace(0.01, 0.99, 25):
        for w in (0.01, 0.3, 0.999):
            assert STABLE(0.0, u, w, alpha, 1.0) == pytest.approx(chambers(u, w, alpha), rel=1e-11, abs=1e-12)
            assert STABLE(2.0, u, w, alpha, 0.5) == pytest.approx(2 + chambers(u, w, alpha) / 2, rel=1e-11)


def test_stable_at_two_is_gaussian_with_variance_two():
    # The exact expectation over a fine grid of both uniforms, and the distribution at a few points.
    u, w = (np.arange(100) + 0.5) / 100, (np.arange(1000) + 0.5) / 1000
    x = np.sort([STABLE(0.0, a, b, 2.0, 1.0) for a in u for b in w])
    assert np.mean(x**2) == pytest.approx(2, rel=4e-3)
    for point in (-3.0, -1.0, 0.0, 0.5, 2.0):
        share = np.searchsorted(x, point) / x.size
        assert share == pytest.approx(NormalDist(0, math.sqrt(2)).cdf(point), abs=2e-3)


def test_stable_at_one_is_cauchy():
    for u in (0.01, 0.3, 0.6, 0.999):
        assert STABLE(0.0, u, 0.4, 1.0, 1.0) == pytest.approx(math.tan(math.pi * (u - 0.5)), rel=1e-11)


@pytest.mark.parametrize("alpha", [0.5, 1.0, 1.5, 1.999999, 2.0])
def test_stable_is_finite_and_symmetric_at_the_ends(alpha):
    for u in EXTREMES:
        for w in EXTREMES:
            value = STABLE(0.0, u, w, alpha, 1.0)
            assert math.isfinite(value)
            if u != 0.5:
                assert value == -STABLE(0.0, 1 - u, w, alpha, 1.0)
            if alpha == 2:
                assert abs(value) <= 2 * math.sqrt(53 * math.log(2)) * (1 + 1e-12)


def drawn_twice(g, xi, u, sigma):
    return g


def out_of_order(g, sigma, xi):
    return g


def without_samples(g, mean, sigma):
    return g


@pytest.mark.parametrize(
    ("formula", "words"),
    [(drawn_twice, "xi is made of u"), (out_of_order, "in this order|must be g"), (without_samples, "samples")],
)
def test_formulas_that_cannot_be_are_refused(formula, words):
    with pytest.raises(TypeError, match=words):
        noise(formula)
    assert formula.__name__ not in REGISTRY


def shifted(g, offset=0.5):
    """A constant error."""
    return g + offset


def test_a_decorated_formula_is_a_unit_at_once(monkeypatch):
    REGISTRY.names()
    monkeypatch.setattr(REGISTRY, "_units", dict(REGISTRY._units))
    model = noise(shifted)
    assert (model.name, model.title, model.draws, model.parameters) == ("shifted", "shifted", (), ("offset",))
    assert model.text == "A constant error."
    assert configure("shifted").text == "shifted:0.5"
    assert configure("shifted:-2").parameters == {"offset": (-2.0,)}
    assert REGISTRY.names()[-1] == "shifted"


UNIT = dedent('''
    from optviz.noise import noise

    @noise(title="Sign flips", equation="±g", ranges={"rate": (0, 1)}, reference="Nobody 2026")
    def flips(g, u, rate):
        """Now and then the gradient points the other way."""
        return -g if u < rate else g
''')


def test_an_installed_model_is_found(tmp_path):
    (tmp_path / "flipping.py").write_text(UNIT)
    info = tmp_path / "flipping-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: flipping\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("[optviz.noise]\nflips = flipping:flips\n")
    script = (
        "import sys; sys.path.insert(0, sys.argv[1])\n"
        "from optviz.noise import REGISTRY, configure\n"
        "print(REGISTRY.names()[-1], configure('flips:0.25').text)"
    )
    done = subprocess.run([sys.executable, "-c", script, str(tmp_path)], capture_output=True, text=True, timeout=60)
    assert done.stdout.split() == ["flips", "flips:0.25"], done.stderr

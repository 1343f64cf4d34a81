"""The colours of a sweep: even steps on the ramp; slow, never and diverged told apart by everybody."""

import numpy as np
import pytest

from optviz.figures.engine import theme as themes
from optviz.figures.engine.pixels import ramp
from optviz.figures.engine.theme import linear, oklab, rgb
from optviz.figures.sweep_colours import Speed, shades
from tests.figures.sweep_results import sweep

# Machado, Oliveira & Fernandes 2009, "A physiologically-based model for simulation of color vision deficiency", IEEE
# Transactions on Visualization and Computer Graphics 15(6), 1291-1298; severity 1.
VISION = {
    "normal": np.eye(3),
    "deutan": [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]],
    "protan": [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]],
    "tritan": [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]],
}


def seen(colours, vision):
    return oklab(np.clip(linear(np.asarray(colours, float) / 255) @ np.array(VISION[vision]).T, 0, 1))


@pytest.mark.parametrize("name", ["dark", "light"])
def test_equal_steps_on_the_ramp_look_equal(name):
    lab = seen(ramp(shades(themes.THEMES[name]).ramp)[:: 1023 // 15], "normal")
    steps = np.linalg.norm(np.diff(lab, axis=0), axis=1)
    assert steps.max() / steps.min() < 1.15
    assert (np.diff(lab[:, 0]) > 0).all() or (np.diff(lab[:, 0]) < 0).all()


@pytest.mark.parametrize("vision", VISION)
@pytest.mark.parametrize("name", ["dark", "light"])
def test_never_diverged_and_slow_differ_for_everybody(name, vision):
    """0.02 is just noticeable side by side; 0.07 is seen at a glance."""
    colours, page = shades(themes.THEMES[name]), themes.THEMES[name].page
    slow_to_fast = seen(ramp(colours.ramp), vision)
    never, diverged, hatch, ground = seen(
        [rgb(c) for c in (colours.never, colours.diverged, colours.hatch, page)], vision
    )
    least = lambda one: np.linalg.norm(slow_to_fast - one, axis=1).min()
    away = lambda one, other: np.linalg.norm(one - other)
    assert least(never) > 0.07 and least(diverged) > 0.07
    assert away(never, diverged) > 0.07 and away(diverged, hatch) > 0.1
    assert away(slow_to_fast[0], never) > 0.07
    assert away(slow_to_fast[-1], ground) > 0.5  # the fastest stand out most


@pytest.mark.parametrize("name", ["dark", "light"])
def test_fast_is_farthest_from_the_page(name):
    theme = themes.THEMES[name]
    lightness = seen(ramp(shades(theme).ramp), "normal")[:, 0]
    page = seen(rgb(theme.page), "normal")[0]
    assert (np.diff(np.abs(lightness - page)) > -1e-3).all()


def test_the_ramp_is_logarithmic_between_its_ends():
    speed = Speed(10, 1000)
    assert speed.share(np.array([10, 100, 1000])).tolist() == pytest.approx([1, 0.5, 0])
    assert speed.share(np.array([0, 1, 5000])).tolist() == [1, 1, 0]


def test_the_ramp_spans_what_most_runs_need():
    arrived = np.full((100, 100), 300, np.int32)
    arrived[:50], arrived[0, 0], arrived[99, 99] = 130, 2, 950
    speed = Speed.of(sweep((100, 100), arrived=arrived, diverged=np.zeros_like(arrived)))
    assert (speed.fast, speed.slow) == (120, 300)
    late = Speed.of(sweep((100, 100), arrived=np.full_like(arrived, 390), diverged=np.zeros_like(arrived), steps=400))
    assert (late.fast, late.slow) == (200, 400)  # never beyond the budget, never less than a factor of two
    nothing = Speed.of(sweep((100, 100), arrived=np.full_like(arrived, -1)))
    assert (nothing.fast, nothing.slow) == (1, 1000)

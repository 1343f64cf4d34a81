"""Curves stand out from the map wherever they lie, leaps are quiet, and nothing that is no optimizer looks like one."""

import itertools

import numpy as np
import pytest

from optviz.figures.engine.canvas import Canvas
from optviz.figures.engine.course import straight
from optviz.figures.engine.heads import ARROW, head, placed
from optviz.figures.engine.style import Style
from optviz.figures.engine.theme import DARK, HEADS, LIGHT, SPARE_HEADS, linear, ramp_table, rgb
from optviz.figures.engine.timeline import schedule
from optviz.figures.engine.trails import HEM, Pen, Trail, merged
from optviz.figures.race import race_animation, race_figure
from tests.figures.races import START, race, trajectory
from tests.pictures import image

THEMES = pytest.mark.parametrize("theme", [DARK, LIGHT], ids=lambda theme: theme.name)
LEAST = 3.0  # WCAG 2.2, 1.4.11: graphical objects


def contrast(one, other):
    """Of colours (..., 3) of 0 to 255 (WCAG 2.2, contrast ratio)."""
    light = [linear(np.asarray(colour, float) / 255) @ (0.2126, 0.7152, 0.0722) + 0.05 for colour in (one, other)]
    return np.maximum(*light) / np.minimum(*light)


def drawn(points, colour, theme, factor):
    """(200, 200, 3): a trail on the part of a map that is farthest from the page's colour."""
    canvas = Canvas((200, 200), theme.ramp[-1])
    length, box = Style(theme, factor).length, (0, 0, 200, 200)
    pen = Pen(length(2.2), max(HEM, length(HEM)), length(46), np.inf, length(8), np.inf)
    course = straight(np.asarray(points, float), box)
    casings, cores = Trail(course, colour, box, pen, theme).strokes(0, len(points) - 1)
    canvas.paint([merged(casings, "butt", box), merged(cores, "round", box)])
    return canvas.pixels[..., :3].copy()


@pytest.mark.parametrize("factor", [0.75, 1.0, 2.0])
@THEMES
def test_what_surrounds_a_curve_on_the_map_stands_out_from_it(theme, factor):
    for colour, offset in itertools.product((*theme.optimizers.values(), *theme.spares), (0.0, 0.3, 0.5, 0.8)):
        middle = 100 + offset
        column = drawn([(10.0 * k, middle) for k in range(21)], colour, theme, factor)[:, 105]
        away = np.arange(200) + 0.5 - middle
        assert contrast(column[np.abs(away).argmin()], rgb(colour)) < 1.8
        for side in (away < 0, away > 0):
            beside = side & (np.abs(away) < factor * 1.1 + max(HEM, factor * HEM))
            assert contrast(column[beside], rgb(colour)).max() >= LEAST, (colour, offset)


@THEMES
def test_the_casing_is_enough_on_every_ground(theme):
    ground = 255 * ramp_table(theme.ramp)
    ground = np.concatenate([ground, ground + theme.iso[1] * (rgb(theme.iso[0]) - ground)])
    cased = ground + theme.casing[1] * (rgb(theme.casing[0]) - ground)
    for colour in (*theme.optimizers.values(), *theme.spares):
        assert contrast(cased, rgb(colour)).min() >= LEAST, colour


@THEMES
def test_leaps_are_thinner_and_fainter_the_longer_they_are_and_their_casing_more_so(theme):
    ink, casing = [], []
    for length in (30, 60, 120, 180, 4000):
        picture = drawn([(10.0, 100.5), (10.0 + length, 100.5)], theme.optimizers["momentum"], theme, 1.0)
        change = np.abs(picture.astype(float) - rgb(theme.ramp[-1])).sum(axis=2)[:, 25]
        ink.append(change[100])
        casing.append(change[97:99].sum())
    assert sorted(ink, reverse=True) == ink and ink[-1] > 0.1 * ink[0]
    assert casing[-1] < 0.3 * casing[0]


def test_a_leap_out_of_the_map_and_back_is_drawn_to_the_border_and_no_farther():
    run = trajectory("rmsprop", [START, (40.0, 1.0), (0.5, -0.5)], [9, 900, 1])
    still = trajectory("sgd", [START, START, START], [9, 9, 9])
    page = race_figure(race([run, still]))
    trail, (_, _, right, _) = page.find("paths").trails[0], page.find("map").box
    assert trail.shown.all() and trail.opacity.max() < 0.5
    assert trail.ends[0, 0] == pytest.approx(right + 8) == trail.starts[1, 0]


def test_the_arrow_looks_like_no_head():
    grid = np.stack(np.meshgrid(np.linspace(-1.6, 1.6, 65), np.linspace(-1.6, 1.6, 65)), -1).reshape(-1, 2)

    def mask(outline):
        from matplotlib.path import Path

        return Path(outline.vertices, outline.codes).contains_points(grid)

    for shape, turn in itertools.product((*HEADS.values(), *SPARE_HEADS), np.pi / 2 * np.arange(4)):
        one, other = mask(placed(ARROW, 0, 0, 1.0, turn)), mask(head(shape, 1.0))
        assert (one ^ other).sum() / max(one.sum(), other.sum()) > 0.4, shape


@pytest.mark.parametrize("frame", [0, 5, 10, 19])
def test_the_bar_and_the_counter_say_the_same(frame):
    animation = race_animation(race([trajectory("adam", [START] * 101, [5] * 101)]), frames=20)
    left, top, right, bottom = animation.find("progress").box
    row = image(animation.page(frame))[round((top + bottom) / 2), round(left) : round(right)]
    reached = (row == rgb(DARK.ink)).all(axis=1).mean()
    assert reached == pytest.approx(schedule(20, 100)[frame] / 100, abs=0.005)


def test_the_first_tenth_of_the_steps_has_a_third_of_the_curve():
    curve = race_figure(race([trajectory("adam", [START] * 301, [5] * 301)])).find("curve")
    left, _, right, _ = curve.box
    at = curve.to_page(np.array([(0, 5), (30, 5), (300, 5)]))[:, 0]
    assert at[0] == left and at[2] == right and 0.3 < (at[1] - left) / (right - left) < 0.4

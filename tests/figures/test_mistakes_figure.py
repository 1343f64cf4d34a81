"""The picture of images that are got wrong: their own pixels, whole, with what they are and were taken for."""

from dataclasses import replace

import numpy as np
import pytest

from optviz.figures.engine.theme import DARK, LIGHT, ramp_table
from optviz.figures.mistakes import mistakes_figure
from tests.figures.comparisons import SEVEN, comparison, misread
from tests.pictures import SIZES, assert_readable, boxes, image, words


def mistaken(shown=24, shape=(28, 28), names=("adam", "adadelta"), **changes):
    one = comparison(SEVEN, **changes)
    return replace(one, mistakes=tuple(misread(one, name, shown, shape) for name in names))


def shades(theme):
    return np.round(255 * ramp_table((theme.panel, theme.ink), 256)).astype(np.uint8)


@pytest.mark.parametrize("theme", [DARK, LIGHT], ids=["dark", "light"])
def test_pixels_are_enlarged_whole_and_dark_ink_is_on_light_paper(theme):
    one = mistaken()
    pixels = image(mistakes_figure(one, theme=theme))
    for picture in one.mistakes[0].images[:3]:
        tile = shades(theme)[picture].repeat(2, axis=0).repeat(2, axis=1)
        corners = np.argwhere((pixels[:-56, :-56] == tile[0, 0]).all(axis=2)).tolist()
        assert any(np.array_equal(pixels[y : y + 56, x : x + 56], tile) for y, x in corners)


def test_each_image_says_what_it_is_and_what_it_was_taken_for():
    one = mistaken(12, names=["adam"])
    page = mistakes_figure(one)
    at = [(word.bottom, word.left, word.text) for word in boxes(page)]
    arrows = sorted((y, x) for y, x, text in at if text == "→")
    assert len(arrows) == 12
    for (y, x), true, taken in zip(arrows, one.mistakes[0].labels, one.mistakes[0].predictions, strict=True):
        line = sorted((other, text) for height, other, text in at if abs(height - y) < 4 and abs(other - x) < 24)
        assert [text for _, text in line] == [str(true), "→", str(taken)]


def test_headings_say_who_and_how_many():
    one = mistaken()
    said = words(mistakes_figure(one))
    best, worst = one.mistakes
    assert f"best: {best.count} of 1,000 wrong · seed 0" in said  # all are shown
    assert f"worst: {worst.count} of 1,000 wrong · 24 shown · seed 0" in said
    assert {"Adam", "Adadelta"} <= set(said)


def test_no_mistakes_are_a_result():
    one = mistaken()
    images, classes = np.empty((0, 28, 28), np.uint8), one.labels[:0]
    none = replace(one.mistakes[0], count=0, images=images, labels=classes, predictions=classes)
    said = words(mistakes_figure(replace(one, mistakes=(none, one.mistakes[1]))))
    assert "no mistakes" in said and "best: 0 of 1,000 wrong · seed 0" in said


@pytest.mark.thin(5)
@pytest.mark.parametrize("size", SIZES, ids=str)
@pytest.mark.parametrize("shape", [(1, 1), (8, 8), (28, 56), (64, 16), (97, 101), (700, 500), (1, 900)], ids=str)
def test_images_of_any_shape_fit(shape, size):
    one = mistaken(10, shape=shape)
    page = mistakes_figure(one, size)
    assert_readable(page)
    assert words(page).count("→") >= 2


def test_large_images_are_averaged():
    """A checkerboard of single pixels is grey when four and more of its pixels become one."""
    board = np.zeros((8, 400, 400), np.uint8)
    board[:, ::2, ::2] = board[:, 1::2, 1::2] = 255
    one = mistaken(8, names=["adam"])
    page = mistakes_figure(replace(one, mistakes=(replace(one.mistakes[0], images=board),)))
    away = np.abs(image(page) - shades(DARK)[128]).sum(axis=2)
    assert (away < 60).sum() > 8 * 48 * 48


def test_as_many_images_are_shown_as_can_be_recognised():
    one = mistaken(500, names=["adadelta"], tested=5000)
    assert len(one.mistakes[0].images) == 500
    for size in SIZES:
        page = mistakes_figure(one, size)
        assert 12 <= words(page).count("→") < 500
        assert_readable(page)

"""Explanations drawn: everything has room, arrows are as long as numbers say, and columns light up one by one."""

import dataclasses

import numpy as np
import pytest

from optviz.errors import UsageError
from optviz.figures.engine.theme import find, rgb
from optviz.figures.explain import explain_animation, explain_figure, explain_pixels, usual_size
from optviz.figures.explain_words import equation, heights, reaches
from optviz.results.saved import valid
from tests.figures.explanations import LONG, RULES, diverging, made, real
from tests.pictures import assert_readable, boxes, image, words

THEMES = ("dark", "light")


@pytest.fixture(scope="module")
def adam():
    return real(6)


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("count", RULES)
def test_no_words_touch_whatever_the_rule_has(count, theme):
    told = real(count)
    assert len(told.columns) + 1 == count and valid(told)
    page = explain_figure(told, theme=theme)
    assert_readable(page)
    assert not any("…" in text for text in words(page) if "=" in text)  # numbers are whole


@pytest.mark.parametrize("columns", [2, 7])
@pytest.mark.parametrize("steps", [1, 5])
@pytest.mark.parametrize("size", [1e-9, 1.0, 1e12])
def test_made_up_numbers_have_room(columns, steps, size):
    told = made(columns, steps, size, title=LONG, first=99)
    assert valid(told)
    assert_readable(explain_figure(told))


@pytest.mark.parametrize("scale", [0.8, 1.5])
def test_other_sizes_have_room(adam, scale):
    wide, high = usual_size(adam)
    assert_readable(explain_figure(adam, (int(wide * scale), int(high * scale))))


def test_too_small_a_size_is_refused_with_one_that_suits(adam):
    wide, high = usual_size(adam)
    with pytest.raises(UsageError, match=f"{wide}x{high}"):
        explain_figure(adam, (480, 360))
    for size in (usual_size(made(2, 1)), usual_size(adam)):
        assert size[0] >= 480 and size[1] >= 360


@pytest.mark.parametrize("theme", THEMES)
def test_a_run_that_diverges_is_drawn(theme):
    told = diverging()
    assert valid(told)
    page = explain_figure(told, theme=theme)
    assert_readable(page)
    assert "diverged" in words(page) and any("diverged at step 3" in text for text in words(page))


def test_every_step_and_number_is_printed(adam):
    found = words(explain_figure(adam))
    assert [text for text in found if text.startswith("step ")] == [f"step {k}" for k in range(1, 6)]
    for row in range(5):
        for axis in (0, 1):
            assert equation(adam, row, axis, short=False) in found
        before, after, _ = heights(adam, row)
        assert before in found and f"→ {after}" in found
    for column in adam.columns:
        assert column.words in found and reaches(adam)[column.key].words in found
    assert "tuned" not in found and any("learning rates: given" in text for text in found)


def test_each_scale_stands_beside_its_heading(adam):
    page = explain_figure(adam)
    places = boxes(page)
    for column in adam.columns:
        (head,) = (word for word in places if word.text == column.words)
        texts = [word for word in places if word.text == reaches(adam)[column.key].words]
        assert any(abs(head.left - word.left) < 2 and 0 < word.top - head.top < 90 for word in texts)


def reach_of(column, told):
    return reaches(told)[column.key].most


def test_a_scale_is_that_of_the_longest(adam):
    for column in adam.columns[:-1]:
        longest = np.abs(column.values).max()
        if column.inside:
            longest = max(longest, np.abs(adam.quantity(column.inside).values).max())
        assert longest <= reach_of(column, adam) <= 1.3 * longest


def test_moves_are_counted_in_learning_rates_where_that_says_something(adam):
    assert reaches(adam)["move"].box and reaches(adam)["move"].words == "dashed: ±lr = ±0.05"
    slow = dataclasses.replace(adam, learning_rates=np.full(5, 1e-6))
    assert not reaches(slow)["move"].box and reaches(slow)["move"].words.startswith("edge ±")
    still = dataclasses.replace(adam, learning_rates=np.zeros(5))
    assert not reaches(still)["move"].box


def middle_of(page, told, row, column):
    """The middle of a cell, from the numbers of pixels that the strip says."""
    strip = page.find("steps")
    left, top, right, bottom = strip._box(row, column)
    return strip._of(column, (left, top, right, bottom))


def test_an_arrow_ends_where_its_number_says(adam):
    told = made(2, 2)
    page = explain_figure(told)
    cell = middle_of(page, told, 0, 1)
    reach = reaches(told)["gradient"].most
    x, y = cell.at(told.columns[0].values[0], reach)
    ink, pixels = np.array(rgb(find("dark").ink)), image(page)
    drawn = np.argwhere(np.abs(pixels - ink).max(axis=2) < 40)  # (row, column)
    left, top, right, bottom = cell.box
    inside = drawn[(drawn[:, 0] > top) & (drawn[:, 0] < bottom) & (drawn[:, 1] > left) & (drawn[:, 1] < right)]
    assert np.hypot(inside[:, 1] - x, inside[:, 0] - y).min() < 2.5
    assert (
        np.hypot(*(inside[:, ::-1] - np.array(cell.middle)).T).max()
        < np.hypot(x - cell.middle[0], y - cell.middle[1]) + 3
    )


def test_a_short_arrow_is_a_dot(adam):
    told = made(2, 2)
    told.columns[0].values[1] = told.columns[0].values[0] * 0.01
    page = explain_figure(told)
    cell, ink, pixels = middle_of(page, told, 1, 1), np.array(rgb(find("dark").ink)), image(page)
    left, top, right, bottom = map(int, cell.box)
    part = np.abs(pixels[top:bottom, left:right] - ink).max(axis=2) < 60
    rows, columns = np.nonzero(part)
    assert 4 <= np.ptp(rows) <= 8 and 4 <= np.ptp(columns) <= 8  # as wide as high: no triangle


@pytest.mark.parametrize("theme", THEMES)
def test_pixels_are_those_of_the_figure(adam, theme):
    pixels, facts = explain_pixels(adam, theme=theme)
    page = explain_figure(adam, theme=theme)
    assert np.abs(pixels[..., :3].astype(int) - image(page)).max() <= 24 and facts == page.comment


def test_columns_light_up_one_by_one():
    told = made(3, 2)
    moving = explain_animation(told)
    frames = [frame.copy() for frame in moving.frames()]
    assert len(frames) == 2 * 4 + 1 and [*moving.durations] == [900] * 8 + [2600]
    strip = moving.find("steps")
    for number, (before, after) in enumerate(zip(frames, frames[1:], strict=False), 1):
        changed = np.argwhere((before != after).any(axis=2))
        assert len(changed), number
    # What is not reached yet is empty, and the last frame is the picture.
    left, top, right, bottom = map(int, strip._box(1, 2))
    cell = slice(top + 4, bottom - 4), slice(left + 4, right - 4)
    assert (frames[0][cell] == frames[5][cell]).all() and (frames[0][cell] != frames[6][cell]).any()
    assert np.abs(frames[-1].astype(int) - explain_pixels(told)[0].astype(int)).max() <= 8
    assert [*explain_animation(told, fps=2).durations] == [500] * 8 + [2600]


def test_the_same_bytes_every_time(adam):
    first, second = explain_pixels(adam)[0], explain_pixels(adam)[0]
    assert first.tobytes() == second.tobytes()

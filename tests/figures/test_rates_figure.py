"""The picture of a search for learning rates: curves where the numbers are, divergence seen, the budget told."""

from dataclasses import replace

import numpy as np

from optviz.figures.engine import theme as themes
from optviz.figures.rates import rates_figure
from optviz.results.training_run import RateSearch
from tests.figures.comparisons import SEVEN, comparison, search, tuning
from tests.pictures import assert_readable, boxes, image, words

GRID = np.logspace(-5, 0, 6)


def searched(*searches, seeds=1):
    return comparison(
        [one.optimizer for one in searches], tuning=replace(tuning([], seeds), searches=searches), seeds=seeds
    )


def middles(page):
    """The middle of each text on the page, y downwards."""
    return {word.text: ((word.left + word.right) / 2, (word.top + word.bottom) / 2) for word in boxes(page)}


def test_a_curve_stands_where_the_accuracies_are():
    """The bead at the rate 0.01, between two labels of each axis."""
    accuracies = np.array([0.2, 0.5, 0.9, 0.97, 0.9, 0.8])
    one = replace(search("adam", GRID, 0, 1), rates=GRID, accuracies=accuracies, low=accuracies, high=accuracies)
    page = rates_figure(searched(replace(one, best=0.1)), theme="light")
    at = middles(page)
    (left, _), (right, _) = at["0.001"], at["0.1"]
    (_, low), (_, high) = at["80%"], at["95%"]
    x = (left + right) / 2
    y = low + np.log(0.2 / 0.03) / np.log(0.2 / 0.05) * (high - low)
    colour = np.array(themes.rgb(themes.LIGHT.optimizers["adam"]))
    patch = image(page)[round(y) - 2 : round(y) + 3, round(x) - 2 : round(x) + 3]
    assert np.abs(patch - colour).sum(axis=2).min() < 30


def test_a_rate_that_diverged_has_a_cross_at_the_floor_and_no_point():
    ended = np.array([np.nan, np.nan, 0.9, 0.97, 0.9, np.nan])
    one = replace(search("adam", GRID, 0, 1), rates=GRID, accuracies=ended, low=ended, high=ended, best=0.01)
    page = rates_figure(searched(one), theme="light")
    at, pixels = middles(page), image(page)
    assert "diverged" in at
    colour = np.array(themes.rgb(themes.LIGHT.optimizers["adam"]))
    (left, _), (right, _) = at["10⁻⁵"], at["1"]
    for index, rate in enumerate(GRID):
        x = left + np.log10(rate / GRID[0]) / 5 * (right - left)
        y = at["diverged"][1]
        patch = pixels[round(y) - 3 : round(y) + 4, round(x) - 3 : round(x) + 4]
        crossed = np.abs(patch - colour).sum(axis=2).min() < 30
        assert crossed == np.isnan(ended[index])


def test_the_table_is_in_the_order_of_validation_accuracy_with_the_rates_chosen():
    tuned = comparison(SEVEN, tuning=tuning(SEVEN))
    page = rates_figure(tuned)
    height = {word.text: word.top for word in boxes(page)}
    ordered = sorted(tuned.tuning.searches, key=lambda one: np.nanmax(one.accuracies), reverse=True)
    titles = [one.title for one in ordered]
    assert sorted(titles, key=height.get) == titles
    said = words(page)
    assert f"{np.nanmax(ordered[0].accuracies):.2%}" in said and "lr 0.0133" in said


def test_a_choice_at_the_end_of_the_rates_is_named():
    rising = np.linspace(0.5, 0.9, 6)
    one = replace(search("adam", GRID, 0, 1), rates=GRID, accuracies=rising, low=rising, high=rising, best=GRID[-1])
    assert "the highest rate tried" in words(rates_figure(searched(one)))
    falling = rising[::-1]
    one = replace(one, accuracies=falling, low=falling, high=falling, best=GRID[0])
    assert "the lowest rate tried" in words(rates_figure(searched(one)))


def test_the_notes_give_the_budget():
    said = " ".join(words(rates_figure(comparison(SEVEN, tuning=tuning(SEVEN, 3)))))
    assert "9 rates each from 10⁻⁵ to 1, then 2 around the best · 3 epochs" in said
    assert "learned from 50,000 training images, judged by 10,000 others · band: range of 3 seeds" in said
    assert "epoch  10" not in said and "one seed" not in said


def test_a_search_in_which_every_rate_diverged_and_one_with_a_single_rate_are_drawn():
    lost = np.full(6, np.nan)
    one = replace(search("sgd", GRID, 0, 1), rates=GRID, accuracies=lost, low=lost, high=lost)
    rates, alone = np.array([0.1]), np.array([0.5])
    other = RateSearch("adam", "Adam", rates, alone, alone, alone, 0.1)
    for searches in ((one,), (other,), (one, other), ()):
        assert_readable(rates_figure(searched(*searches)))
    assert "every rate diverged" in words(rates_figure(searched(one)))
    assert "no search has ended" in words(rates_figure(searched()))


def test_every_rate_chosen_is_told_in_small_pictures_too():
    said = words(rates_figure(comparison(SEVEN, seeds=3, tuning=tuning(SEVEN)), (480, 360)))
    assert len([text for text in said if text.startswith("lr ")]) == 7

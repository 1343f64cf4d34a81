"""The picture of times to a target: who was first, who was not there at all, and never a zero for those."""

import numpy as np

from optviz.figures.engine import theme as themes
from optviz.figures.targets import targets_figure
from tests.figures.comparisons import SEVEN, comparison
from tests.pictures import boxes, image, words


def middles(page):
    return {word.text: ((word.left + word.right) / 2, (word.top + word.bottom) / 2) for word in boxes(page)}


def target(one, name):
    return next(row.target for row in one.summaries() if row.first.optimizer == name)


def test_the_fastest_is_on_top_and_those_that_missed_the_target_are_last():
    one = comparison(SEVEN, target=0.97)
    at = middles(targets_figure(one))
    rows = sorted((row for row in one.summaries()), key=lambda row: row.target.seconds)
    reached = [row.first.title for row in rows if np.isfinite(row.target.seconds)]
    assert reached == ["RMSprop", "Adam", "Nesterov", "Momentum"]
    order = [*reached, "SGD", "Adagrad", "Adadelta"]
    assert sorted(order, key=lambda title: at[title][1]) == order


def test_a_bar_ends_at_its_seconds():
    one = comparison(SEVEN, target=0.97)
    page = targets_figure(one, theme="light")
    at, pixels = middles(page), image(page)
    scale = (at["4"][0] - at["0"][0]) / 4
    colour = np.array(themes.rgb(themes.LIGHT.optimizers["momentum"]))
    faded = 0.85 * colour + 0.15 * np.array(themes.rgb(themes.LIGHT.panel))
    line = pixels[round(at["Momentum"][1]), round(at["0"][0]) + 2 : round(at["5"][0])]
    inside = np.flatnonzero(np.abs(line - faded).sum(axis=1) < 12)
    assert abs(inside.max() + 3 - scale * target(one, "momentum").seconds) < 2
    assert len(inside) >= inside.max()  # without a gap


def test_rows_say_seconds_epochs_and_seeds():
    one = comparison(SEVEN, seeds=5, target=0.975)
    said = words(targets_figure(one))
    adam, nesterov = target(one, "adam"), target(one, "nesterov")
    assert f"{adam.seconds:.3g} s" in said and "5 epochs" in said
    assert nesterov.reached == 4 and "9 epochs · 4 of 5 seeds" in said
    assert said.count("not reached") == 3 and "best 94.93%" in said
    assert "seconds until 97.5% of the test images are recognised" in said
    notes = " ".join(said)
    assert "bar: median of 5 seeds · dot: a seed · hatched: tried so long in vain" in notes


def test_what_only_a_few_seeds_reach_is_not_a_time():
    one = comparison(["adam", "sgd"], seeds=5, target=0.978)
    assert 0 < target(one, "adam").reached < 3
    said = words(targets_figure(one))
    assert f"{target(one, 'adam').reached} of 5 seeds" in said and not [text for text in said if text.endswith(" s")]


def test_a_missed_target_is_a_hatched_bar_as_long_as_it_tried():
    one = comparison(["adam", "sgd"], target=0.97)
    page = targets_figure(one, theme="light")
    at, pixels = middles(page), image(page)
    colour = np.array(themes.rgb(themes.LIGHT.optimizers["sgd"]))
    line = pixels[round(at["SGD"][1]), round(at["0"][0]) + 2 : round(page.find("bars").box[2])]
    drawn = np.abs(line - colour).sum(axis=1) < 60
    spent = sum(epoch["seconds"] for epoch in one.runs[1].epochs)
    scale = at["2"][0] - at["1"][0]
    assert drawn[: round(0.9 * spent * scale)].mean() < 0.5  # not a full bar
    assert abs(np.flatnonzero(drawn).max() - spent * scale) < 14  # the arrow


def test_without_seconds_the_bars_are_epochs():
    said = words(targets_figure(comparison(SEVEN, timed=False, target=0.97)))
    assert "epochs until 97% of the test images are recognised" in said and "3 epochs" in said
    assert not [text for text in said if "second" in text or text.endswith(" s")]


def test_divergence_is_named():
    said = words(targets_figure(comparison(SEVEN, target=0.97, sgd={"diverged_at": 1}, adagrad={"diverged_at": 4})))
    assert {"diverged", "in epoch 1", "best 89.49% · diverged"} <= set(said)

"""The picture of a training comparison: every word readable, every number the run's own."""

import dataclasses
import json
import math

import numpy as np
import pytest

from optviz.errors import UnknownNameError, UsageError
from optviz.figures.engine import theme as themes
from optviz.figures.training import training_figure
from tests.figures.comparisons import LONG, RUNS, SEVEN, comparison
from tests.pictures import SIZES, assert_readable, boxes, image, words

CASES = {
    "one": comparison(["adam"]),
    "seven": comparison(SEVEN),
    "seven, five seeds": comparison(SEVEN, seeds=5),
    "twelve": comparison(RUNS, seeds=3),
    "one epoch": comparison(SEVEN, epochs=1),
    "older": comparison(SEVEN, fine=False),
    "untimed": comparison(SEVEN, seeds=2, timed=False),
    "many epochs": comparison(SEVEN, epochs=120),
    "trouble": comparison(
        SEVEN, seeds=2, interrupted=True,
        sgd={"diverged_at": 1}, adam={"diverged_at": 4}, adagrad={"finished": 6}, adadelta={"finished": 0},
    ),
    "all diverged": comparison(["sgd", "adam"], sgd={"diverged_at": 1}, adam={"diverged_at": 1}),
    "nothing": comparison([]),
}  # fmt: skip


# Everything at the usual size; the fullest pictures also at the others.
SHOWN = [(case, (800, 600), theme) for case in CASES for theme in ("dark", "light")]
SHOWN += [(case, size, "dark") for case in ("twelve", "trouble") for size in ((480, 360), (1000, 600), (1920, 1080))]


@pytest.mark.thin(5)
@pytest.mark.parametrize(("case", "size", "theme"), SHOWN, ids=str)
def test_every_word_is_on_the_page_and_touches_no_other(case, size, theme):
    assert_readable(training_figure(CASES[case], size, theme))


def test_the_table_is_the_final_order_with_accuracy_rate_and_loss():
    found = boxes(training_figure(comparison(SEVEN)))
    height = {word.text: word.top for word in found}
    order = ["Adam", "RMSprop", "Nesterov", "Momentum", "SGD", "Adagrad", "Adadelta"]
    assert sorted(order, key=height.get) == order
    said = [word.text for word in found]
    assert {"97.85%", "97.72%", "83.75%", "loss 0.0323"} <= set(said)
    assert said.count("lr 0.01 · 2.9 s") == 1 and said.count("lr 0.001 · 4.1 s") == 1


def test_seeds_are_shown_with_their_interval_and_place_and_the_notes_explain_the_band():
    several = comparison(SEVEN, seeds=3)
    said = words(training_figure(several))
    adam = next(one for one in several.summaries() if one.first.optimizer == "adam")
    assert f"±{100 * adam.test_accuracy.half[-1]:.2f} · place 1" in said
    assert "line: mean of 3 seeds · band: their range" in " ".join(said)
    assert "one seed (0)" in " ".join(words(training_figure(comparison(SEVEN))))


def test_what_seeds_cannot_tell_apart_shares_its_places():
    """Two optimizers whose order changes from seed to seed."""
    one = comparison(["adam", "nadam"], seeds=2)
    epochs = [one.runs[k].epochs for k in (0, 1, 3, 2)]
    swapped = [dataclasses.replace(run, epochs=other) for run, other in zip(one.runs, epochs, strict=True)]
    said = words(training_figure(dataclasses.replace(one, runs=tuple(swapped))))
    assert len([text for text in said if text.endswith("place 1–2")]) == 2


def test_trouble_is_said_and_not_hidden():
    said = words(training_figure(CASES["trouble"]))
    assert {
        "diverged",
        "in epoch 1",
        "2 of 2 diverged in epoch 4",
        "after 6 of 10 epochs",
        "interrupted · epoch",
    } <= set(said)


def test_the_heading_says_what_was_trained():
    said = words(training_figure(comparison(SEVEN)))
    assert "Training on MNIST" in said
    assert "mlp 784-128-10 · batch 64 · Keras defaults · same weights and batches for all" in said


@pytest.mark.parametrize("size", SIZES, ids=str)
def test_a_long_architecture_is_wrapped_and_a_monstrous_one_shortened(size):
    said = words(training_figure(comparison(["adam"], network="cnn", architecture=LONG), size))
    assert any(line.startswith(f"cnn {LONG}") for line in said)
    assert any("Keras defaults" in line for line in said)
    page = training_figure(comparison(["adam"], architecture=" - ".join(["conv 3x3x32"] * 40)), size)
    assert_readable(page)
    assert any(line.endswith("…") for line in words(page))


def test_the_heading_says_where_learning_rates_come_from_and_names_a_folder_by_its_last_part():
    tuned = comparison(["adam", "sgd"], dataset="./my digits/", rates={"adam": "tuned", "sgd": "tuned"})
    said = " ".join(words(training_figure(tuned)))
    assert "Keras defaults, learning rates tuned" in said and "Training on my digits" in said
    mixed = dataclasses.replace(tuned, rates={"adam": "given", "sgd": "keras"})
    assert "Keras defaults, some learning rates given" in " ".join(words(training_figure(mixed)))


def test_loss_is_shown_by_step_and_both_by_second():
    said = words(training_figure(comparison(SEVEN, seeds=2)))
    assert {
        "test accuracy by epoch",
        "test accuracy by second",
        "training loss by step",
        "training loss by second",
    } <= set(said)
    older = words(training_figure(comparison(SEVEN, fine=False)))
    assert "training loss by epoch" in older and "training loss by step" not in older
    untimed = words(training_figure(comparison(SEVEN, timed=False)))
    assert not [line for line in untimed if "second" in line] and "lr 0.01" in untimed


def test_the_loss_by_step_is_the_mean_of_each_stretch():
    """The last stretch of the first epoch, at step 938, a little left of the label 1000."""
    one = comparison(["adam"])
    page = training_figure(one, (1920, 1080), "light")
    found = {word.text: word for word in boxes(page) if word.text != "1"}
    colour = np.array(themes.rgb(themes.LIGHT.optimizers["adam"]))
    low, high = (found[label] for label in ("0.1", "0.2"))
    share = math.log(one.runs[0].losses[19] / 0.1) / math.log(2)
    row = (low.top + low.bottom) / 2 + share * ((high.top + high.bottom) - (low.top + low.bottom)) / 2
    left, right = ((found[label].left + found[label].right) / 2 for label in ("300", "1000"))
    column = left + math.log(938 / 300) / math.log(1000 / 300) * (right - left)
    patch = image(page)[round(row) - 3 : round(row) + 4, round(column) - 1 : round(column) + 2]
    assert np.abs(patch - colour).sum(axis=2).min() < 30


def test_lines_stand_where_the_numbers_are():
    """The colour of the only line under its last epoch, at the height between two labels that its accuracy asks for."""
    one = comparison(["adam"])
    page = training_figure(one, theme="light")
    found = {word.text: word for word in boxes(page)}
    pixels = image(page)
    colour = np.array(themes.rgb(themes.LIGHT.optimizers["adam"]))
    error = -math.log10(1 - one.runs[0].epochs[4]["test_accuracy"])
    low, high = found["97%"], found["98%"]
    share = (error + math.log10(0.03)) / (math.log10(0.03) - math.log10(0.02))
    row = (low.top + low.bottom) / 2 + share * ((high.top + high.bottom) - (low.top + low.bottom)) / 2
    column = (found["5"].left + found["5"].right) / 2
    patch = pixels[round(row) - 2 : round(row) + 3, round(column) - 1 : round(column) + 2]
    assert np.abs(patch - colour).sum(axis=2).min() < 30


def test_the_same_comparison_gives_the_same_picture_and_carries_its_facts():
    first, second = (training_figure(comparison(SEVEN, seeds=2)) for _ in range(2))
    assert (image(first) == image(second)).all()
    facts = json.loads(first.comment)
    assert first.comment.isascii() and facts["architecture"] == "784-128-10"
    assert [(one["optimizer"], one["seed"]) for one in facts["runs"]][:2] == [("sgd", 0), ("momentum", 0)]
    assert facts["runs"][0]["hyperparameters"] == {"lr": 0.01}
    assert len(first.comment) < 5000  # no image, no prediction, no curve


def test_bad_sizes_and_themes_are_refused():
    with pytest.raises(UsageError, match="10x10"):
        training_figure(comparison(["adam"]), (10, 10))
    with pytest.raises(UnknownNameError, match="drak"):
        training_figure(comparison(["adam"]), theme="drak")

"""The picture of a training comparison: every word readable, every number the run's own."""

import json
import math

import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.text import Text

from optviz.errors import UnknownNameError, UsageError
from optviz.figures import theme as themes
from optviz.figures.training import training_figure
from optviz.results import Comparison, TrainingRun

# name: title, test accuracy after epochs 1, 5 and 10, learning rate, seconds an epoch
RUNS = {
    "sgd": ("SGD", (0.9024, 0.9369, 0.9493), 0.01, 0.29),
    "momentum": ("Momentum", (0.9468, 0.9725, 0.9765), 0.01, 0.31),
    "nesterov": ("Nesterov", (0.9478, 0.9735, 0.9768), 0.01, 0.32),
    "adagrad": ("Adagrad", (0.8411, 0.9133, 0.9286), 0.001, 0.33),
    "adadelta": ("Adadelta", (0.4612, 0.7776, 0.8375), 0.001, 0.5),
    "rmsprop": ("RMSprop", (0.9575, 0.9745, 0.9772), 0.001, 0.37),
    "adam": ("Adam", (0.96, 0.976, 0.9785), 0.001, 0.41),
    "lion": ("Lion", (0.955, 0.972, 0.974), 0.0001, 0.36),
    "adamw": ("AdamW", (0.9602, 0.9765, 0.979), 0.00025, 0.45),
    "nadam": ("Nadam", (0.9601, 0.977, 0.9789), 0.001, 0.47),
    "rmsprop_centered": ("RMSprop with momentum, centered", (0.9572, 0.9742, 0.9775), 0.001, 0.48),
    "adamax": ("AdaMax", (0.94, 0.968, 0.9761), 0.001, 0.44),
}
SEVEN = list(RUNS)[:7]


def run(name, seed, epochs, diverged_at=None, finished=None):
    title, accuracies, lr, seconds = RUNS[name]
    number = np.arange(1, epochs + 1)
    error = np.exp(np.interp(np.log(number), np.log([1, 5, 10]), np.log(1 - np.array(accuracies)))) * (1 + 0.02 * seed)
    rows = [
        {
            "epoch": int(k),
            "train_loss": 3 * e / k**0.3,
            "test_loss": 3.3 * e,
            "test_accuracy": 1 - e,
            "seconds": seconds,
        }
        for k, e in zip(number, error.tolist(), strict=True)
    ]
    if diverged_at:
        rows = [*rows[: diverged_at - 1], rows[diverged_at - 1] | {"train_loss": math.nan, "test_loss": math.inf}]
    return TrainingRun(name, title, "keras", "keras", {"lr": lr}, seed, tuple(rows[:finished]), diverged_at)


def comparison(names, epochs=10, seeds=1, interrupted=False, **changes):
    runs = tuple(run(name, seed, epochs, **changes.get(name, {})) for seed in range(seeds) for name in names)
    return Comparison("mlp", "mnist", "784-128-10", 64, epochs, runs, interrupted)


CASES = {
    "one": comparison(["adam"]),
    "seven": comparison(SEVEN),
    "seven, five seeds": comparison(SEVEN, seeds=5),
    "twelve": comparison(RUNS, seeds=3),
    "one epoch": comparison(SEVEN, epochs=1),
    "many epochs": comparison(SEVEN, epochs=120),
    "trouble": comparison(
        SEVEN, seeds=2, interrupted=True,
        sgd={"diverged_at": 1}, adam={"diverged_at": 4}, adagrad={"finished": 6}, adadelta={"finished": 0},
    ),
    "all diverged": comparison(["sgd", "adam"], sgd={"diverged_at": 1}, adam={"diverged_at": 1}),
    "nothing": comparison([]),
}  # fmt: skip


def texts(page):
    return [artist for artist in page.findobj(Text) if artist.get_text()]


def boxes(page):
    renderer = FigureCanvasAgg(page).get_renderer()
    return [(artist.get_text(), artist.get_window_extent(renderer)) for artist in texts(page)]


def image(page):
    canvas = FigureCanvasAgg(page)
    canvas.draw()
    return np.asarray(canvas.buffer_rgba())


# Everything at the usual size; the fullest pictures also at the others.
SHOWN = [(case, (800, 600), theme) for case in CASES for theme in ("dark", "light")]
SHOWN += [(case, size, "dark") for case in ("twelve", "trouble") for size in ((480, 360), (1000, 600), (1920, 1080))]


@pytest.mark.parametrize(("case", "size", "theme"), SHOWN, ids=str)
def test_every_word_is_on_the_page_and_touches_no_other(case, size, theme):
    page = training_figure(CASES[case], size, theme)
    found = boxes(page)
    for index, (words, box) in enumerate(found):
        assert box.x0 >= 0 and box.y0 >= 0 and box.x1 <= size[0] and box.y1 <= size[1], words
        for other, another in found[:index]:
            overlap = (
                min(box.x1, another.x1) - max(box.x0, another.x0),
                min(box.y1, another.y1) - max(box.y0, another.y0),
            )
            assert min(overlap) <= 0.5, f"{words!r} lies on {other!r}"
    assert min(artist.get_fontsize() for artist in texts(page)) * 100 / 72 >= 12 - 1e-9


def test_the_table_is_the_final_order_with_accuracy_rate_and_loss():
    found = boxes(training_figure(comparison(SEVEN)))
    height = {words: box.y0 for words, box in found}
    order = ["Adam", "RMSprop", "Nesterov", "Momentum", "SGD", "Adagrad", "Adadelta"]
    assert sorted(order, key=height.get, reverse=True) == order
    words = [words for words, _ in found]
    assert {"97.85%", "97.72%", "83.75%", "loss 0.0323"} <= set(words)
    assert words.count("lr 0.01 · 2.9 s") == 1 and words.count("lr 0.001 · 4.1 s") == 1


def test_seeds_are_shown_as_a_range_and_named_in_the_notes():
    words = " ".join(words for words, _ in boxes(training_figure(comparison(SEVEN, seeds=3))))
    assert "97.76–97.85%" in words
    assert "mean of 3 seeds" in words and "band: lowest to highest" in words
    assert "one seed (0)" in " ".join(words for words, _ in boxes(training_figure(comparison(SEVEN))))


def test_trouble_is_said_and_not_hidden():
    words = [words for words, _ in boxes(training_figure(CASES["trouble"]))]
    assert {
        "diverged",
        "in epoch 1",
        "2 of 2 diverged in epoch 4",
        "after 6 of 10 epochs",
        "interrupted · epoch",
    } <= set(words)


def test_the_heading_says_what_was_trained():
    words = [words for words, _ in boxes(training_figure(comparison(SEVEN)))]
    assert "Training on MNIST" in words
    assert "mlp 784-128-10 · batch 64 · Keras defaults · same weights and batches for all" in words


def test_lines_stand_where_the_numbers_are():
    """The colour of the only line under its last epoch, at the height between two labels that its accuracy asks for."""
    one = comparison(["adam"], epochs=10)
    page = training_figure(one, theme="light")
    found = {words: box for words, box in boxes(page)}
    pixels = image(page)
    colour = np.array(themes.rgb(themes.LIGHT.optimizers["adam"]))
    error = -math.log10(1 - one.runs[0].epochs[4]["test_accuracy"])
    low, high = found["97%"], found["98%"]
    share = (error + math.log10(0.03)) / (math.log10(0.03) - math.log10(0.02))
    middle = (low.y0 + low.y1) / 2 + share * ((high.y0 + high.y1) - (low.y0 + low.y1)) / 2
    column = (found["5"].x0 + found["5"].x1) / 2
    row = 600 - middle
    patch = pixels[round(row) - 2 : round(row) + 3, round(column) - 1 : round(column) + 2, :3].astype(int)
    assert np.abs(patch - colour).sum(axis=2).min() < 30


def test_the_same_comparison_gives_the_same_picture_and_carries_its_facts():
    first, second = (training_figure(comparison(SEVEN, seeds=2)) for _ in range(2))
    assert (image(first) == image(second)).all()
    facts = json.loads(first.comment)
    assert first.comment.isascii() and facts["architecture"] == "784-128-10"
    assert [(one["optimizer"], one["seed"]) for one in facts["runs"]][:2] == [("sgd", 0), ("momentum", 0)]
    assert facts["runs"][0]["hyperparameters"] == {"lr": 0.01}


def test_bad_sizes_and_themes_are_refused():
    with pytest.raises(UsageError, match="10x10"):
        training_figure(comparison(["adam"]), (10, 10))
    with pytest.raises(UnknownNameError, match="drak"):
        training_figure(comparison(["adam"]), theme="drak")

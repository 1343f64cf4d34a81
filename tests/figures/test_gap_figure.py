"""Gaps in the picture of a training: in the place of the loss, in the table, with their rule at the foot."""

import json

import numpy as np
import pytest

from optviz.figures.training import training_figure
from tests.figures.comparisons import SEVEN
from tests.figures.gaps import compared
from tests.pictures import assert_readable, boxes, words

AT = [0.0, 0.02, 0.05, 0.1, 0.2, 0.35, 0.6, *range(1, 11)]


def falling(names, seeds=1, end=0.05, **changes):
    """Losses that fall as one over the epochs, to a gap of about `end`."""
    losses = {
        name: [(0.25 + end * (1 + k + 0.1 * seed) * 10.5 / (np.array(AT) + 0.5)).tolist() for seed in range(seeds)]
        for k, name in enumerate(names)
    }
    return compared(losses, epochs=AT, **changes)


@pytest.mark.parametrize(
    ("case", "size"),
    [
        (falling(SEVEN), (800, 600)),
        (falling(SEVEN, 3), (480, 360)),
        (falling(["adam", "sgd"], end=0.001), (800, 600)),  # both below the floor
        (falling(["adam", "sgd"], timed=False), (800, 600)),
        (falling(["adam", "sgd"], sgd={"diverged_at": 4}), (800, 600)),
    ],
)
def test_every_word_is_on_the_page_and_touches_no_other(case, size):
    assert_readable(training_figure(case, size))


def test_the_gap_stands_for_the_loss_and_its_rule_at_the_foot():
    one = falling(["adam", "sgd"])
    page = training_figure(one)
    said = words(page)
    assert {"gap to the optimum by step", "gap to the optimum by second", "gap 0.0500", "gap 0.100"} <= set(said)
    assert not [text for text in said if "loss by" in text]
    lines = sorted(boxes(page), key=lambda word: (round(word.top), word.left))
    assert one.optimum.rule() in " ".join(word.text for word in lines)
    known = json.loads(page.comment)["optimum"]
    assert known == {"lowest": 0.25, "floor": pytest.approx(0.01), "evaluations": 8, "stopped": "out of evaluations"}


def test_the_axis_ends_at_the_floor():
    """Though both runs get further."""
    labels = set(words(training_figure(falling(["adam", "sgd"], end=0.001, timed=False))))
    assert "0.01" in labels and not labels & {"0.001", "0.002", "0.003", "0.005"}
    further = set(words(training_figure(falling(["adam", "sgd"], end=0.001, timed=False, gained=1e-4))))
    assert further & {"0.001", "0.002", "0.003"}

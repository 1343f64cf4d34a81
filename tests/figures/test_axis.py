"""Axes of small panels: round labels that stand apart, and marks moved no farther than needed."""

import numpy as np
import pytest

from optviz.figures.axis import accuracy_axis, count_axis, log_axis, loss_axis, parted, time_axis
from optviz.figures.engine.text import width

RANGES = [[], [0.0], [0.1, 0.1], [0.46, 0.99], [0.95, 0.98], [0.9785], [0.0, 1.0], [0.5, 0.9995]]


def labels(axis):
    return [label for _, label in axis.ticks]


def pixels(axis, room):
    return np.array([(at - axis.low) / (axis.high - axis.low) * room for at, _ in axis.ticks])


@pytest.mark.parametrize("values", RANGES)
@pytest.mark.parametrize("room", [74, 190, 500])
def test_accuracies_are_inside_and_labels_apart(values, room):
    axis = accuracy_axis(np.array(values), room, 20)
    share = axis.share(np.array(values))
    assert ((share >= 0) & (share <= 1)).all()
    at = pixels(axis, room)
    assert (np.diff(at) >= 20 - 1e-9).all() and (at >= 0).all() and (at <= room).all()
    assert len(at) >= (2 if room >= 190 else 1)
    assert len(set(labels(axis))) == len(at)


def test_the_accuracy_axis_separates_good_runs_and_still_shows_bad_ones():
    axis = accuracy_axis(np.array([0.46, 0.99]), 190, 20)
    bad, good, best = axis.share(np.array([0.46, 0.97, 0.99])) * 190
    assert 0 < bad < 20 and best - good > 40
    assert labels(axis) == ["50%", "80%", "90%", "95%", "98%", "99%"]


@pytest.mark.parametrize("values", [[], [0.0], [2.3, 0.005], [0.3, 0.31], [1e-9, 3], [1e20, 1e-3]])
def test_losses_are_inside_and_labels_apart(values):
    axis = loss_axis(np.array(values), 190, 20)
    share = axis.share(np.array(values))
    assert ((share >= 0) & (share <= 1)).all()
    assert len(axis.ticks) >= 2 and (np.diff(pixels(axis, 190)) >= 20 - 1e-9).all()


@pytest.mark.parametrize("last", [1, 2, 3, 10, 11, 12, 33, 100, 1000])
def test_epochs_have_both_ends_and_room(last):
    axis = count_axis(last, 210, 12)
    assert labels(axis)[0] == "1" and labels(axis)[-1] == str(last)
    assert (np.diff(pixels(axis, 210)) >= width(str(last), 12)).all()


@pytest.mark.parametrize("longest", [0.0, 0.003, 0.2, 0.9, 3.7, 12, 333, 4e4, 1e7])
def test_seconds_start_at_zero_and_have_room(longest):
    axis = time_axis(longest, 210, 12)
    assert labels(axis)[0] == "0" and axis.share(np.array([longest]))[0] <= 1
    assert (np.diff(pixels(axis, 210)) >= max(width(label, 12) for label in labels(axis))).all()


def test_marks_that_have_room_stay():
    assert parted([50, 10, 30], 15, 0, 60).tolist() == [50, 10, 30]


def test_crowded_marks_move_together_and_keep_their_order():
    moved = parted([30, 31, 29, 50], 10, 0, 60)
    assert moved == pytest.approx([30, 40, 20, 50])


def test_marks_stay_between_the_ends_even_if_they_must_touch():
    assert parted([1, 2, 3], 10, 0, 60).tolist() == [0, 10, 20]
    assert parted([59, 60, 60], 10, 0, 60).tolist() == [40, 50, 60]
    assert parted([5] * 5, 40, 0, 60) == pytest.approx([0, 15, 30, 45, 60])
    assert parted([], 10, 0, 60).shape == (0,)


@pytest.mark.parametrize("room", [40, 120, 211, 700, 1500])
@pytest.mark.parametrize(("low", "high"), [(47, 9380), (1, 3), (1, 1), (1e-6, 10), (0.5e-3, 2e-3)])
def test_labels_of_a_logarithmic_axis_do_not_touch(low, high, room):
    axis = log_axis(low, high, room, 12)
    ends = axis.share(np.array([low, high]))
    assert 0 <= ends[0] <= ends[1] <= 1 and (high < 3 * low or list(ends) == [0, 1])
    at, said = pixels(axis, room), labels(axis)
    halves = np.array([width(label, 12) / 2 for label in said])
    assert (at >= 0).all() and (at <= room).all()
    assert (np.diff(at) > halves[1:] + halves[:-1] + 4).all()
    assert len(said) >= 2 or room < 130

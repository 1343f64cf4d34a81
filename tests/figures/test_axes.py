"""Axes: labels are true, apart, on any scale, and readable however narrow the range."""

import numpy as np
import pytest

from optviz.figures.engine.axis import (
    COUNTS,
    EFFORT,
    LINEAR,
    LOG,
    SHORTFALL,
    Axis,
    early_steps,
    ranked,
    spanned,
)
from optviz.figures.engine.declutter import parted
from optviz.figures.engine.text import width

SUPERSCRIPTS = str.maketrans("⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "-0123456789")
RANGES = [
    (LOG, 6e-5, 6e-3),
    (LOG, 1e-8, 10.0),
    (LOG, 1.3e-3, 1.5e-3),
    (LOG, 1.1e-7, 1.13e-7),
    (LOG, 1.4400001e-3, 1.4400004e-3),
    (LOG, 5.0, 4e6),
    (LINEAR, 0.0, 0.25),
    (LINEAR, -1.0, 1.0),
    (LINEAR, 0.9600001, 0.9600003),
    (LINEAR, 1e-9, 7e-9),
    (LINEAR, 3 - 1e-9, 3 + 1e-9),
    (LINEAR, -2.5 - 1e-7, -2.5 + 1e-7),
    (LINEAR, -512, 512),
    (LOG, 1e-12, 300.0),
    (LOG, 40.0, 1.0),
    (SHORTFALL, 0.0, 0.995),
    (SHORTFALL, 0.0, 0.9),
    (SHORTFALL, -0.5, 0.9999999),
    (SHORTFALL, 0.955, 0.965),
    (SHORTFALL, 0.999, 0.9999999),
    (SHORTFALL, 0.93712345, 0.93712349),
]


def value(text):
    """What a label means."""
    text = text.replace("−", "-")
    if text.startswith("1-"):
        return 1 - value(text[2:])
    mantissa, _, power = text.replace("×", " × ").partition(" × ")
    if mantissa.startswith("10") and not mantissa.isascii():
        mantissa, power = "1", mantissa
    return float(mantissa) * (10.0 ** int(power[2:].translate(SUPERSCRIPTS) or 1) if power else 1)


def meant(found, label):
    base, _, unit = found.note.rpartition("n × ")
    counted = value(label) * (value(unit) if unit else 1)
    return counted + (value(base.removesuffix(" + ")) if base else 0)


def labels(axis):
    return [label for _, label in axis.ticks]


def places(axis, length):
    return np.array([share for share, _ in axis.shares]) * length


@pytest.mark.parametrize("upright", [False, True], ids=["level", "upright"])
@pytest.mark.parametrize("length", [180, 420, 1300])
@pytest.mark.parametrize(("scale", "low", "high"), RANGES)
def test_labels_are_true_apart_and_enough(scale, low, high, length, upright):
    room = width("0.88888", 12)
    axis = Axis(low, high, scale).ticked(length, 12, upright=upright, widest=room if upright else np.inf)
    assert len(axis.ticks) >= 2
    at, said = np.sort(places(axis, length)), labels(axis)
    wide = np.array([width(label, 12) for label in said])
    assert (at >= -1e-6).all() and (at <= length + 1e-6).all() and len(set(said)) == len(said)
    if upright:
        assert (np.diff(at) >= 15).all() and (wide <= room).all()
    else:
        assert (np.abs(np.diff(places(axis, length))) >= (wide[1:] + wide[:-1]) / 2 + 10).all()
    true = axis.share(np.array([meant(axis, label) for label in said])) * length
    assert true == pytest.approx(places(axis, length), abs=0.05)
    assert np.diff([0, *at, length]).max() < 0.7 * length


def test_a_momentum_has_its_own_round_values():
    found = Axis(0.0, 0.995, SHORTFALL).ticked(420, 12, upright=True, widest=50)
    assert labels(found) == ["0", "0.5", "0.8", "0.9", "0.95", "0.98", "0.99", "0.995"]
    few = Axis(0.0, 0.9999, SHORTFALL).ticked(100, 12, upright=True, widest=50)
    assert labels(few) == ["0", "0.9", "0.99", "0.999", "0.9999"]


def test_decades_have_round_values_between_them_where_there_is_room():
    found = Axis(6e-5, 6e-3, LOG).ticked(470, 12)
    assert labels(found) == ["10⁻⁴", "2×10⁻⁴", "5×10⁻⁴", "0.001", "0.002", "0.005"]


def test_a_very_narrow_range_counts_from_a_round_number():
    found = Axis(1.4400001e-3, 1.4400004e-3, LOG).ticked(470, 12)
    assert found.note == "0.00144 + n × 10⁻¹¹"
    assert labels(found) == ["10", "15", "20", "25", "30", "35", "40"]


def test_the_note_belongs_to_the_name():
    found = Axis(3 - 1e-9, 3 + 1e-9, LINEAR, ("depth x{} (m)", "x{}")).ticked(300, 12)
    assert found.named == [f"depth x = {found.note} (m)", f"x = {found.note}"]
    assert Axis(0, 1, LINEAR, ("x{}",)).ticked(300, 12).named == ["x"]


def test_an_axis_without_room_or_length_has_no_labels():
    assert Axis(1e-4, 1e-1, LOG).ticked(8, 12).ticks == ()
    assert Axis(1.0, 1.0, LINEAR).ticked(400, 12).ticks == ()
    assert Axis(0.0, np.inf, LINEAR).ticked(400, 12).ticks == ()


def test_no_more_labels_than_asked_for():
    assert len(Axis(-6, 6, LINEAR).ticked(900, 12).ticks) > 7 >= len(Axis(-6, 6, LINEAR).ticked(900, 12, most=7).ticks)


@pytest.mark.parametrize("values", [[], [0.0], [0.1, 0.1], [0.46, 0.99], [0.95, 0.98], [0.9785], [0.0, 1.0]])
@pytest.mark.parametrize("room", [74, 190, 500])
def test_accuracies_are_inside_and_labels_apart(values, room):
    axis = spanned(np.array(values), EFFORT).ticked(room, 12, upright=True)
    share = axis.share(np.array(values))
    assert ((share >= 0) & (share <= 1)).all()
    at = places(axis, room)
    assert (np.diff(at) >= 19).all() and (at >= -1e-9).all() and (at <= room + 1e-9).all()
    assert len(at) >= (2 if room >= 190 else 1) and len({*labels(axis)}) == len(at)


def test_the_accuracy_axis_separates_good_runs_and_still_shows_bad_ones():
    axis = spanned(np.array([0.46, 0.99]), EFFORT).ticked(190, 12, upright=True)
    bad, good, best = axis.share(np.array([0.46, 0.97, 0.99])) * 190
    assert 0 < bad < 20 and best - good > 40
    assert {"50%", "90%", "99%"} <= {*labels(axis)}


@pytest.mark.parametrize("values", [[], [0.0], [2.3, 0.005], [0.3, 0.31], [1e-9, 3], [1e20, 1e-3]])
def test_losses_are_inside_and_labels_apart(values):
    axis = spanned(np.array(values), LOG).ticked(190, 12, upright=True)
    share = axis.share(np.maximum(np.array(values), 1e-12))
    assert ((share >= 0) & (share <= 1)).all()
    assert len(axis.ticks) >= 2 and (np.diff(places(axis, 190)) >= 19).all()


@pytest.mark.parametrize("last", [1, 2, 3, 10, 11, 12, 33, 100, 1000])
def test_epochs_have_both_ends_and_room(last):
    axis = (Axis(1, last, COUNTS) if last > 1 else Axis(0.5, 1.5, COUNTS)).ticked(210, 12)
    assert labels(axis)[0] == "1" and labels(axis)[-1] == str(last)
    assert (np.diff(places(axis, 210)) >= width(str(last), 12)).all()


@pytest.mark.parametrize("longest", [0.003, 0.2, 0.9, 3.7, 12, 333, 4e4, 1e7])
def test_seconds_start_at_zero_and_have_room(longest):
    axis = Axis(0.0, 1.05 * longest, LINEAR).ticked(210, 12)
    assert labels(axis)[0] == "0" and len(axis.ticks) > 1
    assert (np.diff(places(axis, 210)) >= max(width(label, 12) for label in labels(axis))).all()


@pytest.mark.parametrize("steps", [1, 2, 9, 300, 100_000])
def test_early_steps_keep_both_ends_and_drop_what_has_no_room(steps):
    scale = ranked(np.log1p, early_steps(steps))
    wide, narrow = (Axis(0, steps, scale).ticked(room, 12) for room in (400, 60))
    assert labels(wide)[0] == "0" and labels(wide)[-1] == f"{wide.ticks[-1][0]:.0f}" or steps >= 10**5
    assert {0, steps} <= {value for value, _ in wide.ticks} and len(narrow.ticks) <= len(wide.ticks)
    assert (np.diff(places(narrow, 60)) >= 12).all()


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


def test_two_labels_stay_where_names_take_the_ends():
    axis = Axis(-5.0, 5.0, LINEAR, ("y{}",)).ticked(170, 12, upright=True, most=4, ends=(8.0, 148.0))
    assert labels(axis) == ["−4", "−2", "0", "2"]
    assert labels(Axis(-5.0, 5.0, LINEAR).ticked(170, 12, upright=True, most=4)) == ["−5", "0", "5"]

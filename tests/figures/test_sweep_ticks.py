"""Labels of a sweep's axes: true, apart, on any scale, and readable however narrow the range."""

import numpy as np
import pytest

from optviz.figures.sweep_ticks import ticks
from optviz.figures.text import width
from tests.figures.sweep_results import axis

SUPERSCRIPTS = str.maketrans("⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "-0123456789")
RANGES = [
    ("log", 6e-5, 6e-3),
    ("log", 1e-8, 10.0),
    ("log", 1.3e-3, 1.5e-3),
    ("log", 1.1e-7, 1.13e-7),
    ("log", 1.4400001e-3, 1.4400004e-3),
    ("log", 5.0, 4e6),
    ("linear", 0.0, 0.25),
    ("linear", -1.0, 1.0),
    ("linear", 0.9600001, 0.9600003),
    ("linear", 1e-9, 7e-9),
    ("log(1-b)", 0.0, 0.995),
    ("log(1-b)", 0.0, 0.9),
    ("log(1-b)", -0.5, 0.9999999),
    ("log(1-b)", 0.955, 0.965),
    ("log(1-b)", 0.999, 0.9999999),
    ("log(1-b)", 0.93712345, 0.93712349),
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
    base, _, unit = found.offset.rpartition("n × ")
    counted = value(label) * (value(unit) if unit else 1)
    return counted + (value(base.removesuffix(" + ")) if base else 0)


@pytest.mark.parametrize("upright", [False, True], ids=["level", "upright"])
@pytest.mark.parametrize("length", [180, 420, 1300])
@pytest.mark.parametrize(("scale", "low", "high"), RANGES)
def test_labels_are_true_apart_and_enough(scale, low, high, length, upright):
    one = axis("lr", scale, low, high, 400)
    room = width("0.88888", 12)
    found = ticks(one, length, 12, room if upright else None)
    assert len(found.marks) >= 2
    at = np.array([share for share, _ in found.marks]) * length
    said = [label for _, label in found.marks]
    wide = np.array([width(label, 12) for label in said])
    assert (at >= -1e-6).all() and (at <= length + 1e-6).all() and len(set(said)) == len(said)
    if upright:
        assert (np.diff(at) >= 15).all() and (wide <= room).all()
    else:
        assert (np.diff(at) >= (wide[1:] + wide[:-1]) / 2 + 10).all()
    true = one.place([meant(found, label) for label in said]) / 400 * length
    assert true == pytest.approx(at, abs=0.05)
    assert np.diff([0, *at, length]).max() < 0.7 * length


def test_a_momentum_has_its_own_round_values():
    found = ticks(axis("momentum", "log(1-b)", 0.0, 0.995, 400), 420, 12, 50)
    assert [label for _, label in found.marks] == ["0", "0.5", "0.8", "0.9", "0.95", "0.98", "0.99", "0.995"]
    few = ticks(axis("momentum", "log(1-b)", 0.0, 0.9999, 400), 100, 12, 50)
    assert [label for _, label in few.marks] == ["0", "0.9", "0.99", "0.999", "0.9999"]


def test_decades_have_round_values_between_them_where_there_is_room():
    labels = [label for _, label in ticks(axis("lr", "log", 6e-5, 6e-3, 400), 470, 12).marks]
    assert labels == ["10⁻⁴", "2×10⁻⁴", "5×10⁻⁴", "0.001", "0.002", "0.005"]


def test_a_very_narrow_range_counts_from_a_round_number():
    found = ticks(axis("lr", "log", 1.4400001e-3, 1.4400004e-3, 400), 470, 12)
    assert found.offset == "0.00144 + n × 10⁻¹¹"
    assert [label for _, label in found.marks] == ["10", "15", "20", "25", "30", "35", "40"]


def test_an_axis_without_room_has_no_labels():
    assert ticks(axis("lr", "log", 1e-4, 1e-1, 4), 8, 12).marks == ()

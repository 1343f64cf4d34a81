"""Time and motion on a training plane."""

import numpy as np
import pytest

from optviz.figures.plane_time import between, moments, shares


@pytest.mark.parametrize("last", [0.35, 1.0, 10.0, 1000.0])
def test_frames_run_from_the_start_to_the_end_without_a_stop(last):
    epochs = moments(200, last)
    assert epochs[0] == 0 and epochs[-1] == last and (np.diff(epochs) > 0).all()
    np.testing.assert_allclose(shares(epochs, last), np.linspace(0, 1, 200), atol=1e-12)


def test_the_first_epoch_has_its_share_of_the_time():
    assert shares(np.array(1.0), 10.0) > 0.3
    assert shares(np.array(1.0), 1000.0) > 0.1


def test_values_are_exact_at_the_knots_and_nothing_follows_the_last():
    random = np.random.default_rng(0)
    knots, values = np.cumsum(random.random(9) + 0.1), random.standard_normal((9, 2))
    np.testing.assert_array_equal(between(knots, values, knots), values)
    assert np.isnan(between(knots, values, knots[-1:] + 0.1)).all()


def test_values_stay_between_their_neighbours_and_move_smoothly():
    random = np.random.default_rng(1)
    knots, values = np.arange(8.0), random.standard_normal((8, 1))
    at = np.linspace(0, 7, 7001)
    found = between(knots, values, at)[:, 0]
    for k in range(7):
        low, high = sorted(values[k : k + 2, 0])
        piece = found[(at >= k) & (at <= k + 1)]
        assert piece.min() >= low - 1e-12 and piece.max() <= high + 1e-12
        assert abs(np.diff(piece).sum()) == pytest.approx(np.abs(np.diff(piece)).sum())
    speed = np.diff(found) / np.diff(at)
    assert np.abs(np.diff(speed)).max() < 0.02  # no jumps where the pieces meet


def test_straight_and_still_motion_stay_so():
    knots = np.array([0.0, 1.0, 4.0, 5.0])
    at = np.linspace(0, 5, 51)
    np.testing.assert_allclose(between(knots, np.stack([2 * knots, 0 * knots], axis=1), at)[:, 0], 2 * at, atol=1e-12)
    assert (between(knots, np.zeros((4, 1)), at) == 0).all()
    alone = between(knots[:1], np.array([[3.0]]), at)
    assert alone[0] == 3 and np.isnan(alone[1:]).all()

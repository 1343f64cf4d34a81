"""Segments cut to a box, whatever their ends are."""

import numpy as np

from optviz.figures.engine.clip import clipped, grown, inside

BOX = (10.0, 20.0, 110.0, 90.0)
BAD = [np.nan, np.inf, -np.inf, 1e300, -1e300, 1e9]


def test_what_is_inside_keeps_its_exact_ends():
    starts, ends = np.array([[10.0, 20.0], [50.1, 60.7]]), np.array([[110.0, 90.0], [33.3, 21.9]])
    first, last, kept = clipped(starts, ends, BOX)
    assert kept.all() and (first == starts).all() and (last == ends).all()


def test_cut_ends_lie_on_the_segment_and_on_the_border():
    rng = np.random.default_rng(0)
    starts, ends = rng.uniform(-200, 300, (500, 2)), rng.uniform(-200, 300, (500, 2))
    first, last, kept = clipped(starts, ends, BOX)
    assert 0 < kept.sum() < 500
    for point in (first[kept], last[kept]):
        assert inside(point, grown(BOX, 1e-9)).all()
        along, across = (ends - starts)[kept], (point - starts[kept])
        assert np.allclose(along[:, 0] * across[:, 1] - along[:, 1] * across[:, 0], 0, atol=1e-6)
    # Against many points along each segment: whatever is inside must have been kept.
    along = starts[:, None] + np.linspace(0, 1, 301)[:, None] * (ends - starts)[:, None]
    assert (inside(along, BOX).any(axis=1) <= kept).all()


def test_ends_that_are_not_numbers_or_overflow_do_no_harm():
    for value in BAD:
        with np.errstate(all="raise"):
            _, last, kept = clipped(np.array([[50.0, 50.0]]), np.array([[value, value]]), BOX)
        assert kept[0] == (np.isfinite(value))
        if kept[0]:
            assert inside(last, grown(BOX, 1e-6)).all()


def test_parallel_segments_outside_are_dropped():
    _, _, kept = clipped(np.array([[0.0, 30.0], [20.0, 95.0]]), np.array([[0.0, 80.0], [90.0, 95.0]]), BOX)
    assert not kept.any()

"""Ink: long steps faint, crowded patches translucent, everything inside the panel."""

import numpy as np
import pytest

from optviz.figures.engine.clip import grown, inside
from optviz.figures.engine.course import straight
from optviz.figures.engine.theme import DARK
from optviz.figures.engine.trails import FAINTEST, Pen, Trail, comets, merged

BOX = (0.0, 0.0, 400.0, 400.0)
PEN = Pen(width=2.2, hem=1.3, leap=46.0, bead=7.0, patch=8.0, crossings=1.5)


def trail(points, pen=PEN):
    return Trail(straight(np.asarray(points, float), BOX), "#35a1ff", BOX, pen, DARK)


def drawn(some, first=0, last=None):
    casings, cores = some.strokes(first, len(some.length) if last is None else last)
    return casings, cores


def test_every_iterate_lies_on_a_stroke():
    points = np.cumsum(np.random.default_rng(0).normal(0, 12, (60, 2)), axis=0) + 200
    corners = np.concatenate([outline.vertices for outline, _, _ in drawn(trail(points))[1]])
    for point in points:
        assert np.abs(corners - point).max(axis=1).min() < 1e-9


def test_drawing_in_pieces_covers_the_same_ground_as_drawing_at_once():
    points = np.cumsum(np.random.default_rng(1).normal(0, 9, (50, 2)), axis=0) + 200
    some = trail(points)
    pieces = [stroke for k in range(0, 49, 7) for stroke in drawn(some, k, min(k + 7, 49))[1]]
    whole = drawn(some)[1]
    for strokes in (pieces, whole):
        ends = {tuple(corner) for outline, _, _ in strokes for corner in outline.vertices}
        assert {tuple(point) for point in points} <= ends


def test_a_leap_is_fainter_and_thinner_than_a_step_and_so_is_its_casing():
    some = trail([(20, 200), (40, 200), (390, 210)])
    casings, cores = drawn(some)
    (_, step, wide), (_, leap, narrow) = (core for core in cores if len(core[0].vertices) == 2 and core[2] <= PEN.width)
    assert step[3] == 1 and leap[3] == pytest.approx(FAINTEST)
    assert narrow < wide
    assert casings[1][1][3] < 0.5 * casings[0][1][3]


def test_zigzags_in_one_place_become_translucent_but_never_vanish():
    zigzag = [(200 + 8 * (k % 2), 200 + 0.02 * k) for k in range(400)]
    calm = [(50 + 5 * k, 100) for k in range(60)]
    assert trail(zigzag).opacity.max() < 0.3 and trail(zigzag).opacity.min() >= 0.02
    assert trail(calm).opacity.min() > 0.97


def test_long_steps_get_a_bead_at_their_end():
    beads = [outline for outline, _, width in drawn(trail([(10, 10), (12, 10), (40, 10)]))[1] if width > PEN.width]
    assert len(beads) == 1 and np.allclose(beads[0].vertices[0], (40, 10))


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf, 1e300, 1e6, -1e6])
def test_what_leaves_the_panel_is_cut_at_its_edge(value):
    some = trail([(200, 200), (210, 200), (value, 210), (value, value), (190, 200)])
    for outline, _, _ in [*drawn(some)[0], *drawn(some)[1]]:
        assert inside(outline.vertices, grown(BOX, 8.1)).all()


def test_one_point_and_standing_still_draw_nothing():
    assert drawn(trail([(200, 200)])) == ([], [])
    some = trail([(200, 200)] * 5)
    drawn(some)
    assert comets([some.comet(2.5, np.array([200.0, 200.0]))], BOX).paths == []


def test_a_comet_ends_at_the_head_and_fades_backwards():
    some = trail([(10 + 5 * k, 100) for k in range(40)])
    lines, colours, widths = some.comet(30.5, np.array([162.5, 100.0]))
    assert len(lines) <= 15 and np.allclose(lines[-1, 1], (162.5, 100))
    assert (np.diff(colours[:, 3]) >= 0).all() and (np.diff(widths) >= 0).all()
    assert widths[-1] == pytest.approx(PEN.width + 1, abs=0.3)


def test_merged_strokes_keep_their_order():
    casings, cores = drawn(trail([(10, 10), (30, 10), (30, 40)]))
    strokes = merged([*casings, *cores], "butt", BOX)
    assert len(strokes.paths) == len(strokes.edges) == len(strokes.widths) == len(casings) + len(cores)
    assert strokes.clip == BOX

"""The picture of a sweep: one run for each pixel, colours that say what happened, marks where they belong."""

import json
from dataclasses import replace
from itertools import product

import numpy as np
import pytest

from optviz import writers
from optviz.errors import UsageError
from optviz.figures.engine import theme as themes
from optviz.figures.engine.canvas import Canvas
from optviz.figures.engine.items import shapes
from optviz.figures.engine.painter import Page
from optviz.figures.engine.pixels import averaged, lit, srgb
from optviz.figures.sweep import panel_pixels, sweep_figure
from optviz.results.parts import Contender
from optviz.results.sweep import Curve
from tests.figures.sweep_results import best_at, sweep, theory
from tests.pictures import SIZES, assert_readable, boxes, image, words

LONG = "initial_accumulator_value"
MANY = {LONG: 0.1} | {f"beta{k}": 0.123456 for k in range(9)}
# Of the dark theme: from slow to fast, not within the budget, diverged, and the lines over it.
RAMP = "#3a3c89 #305aa2 #1b79ab #1d95ab #3db0a5 #49c892 #87da78 #c6e869 #faf489".split()
NEVER, DIVERGED, HATCH = (38, 42, 48), (42, 12, 13), (120, 52, 58)
NEAR = 10  # of 255: how far a colour between two stops may be from the straight line between them
RING = 8  # px, the radius of the ring around the best run


def map_of(page):
    """The map's pixels, row 0 on top."""
    left, top, right, bottom = page.find("map").box
    return image(page)[top:bottom, left:right]


def coloured(steps, fast, slow):
    """The colours of runs that take so many steps on a ramp with these ends, about: (..., 3)."""
    at = np.log(slow / np.asarray(steps)) / np.log(slow / fast) * (len(RAMP) - 1)
    stops = np.array([themes.rgb(colour) for colour in RAMP])
    return np.stack([np.interp(at, np.arange(len(RAMP)), channel) for channel in stops.T], axis=-1)


@pytest.mark.thin(3)
@pytest.mark.parametrize("size", SIZES, ids=str)
def test_all_text_can_be_read(size):
    plain = sweep(best=(80, 30))
    long = sweep(
        x=(LONG, "log", 6e-7, 6e-3),
        y=("weight_decay", "linear", 0.0, 0.25),
        contender=Contender("rmsprop", "RMSprop with momentum, centered", "torch", "torch", MANY, "given"),
        best=(110, 80),
        noise="minibatch:0.1",
    )
    for one in (plain, sweep(best=(80, 30), theory=theory()), sweep(), long, sweep(theory=theory() * 3, best=(3, 3))):
        assert_readable(sweep_figure(one, size, "light"))


@pytest.mark.parametrize("size", SIZES, ids=str)
def test_a_run_for_each_pixel_is_shown_as_it_is(size):
    wide, high = panel_pixels(size)
    luck = np.random.default_rng(1)
    arrived = luck.integers(100, 1000, (high, wide)).astype(np.int32)
    arrived[luck.random((high, wide)) < 0.1] = -1
    one = sweep((wide, high), arrived=arrived, diverged=np.zeros_like(arrived))
    shown = map_of(sweep_figure(one, size))[::-1]
    assert (shown[arrived < 0] == NEVER).all()
    assert np.abs(shown[arrived > 0] - coloured(arrived[arrived > 0], 100, 1000)).max() <= NEAR


def test_fewer_runs_than_pixels_are_squares_and_more_are_averaged_in_linear_light():
    def resized(colours, size):
        return srgb(averaged(lit(colours), size))

    few = np.arange(12, dtype=np.uint8).reshape(2, 2, 3)
    assert (resized(few, (6, 4)) == few.repeat(2, axis=0).repeat(3, axis=1)).all()
    board = (255 * (np.indices((4, 8)).sum(axis=0) % 2)).astype(np.uint8)[..., None].repeat(3, axis=2)
    assert (resized(board, (4, 2)) == 188).all()  # half the light, not half of 255
    thirds = np.array([0, 255, 0], np.uint8)[None, :, None].repeat(3, axis=2)
    assert resized(thirds, (2, 1))[0, :, 0].tolist() == [156, 156]  # a third of the light: each has half of the middle
    assert resized(thirds.repeat(5, axis=0), (2, 9)).shape == (9, 2, 3)


def test_divergence_is_hatched_where_it_is_everywhere_and_plain_at_a_fractal_shore():
    wide, high = panel_pixels()
    diverged = np.zeros((high, wide), np.int32)
    diverged[:, wide // 2 :] = 7
    diverged[::9, : wide // 2 : 9] = 7
    one = sweep((wide, high), arrived=np.full_like(diverged, -1), diverged=diverged)
    shown = map_of(sweep_figure(one))[::-1]
    left, right = shown[:, : wide // 2], shown[:, wide // 2 :]
    assert {tuple(colour) for colour in left.reshape(-1, 3)} == {NEVER, DIVERGED}
    assert (right == HATCH).all(axis=2).any() and (right == DIVERGED).all(axis=2).mean() > 0.5
    assert not (right == NEVER).all(axis=2).any()


@pytest.mark.parametrize("name", ["dark", "light"])
def test_theory_lies_where_the_axes_say(name):
    bare, one = sweep(), sweep(theory=theory())
    panel = sweep_figure(one).find("map")
    left, top, right, bottom = panel.box
    assert (right - left, bottom - top) == panel_pixels()
    pages = [image(sweep_figure(made, theme=name)) for made in (bare, one)]
    ink = np.array(themes.rgb(themes.THEMES[name].ink))

    def at(lr, momentum):
        x = left + one.x.place(lr) / 120 * (right - left)
        y = bottom - one.y.place(momentum) / 90 * (bottom - top)
        assert np.allclose(panel.to_page((lr, momentum)), (x, y))
        return int(y), int(x)

    for momentum in (0.1, 0.3, 0.5, 0.8, 0.9, 0.97, 0.99):
        row, column = at(2 * (1 + momentum) / 200, momentum)
        assert np.abs(pages[1][row, column] - ink).max() < 40 and np.abs(pages[0][row, column] - ink).max() > 40
        assert (pages[1][row, column - 12] == pages[0][row, column - 12]).all() or momentum < 0.8
    row, column = at(*theory()[1].points[0])
    assert np.abs(pages[1][row, column] - ink).max() < 10


def test_theory_is_told_with_its_sign_and_left_out_where_the_map_does_not_show_it():
    said = " ".join(words(sweep_figure(sweep(theory=theory()))))
    assert all(curve.text in said for curve in theory())
    far = Curve("far", "a line elsewhere", np.array([[0.1, 0.1], [0.5, 0.9]]))
    gone = Curve("gone", "a point elsewhere", np.array([[0.1, 0.1]]))
    off = Curve("off", "not on the scale", np.array([[0.0, 1.0], [-1.0, 2.0], [np.nan, 0.5]]))
    said = " ".join(words(sweep_figure(sweep(theory=(far, gone, off)))))
    assert "elsewhere" not in said and "scale" not in said


def test_formulas_of_theory_stay_on_one_line():
    said = words(sweep_figure(sweep(theory=theory())))
    assert any(line.startswith("lr = 2 (1 + momentum) / L") for line in said)


def test_a_small_picture_names_theory_and_tells_it_at_its_foot():
    said = words(sweep_figure(sweep(theory=theory(), best=(80, 30)), (480, 360)))
    assert "stability" in said and "stability: near the minimum stable below lr = 2 (1 + momentum) / L" in said


def label_box(page):
    """The best point's ring and the box of its label, in page pixels, and the label's texts."""
    ring, pill, *lines = page.find("best").still()
    hem, corners = ring.widths.max() / 2, pill.paths[0].vertices
    outline = ring.paths[0].vertices
    around = (*(outline.min(axis=0) - hem), *(outline.max(axis=0) + hem))
    return around, (*corners.min(axis=0), *corners.max(axis=0)), lines


@pytest.mark.parametrize("size", SIZES, ids=str)
@pytest.mark.parametrize("names", [("lr", "momentum"), (LONG, LONG + "_of_momentum")], ids=["short", "long"])
def test_the_label_of_the_best_point_stays_inside_and_off_its_ring(size, names):
    plain = sweep(x=(names[0], "log", 1e-4, 1e-1), y=(names[1], "linear", 0.0, 0.9), theory=theory())
    for column, row in product((0, 1, 40, 60, 118, 119), (0, 1, 44, 88, 89)):
        page = sweep_figure(replace(plain, best=best_at(plain, column, row)), size)
        left, top, right, bottom = page.find("map").box
        ring, box, lines = label_box(page)
        assert (ring[0] + ring[2]) / 2 == pytest.approx(left + (column + 0.5) / 120 * (right - left))
        assert (ring[1] + ring[3]) / 2 == pytest.approx(bottom - (row + 0.5) / 90 * (bottom - top))
        assert left < box[0] and box[2] < right and top < box[1] and box[3] < bottom
        assert box[0] > ring[2] or box[2] < ring[0] or box[1] > ring[3] or box[3] < ring[1]
        for line in lines:
            assert box[0] < line.left and line.left + line.width < box[2]
            assert box[1] < line.baseline - 0.73 * line.size and line.baseline + 0.24 * line.size < box[3]


def test_the_label_does_not_lie_on_theory_where_it_can_be_elsewhere():
    beside = Curve("beside", "just right of the point", np.array([[4.9e-3, -0.5], [4.9e-3, 0.999]]))
    alike = {"arrived": np.full((90, 120), 50, np.int32), "diverged": np.zeros((90, 120), np.int32), "best": (60, 45)}
    one = sweep(**alike, theory=(beside,))
    page = sweep_figure(one)
    ring, box, _ = label_box(page)
    x = page.find("map").to_page(beside.points)[0, 0]
    assert ring[2] < x < ring[2] + 40 and box[2] < x
    assert label_box(sweep_figure(sweep(**alike)))[1][2] > x


@pytest.mark.parametrize("name", ["dark", "light"])
def test_the_ring_is_where_the_best_run_is(name):
    one = sweep(best=(60, 45))
    left, top, right, bottom = sweep_figure(one).find("map").box
    x, y = left + 60.5 / 120 * (right - left), bottom - 45.5 / 90 * (bottom - top)
    pixels, bare = image(sweep_figure(one, theme=name)), image(sweep_figure(sweep(), theme=name))
    theme = themes.THEMES[name]
    bright = np.array(max((themes.rgb(theme.ink), themes.rgb(theme.rim)), key=sum))
    for angle in np.linspace(0, 2 * np.pi, 12, endpoint=False):
        row, column = int(y + RING * np.sin(angle)), int(x + RING * np.cos(angle))
        assert np.abs(pixels[row, column] - bright).max() < 40
    assert (pixels[int(y), int(x)] == bare[int(y), int(x)]).all()


def test_the_label_leaves_the_data_free_where_it_can():
    """Half of the map does not arrive: the label of a point on its edge goes there."""
    arrived = np.full((90, 120), 50, np.int32)
    arrived[45:] = -1
    _, top, _, bottom = sweep_figure(sweep()).find("map").box
    edge = (top + bottom) / 2
    above = sweep(arrived=arrived, diverged=np.zeros_like(arrived), best=(60, 43))
    assert label_box(sweep_figure(above))[1][3] < edge
    below = sweep(arrived=arrived[::-1], diverged=np.zeros_like(arrived), best=(60, 46))
    assert label_box(sweep_figure(below))[1][1] > edge


def test_the_best_point_is_defined_in_the_picture():
    one = sweep(best=(80, 30))
    said = " ".join(words(sweep_figure(one)))
    assert f"fewest steps in the worst of the 7×7 runs around it; the worst takes {one.best['worst']}" in said
    wider = replace(one, best=one.best | {"radius": 10})
    assert "21×21 runs" in " ".join(words(sweep_figure(wider)))
    assert "no best robust point" in " ".join(words(sweep_figure(sweep())))


def test_the_bar_has_the_colours_of_the_map():
    """At the label of 200 steps the bar is coloured like a run that takes them, and labels stand in equal ratios."""
    one = sweep()
    page = sweep_figure(one)
    found = {word.text: (word.left, (word.top + word.bottom) / 2) for word in boxes(page)}
    left, y = found["200"]
    ends = [int(text.strip("≤≥ ").replace(",", "")) for text in found if text.startswith(("≤", "≥"))]
    fast, slow = (*ends, 1000)[:2]
    assert np.abs(image(page)[round(y), round(left) - 18] - coloured(200, fast, slow)).max() <= 12
    (_, a), (_, b), (_, c) = (found[text] for text in ("200", "500", "1,000"))
    assert (c - b) / (b - a) == pytest.approx(np.log(2) / np.log(2.5), abs=0.05)


def test_where_hardly_any_run_arrives_the_map_shows_values_and_says_so():
    arrived, diverged = np.full((90, 120), -1, np.int32), np.zeros((90, 120), np.int32)
    arrived[0, :3], diverged[:, 100:] = 40, 9
    values = np.where(diverged > 0, np.nan, np.geomspace(0.02, 400, 120))
    one = sweep(arrived=arrived, diverged=diverged, values=np.broadcast_to(values, (90, 120)).copy())
    page = sweep_figure(one)
    said = words(page)
    assert {"f − f* at the end", "<0.1% arrive"} <= {*said} and "steps to arrive" not in said
    assert any("since hardly any run arrives" in text for text in said)
    assert {"0.1", "1", "10"} <= {*said}
    left, top, right, bottom = page.find("map").box
    row = image(page)[(top + bottom) // 2, left:right]
    known = row[: round(0.8 * len(row))]
    assert len(np.unique(known, axis=0)) > 50 and not (known == NEVER).all(axis=1).any()
    assert "steps to arrive" in words(sweep_figure(sweep()))


def test_theory_that_the_map_does_not_show_is_neither_drawn_nor_told_as_if_it_were():
    one = sweep(theory=theory())
    assert [one.shows(curve) for curve in one.theory] == [True, True]
    aside = sweep(x=("lr", "log", 1e-6, 1e-5), theory=theory())
    assert [aside.shows(curve) for curve in aside.theory] == [False, False]
    across = Curve("stability", "a line across", np.array([[1e-9, 0.5], [1.0, 0.5]]))
    assert one.shows(across)


def test_the_bar_says_where_runs_are_beyond_its_ends():
    arrived = np.full((90, 120), 200, np.int32)
    arrived[0, :60], arrived[80:] = 3, 400
    said = words(sweep_figure(sweep(arrived=arrived, diverged=np.zeros_like(arrived))))
    assert "≤ 200" in said and "400" in said and "≥ 400" not in said
    arrived[89, 119] = 900
    assert "≥ 400" in words(sweep_figure(sweep(arrived=arrived, diverged=np.zeros_like(arrived))))


def test_the_bar_has_labels_at_whole_steps_only_and_one_step_is_singular():
    arrived = np.zeros((90, 120), np.int32)
    said = words(sweep_figure(sweep(arrived=arrived, diverged=arrived, steps=1)))
    assert {"≤ 1", "2"} <= {*said} and not {"1", "3"} & {*said}
    assert any(text.endswith("budget 1 step") for text in said)
    lucky = replace(sweep(best=(80, 30)), best=sweep(best=(80, 30)).best | {"steps": 1})
    assert "1 step" in words(sweep_figure(lucky))


def test_shares_are_of_all_runs():
    arrived, diverged = np.full((10, 10), -1, np.int32), np.zeros((10, 10), np.int32)
    arrived[:3], diverged[3, :5] = 40, 9
    said = words(sweep_figure(sweep((10, 10), arrived=arrived, diverged=diverged, steps=2000)))
    assert {"30.0% arrive", "65.0% not within 2,000", "5.0% diverge"} <= set(said)


@pytest.mark.parametrize("share", [0.0, 1e-4, 0.9999, 1.0])
def test_few_are_not_none_and_most_are_not_all(share):
    arrived = np.full(10_000, -1, np.int32)
    arrived[: round(share * 10_000)] = 40
    arrived = arrived.reshape(100, 100)
    said = words(sweep_figure(sweep((100, 100), arrived=arrived, diverged=np.zeros_like(arrived))))
    assert {0.0: "0% arrive", 1e-4: "<0.1% arrive", 0.9999: ">99.9% arrive", 1.0: "100% arrive"}[share] in said


def test_the_heading_is_true_for_one_start_on_one_function():
    one = sweep()
    said = words(sweep_figure(one))
    assert "Momentum on Bowl: learning rate and momentum" in said and one.landscape.formula in said
    assert any(
        "from (−1.6, 2.4)" in text and "f − f* stays below 10⁻⁴" in text and "1,000 steps" in text for text in said
    )
    assert one.provenance() == f"from (−1.6, 2.4) · {one.conditions()}" and one.conditions() in said
    assert sum("from (" in text for text in said) == 1
    assert "learning rate lr (log)" in said and "momentum (log of 1 − momentum)" in said


def test_the_name_of_the_upright_axis_stands_beside_it():
    page = sweep_figure(sweep())
    (name,) = (word for word in boxes(page) if word.text.startswith("momentum (log"))
    left, top, _, bottom = page.find("map").box
    assert name.bottom - name.top > 8 * (name.right - name.left) and name.right < left
    assert (name.top + name.bottom) / 2 == pytest.approx((top + bottom) / 2, abs=2)


def test_the_facts_are_in_the_comment_without_grids():
    one = sweep(theory=theory(), best=(80, 30))
    facts = json.loads(sweep_figure(one).comment)
    assert facts["provenance"] == one.provenance() and facts["best"] == one.best
    assert facts["x"] == {"name": "lr", "scale": "log", "low": 6e-4, "high": 3e-2, "pixels": 120}
    assert [curve["text"] for curve in facts["theory"]] == [curve.text for curve in theory()]
    assert len(sweep_figure(one).comment) < 4000


@pytest.mark.thin(3)
@pytest.mark.parametrize("what", ["never", "diverged", "at once", "single", "slow"])
def test_uniform_and_tiny_sweeps_are_drawn(what):
    size = (1, 1) if what == "single" else (30, 20)
    arrived, diverged = np.full(size[::-1], -1, np.int32), np.zeros(size[::-1], np.int32)
    if what == "diverged":
        diverged[:] = 3
    elif what != "never":
        arrived[:] = {"at once": 0, "single": 5, "slow": 123_456}[what]
    steps = 1 if what == "at once" else 123_456
    place = None if what in ("never", "diverged") else (0, 0)
    one = sweep(size, arrived=arrived, diverged=diverged, steps=steps, best=place)
    for drawn in SIZES:
        page = sweep_figure(one, drawn)
        assert_readable(page)
    bare = map_of(sweep_figure(replace(one, best=None)))
    colours = {tuple(colour) for colour in bare.reshape(-1, 3)}
    assert (len(colours) == 1) == (what != "diverged")


@pytest.mark.parametrize("ending", ["png", "svg", "pdf"])
def test_every_format_is_written_and_the_same_twice(tmp_path, ending):
    one = sweep(theory=theory(), best=(80, 30))
    for name in ("a", "b"):
        page = sweep_figure(one)
        writers.write(tmp_path / f"{name}.{ending}", page, page.comment)
    first, second = ((tmp_path / f"{name}.{ending}").read_bytes() for name in "ab")
    assert first == second and len(first) > 10_000


def test_what_cannot_be_drawn_is_refused():
    with pytest.raises(UsageError, match="size"):
        sweep_figure(sweep(), (100, 100))
    with pytest.raises(UsageError, match="size"):
        panel_pixels((100, 100))
    with pytest.raises(UsageError, match="theme"):
        sweep_figure(sweep(), theme="dusk")


def test_no_strokes_at_all_can_be_drawn(tmp_path):
    """What of a curve lies on the map, or of a scale has round values, may be nothing."""
    page = Page((40, 30), "#000000")
    page.paint([shapes([])])
    writers.write(tmp_path / "a.svg", page, "")
    Canvas((40, 30), "#000000").paint([shapes([], clip=(0, 0, 9, 9))])
    assert (image(page) == 0).all()

"""Basins of attraction: pixels that are starts, colours that tell fast, slow and failed apart, ticks at every depth."""

import itertools
import json
import re
from dataclasses import replace

import numpy as np
import pytest

from optviz.errors import UnknownNameError, UsageError
from optviz.figures.basins import basin_values_figure, basins_figure, panel_pixels
from optviz.figures.engine.minimizer_colours import HUES, minimizer_colours
from optviz.figures.engine.pixels import srgb
from optviz.figures.engine.text import width
from optviz.figures.engine.theme import DARK, LIGHT, linear, oklab, rgb
from optviz.writers import write
from tests.figures.basin_results import FOUR, SQUARE, basin_map, basins, several
from tests.figures.test_theme import VISIONS, contrast, light
from tests.pictures import assert_readable, boxes, image, words

SIZES = ((480, 360), (800, 600), (1000, 680), (1920, 1080))
THEMES = pytest.mark.parametrize("theme", [DARK, LIGHT], ids=lambda theme: theme.name)
NEVER = {"dark": "#000000", "light": "#1b1e23"}
DIVERGED = {"dark": ("#3a1416", "#a8433f"), "light": ("#4a1416", "#d9564c")}  # the ground of the hatching, its lines
AWAY = tuple((x + 10, y) for x, y in FOUR)  # no star on the panel


def panel(page, name="adam"):
    """(height, width, 3): the pixels of a panel as they are drawn."""
    left, top, right, bottom = page.find(name).box
    return image(page)[top:bottom, left:right]


def in_line(count):
    """(count, 2) minimizers."""
    return np.stack([np.arange(float(count)), np.zeros(count)], axis=-1)


def fading(theme, count=6, steps=16):
    """(count, steps, 3) linear light: the colours of minimizers from the fastest runs to the slowest, as drawn."""
    taken, reached = np.geomspace(10, 1000, 60).round(), np.arange(count)[:, None]
    one = basins([basin_map(60, count, reached=reached, steps=taken)], minimizers=in_line(count) + 100)
    tile = panel(basins_figure(one, theme=theme))[::-1]
    rows = ((np.arange(count) + 0.5) * len(tile) / count).astype(int)
    return linear(tile[rows][:, np.linspace(0, tile.shape[1] - 1, steps).astype(int)] / 255)


def told_apart(one, other, least):
    """Whether two colours, in linear light, differ so much in every vision."""
    for vision, (matrix, _) in VISIONS.items():
        distance = np.linalg.norm(oklab(np.asarray(matrix) @ one) - oklab(np.asarray(matrix) @ other))
        assert distance >= least, (vision, distance)


@THEMES
@pytest.mark.parametrize(("count", "least"), [(4, 0.105), (6, 0.104)])
def test_colours_of_minimizers_stay_apart_in_every_vision(theme, count, least):
    for one, other in itertools.combinations(minimizer_colours(in_line(count), theme), 2):
        told_apart(light(one), light(other), least)
    assert all(contrast(colour, theme.page) >= 2.95 for colour in minimizer_colours(in_line(count), theme))


def test_more_minimizers_than_hues_get_tints_and_neighbours_never_look_alike():
    hues = [*HUES["dark"]]
    lattice = np.stack(np.meshgrid(np.arange(11.0), 100 * np.arange(11.0)), axis=-1).reshape(-1, 2)
    for points in (lattice, np.random.default_rng(1).uniform(-5, 5, (30, 2)), in_line(30)):
        colours = minimizer_colours(points, "dark")
        assert colours[:6] == hues and colours == minimizer_colours(points, "dark")
        scaled = points / np.where(np.ptp(points, axis=0) > 0, np.ptp(points, axis=0), 1)
        away = np.hypot(*(scaled[:, None] - scaled).T) + 9 * np.eye(len(points))
        for one, other in enumerate(away.argmin(axis=1)):
            assert colours[one] != colours[other]
    assert len({*minimizer_colours(np.zeros((12, 2)), "dark")}) == 12  # on one spot, as far as there are colours
    assert minimizer_colours(np.empty((0, 2)), "light") == []
    with pytest.raises(UnknownNameError, match="unknown theme 'drak'"):
        minimizer_colours(FOUR, "drak")


@THEMES
def test_slow_is_never_taken_for_failed_in_any_vision(theme):
    never, (ground, lines) = light(NEVER[theme.name]), map(light, DIVERGED[theme.name])
    for shade in fading(theme).reshape(-1, 3):
        told_apart(shade, never, 0.15)
        told_apart(shade, ground, 0.1)
    told_apart(ground, lines, 0.2)  # hatching is seen as such


@THEMES
def test_slow_runs_fade_towards_the_page(theme):
    lightness = oklab(fading(theme, 1)[0])[:, 0]
    assert (np.sign(np.diff(lightness)) == (-1 if theme is DARK else 1)).all()


def test_brightness_is_one_logarithmic_scale_for_all_panels():
    lone = np.arange(100) == 0  # too few to set the scale
    steps = {"Fast": np.where(lone, 1, 10), "Middle": 100, "Slow": np.where(lone, 5000, 1000)}
    maps = [basin_map(100, 1, name, reached=0, steps=taken) for name, taken in steps.items()]
    page = basins_figure(basins(maps, minimizers=AWAY))
    fast, middle, slow = (panel(page, name)[0] for name in ("fast", "middle", "slow"))
    assert (fast == fast[0]).all() and (middle == middle[0]).all() and (slow == slow[0]).all()
    lightness = oklab(linear(np.array([fast[0], middle[0], slow[0]]) / 255))[:, 0]
    assert lightness[1] == pytest.approx((lightness[0] + lightness[2]) / 2, abs=0.01)
    assert {"10", "1000"} <= {*words(page)}
    alike = panel(basins_figure(basins([basin_map(8, title="Zero", reached=0, steps=0)], minimizers=AWAY)), "zero")
    assert (alike == rgb(HUES["dark"][0])).all()  # all start where they end


@pytest.mark.thin(7)
@THEMES
@pytest.mark.parametrize("count", [1, 2, 6, 7, 12])
@pytest.mark.parametrize("view", [SQUARE, ((0.0, 2.0), (0.5, 1.5))], ids=str)
def test_a_start_for_each_pixel_is_drawn_as_one_pixel(theme, count, view):
    wide, high = panel_pixels(count, view)
    reached = np.random.default_rng(3).integers(0, 4, (high, wide))
    maps = [basin_map(wide, high, f"Number {index}", reached=reached, steps=5) for index in range(count)]
    page = basins_figure(basins(maps, view, minimizers=AWAY), theme=theme)
    expected = np.array([rgb(colour) for colour in minimizer_colours(FOUR, theme)], np.uint8)[reached[::-1]]
    for index in {0, count - 1}:
        assert np.array_equal(panel(page, f"number {index}"), expected)


@pytest.mark.parametrize("size", SIZES, ids=str)
def test_panels_fill_the_page_and_are_smaller_where_there_are_more(size):
    sides = [min(panel_pixels(count, SQUARE, size)) for count in range(1, 30)]
    assert all(small <= 1.04 * large for large, small in zip(sides, sides[1:], strict=False))
    if size == (1000, 680):
        assert sides[5] >= 220 and sides[6] >= 215


def test_few_cells_are_whole_blocks_and_many_are_averaged_in_linear_light():
    room, _ = panel_pixels(1, SQUARE)
    for cells, kept in ((1, room), (room // 4, room // 4 * 4), (room // 2 - 1, room // 2 * 2 - 2), (room, room)):
        assert panel(basins_figure(basins([basin_map(cells)], minimizers=AWAY))).shape[1] == kept
    for cells in (room // 4 * 3, room + 1):  # no whole number of pixels each
        assert panel(basins_figure(basins([basin_map(cells)], minimizers=AWAY))).shape[1] == room
    page = basins_figure(basins([basin_map(30)], minimizers=AWAY))
    tile = panel(page)
    side = len(tile) // 30
    assert side * 30 == len(tile)
    assert np.array_equal(tile, tile[::side, ::side].repeat(side, axis=0).repeat(side, axis=1))

    board = np.indices((2 * room, 2 * room)).sum(axis=0) % 2 == 0
    page = basins_figure(basins([basin_map(2 * room, reached=0, never=board)], minimizers=AWAY))
    mean = srgb((light(HUES["dark"][0]) + light(NEVER["dark"])) / 2)
    assert panel(page).shape == (room, room, 3) and (panel(page) == mean).all()  # and not the mean of bytes


def test_cells_that_do_not_fit_pixels_keep_their_mean():
    cells = panel_pixels(1, SQUARE)[0] + 17
    never = np.random.default_rng(0).random((cells, cells)) < 0.4
    page = basins_figure(basins([basin_map(cells, reached=0, never=never)], minimizers=AWAY))
    mean = light(HUES["dark"][0]) * (~never).mean() + light(NEVER["dark"]) * never.mean()
    assert linear(panel(page) / 255).mean(axis=(0, 1)) == pytest.approx(mean, abs=2e-3)


@THEMES
def test_rows_go_up_and_each_fate_has_its_colour(theme):
    low, left = np.zeros((40, 40), bool), np.zeros((40, 40), bool)
    low[:10], left[20:, :10] = True, True
    tile = panel(basins_figure(basins([basin_map(40, never=low, diverged=left)], minimizers=AWAY), theme=theme))
    at = len(tile) // 40
    assert tuple(tile[-3, 20 * at]) == rgb(NEVER[theme.name])
    corner = tile[: 20 * at, : 10 * at].reshape(-1, 3)
    assert {tuple(map(int, pixel)) for pixel in corner} == {rgb(colour) for colour in DIVERGED[theme.name]}
    hues = minimizer_colours(FOUR, theme)
    assert tuple(tile[2, -2]) == rgb(hues[0]) and tuple(tile[2, 15 * at]) == rgb(hues[1])
    assert tuple(tile[22 * at, -2]) == rgb(hues[3]) and tuple(tile[22 * at, 2]) == rgb(hues[2])


def test_minimizers_are_starred_in_their_own_colour():
    one = basins([basin_map(40, never=np.arange(40) < 24)])
    page = basins_figure(one)
    tile, hues = panel(page), minimizer_colours(FOUR, "dark")
    for (x, y), hue in zip(FOUR, hues, strict=True):
        row, column = int((2 - y) / 4 * len(tile)), int((x + 2) / 4 * len(tile))
        assert tuple(tile[row, column]) == rgb(hue)


def test_the_key_says_what_occurs_and_nothing_else():
    said = words(basins_figure(several(3)))
    assert {"steps to arrive", "at none after 300 steps", "diverges"} <= set(said)
    assert "(1.5, 1)  f = 0" in said
    calm = words(basins_figure(basins([basin_map()], minimizers=FOUR)))
    assert not {"at none after 300 steps", "diverges"} & set(calm)
    # A minimizer that is neither in the view nor reached has no place in the key.
    elsewhere = basins([basin_map(reached=0)], minimizers=[FOUR[0], (90.0, 90.0)])
    assert not any("90" in word for word in words(basins_figure(elsewhere)))


def test_a_key_says_as_much_as_its_width_allows_and_stands_in_columns():
    exact = [(x + 0.001, y - 0.001) for x, y in FOUR]
    said = {*words(basins_figure(several(7, minimizers=exact)))}
    assert {"(1.501, 0.999)  f = 0", "(−1.399, 1.599)  f = 0", "at none after 300 steps", "diverges"} <= said
    entries = [word for word in boxes(basins_figure(several(2, minimizers=exact))) if "f = 0" in word.text]
    rows = {word.top: [round(each.left) for each in entries if each.top == word.top] for word in entries}
    first, second = (lefts for _, lefts in sorted(rows.items()))
    assert len(first) > 1 and second == first[: len(second)]


def test_the_key_tells_the_value_at_each_minimizer_whatever_the_runs_reached():
    one = basins([basin_map(reached=0, values=-7.0)] * 2, minimizers=FOUR[:2], local=FOUR[2:], tolerance=100.0)
    one = replace(one, minima=np.array([1e-14, 0.0, 30.000004, -78.3323314]))
    said = words(basins_figure(one))
    for entry in ("(1.5, 1)  f = 0", "(−1.9, −1.6) local  f = 30", "(1.8, −0.9) local  f = −78.33"):
        assert entry in said


@THEMES
def test_stars_of_local_minimizers_are_hollow_and_none_is_cut_at_the_border(theme):
    one = basins([basin_map(40, never=np.indices((40, 40))[0] < 22)], minimizers=[(2.0, 0.0)], local=[(0.0, 0.0)])
    page = basins_figure(one, theme=theme)
    tile, (hue, other) = panel(page), minimizer_colours(one.minimizers, theme)
    middle = len(tile) // 2
    assert tuple(tile[middle, middle]) == rgb(theme.rim) and (tile == rgb(other)).all(axis=2).any()
    _, _, right, _ = page.find("adam").box
    beyond = image(page)[:, right + 1 : right + 8]
    assert (beyond == rgb(hue)).all(axis=2).any()


def test_one_step_is_singular():
    said = words(basins_figure(basins([basin_map(never=np.arange(48) < 9)], steps=1)))
    assert {"1 step", "at none after 1 step"} <= {*said}


def test_headings_tell_rate_share_and_median():
    lane = np.arange(100) < 10
    maps = [
        basin_map(100, title="SGD", steps=12, never=lane, lr=0.013),
        basin_map(100, title="Momentum", never=np.eye(100) == 1, lr=None),
        basin_map(100, title="Adam", steps=1, diverged=np.indices((100, 100)).sum(axis=0) == 0),
    ]
    said = words(basins_figure(basins(maps)))
    assert {"SGD", "lr 0.013", "90% arrive · median 12 steps"} <= set(said)
    assert {"99% arrive · median 20 steps", ">99% arrive · median 1 step · <1% diverge"} <= set(said)


def test_all_and_nothing_are_said_only_where_they_are_true():
    corner = np.indices((100, 100)).sum(axis=0) == 0
    said = words(basins_figure(basins([basin_map(100, never=corner), basin_map(100, never=~corner)])))
    assert any(word.startswith(">99% arrive") for word in said)
    assert any(word.startswith("<1% arrive") for word in said)
    assert "0% arrive · median f = 3.5" in words(basins_figure(basins([basin_map(never=True)])))


@pytest.mark.parametrize(
    ("arrive", "said"), [(0, "no run arrives"), (1, "fewer than 1% of all"), (20, "20% of all runs")]
)
def test_where_few_arrive_values_are_drawn_and_it_is_said_why_and_how_many(arrive, said):
    never = np.arange(1000).reshape(100, 10) >= (4 if arrive == 1 else 10 * arrive)
    slope = np.linspace(1, 9, 1000).reshape(100, 10)
    one = basins([basin_map(10, 100, never=never, values=np.where(never, slope, 0.0))] * 2, minimizers=AWAY)
    page = basins_figure(one, theme="light")
    told = words(page)
    assert "f where the run ends" in told and "steps to arrive" not in told
    assert any(said in word and "so that colour tells f" in word for word in told)
    assert any(word.startswith(("0% arrive", "<1% arrive", "20% arrive")) and "median f = " in word for word in told)
    assert len(np.unique(panel(page).reshape(-1, 3), axis=0)) > 20
    assert_readable(page)


@THEMES
def test_in_a_panel_where_few_arrive_greys_tell_the_values_and_the_others_stay_as_they_are(theme):
    steep = np.broadcast_to(np.linspace(1.0, 9.0, 40)[:, None], (40, 40))
    lost = basin_map(40, title="Lost", never=np.arange(40) < 36, values=steep)
    most = basin_map(40, title="Most", never=np.arange(40) < 8)
    page = basins_figure(basins([lost, most], minimizers=AWAY), theme=theme)
    assert {"steps to arrive", "f at none, where few arrive", "10% arrive · median f = 5"} <= {*words(page)}
    assert_readable(page)
    grey = panel(page, "lost")[:, 5].astype(float)
    assert np.ptp(grey, axis=1).max() < 16  # no hue of a minimizer
    lightness = oklab(linear(grey / 255))[:, 0]
    assert (np.diff(lightness) >= -1e-3).all() and lightness[-1] - lightness[0] > 0.4  # low f, at the bottom, is paler
    assert (panel(page, "most")[:, 5] == rgb(NEVER[theme.name])).all()


@pytest.mark.thin(7)
@pytest.mark.parametrize("size", SIZES, ids=str)
@pytest.mark.parametrize("count", [1, 2, 4, 6, 7, 12])
def test_no_text_touches_another(size, count):
    assert_readable(basins_figure(several(count), size))
    assert_readable(basin_values_figure(several(count), size, "light"))


@pytest.mark.thin(5)
@pytest.mark.parametrize("size", SIZES, ids=str)
@pytest.mark.parametrize(
    "view",
    [((-5, 5), (-2, 3)), ((0, 1), (0, 9)), ((-5e5, 5e5), (1e5, 2e5)), ((3 - 1e-9, 3 + 1e-9), (-2e-12, 2e-12))],
    ids=["wide", "tall", "far", "deep"],
)
def test_no_text_touches_another_in_any_view(view, size):
    assert_readable(basins_figure(several(6, view=view), size))


@pytest.mark.thin(3)
@pytest.mark.parametrize("size", SIZES, ids=str)
def test_many_minimizers_and_a_long_provenance_find_their_places(size):
    rng = np.random.default_rng(1)
    maps = [basin_map(title=f"A rather long name {index}", lr=1.2345e-7) for index in range(5)]
    one = basins(maps, local=rng.uniform(-1.8, 1.8, (20, 2)), noise="gaussian:0.125", title="A test function " * 6)
    assert_readable(basins_figure(one, size))
    assert any(re.fullmatch(r"and \d+ more", word) for word in words(basins_figure(one, size)))


def meant(axis):
    """What the labels of an axis say: values."""
    found = re.fullmatch(r"(?:(−?[\d.]+(?:×10[⁻⁰¹²³⁴⁵⁶⁷⁸⁹]+)?|10[⁻⁰¹²³⁴⁵⁶⁷⁸⁹]+) \+ )?n × (.+)", axis.note)
    assert found or not axis.note, axis.note
    base, unit = (plain(found[1] or "0"), plain(found[2])) if found else (0.0, 1.0)
    return [base + plain(label) * unit for _, label in axis.ticks]


def plain(number):
    """A number as it is written."""
    mantissa, _, power = number.replace("−", "-").replace("×10", "e").partition("e")
    if not power and mantissa.startswith("10") and not mantissa.isascii():
        mantissa, power = "1", mantissa[2:]
    return float(mantissa) * 10.0 ** int(power.translate(str.maketrans("⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "-0123456789")) or 0)


@pytest.mark.thin(5)
@pytest.mark.parametrize("centre", [0.0, 3.0, -2.805118086952745, 1e-5])
@pytest.mark.parametrize("span", [1000.0, 1.0, 1e-2, 1e-5, 1e-9, 1e-11])
@pytest.mark.parametrize(("count", "size"), [(12, (480, 360)), (6, (1000, 680)), (1, (1920, 1080))])
def test_ticks_are_short_and_true_at_every_depth(centre, span, count, size):
    low, high = centre - span / 2, centre + 0.55 * span
    maps = [basin_map(4, title=f"Number {index}") for index in range(count)]
    page = basins_figure(basins(maps, ((low, high), (low, high))), size)
    corner = page.find(f"number {(count - 1) // 4 * 4 if count == 12 else 0}")
    panels = [page.find("number 0"), corner, page.find(f"number {count - 1}")]
    longest, small = width("−0.00", 12), panels[0].size[0] < 100
    for axis, length in ((panels[0].y, panels[0].size[1]), (panels[-1].x, panels[-1].size[0])):
        # A label of x that would hang far over the panel's end is not shown.
        assert len(axis.ticks) >= (1 if small or axis is panels[-1].x else 2)
        for (at, label), value in zip(axis.ticks, meant(axis), strict=True):
            assert width(label, 12) <= longest + 1e-9 or axis is panels[-1].x
            assert value == pytest.approx(at, abs=2e-3 * span) and low - 1e-9 * span <= at <= high + 1e-9 * span
        assert (np.diff([share for share, _ in axis.shares]) * length >= 12).all()


def test_a_deep_view_says_how_its_ticks_are_read():
    said = " ".join(words(basins_figure(several(2, view=((3 - 1e-9, 3 + 1e-9), (2 - 1e-9, 2 + 1e-9))))))
    assert "x = 3 + n × 10⁻¹⁰ · y = 2 + n × 10⁻¹⁰" in said


def test_without_minimizers_the_value_is_drawn():
    slope = np.arange(64) / 8.0
    one = basins([basin_map(64, reached=-1, steps=-1, values=slope)], minimizers=(), minimum=-np.inf)
    page = basins_figure(one)
    assert "f where the run ends" in words(page) and "Quarters: the value that each optimizer reaches" in words(page)
    tile = panel(page)
    lightness = oklab(linear(tile[len(tile) // 2] / 255))[:, 0]
    assert (np.diff(lightness) <= 1e-3).all() and lightness[0] - lightness[-1] > 0.4  # low is bright


def test_values_within_the_tolerance_are_alike_and_others_are_not():
    values = np.array([0.0, 1e-30, 9e-5, 2e-4, 1.0, 5.0])
    tile = panel(basin_values_figure(basins([basin_map(6, 1, reached=0, values=values)], minimizers=AWAY)))
    colours = tile[0, ((np.arange(6) + 0.5) * tile.shape[1] / 6).astype(int)]
    assert (colours[:3] == colours[0]).all() and len(np.unique(colours, axis=0)) == 4
    gone = basin_values_figure(basins([basin_map(4, diverged=True)]))
    assert "f where the run ends" not in words(gone)
    unknown = np.array([2.0, 9.0, np.nan])
    tile = panel(basin_values_figure(basins([basin_map(3, 1, reached=0, values=unknown)], minimizers=AWAY)))
    low, high, none = tile[0, [2, tile.shape[1] // 2, -3]]
    assert (none == high).all() and (none != low).any()


def test_values_tell_how_many_are_at_the_minimum():
    values = np.where(np.arange(100) < 25, 1e-7, 7.5)
    said = words(basin_values_figure(basins([basin_map(100, values=values)])))
    assert "median f = 7.5 · 25% at 0" in said


@pytest.mark.thin(3)
@pytest.mark.parametrize("figure", [basins_figure, basin_values_figure])
@pytest.mark.parametrize("fate", ["never", "diverged"])
@THEMES
def test_runs_that_all_fail_are_a_result(figure, fate, theme):
    page = figure(basins([basin_map(**{fate: True}), basin_map(**{fate: True})]), theme=theme)
    assert_readable(page)
    assert ("100% diverge" in " ".join(words(page))) == (fate == "diverged")


def test_where_it_comes_from_is_written_and_embedded():
    one = several(4, noise="gaussian:0.1")
    page = basins_figure(one, (1920, 1080))
    assert set(one.provenance().split(" · ")) <= set(" · ".join(words(page)).split(" · "))
    assert json.loads(page.comment) == json.loads(json.dumps(one.to_dict(arrays=False)))
    assert " ".join(words(basins_figure(one, (480, 360)))).count("no clipping") == 1


@pytest.mark.parametrize("ending", ["png", "svg", "pdf"])
def test_files_are_the_same_every_time(tmp_path, ending):
    for name in ("one", "two"):
        write(tmp_path / f"{name}.{ending}", basins_figure(several(3, 24)))
    one, two = ((tmp_path / f"{name}.{ending}").read_bytes() for name in ("one", "two"))
    assert one == two and len(one) > 1000


@pytest.mark.parametrize("count", [4, 7, 10])
def test_learning_rates_are_whole_or_left_out(count):
    maps = [basin_map(24, lr=0.0123) for _ in range(count)]
    said = words(basins_figure(basins(maps), (480, 360)))
    rates = [text for text in said if text.startswith(("lr", "0.0"))]
    assert {*rates} <= {"lr 0.0123", "0.0123"} and (rates or count == 10)


def test_sizes_and_themes_that_cannot_be_drawn_are_refused():
    with pytest.raises(UsageError, match="cannot draw at the size 100x100"):
        basins_figure(several(1), (100, 100))
    with pytest.raises(UsageError, match="cannot draw at the size 100x100"):
        panel_pixels(1, SQUARE, (100, 100))
    with pytest.raises(UnknownNameError, match="unknown theme 'drak'"):
        basins_figure(several(1), theme="drak")

"""The swarm: readable everywhere, dots where the runs are, counts that add up, a small file."""

import itertools
import json
from dataclasses import replace

import numpy as np
import pytest
from matplotlib.image import BboxImage
from PIL import Image

from optviz import writers
from optviz.errors import UnknownNameError, UsageError
from optviz.figures import swarm_dots
from optviz.figures.engine.animation import Animation
from optviz.figures.engine.minimizer_colours import minimizer_colours
from optviz.figures.engine.theme import rgb
from optviz.figures.engine.wording import percent
from optviz.figures.swarm import swarm_animation, swarm_figure
from optviz.figures.swarm_dots import Dots
from optviz.figures.swarm_story import LONGEST, Story
from tests.figures.swarm_results import MINIMIZERS, VIEW, landscape, swarm
from tests.pictures import assert_readable, boxes, image, words

SMALL, USUAL = (480, 360), (800, 600)
FOUR = ("sgd", "momentum", "adam", "adagrad")
TROUBLE = {"diverged": 20, "lost": 10, "nowhere": 30}
MANY = np.stack([np.linspace(-1.9, 1.9, 15), np.linspace(-0.9, 2.9, 15)], axis=-1)
CASES = {
    "one": swarm(),
    "two": swarm(FOUR[:2]),
    "three": swarm(FOUR[:3], **TROUBLE),
    "four": swarm(FOUR),
    "trouble": swarm(**TROUBLE),
    "all diverged": swarm(diverged=144),
    "no step": swarm(steps=0),
    "one step": swarm(("sgd", "adam"), steps=1),
    "long": swarm(("adam",), steps=100_000, moments=[0, 1, 2, 5, 1000, 100_000]),
    "one start": swarm(side=1),
    "no minimizer": swarm(ground=landscape(minimizers=np.empty((0, 2))), nowhere=144),
    "fifteen minimizers": swarm(FOUR, ground=landscape(local=8, minimizers=MANY)),
}


def moment(case, frame, size=USUAL, theme="dark"):
    """A frame of an animation as a page of artists."""
    return swarm_animation(CASES[case], size, theme).page(frame)


def map_of(page, index=0):
    """(side, side, 3): a map as it is drawn."""
    left, top, right, bottom = page.find(f"map {index}").box
    return image(page)[top:bottom, left:right]


SHOWN = [(case, size, "dark") for case in CASES for size in (SMALL, USUAL)]
SHOWN += [(case, size, "light") for case in ("three", "trouble") for size in ((480, 1000), (640, 480), (1920, 1080))]


@pytest.mark.thin(5)
@pytest.mark.parametrize(("case", "size", "theme"), SHOWN, ids=str)
def test_every_word_is_on_the_page_and_touches_no_other(case, size, theme):
    last = Story(CASES[case]).frames - 1
    assert_readable(moment(case, last, size, theme))
    assert_readable(swarm_figure(CASES[case], size, theme))


@pytest.mark.thin(2)
@pytest.mark.parametrize("case", ["trouble", "three"])
def test_maps_stay_clear_of_words_and_of_each_other(case):
    one = CASES[case]
    count, still = {"trouble": (1, 4), "three": (3, 3)}[case]
    for size in (SMALL, USUAL, (480, 1000), (1920, 1080)):
        for page, maps in ((swarm_animation(one, size).page(), count), (swarm_figure(one, size), still)):
            spots = [page.find(f"map {index}").box for index in range(maps)]
            for (a, b, c, d), (e, f, g, h) in itertools.combinations(spots, 2):
                assert c <= e or g <= a or d <= f or h <= b
            for word, (left, upper, right, lower) in itertools.product(boxes(page), spots):
                across = min(word.right, right) - max(word.left, left)
                assert across <= 0.5 or min(word.bottom, lower) - max(word.top, upper) <= 0.5, word.text


def test_what_makes_the_picture_credible_is_said():
    for case in ("one", "four"):
        one = CASES[case]
        said = " ".join(words(moment(case, 0)))
        for part in (
            "144 starts",
            "largest share of 256 starts that arrives",
            "tolerance 0.0001",
            "seed 3",
            "lr 0.0125",
            "/ 40",
        ):
            assert part in said, part
        for flock in one.runs:
            assert flock.contender.title in said
        for page in (swarm_figure(one), swarm_animation(one)):
            facts = json.loads(page.comment)
            assert page.comment.isascii() and facts["provenance"] == one.provenance() and facts["steps"] == 40
            assert [kind["optimizer"] for kind in facts["optimizers"]] == [f.contender.optimizer for f in one.runs]


def test_one_start_is_singular_in_figures_and_tables():
    from optviz.results.batch_tables import ends_table

    one = swarm(side=1, steps=1)
    assert one.provenance().startswith("1 start · ") and swarm().provenance().startswith("144 starts · ")
    assert ends_table(one).title == "Two wells: 1 start, 1 step"
    assert ends_table(swarm()).title == "Two wells: 144 starts, 40 steps"


def test_the_key_names_each_minimizer_with_its_share_and_what_came_to_grief():
    one = CASES["trouble"]
    said = words(moment("trouble", Story(one).frames - 1))
    reached = one.runs[0].reached
    assert {"(−1, 1)", "(1, 1) local", "none by step 40", "diverged", "off the map", "where runs started"} <= {*said}
    for share in ((reached == 0).mean(), (reached == 1).mean(), 20 / 144, 10 / 144, 40 / 144):
        assert percent(share) in said
    assert not {"diverged", "off the map", "none by step 40"} & {*words(moment("one", 0))}
    assert "and 8 more" in words(moment("fifteen minimizers", 0))
    assert words(moment("three", Story(one).frames - 1)).count("20 diverged") == 3


def test_shares_that_are_not_whole_do_not_look_so():
    assert [percent(share) for share in (0, 1e-4, 0.006, 0.5, 0.994, 0.9999, 1)] == [
        "0%", "<1%", "1%", "50%", "99%", ">99%", "100%",
    ]  # fmt: skip


def test_every_kept_moment_is_a_frame_and_nothing_is_made_up_between_distant_ones():
    story = Story(swarm(moments=[0, 1, 2, 10, 40]))
    whole = story.at == np.round(story.at)
    assert story.steps[whole].tolist() == [0, 1, 2, 10, 40]
    assert story.steps[~whole].max() < 2 and (~whole).any()
    assert np.diff(story.at).min() > 0 and 1 <= round(1 / np.diff(story.at).min()) <= LONGEST
    kept, between = story.swarm.runs[0].points.astype(float), int(np.flatnonzero(~whole)[0])
    share = story.at[between]
    np.testing.assert_allclose(story.points(0, between), (1 - share) * kept[0] + share * kept[1])
    for index, frame in enumerate(np.flatnonzero(whole)):
        np.testing.assert_array_equal(story.points(0, int(frame)), kept[index])


def test_runs_are_counted_when_they_arrive_and_when_they_diverge():
    one = CASES["trouble"]
    story, flock = Story(one), one.runs[0]
    for frame in range(story.frames):
        step = int(story.steps[frame] + 1e-9)
        there = (flock.arrived >= 0) & (flock.arrived <= step)
        assert story.arrived[0, frame].tolist() == [(there & (flock.reached == k)).sum() for k in (0, 1)]
        assert story.diverged[0, frame] == ((flock.diverged > 0) & (flock.diverged <= step)).sum()
    assert story.lost(0, story.frames - 1) == 10 and story.lost(0, 0) == 0


def staircase(steps, upto):
    """What a curve of all arrivals has to pass through: (step, share before, share after)."""
    at, counts = np.unique(steps[(steps >= 0) & (steps <= upto)], return_counts=True)
    after = np.cumsum(counts)
    return [*zip(at.tolist(), (after - counts).tolist(), after.tolist(), strict=True)]


def drawn_arrivals(page, frame):
    """What is drawn on the chart: strokes, in page pixels."""
    (drawn,) = page.find("arrivals").moving(frame)
    return drawn


@pytest.mark.parametrize("names", [("adam",), FOUR[:3]], ids=["areas", "lines"])
def test_the_curve_is_the_staircase_of_exact_steps_however_few_moments_were_kept(names):
    one = swarm(names, moments=[0, 20, 40], diverged=5)
    animation, frame = swarm_animation(one), int(np.argmax(Story(one).steps >= 20))
    panel, drawn = animation.find("chart"), drawn_arrivals(animation, frame)
    for flock, kept in enumerate(one.runs):
        # The top of the area of the last minimizer, or the line, is the share of all that have arrived.
        corners = drawn.paths[len(MINIMIZERS) - 1 if len(names) == 1 else flock].vertices
        for step, before, after in staircase(kept.arrived, 20):
            for count in {before, after}:
                corner = panel.to_page(np.array((step, count / 144)))
                assert np.abs(corners - corner).sum(axis=1).min() < 1e-6, (step, count)
        assert corners[:, 0].max() == panel.to_page(np.array((20.0, 0.0)))[0]
        assert len(staircase(kept.arrived, 20)) > 5


def test_a_long_swarm_has_no_more_stairs_than_pixels():
    one = swarm(steps=10**6, moments=[0, 10**6])
    steps = np.arange(144, dtype=np.int32)
    many = replace(one, runs=(replace(one.runs[0], arrived=steps, reached=steps % 2),))
    animation = swarm_animation(many)
    drawn = drawn_arrivals(animation, Story(many).frames - 1)
    assert max(len(outline.vertices) for outline in drawn.paths) < 20
    _, top, _, bottom = animation.find("chart").box
    assert drawn.paths[1].vertices[:, 1].min() == pytest.approx(top) and bottom > top


DEEP = ((-0.5, -0.5 + 1e-12), (2 - 1e-12, 2.0))


@pytest.mark.thin(3)
@pytest.mark.parametrize("size", [SMALL, USUAL, (1920, 1080)], ids=str)
@pytest.mark.parametrize("view", [DEEP, (VIEW[0], DEEP[1]), ((1e6, 1e6 + 1), (-1e-7, 1e-7))], ids=str)
def test_axes_tell_one_end_from_the_other_at_every_depth(view, size):
    for names in (("adam",), FOUR[:2]):
        one = swarm(names)
        one = replace(one, landscape=replace(one.landscape, view=view))
        page = swarm_animation(one, size, "light").page(0)
        assert_readable(page)
        assert_readable(swarm_figure(one, size))
        if view is DEEP:
            said = words(page)
            single = {"x = −0.5 + n × 10⁻¹³", "y = 2 + n × 10⁻¹³"}
            both = {"x −0.49999999999950 ± 5×10⁻¹³", "y 1.99999999999950 ± 5×10⁻¹³"}
            assert (single if len(names) == 1 else both) <= {*said}, said


def test_a_usual_view_has_plain_labels():
    said = words(moment("one", 0))
    assert {"−2", "−1", "0", "1", "x", "y"} <= {*said} and not any("n ×" in text for text in said)


def test_a_still_picture_tells_the_start_the_way_and_the_end():
    story = Story(CASES["one"])
    frames = story.moments(0)
    assert frames[0] == 0 and frames[-1] == story.frames - 1 and len(frames) == 4
    titles = [f"step {int(story.steps[frame])}" for frame in frames]
    assert {*titles} <= {*words(swarm_figure(CASES["one"]))}
    one, four = (len(swarm_figure(CASES[case]).findobj(BboxImage)) for case in ("one", "four"))
    assert one == 4 == four
    assert "40" in [text for text in words(swarm_figure(CASES["four"])) if text.isdecimal()]


@pytest.mark.parametrize("theme", ["dark", "light"])
@pytest.mark.parametrize("case", ["one", "four"])
def test_the_end_shows_where_runs_started_and_their_ways_and_no_other_frame_does(case, theme):
    one, animation = CASES[case], swarm_animation(CASES[case], USUAL, theme)
    last, well = Story(one).frames - 1, [np.array(rgb(colour)) for colour in minimizer_colours(MINIMIZERS, theme)]
    panel = animation.find("map 0")
    at = panel.to_page(one.runs[0].points[0].astype(float)) - panel.box[:2]
    for frame, many in ((last, 1.0), (last - 1, 0.1)):
        picture = dotted(animation, frame)
        side = len(picture)
        near = []
        for (x, y), reached in zip(at, one.runs[0].reached, strict=True):
            if reached >= 0 and 3 < x < side - 3 and 3 < y < side - 3:
                patch = picture[int(y) - 1 : int(y) + 2, int(x) - 1 : int(x) + 2]
                near.append(np.abs(patch - well[reached]).sum(axis=2).min() < 180)
        assert (np.mean(near) > 0.9) if many == 1 else (np.mean(near) < 0.5)
    told = Story(one).told
    (ways,) = ways_of(animation.find("flock"), last)
    assert 0 < len(ways.paths) <= len(told) and not ways_of(animation.find("flock"), last - 1)
    assert any("ways of all runs" in text for text in words(swarm_figure(one, theme=theme)))


def ways_of(flock, frame):
    """The strokes on a map that are kept inside of it."""
    return [item for item in flock.moving(frame) if getattr(item, "clip", None)]


def test_a_run_that_leaves_or_diverges_has_its_way_as_far_as_it_goes():
    one, animation = CASES["trouble"], swarm_animation(CASES["trouble"])
    (ways,) = ways_of(animation.find("flock"), Story(one).frames - 1)
    assert all(np.isfinite(way.vertices).all() and np.abs(way.vertices).max() <= 4000 for way in ways.paths)
    assert ways.clip == animation.find("map 0").box


@pytest.mark.parametrize("theme", ["dark", "light"])
def test_dots_stand_where_the_runs_are_in_the_colour_of_where_they_end(theme):
    one = swarm(moments=range(41))
    story = Story(one)
    frame = int(np.argmax(story.steps >= 4))
    page = swarm_animation(one, USUAL, theme).page(frame)
    picture, panel = map_of(page), page.find("map 0")
    colours = [np.array(rgb(colour)) for colour in minimizer_colours(MINIMIZERS, theme)]
    side, away_from = len(picture), panel.to_page(MINIMIZERS) - panel.box[:2]
    for at, well in zip(panel.to_page(story.points(0, frame)) - panel.box[:2], one.runs[0].reached, strict=True):
        x, y = at
        if min(*at, side - x, side - y) < 4 or np.hypot(*(away_from - at).T).min() < 15:
            continue  # below the corners' page colour, or below a star
        patch = picture[max(0, int(y) - 1) : int(y) + 2, max(0, int(x) - 1) : int(x) + 2]
        away = [np.abs(patch - colour).sum(axis=2).min() for colour in colours]
        assert int(np.argmin(away)) == well and away[well] < 150


def dots(side=40, radius=1.5):
    colours = np.array([[255.0, 0.0, 0.0], [0.0, 0.0, 255.0]])
    return Dots(side, radius, colours, np.array([255.0, 255.0, 255.0]), np.zeros(3)), np.full(
        (side, side, 3), 60, np.uint8
    )


def test_more_dots_on_one_place_are_denser_and_never_wider():
    painter, ground = dots()
    painted = [painter.painted(ground, np.full((n, 2), 20.0), np.zeros(n, int)) for n in (1, 3, 10, 1000)]
    touched = [(picture != ground).any(axis=2) for picture in painted]
    assert all((mask == touched[0]).all() for mask in touched) and 9 <= touched[0].sum() <= 32
    red = [int(picture[20, 20, 0]) for picture in painted]
    assert 180 < red[0] < red[1] <= red[2] <= 255
    assert painted[2][20, 20, 1] < 60 < painted[3][20, 20, 1] < 200  # a crowd turns towards ink, and stays red


def test_dots_do_not_depend_on_their_order_and_leave_out_what_is_not_there():
    painter, ground = dots()
    rng = np.random.default_rng(0)
    points, kinds = rng.uniform(-5, 45, (500, 2)), rng.integers(0, 2, 500)
    order = rng.permutation(500)
    once, again = painter.painted(ground, points, kinds), painter.painted(ground, points[order], kinds[order])
    assert np.abs(once.astype(int) - again).max() <= 1
    nothing = np.array([[np.nan, np.nan], [np.inf, 3.0], [1e300, -1e300], [-100.0, 20.0]])
    np.testing.assert_array_equal(painter.painted(ground, nothing, np.zeros(4, int)), ground)
    edge = painter.painted(ground, np.array([[0.0, 0.0], [40.0, 40.0]]), np.array([0, 1]))
    assert edge[0, 0, 0] > 100 and edge[-1, -1, 2] > 100


def test_a_crowd_is_added_up_in_parts(monkeypatch):
    painter, ground = dots()
    rng = np.random.default_rng(0)
    points, kinds = rng.uniform(0, 40, (500, 2)), rng.integers(0, 2, 500)
    whole = painter.painted(ground, points, kinds)
    monkeypatch.setattr(swarm_dots, "AT_ONCE", 60)
    assert np.abs(painter.painted(ground, points, kinds).astype(int) - whole).max() <= 1


def dotted(animation, frame):
    """The first map with its dots, without what lies above them."""
    picture, *_ = animation.find("flock").moving(frame)
    return picture.pixels.astype(int)


def test_diverged_runs_vanish():
    one = swarm(diverged=144)
    started = one.runs[0].points.copy()
    started[1:] = np.nan
    kept = replace(one.runs[0], points=started)
    last = Story(one).frames - 1
    first, end = (dotted(swarm_animation(one, SMALL), frame) for frame in (0, last))
    # What is left are the faint traces of the starts, as where runs have no place after their start.
    np.testing.assert_array_equal(end, dotted(swarm_animation(replace(one, runs=(kept,)), SMALL), last))
    assert (first != end).any(axis=2).sum() > 1000
    nobody = replace(kept, points=np.full_like(started, np.nan))
    bare = dotted(swarm_animation(replace(one, runs=(nobody,)), SMALL), last)
    assert np.abs(end - bare).max() < 0.2 * 255


def test_minimizers_lie_on_top_of_the_dots():
    animation = swarm_animation(CASES["one"], USUAL)
    *_, last = animation.frames()
    x, y = animation.find("map 0").to_page(MINIMIZERS)[0]
    assert last[round(y), round(x), :3].tolist() == [*rgb(minimizer_colours(MINIMIZERS, "dark")[0])]


@pytest.mark.parametrize("case", ["trouble", "three"])
def test_frames_are_the_same_every_time_and_last_as_long_as_promised(case):
    animation = swarm_animation(CASES[case], SMALL, fps=20)
    assert isinstance(animation, Animation) and animation.size == SMALL
    once, again = ([frame.copy() for frame in animation.frames()] for _ in range(2))
    assert len(once) == Story(CASES[case]).frames == len(animation.durations)
    assert all((a == b).all() for a, b in zip(once, again, strict=True))
    assert animation.durations[0] == 600 and animation.durations[-1] == 2600 and set(animation.durations[1:-1]) == {50}
    assert [frame.shape for frame in animation.keyframes()] == [(360, 480, 4)] * 5
    assert all((frame[..., 3] == 255).all() for frame in once)
    assert (once[0][:40, :200] == once[-1][:40, :200]).all()


def test_steps_are_counted_to_the_end():
    one, animation = CASES["four"], swarm_animation(CASES["four"])
    shown = []
    for frame in range(Story(one).frames):
        largest = max(boxes(animation.page(frame)), key=lambda word: (word.text.isdecimal(), word.size))
        shown.append(int(largest.text))
    assert shown == sorted(shown) and shown[0] == 0 and shown[-1] == 40
    assert {*shown} == {*one.moments.tolist()}


def test_a_player_shows_what_the_page_shows():
    case = CASES["four"]
    *_, moving = swarm_animation(case, USUAL).frames()
    difference = np.abs(image(swarm_figure(case, USUAL)) - moving[..., :3].astype(int)).max(axis=2)
    assert (difference > 40).mean() < 0.002  # glyphs are placed to a quarter of a pixel


def test_bad_input_is_refused():
    for draw in (swarm_animation, swarm_figure):
        with pytest.raises(UsageError, match="10x10"):
            draw(CASES["one"], (10, 10))
        with pytest.raises(UnknownNameError, match="drak"):
            draw(CASES["one"], theme="drak")
    with pytest.raises(UsageError, match="fps"):
        swarm_animation(CASES["one"], fps=90)
    crowd = replace(CASES["one"], runs=CASES["one"].runs * 60)
    with pytest.raises(UsageError, match="60 maps do not fit into 480x360") as caught:
        swarm_animation(crowd, SMALL)
    assert "fewer optimizers" in caught.value.remedy


def test_vector_files_hold_dots_as_images_and_stay_small(tmp_path):
    page = swarm_figure(swarm(side=56))
    for ending, most in (("svg", 700_000), ("pdf", 700_000)):
        writers.write(tmp_path / f"swarm.{ending}", page, page.comment)
        assert (tmp_path / f"swarm.{ending}").stat().st_size < most
    assert (tmp_path / "swarm.svg").read_text().count("<image") == 4


@pytest.mark.slow
def test_the_gif_is_small_and_faithful(tmp_path):
    animation = swarm_animation(swarm(side=56, steps=300, moments=[*range(60), *range(60, 301, 6)]))
    writers.write(tmp_path / "swarm.gif", animation)
    assert (tmp_path / "swarm.gif").stat().st_size < 3_000_000
    *_, last = animation.frames()
    with Image.open(tmp_path / "swarm.gif") as image:
        total = 0
        for index in range(image.n_frames):
            image.seek(index)
            total += image.info["duration"]
        decoded = np.asarray(image.convert("RGB")).astype(float)
    assert total == sum(animation.durations)
    error = ((decoded - last[..., :3]) ** 2).mean()
    assert 10 * np.log10(255**2 / error) >= 40

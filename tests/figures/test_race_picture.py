"""The race picture by its meaning: what is drawn is where it should be, readable, and the run's own."""

import itertools
import json
import subprocess
import sys
import warnings
from dataclasses import replace

import numpy as np
import pytest

from optviz.errors import UnknownNameError, UsageError
from optviz.figures.convergence import convergence_figure
from optviz.figures.engine import theme as themes
from optviz.figures.engine.animation import delay
from optviz.figures.engine.timeline import schedule
from optviz.figures.race import race_animation, race_figure
from tests.figures.races import SEVEN, START, TWENTY, calm, descent, landscape, race, trajectory, wild
from tests.pictures import assert_readable, boxes, image, words

SMALL, USUAL = (480, 360), (800, 600)
LONG = [*SEVEN[:4], "rmsprop_with_momentum_and_centering_by_the_mean"]

CALM = calm(steps=60)


SHAPES = [*((size, "dark") for size in (SMALL, (640, 480), USUAL, (480, 1080), (1920, 1080))), (USUAL, "light")]


@pytest.mark.thin(6)
@pytest.mark.parametrize(("size", "theme"), SHAPES, ids=str)
@pytest.mark.parametrize("names", [["adam"], SEVEN, TWENTY[:8], TWENTY, LONG], ids=lambda names: str(len(names)))
def test_no_text_over_text_and_none_cut_off(names, size, theme):
    assert_readable(race_animation(calm(names, steps=12), size, theme, frames=12).page(11))


@pytest.mark.parametrize("size", [SMALL, USUAL], ids=str)
def test_every_moment_of_a_race_with_a_diverging_run_is_readable(size):
    animation = race_animation(wild(), size, frames=20)
    for frame in (0, 5, 12, 19):
        assert_readable(animation.page(frame))


def test_long_titles_and_formulas_are_wrapped_or_shortened():
    ground = replace(
        landscape(),
        title="The exceedingly long name of a test function that somebody registered in a notebook",
        formula="f(x, y) = " + " + ".join(f"a{k} (x − {k}) (y + {k})²" for k in range(14)),
    )
    for size in (SMALL, USUAL):
        assert_readable(race_figure(race([descent("sgd", 0.1)], ground), size, "light"))


@pytest.mark.parametrize("names", [["adam"], SEVEN, TWENTY], ids=len)
def test_every_optimizer_has_a_row_with_its_rate(names):
    entrants = calm(names, steps=12)
    said = words(race_figure(entrants, USUAL))
    for run in entrants.trajectories:
        assert said.count(run.title) == 1
    rates = [word.removeprefix("lr ") for word in said if word.removeprefix("lr ")[:2] in ("0.", "1×", "1.")]
    assert len(rates) >= len(names)


def test_rows_that_do_not_fit_are_counted():
    said = words(race_figure(calm(TWENTY, steps=12), SMALL))
    shown = sum(run.title in said for run in calm(TWENTY, steps=12).trajectories)
    assert f"and {20 - shown} more" in said


def test_the_provenance_is_shown_word_for_word_and_kept_in_the_comment():
    entrants = calm()
    for size in (SMALL, USUAL):
        figure = race_figure(entrants, size)
        said = " ".join(word.text for word in sorted(boxes(figure), key=lambda word: word.top))
        for part in entrants.provenance().split(" · "):
            assert part in said
    facts = json.loads(figure.comment)
    assert figure.comment.isascii()
    assert facts["provenance"] == entrants.provenance()
    assert facts["start"] == [*START] and facts["steps"] == 40 and facts["seed"] == 3
    assert [run["hyperparameters"]["lr"] for run in facts["runs"]] == [
        run.hyperparameters["lr"] for run in entrants.trajectories
    ]
    assert race_animation(entrants, frames=2).comment == figure.comment


def test_trails_pass_through_the_iterates():
    points = [START, (-0.9, -1.1), (0.2, 1.3), (1.5, 0.4), (1.0, -1.5)]
    run = trajectory("momentum", points, [5, 4, 3, 2, 1])
    page = race_figure(race([run]))
    pixels, colour = image(page), np.array(themes.rgb(themes.DARK.optimizers["momentum"]))
    for x, y in page.find("map").to_page(np.array(points[1:-1])):
        around = pixels[round(y) - 1 : round(y) + 2, round(x) - 1 : round(x) + 2]
        assert np.abs(around - colour).max(axis=2).min() < 60


def test_heads_are_where_the_optimizers_are_and_lone_heads_are_not_moved():
    run = trajectory("adam", [START, (0.5, 0.5), (-1.5, -1.5)], [3, 2, 1])
    page = race_figure(race([run, trajectory("sgd", [START, (-1, 0), (1.5, 1.5)], [3, 2, 2])]))
    at = page.find("map").to_page(run.points)[-1]
    assert np.allclose(page.find("heads").shown[-1, 0], at)
    x, y = at.round().astype(int)
    assert np.abs(image(page)[y, x] - themes.rgb(themes.DARK.optimizers["adam"])).max() < 12


def test_heads_at_one_place_are_all_seen_around_the_star():
    ends = [trajectory(name, [START, (1.0, -0.5)], [5, 0]) for name in SEVEN]
    page = race_figure(race(ends))
    heads = page.find("heads").shown[-1]
    star = page.find("map").to_page(np.array((1.0, -0.5)))
    apart = [np.hypot(*(a - b)) for a, b in itertools.combinations(heads, 2)]
    assert min(apart) > 9 and np.hypot(*(heads - star).T).min() > 12 and np.hypot(*(heads - star).T).max() < 30


def test_a_head_off_the_map_becomes_an_arrow_on_its_border():
    run = trajectory("adam", [START, (50.0, 0.3)], [3, 900])
    page = race_figure(race([run]))
    heads, (_, _, right, _) = page.find("heads"), page.find("map").box
    assert heads.off[-1, 0] and np.allclose(heads.direction[-1, 0], (1, 0), atol=0.1)
    assert right - 30 < heads.shown[-1, 0, 0] < right - 15
    assert not any(text.endswith("diverged") for text in words(page))


def test_divergence_is_said_on_the_map_and_in_the_row():
    entrants = wild()
    step = entrants.trajectories[0].diverged_at
    animation = race_animation(entrants, frames=30)
    page = animation.page()
    assert {f"Sgd diverged at step {step}", "diverged", f"at step {step}"} <= {*words(page)}
    before = int(np.flatnonzero(schedule(30, entrants.steps) < step)[-1])
    assert f"Sgd diverged at step {step}" not in words(animation.page(before))
    (left, top, right, bottom), (badge, *_) = page.find("map").box, page.find("heads").badges
    assert left < badge.box[0] and badge.box[2] < right and top < badge.box[1] and badge.box[3] < bottom


ODD = [np.inf, 1e300, -1e300, 0.0]
BAD = {
    "nan": [(np.nan, np.nan)],
    "infinite": [(np.inf, -np.inf)],
    "huge": [(1e300, 1e300)],
    "half": [(np.nan, 0.0)],
}


@pytest.mark.thin(3)
@pytest.mark.parametrize(("point", "value"), [*((point, np.nan) for point in BAD), *(("huge", v) for v in ODD)])
def test_what_is_not_a_number_is_drawn_with_finite_axes(point, value):
    broken = trajectory("sgd", [START, (0, 0), *BAD[point] * 3], [5, 4, *[value] * 3], diverged_at=2)
    odd = trajectory("adam", [START, (0, 0), (0.5, 0), (0.6, 0), (0.7, 0)], [5, 4, value, value, 3])
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for draw in (race_figure, convergence_figure):
            assert image(draw(race([broken, odd]), SMALL)).std() > 10
        *_, last = race_animation(race([broken, odd]), SMALL, frames=4).frames()


@pytest.mark.parametrize("steps", [0, 1])
def test_runs_without_steps_are_drawn(steps):
    for names in (["sgd"], SEVEN):
        entrants = calm(names, steps=steps)
        assert_readable(race_figure(entrants))
        assert_readable(convergence_figure(entrants))
        assert len(list(race_animation(entrants, SMALL, frames=3).frames())) == 3


def test_a_start_on_the_minimum_is_drawn():
    entrants = race([trajectory(name, [(1.0, -0.5)] * 4, [0] * 4) for name in SEVEN], start=(1.0, -0.5))
    assert_readable(race_figure(entrants))


@pytest.mark.thin(2)
@pytest.mark.parametrize(
    ("entrants", "size", "theme"), [(CALM, SMALL, "light"), (wild(), USUAL, "dark")], ids=["calm", "wild"]
)
def test_the_still_picture_is_the_last_frame(entrants, size, theme):
    page = race_figure(entrants, size, theme)
    *_, last = race_animation(entrants, size, theme).frames()
    difference = np.abs(image(page) - last[..., :3]).max(axis=2)
    left, top, right, bottom = page.find("map").box
    on_map = difference[top:bottom, left:right]
    assert on_map.max() <= (1 if entrants is CALM else 24)  # the other has a badge with text on its map
    assert difference.max() <= 24  # glyphs are placed to a quarter of a pixel
    assert (difference > 8).mean() < 0.01


def test_frames_are_live_views_and_the_same_every_time():
    animation = race_animation(wild(), SMALL, frames=12)
    first = [frame.copy() for frame in animation.frames()]
    second = [frame.copy() for frame in animation.frames()]
    third = [frame.copy() for frame in race_animation(wild(), SMALL, frames=12).frames()]
    assert len(first) == 12 and first[0].shape == (360, 480, 4) and first[0].dtype == np.uint8
    for one, two, three in zip(first, second, third, strict=True):
        assert (one == two).all() and (one == three).all() and (one[..., 3] == 255).all()
    views = animation.frames()
    assert next(views) is next(views)


def test_keyframes_disturb_nothing_and_hold_the_reserved_colours():
    animation = race_animation(wild(), USUAL, frames=30)
    keys = animation.keyframes()
    assert 3 <= len(keys) <= 5
    *_, last = animation.frames()
    assert np.abs(keys[-1].astype(int) - last).max(axis=2).mean() < 1
    for name in ("sgd", "momentum", "adam", "rmsprop"):
        colour = themes.rgb(themes.DARK.optimizers[name])
        assert colour in animation.reserved
        assert any((key[..., :3] == colour).all(axis=2).any() for key in keys)
    assert themes.rgb(themes.DARK.page) in animation.reserved


@pytest.mark.parametrize(("fps", "milliseconds"), [(25, 40), (30, 30), (50, 20), (10, 100), (1, 1000), (24, 40)])
def test_durations_hold_the_first_and_the_last_frame(fps, milliseconds):
    animation = race_animation(calm(["sgd"], 5), SMALL, fps=fps, frames=7)
    assert animation.durations == [600, *[milliseconds] * 5, 2600]
    assert delay(fps) == milliseconds
    assert race_animation(calm(["sgd"], 5), SMALL, frames=1).durations == [2600]


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        ({"fps": 60}, "fps is 60"),
        ({"fps": 0}, "fps is 0"),
        ({"fps": True}, "fps is True"),
        ({"frames": 0}, "frames is 0"),
        ({"frames": 2.5}, "frames is 2.5"),
        ({"size": (479, 360)}, "479x360"),
        ({"size": (800, 100_000)}, "800x100000"),
        ({"size": (800.0, 600)}, "800.0x600"),
        ({"size": (800,)}, "800"),
    ],
)
def test_what_cannot_be_drawn_is_refused(arguments, named):
    with pytest.raises(UsageError, match=named):
        race_animation(calm(["sgd"], 3), **arguments)


def test_an_unknown_theme_is_refused_everywhere():
    for draw in (race_animation, race_figure, convergence_figure):
        with pytest.raises(UnknownNameError, match="'sepia'"):
            draw(calm(["sgd"], 3), theme="sepia")


def test_the_table_follows_the_race():
    animation = race_animation(calm(), frames=41)
    titles = [run.title for run in calm().trajectories]
    listed = lambda page: [word.text for word in sorted(boxes(page), key=lambda word: word.top) if word.text in titles]
    assert listed(animation.page(0)) == titles
    final = sorted(calm().trajectories, key=lambda run: run.values[-1])
    assert listed(animation.page(40)) == [run.title for run in final]


def test_curves_that_leave_the_axis_are_marked():
    def above(run, frame):
        """Pixels of the optimizer's colour in the strip over the curve."""
        page = race_animation(race([run]), frames=3).page(frame)
        left, top, right, _ = page.find("curve").box
        strip = image(page)[top - 9 : top - 1, left:right]
        return (np.abs(strip - themes.rgb(themes.DARK.optimizers["adam"])).max(axis=2) < 12).sum()

    run = trajectory("adam", [START, (5.0, 5.0), (0.0, 0.0)], [3, 9e4, 1])
    assert above(run, 0) == 0 and above(run, 2) > 10
    assert above(trajectory("adam", [START, (1.0, 1.0)], [3, 1]), 2) == 0


def test_pictures_leave_no_trace_in_matplotlib():
    code = (
        "import sys, matplotlib; before = matplotlib.rcParams.copy()  # dict() would look up the backend\n"
        "from tests.figures.races import wild\n"
        "from optviz.figures.race import race_animation, race_figure\n"
        "list(race_animation(wild(), (480, 360), frames=2).frames()); race_figure(wild())\n"
        "assert 'matplotlib.pyplot' not in sys.modules and matplotlib.rcParams.copy() == before\n"
        "assert not any(name.startswith('numba') for name in sys.modules)\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)

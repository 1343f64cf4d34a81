"""The race on a solid surface by its meaning: what is drawn is where it should be, and readable."""

import json
import warnings
from dataclasses import replace

import numpy as np
import pytest

import optviz
from optviz.errors import UsageError
from optviz.figures.engine import theme as themes
from optviz.figures.engine.scene import HIDDEN
from optviz.figures.engine.solid import WALLS
from optviz.figures.race import race_animation, race_figure
from tests.figures.races import SEVEN, START, TWENTY, calm, descent, landscape, race, trajectory, wild
from tests.figures.surfaces import VIEWS, values
from tests.pictures import assert_readable, boxes, image, words

SMALL, USUAL = (480, 360), (800, 600)
AWAY = {"view": "3d", "camera": (-60, 46, 0.5)}


def on(name, runs, **more):
    """A race on one of the landscapes that hide something."""
    ground = replace(landscape(), values=values(name), bounds=VIEWS[name], view=VIEWS[name], **more)
    return race(runs, ground)


def pixels(animation):
    return [frame.copy() for frame in animation.frames()]


SHAPES = [(SMALL, "dark"), (USUAL, "dark"), (USUAL, "light"), ((480, 1080), "dark"), ((1600, 1200), "light")]


@pytest.mark.thin(20)
@pytest.mark.parametrize(("size", "theme"), SHAPES, ids=str)
@pytest.mark.parametrize("names", [["adam"], SEVEN, TWENTY], ids=len)
@pytest.mark.parametrize("camera", [None, (-91, 30, 0.9), (-45, 46, 0.3), (-170, 80, 0.2), (100, 20, 1.5)], ids=str)
def test_no_text_over_text_and_none_cut_off(names, size, theme, camera):
    page = race_figure(calm(names, steps=12), size, theme, view="3d", camera=camera)
    said = [word.text for word in assert_readable(page)]
    assert {"x", "y"} <= {*said} and any("heights are levels" in text for text in said)


def test_both_axes_have_labels_along_the_lower_edges():
    page = race_figure(calm(), **AWAY)
    scene = page.find("map")
    corner = scene.lens.page(scene.camera.seen(np.array([[1.0, 0.0]]), scene.camera.base))[0]
    found = [word for word in boxes(page) if word.text in ("−1", "0", "1") and word.left < scene.box[2]]
    left = [word for word in found if word.right < corner[0]]
    assert {word.text for word in left} == {word.text for word in found if word not in left} == {"−1", "0", "1"}
    # x grows towards the nearest corner and y away from it: both to the right.
    assert [word.text for word in sorted(found, key=lambda word: word.left)] == ["−1", "0", "1"] * 2


def test_the_rest_of_the_picture_is_that_of_the_map():
    flat, solid = (race_figure(calm(), USUAL, view=view) for view in ("2d", "3d"))
    for name in ("header", "progress"):
        assert flat.find(name).box[::2] == solid.find(name).box[::2], name
    assert solid.find("curve").box[2] == flat.find("curve").box[2] and solid.find("map").size[0] > 0.9 * 440
    said = {*words(flat)} - {*words(solid)}
    assert {text for text in said if any(char.isalpha() for char in text)} == set()
    facts = json.loads(solid.comment)
    assert facts["view"] == "3d" and len(facts.pop("camera")) == 3 and facts.pop("view")
    assert facts == json.loads(flat.comment)


def test_trails_pass_through_the_iterates_and_lie_on_the_surface():
    points = [START, (-0.9, -1.1), (0.2, 1.3), (1.5, 0.4), (0.0, 0.0)]
    run = trajectory("momentum", points, [5, 4, 3, 2, 1])
    page = race_figure(race([run]), view="3d", camera=(-60, 70, 0.3))
    scene, drawn = page.find("map"), image(page)
    colour = np.array(themes.rgb(themes.DARK.optimizers["momentum"]))
    (trail,) = page.find("paths").trails
    for x, y in scene.to_page(np.array(points[1:-1])):
        around = drawn[round(y) - 1 : round(y) + 2, round(x) - 1 : round(x) + 2]
        assert np.abs(around - colour).max(axis=2).min() < 90
    # Each piece is short, and both its ends are on the ground below the straight line between two iterates.
    course = trail.course
    assert np.hypot(*(course.ends - course.starts).T).max() < 0.04 * scene.lens.scale
    share = (course.begin - course.step)[:, None]
    start, stop = np.array(points)[course.step], np.array(points)[course.step + 1]
    np.testing.assert_allclose(course.starts, scene.to_page(start + share * (stop - start)), atol=0.05)


def test_minima_the_start_and_heads_stand_where_they_are():
    page = race_figure(calm(["adam"]), **AWAY)
    scene, heads = page.find("map"), page.find("heads")
    ink, drawn = np.array(themes.rgb(themes.DARK.ink)), image(page)
    x, y = np.round(scene.to_page(np.array([[1.0, -0.5]]))[0]).astype(int)
    assert np.abs(drawn[y, x] - ink).max() < 12
    run = calm(["adam"]).trajectories[0]
    np.testing.assert_allclose(heads.shown[-1, 0], scene.to_page(run.points[-1:])[0], atol=1e-6)


def test_what_something_hides_is_pale():
    """Across the pits of Rastrigin's function, seen from low down."""
    path = np.stack([np.linspace(-1.8, 2.8, 60), np.linspace(-2.8, 1.8, 60)], axis=1)
    page = race_figure(on("rastrigin", [trajectory("adam", path, np.ones(60))]), view="3d", camera=(-60, 46, 0.95))
    (trail,) = page.find("paths").trails
    hidden = trail.course.ink < 1
    assert 0.2 < hidden.mean() < 0.9 and {*trail.course.ink} == {HIDDEN, 1.0}
    assert np.median(trail.opacity[hidden]) == pytest.approx(HIDDEN * np.median(trail.opacity[~hidden]), rel=0.3)
    casings, _ = trail.strokes(0, 59)
    assert min(colour[3] for _, colour, _ in casings) < 0.5 * max(colour[3] for _, colour, _ in casings)
    flat = race_figure(on("rastrigin", [trajectory("adam", path, np.ones(60))])).find("paths").trails[0]
    assert (flat.course.ink == 1).all()


def test_a_head_off_the_block_stands_on_its_rim_with_an_arrow_outwards():
    run = trajectory("adam", [START, (50.0, 0.0)], [3, 900])
    page = race_figure(race([run]), **AWAY)
    heads, scene = page.find("heads"), page.find("map")
    rim, inner = scene.to_page(np.array([[2.0, 0.0], [1.0, 0.0]]))
    flat = (np.array([1.0, 0.0]) @ scene.camera.right, (1.0 * scene.camera.towards[0]) * scene.camera.rise[0])
    assert heads.off[-1, 0] and np.hypot(*(heads.shown[-1, 0] - rim)) < 8
    np.testing.assert_allclose(heads.direction[-1, 0], flat / np.hypot(*flat), atol=0.05)
    left = scene.to_page(np.array([2.0, START[1] * (1 - (2.0 - START[0]) / (50.0 - START[0]))]))
    assert page.find("paths").trails[0].ends[-1] == pytest.approx(left, abs=0.5) and inner[0] < rim[0]


def test_divergence_is_said_beside_the_block():
    entrants = wild()
    step = entrants.trajectories[0].diverged_at
    page = race_figure(entrants, view="3d")
    assert {f"Sgd diverged at step {step}", "diverged", f"at step {step}"} <= {*words(page)}
    (left, top, right, bottom), (badge, *_) = page.find("map").box, page.find("heads").badges
    assert left < badge.box[0] and badge.box[2] < right and top < badge.box[1] and badge.box[3] < bottom


HOLES = landscape(80).values.copy()
HOLES[20:50, 30:60] = np.nan
ODD = {
    "flat": np.zeros((80, 80)),
    "holes": HOLES,
    "nan": np.full((80, 80), np.nan),
    "huge": np.full((80, 80), 1e300),
    "infinite": np.where(np.eye(80) > 0, np.inf, 1.0),
    "one cell": np.ones((1, 1)),
}


@pytest.mark.parametrize("theme", ["dark", "light"])
@pytest.mark.parametrize("name", ODD)
def test_any_landscape_is_drawn(name, theme):
    ground = replace(landscape(), values=ODD[name])
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert_readable(race_figure(race([descent("sgd", 0.1), descent("adam", 0.7)], ground), SMALL, theme, view="3d"))


@pytest.mark.parametrize("point", [(np.nan, np.nan), (np.inf, -np.inf), (1e300, 1e300), (np.nan, 0.0), (3e5, 1.0)])
def test_what_is_not_a_number_is_drawn(point):
    run = trajectory("sgd", [START, (0, 0), *[point] * 3], [5, 4, *[np.nan] * 3], diverged_at=2)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        *_, last = race_animation(race([run, descent("adam", 0.1, steps=4)]), SMALL, frames=4, view="3d").frames()
    assert last.std() > 10


def test_a_view_that_is_no_square_is_drawn():
    ground = replace(landscape(), view=((-2.0, 2.0), (-200.0, 200.0)), bounds=((-2.0, 2.0), (-200.0, 200.0)))
    assert_readable(race_figure(race([descent("sgd", 0.1)], ground), view="3d"))
    narrow = replace(landscape(), view=((1.0000001, 1.0000003), (0.0, 1.0)))
    assert_readable(race_figure(race([descent("sgd", 0.1)], narrow), view="3d"))


def test_frames_are_the_same_every_time_and_the_last_is_the_still_picture():
    animation = race_animation(wild(), SMALL, frames=12, view="3d")
    first, again, other = (
        pixels(animation),
        pixels(animation),
        pixels(race_animation(wild(), SMALL, frames=12, view="3d")),
    )
    for one, two, three in zip(first, again, other, strict=True):
        assert (one == two).all() and (one == three).all()
    page = race_figure(calm(), SMALL, view="3d")
    *_, last = race_animation(calm(), SMALL, view="3d").frames()
    left, top, right, bottom = page.find("map").box
    difference = np.abs(image(page) - last[..., :3]).max(axis=2)
    assert (difference[top:bottom, left:right] > 24).mean() < 0.002


def test_the_block_stands_still_unless_it_is_turned():
    still, turning = (pixels(race_animation(calm(), SMALL, frames=6, view="3d", turn=turn)) for turn in (0.0, 20.0))
    corner = slice(60, 140), slice(20, 60)  # of the block, where nobody runs
    assert all((frame[corner] == still[0][corner]).all() for frame in still)
    assert all((one[corner] != two[corner]).any() for one, two in zip(turning, turning[1:], strict=False))
    animation = race_animation(calm(), SMALL, frames=6, view="3d", turn=20.0)
    for frame in range(6):
        assert_readable(animation.page(frame))
    assert (pixels(animation)[-1] == turning[-1]).all()


@pytest.mark.parametrize("camera", [(-60, 46, 0.5), (-85, 46, 0.5), (-95, 46, 0.5), (5, 46, 0.5)], ids=str)
def test_a_turn_shows_the_same_two_walls(camera):
    from optviz.figures.engine.style import Style
    from optviz.figures.race_stage import Stage

    stage = Stage(calm(), Style.of(USUAL, "dark"), "3d", camera, 20.0)
    seen = [stage._seen(frame, 99).azimuth for frame in range(100)]
    assert len({np.floor(azimuth / 90) for azimuth in seen}) == 1
    assert seen[-1] == camera[0] and abs(seen[0] - seen[-1]) == pytest.approx(20)
    steps = np.abs(np.diff(seen))
    assert steps[0] < 0.1 * steps.max() and steps[-1] < 0.1 * steps.max()  # slow at both ends


@pytest.mark.parametrize(
    ("asked", "problem"),
    [
        ({"view": "4d"}, "view is '4d'"),
        ({"camera": (-60, 46)}, "a camera is given"),
        ({"view": "3d", "camera": (-60, 5)}, "the camera is -60,5"),
        ({"view": "3d", "turn": 90.0}, "turn is 90.0"),
        ({"turn": 20.0}, "turn is 20.0"),
        ({"view": "3d", "turn": np.nan}, "turn is nan"),
        ({"view": "3d", "turn": "far"}, "turn is 'far'"),
    ],
)
def test_what_cannot_be_seen_is_refused(asked, problem):
    with pytest.raises(UsageError, match=problem):
        race_animation(calm(["sgd"], 3), **asked)


def test_curvature_lies_on_the_surface():
    hessian = np.array([[2.0, 0.0, 8.0]])
    ground = replace(landscape(), hessians=hessian)
    asked = race([descent("sgd", 0.1)], ground)
    plain, curved = (image(race_figure(asked, show=show, **AWAY)) for show in (None, "curvature"))
    scene = race_figure(asked, **AWAY).find("map")
    around = scene.to_page(np.array([(1.0, -0.5)]))[0]
    rows, columns = np.nonzero((plain != curved).any(axis=2)[: scene.box[3]])
    assert len(rows) and np.hypot(columns - around[0], rows - around[1]).max() < 0.12 * 2 * scene.lens.scale


def test_rates_are_shown_beside_the_block():
    assert "lr by step, both log" in words(race_figure(calm(), show="lr", view="3d"))


def test_drawing_passes_the_view_on(tmp_path):
    result = calm(steps=5)
    optviz.draw(result, tmp_path / "a.gif", tmp_path / "b.svg", frames=3, size=SMALL, **AWAY)
    optviz.draw(result, tmp_path / "c.gif", frames=3, size=SMALL, **AWAY)
    assert (tmp_path / "a.gif").read_bytes() == (tmp_path / "c.gif").read_bytes()
    assert '"camera": [-60.0, 46.0, 0.5]' in json.dumps(json.loads(optviz.figure(result, **AWAY).comment))
    assert words(optviz.figure(result, picture="convergence", **AWAY)) == words(
        optviz.figure(result, picture="convergence")
    )
    for view, problem in (("3d", "a swarm has no surface"), ("flat", "view is 'flat'")):
        with pytest.raises(UsageError, match=problem):
            from tests.figures.swarm_results import swarm

            optviz.figure(swarm(), view=view)


@pytest.mark.parametrize(("ending", "turned"), [(".gif", 0.0), (".mp4", 20.0), (".WEBM", 20.0)])
def test_only_a_video_is_turned(tmp_path, monkeypatch, ending, turned):
    from optviz import drawing, writers

    made = []

    def written(path, content, comment="", **more):
        assert len([*content.frames()] if hasattr(content, "frames") else [content]) > 0

    def animated(result, **taken):
        made.append(taken)
        return race_animation(result, **taken)

    monkeypatch.setattr(drawing, "check", lambda kind, paths, **more: {paths[0]: "animation"})
    monkeypatch.setattr(writers, "write", written)
    monkeypatch.setattr("optviz.figures.race.race_animation", animated)
    optviz.draw(calm(["sgd"], 3), tmp_path / f"race{ending}", frames=2, size=SMALL, view="3d")
    optviz.draw(calm(["sgd"], 3), tmp_path / f"race{ending}", frames=2, size=SMALL)
    assert [taken.get("turn", 0.0) for taken in made] == [turned, 0.0]


@pytest.mark.parametrize("theme", [themes.DARK, themes.LIGHT], ids=lambda theme: theme.name)
def test_walls_stand_out_from_the_page(theme):
    """Both of them, and from each other: in the dark they used to vanish."""

    def light(colour):
        return float(themes.linear(np.asarray(colour, float)) @ (0.2126, 0.7152, 0.0722)) + 0.05

    table, page = themes.ramp_table(theme.ramp), light(np.array(themes.rgb(theme.page)) / 255)
    bright, dim = (light(table[round(tone * (len(table) - 1))]) for tone in WALLS[theme.name])
    for wall in (bright, dim):
        assert max(wall, page) / min(wall, page) >= 1.35
    assert bright / dim >= 1.2

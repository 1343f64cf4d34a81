"""The picture of a training plane and its animation: readable, true to the record, and the same at the end."""

import json
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from optviz import writers
from optviz.errors import UnknownNameError, UsageError
from optviz.figures.engine import theme as themes
from optviz.figures.plane import plane_animation, plane_figure
from optviz.figures.plane_time import shares
from tests.figures.planes import comparison
from tests.figures.races import SEVEN, TWENTY
from tests.pictures import assert_readable, boxes, image, words

SMALL, USUAL = (480, 360), (800, 600)
FRAMES = 200
TROUBLE = comparison(
    diverged=["sgd", "adagrad"],
    finished={"sgd": 0, "adagrad": 3, "adam": 4},
    reach={"nesterov": 20.0, "rmsprop": 2.5},
    interrupted=True,
)
CASES = {
    "one": comparison(["adam"]),
    "seven": comparison(),
    "twelve": comparison(TWENTY[:12]),
    "trouble": TROUBLE,
    "one epoch": comparison(epochs=1),
    "a thousand epochs": comparison(epochs=1000),
    "no epoch": comparison(finished=dict.fromkeys(SEVEN, 0), interrupted=True),
}


SHOWN = [(case, size, "dark") for case in CASES for size in (SMALL, USUAL)]
SHOWN += [(case, size, "light") for case in ("seven", "trouble") for size in ((480, 1000), (640, 480), (1920, 1080))]


@pytest.mark.thin(4)
@pytest.mark.parametrize(("case", "size", "theme"), SHOWN, ids=str)
def test_every_word_is_on_the_page_and_touches_no_other(case, size, theme):
    assert_readable(plane_figure(CASES[case], size, theme))


@pytest.mark.thin(4)
@pytest.mark.parametrize("frame", [0, 40, 120])
@pytest.mark.parametrize("size", [SMALL, USUAL], ids=str)
def test_every_moment_is_readable(size, frame):
    assert_readable(plane_animation(TROUBLE, size).page(frame))


def test_the_table_has_rank_accuracy_rate_loss_and_share_off_the_plane():
    one = comparison()
    found = {word.text: word.top for word in boxes(plane_figure(one))}
    titles = [path.title for path in one.plane.paths]
    assert sorted(titles, key=found.get) == titles  # made so that the first is the best
    for k, path in enumerate(one.plane.paths):
        assert f"{1 - 0.2 / 10 - 0.01 * k:.2%}" in found
        assert f"lr {0.001 * (k + 1):g} · {path.off[-1]:.0%} off plane" in found


def test_the_table_is_ranked_by_loss_before_the_first_test_and_by_accuracy_after():
    one = comparison()
    animation, titles = plane_animation(one), [path.title for path in one.plane.paths]

    def ranking(frame):
        height = {word.text: word.top for word in boxes(animation.page(frame))}
        return sorted(range(7), key=lambda index: height[titles[index]])

    before, after = (np.argsort([path.losses[look] for path in one.plane.paths]).tolist() for look in (5, 6))
    frame = round(shares(np.array(0.5), 10.0) * (FRAMES - 1)) // 10 * 10
    assert before == after == ranking(frame) != list(range(7))
    assert ranking(FRAMES - 1) == list(range(7))


def test_provenance_and_share_of_variance_are_said():
    page = plane_figure(comparison())
    said = " ".join(words(page))
    for part in ("the plane holds 87% of the variance of all paths", "2,000 images", "seed 3", "784-128-10"):
        assert part in said
    assert "no run came near" in said
    facts = json.loads(page.comment)
    assert page.comment.isascii()
    assert facts["plane"]["held"] == 0.87 and facts["plane"]["images"] == 2000 and facts["plane"]["seed"] == 3
    assert [path["optimizer"] for path in facts["plane"]["paths"]] == SEVEN
    assert plane_animation(comparison()).comment == page.comment


def test_trouble_is_said_and_not_hidden():
    found = words(plane_figure(TROUBLE))
    assert found.count("diverged") == 3  # two rows and the key
    assert {"in epoch 1", "in epoch 4", "until epoch 4", "off the map", "interrupted · epoch"} <= set(found)
    assert any("Nesterov ends" in text for text in found)


@pytest.mark.parametrize("theme", ["dark", "light"])
def test_paths_stand_where_their_points_are(theme):
    one = comparison(["momentum"])
    page = plane_figure(one, USUAL, theme)
    picture = image(page)
    colour = np.array(themes.rgb(themes.find(theme).optimizers["momentum"]))
    for x, y in page.find("map").to_page(one.plane.paths[0].points[-8:-1]):
        patch = picture[round(y) - 2 : round(y) + 3, round(x) - 2 : round(x) + 3]
        assert np.abs(patch - colour).sum(axis=2).min() < 30


def test_low_losses_have_the_pages_colour_and_places_without_a_path_are_hatched():
    one = comparison(["momentum"], resolution=21)
    page = plane_figure(one, USUAL, "light")
    picture = image(page)

    def patch(x, y):
        column, row = page.find("map").to_page(np.array([x, y])).round().astype(int)
        return picture[row - 8 : row + 9, column - 8 : column + 9]

    assert np.abs(np.diff(patch(8.0, 5.5).mean(axis=2), axis=1)).max() > 20  # lines far from the path
    assert patch(5.0, -2.0).mean() > patch(-1.0, 1.0).mean()  # lower losses are brighter in the light theme


def test_losses_that_are_not_finite_are_drawn():
    one = comparison(["sgd", "adam"])
    paths = tuple(replace(path, losses=np.where(path.epochs > 2, np.inf, path.losses)) for path in one.plane.paths)
    for ground in (np.where(np.eye(9), np.inf, one.plane.losses), np.full((9, 9), np.inf)):
        strange = replace(one, plane=replace(one.plane, losses=ground, paths=paths))
        assert_readable(plane_figure(strange))


def test_a_comparison_without_a_plane_is_refused_before_anything_is_drawn():
    for draw in (plane_figure, plane_animation):
        with pytest.raises(UsageError, match="no training plane") as caught:
            draw(replace(comparison(), plane=None))
        assert "mnist.gif" in caught.value.remedy


def test_bad_sizes_and_themes_are_refused():
    with pytest.raises(UsageError, match="10x10"):
        plane_figure(comparison(["adam"]), (10, 10))
    with pytest.raises(UnknownNameError, match="drak"):
        plane_animation(comparison(["adam"]), theme="drak")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("case", "size", "theme"),
    [("seven", SMALL, "light"), pytest.param("trouble", USUAL, "dark", marks=pytest.mark.slow)],
    ids=str,
)
def test_the_still_picture_is_the_last_frame(case, size, theme):
    page = plane_figure(CASES[case], size, theme)
    still = image(page)
    *_, last = plane_animation(CASES[case], size, theme).frames()
    difference = np.abs(still - last[..., :3]).max(axis=2)
    left, top, right, bottom = page.find("map").box
    assert difference[top:bottom, left:right].max() <= 1
    assert difference.max() <= 24  # glyphs are placed to a quarter of a pixel
    assert (difference > 8).mean() < 0.05  # letters of a ground are put together from masks


@pytest.mark.slow
def test_frames_are_the_same_every_time_and_keep_what_was_drawn():
    animation = plane_animation(CASES["seven"], SMALL)
    once, again = ([frame.copy() for frame in animation.frames()] for _ in range(2))
    assert len(once) == FRAMES == len(animation.durations)
    assert all((a == b).all() for a, b in zip(once, again, strict=True))
    assert animation.durations[0] == 600 and animation.durations[-1] == 2600 and set(animation.durations[1:-1]) == {40}
    assert [frame.shape for frame in animation.keyframes()] == [(360, 480, 4)] * 5
    # Headings stand still: what is written once is not written over itself.
    heading = np.abs(once[0].astype(int) - once[-1])[:60, :300]
    assert heading.max() == 0


def test_epochs_are_counted_and_the_end_is_reached():
    header = plane_animation(comparison()).find("header")
    shown = [int(label.text) for frame in range(FRAMES) for label in header.moving(frame)]
    assert len(shown) == FRAMES
    assert shown == sorted(shown) and set(shown) == set(range(11))
    assert shown[0] == 0 and shown[-1] == 10


SLOW = [pytest.param(case, marks=pytest.mark.slow) for case in ("seven", "trouble", "a thousand epochs")]


@pytest.mark.parametrize("case", ["no epoch", *SLOW])
def test_the_gif_is_small_and_faithful(case, tmp_path):
    animation = plane_animation(CASES[case], USUAL)
    writers.write(tmp_path / "plane.gif", animation)
    assert (tmp_path / "plane.gif").stat().st_size < 2_000_000
    *_, last = animation.frames()
    with Image.open(tmp_path / "plane.gif") as image:
        total = 0
        for index in range(image.n_frames):
            image.seek(index)
            total += image.info["duration"]
        decoded = np.asarray(image.convert("RGB")).astype(float)
    assert total == sum(animation.durations)
    error = ((decoded - last[..., :3]) ** 2).mean()
    assert 10 * np.log10(255**2 / error) >= 45

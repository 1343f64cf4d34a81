"""Pictures of a study: curves where the shares are, the order with its bars, cells that say what they hold."""

import json

import numpy as np
import pytest

from optviz import writers
from optviz.errors import UnknownNameError, UsageError
from optviz.figures.engine import theme as themes
from optviz.figures.engine.contrast import readable
from optviz.figures.study import functions_figure, study_figure
from optviz.figures.study_curves import lifts
from optviz.figures.study_matrix import shades
from optviz.figures.study_order import lanes, share, steps_in_short
from optviz.results import load, save
from optviz.results.study_steps import profile
from tests.pictures import SIZES, assert_readable, boxes, image, words
from tests.studies import FUNCTIONS, OPTIMIZERS, made_of, study

FIGURES = {"study": study_figure, "functions": functions_figure}
MANY = (*OPTIMIZERS, *(f"another optimizer, number {k}" for k in range(8)))
CASES = {
    "seven": study(starts=20),
    "twelve": study(tuple(OPTIMIZERS), starts=20),
    "many": study(MANY, (*FUNCTIONS, *(f"a function with a very long name, number {k}" for k in range(14))), starts=4),
    "one": study(("adam",), ("sphere",), starts=1, steps=20),
    "two": made_of([[[[3]], [[50_000]]]], steps=100_000, targets=[1e-8]),
    "single step": made_of([[[[1]], [[0]]]], steps=1),
    "nothing reached": made_of(-np.ones((3, 2, 2, 4)), diverged=np.full((3, 2, 4), 7, np.int32)),
    "all the same": made_of(np.full((3, 4, 2, 4), 9)),
    "no rates": made_of(np.full((2, 2, 1, 2), 9), rates=np.full((2, 2), np.nan), noise="gaussian:0.1"),
}
CELLS = {1.0: (141, 186, 148), 0.75: (168, 202, 173), 0.0: (250, 251, 252)}  # light: from the panel towards green
SHOWN = [(case, (1000, 720), "light") for case in CASES]
SHOWN += [(case, size, "dark") for case in ("seven", "twelve", "many") for size in SIZES]


def places(page, text):
    """The middle of each place where a text stands."""
    return [middle(word) for word in boxes(page) if word.text == text]


def middles(page):
    """The middle of each text on the page; of a text that is there twice, the first."""
    return {word.text: middle(word) for word in reversed(boxes(page))}


def middle(word):
    return (word.left + word.right) / 2, (word.top + word.bottom) / 2


@pytest.mark.thin(5)
@pytest.mark.parametrize("name", FIGURES)
@pytest.mark.parametrize(("case", "size", "theme"), SHOWN, ids=str)
def test_every_word_is_on_the_page_and_touches_no_other(name, case, size, theme):
    page = FIGURES[name](CASES[case], size, theme)
    assert_readable(page)
    facts = json.loads(page.comment)
    assert facts["provenance"] == CASES[case].provenance() and page.comment.isascii()
    assert [one["optimizer"] for one in facts["optimizers"]] == [
        row.contender.optimizer for row in CASES[case].overall()
    ]


def test_the_table_is_in_the_order_of_the_areas():
    page, rows = study_figure(CASES["twelve"]), CASES["twelve"].overall()
    at, said = middles(page), words(page)
    titles = [row.contender.title for row in rows if row.contender.title in at]
    assert len(titles) == 11 and sorted(titles, key=lambda title: at[title][1]) == titles
    assert [f"{row.area:.3f}" for row in rows if f"{row.area:.3f}" not in said] == []
    assert "place" in said and f"{rows[0].place[0]}–{rows[0].place[1]}" in said


def bars(page, rows, colours):
    """For each pair of neighbouring rows how many bars cross the line between them."""
    at, pixels = middles(page), image(page)
    ink = np.array(themes.rgb(colours.muted))
    counts = []
    for one, other in zip(rows, rows[1:], strict=False):
        y = round((at[one.contender.title][1] + at[other.contender.title][1]) / 2)
        line = pixels[y, round(at["place"][0]) - 60 : round(at["place"][0]) - 8]
        drawn = np.abs(line - ink).sum(axis=1) < 12
        counts.append(int((np.diff(drawn.astype(int), prepend=0) == 1).sum()))
    return counts


def test_bars_join_what_cannot_be_told_apart():
    """Two that are alike, two others that are alike, and one behind."""
    luck = np.random.default_rng(1).permutation(np.arange(8))
    reached = np.stack([10 + luck, 10 + luck[::-1], 40 + luck, 40 + luck[::-1], np.full(8, 90)], axis=1)
    one = made_of(reached[:, :, None, None], optimizers=["sgd", "adam", "lion", "adamw", "nadam"])
    rows = one.overall()
    assert [row.place for row in rows] == [(1, 2), (1, 2), (3, 4), (3, 4), (5, 5)]
    assert bars(study_figure(one, theme="light"), rows, themes.LIGHT) == [1, 0, 1, 0]


def test_bars_that_would_touch_stand_side_by_side():
    assert lanes([(0, 1, 2), (2, 3), (4, 5)]) == [0, 1, 0]
    assert lanes([(0, 1), (0, 3), (2, 3)]) == [0, 1, 0]
    assert lanes([]) == []


def near(pixels, point, optimizer):
    """How far the most similar pixel within 2 px is from an optimizer's colour."""
    x, y = round(point[0]), round(point[1])
    colour = np.array(themes.rgb(themes.LIGHT.optimizers[optimizer]))
    return np.abs(pixels[y - 2 : y + 3, x - 2 : x + 3] - colour).sum(axis=2).min()


def test_a_curve_stands_where_its_share_is():
    page = study_figure(made_of(np.array([[[[2, 4, 30, -1]], [[50, 60, -1, -1]]]]), 100), theme="light")
    panel, pixels = page.find("targets"), image(page)
    for step, sgd, momentum in ((3, 0.25, 0.0), (10, 0.5, 0.0), (40, 0.75, 0.0), (55, 0.75, 0.25), (90, 0.75, 0.5)):
        assert near(pixels, panel.to_page(np.array([step, sgd])), "sgd") < 30
        assert near(pixels, panel.to_page(np.array([step, momentum])), "momentum") < 30


def test_lines_of_equal_shares_lie_above_each_other_and_never_fall():
    together = np.array([[0, 1, 1, 1, 3], [0, 1, 2, 2, 3], [0, 0, 1, 2, 2]])
    assert lifts(together).tolist() == [[2, 1, 1, 1, 1], [1, 0, 0, 1, 0], [0, 0, 0, 0, 0]]
    shares = np.sort(np.random.default_rng(0).integers(0, 6, (7, 40)), axis=1)
    raised = lifts(shares)
    assert (raised.max(axis=1) <= np.arange(7)[::-1]).all()
    assert (np.diff(shares + raised / 7, axis=1) >= 0).all()
    assert all(len({*column}) == 7 for column in (shares + raised / 7).T)


def test_the_profile_is_the_share_of_functions_within_a_factor():
    """Momentum is fastest on three of four functions, SGD on one; within a factor of 4 both are on all."""
    one = made_of([[[[40]], [[10]]]] * 3 + [[[[10]], [[20]]]])
    assert profile(one.reached, one.steps)[1].tolist() == [[0.25, 0.25, 1.0], [0.75, 1.0, 1.0]]
    page = study_figure(one, theme="light")
    panel, pixels = page.find("factors"), image(page)
    for factor, sgd, momentum in ((1.4, 0.25, 0.75), (3, 0.25, 1.0)):
        assert near(pixels, panel.to_page(np.array([factor, sgd])), "sgd") < 30
        assert near(pixels, panel.to_page(np.array([factor, momentum])), "momentum") < 30


def test_lines_of_the_same_share_stand_side_by_side():
    page = study_figure(CASES["all the same"], theme="light")
    x, full = np.rint(page.find("factors").to_page(np.array([2.0, 1.0]))).astype(int)
    column = image(page)[full - 20 : full + 8, x]
    for name in ("sgd", "momentum", "nesterov", "adagrad"):
        colour = np.array(themes.rgb(themes.LIGHT.optimizers[name]))
        assert np.abs(column - colour).sum(axis=1).min() < 30


def test_cells_have_the_median_or_the_share_or_what_became_of_it():
    reached = np.array([[[[12, 12, 12, 12]], [[1500] * 4]], [[[-1, -1, -1, 9]], [[-1] * 4]], [[[5] * 4], [[-1] * 4]]])
    diverged = np.zeros((3, 2, 4), np.int32)
    diverged[2, 1, :2] = 4
    one = made_of(reached, 2000, diverged=diverged)
    for draw in FIGURES.values():
        page = draw(one)
        at = middles(page)
        rows = {title: at[title][1] for title in one.function_titles}
        for text, title in (("12", "Sphere"), ("1.5k", "Sphere"), ("25%", one.function_titles[1]), ("5", "Booth")):
            assert any(abs(y - rows[title]) < 3 for _, y in places(page, text)), text
        assert abs(at["×"][1] - rows["Booth"]) < 3
        assert any(abs(y - rows[one.function_titles[1]]) < 3 for _, y in places(page, "–"))
        assert "×: half of them or more diverged" in " · ".join(words(page))


def test_the_colour_of_a_cell_is_its_share():
    page = functions_figure(made_of(np.array([[[[9] * 4]], [[[-1, 9, 9, 9]]], [[[-1] * 4]]])), theme="light")
    at, pixels = middles(page), image(page)
    x = max(point[0] for point in places(page, "9")) - 20
    for name, colour in (("Sphere", CELLS[1.0]), ("Ill-conditioned quadratic", CELLS[0.75]), ("Booth", CELLS[0.0])):
        assert np.abs(pixels[round(at[name][1]), round(x)] - colour).max() <= 1


@pytest.mark.parametrize("theme", themes.THEMES.values(), ids=list(themes.THEMES))
def test_words_in_cells_can_be_read(theme):
    """WCAG 2.2, success criterion 1.4.3: a contrast of at least 4.5."""
    weights = np.array([0.2126, 0.7152, 0.0722])
    for paper in shades(np.linspace(0, 1, 41), theme):
        light, other = (
            themes.linear(np.array(colour) / 255) @ weights + 0.05
            for colour in (paper, themes.rgb(readable(paper, theme)))
        )
        assert max(light / other, other / light) >= 4.5


def test_small_pictures_leave_out_what_does_not_fit_and_its_notes():
    small, usual = words(study_figure(CASES["seven"], (480, 360))), words(study_figure(CASES["seven"]))
    assert "Sphere" in usual and "Sphere" not in small
    assert "number: median steps" in " ".join(usual) and "number: median steps" not in " ".join(small)
    assert "share of functions solved within a factor of the fastest" in usual
    many = words(functions_figure(CASES["many"], (480, 360)))
    assert [text for text in many if text.startswith("and ") and text.endswith(" more")]
    assert "number: median steps" not in " ".join(many)


def test_a_study_in_which_nothing_is_reached_says_so():
    assert "no function is solved from more than half of the starts" in words(study_figure(CASES["nothing reached"]))


def test_what_an_optimizer_is_called_stands_with_its_head():
    assert words(functions_figure(CASES["two"])).count("Momentum") == 1  # above its column
    assert words(functions_figure(CASES["many"])).count("Momentum") == 1  # in the lines of names


@pytest.mark.thin(4)
@pytest.mark.parametrize("name", FIGURES)
@pytest.mark.parametrize("ending", ["png", "svg", "pdf"])
def test_the_same_study_gives_the_same_file(name, ending, tmp_path):
    save(tmp_path / "it.npz", CASES["seven"])
    for stem, one in (("a", CASES["seven"]), ("b", load(tmp_path / "it.npz"))):
        page = FIGURES[name](one)
        writers.write(tmp_path / f"{stem}.{ending}", page, page.comment)
    assert (tmp_path / f"a.{ending}").read_bytes() == (tmp_path / f"b.{ending}").read_bytes()


@pytest.mark.parametrize("name", FIGURES)
def test_bad_sizes_and_themes_are_refused(name):
    with pytest.raises(UsageError, match="10x10"):
        FIGURES[name](CASES["one"], (10, 10))
    with pytest.raises(UnknownNameError, match="drak"):
        FIGURES[name](CASES["one"], theme="drak")


def test_numbers_in_cells_are_short_and_true():
    assert [steps_in_short(steps) for steps in (0.0, 7, 12.5, 999.0, 1000, 1234, 9949, 9960, 12_345)] == [
        "0", "7", "13", "999", "1.0k", "1.2k", "9.9k", "10k", "12k",
    ]  # fmt: skip
    assert [share(value) for value in (0.0, 0.001, 0.5, 0.999, 1.0)] == ["0%", "1%", "50%", "99%", "100%"]

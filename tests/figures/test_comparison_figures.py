"""What all pictures of a comparison have in common: readable whatever happened, repeatable, honest about nothing."""

import json

import numpy as np
import pytest

from optviz import writers
from optviz.errors import UnknownNameError, UsageError
from optviz.figures.comparison import entered
from optviz.figures.confusion import confusion_figure
from optviz.figures.engine.theme import DARK, rgb
from optviz.figures.mistakes import mistakes_figure
from optviz.figures.rates import rates_figure
from optviz.figures.targets import targets_figure
from optviz.figures.training import training_figure
from optviz.results import load, save
from tests.figures.comparisons import LONG, RUNS, SEVEN, comparison, misread, tuning
from tests.pictures import SIZES, assert_readable, image, words

FIGURES = {
    "training": training_figure,
    "rates": rates_figure,
    "targets": targets_figure,
    "confusion": confusion_figure,
    "mistakes": mistakes_figure,
}


def whole(names, seeds=1, shown=(), **changes):
    """A comparison with everything that pictures are made of."""
    filled = {"target": 0.97, "tuning": tuning(names, seeds), "rates": dict.fromkeys(names, "tuned")}
    one = comparison(names, seeds=seeds, **filled | changes)
    kept = tuple(misread(one, name) for name in shown)
    return type(one)(**{**vars(one), "mistakes": kept})


TROUBLE = {
    "sgd": {"diverged_at": 1}, "adam": {"diverged_at": 4}, "adagrad": {"finished": 6}, "adadelta": {"finished": 0},
}  # fmt: skip
CASES = {
    "one": whole(["adam"], shown=["adam"]),
    "two": whole(["adam", "rmsprop_centered"], seeds=5, shown=["adam", "rmsprop_centered"]),
    "seven": whole(SEVEN, shown=["adam", "adadelta"]),
    "twelve": whole([*RUNS], seeds=5, shown=["adamw", "adadelta"], network="cnn", architecture=LONG),
    "trouble": whole(SEVEN, seeds=2, shown=["rmsprop", "adagrad"], interrupted=True, **TROUBLE),
    "all diverged": whole(["sgd", "adam"], sgd={"diverged_at": 1}, adam={"diverged_at": 1}),
    "nothing": whole(["sgd", "adam"], sgd={"finished": 0}, adam={"finished": 0}, interrupted=True),
    "no runs": whole([]),
}
# Everything at the usual size; the fullest pictures in all sizes.
SHOWN = [(case, (800, 600), "light") for case in CASES]
SHOWN += [(case, size, "dark") for case in ("twelve", "trouble") for size in SIZES]
SHOWN += [("seven", (480, 360), "dark")]


@pytest.mark.thin(7)
@pytest.mark.parametrize("name", FIGURES)
@pytest.mark.parametrize(("case", "size", "theme"), SHOWN, ids=str)
def test_every_word_is_on_the_page_and_touches_no_other(name, case, size, theme):
    page = FIGURES[name](CASES[case], size, theme)
    assert_readable(page)
    assert json.loads(page.comment)["network"] == CASES[case].network and page.comment.isascii()


@pytest.mark.thin(4)
@pytest.mark.parametrize("name", FIGURES)
@pytest.mark.parametrize("ending", ["png", "svg", "pdf"])
def test_the_same_comparison_gives_the_same_file(name, ending, tmp_path):
    written = []
    for folder in ("one", "other"):
        (tmp_path / folder).mkdir()
        page = FIGURES[name](CASES["trouble"])
        writers.write(tmp_path / folder / f"it.{ending}", page, page.comment)
        written.append((tmp_path / folder / f"it.{ending}").read_bytes())
    assert written[0] == written[1]


@pytest.mark.parametrize("name", FIGURES)
def test_a_saved_comparison_gives_the_same_picture(name, tmp_path):
    save(tmp_path / "it.npz", CASES["seven"])
    drawn = [image(FIGURES[name](one)) for one in (CASES["seven"], load(tmp_path / "it.npz"))]
    assert np.array_equal(*drawn)


@pytest.mark.parametrize("name", FIGURES)
def test_an_optimizer_has_its_colour_whatever_else_the_picture_shows(name):
    """Pictures of one comparison agree about all optimizers, those without a colour of their own included."""
    colour = entered(CASES["two"], DARK)["rmsprop_centered"].colour
    assert (image(FIGURES[name](CASES["two"])) == rgb(colour)).all(axis=2).any()


@pytest.mark.parametrize("name", ["training", "targets", "confusion", "mistakes"])
def test_a_comparison_that_did_not_get_anywhere_says_so(name):
    assert "no epoch has ended" in words(FIGURES[name](CASES["nothing"]))


@pytest.mark.parametrize("name", ["training", "targets", "confusion", "mistakes"])
def test_a_comparison_in_which_all_diverged_says_so(name):
    assert "every run diverged" in words(FIGURES[name](CASES["all diverged"]))


@pytest.mark.parametrize("name", FIGURES)
def test_bad_sizes_and_themes_are_refused(name):
    with pytest.raises(UsageError, match="10x10"):
        FIGURES[name](CASES["seven"], (10, 10))
    with pytest.raises(UnknownNameError, match="drak"):
        FIGURES[name](CASES["seven"], theme="drak")


@pytest.mark.parametrize(
    ("name", "message"),
    [("rates", "not tuned\n.*--tune"), ("targets", "no target accuracy\n.*--target 0.97"),
     ("confusion", "no predictions"), ("mistakes", "no images")],
)  # fmt: skip
def test_a_comparison_without_what_a_picture_needs_is_refused_with_a_remedy(name, message):
    with pytest.raises(UsageError, match=message):
        FIGURES[name](comparison(SEVEN, fine=False))

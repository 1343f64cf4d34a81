"""Pictures of few and of many optimizers, several of one name among them: who has a colour, and what can be read."""

import itertools
from dataclasses import replace

import numpy as np
import pytest

import optviz
from optviz.errors import UsageError
from optviz.figures.convergence import convergence_figure
from optviz.figures.engine.course import straight
from optviz.figures.engine.style import DASHES, MOST, Style, base, entrants, told_apart
from optviz.figures.engine.theme import DARK, LIGHT, THEMES
from optviz.figures.engine.trails import Pen, Trail
from optviz.figures.race import entered, race_animation, race_figure
from optviz.figures.standings import Standings
from optviz.figures.study import functions_figure, study_figure
from optviz.figures.swarm import swarm_animation, swarm_figure
from optviz.results.parts import Contender
from tests.figures.races import SEVEN, TWENTY, calm, descent, race
from tests.figures.swarm_results import swarm
from tests.pictures import assert_readable, words
from tests.studies import study

SMALL, USUAL = (480, 360), (800, 600)
LABELS = ["adam(beta1=0.5)", "adam(variant=keras)", "lookahead(adam, k=5)", "sgd(lr=0.01)"]
NUMBERS = "beta1 0.5, beta2 0.99, eps 0.001, weight_decay 0.01, decay decoupled"
COUNTS = (2, 8, 9, 20, 60)


def names(count):
    """Registered names, and every fifth one with numbers."""
    known = itertools.chain(TWENTY, (f"stranger_{k}" for k in range(60)))
    return [LABELS[k // 5] if k % 5 == 1 and k // 5 < len(LABELS) else next(known) for k in range(count)]


def many(count, steps=12):
    """A race of so many, the last of which comes first, with long titles for those with numbers."""
    runs = calm(names(count), steps).trajectories
    title = lambda run: f"{base(run.optimizer).capitalize()}, {NUMBERS}" if "(" in run.optimizer else run.title
    rates = np.linspace(0.3, 0.0, steps + 1)
    return race([replace(run, title=title(run), learning_rates=None if k % 3 else rates) for k, run in enumerate(runs)])


@pytest.mark.thin(4)
@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("size", [SMALL, USUAL, (640, 480), (1920, 1080)], ids=str)
@pytest.mark.parametrize("count", COUNTS)
def test_races_of_few_and_of_many_are_readable(count, size, theme):
    entered = many(count)
    for show in (None, "lr"):
        assert_readable(race_figure(entered, size, theme, show))
        assert_readable(convergence_figure(entered, size, theme, show))
    assert_readable(race_animation(entered, size, theme, frames=5, show="lr").page(2))


@pytest.mark.thin(2)
@pytest.mark.parametrize("count", COUNTS)
def test_studies_and_swarms_of_few_and_of_many_are_readable(count):
    whole = study(tuple(names(count)), ("sphere", "booth", "ackley"), starts=5, steps=60)
    assert_readable(study_figure(whole))
    assert_readable(functions_figure(whole))
    one = swarm(steps=4, side=4)
    title = lambda name: f"{name}, {NUMBERS}" if "(" in name else name
    who = [Contender(name, title(name), "torch", "torch", {"lr": 0.0125}, "tuned") for name in names(count)]
    crowd = replace(one, runs=tuple(replace(one.runs[0], contender=each) for each in who))
    assert_readable(swarm_figure(crowd))
    last = swarm_animation(crowd)
    assert_readable(last.page(len(last.durations) - 1))


@pytest.mark.parametrize("count", COUNTS)
def test_of_more_than_eight_those_that_end_best_have_a_colour(count):
    whole = many(count)
    field = entered(whole, Style(DARK))
    order = Standings(whole).order(whole.steps)
    chosen = set(order[:MOST]) if count > MOST else set(order)
    assert {index for index, one in enumerate(field) if one.chosen} == chosen
    assert {one.colour for index, one in enumerate(field) if index not in chosen} <= {DARK.rest}
    assert len({(one.colour, one.dash) for index, one in enumerate(field) if index in chosen}) == len(chosen)
    assert len({field[index].head for index in chosen}) == len(chosen)
    said = " ".join(words(race_figure(whole)))
    assert ("in colour: the 8 best" in said) == (count > MOST)


@pytest.mark.parametrize("theme", [DARK, LIGHT], ids=lambda theme: theme.name)
def test_several_of_one_name_have_its_colour_and_differ_in_dash_and_head(theme):
    alike = ["adam(beta1=0.5)", "adam", "adam(variant=keras)", "adam(eps=0.1)"]
    field = entrants(dict.fromkeys([*alike, "sgd", "lookahead(adam, k=5)"], "?"), theme)
    assert {field[name].colour for name in alike} == {theme.optimizers["adam"]}
    assert field["adam"].dash is None
    assert len({field[name].dash for name in alike}) == len({field[name].head for name in alike}) == len(DASHES)
    assert field["lookahead(adam, k=5)"].colour not in (theme.optimizers["adam"], theme.rest)
    assert (
        field["lookahead(adam, k=5)"].colour
        == entrants({"lookahead(adam, k=6)": "?"}, theme)["lookahead(adam, k=6)"].colour
    )


@pytest.mark.parametrize(
    ("name", "plain"),
    [
        ("adam", "adam"), ("adam(beta1=0.5)", "adam"), ("lookahead(adam, k=5)", "lookahead(adam)"),
        ("ema(lookahead(adam(beta1=0.5), k=5))", "ema(lookahead(adam))"), ("half (typed", "half (typed"), ("2", "2"),
    ],
)  # fmt: skip
def test_names_without_their_numbers(name, plain):
    assert base(name) == plain


def test_who_is_highlighted_has_a_colour_and_nobody_else():
    whole = many(20)
    theme = replace(DARK, highlight=("adam", "sgd"))
    field = entrants({run.optimizer: run.title for run in whole.trajectories}, theme)
    assert [name for name, one in field.items() if one.chosen] == ["sgd", "adam"]
    assert (field["adam"].colour, field["sgd"].colour) == (DARK.optimizers["adam"], DARK.optimizers["sgd"])
    assert told_apart(field.values(), theme) == "in colour: those chosen"
    assert "in colour: those chosen" in " ".join(words(optviz.figure(whole, highlight=["Adam", "SGD"])))
    assert_readable(optviz.figure(whole, picture="convergence", highlight="adam"))


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (
            {"highlight": ["adma"]},
            "highlight names 'adma', which is not in it\nDid you mean 'adam'? In it are: sgd, ",
        ),
        ({"highlight": TWENTY[:9]}, "highlight names 9 optimizers\nAt most 8 can be told apart by colour."),
        ({"show": "momentum"}, "show is 'momentum'\nA race can show: lr"),
    ],
)
def test_what_cannot_be_shown_is_refused(options, said):
    with pytest.raises(UsageError) as refusal:
        optviz.figure(calm(TWENTY, 5), **options)
    assert str(refusal.value).startswith(said)
    with pytest.raises(UsageError):
        optviz.figure(swarm(steps=4, side=4), **options)


def test_a_dashed_trail_has_its_dashes_and_gaps_along_its_way():
    points = np.stack([np.linspace(0, 300, 101), np.full(101, 50.0)], axis=-1)
    pen = Pen(2.0, 0.0, np.inf, np.inf, 8.0, np.inf)
    box = 0, 0, 300, 100
    whole, dashed = (Trail(straight(points, box), "#ff0000", box, pen, DARK, dash) for dash in (None, (9.0, 5.0)))
    drawn = lambda trail: sum(
        np.hypot(*np.diff(outline.vertices, axis=0).T).sum() for outline, *_ in trail.strokes(0, 100)[1]
    )
    assert drawn(whole) == pytest.approx(300, rel=0.02)
    assert drawn(dashed) == pytest.approx(300 * 9 / 14, rel=0.05)
    on = np.concatenate([outline.vertices[:, 0] for outline, *_ in dashed.strokes(0, 100)[1]])
    assert (on % 14 <= 9 + 1e-6).all()


def test_learning_rates_are_those_of_the_schedule_and_stand_below_the_curves():
    run = optviz.minimize("sphere", "adam", lr="cosine(0.1, warmup=5)", steps=40)
    expected = optviz.schedules.cosine(0.1, warmup=5).resolved(40).factors(1, 40)
    assert np.array_equal(run.learning_rates[1:], 0.1 * np.array(expected))
    assert run.learning_rates[0] == run.learning_rates[1] == 0
    assert optviz.minimize("sphere", "adam", steps=4).learning_rates is None
    page = race_figure(many(3), show="lr")
    assert page.find("lr").box[1] > page.find("curve").box[3]
    assert race_figure(many(3)).find("curve").box[3] > page.find("curve").box[3]


def test_the_rates_stay_where_little_else_fits():
    page = race_figure(many(15), show="lr")
    assert page.find("lr").box[3] - page.find("lr").box[1] > 30


def test_a_race_without_rates_shows_none():
    runs = [replace(descent(name, 0.1), hyperparameters={}) for name in SEVEN[:2]]
    assert "lr by step" not in " ".join(words(race_figure(race(runs), show="lr")))

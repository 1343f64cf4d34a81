"""Texts of anybody's on a page stay texts, and pages that cannot compute say why and show what is stored."""

import json
import re
from dataclasses import replace

import numpy as np
import pytest

from optviz import draw, function, race
from optviz.kernels.cache import COMPILES
from optviz.page.document import embedded
from optviz.page.race import RacePage
from optviz.writers import provenance

pytestmark = pytest.mark.skipif(not COMPILES, reason="Numba's compiler is switched off")

READY = "return document.documentElement.dataset.ready !== undefined"
PAYLOADS = [
    "</script><script>window.hit = 1</script>",
    "<img src=x onerror=window.hit=1>",
    '"><svg onload=window.hit=1>',
    "' onmouseover='window.hit=1",
    "]]><script>window.hit = 1</script>",
    "<!--<script>window.hit = 1",
    "${window.hit = 1}",
    "javascript:window.hit=1",
    "\u2028window.hit = 1\u2029",
    "</title></style><script>window.hit=1</script>",
    "$script $data $$",
    "\ud800<iframe srcdoc='<script>parent.hit=1</script>'>",
]
FIELDS = ("title", "formula", "function", "label", "noise")


@pytest.fixture(scope="module")
def small():
    """A race of two optimizers in a few steps."""
    return race("rosenbrock", ["sgd", "adam"], lr=0.001, steps=20, resolution=40)


def with_text(small, field, text):
    """The race with a text in one of its fields."""
    if field == "noise":
        return replace(small, noise=text)
    if field == "label":
        runs = [replace(run, title=text, written="", optimizer=f"{run.optimizer}") for run in small.trajectories]
        return replace(small, trajectories=tuple(runs))
    landscape = replace(small.landscape, **{field: text})
    runs = [replace(run, function=landscape.function) for run in small.trajectories]
    return replace(small, landscape=landscape, trajectories=tuple(runs))


def written(race, command):
    """The page as a command with that word would make it."""
    with provenance.commanded(["animate", command]):
        return RacePage(race).to_html()


@pytest.mark.parametrize("field", FIELDS)
def test_texts_stay_texts(browser, tmp_path, small, field):
    for number, payload in enumerate(PAYLOADS):
        path = tmp_path / f"{number}.html"
        path.write_text(written(with_text(small, field, payload), payload), "utf-8")
        browser.open(path, "step=20")
        browser.until(READY)
        assert browser.run("return window.hit") is None, payload
        assert browser.run("return document.scripts.length") == 2
        assert browser.complaints() == []
        assert browser.requests() == []


@pytest.mark.parametrize("payload", PAYLOADS)
def test_data_come_back_as_they_were_and_end_no_element(payload):
    text = embedded({"text": payload})
    assert not re.search("[<>&\u2028\u2029]", text)
    assert json.loads(text)["text"] == payload.replace("\ud800", "\ufffd")


def open_race(browser, tmp_path, one):
    path = tmp_path / "page.html"
    draw(one, path)
    browser.open(path, f"step={one.steps}")
    browser.until(READY)
    assert browser.complaints() == []
    return path


def test_a_python_function_is_shown_as_it_was_stored(browser, tmp_path):
    bowl = function(lambda x, y: float(np.hypot(x, y)) ** 2 + 0.0 * x, bounds=((-2, 2), (-2, 2)), title="Mine")
    one = race(bowl, ["sgd", "adam"], lr=0.1, steps=30)
    path = open_race(browser, tmp_path, one)
    assert path.stat().st_size <= 1_000_000
    assert "stored paths and a stored map" in browser.find("#check").text
    assert browser.all("#rows input[type=range]") == []
    assert "stored path" in browser.find("#rows").text
    told = browser.run("return [...optviz.first().results.values()][0].values[30]")
    assert told == pytest.approx(one.trajectories[0].values[-1])
    middle = browser.run("return optviz.first().world.height(0.5, 0.5)")
    assert middle == pytest.approx(0.5, abs=0.01)


OWN = function("(a - x)**2 + b*(y - x**2)**2", constants={"a": -1.5, "b": 100}, bounds=((-2, 2), (-1, 3)))


@pytest.mark.parametrize(
    "name",
    ["x**2 + 3*y**2", OWN, "tilted(rosenbrock, 30)", "logged(beale)"],
    ids=["typed", "constants", "tilted", "logged"],
)
def test_formulas_and_transforms_are_computed(browser, tmp_path, name):
    one = race(name, ["sgd", "adam"], steps=100)
    open_race(browser, tmp_path, one)
    assert "kernels" in browser.find("#check").text
    assert browser.run("return optviz.app.worst") <= 1e-12


def test_wrapped_and_scheduled_rules_are_computed(browser, tmp_path):
    several = ["lookahead(adam, k=5)", "adamw(weight_decay=0.1)", "schedule_free_sgd", "adam(variant=keras)"]
    one = race("rosenbrock", several, lr={"adamw": "cosine(0.1, warmup=10)"}, steps=100)
    open_race(browser, tmp_path, one)
    assert "kernels" in browser.find("#check").text
    assert browser.run("return optviz.app.worst") <= 1e-12
    assert browser.run("return optviz.app.entrants.every((one) => one.code)")


def test_what_diverges_at_once_is_shown(browser, tmp_path):
    one = race("rosenbrock", ["sgd", "momentum"], lr=1e3, steps=50)
    open_race(browser, tmp_path, one)
    assert browser.find("#rows .value").text == "diverged"


def test_the_self_check_can_fail(browser, tmp_path, small):
    runs = [replace(run, points=run.points + 1e-3) for run in small.trajectories]
    open_race(browser, tmp_path, replace(small, trajectories=tuple(runs)))
    assert "last digits decide" in browser.find("#check").text

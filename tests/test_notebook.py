"""Results in notebooks: what each kind shows of itself, whatever it holds and wherever it runs."""

import base64
import io
import os
import pickle
import subprocess
import sys
from dataclasses import replace
from html.parser import HTMLParser
from types import SimpleNamespace

import numpy as np
import pytest
from PIL import Image

import optviz
from optviz import notebook
from optviz.errors import MissingError, UsageError
from optviz.notebook import Embedded
from optviz.results.forms import FORMS
from optviz.results.shown import HTML, PNG, TEXT, Explored, Shown
from tests.figures import planes, races
from tests.page import results as pages
from tests.page.test_hostile_pages import PAYLOADS
from tests.records import RECORDS

DRAWN = {**pages.KINDS, "race": races.calm, "comparison": lambda: planes.comparison(("sgd", "adam"), epochs=3)}
UNDRAWN = ("trajectory", "training run", "batch")
MOVING = {"race", "swarm", "comparison"}


@pytest.fixture(params=DRAWN)
def result(request):
    """A result of each kind that has a picture; without what it has shown in an earlier test."""
    return replace(DRAWN[request.param]())


class Read(HTMLParser):
    """The texts and the elements of some HTML; what is opened is closed."""

    def __init__(self, text):
        super().__init__()
        self.texts, self.elements, self.open = [], [], []
        self.feed(text)
        assert self.open == []

    def handle_starttag(self, tag, attributes):
        self.elements.append((tag, dict(attributes)))
        if tag != "img":
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.texts.append(data)

    @property
    def image(self):
        """The picture in it and what is said in its place."""
        [facts] = [facts for tag, facts in self.elements if tag == "img"]
        kind, _, data = facts["src"].partition(";base64,")
        picture = Image.open(io.BytesIO(base64.b64decode(data, validate=True)))
        assert kind == f"data:image/{picture.format.lower()}"
        return picture, facts["alt"]


def kind_of(result):
    return type(result).__name__.lower()


def test_every_kind_is_tried():
    kinds = {type(RECORDS[name]) for name in UNDRAWN} | {type(make()) for make in DRAWN.values()}
    assert kinds == set(FORMS) | {optviz.Trajectory, optviz.TrainingRun}
    assert all(issubclass(kind, Shown) for kind in kinds)


def test_a_drawn_result_shows_its_finding_and_its_picture(result):
    shown = result._repr_mimebundle_()
    assert list(shown) == [TEXT, HTML, PNG] and shown[TEXT] == result.headline()
    page = Read(shown[HTML])
    picture, told = page.image
    assert result.headline() in page.texts and told == result.headline()
    assert picture.format == ("GIF" if kind_of(result) in MOVING else "PNG")
    assert len(shown[HTML]) < 1.4 * notebook.MOST
    poster = Image.open(io.BytesIO(base64.b64decode(shown[PNG])))
    assert poster.format == "PNG" and min(poster.size) >= 400
    if picture.format == "GIF":
        assert picture.size == poster.size == notebook.SIZE and picture.n_frames > 10
    else:
        assert shown[PNG] in shown[HTML]


@pytest.mark.parametrize("name", UNDRAWN)
def test_a_result_without_a_picture_shows_its_finding(name):
    shown = RECORDS[name]._repr_mimebundle_()
    assert list(shown) == [TEXT, HTML] and shown[TEXT] == RECORDS[name].headline()
    assert Read(shown[HTML]).texts == [RECORDS[name].headline()]


def test_pictures_are_drawn_once_and_only_for_who_wants_them(result, monkeypatch):
    drawn = []
    monkeypatch.setattr(notebook, "draw", lambda one, file, **looks: drawn.append(looks) or file.write(b"GIF89a"))
    assert list(result._repr_mimebundle_(include={TEXT})) == list(result._repr_mimebundle_(exclude=[HTML, PNG]))
    assert result._repr_mimebundle_(include=[TEXT], exclude=[TEXT]) == {} and not drawn
    first = result._repr_mimebundle_(include={PNG})
    assert list(first) == [PNG] and len(drawn) == 1 + (kind_of(result) in MOVING)
    assert list(result._repr_mimebundle_(exclude={PNG})) == [TEXT, HTML]
    assert result._repr_mimebundle_()[PNG] == first[PNG] and len(drawn) <= 2


def test_kinds_that_cannot_be_meant_are_left_out():
    result = RECORDS["trajectory"]
    assert list(result._repr_mimebundle_(include=TEXT)) == [TEXT]
    assert TEXT not in result._repr_mimebundle_(exclude=TEXT)
    for include, exclude in [(7, 7), ([7, TEXT], [["?"]]), (b"text/plain", {TEXT: 1}.items())]:
        assert TEXT in result._repr_mimebundle_(include, exclude)


def test_ipython_in_a_terminal_draws_nothing(result, monkeypatch):
    shell = SimpleNamespace(display_formatter=SimpleNamespace(active_types=["text/plain"]))
    monkeypatch.setitem(sys.modules, "IPython", SimpleNamespace(get_ipython=lambda: shell))
    monkeypatch.setattr(notebook, "draw", lambda *_, **__: pytest.fail("something is drawn"))
    assert result._repr_mimebundle_() == {TEXT: result.headline()}
    shell.display_formatter.active_types.append(HTML)
    with pytest.raises(pytest.fail.Exception):
        result._repr_mimebundle_()


@pytest.mark.parametrize("error", [MissingError("Pillow is <gone>", ""), ValueError("a\nb"), RecursionError()])
def test_what_cannot_be_drawn_is_told_and_not_raised(result, error, monkeypatch):
    def broken(*_, **__):
        raise error

    monkeypatch.setattr(notebook, "draw", broken)
    shown = result._repr_mimebundle_()
    assert list(shown) == [TEXT, HTML] and shown[TEXT] == result.headline()
    first, _, reason = Read(shown[HTML]).texts
    assert first == result.headline() and reason.startswith("It cannot be drawn: ")
    assert (getattr(error, "problem", None) or type(error).__name__) in reason


def test_ctrl_c_while_drawing_goes_on_to_the_notebook(result, monkeypatch):
    def interrupted(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr(notebook, "draw", interrupted)
    with pytest.raises(KeyboardInterrupt):
        result._repr_mimebundle_()


@pytest.mark.parametrize("kind", sorted(MOVING))
def test_an_animation_that_is_too_large_is_a_picture_with_a_hint(kind, monkeypatch):
    monkeypatch.setattr(notebook, "MOST", 1000)
    result = replace(DRAWN[kind]())
    page = Read(result._repr_mimebundle_()[HTML])
    assert page.image[0].format == "PNG"
    assert f'optviz.draw({kind}, "{kind}.gif")' in page.texts


def test_what_has_no_room_at_the_small_size_is_shown_at_its_own(monkeypatch):
    draw = notebook.draw

    def roomless(result, file, size=None, **looks):
        if size:
            raise UsageError("43 maps do not fit", "")
        draw(result, file, **looks)

    monkeypatch.setattr(notebook, "draw", roomless)
    assert Read(replace(races.calm())._repr_mimebundle_()[HTML]).image[0].size == (800, 600)


def test_a_comparison_without_a_plane_shows_curves():
    result = replace(planes.comparison(), plane=None)
    assert Read(result._repr_mimebundle_()[HTML]).image[0].format == "PNG"


def test_a_comparison_without_a_finished_epoch_says_so():
    shown = RECORDS["empty comparison"]._repr_mimebundle_()
    assert "no epoch is finished" in shown[TEXT] and TEXT in shown and HTML in shown


@pytest.mark.parametrize("payload", PAYLOADS)
def test_texts_stay_texts(payload):
    result = pages.with_text(pages.sweep(), payload)
    shown = result._repr_mimebundle_()
    assert all(text.encode() for text in shown.values())
    page = Read(shown[HTML])
    assert [tag for tag, _ in page.elements] == ["p", "img"] and page.texts[0] == page.image[1]
    frame = Read(Embedded(result, f"<p>{payload}".encode("utf-8", "replace").decode(), 300)._repr_html_())
    [(tag, facts)] = frame.elements
    assert tag == "iframe" and payload.replace("\ud800", "?") in facts["srcdoc"] and "onerror" not in facts


@pytest.mark.slow
def test_the_page_stands_in_a_frame_of_its_own(result):
    shown = result.explore(theme="light", height=640)
    file = io.BytesIO()
    optviz.draw(result, file, format="html", theme="light")
    assert shown.page.encode() == file.getvalue()
    [(tag, facts)] = Read(shown._repr_html_()).elements
    assert tag == "iframe" and facts["srcdoc"] == shown.page and facts["height"] == "640"
    assert facts["sandbox"].split() == ["allow-scripts", "allow-downloads"]
    assert facts["title"] == result.headline()


def test_elsewhere_a_page_says_how_it_is_written():
    race = races.calm()
    said = repr(Embedded(race, "<p>", 300))
    assert race.headline() in said and 'optviz.draw(race, "race.html")' in said and "<p>" not in said


@pytest.mark.parametrize("height", [99, 10_001, "tall", True, 300.5])
def test_heights_that_cannot_be_meant(height):
    with pytest.raises((UsageError, TypeError), match="height is"):
        races.calm().explore(height=height)


@pytest.mark.parametrize("theme", ["x", "", 7, []])
def test_themes_that_there_are_not_are_refused_for_every_file(theme, tmp_path):
    race = races.calm()
    with pytest.raises((UsageError, TypeError), match="theme"):
        race.explore(theme=theme)
    for ending in ("html", "png", "npz"):
        with pytest.raises((UsageError, TypeError), match="theme"):
            optviz.draw(race, tmp_path / f"x.{ending}", theme=theme)
    assert not list(tmp_path.iterdir())


def test_only_what_has_a_page_is_explored():
    assert all(issubclass(kind, Explored) == ("page" in forms or "report" in forms) for kind, forms in FORMS.items())


def test_a_shown_result_is_the_result_that_it_was():
    race = replace(races.calm())
    race._repr_mimebundle_()
    assert replace(race).headline() == pickle.loads(pickle.dumps(race)).headline() == race.headline()
    np.testing.assert_array_equal(pickle.loads(pickle.dumps(race)).trajectories[0].points, race.trajectories[0].points)


SCRIPT = """
import matplotlib, warnings
warnings.simplefilter("error")
matplotlib.rcParams.update({"font.size": 40, "axes.facecolor": "red", "savefig.dpi": 17, "text.usetex": True})
import hashlib, locale, sys
if sys.argv[1:]:
    locale.setlocale(locale.LC_ALL, sys.argv[1])
import optviz
run = optviz.race("sphere", ["sgd"], steps=5, lr=0.1, resolution=20)
print({kind: hashlib.sha256(text.encode()).hexdigest() for kind, text in run._repr_mimebundle_().items()})
"""


@pytest.mark.slow
def test_neither_style_nor_locale_nor_display_change_a_picture():
    def told(*arguments, **environment):
        command = [sys.executable, "-c", SCRIPT, *arguments]
        done = subprocess.run(command, env=os.environ | environment, capture_output=True, text=True)
        assert (done.returncode, done.stderr) == (0, "")
        return done.stdout

    usual = told()
    assert "image/png" in usual
    assert told("C", LC_ALL="C", DISPLAY="", MPLBACKEND="TkAgg") == usual

"""Pictures inside the page: sharp, in the right colours, cut where nothing is."""

import base64
import io

import numpy as np
import pytest
from PIL import Image

from optviz import report
from optviz.errors import UnknownNameError
from optviz.figures.engine.theme import DARK, LIGHT, rgb
from optviz.figures.rates import rates_figure
from optviz.figures.targets import targets_figure
from optviz.report import Report
from tests.figures.comparisons import comparison
from tests.report.pages import full, read
from tests.seeds import compared


def test_the_reader_or_the_caller_chooses_the_colours(undrawn):
    both, dark = Report(full()).to_html(), Report(full(), theme="dark").to_html()
    for page, kinds in ((both, ["light", "dark"]), (dark, ["dark"])):
        document = read(page)
        figures = document.all("figure")
        assert len(figures) == 6
        assert all([one.attributes["class"] for one in figure.all("img")] == kinds for figure in figures)
        style = document.all("style")[0].text
        assert ("prefers-color-scheme:dark" in style) == (len(kinds) > 1)
        assert len(document.all("button")) == len(kinds) - 1
        assert style.startswith(f":root{{color-scheme:{kinds[0]};")
        assert f"--page:{LIGHT.page}" in style and f"--page:{DARK.page}" in style
    with pytest.raises(UnknownNameError, match="unknown theme 'drak'"):
        Report(full(), theme="drak")


def test_pictures_are_sharp_and_keep_their_colours():
    some = comparison(["sgd", "adam"], epochs=3, seeds=2, target=0.95)
    markup = report.drawn_by(targets_figure, some, (LIGHT, DARK), "told", "caption")
    images = read(markup).all("img")
    assert [one.attributes["class"] for one in images] == ["broad day", "narrow day", "broad night", "narrow night"]
    assert {one.attributes["alt"] for one in images} == {"told"}
    for one, theme in zip(images, (LIGHT, LIGHT, DARK, DARK), strict=True):
        kind, data = one.attributes["src"].split(",")
        assert kind == "data:image/webp;base64"
        pixels = np.asarray(Image.open(io.BytesIO(base64.b64decode(data))).convert("RGB"))
        density = 2.0 if "broad" in one.attributes["class"] else 1.5
        wide, high = (int(one.attributes[name]) for name in ("width", "height"))
        assert abs(pixels.shape[0] - density * high) <= 2 and abs(pixels.shape[1] - density * wide) <= 2
        assert pixels[0, 0].tolist() == pixels[-1, -1].tolist() == [*rgb(theme.page)]
        for name in ("sgd", "adam"):
            assert (pixels == rgb(theme.optimizers[name])).all(axis=-1).sum() > 20


def test_a_picture_without_its_heading_loses_nothing_else():
    """The cut lies between the heading and the body: its first row of pixels is empty."""
    some = comparison(["sgd", "adam"], epochs=3, seeds=2, target=0.95)
    for one in read(report.drawn_by(targets_figure, some, (LIGHT,), "told", "caption")).all("img"):
        data = one.attributes["src"].split(",")[1]
        pixels = np.asarray(Image.open(io.BytesIO(base64.b64decode(data))).convert("RGB"))
        for edge in (pixels[0], pixels[-1], pixels[:, 0], pixels[:, -1]):
            assert (edge == rgb(LIGHT.page)).all()


def test_what_cannot_be_drawn_is_left_out():
    assert report.drawn_by(rates_figure, comparison(["sgd"]), (LIGHT,), "told", "caption") == ""


def test_every_style_of_a_figure_is_in_the_style_sheet(undrawn):
    """What the pictures' classes are called is said twice: beside the pictures and in the style sheet."""
    style = read(Report(compared({"adam": [[0.9]]})).to_html()).all("style")[0].text
    for name in ("broad.day", "broad.night", "narrow.day", "narrow.night"):
        assert f".{name}" in style

"""The page of a comparison: what stands on it, that it is well formed, and that nobody's text gets out of its place."""

import base64
import io
import json
import re
from dataclasses import replace
from html.parser import HTMLParser

import numpy as np
import pytest
from PIL import Image

import optviz.report as report
from optviz.errors import UnknownNameError
from optviz.figures.rates import rates_figure
from optviz.figures.targets import targets_figure
from optviz.figures.theme import DARK, LIGHT, rgb
from optviz.report import POLICY, Report
from optviz.results import Comparison
from optviz.tables import tables
from tests.figures import planes
from tests.figures.comparisons import comparison, misread, tuning
from tests.seeds import compared, published, rising

VOID = {"meta", "link", "br", "img"}
HOSTILE = [
    '</script><script>alert("1")</script>',
    '"onload="alert(1)',
    "'><img src=x onerror=alert(1)>",
    "<!--",
    "1 ± <i>2</i>",
    "]]></style><svg/onload=alert(1)>",
    "javascript:alert(1)&lt;script&gt;",
]
SECTIONS = ["result", "training", "plane", "published", "rates", "targets", "confusion", "mistakes", "made"]


class Element:
    """An element of a page: tag, attributes, children and texts in their order."""

    def __init__(self, tag, attributes=()):
        self.tag, self.attributes, self.inside = tag, dict(attributes), []

    def all(self, tag):
        """Every element of that tag inside this one."""
        found = []
        for one in self.inside:
            if isinstance(one, Element):
                found += [one] if one.tag == tag or tag == "*" else []
                found += one.all(tag)
        return found

    @property
    def text(self):
        return "".join(one.text if isinstance(one, Element) else one for one in self.inside)


class Parser(HTMLParser):
    """Reads a page strictly: everything opened is closed, in order."""

    def __init__(self):
        super().__init__()
        self.open = [Element("document")]

    def handle_starttag(self, tag, attributes):
        element = Element(tag, attributes)
        assert len(attributes) == len(element.attributes), f"{tag} repeats an attribute"
        self.open[-1].inside.append(element)
        if tag not in VOID:
            self.open.append(element)

    def handle_startendtag(self, tag, attributes):
        assert tag == "path"
        self.open[-1].inside.append(Element(tag, attributes))

    def handle_endtag(self, tag):
        assert self.open.pop().tag == tag

    def handle_data(self, text):
        self.open[-1].inside.append(text)

    def handle_comment(self, text):
        pytest.fail(f"a comment: {text}")


def read(page):
    """The page as a tree."""
    parser = Parser()
    parser.feed(page)
    parser.close()
    (document,) = parser.open
    names = [one.attributes["id"] for one in document.all("*") if "id" in one.attributes]
    assert len(names) == len(set(names)), "two elements have the same identifier"
    return document


def embedded(document):
    """The numbers of a page."""
    (script,) = document.all("script")
    assert script.attributes == {"type": "application/json", "id": "comparison"}
    return json.loads(script.text, parse_constant=pytest.fail)


def full(names=("sgd", "adam"), epochs=5, seeds=2, **fields):
    """A comparison with everything that one can hold."""
    some = comparison(names, epochs=epochs, seeds=seeds, tested=200, target=0.95, parameters=101_770, **fields)
    return replace(
        some,
        rates=dict.fromkeys(names, "tuned"),
        tuning=tuning(names, 2),
        published=published({name: (0.9, 0.95) for name in names}, (1, 5)),
        mistakes=tuple(misread(some, name) for name in names[::-1]),
        plane=replace(planes.comparison(names, epochs=epochs).plane, seed=0),
        command="optviz mnist --optimizers sgd,adam --seeds 2 -o report.html",
    )


@pytest.fixture
def undrawn(monkeypatch):
    """Leaves out what takes nearly all of the time: to draw the pictures."""

    def images(draw, comparison, themes):
        return [(f'class="{theme.name}"', f"data:,{draw.__name__}") for theme in themes]

    monkeypatch.setattr("optviz.report._pictures._images", images)


def test_the_page_is_well_formed_and_whole(undrawn):
    document = read(Report(full()).to_html())
    assert [one.attributes["id"] for one in document.all("section")] == SECTIONS
    assert [one.attributes["href"] for one in document.all("nav")[0].all("a")] == [f"#{name}" for name in SECTIONS]
    (title,), (heading,) = document.all("title"), document.all("h1")
    assert title.text == heading.text == "SGD and Adam on MNIST" or heading.text == "Adam and SGD on MNIST"
    levels = [int(one.tag[1]) for one in document.all("*") if re.fullmatch("h[1-6]", one.tag)]
    assert levels[0] == 1 and levels.count(1) == 1
    assert all(after <= before + 1 for before, after in zip(levels, levels[1:], strict=False))
    assert document.all("html")[0].attributes["lang"] == "en"


def test_nothing_is_fetched_and_nothing_runs(undrawn):
    document = read(Report(full()).to_html())
    policies = [one for one in document.all("meta") if one.attributes.get("http-equiv") == "Content-Security-Policy"]
    assert [one.attributes["content"] for one in policies] == [POLICY]
    assert "default-src 'none'" in POLICY and "script-src" not in POLICY
    head = document.all("head")[0].inside
    elements = [one for one in head if isinstance(one, Element)]
    assert elements.index(policies[0]) == 1, "a policy holds for what comes after it"
    for one in document.all("*"):
        assert not [name for name in one.attributes if name.startswith("on")]
        for name in ("src", "href", "srcset", "action", "data", "poster", "background"):
            assert re.match(r"data:|#|$", one.attributes.get(name, ""))
        assert one.tag not in ("iframe", "object", "embed", "form", "base", "audio", "video")
    style = document.all("style")[0].text
    assert "url(" not in style and "@import" not in style and "</" not in style
    embedded(document)


def test_the_numbers_are_in_the_page(undrawn):
    for some in (full(), compared({}, epochs=3), compared({"adam": [[0.9]]}, target=0.5)):
        assert embedded(read(Report(some).to_html())) == json.loads(json.dumps(some.to_dict()))


def test_tables_are_those_of_the_command_line(undrawn):
    some = full()
    document = read(Report(some).to_html())
    shown = document.all("table")
    for table, element in zip(tables(some), [*shown[:3]], strict=True):
        assert element.all("caption")[0].text.replace("\xa0", " ") == table.title
        head, *rows = element.all("tr")
        cells = [" ".join(part for part in one.inside if isinstance(part, str)) for one in head.inside]
        assert cells == [" ".join(parts) for parts in table.heads]
        assert [tuple(one.text for one in row.inside) for row in rows] == list(table.rows)
        assert all(len(row.all("th")) == 1 and row.all("th")[0].attributes["scope"] == "row" for row in rows)
        assert {one.attributes.get("scope") for one in head.all("th")} == {"col"}
        assert [row.attributes.get("class") == "leading" for row in rows] == [
            index in table.leading for index in range(len(rows))
        ]
        for note in table.notes:
            assert note in [one.text.replace("\xa0", " ") for one in document.all("p")]


def test_how_it_was_made(undrawn):
    some = full()
    made = read(Report(some).to_html()).all("section")[-1]
    facts = {one.all("dt")[0].text: one.all("dd")[0].text for one in made.all("dl")[0].all("div")}
    assert facts["Images"] == "MNIST: 60,000 to train on and 10,000 to test on, 28 × 28 pixels, 10 classes"
    assert facts["Network"] == "mlp 784-128-10, 101,770 parameters"
    assert facts["Training"] == "5 epochs of 938 steps, batches of 64 images, a test after every epoch"
    assert facts["Seeds"].startswith("0, 1;")
    assert facts["Learning rates"] == "found by the same search for each optimizer"
    assert facts["Target"].startswith("95\xa0%")
    assert re.fullmatch(r"optviz \S+, NumPy \S+, Numba \S+", facts["Written by"])
    assert made.all("pre")[0].text == some.command
    assert any("Kingma & Ba" in one.text for one in made.all("li"))
    assert any("LeCun" in one.text and "CC BY-SA" in one.text for one in made.all("li"))


def test_every_hyperparameter_is_named(undrawn):
    runs = compared({"adam": [[0.9]], "sgd": [[0.8]]})
    adam, sgd = runs.runs
    adam = replace(adam, hyperparameters={"lr": 0.001, "weight_decay": 1e-7})
    document = read(Report(replace(runs, runs=(adam, sgd), rates={"adam": "given", "sgd": "keras"})).to_html())
    made = document.all("section")[-1]
    head, *rows = made.all("table")[0].all("tr")
    assert [one.text for one in head.inside] == ["optimizer", "formula", "lr", "weight_decay"]
    assert [[one.text for one in row.inside] for row in rows] == [
        ["Adam", "keras", "0.001", "10⁻⁷"],
        ["SGD", "keras", "0.001", "–"],
    ]
    assert "given: Adam; Keras defaults: SGD" in made.text


def test_from_python_there_is_no_command(undrawn):
    made = read(Report(compared({"adam": [[0.9]]})).to_html()).all("section")[-1]
    assert not made.all("pre") and "made from Python" in made.text


@pytest.mark.parametrize(
    ("some", "title", "sentence"),
    [
        (compared({}, epochs=3), "No optimizers on MNIST", "No epoch has ended."),
        (compared({"adam": [[]]}, epochs=3, interrupted=True), "Adam on MNIST", "No epoch has ended."),
        (compared({"adam": [[0.9]]}), "Adam on MNIST", "After 1 epoch Adam recognises 90.00 % of the test images."),
        (
            compared({"adam": [[0.9, 0.95]], "sgd": [[0.8, 0.9]]}),
            "Adam and SGD on MNIST",
            "After 2 epochs Adam recognises the most test images, 95.00 %, and SGD the fewest, 90.00 %; with one seed, "
            "small differences may be chance.",
        ),
        (
            compared({"adam": rising(0.98, 3), "sgd": rising(0.9, 3), "rmsprop": rising(0.98, 3)}),
            "Three optimizers on MNIST",
            "After 10 epochs Adam leads over 3 seeds with 97.90 ± 0.25 % of the test images, but RMSprop cannot be "
            "told from it; SGD is last with 89.90 ± 0.25 %.",
        ),
        (
            compared({"adam": rising(0.98, 2), "sgd": rising(0.9, 2)}),
            "Adam and SGD on MNIST",
            "After 10 epochs Adam leads over 2 seeds with 97.95 ± 0.64 % of the test images and can be told from all "
            "others; SGD is last with 89.95 ± 0.64 %.",
        ),
        (
            compared({name: [[0.9], [0.8]] for name in ("adam", "sgd", "rmsprop", "adagrad")}),
            "Four optimizers on MNIST",
            "After 1 epoch Adam leads over 2 seeds with 85.00 ± 63.53 % of the test images, but none of the others can "
            "be told from it.",
        ),
        (
            compared({"adam": rising(0.98, 2), "sgd": [[], []]}, diverged_at={("sgd", 0): 1, ("sgd", 1): 1}),
            "Adam and SGD on MNIST",
            "After 10 epochs Adam recognises 97.95 ± 0.64 % of the test images; SGD diverged.",
        ),
        (
            compared({"adam": [[]], "sgd": [[]]}, epochs=3, diverged_at={("sgd", 0): 1, ("adam", 0): 1}),
            "Adam and SGD on MNIST",
            "Adam and SGD diverged.",
        ),
        (
            compared({"adam": [[0.9], [0.9]], "sgd": [[0.8], []]}, diverged_at={("sgd", 1): 1}),
            "Adam and SGD on MNIST",
            "After 1 epoch Adam leads over 2 seeds with 90.00 ± 0.00 % of the test images, but SGD cannot be told "
            "from it.",
        ),
        (
            compared({"adam": [[0.9, 0.9]] * 2, "sgd": [[0.8, 0.8]] * 2, "adagrad": [[0.7], []]}, interrupted=True),
            "Three optimizers on MNIST",
            "After 2 epochs Adam leads over 2 seeds with 90.00 ± 0.00 % of the test images; SGD is last with 80.00 ± "
            "0.00 %.",
        ),
        (
            compared({"adam": [[0.9]], "sgd": [[]]}, epochs=2, interrupted=True),
            "Adam and SGD on MNIST",
            "No run got through all 2 epochs.",
        ),
        (
            compared({"adam": [[0.9, 0.9], [0.9]], "sgd": [[0.8, 0.8], []]}, interrupted=True),
            "Adam and SGD on MNIST",
            "After 2 epochs Adam recognises the most test images, 90.00 %, and SGD the fewest, 80.00 %; too few runs "
            "ended to tell them apart.",
        ),
    ],
    ids=lambda value: value if isinstance(value, str) and "optimizers" in value else "",
)
def test_the_finding(undrawn, some, title, sentence):
    document = read(Report(some).to_html())
    assert document.all("h1")[0].text == title
    assert document.all("header")[0].all("p")[0].text.replace("\xa0", " ") == sentence
    assert embedded(document)["epochs"] == some.epochs


def test_what_a_comparison_does_not_hold_is_left_out(undrawn):
    names = [one.attributes["id"] for one in read(Report(compared({"adam": rising(0.9, 1)})).to_html()).all("section")]
    assert names == ["result", "training", "made"]
    names = [one.attributes["id"] for one in read(Report(compared({}, epochs=3)).to_html()).all("section")]
    assert names == ["result", "made"]
    lost = replace(full(), runs=(), mistakes=(), plane=None, interrupted=True, published=None)
    names = [one.attributes["id"] for one in read(Report(lost).to_html()).all("section")]
    assert names == ["result", "rates", "made"]


def test_diverged_and_interrupted_runs(undrawn):
    some = full(adam={"diverged_at": 2}, interrupted=True)
    document = read(Report(some).to_html())
    cells = [one for one in document.all("td") if one.text == "diverged"]
    assert cells and all("bad" in one.attributes["class"].split() for one in cells)
    assert "Interrupted" in document.text and "Adam diverged" in document.text
    embedded(document)


def test_the_reader_or_the_caller_chooses_the_colours(undrawn):
    both, dark = Report(full()).to_html(), Report(full(), theme="dark").to_html()
    for page, kinds, scheme in ((both, ["light", "dark"], "light dark"), (dark, ["dark"], "dark")):
        document = read(page)
        figures = document.all("figure")
        assert len(figures) == 6
        assert all([one.attributes["class"] for one in figure.all("img")] == kinds for figure in figures)
        assert f"color-scheme: {scheme};" in document.all("style")[0].text
        assert document.all("body")[0].attributes["class"] == ("both" if len(kinds) > 1 else "one")
        assert f"@media screen{' and (prefers-color-scheme: dark)' if len(kinds) > 1 else ''} {{ :root" in page
        assert f"--page: {LIGHT.page}" in page and f"--page: {DARK.page}" in page
    with pytest.raises(UnknownNameError, match="unknown theme 'drak'"):
        Report(full(), theme="drak")


def test_alternative_texts_tell_the_numbers(undrawn):
    some = full()
    document = read(Report(some, theme="light").to_html())
    (main, *_) = tables(some)
    told = {
        one.attributes["id"]: {image.attributes["alt"] for image in one.all("img")} for one in document.all("section")
    }
    training, plane, rates, targets, confusion, mistakes = (
        "".join(told[name]) for name in ("training", "plane", "rates", "targets", "confusion", "mistakes")
    )
    for row in main.rows:
        assert f"{row[1]} {row[5]} %" in training
        assert f"{row[1]} {row[8]}" in targets
    assert f"{100 * some.plane.held:.0f} %" in plane
    assert f"{some.tuning.searches[0].best:.4g}" in rates
    wrong = sum(int((run.predictions != some.labels).sum()) for run in some.runs if run.optimizer == "adam")
    assert f"Adam: {wrong} of 400 wrong, most often" in confusion
    assert f"Adam gets {some.mistakes[0].count} of 200 images wrong" in mistakes


def hostile(text):
    """A comparison with that text wherever there can be one."""
    some = full()
    runs = tuple(
        replace(run, optimizer=f"{run.optimizer}{text}", title=text + run.title, variant=text, defaults=text)
        for run in some.runs
    )
    runs = tuple(replace(run, hyperparameters=run.hyperparameters | {text: 1.0}) for run in runs)
    searches = tuple(
        replace(one, optimizer=f"{one.optimizer}{text}", title=text + one.title) for one in some.tuning.searches
    )
    named = [run.optimizer for run in runs[:2]]
    return replace(
        some,
        network=text,
        dataset=text,
        architecture=text,
        command=text,
        runs=runs,
        rates={named[0]: text, named[1]: "given"},
        tuning=replace(some.tuning, searches=searches),
        published=published({name: (0.9, 0.95) for name in named} | {text: (0.1, 0.1)}, (1, 5)),
        mistakes=tuple(
            replace(one, optimizer=f"{one.optimizer}{text}", title=text + one.title) for one in some.mistakes
        ),
        plane=replace(
            some.plane,
            paths=tuple(
                replace(one, optimizer=f"{one.optimizer}{text}", title=text + one.title) for one in some.plane.paths
            ),
        ),
    )


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_names_stay_text(undrawn, text):
    harmless = read(Report(hostile(re.sub("[<>&'\"]", "", text))).to_html())
    document = read(Report(hostile(text)).to_html())

    def shape(page):
        return [(one.tag, sorted(one.attributes)) for one in page.all("*")]

    assert shape(document) == shape(harmless)
    assert document.all("pre")[0].text == text
    assert text in document.all("h1")[0].text
    assert embedded(document) == json.loads(json.dumps(hostile(text).to_dict()))


@pytest.mark.parametrize("text", ["\x00\x1b[31m", "\ud800", "\u202egnirts", "\u2028", "亚当🙂", "a" * 5000, " ", ""])
def test_strange_names_do_not_break_the_page(undrawn, text):
    page = Report(compared({"adam": [[0.9]], "sgd": [[0.8]]}, titles={"adam": text, "sgd": "SGD"})).to_html()
    page.encode()
    document = read(page)
    assert not re.search("[\x00-\x08\x0e-\x1f\u202a-\u202e]", document.text)
    assert embedded(document)["runs"][0]["title"] == text


def test_pictures_are_sharp_and_keep_their_colours():
    some = comparison(["sgd", "adam"], epochs=3, seeds=2, target=0.95)
    markup = report.picture(targets_figure, some, (LIGHT, DARK), "told", "caption")
    images = read(markup).all("img")
    assert [one.attributes["class"] for one in images] == ["broad day", "narrow day", "broad night", "narrow night"]
    assert ["hidden" in one.attributes for one in images] == [False, True, True, True]
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
    for one in read(report.picture(targets_figure, some, (LIGHT,), "told", "caption")).all("img"):
        data = one.attributes["src"].split(",")[1]
        pixels = np.asarray(Image.open(io.BytesIO(base64.b64decode(data))).convert("RGB"))
        for edge in (pixels[0], pixels[-1], pixels[:, 0], pixels[:, -1]):
            assert (edge == rgb(LIGHT.page)).all()


def test_what_cannot_be_drawn_is_left_out():
    assert report.picture(rates_figure, comparison(["sgd"]), (LIGHT,), "told", "caption") == ""


def test_every_style_of_a_figure_is_in_the_style_sheet(undrawn):
    """What the pictures' classes are called is said twice: beside the pictures and in the style sheet."""
    style = read(Report(compared({"adam": [[0.9]]})).to_html()).all("style")[0].text
    for name in ("broad.day", "broad.night", "narrow.day", "narrow.night", "both .broad.day", "both .narrow.day"):
        assert f".{name}" in style


@pytest.mark.slow
def test_the_same_comparison_gives_the_same_page_of_a_size_to_send():
    names = ["sgd", "momentum", "nesterov", "adagrad", "adadelta", "rmsprop", "adam"]
    page = Report(full(names, 10, 5)).to_html()
    assert page == Report(full(names, 10, 5)).to_html()
    assert len(page.encode()) < 1_500_000
    assert [one.attributes["id"] for one in read(page).all("section")] == SECTIONS


def test_it_stays_as_it_is_when_it_is_saved_and_read(undrawn, tmp_path):
    from optviz.results import load, save

    save(tmp_path / "a.npz", full())
    again = load(tmp_path / "a.npz")
    assert isinstance(again, Comparison) and Report(again).to_html() == Report(full()).to_html()

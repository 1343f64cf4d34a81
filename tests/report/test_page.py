"""The page of a comparison: what stands on it, that it is well formed, and that it needs nothing else."""

import json
import re
from dataclasses import replace

import pytest

from optviz.page.document import policy
from optviz.report import Report
from optviz.results import Comparison, load, save
from optviz.results.comparison_tables import tables
from tests.report.pages import Element, embedded, full, read
from tests.seeds import compared, rising

SECTIONS = ["result", "training", "plane", "published", "rates", "targets", "confusion", "mistakes", "made"]


def test_the_page_is_well_formed_and_whole(undrawn):
    document = read(Report(full()).to_html())
    assert [one.attributes["id"] for one in document.all("section")] == SECTIONS
    assert [one.attributes["href"] for one in document.all("nav")[0].all("a")] == [f"#{name}" for name in SECTIONS]
    (title,), (heading,) = document.all("title"), document.all("h1")
    assert title.text == heading.text == "Adam and SGD on MNIST"
    levels = [int(one.tag[1]) for one in document.all("*") if re.fullmatch("h[1-6]", one.tag)]
    assert levels[0] == 1 and levels.count(1) == 1
    assert all(after <= before + 1 for before, after in zip(levels, levels[1:], strict=False))
    assert document.all("html")[0].attributes["lang"] == "en"


def test_nothing_is_fetched_and_no_other_script_runs(undrawn):
    document = read(Report(full()).to_html())
    policies = [one for one in document.all("meta") if one.attributes.get("http-equiv") == "Content-Security-Policy"]
    ours, style = document.all("script")[1], document.all("style")[0]
    assert not ours.attributes
    told = policy(ours.text, style.text)
    assert [one.attributes["content"] for one in policies] == [told]
    assert "default-src 'none'" in told and "unsafe" not in told
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


@pytest.mark.slow
def test_the_same_comparison_gives_the_same_page_of_a_size_to_send():
    names = ["sgd", "momentum", "nesterov", "adagrad", "adadelta", "rmsprop", "adam"]
    page = Report(full(names, 10, 5)).to_html()
    assert page == Report(full(names, 10, 5)).to_html()
    assert len(page.encode()) < 1_500_000
    assert [one.attributes["id"] for one in read(page).all("section")] == SECTIONS


def test_it_stays_as_it_is_when_it_is_saved_and_read(undrawn, tmp_path):
    save(tmp_path / "a.npz", full())
    again = load(tmp_path / "a.npz")
    assert isinstance(again, Comparison) and Report(again).to_html() == Report(full()).to_html()

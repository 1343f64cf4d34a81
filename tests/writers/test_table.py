"""Tables of a comparison, read back."""

import csv
import json
import math
import re
from dataclasses import replace

import pytest

import optviz
from optviz import results, writers
from optviz.errors import UsageTypeError
from optviz.results import Comparison, TrainingRun
from optviz.results.comparison import without_seconds
from optviz.results.comparison_tables import tables
from tests.records import assert_same
from tests.seeds import TUNING, compared, published, rising


def epoch(number, accuracy, loss=0.5):
    return {"epoch": number, "train_loss": loss, "test_loss": loss, "test_accuracy": accuracy, "seconds": 0.25}


@pytest.fixture
def comparison():
    """Adam with two seeds, a diverged SGD, and an Adagrad that was interrupted before its first epoch ended."""
    runs = (
        TrainingRun("adam", "Adam", "keras", "keras", {"lr": 0.001, "beta1": 0.9}, 0, (epoch(1, 0.95), epoch(2, 0.97))),
        TrainingRun("adam", "Adam", "keras", "keras", {"lr": 0.001, "beta1": 0.9}, 1, (epoch(1, 0.96), epoch(2, 0.98))),
        TrainingRun("sgd", "SGD", "keras", "keras", {"lr": 100.0}, 0, (epoch(1, 0.1, math.nan),), 1),
        TrainingRun("adagrad", "Ada|Grad", "keras", "keras", {"lr": 0.01}, 0, ()),
    )
    return Comparison("mlp", "mnist", "784-128-10", 64, 2, runs, interrupted=True)


def test_json_is_the_document_of_the_command_line(tmp_path, comparison):
    writers.write(tmp_path / "a.json", comparison)
    text = (tmp_path / "a.json").read_text()
    made = {"optviz": optviz.__version__, "schema": 1, "command": None}
    assert json.loads(text, parse_constant=pytest.fail) == comparison.to_dict() | {"made": made}
    assert json.loads(text)["runs"][2]["epochs"][0]["train_loss"] is None
    writers.write(tmp_path / "b.json", comparison, "seed 0")
    assert json.loads((tmp_path / "b.json").read_text())["made"] == made | {"facts": "seed 0"}


def test_csv_has_a_row_for_each_epoch(tmp_path, comparison):
    writers.write(tmp_path / "a.csv", comparison)
    with open(tmp_path / "a.csv", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [(row["optimizer"], row["seed"], row["epoch"]) for row in rows] == [
        ("adam", "0", "1"), ("adam", "0", "2"), ("adam", "1", "1"), ("adam", "1", "2"),
        ("sgd", "0", "1"), ("adagrad", "0", ""),
    ]  # fmt: skip
    assert (rows[1]["test_accuracy"], rows[1]["lr"], rows[1]["beta1"], rows[1]["diverged_at"]) == (
        "0.97",
        "0.001",
        "0.9",
        "",
    )
    assert (rows[4]["train_loss"], rows[4]["beta1"], rows[4]["diverged_at"]) == ("", "", "1")


def markdown_rows(lines):
    """The cells of tables; an escaped bar is part of a cell."""
    return [re.split(r"(?<!\\) ?\| ?", line)[1:-1] for line in lines if line.startswith("| ")]


def test_markdown_has_a_row_for_each_optimizer(tmp_path, comparison):
    writers.write(tmp_path / "a.md", comparison, "seed 0")
    lines = (tmp_path / "a.md").read_text().splitlines()
    assert lines[0] == "mnist, mlp 784-128-10, batch 64"
    heads, *rows = markdown_rows(lines)
    assert heads == [
        "rank", "optimizer", "seeds", "lr", "epoch 1 accuracy %", "epoch 2 accuracy %", "lowest to highest",
        "final train loss", "training seconds",
    ]  # fmt: skip
    assert lines[3] == "|---:|---|---:|---:|---:|---:|---:|---:|---:|"
    half = 12.7062047 * 0.5
    assert rows[0] == [
        "1–3", "Adam", "2", "0.001", f"95.50 ± {half:.2f}", f"97.50 ± {half:.2f}", "97.00–98.00", "0.5000", "0.50",
    ]  # fmt: skip
    assert rows[1] == ["1–3", "SGD", "0 of 1", "100", "diverged", "diverged", "–", "–", "–"]
    assert rows[2] == ["1–3", "Ada\\|Grad", "0 of 1", "0.01", "–", "–", "–", "–", "–"]
    assert "SGD diverged in epoch 1." in lines
    assert lines[-1].startswith("<!-- optviz {") and '"facts": "seed 0"' in lines[-1]


def test_markdown_holds_all_tables(tmp_path):
    comparison = compared(
        {"adam": rising(0.98, 2), "sgd": rising(0.9, 2)},
        target=0.965,
        tuning=TUNING,
        published=published({"adam": (0.9, 0.95, 0.9), "sgd": (0.8, 0.9, 0.95)}),
    )
    writers.write(tmp_path / "a.md", comparison)
    text = (tmp_path / "a.md").read_text()
    rows = markdown_rows(text.splitlines())
    assert [row[0] for row in rows] == ["rank", "1", "2", "optimizer", "SGD", "Adam", "optimizer", *(
        search.title for search in TUNING.searches
    )]  # fmt: skip
    assert rows[0][-2:] == ["epochs to 96.5 %", "seconds to 96.5 %"] and rows[1][-2:] == ["9", "4.50"]
    assert rows[5][-4:] == ["97.95", "90.00", "+7.95", "differs"]
    for table in tables(comparison):
        assert all(note.replace(">", "\\>") in text.splitlines() for note in table.notes)


def test_markdown_shows_names_as_they_are(tmp_path):
    titles = {"adam": "[A](b) <i>*c*</i> `d` e_f\\|g", "sgd": "亚当\n优化器"}
    writers.write(tmp_path / "a.md", compared({"adam": [[0.9]], "sgd": [[0.8]]}, titles=titles))
    rows = markdown_rows((tmp_path / "a.md").read_text().splitlines())
    assert [len(row) for row in rows] == [5, 5, 5]
    assert rows[1][0] == r"\[A\](b) \<i\>\*c\*\</i\> \`d\` e\_f\\\|g"
    assert rows[2][0] == "亚当 优化器"


def test_markdown_of_nothing(tmp_path):
    writers.write(tmp_path / "a.md", compared({}))
    text = (tmp_path / "a.md").read_text()
    assert len(markdown_rows(text.splitlines())) == 1 and not text.endswith("\n\n")


def test_npz_gives_the_record_back(tmp_path, comparison):
    writers.write(tmp_path / "a.npz", comparison)
    assert_same(results.load(tmp_path / "a.npz").runs[0], comparison.runs[0])


@pytest.mark.parametrize("name", ["json", "csv", "md", "npz"])
def test_the_same_comparison_gives_the_same_bytes(tmp_path, comparison, name):
    for stem in "ab":
        writers.write(tmp_path / f"{stem}.{name}", comparison)
    assert (tmp_path / f"a.{name}").read_bytes() == (tmp_path / f"b.{name}").read_bytes()


@pytest.mark.parametrize("name", ["csv", "md"])
def test_other_results_are_no_comparison(tmp_path, name):
    race = type("Race", (), {"to_dict": lambda self: {}})()
    writers.write(tmp_path / "a.json", race)
    with pytest.raises(UsageTypeError, match="holds a comparison, not a Race"):
        writers.write(tmp_path / f"a.{name}", race)


def test_unknown_seconds_have_no_column(tmp_path, comparison):
    heads = []
    for one in (comparison, without_seconds(comparison)):
        writers.write(tmp_path / "a.csv", one)
        rows = list(csv.reader((tmp_path / "a.csv").read_text().splitlines()))
        assert {len(row) for row in rows} == {len(rows[0])}
        heads.append(rows[0])
    assert [name for name in heads[0] if name != "seconds"] == heads[1] != heads[0]


@pytest.mark.parametrize("ending", ["csv", "md", "json"])
def test_names_that_are_not_utf8_are_written_with_escapes(tmp_path, comparison, ending):
    runs = tuple(replace(run, optimizer="\udcff", title="\udcff") for run in comparison.runs[:1])
    writers.write(tmp_path / f"a.{ending}", replace(comparison, runs=runs, dataset="\udcff"))
    assert "\\udcff" in (tmp_path / f"a.{ending}").read_text().replace("\\\\", "\\")

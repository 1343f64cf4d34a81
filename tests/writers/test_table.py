"""Tables of a comparison, read back."""

import csv
import json
import math

import pytest

from optviz import results, writers
from optviz.errors import UsageTypeError
from optviz.results import Comparison, TrainingRun
from tests.records import assert_same


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
    assert json.loads(text, parse_constant=pytest.fail) == comparison.to_dict()
    assert json.loads(text)["runs"][2]["epochs"][0]["train_loss"] is None
    writers.write(tmp_path / "b.json", comparison, "optviz 0.1 · seed 0")
    assert json.loads((tmp_path / "b.json").read_text())["provenance"] == "optviz 0.1 · seed 0"


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


def test_markdown_has_a_row_for_each_optimizer(tmp_path, comparison):
    writers.write(tmp_path / "a.md", comparison, "seed 0")
    lines = (tmp_path / "a.md").read_text().splitlines()
    assert lines[0] == "mnist, mlp 784-128-10, batch 64"
    rows = [[cell.strip() for cell in line.strip("|").split(" | ")] for line in lines if line.startswith("| ")]
    assert rows[0] == ["optimizer", "lr", "seeds", "accuracy, epoch 1", "accuracy, epoch 2", "train loss", "seconds"]
    assert rows[1][:4] == ["Adam", "0.001", "2", "95.50% (95.00% to 96.00%)"]
    assert rows[1][5:] == ["0.5000", "0.50"]
    assert rows[2] == ["SGD (diverged in epoch 1)", "100.0", "0", "", "", "", ""]
    assert rows[3][0] == "Ada\\|Grad"
    assert lines[-1] == "seed 0"


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

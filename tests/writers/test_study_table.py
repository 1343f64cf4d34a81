"""A study as a table, read back."""

import csv

import numpy as np
import pytest

from optviz import writers
from optviz.results.study_tables import study_tables
from tests.studies import made_of, study


def test_csv_has_a_row_for_each_function_and_optimizer(tmp_path):
    # One function, two optimizers, one target, four starts.
    reached = [[[[10, 20, 30, 40]], [[-1, -1, -1, 5]]]]
    one = made_of(
        reached, 100, (1e-3,), ("sgd", "adam"), ("sphere",), diverged=np.array([[[0, 0, 0, 0], [7, 0, 0, 0]]])
    )
    writers.write(tmp_path / "a.csv", one)
    sgd, adam = csv.DictReader((tmp_path / "a.csv").read_text().splitlines())
    assert sgd["function"] == adam["function"] == "sphere"
    assert (sgd["optimizer"], sgd["lr"], sgd["share_solved"], sgd["share_diverged"]) == ("sgd", "0.01", "1.0", "0.0")
    assert (sgd["quartile_low"], sgd["median_steps"], sgd["quartile_high"]) == ("17.5", "25.0", "32.5")
    assert (adam["share_solved"], adam["share_diverged"], adam["median_steps"]) == ("0.25", "0.25", "")


def test_csv_holds_every_pair(tmp_path):
    whole = study(starts=10)
    writers.write(tmp_path / "a.csv", whole)
    rows = list(csv.DictReader((tmp_path / "a.csv").read_text().splitlines()))
    pairs = [(function, one.optimizer) for function in whole.functions for one in whole.contenders]
    assert [(row["function"], row["optimizer"]) for row in rows] == pairs
    assert [float(row["lr"]) for row in rows] == pytest.approx(whole.rates.ravel().tolist())


def test_markdown_holds_the_tables_and_the_provenance(tmp_path):
    whole = study(starts=10)
    writers.write(tmp_path / "a.md", whole, whole.provenance())
    text = (tmp_path / "a.md").read_text()
    for table in study_tables(whole):
        assert table.title.split(":")[0] in text
        assert sum(line.startswith("|") for line in text.splitlines()) >= len(table.rows) + 2
    assert whole.provenance().split(" · ")[-1] in text.splitlines()[-1]

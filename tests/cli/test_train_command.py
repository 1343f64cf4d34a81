"""``train``, end to end on the real images."""

import csv
import json

import pytest

pytestmark = pytest.mark.slow


def test_mnist_compares_optimizers(outside, here):
    files = [f"out.{ending}" for ending in ("png", "json", "csv", "md")]
    done = outside(
        "train", "--optimizers", "sgd,adam", "--epochs", "2", *(part for name in files for part in ("-o", name))
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == files
    assert "SGD" in done.stderr
    assert "epoch 2" in done.stderr
    assert "Traceback" not in done.stderr
    document = json.loads((here / "out.json").read_text())
    assert [run["optimizer"] for run in document["runs"]] == ["sgd", "adam"]
    assert [epoch["epoch"] for epoch in document["runs"][0]["epochs"]] == [1, 2]
    assert document["runs"][1]["epochs"][-1]["test_accuracy"] > 0.95
    with open(here / "out.csv") as file:
        assert len(list(csv.DictReader(file))) == 4


def test_mnist_prints_one_document(outside):
    done = outside("train", "--optimizers", "sgd", "--epochs", "1", "--lr", "sgd=0.1", "--json", "--quiet")
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    document = json.loads(done.stdout)
    assert (document["schema"], document["dataset"], document["network"]) == (1, "mnist", "mlp")
    (run,) = document["runs"]
    assert run["hyperparameters"]["lr"] == 0.1
    assert set(run["epochs"][0]) == {"epoch", "train_loss", "test_loss", "test_accuracy", "seconds"}

"""``train --resume``: what an earlier command has trained is drawn, saved and extended."""

import json

import pytest

from optviz.runs.networks import run
from tests.datasets.files import blobs, write

LINE = ["train", "--dataset", "./four", "--network", "logreg", "--optimizers", "sgd", "--epochs", "1"]


@pytest.fixture
def kept(here, monkeypatch):
    """A small data set, and a place for journals."""
    write(here / "four", blobs())
    monkeypatch.setattr("optviz.runs.networks.journal.folder", lambda: here / "journals")
    return here


def test_a_finished_comparison_is_drawn_and_saved(inside, kept, monkeypatch):
    first = inside(*LINE)
    assert (first.code, first.out) == (0, "")
    assert "Its runs are kept: the same command with --resume -o mnist.png draws them.\n" in first.err
    monkeypatch.setattr(run.Run, "advance", pytest.fail)
    again = inside(*LINE, "--resume", "-o", "a.png", "-o", "a.json")
    assert (again.code, again.out) == (0, "a.png\na.json\n")
    assert again.err in first.err and "starting anew" not in again.err
    (training,) = json.loads((kept / "a.json").read_text())["runs"]
    assert len(training["epochs"]) == 1


def test_more_is_asked_for(inside, kept):
    at_once = inside(*LINE[:-1], "2", "--seeds", "2", "--no-seconds", "--json")
    inside(*LINE)
    more = inside(*LINE[:-1], "2", "--seeds", "2", "--no-seconds", "--json", "--resume")
    assert more.out == at_once.out and more.code == 0


def test_where_nothing_is_kept_resuming_says_so(inside, kept):
    assert "nothing is kept that could go on; starting anew\n" in inside(*LINE, "--resume").err

"""What records say of themselves: gaps, documents in strict JSON, provenance."""

import dataclasses
import json

import numpy as np
import pytest

from optviz import results
from tests.records import EPOCHS, RECORDS, TUNING, race, trajectory


def test_steps_and_gap_of_a_trajectory():
    run = trajectory(steps=6)
    assert run.steps == 6
    np.testing.assert_allclose(run.gap, run.points[:, 0] ** 2, atol=1e-15)
    assert race({"sgd": "given"}).steps == 4


def test_records_are_frozen():
    with pytest.raises(dataclasses.FrozenInstanceError):
        trajectory().minimum = 0.0


@pytest.mark.parametrize("name", ["race", "comparison", "empty comparison"])
def test_documents_are_strict_json(name):
    document = RECORDS[name].to_dict()
    text = json.dumps(document, allow_nan=False)
    assert json.loads(text) == document
    assert document["schema"] == results.SCHEMA


def test_race_document_says_where_each_run_ended():
    document = race({"sgd": "tuned", "adam": "given"}, TUNING, diverged_at=2).to_dict()
    assert document["function"] == "sphere" and document["seed"] == 7 and document["steps"] == 4
    assert document["tuning"]["grid"] == 49 and "no clipping" in document["provenance"]
    for run, name, rate in zip(document["runs"], ("sgd", "adam"), ("tuned", "given"), strict=True):
        assert (run["optimizer"], run["rate"], run["diverged_at"]) == (name, rate, 2)
        assert run["final_point"] == [None, None] and run["final_value"] is None
        assert run["values"][0] == pytest.approx(0.1) and run["values"][3] is None
    end = race({"sgd": "given"}).to_dict()["runs"][0]
    assert end["final_point"] == end["points"][-1] and end["final_value"] == end["values"][-1]


def test_a_function_without_a_minimum_has_a_document():
    record = race({"sgd": "given"})
    endless = dataclasses.replace(record, landscape=dataclasses.replace(record.landscape, minimum=-np.inf))
    assert json.loads(json.dumps(endless.to_dict(), allow_nan=False))["minimum"] is None


def test_comparison_document_has_what_mnist_prints():
    document = RECORDS["comparison"].to_dict()
    assert {"network", "dataset", "architecture", "batch_size", "epochs", "runs", "interrupted"} <= set(document)
    first, second = document["runs"][0]["epochs"]
    assert first == EPOCHS[0]
    assert second["train_loss"] is None and second["test_loss"] is None


@pytest.mark.parametrize(
    ("rates", "tuning", "text"),
    [
        (
            {"sgd": "tuned", "adam": "tuned"},
            TUNING,
            f"learning rates: {TUNING['rule']} · no clipping · seed 7",
        ),
        (
            {"sgd": "tuned", "adam": "given", "adagrad": "tuned"},
            TUNING,
            f"ADAM: given · others: {TUNING['rule']} · no clipping · seed 7",
        ),
        ({"sgd": "given", "adam": "given"}, None, "learning rates: given · no clipping · seed 7"),
        ({"sgd": "keras", "adam": "keras"}, None, "learning rates: keras defaults · no clipping · seed 7"),
        (
            {"sgd": "given", "adam": "torch", "rmsprop": "torch"},
            None,
            "SGD: given · others: torch defaults · no clipping · seed 7",
        ),
    ],
    ids=["all tuned", "some tuned", "all given", "all defaults", "mixed"],
)
def test_provenance_says_where_every_rate_comes_from(rates, tuning, text):
    assert race(rates, tuning).provenance() == text


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (float("nan"), None),
        (np.float32("inf"), None),
        (np.array([1.0, np.nan]), [1.0, None]),
        (np.int64(3), 3),
        (np.bool_(True), True),
        ((1, {"a": np.array([[2]])}), [1, {"a": [[2]]}]),
        ("text", "text"),
        (None, None),
    ],
    ids=str,
)
def test_plain_values_are_what_json_holds(value, expected):
    plain = results.plain(value)
    assert plain == expected and type(plain) is type(expected)


def test_only_another_device_is_worth_a_word():
    here = race({"sgd": "given"}, None)
    there = dataclasses.replace(here, device="cuda")
    assert there.provenance() == f"{here.provenance()} · device cuda" and there.to_dict()["device"] == "cuda"


@pytest.mark.parametrize("name", RECORDS)
def test_a_record_is_printed_in_one_line_without_arrays(name):
    text = repr(RECORDS[name])
    assert text.startswith(f"<{type(RECORDS[name]).__name__}: ") and text.endswith(">")
    assert len(text) < 200 and "\n" not in text and "array" not in text and "nan" not in text


def test_every_kind_of_record_is_printed():
    assert {type(one).__name__ for one in RECORDS.values()} == results.RECORDS.keys()


def test_a_record_says_what_it_found():
    said = {name: repr(one) for name, one in RECORDS.items()}
    assert said["trajectory"] == "<Trajectory: SGD on sphere, 4 steps: f - f* = 0.79>"
    assert said["race"] == "<Race: 2 optimizers on Sphere – “kugel”, 4 steps; SGD leads with f - f* = 0.79>"
    assert said["basins"] == (
        "<Basins: 2 optimizers on Saddle from 4 x 3 starts, 20 steps; 91.7 % arrive, the most, with Adam>"
    )
    assert said["sweep"] == (
        "<Sweep: Momentum on Rosenbrock, lr 0.001 to 1 and momentum 0 to 0.9, 1,000 steps; "
        "best lr 0.01, momentum 0.45 in 15 steps>"
    ).replace("Rosenbrock", "Saddle")
    assert said["full comparison"] == (
        "<Comparison: 1 run of mlp 784-128-10 on mnist, 3 epochs; Adam leads with test accuracy 92.50 %>"
    )
    assert repr(race({"sgd": "given"}, diverged_at=2)).endswith("4 steps; all diverged>")


def test_names_of_others_stay_on_the_line():
    one = dataclasses.replace(RECORDS["contender"], title="a\nb\x1b]0;c")
    assert "\n" not in repr(one) and "\x1b" not in repr(one)


def test_nobody_leads_from_outside_the_map():
    one = race({"sgd": "given", "adam": "given"})
    away = dataclasses.replace(one.trajectories[0], points=one.trajectories[0].points + 100, values=np.full(5, 0.1))
    assert "ADAM leads" in repr(dataclasses.replace(one, trajectories=(away, one.trajectories[1])))


def test_former_names_work_and_say_so():
    swarm = RECORDS["swarm"]
    with pytest.warns(DeprecationWarning, match=r"Swarm\.runs"):
        assert swarm.flocks == swarm.runs
    with pytest.warns(DeprecationWarning, match=r"headline\(\)"):
        assert swarm.found() == swarm.headline()
    with pytest.warns(DeprecationWarning, match="SwarmRun"):
        assert results.Flock is results.SwarmRun

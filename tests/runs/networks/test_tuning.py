"""Tuned learning rates: the same trials for every optimizer, on training images alone, and the best of them is used."""

import math

import numpy as np
import pytest

from optviz.errors import UsageError, UsageTypeError
from optviz.optimizers import UpdateRule, configure
from optviz.results import plain
from optviz.results.training_run import TrainingRun
from optviz.runs.networks import tuning as rates
from optviz.runs.networks.journal import Outcome
from optviz.runs.networks.specification import split
from optviz.runs.networks.training import train
from tests.datasets.files import blobs, write
from tests.runs.same import content

NAMES = ["sgd", "adam", "adadelta"]


@pytest.fixture(scope="module")
def arguments(blobs_folder):
    return {"dataset": blobs_folder, "optimizers": NAMES, "epochs": 3, "batch_size": 32, "lr": "tuned"}


@pytest.fixture(scope="module")
def comparison(arguments):
    return train(**arguments)


def test_the_grid_spans_five_decades():
    assert rates.GRID == (1e-4, 3.2e-4, 1e-3, 3.2e-3, 0.01, 0.032, 0.1, 0.32, 1.0, 3.2, 10.0)
    for rate in rates.GRID:
        near = rates.around(rate)
        assert len({*near, *rates.GRID}) == 15
        assert near == sorted(near) and rate / 2 < near[0] < rate < near[-1] < 2 * rate
        assert all(float(f"{one:.2g}") == one for one in near)


def test_every_optimizer_has_the_same_budget(comparison):
    tuning = comparison.tuning
    assert (tuning.grid, tuning.low, tuning.high, tuning.refined) == (11, 1e-4, 10.0, 4)
    assert (tuning.images, tuning.validation, tuning.seeds) == (250, 50, rates.SEEDS)
    assert [search.optimizer for search in tuning.searches] == NAMES
    for search in tuning.searches:
        assert len(search.rates) == 15 and set(rates.GRID) < set(search.rates)
        assert np.all(np.diff(search.rates) > 0)
        for array in (search.accuracies, search.low, search.high):
            assert array.shape == (15,) and np.nanmax(array) <= 1
        assert search.best in search.rates


def test_the_rate_that_was_chosen_is_the_one_that_is_used(comparison, blobs_folder):
    assert comparison.rates == dict.fromkeys(NAMES, "tuned")
    best = {search.optimizer: search.best for search in comparison.tuning.searches}
    assert {run.optimizer: run.hyperparameters["lr"] for run in comparison.runs} == best
    given = train(blobs_folder, "mlp", NAMES, epochs=3, batch_size=32, lr=best)
    assert [plain(run.losses) for run in given.runs] == [plain(run.losses) for run in comparison.runs]


def test_test_images_are_never_looked_at(arguments, comparison, tmp_path):
    """The same tuning with garbage in their place, and other weights where the training images change."""
    parts = blobs()
    generator = np.random.default_rng(3)
    garbage = {
        "test": generator.integers(0, 256, parts["test"][:37].shape).astype(np.uint8),
        "test_labels": generator.integers(0, 4, 37).astype(np.uint8),
    }
    found = train(**arguments | {"dataset": write(tmp_path / "garbage", parts | garbage)})
    assert plain(found.tuning) == plain(comparison.tuning)
    assert found.runs[0].epochs[-1]["test_accuracy"] < 0.6 < comparison.runs[0].epochs[-1]["test_accuracy"]


@pytest.mark.parametrize("count", [2, 5, 6, 300, 60_000])
def test_validation_images_are_not_trained_on(count):
    learn, judge = split(count)
    assert len(judge) == max(1, count // 6)
    assert np.array_equal(np.sort(np.concatenate([learn, judge])), np.arange(count))
    assert np.array_equal(split(count)[1], judge)


def test_tuning_does_not_depend_on_how_it_is_run(arguments, comparison, tmp_path):
    assert content(train(**arguments, jobs=1)) == content(comparison)
    assert content(train(**arguments, engine="processes", jobs=2, journal=tmp_path)) == content(comparison)
    assert len(list(tmp_path.glob("*.run.npz"))) == 3 * 15 * rates.SEEDS + 3


def test_trials_have_seeds_of_their_own(arguments):
    """Whatever seeds the comparison has."""
    seen = []

    def watch(specifications, stage):
        seen.extend(specifications)
        raise KeyboardInterrupt

    from optviz.runs.networks.request import ask

    given = {name: arguments[name] for name in ("dataset", "optimizers", "epochs", "batch_size", "lr")}
    request = ask(
        **given,
        network="mlp",
        seeds=[0, rates.FIRST_SEED],
        defaults="keras",
        variant=None,
        tuning_epochs=None,
        alone=True,
        engine="threads",
        hyperparameters={},
    )
    with pytest.raises(KeyboardInterrupt):
        rates.tune(request.loaded(plane=False), watch)
    assert {one.seed for one in seen}.isdisjoint({0, rates.FIRST_SEED})
    assert {one.part for one in seen} == {"split"}
    assert {one.epochs for one in seen} == {min(rates.EPOCHS, 3)}


def trial(accuracy, loss=0.1, diverged=False):
    numbers = {"epoch": 1, "train_loss": 0.1, "test_loss": loss, "test_accuracy": accuracy, "seconds": 0.1}
    run = TrainingRun("sgd", "SGD", "keras", "keras", {}, 0, (numbers,), diverged_at=2 if diverged else None)
    return Outcome(run, np.empty(0), np.empty((0, 0), np.float32))


def best_of(*trials):
    search = rates._Search(configure("sgd"))
    for rate, outcome in trials:
        search.enter(rate, outcome)
    return search


def test_how_rates_are_judged():
    assert best_of((0.1, trial(0.5)), (0.2, trial(0.6)), (0.3, trial(0.4))).best == 0.2
    assert best_of((0.1, trial(0.6, 0.3)), (0.2, trial(0.6, 0.2)), (0.3, trial(0.6, 0.4))).best == 0.2  # ties: the loss
    assert best_of((0.2, trial(0.6)), (0.1, trial(0.6))).best == 0.1
    lost = best_of((0.1, trial(0.5)), (0.2, trial(0.9, diverged=True)))
    assert lost.best == 0.1
    assert math.isnan(lost.record().accuracies[1]) and math.isnan(lost.record().high[1])
    assert best_of((0.2, trial(0.9, diverged=True)), (0.1, trial(0.9, diverged=True))).best == 0.1
    # A mean over seeds; a rate with which one of them diverges is not one to choose.
    several = best_of((0.1, trial(0.5)), (0.1, trial(0.7)), (0.2, trial(0.9)), (0.2, trial(0.9, diverged=True)))
    assert several.best == 0.1
    record = several.record()
    assert (record.accuracies[0], record.low[0], record.high[0]) == (0.6, 0.5, 0.7)


def follow(x, g, size):
    return x - size * g


def leap(x, g, lr):
    return x + lr / (g - g)


def rule_of(formula, **defaults):
    rule = UpdateRule("ours", "Ours", 2026, "", "", "", variants={}, defaults={"paper": defaults})
    rule.formula("paper")(formula)
    return rule


def test_rules_without_a_rate_are_left_alone(blobs_folder):
    rule = rule_of(follow, size=0.01)
    found = train(blobs_folder, "mlp", [rule, "sgd"], epochs=1, lr="tuned")
    assert found.rates == {"ours": "keras", "sgd": "tuned"}
    assert [search.optimizer for search in found.tuning.searches] == ["sgd"]
    alone = train(blobs_folder, "mlp", [rule], epochs=1, lr="tuned")
    assert alone.tuning is None and alone.rates == {"ours": "keras"}


def test_a_rule_that_always_diverges_is_a_result(blobs_folder):
    found = train(blobs_folder, "mlp", [rule_of(leap, lr=1.0)], epochs=1, lr="tuned")
    [search] = found.tuning.searches
    assert np.isnan(search.accuracies).all() and search.best == search.rates[0]
    assert found.runs[0].diverged_at == 1


@pytest.mark.parametrize("after", [1, 600, 740])
def test_interrupted_tuning(arguments, comparison, tmp_path, after):
    """In the grid or in the comparison; what is finished is not done again."""
    told = 0

    def interrupt(done, total, text):
        nonlocal told
        told += total > 0
        if done > after:
            raise KeyboardInterrupt

    partly = train(**arguments, journal=tmp_path, jobs=1, progress=interrupt)
    assert partly.interrupted
    assert [run.optimizer for run in partly.runs] == NAMES
    if partly.tuning is None:
        assert partly.rates == dict.fromkeys(NAMES, "keras")
        assert not any(run.epochs for run in partly.runs)
    assert content(train(**arguments, journal=tmp_path)) == content(comparison)


def test_progress_covers_the_tuning(arguments):
    told = []
    train(**arguments, progress=lambda *news: told.append(news))
    worked = [(done, total) for done, total, _ in told if total]
    trials = 3 * 15 * rates.SEEDS * math.ceil(250 / 32) * min(rates.EPOCHS, 3)
    assert {total for _, total in worked} == {trials + 3 * 3 * math.ceil(300 / 32)}
    assert worked == sorted(worked) and worked[-1][0] == worked[-1][1]


@pytest.mark.parametrize(
    ("given", "error", "words"),
    [
        ({"lr": "tuned", "tuning_epochs": 0}, UsageError, "tuning_epochs"),
        ({"lr": "tuned", "tuning_epochs": 1.5}, UsageTypeError, "tuning_epochs"),
        ({"tuning_epochs": 2}, UsageError, "tuning_epochs"),
        ({"lr": {"adam": "tuned"}}, UsageTypeError, "lr"),
        ({"lr": "tune"}, UsageError, "'tuned'"),
    ],
)
def test_what_cannot_be_meant(given, error, words):
    with pytest.raises(error, match=words):
        train(optimizers=["sgd", "adam"], **given)


def test_one_image_cannot_be_split(tmp_path):
    folder = write(tmp_path / "one", blobs(train=1))
    with pytest.raises(UsageError, match="one training image"):
        train(folder, "mlp", "sgd", lr="tuned")

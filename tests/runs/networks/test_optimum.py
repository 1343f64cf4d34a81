"""The optimum of a convex network: found, kept, interrupted, refused, and what runs are measured from it."""

import csv
import dataclasses
import json
import subprocess
import sys

import numpy as np
import pytest

import optviz
from optviz.errors import UsageError
from optviz.kernels.training import examples
from optviz.networks import REGISTRY, initialise
from optviz.results.optimum import LEAST
from optviz.runs.networks import optimum
from optviz.runs.networks.epochs import WEIGHTS
from optviz.runs.networks.training import train
from tests.datasets.files import blobs, write
from tests.networks import reference
from tests.runs.same import content

SHAPE, CLASSES = (3, 4), 3
PLAN = REGISTRY["logreg"].plan(SHAPE, CLASSES)


def mixed():
    """More images than parameters, a third of them with any label: no weights tell all of them apart."""
    parts = blobs(400, 50, SHAPE, CLASSES)
    random = np.random.default_rng(1)
    labels = parts["train_labels"]
    some = random.random(len(labels)) < 1 / 3
    labels[some] = random.integers(0, CLASSES, some.sum())
    return parts


PARTS = mixed()
IMAGES, LABELS = PARTS["train"].reshape(-1, 12) / 255, PARTS["train_labels"]
TRAINING = examples(PARTS["train"], LABELS)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return write(tmp_path_factory.mktemp("data") / "mixed", PARTS)


@pytest.fixture(scope="module", autouse=True)
def several_parts():
    """So that threads have something to share, as they have with more images."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(optimum, "PART", 150)
        yield


@pytest.fixture(scope="module")
def measured(folder, several_parts):
    return train(folder, "logreg", ["sgd", "adam"], epochs=2, seeds=2, batch_size=32, gap=True)


def test_the_gradient_vanishes_where_it_is_found():
    found = optimum.lowest(PLAN, TRAINING, 1)
    assert found.stopped in ("at rest", "no descent") and found.floor == LEAST
    assert (np.diff(found.losses) <= 0).all() and found.losses[0] < np.log(CLASSES)
    # Newton's method from there, in float64, gains nothing that is told.
    assert found.lowest - newton(IMAGES, LABELS) < 1e-6


def newton(images, labels, steps=30):
    """The minimum of the mean cross-entropy, by Newton's method on its singular Hessian."""
    ones = np.hstack([images, np.ones((len(images), 1))])
    weights, known = np.zeros((ones.shape[1], CLASSES)), np.eye(CLASSES)[labels]
    for _ in range(steps):
        logits = ones @ weights
        shares = np.exp(logits - logits.max(axis=1, keepdims=True))
        shares /= shares.sum(axis=1, keepdims=True)
        slope = (ones.T @ (shares - known)).ravel() / len(ones)
        spread = np.einsum("nc,cd->ncd", shares, np.eye(CLASSES)) - np.einsum("nc,nd->ncd", shares, shares)
        hessian = np.einsum("ni,nj,ncd->icjd", ones, ones, spread).reshape(slope.size, -1) / len(ones)
        weights -= (np.linalg.pinv(hessian, hermitian=True) @ slope).reshape(weights.shape)
    return -float(np.log(shares[np.arange(len(labels)), labels]).mean())


def test_threads_change_nothing():
    one, two = (optimum.lowest(PLAN, TRAINING, threads, 12) for threads in (1, 3))
    assert np.array_equal(one.losses, two.losses) and np.array_equal(one.spent, two.spent)
    assert one.evaluations == 12 and one.stopped == "out of evaluations"


def test_loss_and_gradient_are_those_of_plain_numpy():
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(2) as pool:
        loss = optimum._WholeLoss(PLAN, TRAINING, 2, pool)
        x, g = np.random.default_rng(0).normal(0, 0.3, PLAN.parameters), np.empty(PLAN.parameters)
        bright = np.maximum(np.sqrt((IMAGES**2).mean(axis=0)), optimum.DARK)
        units = np.concatenate([np.repeat(1 / bright, CLASSES), np.ones(CLASSES)])
        assert loss.value(x) == pytest.approx(reference.loss(x * units, PLAN, IMAGES, LABELS), rel=1e-6)
        loss.gradient(x, g)
    np.testing.assert_allclose(g, reference.gradient(x * units, PLAN, IMAGES, LABELS) * units, atol=2e-6)


def test_runs_are_measured_over_all_training_images(measured):
    found = measured.optimum
    assert {(path.optimizer, path.seed) for path in found.paths} == {(run.optimizer, run.seed) for run in measured.runs}
    assert found.images == len(LABELS)
    for path in found.paths:
        assert path.epochs[0] == 0 and path.epochs[-1] == 2 and len(path.epochs) > 4
        weights = np.zeros(PLAN.parameters, np.float32)
        initialise(weights, PLAN, np.random.default_rng(np.random.SeedSequence(path.seed, spawn_key=(WEIGHTS,))))
        assert path.losses[0] == pytest.approx(reference.loss(weights, PLAN, IMAGES, LABELS), rel=1e-6)
        assert (path.losses > found.lowest).all() and path.losses[-1] < path.losses[0]


def test_a_gap_changes_no_run(measured, folder):
    plain = train(folder, "logreg", ["sgd", "adam"], epochs=2, seeds=2, batch_size=32)
    assert content(dataclasses.replace(measured, optimum=None)) == content(plain)


def test_the_journal_keeps_the_optimum_and_whatever_else_is_asked_for(folder, tmp_path, measured, monkeypatch):
    asked = {"epochs": 2, "batch_size": 32, "gap": True, "journal": tmp_path}
    first = train(folder, "logreg", ["sgd", "adam"], seeds=2, **asked)
    assert content(first) == content(measured)
    with monkeypatch.context() as patch:
        patch.setattr(optimum, "lowest", pytest.fail)
        assert content(train(folder, "logreg", ["sgd", "adam"], seeds=2, **asked)) == content(first)
        other = train(folder, "logreg", ["momentum"], resume=False, **asked)
    assert np.array_equal(other.optimum.losses, first.optimum.losses)
    for file in tmp_path.glob("optimum-*"):
        file.write_bytes(file.read_bytes()[:-40])  # a damaged one costs the work of making it again
    assert content(train(folder, "logreg", ["sgd", "adam"], seeds=2, **asked)) == content(first)


@pytest.mark.parametrize("after", [1, 5])
def test_ctrl_c_keeps_what_was_found(folder, tmp_path, after):
    asked = {"epochs": 1, "batch_size": 32, "gap": True, "journal": tmp_path}

    def interrupt(done, total, text):
        if "L-BFGS" in text and done >= after:
            raise KeyboardInterrupt

    found = train(folder, "logreg", "sgd", progress=interrupt, **asked)
    assert found.interrupted and found.optimum.interrupted and found.optimum.evaluations >= after
    assert len(found.optimum.paths) == 1 and "until it was interrupted" in found.optimum.rule()
    whole = train(folder, "logreg", "sgd", **asked)  # of which nothing was kept
    assert not whole.interrupted and whole.optimum.lowest < found.optimum.lowest
    assert np.array_equal(whole.optimum.losses[: len(found.optimum.losses)], found.optimum.losses)


def test_ctrl_c_before_there_is_an_optimum_keeps_the_runs(folder):
    def interrupt(done, total, text):
        if "all training images" in text:
            raise KeyboardInterrupt

    found = train(folder, "logreg", "sgd", epochs=1, batch_size=32, gap=True, progress=interrupt)
    assert found.interrupted and found.optimum is None and len(found.runs[0].epochs) == 1


def test_a_plane_beside_a_gap_shows_the_first_seed_alone(folder):
    both = train(folder, "logreg", ["sgd", "adam"], epochs=1, seeds=[3, 4], batch_size=64, gap=True, plane=True)
    assert both.plane.seed == 3 and len(both.plane.paths) == 2 and len(both.optimum.paths) == 4


def test_a_run_that_diverges_has_a_path_to_there(folder):
    found = train(folder, "logreg", ["sgd", "adam"], epochs=2, batch_size=32, gap=True, lr={"sgd": 3e38})
    lost, _ = found.optimum.paths
    assert found.runs[0].diverged_at == 1 and lost.epochs[-1] < 1
    assert found.optimum.lowest < np.log(CLASSES) and np.isnan(found.optimum.last(found.summaries()[0]))


@pytest.mark.parametrize("network", ["mlp", "cnn"])
def test_other_networks_are_refused(network, tmp_path):
    folder = write(tmp_path / "data", blobs(50, 20))
    with pytest.raises(UsageError, match=f"a gap needs a convex network, and {network} is none\nTrain logreg"):
        train(folder, network, "sgd", gap=True)


def test_a_solver_is_refused_and_told_of_the_gap():
    with pytest.raises(UsageError, match=r"(?s)lbfgs needs the same function at every evaluation.* --gap"):
        train("mnist", "logreg", ["lbfgs"])


def test_files_hold_the_gap_and_are_drawn_again_without_a_compiler(measured, tmp_path):
    optviz.draw(measured, *(tmp_path / f"one.{ending}" for ending in ("npz", "json", "csv", "md", "png")))
    document = json.loads((tmp_path / "one.json").read_text())
    assert document["optimum"]["lowest"] == measured.optimum.lowest
    with open(tmp_path / "one.csv") as file:
        rows = list(csv.DictReader(file))
    ends = {(path.optimizer, path.seed): path.losses[-1] for path in measured.optimum.paths}
    for row in rows[1::2]:
        gap = ends[row["optimizer"], int(row["seed"])] - measured.optimum.lowest
        assert float(row["gap"]) == pytest.approx(gap)
    assert "| final gap |" in (tmp_path / "one.md").read_text()
    again = tmp_path / "again.png"
    script = (
        "import sys; sys.modules['numba'] = None\n"
        f"import optviz; optviz.draw(optviz.load({str(tmp_path / 'one.npz')!r}), {str(again)!r})"
    )
    subprocess.run([sys.executable, "-c", script], check=True, timeout=60)
    assert again.read_bytes() == (tmp_path / "one.png").read_bytes()

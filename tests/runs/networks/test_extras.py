"""What stands beside a comparison's numbers: the published table, digits not recognised, the training plane."""

import dataclasses

import numpy as np
import pytest

from optviz import networks
from optviz.kernels.buffers import layout, new_state, workspace
from optviz.kernels.training import evaluate, examples
from optviz.optimizers import configure
from optviz.runs.networks import extras
from optviz.runs.networks.moments import FIRST_EPOCH, LATER, MEMORY, snapshot_moments
from optviz.runs.networks.request import ask
from optviz.runs.networks.training import train
from tests.datasets.files import blobs

NAMES = ["sgd", "adam", "adadelta"]
PARTS = blobs()


@pytest.fixture(scope="module")
def comparison(blobs_folder):
    return train(blobs_folder, "mlp", NAMES, epochs=3, batch_size=32, seeds=[4, 2], plane=True, target=0.9, lr=None)


def request(**changes):
    given = {
        "dataset": "mnist",
        "network": "cnn",
        "optimizers": ["adam", "sgd"],
        "epochs": 2,
        "batch_size": 64,
        "seeds": 3,
        "lr": None,
        "defaults": "keras",
        "variant": None,
        "tuning_epochs": None,
        "alone": True,
        "engine": "threads",
        "hyperparameters": {},
    }
    return ask(**given | changes)


@pytest.mark.parametrize("same", [{}, {"lr": "defaults"}, {"lr": {"adam": 0.001}}, {"optimizers": ["sgd", "momentum"]}])
def test_the_same_experiment_has_its_published_table(same):
    table = extras.published(request(**same))
    assert table is networks.REGISTRY["cnn"].published


@pytest.mark.parametrize(
    "other",
    [
        {"network": "mlp"},
        {"dataset": "fashion-mnist"},
        {"batch_size": 32},
        {"lr": 0.1},
        {"lr": {"adam": 0.002}},
        {"lr": "tuned"},
        {"defaults": "torch"},
        {"variant": "torch"},
        {"hyperparameters": {"eps": 1e-8}, "optimizers": ["adam"]},
        {"optimizers": ["momentum"]},
        {"optimizers": ["sgd", configure("adam", lr=0.1)]},
    ],
)
def test_another_experiment_has_none(other):
    assert extras.published(request(**other)) is None


def test_where_rates_come_from():
    own = configure("adam", defaults="torch", lr=0.1)
    assert request().rates == {"adam": "keras", "sgd": "keras"}
    assert request(defaults="torch").rates == {"adam": "torch", "sgd": "torch"}
    assert request(lr={"sgd": 0.3}).rates == {"adam": "keras", "sgd": "given"}
    assert request(lr=0.3).rates == {"adam": "given", "sgd": "given"}
    assert request(optimizers=[own, configure("sgd", defaults="torch")]).rates == {"adam": "given", "sgd": "torch"}
    assert request(lr="tuned").rates == {"adam": "tuned", "sgd": "tuned"}


def test_facts(comparison):
    assert comparison.target == 0.9
    assert comparison.parameters == 126 * 128 + 128 + 128 * 4 + 4
    assert comparison.steps == 10
    assert np.array_equal(comparison.labels, PARTS["test_labels"])
    assert comparison.published is None and comparison.tuning is None


def test_mistakes_are_those_of_the_best_and_the_worst(comparison):
    finals = {
        name: [run.epochs[-1]["test_accuracy"] for run in comparison.runs if run.optimizer == name] for name in NAMES
    }
    order = sorted(NAMES, key=lambda name: np.mean(finals[name]))
    best, worst = comparison.mistakes
    assert (best.optimizer, worst.optimizer) == (order[-1], order[0])
    for found in (best, worst):
        assert found.seed == 4
        [run] = [run for run in comparison.runs if (run.optimizer, run.seed) == (found.optimizer, 4)]
        wrong = np.flatnonzero(run.predictions != PARTS["test_labels"])
        assert found.count == len(wrong) == round(100 * (1 - run.epochs[-1]["test_accuracy"]))
        assert len(found.images) == len(found.labels) == len(found.predictions) == min(40, len(wrong))
        assert np.all(found.labels != found.predictions)
        places = [
            index for index in wrong if any(np.array_equal(PARTS["test"][index], image) for image in found.images)
        ]
        assert {wrong[0], wrong[-1]} <= set(places)  # spread over all of them
    assert worst.count > 40


def test_mistakes_without_or_with_one_optimizer(blobs_folder):
    [alone] = train(blobs_folder, "mlp", "sgd", epochs=1).mistakes
    assert alone.optimizer == "sgd"
    assert train(blobs_folder, "mlp", "sgd", epochs=1, lr=1e30).mistakes == ()
    pair = train(blobs_folder, "mlp", ["sgd", "adam"], epochs=1, lr={"sgd": 1e30})
    assert [found.optimizer for found in pair.mistakes] == ["adam"]


def test_images_that_are_all_recognised(comparison, blobs_folder):
    perfect = dataclasses.replace(
        comparison,
        runs=tuple(dataclasses.replace(run, predictions=PARTS["test_labels"]) for run in comparison.runs),
    )
    found = extras.mistakes(perfect, request(dataset=blobs_folder, network="mlp"))
    assert [one.count for one in found] == [0, 0] and all(one.images.shape == (0, 9, 14) for one in found)


def test_looks():
    mlp, cnn = networks.REGISTRY["mlp"].plan((28, 28), 10), networks.REGISTRY["cnn"].plan((28, 28), 10)
    assert snapshot_moments(mlp, 7, 1) == FIRST_EPOCH
    assert snapshot_moments(mlp, 7, 4) == (*FIRST_EPOCH, 2.0, 3.0, 4.0)
    long = snapshot_moments(mlp, 7, 1000)
    assert len(long) == len(FIRST_EPOCH) + LATER and long[-1] == 1000
    for plan, optimizers, epochs in ((cnn, 7, 10), (cnn, 7, 100), (cnn, 1, 30), (cnn, 50, 30)):
        moments = snapshot_moments(plan, optimizers, epochs)
        assert (moments[0], moments[-1]) == (0.0, epochs)
        assert list(moments) == sorted(set(moments))
        assert len(moments) == 2 or 4 * plan.parameters * optimizers * len(moments) <= MEMORY


def test_the_plane_is_that_of_the_first_seed(comparison):
    plane = comparison.plane
    assert (plane.seed, plane.images) == (4, 300)
    assert [path.optimizer for path in plane.paths] == NAMES
    for path in plane.paths:
        assert path.epochs.tolist() == [0.0, 0.1, 0.2, 0.4, 0.6, 1.0, 2.0, 3.0]  # of 10 steps each
        assert np.array_equal(path.points[0], plane.paths[0].points[0])
    assert np.isfinite(plane.losses).all() and 0 < plane.held <= 1


def test_losses_of_the_plane_are_training_losses(comparison, blobs_folder):
    """At the start they are those of the network as it is initialised."""
    plan = networks.REGISTRY["mlp"].plan((9, 14), 4)
    state = new_state(plan.parameters, 0)[0]
    networks.initialise(
        state[: plan.parameters], plan, np.random.default_rng(np.random.SeedSequence(4, spawn_key=(0,)))
    )
    data = examples(PARTS["train"], PARTS["train_labels"])
    loss, _ = evaluate(state, layout(plan), data, range(300), workspace(plan, 300))
    for path in comparison.plane.paths:
        assert path.losses[0] == pytest.approx(loss / 300, rel=1e-6)
        assert path.losses[-1] < path.losses[0]


def test_ctrl_c_in_the_plane_keeps_the_runs(blobs_folder):
    def interrupt(done, total, text):
        if "paths" in text:
            raise KeyboardInterrupt

    found = train(blobs_folder, "mlp", "sgd", epochs=2, plane=True, progress=interrupt)
    assert found.interrupted and found.plane is None and len(found.runs[0].epochs) == 2


@pytest.mark.parametrize("target", [0, 1, 1.5, -0.1, float("nan")])
def test_targets_that_no_accuracy_can_be(target):
    with pytest.raises(ValueError, match="target"):
        train(target=target)


@pytest.mark.parametrize("target", ["0.9", True, [0.9]])
def test_targets_that_are_no_numbers(target):
    with pytest.raises(TypeError, match="target"):
        train(target=target)

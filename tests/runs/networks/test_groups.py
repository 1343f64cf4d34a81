"""Hyperparameters by layer: each group moves as all parameters would with its numbers, on every network."""

import json

import numpy as np
import pytest

from optviz.errors import UsageError, UsageTypeError
from optviz.kernels.buffers import workspace
from optviz.kernels.training import examples
from optviz.networks import (
    Activation,
    Convolution,
    Dense,
    Dropout,
    MaxPool,
    Network,
    initialise,
    named,
    parameter_ranges,
    views,
)
from optviz.optimizers import configure
from optviz.results.comparison import without_seconds
from optviz.runs.networks import epochs
from optviz.runs.networks.epochs import Training
from optviz.runs.networks.groups import parted, read, shares, text
from optviz.runs.networks.training import train
from tests.datasets.files import blobs, write
from tests.networks import reference

SHAPE, CLASSES = (9, 14), 4
PARTS = blobs(shape=SHAPE, classes=CLASSES)
NETWORKS = {
    "logreg": [Dense(CLASSES)],
    "mlp": [Dense(20), Activation(), Dense(CLASSES)],
    "dropout": [Dense(9), Activation("tanh"), Dropout(0.5), Dense(7), Activation(), Dense(CLASSES)],
    "cnn": [Convolution(3), Activation(), MaxPool(), Dropout(0.25), Dense(5), Activation(), Dense(CLASSES)],
}
NETWORKS = {name: Network(name, name, lambda *_, layers=layers: layers) for name, layers in NETWORKS.items()}
PLANS = {name: network.plan(SHAPE, CLASSES) for name, network in NETWORKS.items()}
MLP = PLANS["mlp"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return write(tmp_path_factory.mktemp("data") / "blobs", PARTS)


def training(plan, setting, groups=None, epochs=1, batch=300):
    """A run that has finished."""
    parts = [examples(PARTS[part], PARTS[f"{part}_labels"]) for part in ("train", "test")]
    own = shares(plan, [(names, one.resolved(100, 10)) for names, one in parted(setting, read(groups), plan)], "")
    run = Training(setting, 0, plan, *parts, epochs, batch, shares=own)
    room = workspace(plan, batch)
    while not run.finished:
        run.advance(room)
    return run


@pytest.mark.parametrize("name", PLANS)
def test_names_are_those_of_the_layers(name):
    plan = PLANS[name]
    ranges = parameter_ranges(plan)
    vector = np.arange(plan.parameters)
    arrays = [array for pair in views(vector, plan) for array in pair]
    assert [vector[part.start : part.stop].tolist() for part in ranges.values()] == [
        array.ravel().tolist() for array in arrays
    ]
    assert [*ranges][-2:] == [f"dense{len(plan.sizes) - 1}.weight", f"dense{len(plan.sizes) - 1}.bias"]
    assert ("conv.bias" in ranges) == (name == "cnn")


@pytest.mark.parametrize(
    ("pattern", "found"),
    [
        ("bias", "conv.bias dense1.bias dense2.bias"),
        ("weight", "conv.weight dense1.weight dense2.weight"),
        ("first", "conv.weight conv.bias"),
        ("last", "dense2.weight dense2.bias"),
        ("last.bias", "dense2.bias"),
        ("dense1", "dense1.weight dense1.bias"),
        ("dense1.weight", "dense1.weight"),
        ("dense*", "dense1.weight dense1.bias dense2.weight dense2.bias"),
        ("*.weight", "conv.weight dense1.weight dense2.weight"),
        ("*", "conv.weight conv.bias dense1.weight dense1.bias dense2.weight dense2.bias"),
        ("head", ""),
        ("Bias", ""),
    ],
)
def test_patterns(pattern, found):
    assert named(PLANS["cnn"], pattern) == found.split()


RULES = [
    ("adamw", {"weight_decay": 0.1}, {"weight_decay": 0}),
    ("adam", {"lr": 0.01}, {"lr": 0.001, "beta1": 0.5}),
    ("sgd", {"lr": 0.1}, {"weight_decay": 0.3, "decay": "cautious"}),
    ("rmsprop", {}, {"momentum": 0.9, "centered": True}),
    ("adagrad", {"defaults": "keras"}, {"initial_accumulator_value": 0.7}),
    ("schedule_free_sgd", {"lr": 0.1}, {"lr": 0.5, "beta1": 0.3}),
    ("momentum", {"lr": 0.1}, {"lr": "linear(0.5, final=0.1)"}),
    ("lookahead(adamw, k=1)", {"lr": "cosine(0.01)"}, {"alpha": 0.9}),
]


@pytest.mark.parametrize(("rule", "base", "own"), RULES, ids=[rule[0] for rule in RULES])
def test_the_first_step_of_each_group_is_that_of_its_numbers(rule, base, own):
    """The gradient at the start is the same whatever the numbers are. Another formula may round otherwise."""
    setting = configure(rule, **base)
    run = training(MLP, setting, {("bias", "last"): own})
    plainly, others = training(MLP, setting), training(MLP, setting.replace(**own))
    for name, part in parameter_ranges(MLP).items():
        expected = plainly if name == "dense1.weight" else others
        found = run.parameters[part.start : part.stop]
        np.testing.assert_allclose(found, expected.parameters[part.start : part.stop], rtol=2e-7, atol=3e-8)
    assert not np.array_equal(plainly.parameters, others.parameters)


@pytest.mark.thin(3)
@pytest.mark.parametrize("name", PLANS)
def test_every_stretch_of_every_network(name):
    plan = PLANS[name]
    setting = configure("adamw", weight_decay=0.1)
    changes = {array: {"lr": 0.001 * 1.5**place} for place, array in enumerate(parameter_ranges(plan))}
    run = training(plan, setting, changes)
    for array, part in parameter_ranges(plan).items():
        alone = training(plan, setting.replace(**changes[array]))
        assert np.array_equal(run.parameters[part.start : part.stop], alone.parameters[part.start : part.stop])


def test_no_decay_on_biases_is_that_of_plain_numpy():
    """Loshchilov & Hutter 2019, equation 10 for SGD, on the weights alone; another rate for the last layer."""
    parameters = np.zeros(MLP.parameters, np.float32)
    generator = lambda *purpose: np.random.default_rng(np.random.SeedSequence(0, spawn_key=purpose))
    initialise(parameters, MLP, generator(epochs.WEIGHTS))
    lr, decay = np.full((2, MLP.parameters), [[0.05], [0.5]], np.float32)
    for layer, (rates, decays) in enumerate(zip(views(lr, MLP), views(decay, MLP), strict=True)):
        decays[1][:] = 0
        for array in rates if layer == 1 else ():
            array[:] = 0.02
    images = PARTS["train"].reshape(-1, MLP.sizes[0]) / np.float32(255)
    for epoch in range(5):
        order = generator(epochs.ORDER, epoch).permutation(len(images))
        for first in range(0, len(order), 32):
            chosen = order[first : first + 32]
            gradient = reference.gradient(parameters, MLP, images[chosen], PARTS["train_labels"][chosen])
            parameters -= lr * decay * parameters + lr * gradient
    setting = configure("sgd", lr=0.05, weight_decay=0.5, decay="decoupled")
    run = training(MLP, setting, {"bias": {"weight_decay": 0}, "last": {"lr": 0.02}}, epochs=5, batch=32)
    assert np.abs(run.parameters - parameters).max() < 1e-5 * np.abs(parameters).max()


def numbers(comparison):
    return json.dumps(without_seconds(comparison).to_dict())


def test_a_group_of_everything_is_a_setting(folder):
    found = train(folder, NETWORKS["cnn"], ["adam", "sgd"], epochs=1, groups={"*": {"lr": 0.02}})
    expected = train(folder, NETWORKS["cnn"], ["adam", "sgd"], epochs=1, lr=0.02)
    for one, other in zip(found.runs, expected.runs, strict=True):
        assert np.array_equal(one.losses, other.losses)
        assert one.written == f"{one.optimizer}; *: lr=0.02"


def test_later_groups_win_where_groups_overlap():
    setting = configure("adam")
    groups = read({"bias": {"lr": 0.1, "beta1": 0.5}, ("last", "dense1.bias"): {"lr": 0.2}, "last.bias": {}})
    found = {
        name: (one.hyperparameters["lr"], one.hyperparameters["beta1"])
        for names, one in parted(setting, groups, MLP)
        for name in names
    }
    assert found == {
        "dense1.weight": (0.001, 0.9),
        "dense1.bias": (0.2, 0.5),
        "dense2.weight": (0.2, 0.9),
        "dense2.bias": (0.2, 0.5),
    }


def test_results_say_the_groups():
    groups = {"bias": {"weight_decay": 0}, ("first", "last"): {"lr": "cosine(0.1)", "centered": True}}
    assert text(read(groups)) == "bias: weight_decay=0; first, last: lr=cosine(0.1), centered=True"


def test_tuning_tunes_the_others(folder):
    given = {"epochs": 1, "tuning_epochs": 1, "lr": "tuned"}
    found = train(folder, NETWORKS["logreg"], ["sgd"], groups={"bias": {"lr": 0.0}}, **given)
    assert found.tuning.searches[0].best == found.runs[0].hyperparameters["lr"]


@pytest.mark.parametrize("engine", ["threads", pytest.param("processes", marks=pytest.mark.slow)])
def test_the_journal_tells_groups_apart(folder, tmp_path, engine):
    given = {"dataset": folder, "network": "mlp", "optimizers": ["adamw"], "epochs": 2}
    groups = {"bias": {"weight_decay": 0}, "last": {"lr": "cosine(0.1)"}}
    found = [
        train(**given, groups=own, journal=tmp_path, engine=engine, jobs=1)
        for own in (groups, groups, {"last": {"lr": "cosine(0.1)"}}, None)
    ]
    assert numbers(found[0]) == numbers(found[1]) != numbers(found[2]) != numbers(found[3])
    assert len(list(tmp_path.glob("*.run.npz"))) == 3
    assert numbers(train(**given, groups=groups)) == numbers(found[0])


def test_groups_are_the_same_however_they_are_written(folder, tmp_path):
    given = {"dataset": folder, "network": "mlp", "optimizers": ["adamw"], "epochs": 1, "journal": tmp_path}
    one = train(**given, groups={"dense1.bias": {"weight_decay": 0}, "dense2.bias": {"weight_decay": 0}})
    other = train(**given, groups={"bias": {"weight_decay": 0.0}})
    assert np.array_equal(one.runs[0].losses, other.runs[0].losses)


@pytest.mark.parametrize(
    ("groups", "problem", "remedy"),
    [
        ({"head": {"lr": 0.1}}, "the group 'head' names no array", "There are: dense1.weight, dense1.bias, dense2"),
        ({("bias", "conv"): {"lr": 0.1}}, "the group 'conv' names no array", "There are: dense1.weight"),
        ({"bias": {"beta9": 0.1}}, "sgd has no hyperparameter 'beta9'", ""),
        ({"bias": {"lr": -1}}, "sgd: lr is -1", ""),
        ({"bias": {"lr": "cosine(0.1, steps=1e6)"}}, "cosine", ""),
        ({"bias": {"maximize": True}}, "the groups of sgd differ in more than numbers", ""),
        ({"bias": {"weight_decay": 1, "decay": "l2"}, "last": {"weight_decay": 1, "decay": "decoupled"}}, "differ", ""),
    ],
)
def test_bad_groups_are_refused_before_any_work(folder, monkeypatch, groups, problem, remedy):
    monkeypatch.setattr(Training, "prepare", pytest.fail)
    with pytest.raises(UsageError) as refused:
        train(folder, "mlp", ["sgd"], groups=groups)
    assert problem in refused.value.problem and remedy in refused.value.remedy


@pytest.mark.parametrize("groups", [["bias"], "bias: lr=1", {1: {"lr": 1}}, {(): {}}, {"bias": 0.1}, {"bias": {1: 2}}])
def test_what_is_no_group(groups):
    with pytest.raises(UsageTypeError, match="group"):
        train("nowhere/at/all", "mlp", ["sgd"], groups=groups)

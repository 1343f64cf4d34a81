"""Every rule as an optimizer of Keras: it moves as our optimizers for arrays do, and as Keras' own where it has one."""

import json
import os
import subprocess
import sys

import numpy as np
import pytest

from optviz.errors import UnknownNameError, UsageError, UsageTypeError
from optviz.optimizers import REGISTRY, class_name, configure
from optviz.runs.arrays.optimizer import Optimizer
from tests.optimizers.peers import library

try:
    keras = library("keras")
except ImportError:
    pytest.skip("could not import 'keras'", allow_module_level=True)  # importorskip would warn of what Keras imports
ours = pytest.importorskip("optviz.keras")
theirs = keras.optimizers

pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")  # 2026-11: Keras 3.15
SHAPES = ((4, 3), (5,), ())
RULES = [rule for rule in REGISTRY if rule.module.startswith("optviz.") and class_name(rule) in dir(ours)]


@pytest.fixture(autouse=True)
def float64():
    before = keras.config.floatx(), keras.config.dtype_policy()
    keras.config.set_floatx("float64")
    keras.config.set_dtype_policy("float64")
    yield
    keras.config.set_floatx(before[0])
    keras.config.set_dtype_policy(before[1])


def draws(seed):
    rng = np.random.default_rng(seed)
    return [rng.normal(size=shape) for shape in SHAPES]


def walked(optimizer, steps=6):
    variables = [keras.Variable(x) for x in draws(0)]
    for k in range(steps):
        optimizer.apply([keras.ops.convert_to_tensor(g) for g in draws(1 + k)], variables)
    return [keras.ops.convert_to_numpy(variable) for variable in variables]


def far(found, expected):
    return max(float(np.abs(x - y).max() / np.abs(y).max()) for x, y in zip(found, expected, strict=True))


@pytest.mark.thin(4)
@pytest.mark.parametrize("name", [rule.name for rule in RULES])
def test_every_class_moves_as_arrays_do(name):
    rule = REGISTRY[name]
    setting = configure(name, defaults="keras" if "keras" in rule.defaults else None)
    # A layer's weights are inputs × outputs, which rules for matrices have the other way round unless Keras wrote them.
    turned = (lambda x: x.T) if not getattr(setting.formula, "inputs_first", True) else (lambda x: x)
    opt, arrays = Optimizer(setting.resolved()), [np.array(turned(x)) for x in draws(0)]
    state = opt.init(arrays)
    for k in range(6):
        opt.step(arrays, [np.array(turned(g)) for g in draws(1 + k)], state)
    found, tolerance = walked(getattr(ours, class_name(rule))()), 1e-11 if setting.kind == "matrices" else 1e-13
    assert far(found, [turned(x) for x in arrays]) < tolerance


@pytest.mark.parametrize(
    ("mine", "keras_own"),
    [
        (lambda: ours.Adam(), lambda: theirs.Adam()),
        (lambda: ours.Adam(amsgrad=True), lambda: theirs.Adam(amsgrad=True)),
        (lambda: ours.AdamW(weight_decay=0.1), lambda: theirs.AdamW(weight_decay=0.1)),
        (lambda: ours.SGD(0.1, momentum=0.9, nesterov=True), lambda: theirs.SGD(0.1, 0.9, nesterov=True)),
        (lambda: ours.NAdam(beta_1=0.8), lambda: theirs.Nadam(beta_1=0.8)),
        (lambda: ours.RMSprop(rho=0.8, momentum=0.5), lambda: theirs.RMSprop(rho=0.8, momentum=0.5)),
        (lambda: ours.Adagrad(0.1), lambda: theirs.Adagrad(0.1)),
        (lambda: ours.Adadelta(1.0), lambda: theirs.Adadelta(1.0)),
        (lambda: ours.Adamax(epsilon=1e-5), lambda: theirs.Adamax(epsilon=1e-5)),
        (lambda: ours.Lion(weight_decay=0.1), lambda: theirs.Lion(weight_decay=0.1)),
        (lambda: ours.LAMB(), lambda: theirs.Lamb()),
        (lambda: ours.Adam(clipnorm=0.1, use_ema=True), lambda: theirs.Adam(clipnorm=0.1, use_ema=True)),
        (
            lambda: ours.Adam(theirs.schedules.CosineDecay(0.1, 6)),
            lambda: theirs.Adam(theirs.schedules.CosineDecay(0.1, 6)),
        ),
    ],
)
def test_what_keras_has_moves_alike(mine, keras_own):
    assert far(walked(mine()), walked(keras_own())) < 1e-13


@pytest.mark.parametrize(
    "numbers",
    [
        {},
        # Keras' vectors decay at the rate of matrices, whatever adam_lr_ratio is.
        {"learning_rate": 0.1, "weight_decay": 0.1, "adam_lr_ratio": 0.5, "adam_weight_decay": 0.0},
        {"momentum": 0.8, "ns_steps": 3, "rms_rate": 0.5},
    ],
)
def test_muon_is_kerass(numbers):
    assert (
        far(walked(ours.Muon(**numbers)), walked(theirs.Muon(**numbers))) < 1e-7
    )  # Keras takes roots of sides in float32


def test_matrices_that_are_moved_as_vectors():
    keras.utils.set_random_seed(0)
    layers = [keras.Input((4,)), keras.layers.Embedding(9, 3), keras.layers.Flatten(), keras.layers.Dense(4)]
    words = np.random.default_rng(0).integers(0, 9, (32, 4))
    targets = np.random.default_rng(1).normal(size=(32, 2))
    first = keras.Sequential([*layers, keras.layers.Dense(2, name="head")])
    begin = first.get_weights()
    for options in ({}, {"exclude_layers": ["head"]}, {"exclude_embeddings": False}):
        ends = []
        for make in (ours.Muon, theirs.Muon):
            first.set_weights(begin)
            optimizer = make(0.02, **options)
            first.compile(optimizer, "mse")
            first.fit(words, targets, epochs=1, batch_size=8, shuffle=False, verbose=0)
            ends.append(first.get_weights())
            again = make.from_config(optimizer.get_config())
            assert {name: again.get_config()[name] for name in options} == options
        assert far(*ends) < 1e-6


def test_filters_are_vectors_to_a_rule_for_matrices():
    variable = keras.Variable(np.random.default_rng(0).normal(size=(3, 3, 1, 2)))
    before = keras.ops.convert_to_numpy(variable)
    for name in ("Muon", "Shampoo", "Scion", "PSGDKron"):
        optimizer = getattr(ours, name)()
        for _ in range(2):
            optimizer.apply([keras.ops.ones((3, 3, 1, 2))], [variable])
        after = keras.ops.convert_to_numpy(variable)
        assert np.isfinite(after).all() and (after < before).all()
        before = after


@pytest.mark.parametrize("name", [class_name(rule) for rule in RULES if rule.kind == "matrices"])
def test_matrices_in_half_precision_without_elements_and_without_numbers(name):
    half, empty = keras.Variable(np.ones((4, 3)), dtype="bfloat16"), keras.Variable(np.ones((0, 3)))
    broken = keras.Variable(np.ones((4, 3)))
    optimizer = getattr(ours, name)(0.01)
    for _ in range(3):
        gradients = [np.ones((4, 3)), np.ones((0, 3)), np.full((4, 3), np.nan)]
        optimizer.apply([keras.ops.convert_to_tensor(g) for g in gradients], [half, empty, broken])
    assert np.isfinite(keras.ops.convert_to_numpy(keras.ops.cast(half, "float32"))).all()
    assert tuple(empty.shape) == (0, 3) and np.isnan(keras.ops.convert_to_numpy(broken)).all()


def test_rates_that_change():
    found = []
    for make in (ours.Adam, theirs.Adam):
        optimizer = make(0.1)
        variables = [keras.Variable(x) for x in draws(0)]
        for k in range(4):
            optimizer.learning_rate = 0.1 / (1 + k)
            optimizer.apply([keras.ops.convert_to_tensor(g) for g in draws(1 + k)], variables)
        found.append([keras.ops.convert_to_numpy(variable) for variable in variables])
    assert far(*found) < 1e-13


def model():
    keras.utils.set_random_seed(0)
    return keras.Sequential([keras.Input((3,)), keras.layers.Dense(4, activation="tanh"), keras.layers.Dense(1)])


def fitted(optimizer, net=None):
    rng = np.random.default_rng(0)
    net = net or model()
    net.compile(optimizer, "mse")
    net.fit(rng.normal(size=(32, 3)), rng.normal(size=(32, 1)), epochs=2, batch_size=8, verbose=0, shuffle=False)
    return net


def test_biases_may_be_left_out_of_a_decay():
    weights = []
    for make in (ours.AdamW, theirs.AdamW):
        optimizer = make(0.05, weight_decay=0.5)
        optimizer.exclude_from_weight_decay(var_names=["bias"])
        weights.append(fitted(optimizer).get_weights())
    assert far([w for w in weights[0] if w.any()], [w for w in weights[1] if w.any()]) < 1e-12


@pytest.mark.parametrize(
    "make",
    [
        lambda: ours.NAdam(0.01),
        lambda: ours.LAMB(weight_decay=0.1),
        lambda: ours.Lion(beta1=0.8),
        lambda: ours.SOAP(0.01),
        lambda: ours.Muon(exclude_layers=["head"]),
    ],
)
def test_saved_with_a_model(make, tmp_path):
    net = fitted(make())
    net.save(tmp_path / "model.keras")
    again = keras.saving.load_model(tmp_path / "model.keras")
    assert type(again.optimizer) is type(net.optimizer)
    assert again.optimizer.get_config() == net.optimizer.get_config()
    rng = np.random.default_rng(1)
    x, y = rng.normal(size=(16, 3)), rng.normal(size=(16, 1))
    for each in (net, again):
        each.fit(x, y, epochs=1, batch_size=8, verbose=0, shuffle=False)
    assert far(again.get_weights(), net.get_weights()) < 1e-12


@pytest.mark.slow  # another process imports Keras
@pytest.mark.parametrize("backend", ["torch", "jax"])
def test_loaded_in_another_process(tmp_path, backend):
    fitted(ours.ScheduleFreeAdamW(0.01)).save(tmp_path / "model.keras")
    program = (
        "import keras, optviz.keras, numpy as np; keras.config.set_floatx('float64')\n"
        f"net = keras.saving.load_model({str(tmp_path / 'model.keras')!r})\n"
        "net.fit(np.ones((8, 3)), np.ones((8, 1)), verbose=0)\n"
        "print(type(net.optimizer).__name__, np.isfinite(net.get_weights()[0]).all())"
    )
    environment = os.environ | {"KERAS_BACKEND": backend, "JAX_ENABLE_X64": "1"}
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, env=environment, check=True)
    assert done.stdout.split() == ["ScheduleFreeAdamW", "True"]


# Sides differ by one at most: where several directions have no gradient, SOAP's axes are rounding's.
MATRICES = [class_name(rule) for rule in RULES if rule.kind == "matrices"]
FITTED = f"""
import json, keras, numpy as np, optviz.keras
keras.config.set_floatx("float64")
rng = np.random.default_rng(0)
ends = {{}}
for name in {MATRICES}:
    net = keras.Sequential([keras.Input((3,)), keras.layers.Dense(4, activation="tanh"), keras.layers.Dense(3)])
    net.set_weights([rng.normal(size=weight.shape) for weight in net.get_weights()])
    net.compile(getattr(optviz.keras, name)(0.001), "mse")
    net.fit(rng.normal(size=(32, 3)), rng.normal(size=(32, 3)), epochs=2, batch_size=8, verbose=0, shuffle=False)
    ends[name] = [weight.tolist() for weight in net.get_weights()]
print(json.dumps(ends))
"""


@pytest.mark.slow  # other processes import Keras
def test_rules_for_matrices_in_another_backend():
    """In JAX under jit, where steps are traced and random signs are drawn in 32 bits."""
    ends = []
    for backend in ("torch", "jax"):
        environment = os.environ | {"KERAS_BACKEND": backend, "JAX_ENABLE_X64": "1"}
        done = subprocess.run(
            [sys.executable, "-c", FITTED], capture_output=True, text=True, env=environment, check=True
        )
        ends.append(json.loads(done.stdout))
    for name in MATRICES:
        assert far(*([np.array(weight) for weight in end[name]] for end in ends)) < 1e-6, (
            name
        )  # rates are float32 in both


@pytest.mark.parametrize(
    ("make", "error", "words"),
    [
        (lambda: ours.Adam(-1.0), UsageError, "lr is -1"),
        (lambda: ours.Adam(rate=0.1), UsageError, "no hyperparameter 'rate'"),
        (lambda: ours.Adam(beta_1="much"), UsageTypeError, "beta1 is 'much'"),
        (lambda: ours.Muon(exclude_layers=["("]), UsageError, "exclude_layers holds '\\('"),
        (lambda: ours.Muon(exclude_layers="dense"), UsageTypeError, "exclude_layers is 'dense'"),
        (lambda: ours.Muon(exclude_layers=5), UsageTypeError, "exclude_layers is 5"),
        (lambda: ours.Muon(exclude_layers=[None]), UsageTypeError, "exclude_layers holds None"),
        (lambda: ours.Muon(exclude_embeddings="no"), UsageTypeError, "exclude_embeddings is 'no'"),
        (lambda: ours.Adam(exclude_layers=["head"]), UsageError, "no hyperparameter 'exclude_layers'"),
        (lambda: ours.LBFGS, UsageError, "lbfgs needs more than the gradients"),
        (lambda: ours.PolyakStep, UsageError, "polyak needs more than the gradients"),
        (lambda: ours.Adom, UnknownNameError, "no class Adom"),
    ],
)
def test_what_cannot_be_is_refused(make, error, words):
    with pytest.raises(error, match=words):
        make()


def test_the_names():
    assert {"Adam", "LAMB", "ScheduleFreeAdamW", "Rule"} <= {*dir(ours)} and "LBFGS" not in dir(ours)

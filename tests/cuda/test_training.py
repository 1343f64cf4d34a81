"""Trainings on a CUDA device: what the processor gives, but for the last digits, and what runs give side by side."""

import numpy as np
import pytest

from optviz import networks
from optviz.errors import UsageError
from optviz.kernels.cuda import backend
from optviz.networks import Activation, Convolution, Dense, Dropout, MaxPool, Network
from optviz.runs.networks import gpu, run, tuning
from optviz.runs.networks.request import ask
from optviz.runs.networks.training import journal_of, train
from tests.cuda import small
from tests.datasets.files import blobs, write
from tests.runs.same import content

pytestmark = pytest.mark.slow

ALIKE = 1e-6 if backend.SIMULATED else 1e-4  # two kernels may fuse products and sums differently

MLP = networks.REGISTRY["mlp"].configure(hidden=(6,))
DEEP = networks.REGISTRY["mlp"].configure(hidden=(6, 4), activation="tanh", dropout=0.25)
CNN = Network(
    "tiny",
    "Tiny",
    lambda shape, classes: [
        *(Convolution(4), Activation("relu"), MaxPool(), Dropout(0.25)),
        *(Dense(5), Activation("relu"), Dropout(0.5), Dense(classes)),
    ],
)
NETWORKS = {"logreg": "logreg", "mlp": DEEP, "cnn": CNN}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """20 images to learn from, so that the second of an epoch's two steps has eight, and 7 to be tested on."""
    return write(tmp_path_factory.mktemp("data") / "tiny", blobs(train=20, test=7, shape=(5, 5), classes=3))


@pytest.fixture(autouse=True)
def _few_threads(monkeypatch):
    small.shrink(monkeypatch)


@pytest.fixture
def arguments(folder):
    return {"dataset": folder, "network": MLP, "optimizers": ["sgd", "adam"], "epochs": 2, "batch_size": 12, "lr": 0.05}


def one_by_one(monkeypatch):
    """No two runs side by side."""
    monkeypatch.setattr(gpu.Device, "_joins", lambda *given: False)


def assert_close(found, expected, tolerance=1e-4):
    """Comparisons are the same but for what float32 rounds otherwise."""
    for one, other in zip(found.runs, expected.runs, strict=True):
        assert (one.optimizer, one.seed, one.diverged_at) == (other.optimizer, other.seed, other.diverged_at)
        for epoch, like in zip(one.epochs, other.epochs, strict=True):
            assert epoch["train_loss"] == pytest.approx(like["train_loss"], rel=tolerance)
            assert epoch["test_loss"] == pytest.approx(like["test_loss"], rel=tolerance)
            assert epoch["seconds"] > 0
        np.testing.assert_allclose(one.losses, other.losses, rtol=tolerance)
        assert np.count_nonzero(one.predictions != other.predictions) <= 1


@pytest.mark.parametrize("name", NETWORKS)
def test_a_device_gives_what_the_processor_gives(arguments, name):
    given = arguments | {"network": NETWORKS[name], "optimizers": "adam", "epochs": 1}
    found, expected = train(**given, device="cuda"), train(**given)
    assert_close(found, expected)
    assert (found.device, expected.device) == ("cuda", "cpu")


def test_matrices_on_a_device(arguments):
    given = arguments | {"optimizers": ["muon", "sam(sgd)", "sgd"], "lr": {"sgd": 0.05}, "epochs": 1}
    assert_close(train(**given, device="cuda"), train(**given), 1e-3)


def test_some_are_side_by_side_and_others_alone(arguments, monkeypatch):
    """Rules that sum or read the value have the device for themselves."""
    given = arguments | {"optimizers": ["lamb", "sgd", "polyak", "adam"], "lr": {"sgd": 0.05}, "epochs": 1}
    expected, fleets, alone = train(**given), [], []
    moving, making = gpu.Together._begin, gpu.Units.machine
    monkeypatch.setattr(gpu.Together, "_begin", lambda job: fleets.append(len(job._runs)) or moving(job))
    monkeypatch.setattr(gpu.Units, "machine", lambda *given: alone.append(given[1].optimizer) or making(*given))
    assert_close(train(**given, device="cuda"), expected)
    assert fleets == [2] and alone == ["lamb", "polyak"] * 2  # compiled, and then made


GROUPS = {"bias": {"weight_decay": 0}, "last": {"lr": "linear(0.1)"}, "first": {"beta1": 0.5}}


@pytest.mark.parametrize("name", NETWORKS)
def test_groups_of_every_network(arguments, name):
    given = arguments | {"network": NETWORKS[name], "optimizers": "adamw", "epochs": 1, "groups": GROUPS}
    assert_close(train(**given, device="cuda"), train(**given))


def test_groups_side_by_side(arguments):
    """One of the rules reports another point than that at which gradients are taken."""
    given = arguments | {"optimizers": ["sgd", "schedule_free_sgd(lr=0.1)"], "lr": None}
    given["groups"] = {"last": {"weight_decay": 0.1}}
    assert_close(train(**given, device="cuda"), train(**given))


def test_runs_side_by_side_give_what_the_processor_gives(arguments):
    """Weights at all moments of the training plane, too."""
    found, expected = train(**arguments, plane=True, device="cuda"), train(**arguments, plane=True)
    assert_close(found, expected)
    for path, like in zip(found.plane.paths, expected.plane.paths, strict=True):
        np.testing.assert_array_equal(path.epochs, like.epochs)
        np.testing.assert_allclose(path.losses, like.losses, rtol=1e-3)


def test_runs_side_by_side_give_what_each_gives_alone(arguments, monkeypatch):
    """With and without state slots and step scalars; one diverges in the first epoch, the others go on."""
    given = arguments | {"optimizers": ["sgd", "momentum", "adam"], "lr": {"momentum": 1e30}, "device": "cuda"}
    found = train(**given)
    assert [run.diverged_at for run in found.runs] == [None, 1, None]
    assert [len(run.epochs) for run in found.runs] == [2, 0, 2]
    one_by_one(monkeypatch)
    expected = train(**given)
    assert_close(found, expected, ALIKE)
    if backend.SIMULATED:
        assert content(found) == content(expected)


def test_tuning_side_by_side_is_tuning_one_by_one(arguments, monkeypatch):
    monkeypatch.setattr(tuning, "GRID", (0.1, 1e30))
    monkeypatch.setattr(tuning, "STEPS", (1 / 4,))
    monkeypatch.setattr(gpu, "MOST", 3)  # the four trials of the grid are two fleets
    given = arguments | {"lr": "tuned", "epochs": 1, "device": "cuda"}
    told = []
    found = train(**given, progress=lambda *news: told.append(news))
    worked = [(done, total) for done, total, _ in told if total]
    assert worked == sorted(worked) and worked[-1][0] == worked[-1][1]
    assert any(text.startswith("tuning: 0 of 4 runs") for *_, text in told)
    one_by_one(monkeypatch)
    expected = train(**given)
    assert_close(found, expected, ALIKE)
    for one, other in zip(found.tuning.searches, expected.tuning.searches, strict=True):
        assert one.best == other.best and np.isnan(one.accuracies[-1])
        np.testing.assert_allclose(one.accuracies, other.accuracies, atol=0.34)  # one of three images


def stop_after(monkeypatch, kind, slices):
    """Ctrl-C after so many slices of jobs of a kind."""
    made, advance = [], kind.advance

    def counting(job, room):
        made.append(job)
        if len(made) > slices:
            raise KeyboardInterrupt
        advance(job, room)

    monkeypatch.setattr(kind, "advance", counting)


@pytest.mark.parametrize("kind", [gpu.Together, run.Run], ids=["side by side", "alone"])
def test_a_stopped_comparison_goes_on(arguments, tmp_path, monkeypatch, kind):
    """Everything that a run needs comes back from its checkpoint, and nothing is made twice."""
    monkeypatch.setattr(run, "PAUSE", 0.0)
    monkeypatch.setattr(run, "SHARE", 1e9)
    monkeypatch.setattr(gpu, "SLICE", 0.0)  # a test in each slice
    given = arguments | {"device": "cuda", "journal": tmp_path}
    if kind is run.Run:
        given["optimizers"] = "adam"
    names = given["optimizers"] if kind is gpu.Together else ["adam"]
    whole = train(**given | {"journal": None})
    with monkeypatch.context() as context:
        stop_after(context, kind, 4 if kind is gpu.Together else 1)  # the beginning, the steps, two tests; or all
        partly = train(**given)
    assert partly.interrupted and [len(run.epochs) for run in partly.runs] == [1] * len(names)
    assert len(list(tmp_path.glob("*.checkpoint.npz"))) == len(names)
    found = train(**given)
    assert_close(found, whole, ALIKE)
    if backend.SIMULATED:
        assert content(found) == content(whole)
    with monkeypatch.context() as context:
        context.setattr(kind, "advance", pytest.fail)
        assert content(train(**given)) == content(found)
    train(**given | {"device": "cpu"})  # takes nothing of it
    assert len(list(tmp_path.glob("*.run.npz"))) == 2 * len(names)


def test_devices_have_journals_of_their_own(arguments, tmp_path, monkeypatch):
    monkeypatch.setenv("OPTVIZ_CACHE_DIR", str(tmp_path))
    assert journal_of(**arguments) == journal_of(**arguments, device="cpu")
    assert journal_of(**arguments) != journal_of(**arguments, device="cuda") == journal_of(**arguments, device="auto")


@pytest.mark.parametrize("free", [10_000, 100_000, 300_000, 1_000_000, 1 << 34])
def test_as_many_runs_are_side_by_side_as_fit(arguments, monkeypatch, free):
    given = arguments | {"seeds": 1, "defaults": "keras", "variant": None, "tuning_epochs": None, "alone": True}
    request = ask(**given, engine="threads", hyperparameters={}, device="cuda").loaded(plane=False)
    specifications = request.specifications(request.settings)
    request.units.on_device(specifications[0])
    monkeypatch.setattr(backend, "free", lambda: free)
    found = gpu.fitting(specifications, request.units)
    assert 1 <= found <= gpu.MOST

    def size(runs):
        formulas = [request.settings[1].formula] * runs  # Adam's, which has the most slots
        return gpu.Fleet.size(request.units.plan(specifications[0]), formulas, np.float32, 20, 12)

    assert found == 1 or size(found) < backend.SHARE * free
    assert found == gpu.MOST or size(found + 1) + 200 * (found + 1) > backend.SHARE * free


def test_what_does_not_fit_is_refused(arguments, monkeypatch):
    monkeypatch.setattr(backend, "free", lambda: 20_000)
    with pytest.raises(UsageError, match=r"parameters with 12 images per step needs .* GB of the device are free"):
        train(**arguments, device="cuda")


@pytest.mark.parametrize("given", [{"engine": "processes"}, {"engine": "dask=tcp://127.0.0.1:1"}, {"jobs": 2}])
def test_one_thread_of_this_process_drives_the_device(arguments, given):
    with pytest.raises(UsageError, match="the device cuda"):
        train(**arguments, device="cuda", **given)

"""Runs on disk: what was finished is not lost, what is damaged not believed, and resuming changes nothing."""

import dataclasses
import os
import zipfile
from pathlib import Path

import numpy as np
import platformdirs
import pytest

from optviz.errors import UsageError
from optviz.results.training_run import TrainingRun
from optviz.runs.networks import journal
from optviz.runs.networks.journal import CHECKPOINT, RUN, Journal, Outcome
from optviz.runs.networks.specification import Specification
from optviz.runs.networks.training import journal_of, train

NAMES = ["sgd", "adam", "adadelta"]


def specification(**changes):
    facts = {
        "dataset": "mnist",
        "digest": "d",
        "part": "whole",
        "network": "mlp",
        "options": {"hidden": (128,)},
        "optimizer": "sgd",
        "written": "sgd(variant=keras, defaults=keras, lr=0.01)",
        "seed": 0,
        "epochs": 1,
        "batch_size": 64,
        "snapshots_at": (0.0, 1.0),
    }
    return Specification(**facts | changes)


def outcome(epochs=1):
    numbers = {"train_loss": 0.5, "test_loss": 0.1 + 0.2, "test_accuracy": 0.9, "seconds": 1.5}
    run = TrainingRun(
        "sgd",
        "SGD",
        "keras",
        "keras",
        {"lr": 0.01},
        0,
        tuple({"epoch": k} | numbers for k in range(1, epochs + 1)),
        losses=np.arange(20.0),
        predictions=np.arange(10, dtype=np.uint8),
    )
    return Outcome(run, np.array([0.0, 1.0]), np.arange(8, dtype=np.float32).reshape(2, 4))


def file(kept, of, ending):
    return kept.place / f"{of.course}-{of.epochs}{ending}"


def checkpoint(kept):
    return next(kept.checkpoints(specification()), None)


def same(one, other):
    return (
        dataclasses.replace(one.run, losses=None, predictions=None)
        == dataclasses.replace(other.run, losses=None, predictions=None)
        and np.array_equal(one.run.losses, other.run.losses)
        and np.array_equal(one.run.predictions, other.run.predictions)
        and np.array_equal(one.snapshots_at, other.snapshots_at)
        and np.array_equal(one.weights, other.weights)
    )


def test_a_key_tells_every_field_apart():
    base = specification()
    changed = [
        {"dataset": "kmnist"},
        {"digest": "e"},
        {"part": "split"},
        {"network": "cnn"},
        {"options": {"hidden": (64,)}},
        {"optimizer": "adam"},
        {"written": "sgd(variant=torch, defaults=torch, lr=0.02)"},
        {"groups": "bias: lr=0.02"},
        {"parts": ((("dense1.bias",), "sgd(variant=torch, defaults=torch, lr=0.02)"),)},
        {"told": ("lr 0.02",)},
        {"seed": 1},
        {"epochs": 2},
        {"batch_size": 32},
        {"snapshots_at": ()},
        {"device": "cuda"},
        {"modules": ("other",)},
        {"sources": "e"},
        {"version": "0"},
    ]
    assert {next(iter(change)) for change in changed} == {field.name for field in dataclasses.fields(base)}
    keys = [specification(**change).key for change in changed]
    assert len({base.key, *keys}) == len(changed) + 1
    courses = {next(iter(change)): specification(**change).course for change in changed}
    alike = [courses.pop(name) for name in ("epochs", "snapshots_at", "optimizer", "groups", "told")]
    assert alike == [base.course] * 5
    assert len({base.course, *courses.values()}) == len(courses) + 1
    assert specification().key == base.key


def test_what_is_kept_comes_back(tmp_path):
    kept = Journal.opened(tmp_path / "a" / "journal")
    assert kept.place.stat().st_mode & 0o777 == 0o700
    assert kept.outcome(specification()) is None
    kept.keep_checkpoint(specification(), {"facts": np.arange(3, dtype=np.uint8), "state": np.ones((2, 3), np.float32)})
    (arrays,) = kept.checkpoints(specification())
    assert arrays["facts"].tolist() == [0, 1, 2] and arrays["state"].shape == (2, 3)
    kept.keep(specification(), outcome())
    assert len(list(kept.checkpoints(specification()))) == 1  # from which more epochs go on
    assert same(Journal.opened(kept.place).outcome(specification()), outcome())
    assert kept.outcome(specification(seed=1)) is None
    assert sorted(kept.place.iterdir()) == [file(kept, specification(), ending) for ending in (CHECKPOINT, RUN)]
    trial = specification(part="split")
    kept.keep_checkpoint(trial, {"state": np.ones(3)})
    kept.keep(trial, outcome())
    assert len(list(kept.place.iterdir())) == 3 and not list(kept.checkpoints(trial))
    kept.forget(specification())
    assert list(kept.place.iterdir()) == [file(kept, trial, RUN)]
    journal.remove(kept.place)
    assert not kept.place.exists()
    journal.remove(kept.place)


def test_no_journal_keeps_nothing():
    none = Journal.opened(None)
    none.keep(specification(), outcome())
    none.keep_checkpoint(specification(), {})
    none.forget(specification())
    assert none.outcome(specification()) is None and not list(none.checkpoints(specification()))


@pytest.mark.parametrize("ending", [RUN, CHECKPOINT])
def test_damaged_files_are_ignored(tmp_path, ending):
    kept = Journal.opened(tmp_path)
    kept.keep(specification(), outcome())
    kept.keep_checkpoint(specification(), {"state": np.arange(1000.0)})
    place = file(kept, specification(), ending)
    sound = place.read_bytes()
    generator = np.random.default_rng(0)
    damaged = [b"", b"PK\x03\x04", b"\x93NUMPY", sound[: len(sound) // 2], sound[:-1], os.urandom(200)]
    for byte in generator.integers(0, len(sound), 60):
        damaged.append(sound[:byte] + bytes([sound[byte] ^ 0x55]) + sound[byte + 1 :])

    def read():
        return checkpoint(kept) if ending == CHECKPOINT else kept.outcome(specification())

    def unharmed(found):
        if ending == CHECKPOINT:
            return np.array_equal(found.get("state", np.arange(1000.0)), np.arange(1000.0))
        return same(found, outcome())

    assert read() is not None
    for data in damaged:
        place.write_bytes(data)
        found = read()
        assert found is None or unharmed(found)  # some bytes of a zip archive's directory mean nothing
    place.write_bytes(sound)
    assert read() is not None


def test_hostile_files_are_ignored(tmp_path):
    kept = Journal.opened(tmp_path)
    place = file(kept, specification(), RUN)
    for name in ("facts", "weights"):
        kept.keep(specification(), outcome())
        with np.load(place) as archive:
            arrays = dict(archive)
        hostile = arrays | {name: np.array([Pickled()], dtype=object)}
        np.savez(place, **hostile)
        assert kept.outcome(specification()) is None
        np.savez(file(kept, specification(), CHECKPOINT), **hostile)
        assert checkpoint(kept) is None
    bomb = file(kept, specification(), CHECKPOINT)
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as archive, archive.open("state.npy", "w") as member:
        for _ in range(64):
            member.write(bytes(1 << 20))
    assert checkpoint(kept) is None


class Pickled:
    def __reduce__(self):
        return pytest.fail, ("a pickle was loaded",)


def test_a_result_of_another_run_is_not_believed(tmp_path):
    """Somebody renamed a file, or wrote one that cannot be."""
    kept = Journal.opened(tmp_path)
    kept.keep(specification(), outcome())
    other = specification(seed=1)
    file(kept, specification(), RUN).rename(file(kept, other, RUN))
    assert kept.outcome(other) is None
    kept.keep(specification(epochs=2), outcome(epochs=1))
    assert kept.outcome(specification(epochs=2)) is None


@pytest.mark.parametrize(
    "change",
    [
        {"epochs": ({"epoch": 1.0},)},
        {"epochs": (outcome().run.epochs[0] | {"test_loss": "0.5"},)},
        {"epochs": outcome(2).run.epochs[1:]},
        {"predictions": np.zeros(9, np.uint8)},
        {"predictions": np.zeros(10)},
        {"losses": np.zeros(20, np.float32)},
        {"losses": np.zeros((4, 5))},
        {"diverged_at": "never"},
        {"diverged_at": 10**400},
        {"title": "\ud800"},
        {"epochs": (outcome().run.epochs[0] | {"test_accuracy": 2.0},)},
        {"epochs": (outcome().run.epochs[0] | {"seconds": 10**400},)},
        {"epochs": (outcome().run.epochs[0] | {"seconds": [1.0]},)},
    ],
)
def test_what_cannot_be_a_run_is_told(change):
    run = outcome().run
    assert journal.sound(run, 10)
    assert not journal.sound(dataclasses.replace(run, **change), 10)


def test_a_full_disk_ends_nothing(tmp_path, monkeypatch):
    from optviz.errors import OptvizError

    kept = Journal.opened(tmp_path)

    def full(path, private):
        raise OptvizError(f"cannot write {path}: No space left on device")

    monkeypatch.setattr(journal, "replacing", full)
    with pytest.warns(UserWarning, match="No space left") as told:
        kept.keep_checkpoint(specification(), {})
        kept.keep_checkpoint(specification(), {})
        kept.keep(specification(), outcome())
    assert len(told) == 1


def test_half_written_files_are_swept(tmp_path):
    old, new = tmp_path / ".optviz-0123456789ab.part", tmp_path / ".optviz-0123456789ac.part"
    for part in (old, new):
        part.write_bytes(b"x")
    os.utime(old, (0, 0))
    Journal.opened(tmp_path)
    assert not old.exists() and new.exists()
    (tmp_path / "letter.txt").write_text("mine")
    journal.remove(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["letter.txt"]


def test_journals_that_cannot_be_are_refused(tmp_path, blobs_folder, monkeypatch):
    mine = tmp_path / "file"
    mine.write_text("mine")
    locked = tmp_path / "locked"
    locked.mkdir()
    monkeypatch.setattr(os, "access", lambda path, mode: Path(path) != locked)
    for place in (mine, mine / "below", locked, "\0", tmp_path / ("x" * 300)):
        with pytest.raises(UsageError, match="journal"):
            train(blobs_folder, "mlp", "sgd", epochs=1, journal=place)
    assert mine.read_text() == "mine"


def test_the_usual_place(tmp_path, monkeypatch, blobs_folder):
    arguments = {"dataset": blobs_folder, "optimizers": NAMES, "epochs": 3, "batch_size": 32, "seeds": 2, "plane": True}
    monkeypatch.setenv("OPTVIZ_CACHE_DIR", str(tmp_path))
    assert journal.folder() == tmp_path / "journals"
    place = journal_of(**arguments)
    assert place.parent == journal.folder()
    for alike in (
        {"jobs": 2},
        {"engine": "processes"},
        {"target": 0.9},
        {"journal": "x"},
        {"optimizers": tuple(NAMES)},
    ):
        assert journal_of(**arguments | alike) == place
    shared = [{"seeds": 3}, {"epochs": 4}, {"lr": 0.1}, {"lr": "tuned"}, {"optimizers": NAMES[:2]}, {"plane": False}]
    assert {journal_of(**arguments | other) for other in shared} == {place}
    others = [{"batch_size": 64}, {"network": "logreg"}]
    places = {journal_of(**arguments | other) for other in others}
    assert len(places) == len(others) and place not in places
    for name in ("a", "b"):
        Journal.opened(journal.folder() / name).keep(specification(), outcome())
    assert journal.clear() == 2 and not list(journal.folder().iterdir())
    journal.folder().rmdir()
    journal.folder().write_text("a file")
    assert journal.folder() is None and journal.clear() == 0
    monkeypatch.setenv("OPTVIZ_CACHE_DIR", "")
    monkeypatch.setattr(platformdirs, "user_cache_path", lambda name: Path("optviz"))
    assert journal_of(**arguments) is None


@pytest.mark.skipif(os.name != "posix", reason="modes are POSIX")
@pytest.mark.parametrize("umask", [0o000, 0o002, 0o077])
def test_whatever_the_umask_a_journal_is_the_users_alone(tmp_path, umask):
    before = os.umask(umask)
    try:
        kept = Journal.opened(tmp_path / "a" / "b")
        kept.keep_checkpoint(specification(), {"x": np.zeros(3)})
    finally:
        os.umask(before)
    (one,) = kept.place.iterdir()
    assert one.stat().st_mode & 0o777 == 0o600
    assert {place.stat().st_mode & 0o777 for place in list(one.parents)[:2]} == {0o700}


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="pipes with names are POSIX")
def test_a_pipe_in_a_journal_is_not_waited_for(tmp_path):
    kept = Journal.opened(tmp_path)
    os.mkfifo(file(kept, specification(), CHECKPOINT))
    assert checkpoint(kept) is None
    kept.keep_checkpoint(specification(), {"x": np.zeros(3)})
    assert checkpoint(kept)["x"].shape == (3,)


def test_the_best_checkpoint_comes_first(tmp_path):
    kept = Journal.opened(tmp_path)
    for epochs in (3, 10, 20, 1):
        kept.keep_checkpoint(specification(epochs=epochs), {"asked": np.array(epochs)})
    kept.keep_checkpoint(specification(seed=1), {"asked": np.array(99)})
    (tmp_path / f"{specification().course}-x{CHECKPOINT}").write_bytes(b"")
    asked = [int(arrays["asked"]) for arrays in kept.checkpoints(specification(epochs=12, snapshots_at=()))]
    assert asked == [10, 3, 1, 20]


def test_the_oldest_files_go_where_all_take_too_much(tmp_path, monkeypatch):
    monkeypatch.setenv("OPTVIZ_CACHE_DIR", str(tmp_path))
    journal.trim()
    files = []
    for age, name in enumerate(("new", "old", "older")):
        kept = Journal.opened(journal.folder() / name)
        kept.keep(specification(), outcome())
        files.append(file(kept, specification(), RUN))
        os.utime(files[-1], (1000 - age, 1000 - age))
    journal.trim()
    assert all(one.exists() for one in files)
    journal.trim(2 * files[0].stat().st_size)
    assert [one.exists() for one in files] == [True, True, False]


def test_a_run_that_was_not_looked_at_is_another(tmp_path):
    kept = Journal.opened(tmp_path)
    kept.keep(specification(), outcome())
    assert same(kept.outcome(specification(snapshots_at=())), outcome())
    assert kept.outcome(specification(snapshots_at=(0.0, 0.5, 1.0))) is None

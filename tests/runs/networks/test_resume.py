"""Comparisons that are stopped at any moment and go on: they give what one gives that nothing stopped."""

import contextlib
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

import optviz
from optviz.runs.networks import run
from optviz.runs.networks.epochs import Training
from optviz.runs.networks.journal import RUN, Journal
from optviz.runs.networks.training import train
from tests.runs.same import content

NAMES = ["sgd", "adam", "adadelta"]
ROOT = Path(__file__).parents[2]


@pytest.fixture
def arguments(blobs_folder):
    return {"dataset": blobs_folder, "optimizers": NAMES, "epochs": 3, "batch_size": 32, "seeds": 2, "plane": True}


@pytest.fixture
def steps_made(monkeypatch):
    """How many steps each slice of a run makes, in this process."""
    made = []
    enter = Training.enter

    def counting(training, steps, losses, seconds):
        made.append(len(losses))
        enter(training, steps, losses, seconds)

    monkeypatch.setattr(Training, "enter", counting)
    return made


@pytest.fixture(scope="module")
def whole(blobs_folder):
    """The comparison that nothing stopped."""
    return content(train(blobs_folder, "mlp", NAMES, epochs=3, batch_size=32, seeds=2, plane=True))


def test_finished_runs_are_not_run_again(tmp_path, arguments, whole, monkeypatch):
    first = train(**arguments, journal=tmp_path)
    assert content(first) == whole
    assert len(list(tmp_path.glob(f"*{RUN}"))) == 6
    monkeypatch.setattr(run.Run, "advance", pytest.fail)
    again = train(**arguments, journal=tmp_path)
    assert content(again) == whole
    assert again.to_dict() == first.to_dict()  # the seconds are those of the first time


def test_runs_of_a_larger_comparison_are_taken(tmp_path, arguments):
    """What one comparison has made another one with the same runs needs not make."""
    arguments |= {"plane": False}
    train(**arguments, journal=tmp_path)
    more = train(**arguments | {"optimizers": [*NAMES, "adagrad"]}, journal=tmp_path)
    assert content(more) == content(train(**arguments | {"optimizers": [*NAMES, "adagrad"]}))
    assert len(list(tmp_path.glob(f"*{RUN}"))) == 8


def steps_of(arguments):
    """The steps of an epoch."""
    images = optviz.datasets.folder(arguments["dataset"]).load().train
    return -(-len(images) // arguments["batch_size"])


EXTENSIONS = {
    "seeds": {"seeds": 3},
    "epochs": {"epochs": 5},
    "one optimizer": {"optimizers": [*NAMES, "rmsprop"]},
    "everything": {"seeds": 3, "epochs": 4, "optimizers": ["adagrad", *NAMES]},
    "fewer epochs": {"epochs": 2},
}


@pytest.mark.parametrize("plane", [True, False])
@pytest.mark.parametrize("extension", EXTENSIONS.values(), ids=EXTENSIONS)
def test_a_finished_comparison_is_extended(tmp_path, arguments, steps_made, plane, extension):
    """Its runs give what they give in a comparison that is made at once, and none of their steps is made again."""
    network = optviz.networks.REGISTRY["mlp"].configure(hidden=(16,), dropout=0.3)
    arguments |= {"network": network, "plane": plane}
    train(**arguments, journal=tmp_path)
    at_once = content(train(**arguments | extension))
    steps_made.clear()
    assert content(train(**arguments | extension, journal=tmp_path)) == at_once
    more = arguments | extension
    missing = len(more["optimizers"]) * more["seeds"] * more["epochs"] - (18 if more["epochs"] > 2 else 0)
    assert sum(steps_made) == missing * steps_of(arguments)
    steps_made.clear()
    assert content(train(**arguments | extension, journal=tmp_path)) == at_once
    assert not steps_made


def test_a_tuned_comparison_is_extended(tmp_path, arguments, monkeypatch, steps_made):
    from optviz.runs.networks import tuning

    monkeypatch.setattr(tuning, "GRID", (0.001, 0.01))
    arguments |= {"optimizers": ["sgd", "adam"], "lr": "tuned", "plane": False}
    train(**arguments, journal=tmp_path)
    extension = {"epochs": 4, "seeds": 3}
    at_once = content(train(**arguments | extension))
    steps_made.clear()
    assert content(train(**arguments | extension, journal=tmp_path)) == at_once
    assert sum(steps_made) == 2 * (3 * 4 - 2 * 3) * steps_of(arguments)


def test_a_picture_of_the_plane_needs_runs_that_were_looked_at(tmp_path, arguments, whole):
    train(**arguments | {"plane": False}, journal=tmp_path)
    assert content(train(**arguments, journal=tmp_path)) == whole
    assert train(**arguments | {"plane": False}, journal=tmp_path).plane is None


def test_a_comparison_that_is_not_resumed_is_made_anew(tmp_path, arguments, whole, steps_made):
    arguments |= {"plane": False}
    train(**arguments, journal=tmp_path)
    first = list(steps_made)
    steps_made.clear()
    train(**arguments, journal=tmp_path, resume=False)
    assert sum(steps_made) == sum(first)
    files = len(list(tmp_path.iterdir()))
    steps_made.clear()
    train(**arguments, journal=tmp_path)
    assert not steps_made and len(list(tmp_path.iterdir())) == files


@pytest.mark.slow
def test_worker_processes_extend_as_threads_do(tmp_path, arguments):
    train(**arguments, journal=tmp_path, engine="processes", jobs=2)
    extension = {"epochs": 5, "seeds": 3}
    found = train(**arguments | extension, journal=tmp_path, engine="processes", jobs=2)
    assert content(found) == content(train(**arguments | extension))


def test_damaged_runs_are_made_again(tmp_path, arguments, whole):
    train(**arguments, journal=tmp_path)
    for file in sorted(tmp_path.iterdir())[::2]:
        file.write_bytes(file.read_bytes()[:-20])
    assert content(train(**arguments, journal=tmp_path)) == whole
    assert content(train(**arguments, journal=tmp_path)) == whole


@pytest.mark.parametrize("after", [1, 3, 8, 15])
def test_a_stopped_comparison_goes_on(tmp_path, arguments, whole, monkeypatch, after):
    """Ctrl-C after so many slices of runs, of which some are finished and others have checkpoints."""
    monkeypatch.setattr(run, "PAUSE", 0.0)
    monkeypatch.setattr(run, "SHARE", 1e9)
    stopped = []
    advance = run.Run.advance

    def counting(run, room):
        stopped.append(run)
        if len(stopped) > after:
            raise KeyboardInterrupt
        advance(run, room)

    monkeypatch.setattr(run.Run, "advance", counting)
    partly = train(**arguments, journal=tmp_path, jobs=1)
    assert partly.interrupted and partly.plane is None
    assert sum(len(run.epochs) for run in partly.runs) < 18
    monkeypatch.setattr(run.Run, "advance", advance)
    assert content(train(**arguments, journal=tmp_path)) == whole


def test_a_checkpoint_of_nothing_is_not_believed(tmp_path, arguments, whole, monkeypatch):
    """Every run finds a checkpoint that belongs to another one, or holds what no run can."""
    monkeypatch.setattr(run, "PAUSE", 0.0)
    bad = [
        {},
        {"facts": np.frombuffer(b"[]", np.uint8)},
        {"facts": np.frombuffer(b'{"epochs": [{"epoch": 1}], "diverged_at": null}', np.uint8)},
    ]
    asked = iter(range(1000))
    monkeypatch.setattr(Journal, "checkpoints", lambda self, run: iter([bad[next(asked) % 3]]))
    assert content(train(**arguments, journal=tmp_path)) == whole


SCRIPT = """
import sys
import optviz
from optviz.runs.networks import run
from optviz.runs.networks.epochs import Training
from optviz.runs.networks.training import train
run.PAUSE = 0.0
if __name__ == "__main__":
    folder, journal, engine = sys.argv[1:]
    print("begun", flush=True)
    train(folder, "mlp", ["sgd", "adam", "adadelta"], epochs=3, batch_size=32, seeds=2, plane=True,
          journal=journal, engine=engine, jobs=2)
"""


@pytest.mark.slow
@pytest.mark.parametrize("engine", ["threads", "processes"])
def test_kill_9_at_any_moment(tmp_path, arguments, whole, engine):
    script = tmp_path / "comparison.py"
    script.write_text(SCRIPT)
    place = tmp_path / "journal"
    command = [sys.executable, script, str(arguments["dataset"]), str(place), engine]
    generator = np.random.default_rng(0)
    ends = []
    for _ in range(12):
        running = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, start_new_session=True)
        try:
            running.stdout.readline()
            time.sleep(generator.uniform(0, 2.5))
        finally:
            ends.append(running.poll())
            with contextlib.suppress(ProcessLookupError):
                os.killpg(running.pid, signal.SIGKILL)
            running.communicate()
    assert None in ends  # some were killed at work
    assert content(train(**arguments, journal=place)) == whole


@pytest.mark.slow
def test_two_processes_on_one_journal(tmp_path, arguments, whole):
    script = tmp_path / "comparison.py"
    script.write_text(SCRIPT)
    command = [sys.executable, script, str(arguments["dataset"]), str(tmp_path / "journal"), "threads"]
    both = [subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL) for _ in range(2)]
    assert [one.wait(300) for one in both] == [0, 0]
    assert content(train(**arguments, journal=tmp_path / "journal")) == whole


PLUGIN = """
from optviz.optimizers import optimizer

@optimizer
def edited(x, g, lr=0.05):
    return x - lr * g
"""


@pytest.mark.slow
def test_a_formula_that_was_edited_is_another_one(tmp_path, blobs_folder):
    """A unit of one's own keeps its name when its formula changes, so its module's source counts."""
    script = tmp_path / "comparison.py"
    script.write_text(
        "import sys, plugin\n"
        "from optviz.runs.networks.training import train\n"
        "found = train(sys.argv[1], 'mlp', 'edited', epochs=1, journal=sys.argv[2])\n"
        "print(found.runs[0].epochs[0]['train_loss'])\n"
    )
    losses = []
    for source in (PLUGIN, PLUGIN, PLUGIN.replace("- lr", "- 0.5 * lr")):
        (tmp_path / "plugin.py").write_text(source)
        command = [sys.executable, script, str(blobs_folder), str(tmp_path / "journal")]
        path = os.pathsep.join([str(tmp_path), str(ROOT)])
        environment = os.environ | {"PYTHONPATH": path, "PYTHONDONTWRITEBYTECODE": "1"}
        losses.append(subprocess.run(command, capture_output=True, text=True, check=True, env=environment).stdout)
    assert losses[0] == losses[1] != losses[2]
    assert len(list((tmp_path / "journal").glob(f"*{RUN}"))) == 2

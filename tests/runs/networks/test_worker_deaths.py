"""Workers that are killed in mid-run: nothing is lost, and nothing that was finished is run again."""

import contextlib
import multiprocessing
import os
import signal
import subprocess
import sys
import threading
import time
import types
from pathlib import Path

import pytest

from optviz.errors import OptvizError
from optviz.runs.networks import workers
from optviz.runs.networks.training import train
from tests.runs import logged
from tests.runs.same import content

pytestmark = pytest.mark.slow


def kill_one(log, chosen, dead, epochs=3):
    """Kill the first process that has finished a run and has begun so many epochs, but the first, of another one."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        found = logged.entries(log)
        last = max((first for _, first, _ in found), default=0)
        for process in {process for *_, process in found}:
            finished = {other for other, at, who in found if who == process and at == last}
            mine = [other for other, _, who in found if who == process]
            if finished and mine[-1] not in finished and mine.count(mine[-1]) >= epochs and chosen(process):
                os.kill(process, signal.SIGKILL)
                dead.append((process, mine[-1], finished))
                return
        time.sleep(0.01)


def check_that_nothing_ran_twice(log, dead):
    """Every run began every epoch once, but for the run that was killed."""
    [(process, victim, finished)] = dead
    counts = logged.counts(log)
    assert {name for name, _ in counts} == set(logged.NAMES)
    for (name, _), times in counts.items():
        assert times == 1 or (name == victim and times == 2)
    workers_of_victim = {who for name, _, who in logged.entries(log) if name == victim}
    assert process in workers_of_victim and len(workers_of_victim) == 2
    assert victim not in finished


LOGGED = {"optimizers": logged.NAMES, "epochs": 5, "defaults": "paper", "pause": 0.25}


@pytest.mark.parametrize("kept", [False, True], ids=["no journal", "a journal"])
def test_a_cluster_worker_that_dies_loses_nothing(blobs_folder, log, tmp_path, monkeypatch, request, kept):
    """One of two is killed in mid-run. Its run is begun again by the other, and what it had finished is not.

    With a journal that holds even where the worker dies before the result of its last run has left it.
    """
    cluster = request.getfixturevalue("cluster")  # after the log's place is in the environment
    dead = []
    killer = threading.Thread(target=kill_one, args=(log, lambda process: True, dead, 1 if kept else 3))
    killer.start()
    found = train(blobs_folder, "mlp", **LOGGED, engine=cluster, journal=tmp_path / "journal" if kept else None)
    killer.join()
    check_that_nothing_ran_twice(log, dead)
    log.unlink()
    monkeypatch.setattr(logged.time, "sleep", lambda seconds: None)
    assert content(found) == content(train(blobs_folder, "mlp", **LOGGED))


def test_a_process_that_dies_loses_nothing(blobs_folder, log, monkeypatch):
    """A death ends all of loky's workers: the runs in them are begun again, finished ones are not."""
    dead = []
    killer = threading.Thread(target=kill_one, args=(log, lambda process: process != os.getpid(), dead))
    killer.start()
    found = train(blobs_folder, "mlp", **LOGGED, engine="processes", jobs=2)
    killer.join()
    [(_, victim, finished)] = dead
    counts = logged.counts(log)
    assert {name for name, times in counts.items() if times > 1}
    assert all(counts[name, first] == 1 for name, first in counts if name in finished)
    log.unlink()
    monkeypatch.setattr(logged.time, "sleep", lambda seconds: None)
    assert content(found) == content(train(blobs_folder, "mlp", **LOGGED))


def test_workers_that_always_die_are_given_up(blobs_folder, log, tmp_path):
    """Each process is killed as soon as it begins a second epoch."""
    stop = threading.Event()

    def kill_all():
        while not stop.is_set():
            for _, _, process in logged.entries(log):
                if process != os.getpid():
                    with contextlib.suppress(ProcessLookupError):
                        os.kill(process, signal.SIGKILL)
            time.sleep(0.02)

    killer = threading.Thread(target=kill_all)
    killer.start()
    try:
        with pytest.raises(OptvizError, match="die again and again") as error:
            train(blobs_folder, "mlp", **LOGGED, engine="processes", jobs=1)
        assert "--resume" in error.value.remedy
    finally:
        stop.set()
        killer.join()


@pytest.mark.parametrize("engine", ["processes", "cluster"])
def test_interrupted_and_resumed(blobs_folder, log, tmp_path, monkeypatch, engine, request):
    if engine == "cluster":
        engine = request.getfixturevalue("cluster")

    def interrupt(done, total, text):
        if text.startswith(("2 of", "3 of")):
            raise KeyboardInterrupt

    begin = time.monotonic()
    partly = train(blobs_folder, "mlp", **LOGGED, engine=engine, journal=tmp_path / "journal", progress=interrupt)
    assert partly.interrupted
    finished = [run for run in partly.runs if len(run.epochs) == 5]
    assert 2 <= len(finished) < 6
    assert time.monotonic() - begin < 60
    monkeypatch.setattr(logged.time, "sleep", lambda seconds: None)
    log.unlink()
    whole = train(blobs_folder, "mlp", **LOGGED, journal=tmp_path / "journal")
    again = {name for name, _, _ in logged.entries(log)}
    assert again.isdisjoint({run.optimizer for run in finished})
    assert content(whole) == content(train(blobs_folder, "mlp", **LOGGED))


@pytest.mark.parametrize(("parent", "above", "gone"), [(4242, 4242, False), (4242, 1, True), (None, 1, False)])
def test_a_worker_without_a_pipe_knows_who_started_it(monkeypatch, parent, above, gone):
    """Those of loky have none; also when whoever started it has died before it asks."""
    known = parent and types.SimpleNamespace(pid=parent)
    monkeypatch.setattr(multiprocessing, "parent_process", lambda: known)
    monkeypatch.setattr("os.getppid", lambda: above)
    assert workers._orphaned() == gone


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="processes are looked up in /proc")
@pytest.mark.parametrize("moment", ["before", "after"])
@pytest.mark.parametrize("method", multiprocessing.get_all_start_methods())
def test_a_worker_ends_while_it_sends_what_nobody_reads(method, moment):
    """As one does whose run is finished in the moment in which the command is killed, or which begins after that."""
    command = [sys.executable, "-m", "tests.runs.sending", method, moment]
    done = subprocess.run(command, stdout=subprocess.PIPE, timeout=60, check=True)
    state, deadline = Path(f"/proc/{int(done.stdout)}/stat"), time.monotonic() + 30

    def runs():
        with contextlib.suppress(OSError):
            return state.read_text().rpartition(")")[2].split()[0] != "Z"

    while runs() and time.monotonic() < deadline:
        time.sleep(0.1)
    assert not runs()


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="processes are looked up in /proc")
def test_workers_end_when_the_command_was_killed(blobs_folder, tmp_path):
    """A killed command cannot call its workers off; they notice by themselves."""
    command = [sys.executable, "-m", "optviz", "train", "--dataset", str(blobs_folder), "--optimizers", "sgd,adam"]
    environment = os.environ | {"OPTVIZ_CACHE_DIR": str(tmp_path)}
    running = subprocess.Popen(
        [*command, "--engine", "processes", "--jobs", "2", "--epochs", "10000", "--seeds", "10"],
        env=environment, start_new_session=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip

    def others():
        """The processes of that session but the first."""
        found = []
        for place in Path("/proc").glob("[0-9]*"):
            with contextlib.suppress(OSError):
                after = (place / "stat").read_text().rpartition(")")[2].split()
                if int(after[3]) == running.pid and int(place.name) != running.pid and after[0] != "Z":
                    found.append(int(place.name))
        return found

    def wait(condition):
        deadline = time.monotonic() + 90
        while not condition() and time.monotonic() < deadline:
            time.sleep(0.1)
        return condition()

    try:
        assert wait(lambda: list(tmp_path.rglob("*.checkpoint.npz")))
        running.kill()
        running.wait()
        assert wait(lambda: not others())
    finally:
        for process in others():
            os.kill(process, signal.SIGKILL)

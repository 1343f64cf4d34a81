"""The same runs on threads, in processes and on clusters; workers that die; Ctrl-C; what cannot be meant."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from optviz.errors import MissingError, UsageError, UsageTypeError
from optviz.networks import Activation, Dense, Network
from optviz.optimizers import UpdateRule
from optviz.runs.jobs import side_by_side
from optviz.runs.networks import workers
from optviz.runs.networks.training import train
from tests.runs.same import content

ROOT = Path(__file__).parents[2]
NAMES = ["sgd", "adam", "adadelta"]


@pytest.fixture(scope="module")
def arguments(blobs_folder):
    return {"dataset": blobs_folder, "optimizers": NAMES, "epochs": 2, "batch_size": 32, "seeds": 2, "plane": True}


@pytest.fixture(scope="module")
def on_threads(arguments):
    return content(train(**arguments, jobs=1))


class _Count:
    """A job of so many slices."""

    def __init__(self, slices, begun):
        self.done, self.slices, self.begun = 0, slices, begun

    @property
    def finished(self):
        return self.done == self.slices

    def advance(self, room):
        self.begun.add(self)
        self.done += 1
        if self.finished:
            self.begun.discard(self)
        assert len(self.begun) <= room


@pytest.mark.parametrize(("threads", "most", "limit"), [(1, 1, 1), (1, 3, 3), (2, 1, 2), (4, 3, 4), (2, None, 9)])
def test_few_jobs_are_begun_at_a_time(threads, most, limit):
    begun = set()
    jobs = [_Count(slices, begun) for slices in (5, 1, 7, 3, 2, 9, 1, 4, 6)]
    side_by_side(jobs, threads, lambda: limit, lambda: None, most)
    assert all(job.finished for job in jobs) and not begun


@pytest.mark.thin(2)
@pytest.mark.parametrize("jobs", [1, 2])
def test_processes_give_what_threads_give(arguments, on_threads, jobs):
    assert content(train(**arguments, engine="processes", jobs=jobs)) == on_threads


@pytest.mark.slow
def test_a_cluster_gives_what_threads_give(arguments, on_threads, cluster, tmp_path):
    told = []
    found = train(**arguments, engine=cluster, journal=tmp_path, progress=lambda *news: told.append(news))
    assert content(found) == on_threads
    assert told[-1][0] <= told[-1][1]
    assert any(text.startswith("6 of 6 runs") for *_, text in told)
    assert len(list(tmp_path.glob("*.run.npz"))) == 6


def test_each_run_is_told_and_kept_when_it_is_finished(arguments, tmp_path):
    """Not at the end of everything."""
    told = []

    def watch(done, total, text):
        told.append((len(list(tmp_path.glob("*.run.npz"))), done, total, text))

    train(**arguments, engine="processes", jobs=1, journal=tmp_path, progress=watch)
    during = {kept for kept, done, total, text in told if " of 6 runs" in text}
    assert len(during) >= 3
    assert all(f"{done / (total / 6):.0f} of 6 runs" in text for _, done, total, text in told if " of 6 runs" in text)


SCRIPT = """
import multiprocessing, sys
from optviz.runs.networks.training import train

if __name__ == "__main__":
    def tell(done, total, text):
        if total:
            print("working", *[child.pid for child in multiprocessing.active_children()], flush=True)
    found = train(sys.argv[1], "mlp", ["sgd", "adam"], epochs=1_000_000, engine=sys.argv[2], jobs=2, progress=tell)
    print("ended", found.interrupted, flush=True)
"""


@pytest.mark.parametrize("engine", ["threads", "processes"])
def test_ctrl_c_leaves_no_worker(blobs_folder, tmp_path, engine):
    script = tmp_path / "endless.py"
    script.write_text(SCRIPT)
    running = subprocess.Popen(
        [sys.executable, script, str(blobs_folder), engine],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    try:
        children = set()
        for line in running.stdout:
            children = set(map(int, line.split()[1:]))
            if engine == "threads" or len(children) == 2:
                break
        time.sleep(1.5)
        os.killpg(running.pid, signal.SIGINT)
        out, err = running.communicate(timeout=60)
        assert out.splitlines()[-1] == "ended True"
        assert "Traceback" not in err
        for child in children:
            with pytest.raises(ProcessLookupError):
                os.kill(child, 0)
    finally:
        if running.poll() is None:
            os.killpg(running.pid, signal.SIGKILL)
            running.communicate()


@pytest.mark.parametrize(
    ("given", "error", "words"),
    [
        ({"engine": "thread"}, UsageError, "Did you mean 'threads'"),
        ({"engine": "dsak=tcp://x:1"}, UsageError, "Did you mean 'dask'"),
        ({"engine": "slurm"}, UsageError, "slurm"),
        ({"engine": ""}, UsageError, "unknown engine"),
        ({"engine": None}, UsageTypeError, "None"),
        ({"engine": "dask"}, UsageError, "address"),
        ({"engine": "dask="}, UsageError, "dask="),
        ({"engine": "ray"}, UsageError, "unknown engine 'ray'"),
        ({"engine": "threads=4"}, UsageError, "threads=4"),
        ({"engine": "dask=tcp://127.0.0.1:1", "jobs": 2}, UsageError, "jobs is 2"),
    ],
)
def test_engines_that_cannot_be_meant(given, error, words):
    with pytest.raises(error, match=words):
        train(**given)


def test_a_missing_package_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(MissingError, match=r"optviz\[dask\]"):
        train(engine="dask=tcp://127.0.0.1:1")


@pytest.mark.slow
@pytest.mark.parametrize("address", ["tcp://127.0.0.1:1", "nonsense://x", "127.0.0.1:99999999"])
def test_a_scheduler_that_does_not_answer(address):
    pytest.importorskip("distributed")
    begin = time.monotonic()
    with pytest.raises(MissingError, match="no Dask scheduler answers"):
        train(engine=f"dask={address}")
    assert time.monotonic() - begin < 4 * workers.ANSWER


@pytest.mark.slow
def test_a_scheduler_without_workers():
    distributed = pytest.importorskip("distributed")
    with distributed.LocalCluster(
        n_workers=0, processes=True, dashboard_address=None, host="127.0.0.1", silence_logs=50
    ) as cluster:
        with pytest.raises(MissingError, match="has no workers"):
            train(engine=f"dask={cluster.scheduler_address}")


def test_other_processes_need_names(blobs_folder, tmp_path):
    """What is not registered runs on threads; elsewhere it would not be found, and in a journal it has no name."""
    network = Network("small", "Small", lambda shape, classes: [Dense(20), Activation(), Dense(classes)])
    rule = UpdateRule("ours", "Ours", 2026, "", "", "", variants={}, defaults={"paper": {"lr": 0.05}})
    rule.formula("paper")(lambda x, g, lr: x - lr * g)
    for given in ({"engine": "processes"}, {"journal": tmp_path}):
        with pytest.raises(UsageError, match="network 'small' is not registered"):
            train(blobs_folder, network, "sgd", epochs=1, **given)
        with pytest.raises(UsageError, match="optimizer 'ours' is not registered"):
            train(blobs_folder, "mlp", [rule], epochs=1, **given)


def test_workers_refuse_other_versions_and_other_files(blobs_folder, monkeypatch):
    from dataclasses import replace

    from optviz.errors import DataError
    from optviz.runs.networks.request import ask

    request = ask(
        blobs_folder,
        "mlp",
        "sgd",
        epochs=1,
        batch_size=32,
        seeds=1,
        lr=None,
        defaults="keras",
        variant=None,
        tuning_epochs=None,
        alone=False,
        engine="processes",
        hyperparameters={},
    )
    [specification] = request.loaded(plane=False).specifications(request.settings)
    monkeypatch.setattr(
        workers, "_end_with_parent", lambda process: None
    )  # which this process would hear from for ever
    elsewhere = workers.Asker(0, "/of/another/machine")
    assert len(workers.compute(specification, None, elsewhere).run.epochs) == 1
    with pytest.raises(MissingError, match="a worker has optviz"):
        workers.compute(replace(specification, version="0.0.0"), None, elsewhere)
    with pytest.raises(DataError, match="is another here"):
        workers.compute(replace(specification, digest="0"), None, elsewhere)


def test_files_that_change_are_read_again(blobs_folder, tmp_path):
    """A worker keeps what it has read, but not for ever."""
    from tests.datasets.files import blobs, write

    folder = write(tmp_path / "changing", blobs())
    first = train(folder, "mlp", "sgd", epochs=1, engine="processes", jobs=1)
    write(folder, blobs(seed=5))
    second = train(folder, "mlp", "sgd", epochs=1, engine="processes", jobs=1)
    assert content(first) != content(second)
    assert content(second) == content(train(folder, "mlp", "sgd", epochs=1))
    assert not np.array_equal(first.labels, second.labels)

"""Runs by executors of all kinds: the numbers of threads, and an end whatever becomes of the executor."""

import contextlib
import multiprocessing
import os
import signal
import threading
import time
from concurrent.futures import CancelledError, Executor, Future, ProcessPoolExecutor, ThreadPoolExecutor

import pytest

import optviz
from optviz.errors import OptvizError, UsageError, UsageTypeError
from optviz.runs.networks import engines, workers
from tests.runs import logged
from tests.runs.same import content


class AtOnce(Executor):
    """Runs everything when it is submitted, in the process that submits."""

    def submit(self, function, /, *arguments):
        future = Future()
        try:
            future.set_result(function(*arguments))
        except BaseException as error:
            future.set_exception(error)
        return future


@contextlib.contextmanager
def loky():
    from joblib.externals.loky import ProcessPoolExecutor as Loky

    with Loky(2) as executor:
        yield executor


@contextlib.contextmanager
def dask():
    distributed = pytest.importorskip("distributed")
    with (
        distributed.LocalCluster(
            n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None, host="127.0.0.1", silence_logs=50
        ) as cluster,
        distributed.Client(cluster, set_as_default=False) as client,
    ):
        yield client.get_executor()


# Python from 3.12 on, and JAX where other tests have loaded it, warn of a fork when there are threads.
pytestmark = pytest.mark.filterwarnings(
    "ignore:.*use of fork.*may lead to deadlocks:DeprecationWarning", "ignore:os.fork.* was called:RuntimeWarning"
)
SPAWN = multiprocessing.get_context("spawn")
POOLS = {
    "threads": lambda: ThreadPoolExecutor(2),
    **{
        method: lambda method=method: ProcessPoolExecutor(2, multiprocessing.get_context(method))
        for method in multiprocessing.get_all_start_methods()
    },
    "loky": loky,
    "dask": dask,
}
EACH = [pytest.param(name, marks=[] if name == "threads" else pytest.mark.slow) for name in POOLS]


@pytest.fixture(scope="module")
def arguments(blobs_folder):
    return {"dataset": blobs_folder, "optimizers": ["sgd", "adam"], "epochs": 2, "batch_size": 32, "seeds": 2}


@pytest.fixture(scope="module")
def on_threads(arguments):
    return content(optviz.train(**arguments, plane=True))


@pytest.mark.parametrize("kind", ["at once", *EACH])
def test_an_executor_gives_what_threads_give(arguments, on_threads, kind, tmp_path):
    told = []
    with (POOLS | {"at once": AtOnce})[kind]() as executor:
        found = optviz.train(
            **arguments, plane=True, engine=executor, journal=tmp_path, progress=lambda *news: told.append(news)
        )
        assert executor.submit(int).result() == 0  # it is its owner's, and still open
    assert content(found) == on_threads
    assert told[-1][0] == told[-1][1] > 0
    assert len(list(tmp_path.glob("*.run.npz"))) == 4


@pytest.mark.parametrize("kind", EACH)
def test_an_executor_that_is_shut_down_is_refused_before_any_work(kind, tmp_path):
    with POOLS[kind]() as executor:
        executor.shutdown()
        with pytest.raises(UsageError, match="takes no work"):
            optviz.train(tmp_path / "nowhere", engine=executor)


def test_a_broken_executor_is_refused_before_any_work(tmp_path):
    with ProcessPoolExecutor(1, SPAWN) as executor:
        with pytest.raises(Exception, match="terminated abruptly"):
            executor.submit(os._exit, 1).result()
        with pytest.raises(UsageError, match="takes no work: .*terminated abruptly"):
            optviz.train(tmp_path / "nowhere", engine=executor)


@pytest.mark.parametrize(
    ("given", "words"),
    [({"jobs": 2}, "jobs is 2, but the executor has workers of its own"), ({"device": "cuda"}, "device cuda")],
)
def test_what_an_executor_cannot_be_given(given, words, monkeypatch):
    monkeypatch.setattr("optviz.kernels.devices.chosen", lambda device, **_: device)
    with pytest.raises(UsageError, match=words):
        optviz.train(engine=AtOnce(), **given)


def test_an_executor_needs_names(blobs_folder):
    from optviz.networks import Activation, Dense, Network

    network = Network("small", "Small", lambda shape, classes: [Dense(20), Activation(), Dense(classes)])
    with pytest.raises(UsageError, match="network 'small' is not registered"):
        optviz.train(blobs_folder, network, "sgd", epochs=1, engine=AtOnce())


def interrupt(done, total, text):
    if total:
        raise KeyboardInterrupt


@pytest.mark.parametrize("kind", EACH)
def test_ctrl_c_calls_off_what_the_executor_has_begun(arguments, kind):
    """An executor of others is not ended, but nothing of ours goes on in it."""
    with POOLS[kind]() as executor:
        found = optviz.train(**arguments | {"epochs": 1_000_000}, engine=executor, progress=interrupt)
        assert found.interrupted
        assert [executor.submit(int).result(60) for _ in range(4)] == [0] * 4  # all workers are free again


class Closes(AtOnce):
    """Is open when it is looked at, and closed when a run comes; keeps what it was asked for."""

    def submit(self, function, /, *arguments):
        if function is int:
            return super().submit(int)
        self.asked = arguments
        raise RuntimeError("closed in the meantime")


def test_an_executor_that_closes_meanwhile_and_a_run_whose_lease_ends(blobs_folder, tmp_path):
    executor = Closes()
    with pytest.raises(OptvizError, match="takes no more work: RuntimeError: closed in the meantime"):
        optviz.train(blobs_folder, optimizers=["sgd"], epochs=1_000_000, engine=executor)
    specification, place, asker = executor.asked
    assert place is None and asker.process == os.getpid() and not os.path.exists(asker.lease)
    with pytest.raises(CancelledError):  # a run that begins when nobody waits any more
        workers.compute(specification, None, asker)
    lease = tmp_path / "lease"
    lease.touch()
    ending = threading.Timer(0.5, lease.unlink)
    ending.start()
    with pytest.raises(CancelledError):
        workers.compute(specification, None, workers.Asker(os.getpid(), str(lease)))
    ending.join()


def test_a_thread_of_this_process_does_not_end_it(monkeypatch, arguments, on_threads):
    """Whoever started this process may have gone, which is no reason for a thread pool to end."""
    monkeypatch.setattr(workers, "_orphaned", lambda: True)
    with ThreadPoolExecutor(2) as executor:
        assert content(optviz.train(**arguments, plane=True, engine=executor)) == on_threads


@pytest.mark.slow
def test_a_worker_that_dies_ends_the_training_with_what_is_finished(blobs_folder, log, tmp_path):
    """The executor is broken then, and only its owner can make another one."""

    def kill():
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            found = [(name, process) for name, _, process in logged.entries(log) if process != os.getpid()]
            if len({name for name, _ in found}) > 1:
                os.kill(found[-1][1], signal.SIGKILL)
                return
            time.sleep(0.01)

    given = {"optimizers": logged.NAMES[:3], "epochs": 5, "defaults": "paper", "journal": tmp_path / "journal"}
    killer = threading.Thread(target=kill)
    killer.start()
    with ProcessPoolExecutor(1, SPAWN) as executor, pytest.raises(OptvizError, match="worker of the executor died"):
        optviz.train(blobs_folder, "mlp", **given, pause=0.1, engine=executor)
    killer.join()
    kept = len(list((tmp_path / "journal").glob("*.run.npz")))
    assert 1 <= kept < 3
    log.unlink()
    with ProcessPoolExecutor(1, SPAWN) as executor:
        found = optviz.train(blobs_folder, "mlp", **given, pause=0.1, engine=executor)
    assert len({name for name, _, _ in logged.entries(log)}) == 3 - kept
    assert all(len(run.epochs) == 5 for run in found.runs)


def finished(value):
    future = Future()
    future.set_result(value)
    return future


@pytest.mark.parametrize("given", [None, "later", 7])
def test_what_gives_no_future_is_refused_before_any_work(given, tmp_path):
    executor = AtOnce()
    executor.submit = lambda function, /, *arguments: given
    with pytest.raises(UsageTypeError, match=f"submit of the executor .* gives {given!r}"):
        optviz.train(tmp_path / "nowhere", engine=executor)


@pytest.mark.parametrize(
    ("given", "words"),
    [(lambda: None, "gave None in place of a future"), (lambda: finished("?"), "gave '\\?' in place of a run")],
)
def test_what_computes_no_run_ends_the_training(arguments, given, words):
    executor = AtOnce()
    executor.submit = lambda function, /, *arguments: finished(0) if function is int else given()
    with pytest.raises(OptvizError, match=words):
        optviz.train(**arguments, engine=executor)


def test_an_executor_that_drops_its_work_ends_the_training(arguments):
    """Nobody is notified of a future that was cancelled when no worker is left to look at it."""

    def dropped():
        future = Future()
        assert future.cancel()
        return future

    executor = AtOnce()
    executor.submit = lambda function, /, *arguments: finished(0) if function is int else dropped()
    with pytest.raises(OptvizError, match="the executor has given up its work"):
        optviz.train(**arguments, engine=executor)


def test_the_engine_of_an_executor_is_its_own(blobs_folder):
    assert engines.check(executor := AtOnce(), None) == ("executor", executor)

"""What tests of runs share: a small data set, optimizers that write a log, clusters, and a world without engines."""

import pytest

from tests.datasets.files import blobs, write
from tests.runs import logged


@pytest.fixture(scope="session")
def blobs_folder(tmp_path_factory):
    return write(tmp_path_factory.mktemp("data") / "blobs", blobs())


@pytest.fixture
def log(tmp_path, monkeypatch):
    """Where `logged` writes, in this process and in those that it starts."""
    monkeypatch.setenv(logged.LOG, str(tmp_path / "log"))
    stop_processes()
    with logged.registered():
        yield tmp_path / "log"
    stop_processes()


@pytest.fixture(scope="session", autouse=True)
def _no_workers_stay():
    yield
    stop_processes()


@pytest.fixture
def nothing_runs(monkeypatch):
    """Whatever compiles or computes many runs fails, and memory holds 1 GB."""
    from optviz.runs import memory
    from optviz.runs.points import basins, minimize_many, study, swarm, sweep, tuning

    def made(*given, **names):
        raise AssertionError("an engine was made")

    for module in (basins, minimize_many, study, swarm, sweep, tuning):
        monkeypatch.setattr(module, "Runner", made)
    monkeypatch.setattr(memory, "free", lambda: 10**9)


def stop_processes():
    from joblib.externals.loky import get_reusable_executor

    get_reusable_executor(max_workers=1).shutdown(wait=True, kill_workers=True)


@pytest.fixture
def cluster():
    distributed = pytest.importorskip("distributed")
    with distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None, host="127.0.0.1", silence_logs=50
    ) as cluster:
        yield f"dask={cluster.scheduler_address}"

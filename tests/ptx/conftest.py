"""Kernels are assembled on all cores; what was assembled stands in a table at the end of the session."""

import multiprocessing
from concurrent.futures import ProcessPoolExecutor

import pytest

from optviz.runs.jobs import cores

FOUND = pytest.StashKey[dict]()


@pytest.fixture
def found(pytestconfig):
    """What the session's table shows: for a kernel and an architecture what was assembled."""
    return pytestconfig.stash.setdefault(FOUND, {})


@pytest.fixture(scope="session")
def assembling(request):
    """For a kernel and an architecture what will be assembled: begun for all that the session's tests ask for."""
    from tests.ptx.assemble import assembled_by_name  # not before what it needs is known to be installed

    wanted = [
        (item.callspec.params["kernel"], item.callspec.params["capability"])
        for item in request.session.items
        if "assembling" in getattr(item, "fixturenames", ())
    ]
    with ProcessPoolExecutor(cores(), multiprocessing.get_context("spawn")) as pool:
        yield {(kernel, each): pool.submit(assembled_by_name, kernel.name, each) for kernel, each in wanted}
        pool.shutdown(cancel_futures=True)


def pytest_terminal_summary(terminalreporter, config):
    found = config.stash.get(FOUND, {})
    if found:
        from tests.ptx.table import NOTE, plain

        terminalreporter.section("kernels")
        for line in [*plain(found), NOTE]:
            terminalreporter.write_line(line)

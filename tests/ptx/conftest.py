"""Kernels are assembled on all cores; what was assembled stands in a table at the end of the session."""

import pytest

FOUND = pytest.StashKey[dict]()


@pytest.fixture
def found(pytestconfig):
    """What the session's table shows: for a kernel and an architecture what was assembled."""
    return pytestconfig.stash.setdefault(FOUND, {})


@pytest.fixture(scope="session")
def pending(request):
    """For a kernel and an architecture what will be assembled, for all that the session's tests ask for."""
    from tests.ptx.assemble import assembling  # not before what it needs is known to be installed

    asking = [item.callspec.params for item in request.session.items if "pending" in getattr(item, "fixturenames", ())]
    with assembling((asked["kernel"], asked["capability"]) for asked in asking) as futures:
        yield futures


def pytest_terminal_summary(terminalreporter, config):
    found = config.stash.get(FOUND, {})
    if found:
        from tests.ptx.table import NOTE, plain

        terminalreporter.section("kernels")
        for line in [*plain(found), NOTE]:
            terminalreporter.write_line(line)

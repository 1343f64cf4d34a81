"""The table of the kernels that were assembled, at the end of the session."""

import pytest

FOUND = pytest.StashKey[dict]()


@pytest.fixture
def found(pytestconfig):
    """What the session's table shows: for a kernel and an architecture what was assembled."""
    return pytestconfig.stash.setdefault(FOUND, {})


def pytest_terminal_summary(terminalreporter, config):
    found = config.stash.get(FOUND, {})
    if found:
        from tests.ptx.table import NOTE, plain  # not before what it needs is known to be installed

        terminalreporter.section("kernels")
        for line in [*plain(found), NOTE]:
            terminalreporter.write_line(line)

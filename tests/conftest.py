"""What every test may count on, wherever the tests are run."""

import ctypes
import signal
import sys
from collections import Counter

import pytest

# A shell that starts something in the background has it ignore Ctrl-C, and so does everything which that starts.
# Tests that send Ctrl-C to processes of theirs would wait for ever: a handler of our own is not passed on.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_collection_modifyitems(items):
    """Of a test that is ``thin(n)`` every n-th case belongs to the fast stage and the others to the second one."""
    cases = Counter()
    for item in items:
        if thin := item.get_closest_marker("thin"):
            test = item.path, item.originalname
            if cases[test] % thin.args[0]:
                item.add_marker(pytest.mark.slow)
            cases[test] += 1


@pytest.fixture(scope="module", autouse=True)
def memory_goes_back():
    """What a file of tests has freed goes back to the system where the C library can be asked to: large pictures."""
    yield
    if sys.platform == "linux" and (trim := getattr(ctypes.CDLL(None), "malloc_trim", None)):
        trim(0)

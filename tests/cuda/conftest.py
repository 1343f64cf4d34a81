"""CUDA against the CPU: on a device where there is one, else in Numba's simulator.

Without a device the tests of this folder run in a process of their own, which `tests/test_cuda_simulated.py` starts: a
process that has imported Numba cannot change to the simulator any more.
"""

from pathlib import Path

import pytest

from optviz.kernels.cuda.backend import SIMULATED, cuda

if SIMULATED:
    from tests.cuda.simulator import repair

    repair()

PRESENT = SIMULATED or cuda.is_available()
if not PRESENT:
    collect_ignore_glob = ["test_*.py"]


@pytest.fixture(params=["float32", "float64"])
def dtype(request):
    import numpy as np

    return getattr(np, request.param)


def pytest_collection_modifyitems(items):
    # Whole numbers that wrap around, as they do in compiled code, make plain Python warn. Pytest brings
    # the tests of all folders here.
    for item in [item for item in items if SIMULATED and item.path.is_relative_to(Path(__file__).parent)]:
        item.add_marker(pytest.mark.filterwarnings("ignore::RuntimeWarning"))

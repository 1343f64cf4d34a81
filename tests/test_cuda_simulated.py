"""The tests of `tests/cuda` in Numba's simulator, where there is no device."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from optviz.kernels.cuda.backend import SIMULATED, cuda

ROOT = Path(__file__).parent.parent


@pytest.mark.skipif(SIMULATED or cuda.is_available(), reason="the tests of tests/cuda run in this process")
def test_cuda_in_the_simulator():
    ended = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "tests/cuda"],
        cwd=ROOT,
        env=os.environ | {"NUMBA_ENABLE_CUDASIM": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    print(ended.stdout)
    assert ended.returncode == 0, ended.stdout[-3000:]
    assert " passed" in ended.stdout

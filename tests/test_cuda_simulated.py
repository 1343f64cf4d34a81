"""The tests of `tests/cuda` in Numba's simulator, where there is no device."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from optviz.kernels.cuda.backend import SIMULATED, cuda

ROOT = Path(__file__).parent.parent
LIMIT = 1500  # seconds: the simulator has a thread of Python for each of a block's, and these can wait for one another
HANGING = 300  # seconds of one test, after which it says where it is


@pytest.mark.skipif(SIMULATED or cuda.is_available(), reason="the tests of tests/cuda run in this process")
@pytest.mark.parametrize("which", ["not slow", pytest.param("slow", marks=pytest.mark.slow)])
def test_cuda_in_the_simulator(which, tmp_path):
    command = [sys.executable, "-m", "pytest", "tests/cuda", "--numprocesses", "0", "-m", which, "-q", "--tb=short"]
    said = tmp_path / "said"
    with said.open("w") as output:
        process = subprocess.Popen(
            [*command, "--durations=10", "-p", "no:cacheprovider", "-o", f"faulthandler_timeout={HANGING}"],
            cwd=ROOT,
            env=os.environ | {"NUMBA_ENABLE_CUDASIM": "1"},
            stdout=output,
            stderr=subprocess.STDOUT,
        )
        try:
            code = process.wait(LIMIT)
        except subprocess.TimeoutExpired:
            code = None
        finally:
            process.kill()
            process.wait()
    text = said.read_text()
    if code == pytest.ExitCode.NO_TESTS_COLLECTED and which == "slow":
        pytest.skip("no test of tests/cuda is slow")
    if code != 0 or " passed" not in text:
        ended = f"has not ended after {LIMIT} s" if code is None else f"ended with {code}"
        pytest.fail(f"{' '.join(command[1:])} {ended}:\n{text[-20_000:]}", pytrace=False)
    print(text)

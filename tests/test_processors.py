"""The numbers of runs are the same whatever a processor can do, as far as NumPy and Numba decide."""

import json
import os
import subprocess
import sys

import numpy as np
import pytest

from optviz.kernels.cache import COMPILES


def dispatched() -> str:
    """What NumPy does otherwise on this processor than on the oldest that it runs on."""
    return " ".join(np.show_config(mode="dicts")["SIMD Extensions"].get("found", []))


LOWERED = {
    "NumPy": {"NPY_DISABLE_CPU_FEATURES": dispatched()},
    "Numba": {"NUMBA_CPU_NAME": "generic"},
}


def digests(**environment: str) -> dict[str, str]:
    """What `tests.digests` prints in a process with another environment."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.digests"],
        env=os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))} | environment,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.mark.slow
@pytest.mark.skipif(not COMPILES, reason="nothing is compiled")
def test_results_do_not_depend_on_what_the_processor_can_do():
    usual = digests()
    assert len(usual) >= 9 and len(set(usual.values())) == len(usual)
    for library, environment in LOWERED.items():
        assert digests(**environment) == usual, library


def test_a_digest_sees_every_number():
    from tests.digests import digest

    things = [[1.0, {"a": np.zeros(3)}], [1.0, {"a": np.zeros(4)}], [1.0, {"b": np.zeros(3)}],
              [1.0, {"a": -np.zeros(3)}], [np.nextafter(1.0, 2), {"a": np.zeros(3)}]]  # fmt: skip
    assert len({digest(thing) for thing in things}) == len(things)

"""The doctor's trial: it ends well where a device computes, and only there."""

import numpy as np
import pytest

from optviz.errors import OptvizError
from optviz.kernels.cuda import trial


def test_a_device_that_computes_passes():
    trial.run()


def test_a_device_that_computes_something_else_does_not(monkeypatch):
    monkeypatch.setattr(trial, "get", lambda array: np.array([1, 2, 4]))
    with pytest.raises(OptvizError, match=r"followed by \[1, 2, 4\]"):
        trial.run()

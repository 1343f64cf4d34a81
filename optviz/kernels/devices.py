"""Which device computes: the choice between ``cpu``, ``cuda`` and ``auto``, without importing CUDA."""

import importlib.util
import os
from typing import Any

from optviz.errors import MissingError, UsageError, UsageTypeError, shown
from optviz.registry import suggestion

DEVICES = ("cpu", "cuda", "auto")
INSTALL = 'pip install "optviz[cuda13]"'


def chosen(device: Any) -> str:
    """The device that a caller means.

    Parameters
    ----------
    device : {"cpu", "cuda", "auto"}
        ``auto`` is a CUDA device where one can be used, else the CPU.

    Returns
    -------
    {"cpu", "cuda"}

    Raises
    ------
    UsageError, UsageTypeError
        If it is none of these.
    MissingError
        If it is ``cuda`` and no device can be used here.
    """
    if not isinstance(device, str):
        raise UsageTypeError(f"device is {shown(device)}", f"Give one of {', '.join(DEVICES)}, as a text.")
    if device not in DEVICES:
        hint = suggestion(device, list(DEVICES))
        raise UsageError(f"unknown device '{device}'", f"{hint}Choose from: {', '.join(DEVICES)}")
    if device == "cpu":
        return "cpu"
    reason = missing()
    if reason is None:
        return "cuda"
    if device == "auto":
        return "cpu"
    raise MissingError(*reason)


def missing() -> tuple[str, str] | None:
    """Why no CUDA device can be used here, and what to do; None where one can."""
    if os.environ.get("NUMBA_ENABLE_CUDASIM") == "1":
        return None
    if importlib.util.find_spec("numba_cuda") is None:
        return "CUDA for Numba is not installed", f"Install it: {INSTALL}"
    from numba import cuda

    if not cuda.is_available():
        return "no CUDA device can be used here", "See what optviz doctor says."
    return None

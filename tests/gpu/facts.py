"""What computes here: the card, its driver, the packages, and the state of the sources."""

import os
import platform
import subprocess
import sys

import optviz
from optviz.kernels import devices, driver
from optviz.kernels.cuda import backend
from tests.gpu.report import ROOT
from tests.ptx.cards import CARDS, Card, card_of

PACKAGES = ("numba", "numba-cuda", "cuda-core", "cuda-bindings", "numpy", "torch", "triton", "jax", "optax", "cupy")
SIMULATED = "**Numba's simulator. Nothing here was computed by a GPU, and no time is a measurement.**"


def card() -> Card:
    """The card that computes, by its own numbers; in the simulator one of the data sheets."""
    if backend.SIMULATED:
        return next(one for one in CARDS if one.name.startswith("H100"))
    return card_of(backend.cuda.get_current_device())


def everything() -> dict[str, str]:
    """Each fact with its name."""
    said = driver.facts()
    found = {"optviz": f"{optviz.__version__}, {commit()}"}
    if backend.SIMULATED:
        found["card"] = "none: Numba's simulator"
    else:
        device, mine = said["devices"][0], card()
        found["card"] = f"{device['name']}, compute capability {device['compute_capability']}"
        found["memory"] = f"{device['memory'] / 2**30:.0f} GiB, {mine.memory:,.0f} GB/s by its clock and width"
        found["multiprocessors"] = f"{mine.processors} at {mine.clock:.2f} GHz, {mine.single:.1f} TFLOP/s in float32"
        found["second-level cache"] = f"{backend.cuda.get_current_device().L2_CACHE_SIZE / 1e6:.0f} MB"
        found["driver"] = f"{version_of_driver()}, for CUDA {said['version']}"
    here = devices.facts(said)
    found["toolkit"] = f"CUDA {here['toolkit'] or 'none'}"
    found |= {name: origin or "not found" for name, origin in here["libraries"].items()}
    found |= {name: devices.version(name) or "not installed" for name in PACKAGES}
    found["Python"] = f"{platform.python_version()}, {sys.platform}, {os.cpu_count()} cores"
    return found


def commit() -> str:
    """The sources' commit, where git knows it."""
    try:
        head = _git("rev-parse", "--short=12", "HEAD")
        return f"commit {head}{' with changes' if _git('status', '--porcelain', '--', 'optviz', 'tests') else ''}"
    except (OSError, subprocess.SubprocessError):
        return "no commit known"


def version_of_driver() -> str:
    """As nvidia-smi tells it."""
    command = ["nvidia-smi", "--query-gpu=driver_version", "--format=csv,noheader"]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=20, check=True)
        return done.stdout.split("\n")[0].strip() or "version not told"
    except (OSError, subprocess.SubprocessError):
        return "version not told"


def _git(*words: str) -> str:
    return subprocess.run(
        ["git", *words], cwd=ROOT, capture_output=True, text=True, timeout=20, check=True
    ).stdout.strip()

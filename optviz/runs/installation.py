"""What this installation is and has, and what keeps it from a GPU: as facts and in words, for ``optviz doctor``."""

import json
import os
import platform
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import optviz
from optviz.kernels import cache, devices
from optviz.runs import jobs

PACKAGES = ("numpy", "numba", "llvmlite", "matplotlib", "pillow")
# Extra -> its packages, and what they are for.
EXTRAS = {
    "data": (("pooch",), "downloads data sets"),
    "video": (("av",), "writes .mp4 and .webm"),
    "contenders": (("scipy", "cma"), "runs other libraries' optimizers"),
    "dask": (("dask", "distributed"), "runs on a Dask cluster"),
    "sklearn": (("scikit-learn",), "trains networks as scikit-learn's estimators"),
    "records": (("pandas", "polars", "xarray"), "makes tables of results"),
}
LONGEST_WAIT = 120  # seconds for a driver, or for a first kernel


def facts() -> dict[str, Any]:
    """Versions, processor, kernel cache, CUDA, extras, and which device computes; where none but the CPU does, why."""
    answer, problem = _apart("optviz.kernels.driver")
    if problem:
        said: dict[str, Any] = {"problem": f"the NVIDIA driver fails: {problem}", "version": None, "devices": []}
    else:
        said = json.loads(answer)
    cuda = devices.facts(said)
    reason = devices.lacking(cuda)
    if reason is None:
        problem = _apart("optviz.kernels.cuda.trial")[1]
        if problem:
            reason = f"a kernel fails: {problem}", "See what nvidia-smi says, and report this page."
    cuda["compiles"] = all(cuda["libraries"][name] for name in devices.COMPILERS)
    cuda["runs"] = reason is None
    folder = cache.folder()
    extras = {}
    for extra, (names, _) in EXTRAS.items():
        versions = {name: devices.version(name) for name in names}
        extras[extra] = {"packages": versions, "install": f'pip install "optviz[{extra}]"'}
    return {
        "optviz": optviz.__version__,
        "python": platform.python_version(),
        "platform": platform.platform(),
        "packages": {name: devices.version(name) for name in PACKAGES},
        "processor": devices.processor() | {"cores": jobs.cores()},
        "cache": {"path": str(folder) if folder else None, "kept": cache.kept()},
        "cuda": cuda,
        "extras": extras,
        "device": "cpu" if reason else "cuda",
        "problem": reason[0] if reason else None,
        "remedy": reason[1] if reason else None,
    }


def _apart(module: str) -> tuple[str, str]:
    """What a module prints in a process of its own, and what went wrong: a driver may hang, or crash who asks it."""
    paths = (str(Path(optviz.__file__).parent.parent), os.environ.get("PYTHONPATH", ""))
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, paths))}
    command = [sys.executable, "-P", "-m", module]
    try:
        done = subprocess.run(
            command, env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=LONGEST_WAIT
        )
    except subprocess.TimeoutExpired:
        return "", f"no answer in {LONGEST_WAIT} seconds"
    except OSError as error:
        return "", str(error)
    lines = done.stderr.strip().splitlines()
    if done.returncode < 0:
        return "", f"signal {-done.returncode} ends its process"
    return done.stdout, (lines[-1] if lines else f"exit code {done.returncode}") if done.returncode else ""


def rows(facts: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """The facts for people: a name and a line for each."""
    yield "optviz", facts["optviz"]
    yield "Python", f"{facts['python']}, {facts['platform']}"
    for name, version in facts["packages"].items():
        yield name, version or "not installed"
    processor, cache = facts["processor"], facts["cache"]
    cores = processor["cores"]
    yield "processor", f"{processor['name']}, {cores} core{'s' * (cores != 1)}, {' '.join(processor['vectors'])}"
    kept = "writable" if cache["kept"] else "cannot be used: every process compiles anew"
    yield "cache", f"{cache['path'] or 'no folder'}, {kept}"
    yield from _cuda_rows(facts["cuda"])
    for extra, optional in facts["extras"].items():
        versions = optional["packages"]
        here = ", ".join(f"{name} {version}" for name, version in versions.items())
        yield extra, here if all(versions.values()) else f"not installed ({EXTRAS[extra][1]}): {optional['install']}"
    if facts["remedy"]:
        yield "for a GPU", facts["remedy"]


def _cuda_rows(cuda: dict[str, Any]) -> Iterator[tuple[str, str]]:
    driver = cuda["driver"]
    if cuda["simulated"]:
        yield "simulator", "Numba's, which stands in for a device: NUMBA_ENABLE_CUDASIM is set"
    supported = [f"for CUDA {driver['version']}"] if driver["version"] else []
    yield "driver", "; ".join([*supported, *([driver["problem"]] if driver["problem"] else [])])
    for number, device in enumerate(driver["devices"]):
        size, processors = f"{device['memory'] / 1e9:.1f} GB", device["multiprocessors"]
        capability = f"compute capability {device['compute_capability']}"
        yield f"device {number}", f"{device['name']}, {capability}, {size}, {processors} multiprocessors"
    if cuda["numba_cuda"] is None:
        yield "numba-cuda", "not installed"
        return
    yield "numba-cuda", cuda["numba_cuda"] + (f", for CUDA {cuda['toolkit']}" if cuda["toolkit"] else "")
    for name, source in cuda["libraries"].items():
        yield name, source or "not found"
    compiled = "can be compiled" if cuda["compiles"] else "cannot be compiled"
    yield "kernels", f"{compiled}, {'run' if cuda['runs'] else 'do not run'}"


def verdict(facts: dict[str, Any]) -> str:
    """Which device optviz uses, and why."""
    if facts["problem"]:
        return f"optviz computes on the CPU: {facts['problem']}"
    if facts["cuda"]["simulated"]:
        return "optviz computes on the CPU; --device cuda is Numba's simulator, which is slow, and so is auto"
    return f"optviz computes on the CPU, and with --device cuda on {facts['cuda']['driver']['devices'][0]['name']}"

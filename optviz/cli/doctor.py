"""``optviz doctor``: what this installation is and has, and what keeps it from a GPU."""

import json as json_
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from optviz.cli import _options, _output
from optviz.cli._help import examples

EXAMPLES = examples(
    ("Versions, processor, cache, GPU, and what is missing: paste it into a bug report", "doctor"),
    ("The same facts for a program", "doctor --json"),
)
PACKAGES = ("numpy", "numba", "llvmlite", "matplotlib", "pillow")
# Extra -> its packages, and what they are for.
EXTRAS = {
    "data": (("pooch",), "downloads data sets"),
    "dask": (("dask", "distributed"), "runs on a Dask cluster"),
    "ray": (("ray",), "runs on a Ray cluster"),
}
PATIENCE = 120  # seconds for a driver, or for a first kernel


def doctor(json: _options.Json = False) -> None:
    """Say what is installed here, what computes, and what is missing.

    Prints a line for each fact and a verdict: which device optviz uses, and why. Nothing is changed. It ends with exit
    code 0 whatever it finds.
    """
    found = _facts()
    if json:
        _output.print_json(found)
        return
    _output.print_table(list(_rows(found)))
    print()
    _output.print_line(_verdict(found))


def _facts() -> dict[str, Any]:
    """The document that ``--json`` prints."""
    import platform

    import optviz
    from optviz.kernels import cache, devices
    from optviz.runs import jobs

    answer, problem = _apart("optviz.kernels.driver")
    if problem:
        said: dict[str, Any] = {"problem": f"the NVIDIA driver fails: {problem}", "version": None, "devices": []}
    else:
        said = json_.loads(answer)
    cuda = devices.facts(said)
    reason = devices.lacking(cuda)
    if reason is None:
        problem = _apart("optviz.kernels.cuda.trial")[1]
        if problem:
            reason = f"a kernel fails: {problem}", "See what nvidia-smi says, and report this page."
    cuda["compiles"] = all(cuda["libraries"][name] for name in devices.COMPILERS)
    cuda["runs"] = reason is None
    place = cache.folder()
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
        "cache": {"path": str(place) if place else None, "kept": cache.kept()},
        "cuda": cuda,
        "extras": extras,
        "device": "cpu" if reason else "cuda",
        "problem": reason[0] if reason else None,
        "remedy": reason[1] if reason else None,
    }


def _apart(module: str) -> tuple[str, str]:
    """What a module prints in a process of its own, and what went wrong: a driver may hang, or crash who asks it."""
    import subprocess

    import optviz

    paths = (str(Path(optviz.__file__).parent.parent), os.environ.get("PYTHONPATH", ""))
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, paths))}
    command = [sys.executable, "-P", "-m", module]
    try:
        done = subprocess.run(
            command, env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=PATIENCE
        )
    except subprocess.TimeoutExpired:
        return "", f"no answer in {PATIENCE} seconds"
    except OSError as error:
        return "", str(error)
    lines = done.stderr.strip().splitlines()
    if done.returncode < 0:
        return "", f"signal {-done.returncode} ends its process"
    return done.stdout, (lines[-1] if lines else f"exit code {done.returncode}") if done.returncode else ""


def _rows(found: dict[str, Any]) -> Iterator[tuple[str, str]]:
    yield "optviz", found["optviz"]
    yield "Python", f"{found['python']}, {found['platform']}"
    for name, version in found["packages"].items():
        yield name, version or "not installed"
    processor, place = found["processor"], found["cache"]
    cores = processor["cores"]
    yield "processor", f"{processor['name']}, {cores} core{'s' * (cores != 1)}, {' '.join(processor['vectors'])}"
    kept = "writable" if place["kept"] else "cannot be used: every process compiles anew"
    yield "cache", f"{place['path'] or 'no folder'}, {kept}"
    yield from _cuda_rows(found["cuda"])
    for extra, facts in found["extras"].items():
        versions = facts["packages"]
        here = ", ".join(f"{name} {version}" for name, version in versions.items())
        yield extra, here if all(versions.values()) else f"not installed ({EXTRAS[extra][1]}): {facts['install']}"
    if found["remedy"]:
        yield "for a GPU", found["remedy"]


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


def _verdict(found: dict[str, Any]) -> str:
    if found["problem"]:
        return f"optviz computes on the CPU: {found['problem']}"
    if found["cuda"]["simulated"]:
        return "optviz computes on the CPU; --device cuda is Numba's simulator, which is slow, and so is auto"
    return f"optviz computes on the CPU, and with --device cuda on {found['cuda']['driver']['devices'][0]['name']}"

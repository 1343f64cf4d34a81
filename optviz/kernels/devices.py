"""Which device computes: the choice between ``cpu``, ``cuda`` and ``auto``, and what of CUDA is here.

Nothing of CUDA is imported before everything that can be asked without it has been found.
"""

import functools
import importlib.metadata
import os
from typing import Any

from optviz.errors import MissingError, UsageError, UsageTypeError, shown
from optviz.kernels import driver
from optviz.registry import suggestion

DEVICES = ("cpu", "cuda", "auto")
# Settings of the environment by which threads do not share the default stream any more.
STREAMS = ("NUMBA_CUDA_PER_THREAD_DEFAULT_STREAM", "CUDA_PYTHON_CUDA_PER_THREAD_DEFAULT_STREAM")
# CUDA's major version -> the lowest compute capability for which it compiles; the extra is named after it.
LOWEST = {12: (5, 0), 13: (7, 5)}
# Library -> its packages for CUDA 12 and 13.
LIBRARIES = {
    "nvvm": {12: "nvidia-cuda-nvcc-cu12", 13: "nvidia-nvvm"},
    "nvrtc": {12: "nvidia-cuda-nvrtc-cu12", 13: "nvidia-cuda-nvrtc"},
    "nvJitLink": {12: "nvidia-nvjitlink-cu12", 13: "nvidia-nvjitlink"},
    "cudart": {12: "nvidia-cuda-runtime-cu12", 13: "nvidia-cuda-runtime"},
}
VECTORS = ("sse4.2", "avx", "avx2", "fma", "avx512f", "neon", "sve")  # instructions, by LLVM's names
COMPILERS = ("nvvm", "nvrtc", "nvJitLink")  # without which no kernel is compiled


def chosen(device: Any, *, cpu_only: bool = False) -> str:
    """The device that a caller means.

    Parameters
    ----------
    device : {"cpu", "cuda", "auto"}
        ``auto`` is a CUDA device where one can be used, else the CPU.
    cpu_only : bool
        Whether something is asked for besides that only the CPU has, as threads; then ``auto`` is the CPU.

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
        # The word that everybody uses is nearer to cpu.
        hint = suggestion("cuda" if device.lower() == "gpu" else device, list(DEVICES))
        raise UsageError(f"unknown device '{device}'", f"{hint}Choose from: {', '.join(DEVICES)}")
    if device == "cpu" or (device == "auto" and cpu_only):
        return "cpu"
    reason = missing()
    if reason is None:
        return "cuda"
    if device == "auto":
        return "cpu"
    raise MissingError(*reason)


@functools.cache  # what is here stays while a process lives
def missing() -> tuple[str, str] | None:
    """Why no CUDA device can be used here, and what to do; None where one can."""
    reason = lacking(facts(driver.facts()))
    if reason is None:
        from optviz.kernels.cuda.backend import cuda

        if not cuda.is_available():
            said = " ".join(str(cuda.cuda_error() or "it does not say why").split())
            return f"Numba cannot use CUDA: {said}", "Run optviz doctor."
    return reason


def facts(said: dict[str, Any]) -> dict[str, Any]:
    """What of CUDA is here, besides what the driver says, from `optviz.kernels.driver.facts`.

    Returns
    -------
    dict
        ``simulated``: whether Numba's simulator stands in for a device; ``driver``: `said`; ``numba_cuda``: its
        version, or None; ``toolkit``: the major version of CUDA that the installed packages are for, or None;
        ``libraries``: for each the package and version that it comes from, or else its path, or None.
    """
    asked = os.environ.get("NUMBA_ENABLE_CUDASIM", "").strip()
    simulated = asked.isdecimal() and int(asked) > 0  # as Numba reads it
    compiler, bindings = version("numba-cuda"), version("cuda-bindings")
    toolkit = int(bindings.partition(".")[0]) if bindings else None
    libraries = {name: _library(name, toolkit) if compiler else None for name in LIBRARIES}
    return {
        "simulated": simulated,
        "driver": said,
        "numba_cuda": compiler,
        "toolkit": toolkit,
        "libraries": libraries,
    }


def lacking(here: dict[str, Any]) -> tuple[str, str] | None:
    """What keeps CUDA from being used, by the `facts`, and what to do; None where nothing is known to."""
    said, toolkit = here["driver"], here["toolkit"]
    if here["simulated"]:
        return None
    if said["problem"]:
        return said["problem"], _driver_remedy(said["problem"], here["numba_cuda"] is not None)
    device, supported = said["devices"][0], _numbers(said["version"])[0]
    capability = _numbers(device["compute_capability"])
    fitting = [major for major, lowest in LOWEST.items() if major <= supported and capability >= lowest]
    if supported < min(LOWEST):
        return f"the NVIDIA driver is for CUDA {said['version']}, older than {min(LOWEST)}.0", "Update the driver."
    if not fitting:
        return _too_old(device, min(LOWEST)), "Computing takes a newer GPU."
    install = f'pip install "optviz[cuda{max(fitting)}]"'
    if here["numba_cuda"] is None:
        return "CUDA for Numba is not installed", f"Install it: {install}"
    if toolkit and toolkit > supported:
        problem = f"the packages installed are for CUDA {toolkit}, the driver is for CUDA {said['version']}"
        return problem, f"Install those that fit: {install}"
    if toolkit in LOWEST and toolkit not in fitting:
        return _too_old(device, toolkit), f"Install packages that fit: {install}"
    split = [name for name in STREAMS if os.environ.get(name, "0").strip() not in ("", "0")]
    if split:
        return f"{split[0]} gives each thread a default stream, and kernels here rely on there being one", "Unset it."
    absent = [name for name in COMPILERS if here["libraries"][name] is None]
    if absent:
        return f"kernels cannot be compiled without {' and '.join(absent)}", f"Install what is missing: {install}"
    return None


def processor() -> dict[str, Any]:
    """The processor as LLVM compiles for it: its ``name``, and of the known ``vectors`` those that it has."""
    from llvmlite import binding

    features = binding.get_host_cpu_features()
    return {"name": binding.get_host_cpu_name(), "vectors": [name for name in VECTORS if features.get(name)]}


def version(package: str) -> str | None:
    """The version of an installed package; None where it is not installed."""
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return None


def _too_old(device: dict[str, Any], major: int) -> str:
    lowest = ".".join(map(str, LOWEST[major]))
    return f"{device['name']} has compute capability {device['compute_capability']}, CUDA {major} begins at {lowest}"


def _driver_remedy(problem: str, has_packages: bool) -> str:
    visible = os.environ.get("CUDA_VISIBLE_DEVICES")
    if problem == driver.ABSENT and has_packages:
        return "Install the driver of an NVIDIA GPU."
    if problem == driver.ABSENT:
        fitting = ", ".join(f'pip install "optviz[cuda{major}]" for CUDA {major}' for major in LOWEST)
        return f"Install the driver of an NVIDIA GPU first, then what fits it: {fitting}"
    if problem == driver.EMPTY and visible is not None:
        return f"CUDA_VISIBLE_DEVICES is '{visible}': unset it."
    return "See what nvidia-smi says; a container must be given its GPUs, and an updated driver a restart."


def _library(name: str, toolkit: int | None) -> str | None:
    """Where a library of CUDA comes from: ``"nvidia-nvvm 13.5.37"``, or a path where no package brings it."""
    path = _path(name)
    package = LIBRARIES[name].get(toolkit or 0)
    installed = version(package) if path and package else None
    return f"{package} {installed}" if installed else path


def _path(name: str) -> str | None:
    """Where Numba would find a library of CUDA."""
    try:
        from cuda.pathfinder import load_nvidia_dynamic_lib

        return load_nvidia_dynamic_lib(name).abs_path
    except Exception:  # whatever is wrong with it, it cannot be used
        return None


def _numbers(text: str) -> tuple[int, ...]:
    """The numbers of a version: ``(12, 4)``."""
    return tuple(map(int, text.split(".")))

"""NVIDIA drivers that are made of Python, called through the same ctypes as the real one."""

import ctypes
import inspect
from ctypes import POINTER, c_char, c_char_p, c_int, c_size_t, c_uint
from types import SimpleNamespace

A100 = ("NVIDIA A100-SXM4-40GB", (8, 0), 42_405_855_232, 108)
V100 = ("Tesla V100-SXM2-16GB", (7, 0), 16_935_682_048, 80)
K80 = ("Tesla K80", (3, 7), 11_996_954_624, 13)
WORDS = {100: b"no CUDA-capable device is detected", 999: b"unknown error"}


def driver(version=12040, devices=(A100,), started=0):
    """A library with the functions of a driver for CUDA `version`; ``cuInit`` gives back `started`."""

    def exported(*types):
        return lambda function: ctypes.CFUNCTYPE(c_int, *types)(function)

    def device(handle):
        return devices[handle - 7]  # a handle is not a number from 0

    @exported(POINTER(c_int))
    def get_version(out):
        out[0] = version
        return 0

    @exported(c_uint)
    def init(flags):
        return started

    @exported(POINTER(c_int))
    def get_count(out):
        out[0] = len(devices)
        return 0

    @exported(POINTER(c_int), c_int)
    def get(out, number):
        out[0] = number + 7
        return 0

    @exported(POINTER(c_char), c_int, c_int)
    def get_name(out, size, handle):
        text = device(handle)[0].encode() + b"\0"
        assert len(text) <= size
        ctypes.memmove(out, text, len(text))
        return 0

    @exported(POINTER(c_int), c_int, c_int)
    def get_attribute(out, attribute, handle):
        _, (major, minor), _, multiprocessors = device(handle)
        out[0] = {75: major, 76: minor, 16: multiprocessors}[attribute]
        return 0

    @exported(POINTER(c_size_t), c_int)
    def total_memory(out, handle):
        out[0] = device(handle)[2]
        return 0

    @exported(c_int, POINTER(c_char_p))
    def error_string(code, out):
        out[0] = WORDS.get(code)
        return 0

    return SimpleNamespace(
        cuDriverGetVersion=get_version,
        cuInit=init,
        cuDeviceGetCount=get_count,
        cuDeviceGet=get,
        cuDeviceGetName=get_name,
        cuDeviceGetAttribute=get_attribute,
        cuDeviceTotalMem_v2=total_memory,
        cuGetErrorString=error_string,
    )


def installed(monkeypatch, library, packages=None, libraries=("nvvm", "nvrtc", "nvJitLink", "cudart")):
    """Put a machine in the place of this one.

    Parameters
    ----------
    library : namespace or Exception
        From `driver`, or what loading it raises.
    packages : dict of str to str, optional
        The packages of CUDA that are installed, with their versions.
    libraries : sequence of str
        Those that load where numba-cuda is installed.
    """
    from optviz.kernels import devices
    from optviz.kernels import driver as nvidia

    def load():
        if isinstance(library, Exception):
            raise library
        return library

    real = devices.version
    hidden = {"numba-cuda", "cuda-bindings", *(name for names in devices.LIBRARIES.values() for name in names.values())}
    monkeypatch.setattr(nvidia, "loaded", load)
    monkeypatch.setattr(devices, "version", lambda name: (packages or {}).get(name) if name in hidden else real(name))
    monkeypatch.setattr(devices, "_path", lambda name: f"/usr/lib/lib{name}.so" if name in libraries else None)
    monkeypatch.delenv("NUMBA_ENABLE_CUDASIM", raising=False)
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
    monkeypatch.setattr(devices, "missing", inspect.unwrap(devices.missing))


CUDA12 = {"numba-cuda": "0.30.4", "cuda-bindings": "12.9.4", "nvidia-cuda-nvcc-cu12": "12.9.86"}
CUDA13 = {"numba-cuda": "0.30.4", "cuda-bindings": "13.5.0", "nvidia-nvvm": "13.5.37"}

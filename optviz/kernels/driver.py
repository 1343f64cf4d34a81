"""NVIDIA's driver, asked through ctypes: what it knows without any package of CUDA.

``python -m optviz.kernels.driver`` prints `facts` as JSON, so that a driver that hangs or crashes can be asked in a
process that nobody misses.
"""

import ctypes
import json
import sys
from typing import Any

LIBRARY = "nvcuda.dll" if sys.platform == "win32" else "libcuda.so.1"
MAJOR, MINOR, MULTIPROCESSORS = 75, 76, 16  # CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR and so on
NO_DEVICE = 100  # CUDA_ERROR_NO_DEVICE
ABSENT, EMPTY = "no NVIDIA driver is installed", "the NVIDIA driver finds no device"


class Refused(Exception):
    """A call of the driver that did not succeed: its code, and what the driver calls it."""

    def __init__(self, code: int, words: str):
        super().__init__(code, words)
        self.code, self.words = code, words


def facts() -> dict[str, Any]:
    """What the driver says.

    Returns
    -------
    dict
        ``problem``: what is wrong with it, or None; ``version``: the CUDA that it supports, ``"12.4"``, or None;
        ``devices``: a dict for each, with ``name``, ``compute_capability`` (``"9.0"``), ``memory`` in bytes and
        ``multiprocessors``.
    """
    answer: dict[str, Any] = {"problem": None, "version": None, "devices": []}
    try:
        library = loaded()
        version = ctypes.c_int()
        _call(library, "cuDriverGetVersion", ctypes.byref(version))
        answer["version"] = f"{version.value // 1000}.{version.value % 1000 // 10}"
        _call(library, "cuInit", 0)
        count = ctypes.c_int()
        _call(library, "cuDeviceGetCount", ctypes.byref(count))
        answer["devices"] = [_device(library, number) for number in range(count.value)]
    except FileNotFoundError:
        answer["problem"] = ABSENT
    except Refused as refused:
        if refused.code != NO_DEVICE:
            answer["problem"] = f"the NVIDIA driver does not start: {refused.words} (error {refused.code})"
    except (OSError, AttributeError) as error:  # a file that is no library, or one without these functions
        answer["problem"] = f"the NVIDIA driver cannot be used: {error}"
    if not (answer["problem"] or answer["devices"]):
        answer["problem"] = EMPTY
    return answer


def loaded() -> Any:
    """The driver's library.

    Raises
    ------
    FileNotFoundError
        If there is none.
    OSError
        If it does not load.
    """
    try:
        return ctypes.CDLL(LIBRARY)
    except OSError as error:
        # The loader names the library where it has not answer it, and another one that it needs where it has.
        said = str(error).lower()
        if LIBRARY in said and "no such file" in said:
            raise FileNotFoundError(LIBRARY) from error
        raise


def _device(library: Any, number: int) -> dict[str, Any]:
    device, memory, name = ctypes.c_int(), ctypes.c_size_t(), ctypes.create_string_buffer(256)
    _call(library, "cuDeviceGet", ctypes.byref(device), number)
    _call(library, "cuDeviceGetName", name, len(name), device)
    _call(library, "cuDeviceTotalMem_v2", ctypes.byref(memory), device)
    numbers = []
    for attribute in (MAJOR, MINOR, MULTIPROCESSORS):
        value = ctypes.c_int()
        _call(library, "cuDeviceGetAttribute", ctypes.byref(value), attribute, device)
        numbers.append(value.value)
    return {
        "name": name.value.decode(errors="replace"),
        "compute_capability": f"{numbers[0]}.{numbers[1]}",
        "memory": memory.value,
        "multiprocessors": numbers[2],
    }


def _call(library: Any, name: str, *arguments: Any) -> None:
    code = getattr(library, name)(*arguments)
    if code:
        words = ctypes.c_char_p()
        library.cuGetErrorString(code, ctypes.byref(words))
        raise Refused(code, (words.value or b"no reason given").decode(errors="replace"))


if __name__ == "__main__":
    print(json.dumps(facts()))

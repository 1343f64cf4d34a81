"""Arrays of other libraries by DLPack: their numbers, read from the capsule in which a library hands one out.

A capsule is looked into and never taken: as long as it lives its library keeps the array, and when it dies it calls the
library's deleter itself, as the protocol wants of a capsule that nobody has taken.
"""

import ctypes
import math
import operator
from typing import Any, NamedTuple

CUDA = 2, 13  # the kinds of device memory: a device's own, and managed
VERSION = 1, 0  # of the protocol, the latest that is asked for; within 1 what is read here stays where it is
READ_ONLY = 1  # the flag
KINDS = {0: "int", 1: "uint", 2: "float", 4: "bfloat", 5: "complex", 6: "bool"}
OLD, NEW = b"dltensor", b"dltensor_versioned"
REFUSALS = (BufferError, TypeError, ValueError, RuntimeError, NotImplementedError, AttributeError)


class _Tensor(ctypes.Structure):
    _fields_ = [
        ("data", ctypes.c_void_p),
        ("device_kind", ctypes.c_int32),
        ("device", ctypes.c_int32),
        ("axes", ctypes.c_int32),
        ("kind", ctypes.c_uint8),
        ("bits", ctypes.c_uint8),
        ("lanes", ctypes.c_uint16),
        ("shape", ctypes.POINTER(ctypes.c_int64)),
        ("strides", ctypes.POINTER(ctypes.c_int64)),
        ("byte_offset", ctypes.c_uint64),
    ]


class _Versioned(ctypes.Structure):
    _fields_ = [
        ("major", ctypes.c_uint32),
        ("minor", ctypes.c_uint32),
        ("manager", ctypes.c_void_p),
        ("deleter", ctypes.c_void_p),
        ("flags", ctypes.c_uint64),
        ("tensor", _Tensor),
    ]


class Export(NamedTuple):
    """An array as its library hands it out.

    Attributes
    ----------
    address : int
    shape, strides : tuple of int
        The strides in elements.
    dtype : str
        As NumPy calls it, ``"float32"``, as far as it knows it.
    read_only : bool
        None knows before version 1 of the protocol.
    device : int
    capsule : object
        Keeps the memory as long as it lives.
    """

    address: int
    shape: tuple[int, ...]
    strides: tuple[int, ...]
    dtype: str
    read_only: bool
    device: int
    capsule: Any


def is_on_cuda(array: Any) -> bool:
    """Whether an array offers DLPack and lies on a CUDA device."""
    try:
        kind, _ = array.__dlpack_device__()
        return operator.index(getattr(kind, "value", kind)) in CUDA
    except REFUSALS:
        return False


def exported(array: Any, stream: int) -> Export | None:
    """An array on a CUDA device, handed out; None where it offers no DLPack, or its library refuses.

    Parameters
    ----------
    array
    stream : int
        The handle of the stream that is to read it, 1 for the default stream: its library makes it wait.
    """
    if not is_on_cuda(array):
        return None
    try:
        try:
            capsule = array.__dlpack__(stream=stream, max_version=VERSION)
        except TypeError:  # from before version 1
            capsule = array.__dlpack__(stream=stream)
    except REFUSALS:
        return None
    return read(capsule)


def read(capsule: Any) -> Export | None:
    """What a capsule says; None for a version of the protocol that is not known."""
    read_only = False
    if _is_valid(capsule, NEW):
        versioned = _Versioned.from_address(_pointer(capsule, NEW))
        if versioned.major != VERSION[0]:
            return None
        tensor, read_only = versioned.tensor, bool(versioned.flags & READ_ONLY)
    elif _is_valid(capsule, OLD):
        tensor = _Tensor.from_address(_pointer(capsule, OLD))
    else:
        return None
    shape = tuple(tensor.shape[: tensor.axes]) if tensor.axes else ()
    if tensor.axes and tensor.strides:
        strides = tuple(tensor.strides[: tensor.axes])
    else:
        strides = tuple(math.prod(shape[axis + 1 :]) for axis in range(len(shape)))
    dtype = f"{KINDS.get(tensor.kind, f'type {tensor.kind} of ')}{tensor.bits}"
    if tensor.lanes != 1:
        dtype = f"{dtype}x{tensor.lanes}"
    address = tensor.data + tensor.byte_offset if tensor.data else 0
    return Export(address, shape, strides, dtype, read_only, tensor.device, capsule)


_is_valid = ctypes.PYFUNCTYPE(ctypes.c_int, ctypes.py_object, ctypes.c_char_p)(("PyCapsule_IsValid", ctypes.pythonapi))
_pointer = ctypes.PYFUNCTYPE(ctypes.c_void_p, ctypes.py_object, ctypes.c_char_p)(
    ("PyCapsule_GetPointer", ctypes.pythonapi)
)

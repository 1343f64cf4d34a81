"""Which tensors share memory."""

import numpy as np
import torch

from optviz.runs.arrays.checks import share_memory


class _Elements:
    """The places of a tensor's elements, for NumPy, which is not to read them."""

    def __init__(self, tensor: torch.Tensor):
        size = tensor.element_size()
        self.__array_interface__ = {
            "shape": tuple(tensor.shape),
            "strides": tuple(step * size for step in tensor.stride()),
            "typestr": f"|V{size}",
            "data": (tensor.data_ptr(), True),
            "version": 3,
        }


def overlap(a: torch.Tensor, b: torch.Tensor) -> bool:
    """Whether two tensors share elements without being the same ones, on any device."""
    if (a.data_ptr(), a.stride()) == (
        b.data_ptr(),
        b.stride(),
    ) or a.untyped_storage().data_ptr() != b.untyped_storage().data_ptr():
        return False
    return share_memory(np.asarray(_Elements(a)), np.asarray(_Elements(b)))

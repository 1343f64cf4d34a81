"""Labelled images on a CUDA device, as they are: a byte for each pixel."""

import math
from typing import Any

import numpy as np

from optviz.kernels.cuda import backend


class DeviceExamples:
    """Labelled images on the device; see `device_examples`.

    Attributes
    ----------
    count : int
    images : (count, pixels) uint8, on the device
        Kernels divide pixels by 255.
    labels : (count,) uint8, on the device
    order : (count,) int64, on the device
        0, 1, 2, ...: that in which tests take them.
    """

    def __init__(self, images: np.ndarray, labels: np.ndarray):
        self.count = len(labels)
        self.images, self.labels = backend.put(images), backend.put(labels)
        self.order: Any = backend.put(np.arange(self.count, dtype=np.int64))


def device_examples(images: np.ndarray, labels: np.ndarray) -> DeviceExamples:
    """Copy ``(n, ...)`` uint8 images and their ``(n,)`` labels to the device, once for all runs that see them.

    Raises
    ------
    UsageError
        If they are larger than the device's free memory.
    MissingError
        If there is no device.
    """
    flat = np.asarray(images, np.uint8).reshape(len(labels), math.prod(images.shape[1:]))
    what = f"a data set of {len(flat):,} images of {flat.shape[1]:,} pixels"
    backend.check_fits(what, flat.nbytes + 9 * len(flat), "Take fewer images, or use --device cpu.")
    return DeviceExamples(flat, np.asarray(labels, np.uint8))

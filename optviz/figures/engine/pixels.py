"""Arrays of numbers and colours brought to the size of a map; colours are averaged in linear light."""

import math
from collections.abc import Sequence

import numpy as np
from PIL import Image, ImageFilter

from optviz.figures.engine.theme import linear, ramp_table

WHOLE = (0.0, 0.0, 1.0, 1.0)


def averaged(grid: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """Numbers at another size: the mean over each pixel, or the nearest cell where a pixel is no larger than one.

    Parameters
    ----------
    grid : (n, m) or (n, m, k) float64
    size : (width, height)

    Returns
    -------
    (height, width) or (height, width, k) float64
    """
    width, height = size
    return _means(_means(grid, height).swapaxes(0, 1), width).swapaxes(0, 1)


def _means(cells: np.ndarray, pixels: int) -> np.ndarray:
    """The mean along the first axis over what each pixel covers, in parts too, which Pillow's box filter leaves out."""
    if len(cells) <= pixels:
        return cells[((np.arange(pixels) + 0.5) * len(cells) / pixels).astype(int)]
    width = len(cells) / pixels  # of a pixel, in cells
    edges = np.arange(pixels + 1) * width
    first = edges[:-1].astype(int)
    total = np.zeros((pixels, *cells.shape[1:]))
    for at in first + np.arange(math.ceil(width) + 1)[:, None]:
        part = np.clip(np.minimum(edges[1:], at + 1) - np.maximum(edges[:-1], at), 0, None) / width
        total += part.reshape(-1, *[1] * (cells.ndim - 1)) * cells[np.minimum(at, len(cells) - 1)]
    return total


def interpolated(grid: np.ndarray, size: int, part: tuple[float, float, float, float] = WHOLE) -> np.ndarray:
    """A square grid of cell centres at `size` x `size` by Catmull-Rom interpolation.

    Parameters
    ----------
    grid : (n, n) float64
    size : int
    part : (left, top, right, bottom)
        What is shown, in shares of the sides.

    Returns
    -------
    (size, size) float64
    """
    left, top, right, bottom = (share * len(grid) for share in part)
    image = Image.fromarray(np.ascontiguousarray(grid, np.float32))
    made = np.asarray(image.resize((size, size), Image.Resampling.BICUBIC, (left, top, right, bottom)))
    return np.clip(made.astype(float), grid.min(), grid.max())


def eroded(mask: np.ndarray, by: int) -> np.ndarray:
    """The pixels of a mask that have no others within `by` rows and columns: (h, w) bool."""
    image = Image.fromarray(mask.astype(np.uint8)).filter(ImageFilter.MinFilter(2 * by + 1))
    return np.asarray(image) > 0


def hatching(size: tuple[int, int], pitch: float, width: float) -> np.ndarray:
    """How much of each pixel lines from lower left to upper right cover, `pitch` apart along a row: (h, w) float64."""
    down, across = np.arange(size[1])[:, None], np.arange(size[0])
    away = np.abs((down + across + pitch / 2) % pitch - pitch / 2) / np.sqrt(2)
    return np.clip(width / 2 + 0.5 - away, 0, 1)


def srgb(light: np.ndarray) -> np.ndarray:
    """Linear light of 0 to 1 as sRGB: uint8."""
    bent = np.where(light <= 0.0031308, light * 12.92, 1.055 * np.maximum(light, 0.0031308) ** (1 / 2.4) - 0.055)
    return np.rint(255 * np.clip(bent, 0, 1)).astype(np.uint8)


def lit(colours: np.ndarray) -> np.ndarray:
    """sRGB of 0 to 255 as linear light: float64."""
    return (linear(np.arange(256) / 255))[colours]


def ramp(colours: Sequence[str], steps: int = 1024) -> np.ndarray:
    """The colours of a ramp, lowest first: (steps, 3) uint8."""
    return np.rint(255 * ramp_table(tuple(colours), steps)).astype(np.uint8)

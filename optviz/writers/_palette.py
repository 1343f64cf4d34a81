"""One palette for a whole animation, and the exact nearest palette colour of any 24-bit colour."""

from collections.abc import Iterable

import numpy as np

TRANSPARENT = 255  # the index that stands for "as before"; the 255 below it are colours
ROUNDS = 5
MOST = 6000  # distinct colours that k-means looks at


def palette(keyframes: Iterable[np.ndarray], reserved: Iterable[tuple[int, int, int]] = ()) -> np.ndarray:
    """Choose 255 colours for an animation: k-means on the colours of a few of its frames.

    A colour that n pixels have weighs n to the power of 2/3, so that thin lines keep their colours beside large areas
    without roughening these. Every distance is an integer that float32 holds exactly, hence the same frames give the
    same palette with any number of threads.

    Parameters
    ----------
    keyframes : iterable of (h, w, 4) uint8
        Frames that together show every colour that matters.
    reserved : iterable of (r, g, b)
        Colours that must be in the palette as they are: text, page, lines.

    Returns
    -------
    (255, 3) uint8
        Reserved colours first, then the others; black where fewer colours are needed.
    """
    colours, weights = _histogram(keyframes)
    fixed = np.array(list(dict.fromkeys(reserved)), np.float32).reshape(-1, 3)[:TRANSPARENT]
    centres = _spread(colours, weights, fixed)
    free = slice(len(fixed), len(centres))
    for _ in range(ROUNDS):
        nearest = _nearest(colours, centres)
        total = np.bincount(nearest, weights, len(centres))[free]
        for channel in range(3):
            mass = np.bincount(nearest, weights * colours[:, channel], len(centres))[free]
            np.divide(mass, total, out=centres[free, channel], where=total > 0, casting="same_kind")
        np.rint(centres, out=centres)
    chosen = np.zeros((TRANSPARENT, 3), np.uint8)
    chosen[: len(centres)] = centres
    return chosen


class Lookup:
    """The palette index of every 24-bit colour, computed when a colour is first met.

    Parameters
    ----------
    colours : (255, 3) uint8
        The palette.
    """

    def __init__(self, colours: np.ndarray):
        self._colours = colours.astype(np.float32)
        self._table = np.full(1 << 24, TRANSPARENT, np.uint8)

    def __call__(self, packed: np.ndarray) -> np.ndarray:
        """Exact nearest palette index of each colour.

        Parameters
        ----------
        packed : (n,) uint32
            Colours with red in the lowest byte and blue in the third; the fourth is ignored.

        Returns
        -------
        (n,) uint8
        """
        packed = packed & 0xFFFFFF
        index = self._table[packed]
        unknown = np.unique(packed[index == TRANSPARENT])
        if len(unknown):
            self._table[unknown] = _nearest(_unpacked(unknown), self._colours)
            index = self._table[packed]
        return index


def _histogram(keyframes: Iterable[np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    """The colours of some frames, (n, 3) float32, at most `MOST` of them, and their weights, (n,) float64.

    A pixel counts once for each colour that it takes. Too many colours are gathered in cells of equal leading bits,
    each with its mean colour.
    """
    parts: list[np.ndarray] = []
    before = None
    for frame in keyframes:
        pixels = frame.view("<u4").ravel() & 0xFFFFFF
        parts.append(pixels if before is None else pixels[pixels != before])
        before = pixels
    packed, count = np.unique(np.concatenate(parts), return_counts=True)
    for bits in (8, 7, 6, 5, 4):
        cells, cell = np.unique(packed & 0x010101 * (0x100 - (1 << 8 - bits)), return_inverse=True)
        if len(cells) <= MOST:
            break
    total = np.bincount(cell, count)
    mass = [np.bincount(cell, count * channel) for channel in _unpacked(packed).T.astype(float)]
    return np.rint(mass / total).T.astype(np.float32), np.rint(16 * total ** (2 / 3))


def _spread(colours: np.ndarray, weights: np.ndarray, fixed: np.ndarray) -> np.ndarray:
    """Add to `fixed` up to 255 centres, each the colour with the largest weighted squared distance to those before."""
    distance = np.full(len(colours), np.inf)
    for centre in fixed:
        np.minimum(distance, np.square(colours - centre).sum(axis=1), out=distance)
    centres = list(fixed)
    while len(centres) < TRANSPARENT:
        cost = weights * np.minimum(distance, 3 * 255.0**2)
        worst = int(np.argmax(cost))
        if cost[worst] == 0:
            break
        centres.append(colours[worst])
        np.minimum(distance, np.square(colours - colours[worst]).sum(axis=1), out=distance)
    return np.array(centres, np.float32).reshape(-1, 3)


def _nearest(colours: np.ndarray, centres: np.ndarray) -> np.ndarray:
    """Index of the nearest of `centres` for each colour; both hold integers, so float32 is exact here."""
    norms = np.square(centres).sum(axis=1)
    nearest = np.empty(len(colours), np.uint8)
    for first in range(0, len(colours), 512):  # small enough to stay in the cache
        part = slice(first, first + 512)
        nearest[part] = np.argmin(norms - 2 * (colours[part] @ centres.T), axis=1)
    return nearest


def _unpacked(packed: np.ndarray) -> np.ndarray:
    return np.stack([packed >> shift & 0xFF for shift in (0, 8, 16)], axis=1).astype(np.float32)

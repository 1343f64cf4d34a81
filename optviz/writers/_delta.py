"""Tiles of an animation: the palette indices that changed since the frame before, transparent where none did."""

from collections.abc import Iterable, Iterator

import numpy as np

from optviz.writers._palette import TRANSPARENT, Lookup


def tiles(frames: Iterable[np.ndarray], lookup: Lookup) -> Iterator[tuple[int, int, np.ndarray]]:
    """Reduce frames to the boxes that changed.

    Parameters
    ----------
    frames : iterable of (h, w, 4) uint8
        RGBA, opaque, C-contiguous; may be views of one buffer that changes between two frames.
    lookup : Lookup
        Palette index of each colour.

    Yields
    ------
    x, y : int
        The tile's upper left corner.
    tile : (rows, columns) uint8
        Palette indices, `TRANSPARENT` where the index is the one already shown. A frame that shows nothing new
        gives one transparent pixel, so that its duration has a place.
    """
    before = shown = None
    for frame in frames:
        width = frame.shape[1]
        pixels = frame.view("<u4").ravel()
        if before is None or shown is None:
            before = pixels.copy()
            shown = lookup(pixels)
            yield 0, 0, shown.reshape(-1, width)
            continue
        changed = np.flatnonzero(pixels != before)
        colours = pixels[changed]
        before[changed] = colours
        index = lookup(colours)
        differs = index != shown[changed]
        changed, index = changed[differs], index[differs]
        shown[changed] = index
        rows, columns = np.divmod(changed, width)
        yield _tile(rows, columns, index)


def _tile(rows: np.ndarray, columns: np.ndarray, index: np.ndarray) -> tuple[int, int, np.ndarray]:
    """The smallest box around pixels that change, given in ascending order of rows, with their new indices."""
    if not len(index):
        return 0, 0, np.full((1, 1), TRANSPARENT, np.uint8)
    x, y = int(columns.min()), int(rows[0])
    tile = np.full((int(rows[-1]) - y + 1, int(columns.max()) - x + 1), TRANSPARENT, np.uint8)
    tile[rows - y, columns - x] = index
    return x, y, tile

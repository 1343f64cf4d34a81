"""Tiles of an animation: what changed since the frame before, transparent where nothing did."""

from collections.abc import Iterable, Iterator

import numpy as np

from optviz.writers._palette import TRANSPARENT, Lookup


def tiles(frames: Iterable[np.ndarray], lookup: Lookup) -> Iterator[tuple[int, int, np.ndarray]]:
    """Reduce frames to the boxes in which palette indices changed.

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
    shown = None
    for width, changed, colours in _changes(frames):
        index = lookup(colours)
        if shown is None:
            shown = index
            yield 0, 0, shown.reshape(-1, width)
            continue
        differs = index != shown[changed]
        changed, index = changed[differs], index[differs]
        shown[changed] = index
        yield _tile(changed, width, index, TRANSPARENT)


def colour_tiles(frames: Iterable[np.ndarray]) -> Iterator[tuple[int, int, np.ndarray]]:
    """Reduce frames to the boxes in which colours changed, see `tiles`.

    Yields
    ------
    x, y : int
        The tile's upper left corner.
    tile : (rows, columns, 4) uint8
        RGBA: opaque where a pixel has a new colour, all 0 elsewhere.
    """
    for number, (width, changed, colours) in enumerate(_changes(frames)):
        x, y, tile = _tile(changed, width, colours, 0) if number else (0, 0, colours.reshape(-1, width))
        yield x, y, tile.view(np.uint8).reshape(*tile.shape, 4)


def _changes(frames: Iterable[np.ndarray]) -> Iterator[tuple[int, np.ndarray, np.ndarray]]:
    """The width of each frame, and where it differs from the one before and in which packed colours; first all."""
    before = None
    for frame in frames:
        pixels = frame.view("<u4").ravel()
        if before is None:
            before = pixels.copy()
            changed = np.arange(len(before))
        else:
            changed = np.flatnonzero(pixels != before)
        colours = pixels[changed]
        before[changed] = colours
        yield frame.shape[1], changed, colours


def _tile(changed: np.ndarray, width: int, values: np.ndarray, nothing: int) -> tuple[int, int, np.ndarray]:
    """The smallest box around pixels that change, given in ascending order, with their new values."""
    if not len(values):
        return 0, 0, np.full((1, 1), nothing, values.dtype)
    rows, columns = np.divmod(changed, width)
    x, y = int(columns.min()), int(rows[0])
    tile = np.full((int(rows[-1]) - y + 1, int(columns.max()) - x + 1), nothing, values.dtype)
    tile[rows - y, columns - x] = values
    return x, y, tile

"""APNG: every pixel as it was drawn, and only what changes from frame to frame.

Pillow writes APNG too; but it stores the box that changed with all its pixels, sixteen times as many bytes.
"""

import zlib
from collections.abc import Iterator
from contextlib import closing
from struct import pack
from typing import Any, BinaryIO

from optviz.writers._animation import check_durations
from optviz.writers._format import file_format

LEVEL = 6  # of compression; 9 takes twice as long and saves a fiftieth
LONGEST = 65_535  # milliseconds, 16 bits
RGBA = 6


@file_format("apng", title="animation in pixels, lossless, for the web", holds=("animation",))
def apng(file: BinaryIO, animation: Any, document: str) -> None:
    """Write an animation as APNG with its provenance as its comment.

    Parameters
    ----------
    file : binary file
    animation : optviz.figures.engine.animation.Animation
        Frames and durations.
    document : str

    Raises
    ------
    UsageError
        If a duration cannot be told in an APNG.
    """
    check_durations("APNG", animation.durations, LONGEST)
    with closing(animation.frames()) as frames:
        file.write(b"\x89PNG\r\n\x1a\n")
        for name, content in _chunks(frames, animation, document):
            file.write(pack(">I", len(content)) + name + content + pack(">I", zlib.crc32(name + content)))


def _chunks(frames: Any, animation: Any, document: str) -> Iterator[tuple[bytes, bytes]]:
    """The chunks of the file; the first frame is the picture that a reader without animations shows."""
    import numpy as np

    from optviz.writers import _delta

    yield b"IHDR", pack(">IIBBBBB", *animation.size, 8, RGBA, 0, 0, 0)
    yield b"tEXt", b"Comment\0" + document.encode()
    yield b"acTL", pack(">II", len(animation.durations), 0)
    number = 0
    for (x, y, tile), duration in zip(_delta.colour_tiles(frames), animation.durations, strict=True):
        high, wide = tile.shape[:2]
        # What the frame before shows stays, and this one is laid over it.
        yield b"fcTL", pack(">IIIIIHHBB", number, wide, high, x, y, duration, 1000, 0, 1)
        rows = np.zeros((high, 1 + 4 * wide), np.uint8)  # no filter: differences of pixels hide that most are nothing
        rows[:, 1:] = tile.reshape(high, -1)
        data = zlib.compress(rows.tobytes(), LEVEL)
        yield (b"fdAT", pack(">I", number + 1) + data) if number else (b"IDAT", data)
        number += 2 if number else 1

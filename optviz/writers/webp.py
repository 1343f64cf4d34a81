"""WebP: pictures and animations for the web, every pixel as it was drawn, and only what changes from frame to frame.

Pillow writes animated WebP too; but its frames that lose something are twice as large as these, which lose nothing.
"""

import io
from collections.abc import Iterator
from contextlib import closing
from struct import pack, unpack_from
from typing import Any, BinaryIO

from optviz.writers._animation import check_durations
from optviz.writers._format import file_format
from optviz.writers.image import exif, image

# How hard the encoder tries, of 100, and by which of its six methods: others are as large and take longer.
EFFORT, METHOD = 50, 2
LONGEST = (1 << 24) - 1  # milliseconds, 24 bits
ANIMATED, HAS_EXIF, HAS_ALPHA = 0x02, 0x08, 0x10
NO_BACKGROUND, FOR_EVER = 0, 0


@file_format("webp", title="animation or picture in pixels, lossless, for the web", holds=("animation", "figure"))
def webp(file: BinaryIO, content: Any, document: str) -> None:
    """Write an animation, a matplotlib Figure or a frame as WebP with its provenance in its EXIF data.

    Raises
    ------
    UsageError
        If a duration cannot be told in a WebP.
    """
    if not hasattr(content, "frames"):
        image(content).save(file, format="webp", lossless=True, quality=EFFORT, exif=exif(document))
        return
    check_durations("WebP", content.durations, LONGEST)
    with closing(content.frames()) as frames:
        file.write(b"RIFF\0\0\0\0WEBP")
        for name, data in _chunks(frames, content, document):
            file.write(name + pack("<I", len(data)) + data + bytes(len(data) % 2))
        size = file.tell() - 8
        file.seek(4)
        file.write(pack("<I", size))


def _chunks(frames: Any, animation: Any, document: str) -> Iterator[tuple[bytes, bytes]]:
    import numpy as np

    from optviz.writers import _delta

    wide, high = animation.size
    yield b"VP8X", pack("<I", ANIMATED | HAS_EXIF | HAS_ALPHA) + _three(wide - 1, high - 1)
    yield b"ANIM", pack("<IH", NO_BACKGROUND, FOR_EVER)
    for (x, y, tile), duration in zip(_delta.colour_tiles(frames), animation.durations, strict=True):
        # Corners have even coordinates.
        tile = np.pad(tile, ((y % 2, 0), (x % 2, 0), (0, 0)))
        high, wide = tile.shape[:2]
        yield b"ANMF", _three(x // 2, y // 2, wide - 1, high - 1, duration) + b"\0" + _encoded(tile)
    yield b"EXIF", exif(document)


def _three(*numbers: int) -> bytes:
    """Numbers of three bytes each."""
    return b"".join(number.to_bytes(3, "little") for number in numbers)


def _encoded(tile: Any) -> bytes:
    """A tile as the chunks of a frame: what Pillow writes of it, without what makes it a file."""
    from PIL import Image

    buffer = io.BytesIO()
    Image.fromarray(tile).save(buffer, format="webp", lossless=True, quality=EFFORT, method=METHOD)
    data, at, parts = buffer.getvalue(), 12, []
    while at < len(data):
        (size,) = unpack_from("<I", data, at + 4)
        end = at + 8 + size + size % 2
        if data[at : at + 4] in (b"VP8L", b"VP8 ", b"ALPH"):
            parts.append(data[at:end])
        at = end
    return b"".join(parts)

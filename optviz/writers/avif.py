"""AVIF: pictures and animations in few bytes, at the price of colours that are a little off."""

import io
from contextlib import closing
from struct import unpack_from
from typing import Any, BinaryIO

from optviz.errors import MissingError
from optviz.writers._animation import check_durations
from optviz.writers._format import file_format
from optviz.writers.image import exif, image

QUALITY = 75
SPEED = 8  # of animations; slower ones save half of the bytes and take four times as long
THREADS = 4  # on every machine, since their number shows in the bytes
LONGEST = 1 << 31  # milliseconds
DATED = (b"mvhd", b"tkhd", b"mdhd")  # boxes that begin with the times of creation and change


def _check() -> None:
    """Refuse where Pillow has no encoder."""
    from PIL import features

    if not features.check("avif"):
        raise MissingError("this Pillow cannot write AVIF", "Install a newer one: pip install --upgrade pillow")


@file_format("avif", title="animation or picture in pixels, small", holds=("animation", "figure"), check=_check)
def avif(file: BinaryIO, content: Any, document: str) -> None:
    """Write an animation, a matplotlib Figure or a frame as AVIF with its provenance in its EXIF data.

    Raises
    ------
    UsageError
        If a duration cannot be told in an AVIF.
    """
    # Colours of every pixel, since thin lines are told apart by theirs. Tiles of Pillow's choice would follow the
    # machine, and the bytes with them.
    how: dict[str, Any] = {"quality": QUALITY, "subsampling": "4:4:4", "autotiling": False, "max_threads": THREADS}
    how |= {"format": "avif", "exif": exif(document)}
    if not hasattr(content, "frames"):
        image(content).save(file, **how)
        return
    check_durations("AVIF", content.durations, LONGEST)
    how |= {"speed": SPEED, "save_all": True, "duration": [*content.durations]}
    with closing(content.frames()) as frames:
        whole = io.BytesIO()
        _sequence(frames, len(content.durations)).save(whole, **how)
    file.write(_undated(whole.getvalue()))


def _undated(data: bytes) -> bytes:
    """An animation without the day on which it was made."""
    changed, at = bytearray(data), 0
    while at < len(data):
        (size,) = unpack_from(">I", data, at)
        if data[at + 4 : at + 8] == b"moov":
            for name in DATED:
                found = data.find(name, at, at + size)
                times = 16 if data[found + 4] else 8  # after the version and three bytes of flags
                changed[found + 8 : found + 8 + times] = bytes(times)
        at += size or len(data)
    return bytes(changed)


def _sequence(frames: Any, count: int) -> Any:
    """Frames as an image of Pillow that shows one after the other, so that never more than one is in memory."""
    from PIL import Image

    class Sequence(Image.Image):
        """Sought from frame to frame, never back."""

        n_frames = count
        is_animated = count > 1

        def __init__(self) -> None:
            super().__init__()
            self._at = -1
            self.seek(0)

        def seek(self, frame: int) -> None:
            if frame >= count:
                raise EOFError
            if frame == self._at + 1:
                shown = image(next(frames))
                self._im, self._mode, self._size = shown.im, shown.mode, shown.size
                self._at = frame

        def tell(self) -> int:
            return self._at

    return Sequence()

"""GIF: one palette for the whole animation, and only what changes from frame to frame.

A GIF player keeps the picture and lays each new tile over it, so a pixel that does not change costs next to nothing
when it is transparent. Nothing is dithered: dots that dance from frame to frame would undo exactly that.
"""

from collections.abc import Sequence
from contextlib import closing
from struct import pack
from typing import Any, BinaryIO

from optviz.errors import UsageError
from optviz.writers._format import file_format

SHORTEST, LONGEST = 20, 655_350  # milliseconds; browsers slow a delay below 20 down to 100, and a delay is 16 bits


@file_format("gif", title="animation of 256 colours that loops for ever", holds=("animation",), poster=True)
def gif(file: BinaryIO, animation: Any, document: str) -> None:
    """Write an animation as GIF.

    Parameters
    ----------
    file : binary file
    animation : optviz.figures.engine.animation.Animation
        Frames, durations, key frames and colours to keep.
    document : str
        Provenance, for the comment block.

    Raises
    ------
    UsageError
        If a duration cannot be told in a GIF.
    OptvizError
        If another process that encodes the frames ends.
    """
    check_durations(animation.durations)
    from optviz.writers import _encoder, _palette

    with _encoder.encoder(animation.size, animation.durations) as encode:
        colours = _palette.palette(animation.keyframes(), animation.reserved)
        with closing(animation.frames()) as frames:
            file.write(_header(animation.size, colours.tobytes(), document))
            file.writelines(encode(frames, colours))
            file.write(b";")


def check_durations(durations: Sequence[int]) -> None:
    """Refuse durations that GIF cannot tell or that players ignore.

    Parameters
    ----------
    durations : sequence of int
        Milliseconds that each frame is shown.

    Raises
    ------
    UsageError
        If there are none, or if one is below 20 ms, above 655,350 ms or no multiple of 10 ms.
    """
    if not durations:
        raise UsageError("an animation without frames cannot be written", "Ask for at least one frame.")
    for duration in durations:
        if duration < SHORTEST:
            raise UsageError(
                f"a GIF cannot show a frame for {duration} ms: players slow more than 50 frames a second down to 10",
                "Choose at most 50 frames a second.",
            )
        if duration > LONGEST or duration % 10:
            raise UsageError(
                f"a GIF cannot show a frame for {duration} ms: it counts hundredths of a second, at most {LONGEST} ms",
                "Choose 50, 33.3, 25, 20 or 10 frames a second: 20, 30, 40, 50 or 100 ms.",
            )


def _header(size: tuple[int, int], colours: bytes, document: str) -> bytes:
    """Everything before the first frame: screen, global palette of 256 colours, endless loop, comment."""
    screen = b"GIF89a" + pack("<HHBBB", *size, 0xF7, 0, 0)
    loop = b"!\xff\x0bNETSCAPE2.0" + pack("<BBHB", 3, 1, 0, 0)
    return screen + colours.ljust(768, b"\0") + loop + _comment(document)


def _comment(text: str) -> bytes:
    """A comment extension: UTF-8 in blocks of at most 255 bytes."""
    data = text.encode()
    blocks = (data[first : first + 255] for first in range(0, len(data), 255))
    return b"!\xfe" + b"".join(bytes([len(block)]) + block for block in blocks) + b"\0"

"""MP4 and WebM, for slides, video editors and pages, by PyAV, which brings FFmpeg's libraries as a wheel.

PyAV rather than the system's ffmpeg: half the download of a wheel with that program, the same on every system, exact
times of frames, and no other process to end on Ctrl-C.
"""

import contextlib
import os
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import closing
from fractions import Fraction
from pathlib import Path
from typing import Any, BinaryIO

from optviz.errors import MissingError, OptvizError
from optviz.writers._animation import check_durations
from optviz.writers._format import file_format

INSTALL = 'Install one: pip install "optviz[video]"'
# Format -> its encoders, the preferred one first, with their options: about 36 dB, of which colours at half the
# resolution are the limit. A frame that needs no other comes every 600, not every 250, which would be in the middle of
# the last one's time. x264's look at coming macroblocks (mbtree) saves a fifth and gives now and then other bytes.
ENCODERS: dict[str, dict[str, dict[str, str]]] = {
    "mp4": {
        "libx264": {"crf": "22", "g": "600", "x264-params": "mbtree=0"},
        "libopenh264": {"b": "1500k", "allow_skip_frames": "0"},
    },
    "webm": {
        "libsvtav1": {"crf": "32", "preset": "6", "g": "600"},
        "libvpx-vp9": {"crf": "30", "b": "0", "row-mt": "1", "cpu-used": "4"},
    },
}
# In an MP4 what a player needs first comes first; a WebM has no random identifiers.
CONTAINERS = {"mp4": {"movflags": "+faststart"}, "webm": {"fflags": "+bitexact"}}
THREADS = 4  # on every machine, since their number shows in the bytes
LONGEST = 1 << 31  # milliseconds
BT709 = 1  # how colours become brightness and two differences, as players expect of what says nothing else


def _encoder(format: str) -> str:
    """The encoder that is here; MissingError where there is none."""
    try:
        import av
    except ImportError as error:
        raise MissingError(f"there is no encoder for .{format} files here: PyAV is missing", INSTALL) from error
    for name in ENCODERS[format]:
        with contextlib.suppress(ValueError):  # there is none of that name, or only a decoder
            av.codec.Codec(name, "w")
            return name
    names = " and ".join(ENCODERS[format])
    raise MissingError(f"there is no encoder for .{format} files here: this PyAV has neither {names}", INSTALL)


@file_format(
    "mp4",
    title="video, for slides and editors; needs optviz[video]",
    holds=("animation",),
    check=lambda: _encoder("mp4"),
)
def mp4(file: BinaryIO, animation: Any, document: str) -> None:
    """Write an animation as H.264 in MP4 with its provenance as its comment."""
    _write(file, animation, document, "mp4")


@file_format(
    "webm", title="video, for the web; needs optviz[video]", holds=("animation",), check=lambda: _encoder("webm")
)
def webm(file: BinaryIO, animation: Any, document: str) -> None:
    """Write an animation as AV1, or VP9, in WebM with its provenance as its comment."""
    _write(file, animation, document, "webm")


def _write(file: BinaryIO, animation: Any, document: str, format: str) -> None:
    """Encode to a file of its own, which the format's writer reads again to put its parts in order."""
    import av

    check_durations(format, animation.durations, LONGEST)
    with tempfile.TemporaryDirectory(prefix="optviz-") as folder:
        path = Path(folder) / f"animation.{format}"
        try:
            with closing(animation.frames()) as frames:
                _encode(path, frames, animation, document, format)
        except av.error.FFmpegError as error:
            if isinstance(error, OSError):  # a full disk, say
                raise
            reason = f"the encoder fails: {error.strerror}"
            raise OptvizError(f"cannot write the .{format} file: {reason}", "Choose another size or format.") from error
        with open(path, "rb") as whole:
            shutil.copyfileobj(whole, file)


def _encode(path: Path, frames: Iterator[Any], animation: Any, document: str, format: str) -> None:
    import av

    os.environ.setdefault("SVT_LOG", "0")  # its encoder would tell its settings on standard error
    name, clock = _encoder(format), Fraction(1, 1000)
    lasts: dict[int, int] = {}  # when a frame is shown -> how long

    def mux(packets: Sequence[Any]) -> None:
        for packet in packets:
            packet.duration = lasts[packet.pts]  # encoders lose that of the last
            container.mux(packet)

    with av.open(str(path), "w", format=format, options=CONTAINERS[format]) as container:
        container.metadata["comment"] = document
        options = ENCODERS[format][name]
        stream: Any = container.add_stream(name, rate=Fraction(1000, min(animation.durations)), options=options)
        stream.width, stream.height = (size + size % 2 for size in animation.size)
        stream.pix_fmt, stream.time_base = "yuv420p", clock
        context = stream.codec_context
        context.time_base, context.thread_count, context.thread_type = clock, THREADS, "FRAME"
        context.colorspace = context.color_primaries = context.color_trc = context.color_range = BT709
        with ordinary_priority():
            context.open()
        at = 0
        for picture, times in zip(frames, held(animation.durations), strict=True):
            shown = _even(av, picture)
            for time in times:
                shown.pts, shown.time_base, lasts[at] = at, clock, time
                mux(stream.encode(shown))
                at += time
        mux(stream.encode())


@contextlib.contextmanager
def ordinary_priority() -> Iterator[None]:
    """Take back what an encoder that is opened here does to the order in which threads run.

    SVT-AV1 opened by root makes the calling thread a real-time one, with that its own threads, and later whatever the
    thread starts: nothing else runs on a machine then while they have work.
    """
    if not hasattr(os, "sched_setscheduler"):  # not on Linux
        yield
        return
    policy, parameter = os.sched_getscheduler(0), os.sched_getparam(0)
    yield
    for thread in os.listdir("/proc/self/task"):
        with contextlib.suppress(OSError):  # one that has ended meanwhile
            if os.sched_getscheduler(int(thread)) != policy:
                os.sched_setscheduler(int(thread), policy, parameter)


def held(durations: Sequence[int]) -> Iterator[list[int]]:
    """The milliseconds of each frame, cut into pieces as long as the shortest frame, the first one up to twice as long.

    Editors and some players know one rate of frames, and drop how long the last one is held.
    """
    each = min(durations)
    for duration in durations:
        count = duration // each
        yield [duration - each * (count - 1), *[each] * (count - 1)]


def _even(av: Any, picture: Any) -> Any:
    """A frame of the encoder, whose colours have half the resolution: an odd last row or column is repeated."""
    import numpy as np

    high, wide = picture.shape[:2]
    picture = np.pad(picture, ((0, high % 2), (0, wide % 2), (0, 0)), mode="edge")
    frame = av.VideoFrame.from_ndarray(picture, format="rgba")
    return frame.reformat(format="yuv420p", dst_colorspace="ITU709", dst_color_range="MPEG")

"""The frames of a GIF as the blocks of its file: by this process, or by another one while this one draws.

What has changed, its colours and the compression take half as long as drawing, in libraries that hold the interpreter's
lock, so that a thread would not help. Frames go to the other process through a file with room for a few of them.
"""

import contextlib
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np

from optviz.errors import OptvizError
from optviz.writers import _delta, _palette

ENOUGH = 20_000_000  # pixels of all frames from which on another process, whose start takes a fifth of a second, pays
# A program that embeds Python is no interpreter to be started; and a file that is not there as a whole would end this
# process where the memory for it is full.
POSSIBLE = (
    hasattr(os, "posix_fallocate")
    and (os.cpu_count() or 1) > 1
    and Path(sys.executable or "").name.startswith("python")
)
SLOTS = 3  # frames on their way
MEMORY = Path("/dev/shm")  # files that are never written to a disk
SERVE = "from optviz.writers._encoder import serve; serve()"


Encode = Callable[[Iterable[np.ndarray], np.ndarray], Iterator[bytes]]


@contextlib.contextmanager
def encoder(size: tuple[int, int], durations: Sequence[int]) -> Iterator[Encode]:
    """Make ready to encode, so that another process loads what it needs while this one chooses the colours.

    Parameters
    ----------
    size : (width, height)
    durations : sequence of int
        Milliseconds of each frame.

    Yields
    ------
    function of frames and colours
        It gives the blocks of all frames, in order. The frames, (h, w, 4) uint8, are as many as the durations, see
        `optviz.writers._delta.tiles`; the colours, (255, 3) uint8, are the palette.

    Raises
    ------
    OptvizError
        If the other process ends too early.
    """
    worth = POSSIBLE and size[0] * size[1] * len(durations) >= ENOUGH
    with _room((SLOTS, size[1], size[0], 4)) if worth else contextlib.nullcontext() as room:
        if room is None:
            yield lambda frames, colours: _blocks(frames, durations, colours)
            return
        with _process() as process:
            yield lambda frames, colours: iter([_encoded_elsewhere(process, frames, room, durations, colours)])


@contextlib.contextmanager
def _room(shape: tuple[int, ...]) -> Iterator[np.memmap | None]:
    """A file in memory, gone at the end of the block; None where there is no place for it."""
    with contextlib.ExitStack() as stack:
        try:
            file = stack.enter_context(tempfile.NamedTemporaryFile(dir=MEMORY if MEMORY.is_dir() else None))
            os.posix_fallocate(file.fileno(), 0, int(np.prod(shape)))
            room = np.memmap(file.name, np.uint8, "r+", shape=shape)
        except OSError:
            room = None
        yield room


def _blocks(frames: Iterable[np.ndarray], durations: Iterable[int], colours: np.ndarray) -> Iterator[bytes]:
    from PIL import GifImagePlugin, Image

    tiles = _delta.tiles(frames, _palette.Lookup(colours))
    for (x, y, tile), duration in zip(tiles, durations, strict=True):
        how = dict(duration=duration, disposal=1, transparency=_palette.TRANSPARENT)
        yield b"".join(GifImagePlugin.getdata(Image.fromarray(tile), (x, y), **how))


@contextlib.contextmanager
def _process() -> Iterator[subprocess.Popen[bytes]]:
    """The other process, gone at the end of the block."""
    process = subprocess.Popen(
        [sys.executable, "-P", "-c", SERVE],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)},
        start_new_session=True,  # Ctrl-C is for this process, which then ends that one
    )
    assert process.stdin and process.stdout
    try:
        yield process
    except (BrokenPipeError, EOFError) as error:
        raise OptvizError("the process that encodes the GIF has ended", "Run again.") from error
    finally:
        process.kill()
        with contextlib.suppress(BrokenPipeError):  # words that it never read
            process.stdin.close()
        process.stdout.close()
        process.wait()


def _encoded_elsewhere(
    process: Any, frames: Iterable[np.ndarray], room: np.memmap, durations: Sequence[int], colours: np.ndarray
) -> bytes:
    words = [str(room.filename), room.shape, [int(duration) for duration in durations], colours.tolist()]
    process.stdin.write(json.dumps(words).encode() + b"\n")
    for number, (frame, _) in enumerate(zip(frames, durations, strict=True)):
        if number >= SLOTS:
            _expect(process.stdout.read(1))
        room[number % SLOTS] = frame
        process.stdin.write(b".")
        process.stdin.flush()
    for _ in range(min(SLOTS, len(durations))):
        _expect(process.stdout.read(1))
    blocks = process.stdout.read()
    if process.wait():
        raise EOFError
    return blocks


def _expect(answer: bytes) -> None:
    if not answer:
        raise EOFError


def serve() -> None:
    """Encode the frames that another process draws."""
    given, answers = sys.stdin.buffer, sys.stdout.buffer
    import_module("PIL.GifImagePlugin")  # before there is anything to do
    name, shape, durations, colours = json.loads(given.readline())
    room: Any = np.memmap(name, np.uint8, "r", shape=tuple(shape))

    def frames() -> Iterator[np.ndarray]:
        for number in range(len(durations)):
            if not given.read(1):
                sys.exit()
            yield room[number % SLOTS]
            answers.write(b".")
            answers.flush()

    blocks = b"".join(_blocks(frames(), durations, np.array(colours, np.uint8)))
    answers.write(blocks)
    answers.flush()

"""GIF files, read back by Pillow's decoder and by a walk over their blocks."""

import errno
import hashlib
import json
from types import SimpleNamespace

import numpy as np
import pytest
from PIL import GifImagePlugin, Image

from optviz import writers
from optviz.errors import OptvizError, UsageError, UsageTypeError
from optviz.writers import _delta, _palette
from optviz.writers.gif import check_durations

RESERVED = ((13, 17, 23), (249, 173, 64), (11, 211, 245))


def scene(width=160, height=120, frames=12, step=0.7):
    """A soft map of one hue, a bright dot that leaves a trail, and a counter that changes in the far corner."""
    y, x = np.mgrid[:height, :width]
    level = (np.hypot(x - width / 2, y - height / 3) / width)[..., None]
    back = np.full((height, width, 4), 255, np.uint8)
    back[..., :3] = (1 - level) * np.array([11, 18, 32]) + level * np.array([134, 152, 159])
    pictures = []
    for index in range(frames):
        at = int(index * step) % max(1, width - 3)
        back[height // 2 : height // 2 + 2, at : at + 3, :3] = RESERVED[1]
        back[-6:-2, -6:-2, :3] = 40 + 50 * (index // 2 % 3)
        pictures.append(back.copy())
    return pictures


def animation(pictures, durations=None, comment="optviz · seed 0"):
    """What `writers.write` takes: live views of one buffer, as a canvas gives them."""

    def frames():
        buffer = np.empty_like(pictures[0])
        for picture in pictures:
            buffer[:] = picture
            yield buffer

    return SimpleNamespace(
        size=pictures[0].shape[1::-1],
        durations=durations or [40] * len(pictures),
        reserved=RESERVED,
        comment=comment,
        frames=frames,
        keyframes=lambda: [picture.copy() for picture in pictures[:: max(1, len(pictures) // 5)]],
    )


def blocks(data):
    """Walk over a GIF's blocks: (kind, payload) for every extension and image, checking that nothing is left over."""
    assert data[:6] == b"GIF89a" and data[10] == 0xF7  # a global table of 256 colours
    at = 13 + 768
    found = []
    while data[at] != 0x3B:
        kind, start = data[at], at
        at += 2 if kind == 0x21 else 10 + 1
        if kind == 0x2C:
            assert data[start + 9] & 0x80 == 0, "a local colour table"
        while data[at]:
            at += 1 + data[at]
        at += 1
        found.append((data[start : start + 2] if kind == 0x21 else b",", data[start:at]))
    assert at == len(data) - 1
    return found


def decoded(path):
    """Every frame as (h, w, 3) uint8, and the duration of each."""
    with Image.open(path) as image:
        frames, durations = [], []
        for index in range(image.n_frames):
            image.seek(index)
            frames.append(np.asarray(image.convert("RGB")))
            durations.append(image.info["duration"])
        return frames, durations


def psnr(a, b):
    error = np.mean(np.square(a[..., :3].astype(float) - b[..., :3]))
    return np.inf if error == 0 else 10 * np.log10(255**2 / error)


@pytest.mark.parametrize("size", [(160, 120), (161, 121), (33, 7), (4, 600), (1, 1)])
def test_a_second_reader_sees_what_was_drawn(tmp_path, size):
    pictures = scene(*size) if min(size) > 6 else [np.full((size[1], size[0], 4), 255, np.uint8)] * 3
    durations = [600, *[40] * (len(pictures) - 2), 2600]
    path = tmp_path / "race.gif"
    writers.write(path, animation(pictures, durations))
    frames, delays = decoded(path)
    assert sum(delays) == sum(durations)
    assert len(frames) == len(pictures)
    assert all(psnr(frame, picture) >= 45 for frame, picture in zip(frames, pictures, strict=True))


def test_one_global_table_endless_loop_and_the_comment(tmp_path):
    path = tmp_path / "race.gif"
    comment = "lr 0.05 · x₀ = (−1.5, 2) " * 40  # more than one block of 255 bytes
    writers.write(path, animation(scene(), comment=comment))
    with Image.open(path) as image:
        assert image.info["loop"] == 0
        assert json.loads(image.info["comment"])["facts"] == comment
    found = blocks(path.read_bytes())
    assert [kind for kind, _ in found].count(b",") == 12
    controls = [data for kind, data in found if kind == b"!\xf9"]
    assert {data[3] for data in controls} == {0b101}  # disposal 1: keep what is shown; one index is transparent
    assert {data[6] for data in controls} == {255}


def test_reserved_colours_are_exact(tmp_path):
    path = tmp_path / "race.gif"
    pictures = scene()
    writers.write(path, animation(pictures))
    for frame, picture in zip(decoded(path)[0], pictures, strict=True):
        for colour in RESERVED:
            where = (picture[..., :3] == colour).all(axis=2)
            assert (frame[where] == colour).all()


def test_the_same_animation_gives_the_same_bytes(tmp_path):
    for name in ("one.gif", "two.gif"):
        writers.write(tmp_path / name, animation(scene()))
    assert (tmp_path / "one.gif").read_bytes() == (tmp_path / "two.gif").read_bytes()


def test_one_frame_and_equal_frames_keep_their_time(tmp_path):
    path = tmp_path / "still.gif"
    first = scene(frames=1)
    writers.write(path, animation(first, [2600]))
    assert decoded(path)[1] == [2600]
    writers.write(path, animation(first * 9, [600, *[40] * 7, 2600]))
    frames, delays = decoded(path)
    assert sum(delays) == 600 + 7 * 40 + 2600
    assert psnr(frames[-1], first[0]) >= 45


def test_only_what_changes_is_written():
    first, second, third = (scene(frames=1)[0] for _ in range(3))
    second[20:23, 30:34, :3] = RESERVED[1]
    third[:, :, :3] = second[:, :, :3]
    third[21, 31, :3] = RESERVED[2]
    pictures = [first, second, second, third]
    lookup = _palette.Lookup(_palette.palette(pictures, RESERVED))
    whole, box, nothing, point = _delta.tiles(animation(pictures).frames(), lookup)
    assert whole[2].shape == (120, 160) and _palette.TRANSPARENT not in whole[2]
    assert box[:2] == (30, 20) and (box[2] == np.full((3, 4), 1)).all()
    assert nothing[2].tolist() == [[_palette.TRANSPARENT]]
    assert point[:2] == (31, 21) and point[2].tolist() == [[2]]


def test_the_palette_is_the_nearest_for_every_colour():
    rng = np.random.default_rng(0)
    colours = _palette.palette(scene(), RESERVED)
    assert colours.shape == (255, 3) and tuple(colours[1]) == RESERVED[1]
    asked = rng.integers(0, 1 << 24, 3000, np.uint32)
    channels = np.stack([asked & 255, asked >> 8 & 255, asked >> 16], axis=1).astype(int)
    distances = np.square(channels[:, None] - colours.astype(int)).sum(axis=2)
    lookup = _palette.Lookup(colours)
    for _ in range(2):  # computed, then remembered
        index = lookup(asked)
        assert (distances[np.arange(len(asked)), index] == distances.min(axis=1)).all()


def test_many_colours_still_make_45_db(tmp_path):
    pictures = scene(240, 180)
    hues = np.linspace(0, 255, 180).astype(np.uint8)[:, None, None] * np.ones((1, 20, 3), np.uint8)
    for picture in pictures:
        picture[:, :20, :3] = hues
        picture[:, 20:40, :3] = hues // np.array([1, 2, 4], np.uint8)
    writers.write(tmp_path / "a.gif", animation(pictures))
    assert psnr(decoded(tmp_path / "a.gif")[0][-1], pictures[-1]) >= 45


def test_pillow_encodes_a_tile_as_we_rely_on():
    """`getdata` is a legacy function of Pillow: control block, tile header without a table, LZW data of 8 bits."""
    tile = np.arange(12, dtype=np.uint8).reshape(3, 4)
    data = b"".join(GifImagePlugin.getdata(Image.fromarray(tile), (5, 6), duration=40, disposal=1, transparency=255))
    assert data[:8] == bytes([0x21, 0xF9, 4, 0b101, 4, 0, 255, 0])
    assert data[8:19] == bytes([0x2C, 5, 0, 6, 0, 4, 0, 3, 0, 0, 8])
    assert data[-1] == 0
    assert hashlib.sha256(data[19:]).hexdigest()[:16] == "00a31640eaecdd5b"


@pytest.mark.parametrize(
    ("durations", "words"),
    [
        ([40, 33], "33 ms"),
        ([40, 16], "50 frames a second"),
        ([40, 10], "50 frames a second"),
        ([40, 0], "50 frames a second"),
        ([40, 655_360], "655360 ms"),
        ([], "without frames"),
    ],
)
def test_durations_that_a_gif_cannot_tell_are_refused_before_drawing(tmp_path, durations, words):
    asked = animation(scene(frames=2))
    asked.durations = durations
    asked.frames = asked.keyframes = lambda: pytest.fail("drawn")
    with pytest.raises(UsageError, match=words) as refused:
        writers.write(tmp_path / "a.gif", asked)
    assert refused.value.remedy
    assert not list(tmp_path.iterdir())


def test_durations_of_every_kind_pass():
    check_durations([20, 30, 40, 600, 655_350])


@pytest.mark.parametrize("error", [ValueError("drawing failed"), KeyboardInterrupt()])
def test_a_failure_while_drawing_leaves_the_old_file(tmp_path, error):
    path = tmp_path / "race.gif"
    path.write_bytes(b"old")
    asked = animation(scene())
    good, closed = asked.frames, []

    def frames():
        try:
            for index, frame in enumerate(good()):
                if index == 5:
                    raise error
                yield frame
        finally:
            closed.append(True)

    asked.frames = frames
    with pytest.raises(type(error)):
        writers.write(path, asked)
    assert closed
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


def test_a_full_disk_leaves_the_old_file(tmp_path, monkeypatch):
    path = tmp_path / "race.gif"
    path.write_bytes(b"old")

    def full(descriptor):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("optviz.files.os.fsync", full)
    with pytest.raises(OptvizError, match="No space left") as failed:
        writers.write(path, animation(scene()))
    assert str(path) in failed.value.problem
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


def test_a_figure_is_no_animation(tmp_path):
    with pytest.raises(UsageTypeError, match="holds an animation, not a ndarray"):
        writers.write(tmp_path / "a.gif", scene()[0])

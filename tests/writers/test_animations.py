"""Animations beside GIF, read back by a second decoder: every pixel, every duration, no half file."""

import errno
import json
import os
import sys
import time
from contextlib import closing, suppress
from types import SimpleNamespace

import numpy as np
import pytest
from PIL import Image

from optviz import writers
from optviz.errors import MissingError, OptvizError, UsageError
from optviz.writers import _delta, video
from tests.writers.test_gif import animation, psnr, scene

LOSSLESS = ["apng", "webp"]
PICTURES = [*LOSSLESS, "avif"]
VIDEOS = ["mp4", "webm"]


@pytest.fixture(params=[*PICTURES, *VIDEOS])
def ending(request):
    """Every format of animations that can be written here."""
    if request.param in VIDEOS:
        pytest.importorskip("av", exc_type=ImportError)
    return request.param


def decoded(path):
    """Every frame as (h, w, 3) uint8 and its milliseconds, by Pillow or, of a video, by FFmpeg's decoders."""
    if path.suffix[1:] in VIDEOS:
        import av

        with av.open(str(path)) as file:
            frames = list(file.decode(video=0))
            times = [1000 * one.pts * one.time_base for one in frames]
            times.append(times[-1] + 1000 * frames[-1].duration * frames[-1].time_base)
            assert times[0] == 0 and float(file.duration / 1000) == pytest.approx(float(times[-1]), abs=1)
            return [one.to_ndarray(format="rgb24") for one in frames], np.diff(times).astype(float).tolist()
    frames, durations = [], []
    with Image.open(path) as image:
        for index in range(image.n_frames):
            image.seek(index)
            image.load()
            frames.append(np.asarray(image.convert("RGB")))
            durations.append(image.info["duration"])
    return frames, durations


@pytest.mark.parametrize("ending", LOSSLESS)
@pytest.mark.parametrize("size", [(160, 120), (161, 121), (33, 7), (1, 1)])
def test_a_second_reader_sees_every_pixel(tmp_path, ending, size):
    pictures = scene(*size, step=1.7) if min(size) > 6 else [np.full((size[1], size[0], 4), 255, np.uint8)] * 3
    durations = [600, *[40] * (len(pictures) - 2), 2600]
    path = tmp_path / f"a.{ending}"
    writers.write(path, animation(pictures, durations))
    frames, times = decoded(path)
    assert times == durations
    assert all((frame == picture[..., :3]).all() for frame, picture in zip(frames, pictures, strict=True))


@pytest.mark.parametrize("size", [(160, 120), (161, 121)])
def test_what_loses_something_loses_little(tmp_path, ending, size):
    pictures = scene(*size)
    path = tmp_path / f"a.{ending}"
    writers.write(path, animation(pictures))
    frames, _ = decoded(path)
    high, wide = pictures[0].shape[:2]
    assert len(frames) == len(pictures)
    assert all(psnr(one[:high, :wide], other) >= 33 for one, other in zip(frames, pictures, strict=True))
    if ending in VIDEOS:  # an odd edge is repeated
        assert frames[0].shape == (high + high % 2, wide + wide % 2, 3)


def test_equal_frames_keep_their_time(tmp_path, ending):
    durations = [600, *[40] * 7, 2600]
    writers.write(tmp_path / f"a.{ending}", animation(scene(frames=1) * 9, durations))
    frames, times = decoded(tmp_path / f"a.{ending}")
    assert sum(times) == pytest.approx(sum(durations), abs=1e-6)
    writers.write(tmp_path / f"b.{ending}", animation(scene(frames=1), [2600]))
    frames, times = decoded(tmp_path / f"b.{ending}")
    assert len(frames) == 1 and (times == [2600] or ending == "avif")  # of which one frame is a picture, with no time


@pytest.mark.parametrize("durations", [[600, 40, 40, 2600], [600, 30, 30, 2600], [20, 70, 50, 1010], [2600]])
def test_frames_of_a_video_are_held_in_pieces(durations):
    pieces = list(video.held(durations))
    assert [sum(each) for each in pieces] == durations
    shortest = min(durations)
    assert all(shortest <= piece < 2 * shortest for each in pieces for piece in each)


@pytest.mark.parametrize("durations", [[600, 30, 30, 2600], [20, 70, 50, 1010]])
def test_a_video_lasts_as_long_as_its_frames(tmp_path, ending, durations):
    writers.write(tmp_path / f"a.{ending}", animation(scene(frames=4), durations))
    assert sum(decoded(tmp_path / f"a.{ending}")[1]) == pytest.approx(sum(durations), abs=1e-6)


def test_the_same_animation_gives_the_same_bytes_on_another_day(tmp_path, ending):
    pictures = scene(480, 360)  # the smallest of the command line; x264 is not so sure of very small ones
    for stem in "ab":
        writers.write(tmp_path / f"{stem}.{ending}", animation(pictures))
        time.sleep(1.1 if stem == "a" and ending in ("avif", *VIDEOS) else 0)  # they would count seconds
    assert (tmp_path / f"a.{ending}").read_bytes() == (tmp_path / f"b.{ending}").read_bytes()


def test_what_does_not_change_takes_no_room(tmp_path):
    for ending in LOSSLESS:
        sizes = []
        for count in (1, 2, 40):
            writers.write(tmp_path / f"a.{ending}", animation(scene(frames=1) * count, [40] * count))
            sizes.append((tmp_path / f"a.{ending}").stat().st_size)
        assert (sizes[2] - sizes[1]) / 38 < 100


def test_tiles_of_colours_are_what_changed():
    first, second, third = (scene(frames=1)[0] for _ in range(3))
    second[20:23, 30:34, :3] = (1, 2, 3)
    second[21, 31, :3] = first[21, 31, :3]
    third[:, :, :3] = second[:, :, :3]
    whole, box, nothing = _delta.colour_tiles(animation([first, second, third]).frames())
    assert (whole[2] == first).all()
    assert box[:2] == (30, 20) and box[2].shape == (3, 4, 4)
    assert box[2][1, 1].tolist() == [0, 0, 0, 0] and box[2][0, 0].tolist() == [1, 2, 3, 255]
    assert nothing[2].tolist() == [[[0, 0, 0, 0]]]


@pytest.mark.parametrize("error", [ValueError("drawing failed"), KeyboardInterrupt()])
def test_a_failure_while_drawing_leaves_the_old_file(tmp_path, monkeypatch, ending, error):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "temporary"))
    (tmp_path / "temporary").mkdir()
    path = tmp_path / f"a.{ending}"
    path.write_bytes(b"old")
    asked = animation(scene())
    good, closed = asked.frames, []

    def frames():
        with closing(SimpleNamespace(close=lambda: closed.append(True))):
            for index, frame in enumerate(good()):
                if index == 5:
                    raise error
                yield frame

    asked.frames = frames
    with pytest.raises(type(error)):
        writers.write(path, asked)
    assert closed and path.read_bytes() == b"old"
    assert sorted(tmp_path.iterdir()) == [path, tmp_path / "temporary"] and not list((tmp_path / "temporary").iterdir())


def test_a_full_disk_leaves_the_old_file(tmp_path, monkeypatch, ending):
    path = tmp_path / f"a.{ending}"
    path.write_bytes(b"old")

    def full(descriptor):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("optviz.files.os.fsync", full)
    with pytest.raises(OptvizError, match="No space left"):
        writers.write(path, animation(scene()))
    assert path.read_bytes() == b"old" and list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("durations", [[], [0, 40], [40, -1], [40, 1 << 40]])
def test_durations_that_cannot_be_told_are_refused_before_drawing(tmp_path, ending, durations):
    asked = animation(scene(frames=2))
    asked.durations = durations
    asked.frames = lambda: pytest.fail("drawn")
    with pytest.raises(UsageError, match="without frames|cannot show a frame for"):
        writers.write(tmp_path / f"a.{ending}", asked)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("ending", ["webp", "avif"])
def test_a_still_picture(tmp_path, ending):
    frame = scene(160, 121)[-1]
    writers.write(tmp_path / f"a.{ending}", frame, "seed 0")
    with Image.open(tmp_path / f"a.{ending}") as image:
        assert psnr(np.asarray(image.convert("RGB")), frame) >= (99 if ending == "webp" else 38)
        assert json.loads(image.getexif()[270])["facts"] == "seed 0"


def library(here):
    """A PyAV with these encoders alone."""

    def codec(name, mode):
        if mode != "w" or name not in here:
            raise ValueError(name)

    return SimpleNamespace(codec=SimpleNamespace(Codec=codec))


@pytest.mark.skipif(not hasattr(os, "sched_getscheduler"), reason="Linux tells the policy of each thread")
def test_threads_keep_their_place_in_the_order(tmp_path, ending):
    """Also those of an encoder: a real-time one of root's stops everything else on the machine."""
    seen = []

    def watched(pictures):
        for picture in pictures:
            for thread in os.listdir("/proc/self/task"):
                with suppress(OSError):  # one that has ended meanwhile
                    seen.append(os.sched_getscheduler(int(thread)))
            yield picture

    policy = os.sched_getscheduler(0)
    drawn = animation(scene(frames=4))
    content = SimpleNamespace(durations=drawn.durations, size=drawn.size, frames=lambda: watched(drawn.frames()))
    writers.write(tmp_path / f"a.{ending}", content)
    assert {policy} == {*seen, os.sched_getscheduler(0)}


@pytest.mark.parametrize("ending", VIDEOS)
@pytest.mark.parametrize("here", [None, set()], ids=["no PyAV", "no encoder"])
def test_without_an_encoder_nothing_is_begun(tmp_path, monkeypatch, ending, here):
    monkeypatch.setitem(sys.modules, "av", None if here is None else library(here))
    with pytest.raises(MissingError, match="no encoder") as missing:
        writers.check(tmp_path / f"a.{ending}", ["animation"])
    assert missing.value.exit_code == 3 and 'pip install "optviz[video]"' in missing.value.remedy
    asked = animation(scene(frames=2))
    asked.frames = lambda: pytest.fail("drawn")
    with pytest.raises(MissingError):
        writers.write(tmp_path / f"a.{ending}", asked)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("ending", VIDEOS)
def test_the_second_encoder_stands_in_for_the_first(monkeypatch, ending):
    names = list(video.ENCODERS[ending])
    for here in (names, names[1:]):
        monkeypatch.setitem(sys.modules, "av", library(here))
        assert video._encoder(ending) == here[0]


def test_vp9_where_there_is_no_av1(tmp_path, monkeypatch):
    pytest.importorskip("av", exc_type=ImportError)
    monkeypatch.delitem(video.ENCODERS["webm"], "libsvtav1")
    pictures = scene()
    writers.write(tmp_path / "a.webm", animation(pictures))
    assert psnr(decoded(tmp_path / "a.webm")[0][-1], pictures[-1]) >= 33


@pytest.mark.parametrize("ending", VIDEOS)
def test_a_full_temporary_disk_says_so(tmp_path, monkeypatch, ending):
    av = pytest.importorskip("av", exc_type=ImportError)

    def fail(*given):
        raise av.error.OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(video, "_even", fail)
    with pytest.raises(OptvizError, match="a.m?[a-z0-9]*: No space left"):
        writers.write(tmp_path / f"a.{ending}", animation(scene(frames=2)))
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("ending", VIDEOS)
def test_an_encoder_that_fails_says_so(tmp_path, monkeypatch, ending):
    av = pytest.importorskip("av", exc_type=ImportError)

    def fail(*given):
        raise av.error.ExternalError(1, "it cannot")

    monkeypatch.setattr(video, "_even", fail)
    with pytest.raises(OptvizError, match="the encoder fails"):
        writers.write(tmp_path / f"a.{ending}", animation(scene(frames=2)))
    assert not list(tmp_path.iterdir())


def test_an_mp4_can_be_shown_before_it_has_arrived(tmp_path):
    pytest.importorskip("av", exc_type=ImportError)
    writers.write(tmp_path / "a.mp4", animation(scene()))
    data = (tmp_path / "a.mp4").read_bytes()
    assert 0 < data.find(b"moov") < data.find(b"mdat")

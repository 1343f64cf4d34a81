"""A GIF whose frames another process encodes: the same bytes, no process left over, no half file."""

import subprocess

import pytest

from optviz import writers
from optviz.errors import OptvizError
from optviz.writers import _encoder
from tests.writers.test_gif import animation, scene

pytestmark = pytest.mark.skipif(not _encoder.POSSIBLE, reason="there is no other core, or no POSIX")


@pytest.fixture
def processes(monkeypatch):
    """The processes that are started, for any number of pixels."""
    started, real = [], subprocess.Popen

    def start(*given, **names):
        started.append(real(*given, **names))
        return started[-1]

    monkeypatch.setattr(_encoder, "ENOUGH", 0)
    monkeypatch.setattr(subprocess, "Popen", start)
    return started


@pytest.mark.parametrize("count", [1, _encoder.SLOTS, 3 * _encoder.SLOTS + 1])
def test_the_same_bytes_from_another_process(tmp_path, count, processes, monkeypatch):
    moving = animation(scene(frames=count))
    writers.write(tmp_path / "there.gif", moving)
    monkeypatch.setattr(_encoder, "POSSIBLE", False)
    writers.write(tmp_path / "here.gif", moving)
    assert (tmp_path / "there.gif").read_bytes() == (tmp_path / "here.gif").read_bytes()
    (process,) = processes
    assert process.returncode is not None


def test_a_process_that_ends_too_early_leaves_no_file(tmp_path, processes, monkeypatch):
    monkeypatch.setattr(_encoder, "SERVE", "")
    with pytest.raises(OptvizError, match="the process that encodes the GIF has ended"):
        writers.write(tmp_path / "a.gif", animation(scene(frames=9)))
    assert list(tmp_path.iterdir()) == [] and processes[0].returncode is not None


def test_a_failure_while_drawing_ends_the_process(tmp_path, processes):
    moving = animation(scene(frames=9))
    drawn = moving.frames

    def frames():
        for number, frame in enumerate(drawn()):
            if number == 5:
                raise KeyboardInterrupt
            yield frame

    moving.frames = frames
    with pytest.raises(KeyboardInterrupt):
        writers.write(tmp_path / "a.gif", moving)
    assert list(tmp_path.iterdir()) == [] and processes[0].returncode is not None


def test_without_room_this_process_encodes(tmp_path, processes, monkeypatch):
    def full(*given):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.posix_fallocate", full)
    writers.write(tmp_path / "a.gif", animation(scene(frames=3)))
    assert processes == [] and (tmp_path / "a.gif").exists()

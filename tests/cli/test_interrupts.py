"""Ctrl-C at any moment: exit code 130 soon after, no traceback, no half-written file, finished results kept."""

import json
import os
import signal
import subprocess
import sys
import time

import pytest

pytestmark = pytest.mark.slow

PATIENCE = 5.0  # seconds on a machine with other work; alone it takes less than one
# Pressed after 1.5 seconds, Ctrl-C finds them at work on machines five times as fast: they take 10 to 45 seconds here.
COMMANDS = {
    "animate": ["animate", "rosenbrock", "--lr", "0.001", "--steps", "3000", "--frames", "1000", "--size", "3000x2000"],
    "plot": ["plot", "ackley", "--optimizers", "all", "-o", "ackley.svg"],
    "basins": ["basins", "himmelblau", "--size", "3840x2160", "--steps", "9000"],
    "sweep": ["sweep", "rosenbrock", "--size", "3840x2160", "--steps", "9000"],
    "swarm": ["swarm", "himmelblau", "--size", "2400x1600", "--steps", "10000"],
    "study": ["study"],
    "train": ["train", "-o", "mnist.png"],
    "gallery": ["gallery", "pictures", "--jobs", "2"],
}


def interrupted(folder, arguments, after, times=1):
    """Start a command, press Ctrl-C, and give its exit code, its output, and the seconds that it went on."""
    running = subprocess.Popen(
        [sys.executable, "-m", "optviz", *arguments],
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    try:
        time.sleep(after)
        begin = time.monotonic()
        for _ in range(times):
            os.killpg(running.pid, signal.SIGINT)  # a terminal sends it to the whole group
            time.sleep(0.05)
        out, err = running.communicate(timeout=60)
        return running.returncode, out, err, time.monotonic() - begin
    finally:
        if running.poll() is None:
            os.killpg(running.pid, signal.SIGKILL)
            running.communicate()


@pytest.mark.parametrize("times", [1, 2], ids=["once", "twice"])
@pytest.mark.parametrize("command", COMMANDS)
def test_ctrl_c_ends_a_command_at_once(tmp_path, command, times):
    # Without the table, which may have been printed before pictures are drawn.
    code, _, err, seconds = interrupted(tmp_path, [*COMMANDS[command], "--quiet"], 1.5, times)
    assert code == 130, err
    assert "Traceback" not in err
    assert len(err.splitlines()) <= 5
    assert seconds < PATIENCE
    assert not [path for path in tmp_path.rglob("*") if path.name.endswith(".part")]


def test_mnist_keeps_what_is_finished(tmp_path):
    arguments = ["train", "--optimizers", "sgd,adam", "--epochs", "1000", "-o", "kept.json", "-o", "kept.md"]
    for after in (6, 20, 60):  # until an epoch is finished, which takes long where kernels are compiled first
        code, out, err, _ = interrupted(tmp_path, arguments, after)
        assert code == 130, err
        if (tmp_path / "kept.json").exists():
            break
    assert out.splitlines() == ["kept.json", "kept.md"]
    assert "SGD" in err
    assert "kept.json" in err
    document = json.loads((tmp_path / "kept.json").read_text())
    assert document["interrupted"] is True
    assert any(run["epochs"] for run in document["runs"])
    assert (tmp_path / "kept.md").exists()


def test_the_gallery_keeps_what_is_finished(tmp_path):
    arguments = ["gallery", "pictures", "--jobs", "1", "--quiet"]
    running = subprocess.Popen(
        [sys.executable, "-m", "optviz", *arguments], cwd=tmp_path, stderr=subprocess.PIPE, text=True
    )
    pictures = tmp_path / "pictures"
    deadline = time.monotonic() + 120
    while not list(pictures.glob("*.webp")) and time.monotonic() < deadline:
        time.sleep(0.05)
    time.sleep(0.3)
    running.send_signal(signal.SIGINT)
    _, err = running.communicate(timeout=60)
    assert running.returncode == 130, err
    assert "Traceback" not in err
    done = {path.stem for path in pictures.glob("*.webp")}  # what is written last of a picture
    assert done
    page, html = ((pictures / name).read_text() for name in ("README.md", "index.html"))
    assert all(f"({name}.gif)" in page and f'"{name}.gif"' in html for name in done)
    assert not list(pictures.glob(".*.part"))


def test_ctrl_c_in_a_finalizer_is_heard():
    """Python drops what a finalizer raises, and a compiler at work runs one every other moment."""
    code = """
import os, signal, threading, time
from optviz.cli import _run

class Slow:
    def __del__(self):
        time.sleep(0.6)

_run.prepare()
threading.Timer(0.2, os.kill, [os.getpid(), signal.SIGINT]).start()
try:
    Slow()
    time.sleep(60)
except KeyboardInterrupt:
    print("heard")
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=30, check=True)
    assert (done.stdout, done.stderr) == ("heard\n", "")

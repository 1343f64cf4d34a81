"""``-o -``: a file on standard output and nothing else there."""

import io
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from optviz import drawing, writers
from optviz.cli._app import COMMANDS
from tests.cli.batch_results import RESULTS
from tests.cli.test_bad_input import refused

MAGIC = {"gif": b"GIF89a", "apng": b"\x89PNG", "png": b"\x89PNG", "webp": b"RIFF", "avif": b"\0\0\0", "pdf": b"%PDF"}
MAGIC |= {"svg": b"<?xml", "json": b"{", "npz": b"PK"}
SMALL = ["--optimizers", "sgd", "--steps", "9", "--lr", "0.001", "--size", "480x360"]


def piped(*arguments, **more):
    """A command whose standard output is a pipe."""
    line = [sys.executable, "-m", "optviz", *arguments]
    return subprocess.run(line, capture_output=True, timeout=120, **more)


@pytest.mark.thin(3)
@pytest.mark.parametrize("format", MAGIC)
def test_a_pipe_holds_the_file_and_nothing_else(here, format):
    moving = ["--frames", "2"] if format in ("gif", "apng", "webp", "avif") else []
    done = piped("animate", "saddle", *SMALL, *moving, "-o", "-", "--format", format, "-o", f"a.{format}", cwd=here)
    assert done.returncode == 0, done.stderr
    assert done.stdout == (here / f"a.{format}").read_bytes() and done.stdout.startswith(MAGIC[format])
    assert f"a.{format}" in done.stderr.decode() and b"at step 9" in done.stderr


def test_a_pipe_that_nobody_reads_is_no_error_worth_a_word(here):
    line = f"{sys.executable} -m optviz animate saddle {' '.join(SMALL)} -q -o - --format png | head -c 4"
    done = subprocess.run(["bash", "-c", line], cwd=here, capture_output=True, timeout=120)
    assert (done.stdout, done.stderr) == (b"\x89PNG", b"")
    assert os.listdir(here) == []


REFUSED = [
    ("-o -", "-o - has no ending that tells the format. Name it: --format png"),
    ("-o - --format gfi", "unknown format 'gfi'. Did you mean 'gif'?"),
    ("-o - --format md", "a .md file holds a comparison"),
    ("--format png", "--format is the format of -o -. Leave it out"),
    ("-o a.png --format png", "--format is the format of -o -. Leave it out"),
    ("-o - --format png --json", "-o - stands beside --json"),
    ("-o - -o - --format png", "-o: - is named twice"),
    ("-o - --format png --fps 10", "--fps stands without a moving picture"),
]


@pytest.mark.parametrize(("more", "words"), REFUSED)
def test_what_cannot_be_is_refused_before_any_work(inside, here, undrawn, more, words):
    done = inside("animate", "saddle", *more.split())
    refused(done)
    assert words in done.err and not undrawn


def test_one_picture_goes_to_one_place(inside, here, undrawn):
    done = inside("basins", "saddle", "--picture", "basins,values", "-o", "-", "--format", "png")
    refused(done)
    assert "-o - holds one picture, and --picture names 2" in done.err
    assert inside("plot", "saddle", "-o", "-", "--format", "png").code == 0


class Terminal(io.StringIO):
    """A stream that says that somebody looks at it."""

    def __init__(self):
        super().__init__()
        self.buffer = io.BytesIO()

    def isatty(self):
        return True


@pytest.mark.parametrize("format", writers.FORMATS.names())
def test_only_text_is_for_a_terminal(here, asked, monkeypatch, capsys, format):
    from optviz.cli import _run

    monkeypatch.setattr(sys, "stdout", Terminal())
    code = _run.run(["animate", "saddle", "-o", "-", "--format", format, "-q"])
    text = format in ("svg", "json", "html")
    said = "" if text else "holds a" if format in ("csv", "md") else f"a terminal cannot show a .{format} file"
    assert (code, said in capsys.readouterr().err) == (0 if text else 2, True)
    assert bool(sys.stdout.buffer.getvalue()) == text


def test_a_stream_that_takes_no_bytes(here, asked, monkeypatch, capsys):
    from optviz.cli import _run

    monkeypatch.setattr(sys, "stdout", io.StringIO())
    assert _run.run(["animate", "saddle", "-o", "-", "--format", "json"]) == 2
    assert "standard output takes only text here" in capsys.readouterr().err


def test_every_command_that_draws_can(inside, here, asked):
    """Where there is -o there is --format."""
    for command in COMMANDS:
        usage = inside(command, "--help").out
        assert ("--output" in usage) == ("--format" in usage), command


def test_in_python_a_file_may_be_open(here):
    file = io.BytesIO()
    assert drawing.draw(RESULTS["animate"], file, "a.json", format="json") == [Path("a.json")]
    assert json.loads(file.getvalue()) == json.loads((here / "a.json").read_text())

"""The command line inside another program: any streams will do, and everything is as it was afterwards."""

import contextlib
import io
import os
import signal
import subprocess
import sys
import threading
import warnings

import pytest

from optviz.cli import main


class Bare:
    """What some programs put in the place of standard output."""

    def __init__(self):
        self.text = ""

    def write(self, text):
        self.text += text


class Notebook(io.TextIOBase):
    """As ipykernel's streams are: no bytes below, nothing to reconfigure."""

    encoding = "UTF-8"

    def __init__(self):
        self.text = ""

    def write(self, text):
        self.text += text
        return len(text)


def call(*arguments):
    """The exit code of `main`."""
    before = sys.argv
    sys.argv = ["optviz", *arguments]
    try:
        with pytest.raises(SystemExit) as end:
            main()
    finally:
        sys.argv = before
    return end.value.code


def said(stream):
    return stream.getvalue() if isinstance(stream, io.StringIO) else stream.text


@pytest.mark.parametrize("kind", [io.StringIO, Bare, Notebook])
def test_streams_of_any_kind(here, kind):
    out, err = kind(), kind()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        assert call("show", "adam", "--json") == 0
        assert call("animate", "sphere", "--optimizers", "adma") == 2
        assert call("plot", "sphere", "--optimizers", "sgd", "--lr", "0.1", "--steps", "5", "-o", "a.svg") == 0
        assert call("--help") == 0
        assert call("cache", "verify") == 0
    assert '"adam"' in said(out) and "a.svg" in said(out)
    assert said(err).startswith("error: ")
    assert (here / "a.svg").exists()


def test_streams_that_are_not_there(here, monkeypatch):
    for name in ("stdout", "stderr", "stdin"):
        monkeypatch.setattr(sys, name, None)
    assert call("show", "adam") == 0
    assert call("animate", "sphere", "--optimizers", "adma") == 2
    for lost in (["-o", "-", "--format", "png"], ["--json"]):  # before anything is run
        assert call("animate", "sphere", *lost) == 2
    assert (sys.stdout, sys.stderr) == (None, None)
    closed = io.StringIO()
    closed.close()
    monkeypatch.setattr(sys, "stdout", closed)
    assert call("show", "adam") == 0
    assert sys.stdout is closed


def test_everything_is_as_it_was_afterwards(capsys):
    def state():
        handlers = [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)]
        hooks = [warnings.showwarning, sys.unraisablehook, threading.excepthook, sys.excepthook]
        return [sys.stdout, sys.stderr, sys.stdout.errors, *hooks, *handlers]

    before = state()
    assert call("list", "functions") == 0
    assert state() == before


@pytest.mark.parametrize("interactive", [["-i"], []])
def test_a_session_in_which_somebody_types_goes_on(tmp_path, interactive):
    """As in a notebook after ``%run -m optviz``, whose process is not ours to end."""
    program = """
import runpy, sys
if not sys.flags.interactive:
    sys.ps1 = ">>> "
sys.argv = ["optviz", "--version"]
try:
    runpy.run_module("optviz", run_name="__main__", alter_sys=True)
except SystemExit as end:
    print("goes on after", end.code)
"""
    done = subprocess.run(
        [sys.executable, *interactive, "-c", program],
        cwd=tmp_path,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
        env=os.environ | {"PYTHONINSPECT": ""},
    )
    assert done.stdout.splitlines()[-1] == "goes on after 0"

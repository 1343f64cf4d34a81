"""How a process ends: by itself, by Ctrl-C, by a terminal that is closed, by a request to end, and by force."""

import os
import random
import signal
import subprocess
import sys
import time

import pytest

pytestmark = pytest.mark.skipif(os.name != "posix", reason="signals are POSIX")

CODES = {signal.SIGINT: 130, signal.SIGTERM: 143, signal.SIGHUP: 129}
RACE = ["animate", "sphere", "--optimizers", "sgd", "--lr", "0.1", "--steps", "20", "--quiet", "-o", "a.gif"]


def start(folder, arguments, **options):
    return subprocess.Popen(
        [sys.executable, "-m", "optviz", *arguments],
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        **options,
    )


def seconds(folder, arguments):
    """How long a command takes, which has been run before."""
    begin = time.monotonic()
    with start(folder, arguments) as running:
        running.communicate()
    assert running.returncode == 0
    return time.monotonic() - begin


def ended(folder, arguments, after, number, **options):
    """Start a command, send it a signal, and give its exit code and what it said on standard error."""
    running = start(folder, arguments, **options)
    try:
        time.sleep(after)
        running.send_signal(number)
        _, err = running.communicate(timeout=60)
        return running.returncode, err
    finally:
        if running.poll() is None:
            running.kill()
            running.communicate()


def leftovers(folder):
    return [path for path in folder.rglob("*") if path.name.startswith(".optviz")]


@pytest.mark.parametrize("number", CODES)
def test_a_signal_in_the_last_moments(tmp_path, number):
    whole = min(seconds(tmp_path, ["list", "functions"]) for _ in range(2))
    generator = random.Random(number)
    for _ in range(5):
        code, err = ended(tmp_path, ["list", "functions"], whole * generator.uniform(0.75, 1.05), number)
        assert code in (0, CODES[number])
        assert err == ""


@pytest.mark.slow
@pytest.mark.parametrize("number", CODES)
def test_a_signal_at_any_moment_of_a_race(tmp_path, number):
    seconds(tmp_path, RACE)
    whole = min(seconds(tmp_path, RACE) for _ in range(2))
    for file in tmp_path.iterdir():
        file.unlink()
    generator, codes = random.Random(number), []
    for turn in range(12):
        low, high = (0.3, 1.0) if turn < 4 else (0.85, 1.05)  # the last moments above all
        code, err = ended(tmp_path, RACE, whole * generator.uniform(low, high), number)
        assert code in (0, CODES[number]), err
        assert "Traceback" not in err and len(err.splitlines()) <= 5
        assert not leftovers(tmp_path)
        codes.append(code)
    assert CODES[number] in codes


@pytest.mark.slow
def test_a_race_that_is_killed_leaves_nothing(tmp_path):
    if not hasattr(os, "O_TMPFILE"):
        pytest.skip("nameless files are Linux's")
    whole = min(seconds(tmp_path, RACE) for _ in range(2))
    generator = random.Random(0)
    for _ in range(12):
        code, _ = ended(tmp_path, RACE, whole * generator.uniform(0.4, 1.0), signal.SIGKILL)
        assert code in (0, -signal.SIGKILL)
        assert not leftovers(tmp_path)


def children(process):
    """The processes that a process has started."""
    with open(f"/proc/{process.pid}/task/{process.pid}/children") as file:
        return [int(text) for text in file.read().split()]


def runs(number):
    try:
        with open(f"/proc/{number}/stat") as file:
            return file.read().rpartition(")")[2].split()[0] not in "ZX"
    except FileNotFoundError:
        return False


@pytest.mark.slow
@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="/proc is Linux's")
@pytest.mark.parametrize("number", CODES)
def test_workers_end_with_the_process_that_started_them(tmp_path, number):
    arguments = ["train", "--optimizers", "sgd,adam", "--epochs", "1000", "--engine", "processes", "--jobs", "2"]
    running = start(tmp_path, arguments)
    deadline = time.monotonic() + 200
    while len(children(running)) < 3 and time.monotonic() < deadline:  # the workers and who keeps track of them
        time.sleep(0.1)
    time.sleep(1)
    workers = children(running)
    assert len(workers) >= 3
    running.send_signal(number)
    _, err = running.communicate(timeout=60)  # which waits until no child holds the pipes any more
    assert running.returncode == CODES[number], err
    assert "Traceback" not in err
    time.sleep(1)
    assert not any(map(runs, workers))


def test_a_signal_that_is_ignored_stays_ignored(tmp_path):
    """As under nohup."""
    code, err = ended(
        tmp_path,
        ["list", "functions"],
        0.05,
        signal.SIGHUP,
        preexec_fn=lambda: signal.signal(signal.SIGHUP, signal.SIG_IGN),
    )
    assert (code, err) == (0, "")


ESCAPING = """
import os, signal, sys
from optviz.cli import {where}, program
def interrupted(*arguments):
    signal.raise_signal(signal.SIG{number})
    return 0
{place} = interrupted
sys.argv = ["optviz", "--version"]
program()
"""


@pytest.mark.parametrize("number", CODES)
@pytest.mark.parametrize(
    ("where", "place"),
    [
        ("_run", "_run.run"),
        ("_errors", "_errors.explain"),
        ("_run", "_run.prepare"),
        ("_signals", "_signals.leave"),
    ],
)
def test_signals_between_the_lines(tmp_path, number, where, place):
    """In the very places in which no handler of a command stands any more."""
    program = ESCAPING.format(where=where, place=place, number=signal.Signals(number).name[3:])
    if place == "_errors.explain":
        program = program.replace('"--version"', '"--no-such-option"')
    if place == "_signals.leave":  # the first time, as it begins
        program = program.replace(
            "def interrupted(*arguments):", "really = _signals.leave\ndef interrupted(code):"
        ).replace(
            f"    signal.raise_signal(signal.SIG{signal.Signals(number).name[3:]})\n    return 0",
            f"    _signals.leave = really\n    signal.raise_signal(signal.SIG{signal.Signals(number).name[3:]})",
        )
    done = subprocess.run([sys.executable, "-c", program], cwd=tmp_path, capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stderr) == (CODES[number], "")


@pytest.mark.parametrize("number", CODES)
def test_compiled_code_that_makes_an_error_of_an_interruption(tmp_path, number):
    """As matplotlib's does with whatever is raised in the arguments that it is given."""
    program = f"""
import signal, sys
from optviz.cli import _app, program
def app(*arguments, **options):
    try:
        signal.raise_signal({int(number)})
    except KeyboardInterrupt:
        pass
    raise TypeError("incompatible function arguments")
_app.app = app
sys.argv = ["optviz", "list", "functions"]
program()
"""
    done = subprocess.run([sys.executable, "-c", program], cwd=tmp_path, capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stderr) == (CODES[number], "")

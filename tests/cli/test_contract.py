"""Exit codes, streams and tracebacks, the same for every command."""

import inspect
import os
import subprocess
import sys

import pytest

from optviz.cli._app import COMMANDS
from optviz.cli._errors import EXIT_CODES
from optviz.errors import DataError, MissingError, OptvizError, UsageTypeError

OPTVIZ = f"{sys.executable} -m optviz"

COMPUTING = {  # commands that take --device, as they are typed
    name: [name, "sphere"] if "function" in inspect.signature(command.function).parameters else [name]
    for name, command in COMMANDS.items()
    if "device" in inspect.signature(command.function).parameters
}


class Reached(Exception):
    """The command got as far as the work itself."""


@pytest.fixture
def without_gpu(monkeypatch):
    """No device here, and runs that do not begin."""

    def reached(*arguments, **options):
        raise Reached

    monkeypatch.setattr("optviz.kernels.devices.missing", lambda: ("no GPU here", "Buy one."))
    for home in ("race", "basins", "sweep", "swarm", "study"):
        monkeypatch.setattr(f"optviz.runs.points.{home}.{home}", reached)
    for name in ("train", "journal_of"):
        monkeypatch.setattr(f"optviz.runs.networks.training.{name}", reached)


def shell(line, folder, **variables):
    environment = {name: value for name, value in os.environ.items() if name != "OPTVIZ_TRACEBACK"} | variables
    return subprocess.run(
        ["bash", "-o", "pipefail", "-c", line], cwd=folder, env=environment, capture_output=True, timeout=60
    )


@pytest.mark.parametrize(
    ("error", "code", "lines"),
    [
        (OptvizError("cannot write x: no space", "Free some."), 1, ["error: cannot write x: no space", "Free some."]),
        (UsageTypeError("lr is 'x'", "It must be a number."), 2, ["error: lr is 'x'. It must be a number."]),
        (MissingError("no GPU here", "Use --device cpu."), 3, ["error: no GPU here", "Use --device cpu."]),
        (DataError("x is damaged"), 1, ["error: x is damaged"]),
        (ImportError("No module named 'x'"), 3, ["error: No module named 'x'", "Install it again, or remove the"]),
        (OSError(28, "No space left on device", "x.gif"), 1, ["error: x.gif: No space left on device"]),
        (MemoryError(), 1, ["error: there is not enough memory for this", "Ask for fewer steps,"]),
        (ZeroDivisionError("division by zero"), 101, ["error: ZeroDivisionError: division by zero", "This is a mist"]),
        (KeyboardInterrupt(), 130, []),
        (BaseExceptionGroup("several", [KeyError("x")]), 101, ["error: ExceptionGroup: several", "This is a mistake"]),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, BaseException) else "",
)
@pytest.mark.parametrize("traceback", [None, "-vv", "OPTVIZ_TRACEBACK"])
def test_every_error_has_its_exit_code_and_few_words(inside, monkeypatch, error, code, lines, traceback):
    def fail(*arguments, **options):
        raise error

    monkeypatch.delenv("OPTVIZ_TRACEBACK", raising=False)
    if traceback == "OPTVIZ_TRACEBACK":
        monkeypatch.setenv(traceback, "1")
    monkeypatch.setattr("optviz.runs.points.race.race", fail)
    done = inside("animate", "sphere", *(["-vv"] if traceback == "-vv" else []))
    assert done.code == code
    assert done.code in EXIT_CODES
    assert done.out == ""
    said = done.err.splitlines()
    if traceback and lines:
        assert "Traceback (most recent call last):" in said[0]
        said = said[-len(lines) :]
    assert len(said) == len(lines)
    for line, expected in zip(said, lines, strict=True):
        assert line.startswith(expected)


def test_ctrl_c_while_a_compiled_module_is_loaded(inside, monkeypatch):
    def fail(*arguments, **options):
        raise ImportError("initialization failed") from KeyboardInterrupt()

    monkeypatch.setattr("optviz.runs.points.race.race", fail)
    done = inside("animate", "sphere")
    assert (done.code, done.out, done.err) == (130, "", "")


@pytest.mark.parametrize("command", COMPUTING.values(), ids=COMPUTING)
@pytest.mark.parametrize(
    ("device", "code", "said"),
    [
        ("cuda", 3, ["error: no GPU here", "Buy one."]),
        ("gpu", 2, ["error: unknown device 'gpu'. Did you mean 'cuda'? Choose from: cpu, cuda, auto"]),
        ("", 2, ["error: unknown device ''. Choose from: cpu, cuda, auto"]),
        ("cpu", 101, ["error: Reached "]),
        ("auto", 101, ["device: cpu: no GPU here", "error: Reached "]),
    ],
)
def test_a_device_that_is_not_here(inside, without_gpu, command, device, code, said):
    done = inside(*command, "--device", device)
    assert (done.code, done.out) == (code, "")
    assert [line.strip() for line in done.err.splitlines()[: len(said)]] == [line.strip() for line in said]
    assert "device:" not in inside(*command, "--device", "auto", "--quiet").err


def test_a_reader_that_stops_is_no_error_worth_a_word(here):
    done = shell(f"{OPTVIZ} list functions | head -n 1", here)
    assert done.stderr == b""
    assert done.stdout.count(b"\n") == 1


def test_a_closed_output_is_no_error(here):
    done = shell(f"{OPTVIZ} list functions >&-", here)
    assert (done.returncode, done.stderr) == (0, b"")


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="needs /dev/full")
def test_a_full_output_is_an_error(here):
    done = shell(f"{OPTVIZ} list functions >/dev/full", here)
    assert done.returncode == 1
    assert done.stderr == b"error: No space left on device\n"


@pytest.mark.parametrize(
    "variables",
    [
        {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
        {"PYTHONIOENCODING": "latin-1"},
        {"COLUMNS": "0", "LINES": "0"},
        {"COLUMNS": "10", "HOME": "/nowhere"},
        {"TERM": "dumb", "NO_COLOR": "1", "FORCE_COLOR": "1"},
    ],
    ids=str,
)
def test_any_terminal_will_do(here, variables):
    done = shell(f"{OPTVIZ} show adam && {OPTVIZ} animate --help", here, **variables)
    assert (done.returncode, done.stderr) == (0, b"")
    assert b"adam" in done.stdout
    assert b"\x1b" not in done.stdout


def test_a_file_name_that_is_not_utf8_is_named_as_it_is(here):
    done = shell(f"{OPTVIZ} animate sphere -o $'no\\xff/x.gif'", here)
    assert done.returncode == 2
    assert b"no\xff" in done.stderr


def test_python_m_optviz_and_the_script_are_the_same(here):
    script = os.path.join(os.path.dirname(sys.executable), "optviz")
    if not os.path.exists(script):
        pytest.skip("optviz is not installed")
    assert shell(f"{script} --version", here).stdout == shell(f"{OPTVIZ} --version", here).stdout


@pytest.mark.parametrize("tool", ["bash", "zsh"])
def test_completion_scripts_are_sound(here, tool):
    if subprocess.run(["which", tool], capture_output=True).returncode:
        pytest.skip(f"{tool} is not installed")
    done = shell(f"_OPTVIZ_COMPLETE=source_{tool} {OPTVIZ} > complete && {tool} -n complete && cat complete", here)
    assert done.returncode == 0, done.stderr
    assert b"_OPTVIZ_COMPLETE" in done.stdout

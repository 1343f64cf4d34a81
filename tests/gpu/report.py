"""A report in Markdown that grows: written anew after every line, so that whatever comes keeps what there is."""

import argparse
import contextlib
import math
import os
import signal
import subprocess
import sys
import time
import traceback
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[2]
PYTHON = sys.executable
POSIX = os.name == "posix"  # where processes have sessions, and can be told to stop
PASSED, FAILED, ABSENT, LATE = "passed", "failed", "left out", "out of time"


class Wrong(Exception):
    """What a part has found is not right."""


class Missing(Exception):
    """What a part needs is not installed; says how to get it."""


class Late(Exception):
    """The time is over."""


class Part(NamedTuple):
    """A part that has ended: its title, how, and after how many seconds."""

    title: str
    outcome: str
    seconds: float


def asked(parser: argparse.ArgumentParser, name: str, minutes: float) -> None:
    """What the command line says of a report: where it is written, and how long it may take."""
    parser.add_argument("-o", "--output", type=Path, default=Path(name), help=f"by default {name}")
    parser.add_argument("--minutes", type=_minutes, default=minutes, help=f"at most; by default {minutes:g}")


def _minutes(text: str) -> float:
    with contextlib.suppress(ValueError):
        if 0 < (minutes := float(text)) < math.inf:
            return minutes
    raise argparse.ArgumentTypeError(f"{text} is no number of minutes above 0")


def begun(parser: argparse.ArgumentParser, given: argparse.Namespace, title: str, note: str) -> "Report":
    """The report that was asked for; the exit code is 2 where it cannot be written."""
    report = Report(given.output, title, given.minutes, note)
    try:
        report.write()
    except OSError as error:
        parser.error(f"cannot write {given.output}: {error.strerror}: choose another place with -o")
    return report


class Report:
    """What a script finds, part after part, within a number of minutes.

    Parameters
    ----------
    path : Path
        Where it is written.
    title : str
    minutes : float
        All parts together, from now on.
    note : str
        A paragraph below the title.
    """

    def __init__(self, path: Path, title: str, minutes: float, note: str = ""):
        self.path, self.parts = path, list[Part]()
        self._head, self._lines = [f"# {title}", *(["", note] if note else [])], list[str]()
        self._end = time.monotonic() + 60 * minutes

    def left(self) -> float:
        """Seconds until the time is over."""
        return self._end - time.monotonic()

    def part(self, title: str, work: Callable[[], Iterable[str]]) -> bool:
        """Write what `work` says, line by line; whatever it raises is written as well. Whether all went well."""
        print(f"\n## {title}\n", flush=True)
        begin, outcome = time.monotonic(), PASSED
        self._lines += ["", f"## {title}", ""]
        try:
            if self.left() <= 0:
                raise Late("no time was left")
            for line in work():
                self._say(line)
        except Wrong as error:
            outcome = FAILED
            self._say(f"**{error}**")
        except Missing as error:
            outcome = ABSENT
            self._say(f"Left out: {error}")
        except Late as error:
            outcome = LATE
            self._say(f"**Out of time: {error}**")
        except Exception as error:
            outcome = FAILED
            self._say(f"**{type(error).__name__}: {error}**")
            self._say(block(traceback.format_exc().splitlines()[-12:]))
        self.parts.append(Part(title, outcome, time.monotonic() - begin))
        self.write()
        return outcome == PASSED

    @property
    def well(self) -> bool:
        """Whether nothing failed or ran out of time."""
        return all(part.outcome in (PASSED, ABSENT) for part in self.parts)

    def write(self) -> None:
        rows = [(part.title, part.outcome, f"{part.seconds:.0f}") for part in self.parts]
        summary = ["", table(("part", "outcome", "seconds"), rows)] if rows else []
        self.path.write_text("\n".join([*self._head, *summary, *self._lines]) + "\n")

    def _say(self, line: str) -> None:
        print(line, flush=True)
        self._lines.append(line)
        self.write()


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table whose first column is text and whose other columns are numbers."""
    lines = [head, ["---", *["---:"] * (len(head) - 1)], *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def block(lines: Iterable[str]) -> str:
    """Lines as they are."""
    return "\n".join(["", "```text", *lines, "```", ""])


def items(facts: Mapping[str, str]) -> Iterable[str]:
    """A list of facts, as a table."""
    yield table(("what", "here"), facts.items())


def run(command: Sequence[str], seconds: float, **environment: str) -> subprocess.CompletedProcess[str]:
    """A process of its own that has some seconds, after which it and what it started end and `Late` is raised."""
    if seconds <= 0:
        raise Late("no time was left")
    process = subprocess.Popen(
        command,
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": str(ROOT)} | environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        errors="replace",
        start_new_session=True,
    )
    try:
        said = process.communicate(timeout=seconds)
    except subprocess.TimeoutExpired as error:
        raise Late(f"not ended after {seconds:.0f} s: {' '.join(command)}") from error
    finally:
        end(process)
    return subprocess.CompletedProcess(command, process.returncode, *said)


def end(process: subprocess.Popen) -> None:
    """End a process that leads a session, and whatever it has started where that can be known."""
    if process.poll() is None:
        if POSIX:
            os.killpg(process.pid, signal.SIGKILL)
        else:
            process.kill()
        process.wait()
    for stream in (process.stdout, process.stderr):
        if stream:
            stream.close()


def last_line(done: subprocess.CompletedProcess[str]) -> str:
    """Why a process has ended, in a line."""
    said = [line for line in (done.stderr or done.stdout).splitlines() if line.strip()]
    return said[-1].strip() if said else f"it ended with {done.returncode} and said nothing"

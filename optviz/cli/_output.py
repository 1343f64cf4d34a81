"""What commands say: results on standard output, everything else on standard error, where -q silences it."""

import os
import shutil
import sys
import textwrap
import threading
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from optviz.cli import _run
from optviz.errors import printable
from optviz.results.words import json_text

SCHEMA = 1
HANGING = 4 * " "  # before what goes on on the next line


def print_json(document: dict[str, Any]) -> None:
    """Print one JSON document: indented on a terminal, compact in a pipe."""
    indent, separators = (2, (",", ": ")) if sys.stdout.isatty() else (None, (",", ":"))
    text = {"schema": SCHEMA} | document
    print(json_text(text, indent=indent, separators=separators))


def print_table(rows: Sequence[Sequence[str]], heading: Sequence[str] = ()) -> None:
    """Print aligned columns, the last one ragged."""
    for line in fitted(_aligned(rows, heading), room(sys.stdout)):
        print(line)


def print_line(text: str) -> None:
    """Print a line."""
    for line in fitted([printable(text)], room(sys.stdout)):
        print(line)


def print_path(path: str | os.PathLike) -> None:
    """Print a path: to a program as it is, to a terminal as it can be shown."""
    print(printable(str(path)) if sys.stdout.isatty() else path)


def note_table(rows: Sequence[Sequence[str]], heading: Sequence[str] = ()) -> None:
    """The same for people, on standard error."""
    for line in _aligned(rows, heading):
        note(line)


def note(text: str) -> None:
    """A line for people, on standard error."""
    if not _run.quiet:
        for line in fitted([printable(text)], room(sys.stderr)):
            print(line, file=sys.stderr)


def room(stream: Any) -> int | None:
    """The columns of a terminal; None where there is none, and lines may be as long as they are."""
    return shutil.get_terminal_size().columns if stream.isatty() else None


def fitted(lines: Iterable[str], room: int | None) -> Iterator[str]:
    """Lines that are broken between words where they are too long, and go on indented."""
    for line in lines:
        if room is None or len(line) <= room:
            yield line
        else:
            yield from textwrap.wrap(
                line.rstrip(), max(room, 20), subsequent_indent=HANGING, break_long_words=False, break_on_hyphens=False
            )


def _aligned(rows: Sequence[Sequence[str]], heading: Sequence[str]) -> Iterator[str]:
    lines = [list(map(printable, line)) for line in ([heading, *rows] if heading else rows)]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    for line in lines:
        yield "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()


@contextmanager
def stage(name: str) -> Iterator[None]:
    """Say with ``-v`` how long a part of the work took."""
    begin = time.perf_counter()
    yield
    if _run.verbosity:
        note(f"{name}: {time.perf_counter() - begin:.2f} s")


class Watcher:
    """A progress bar on standard error, or nothing where nobody would see it move."""

    def __init__(self, bar: Any = None):
        self._bar = bar
        self._task = None
        self._name = ""

    def begin(self, name: str, total: int | None = None) -> None:
        """Start a part of the work; without a total the bar only says that something goes on."""
        if self._bar is not None:
            if self._task is not None:
                self._bar.remove_task(self._task)
            self._name = printable(name)
            self._task = self._bar.add_task(self._name, total=total)

    def __call__(self, done: float, total: float, text: str | None = None) -> None:
        """Move the bar of the current part."""
        if self._bar is not None and self._task is not None:
            words = printable(text) if text else self._name
            self._bar.update(self._task, completed=done, total=total or None, description=words)

    @contextmanager
    def compiling(self, total: int) -> Iterator[None]:
        """Count kernels while a part of the work has to wait for one; where all are on disk, nothing is said of them.

        Parameters
        ----------
        total : int
            How many the part needs, see `optviz.runs.points.needed`.
        """
        if self._bar is None:
            yield
            return
        from optviz.kernels import cache

        ready, waiting, lock = 0, 0, threading.Lock()

        def tell(state: str) -> None:
            nonlocal ready, waiting
            with lock:
                compiled = waiting > 0 and state == cache.READY
                ready += state == cache.READY
                waiting += (state == cache.COMPILING) - compiled
                all_of_them = max(total, ready + waiting)
                if waiting:
                    self(ready, all_of_them, f"compiling once, {ready} of {all_of_them}")
                elif compiled:
                    self(0, 0)

        cache.listener = tell
        try:
            yield
        finally:
            cache.listener = None


@contextmanager
def watching(no_progress: bool) -> Iterator[Watcher]:
    """A progress bar for the length of a command, gone when it ends."""
    if _run.quiet or no_progress or not sys.stderr.isatty():
        yield Watcher()
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn

    columns = (
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        TaskProgressColumn(),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        yield Watcher(bar)

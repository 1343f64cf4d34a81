"""What is printed: lines that fit the terminal, names that cannot steer it, documents, and a progress bar."""

import os
import shutil
import sys
import textwrap
import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from optviz.errors import printable
from optviz.results.words import json_text

SCHEMA = 1
HANGING = 4 * " "  # before what goes on on the next line


def is_closed(stream: Any) -> bool:
    """Whether what is printed is lost, since `optviz.cli._run.prepare` had to put a stream in the place of none."""
    return getattr(stream, "name", None) == os.devnull


def document(facts: dict[str, Any]) -> None:
    """Print one JSON document: indented on a terminal, compact in a pipe."""
    indent, separators = (2, (",", ": ")) if sys.stdout.isatty() else (None, (",", ":"))
    print(json_text({"schema": SCHEMA} | facts, indent=indent, separators=separators))


def rows(cells: Sequence[Sequence[str]]) -> None:
    """Print aligned columns, the last one ragged."""
    for text in _fitted(aligned(cells), sys.stdout):
        print(text)


def line(text: str) -> None:
    """Print a line."""
    rows([[text]])


def path(name: str | os.PathLike[str]) -> None:
    """Print a path: to a program as it is, to a terminal as it can be shown."""
    print(printable(str(name)) if sys.stdout.isatty() else name)


def on_stderr(lines: Iterable[str]) -> None:
    """Print lines for people."""
    for text in _fitted(map(printable, lines), sys.stderr):
        print(text, file=sys.stderr)


def room(stream: Any) -> int | None:
    """The columns of a terminal; None where there is none, and lines may be as long as they are."""
    return shutil.get_terminal_size().columns if stream.isatty() else None


def aligned(cells: Sequence[Sequence[str]]) -> Iterator[str]:
    """Lines whose columns stand below each other."""
    lines = [list(map(printable, row)) for row in cells]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    for row in lines:
        yield "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()


def _fitted(lines: Iterable[str], stream: Any) -> Iterator[str]:
    """Lines that are broken between words where the terminal is narrower, and go on indented."""
    columns = room(stream)
    wrapper = textwrap.TextWrapper(subsequent_indent=HANGING, break_long_words=False, break_on_hyphens=False)
    for text in lines:
        if columns is None or len(text) <= columns:
            yield text
        else:
            wrapper.width = max(columns, 20)
            yield from wrapper.wrap(text.rstrip())


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
        """Count kernels while a part of the work waits for one of so many; nothing is said where all are on disk."""
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
                most = max(total, ready + waiting)
                if waiting:
                    self(ready, most, f"compiling once, {ready} of {most}")
                elif compiled:
                    self(0, 0)

        cache.listener = tell
        try:
            yield
        finally:
            cache.listener = None


@contextmanager
def watching(silent: bool) -> Iterator[Watcher]:
    """A progress bar for the length of a part of the work, gone when it ends."""
    if silent or not sys.stderr.isatty():
        yield Watcher()
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn

    columns = TextColumn("{task.description}", markup=False), BarColumn(), TaskProgressColumn(), TimeElapsedColumn()
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        yield Watcher(bar)

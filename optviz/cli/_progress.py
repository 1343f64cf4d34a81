"""The progress bar of a command, on standard error."""

import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from optviz.errors import printable


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

"""Ctrl-C that waits for a compilation: raised in the middle of one, it can end the process inside the compiler."""

import contextlib
import signal
import threading
from collections.abc import Iterator


@contextlib.contextmanager
def patience() -> Iterator[None]:
    """Keep Ctrl-C until the end of the block, which takes a part of a second at most.

    Only the main thread gets it, so that nothing happens in others, nor where somebody handles it otherwise than by a
    Python function.
    """
    before = signal.getsignal(signal.SIGINT)
    if threading.current_thread() is not threading.main_thread() or not callable(before):
        yield
        return
    kept: list[tuple] = []
    signal.signal(signal.SIGINT, lambda *given: kept.append(given))
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
        if kept:
            before(*kept[0])

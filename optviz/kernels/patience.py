"""Ctrl-C that waits for a compilation: raised in the middle of one, it can end the process inside the compiler."""

import contextlib
import signal
import threading
from collections.abc import Iterator

SIGNALS = [getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)]


@contextlib.contextmanager
def patience() -> Iterator[None]:
    """Keep Ctrl-C, and other signals that end a command, until the end of the block, a part of a second at most.

    Only the main thread gets them, so that nothing happens in others, nor where somebody handles them otherwise than by
    a Python function.
    """
    before = {number: signal.getsignal(number) for number in SIGNALS}
    heard = {number: handler for number, handler in before.items() if callable(handler)}
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    kept: list[tuple] = []
    for number in heard:
        signal.signal(number, lambda *given: kept.append(given))
    try:
        yield
    finally:
        for number, handler in heard.items():
            signal.signal(number, handler)
        if kept:
            heard[kept[0][0]](*kept[0])

"""Ctrl-C that waits for a compilation: raised in the middle of one, it can end the process inside the compiler."""

import contextlib
import signal
import threading
from collections.abc import Iterator

SIGNALS = [getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)]


@contextlib.contextmanager
def delay_interrupt() -> Iterator[None]:
    """Keep Ctrl-C, and other signals that end a command, until the end of the block, a part of a second at most.

    Nothing happens outside the main thread, which alone gets signals, nor to signals that no Python function handles.
    """
    handlers = {number: handler for number in SIGNALS if callable(handler := signal.getsignal(number))}
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    kept: list[tuple] = []
    for number in handlers:
        signal.signal(number, lambda *given: kept.append(given))
    try:
        yield
    finally:
        for number, handler in handlers.items():
            signal.signal(number, handler)
        if kept:
            handlers[kept[0][0]](*kept[0])

"""What ends a command from outside: Ctrl-C, a terminal that is closed, a request to end; and how the process ends.

All of them arrive as KeyboardInterrupt, so that whatever is kept after Ctrl-C is kept after the others too.
"""

import contextlib
import os
import signal
import sys
from types import FrameType, TracebackType
from typing import NoReturn

PATIENCE = 0.5  # seconds for what others want done at the end of an interrupted process

_heard = signal.SIGINT  # the first of those that were sent


def listen() -> None:
    """Hear SIGTERM and SIGHUP; one that is ignored, as under nohup, stays ignored."""
    for name in ("SIGTERM", "SIGHUP"):
        number = getattr(signal, name, None)
        if number is not None and signal.getsignal(number) == signal.SIG_DFL:
            signal.signal(number, _interrupt)


def code() -> int:
    """The exit code of a command that was interrupted."""
    return 128 + _heard


def _interrupt(number: int, frame: FrameType | None) -> NoReturn:
    global _heard
    if _heard == signal.SIGINT:
        _heard = signal.Signals(number)
    raise KeyboardInterrupt


def escaped(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    """In place of `sys.excepthook`: Ctrl-C that nobody catches any more ends the process as any other."""
    if issubclass(kind, KeyboardInterrupt):
        leave(code())
    sys.__excepthook__(kind, error, trace)


def leave(code: int) -> NoReturn:
    """End the process now, deaf to further signals.

    The interpreter's own way out takes longer, and a signal in the middle of it ends the process by that signal.
    What is worth keeping is on disk; after an interruption threads that still compute do so for nobody.
    """
    import atexit
    import threading

    for name in ("SIGINT", "SIGTERM", "SIGHUP"):
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), signal.SIG_IGN)
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(AttributeError, OSError, ValueError):
            stream.flush()
    if code > 128:
        impatience = threading.Timer(PATIENCE, os._exit, [code])
        impatience.daemon = True
        impatience.start()
    else:
        threading._shutdown()  # type: ignore[attr-defined]
    atexit._run_exitfuncs()  # temporary folders and semaphores
    os._exit(code)

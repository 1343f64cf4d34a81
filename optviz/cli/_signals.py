"""Signals that end a command, Ctrl-C, a closed terminal and a request to end, and how the process ends.

All of them arrive as KeyboardInterrupt, so that what is kept after Ctrl-C is kept after the others too.
"""

import contextlib
import os
import signal
import sys
from types import FrameType, TracebackType
from typing import NoReturn

LAST_SECONDS = 0.5  # for what other code wants done at the end of an interrupted process

NAMES = ("SIGINT", "SIGTERM", "SIGHUP")

_first: int | None = None  # the signal that came first


def listen() -> None:
    """Turn Ctrl-C, SIGTERM and SIGHUP into KeyboardInterrupt; one that is ignored, as under nohup, stays ignored."""
    for name in NAMES:
        number = getattr(signal, name, None)
        if number is not None and signal.getsignal(number) in (signal.SIG_DFL, signal.default_int_handler):
            signal.signal(number, _interrupt)


def heard() -> bool:
    """Whether a signal came: compiled code can turn the interruption of what it calls into an error of its own."""
    return _first is not None


def code() -> int:
    """The exit code of a command that was interrupted."""
    return 128 + (_first or signal.SIGINT)


def _interrupt(number: int, frame: FrameType | None) -> NoReturn:
    global _first
    _first = _first or number
    raise KeyboardInterrupt


def escaped(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    """End the process on a Ctrl-C that nobody catches any more; takes the place of `sys.excepthook`."""
    if issubclass(kind, KeyboardInterrupt):
        leave(code())
    sys.__excepthook__(kind, error, trace)


def leave(code: int) -> NoReturn:
    """End the process now, and ignore further signals.

    The interpreter's own way out takes longer, and a signal in the middle of it ends the process by that signal.
    What is worth keeping is on disk; after an interruption threads that still compute do so for nobody.
    """
    import atexit
    import threading

    for name in NAMES:
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), signal.SIG_IGN)
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(AttributeError, OSError, ValueError):
            stream.flush()
    if code > 128:
        deadline = threading.Timer(LAST_SECONDS, os._exit, [code])
        deadline.daemon = True
        deadline.start()
    else:
        threading._shutdown()  # type: ignore[attr-defined]
    atexit._run_exitfuncs()  # temporary folders and semaphores
    os._exit(code)

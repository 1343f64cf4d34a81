"""From arguments to an exit code: streams, warnings and errors of a process, the same for every command."""

import contextlib
import io
import logging
import os
import signal
import sys
import threading
import warnings
from typing import Any

from optviz.cli import _errors, _signals
from optviz.cli._output import Output
from optviz.errors import printable


def run(arguments: list[str], output: Output | None = None) -> int:
    """Run one command and give its exit code; `output` learns how much is to be said, and is what it is said with."""
    output = output or Output()
    try:
        from optviz.cli._app import app

        result = app(arguments, prog_name="optviz", standalone_mode=False, obj=output)
        sys.stdout.flush()
        code = result if isinstance(result, int) else 0
    except BaseException as error:  # every end of a command passes here, Ctrl-C and sys.exit included
        code = _errors.explain(error, output.verbose > 1)
    return _signals.code() if code == _errors.INTERRUPTED else code


def prepare(output: Output | None = None) -> contextlib.ExitStack:
    """Make the streams of this process usable whatever they are, warnings one line each, and Ctrl-C heard.

    `output` is that of `run`: it decides how much is said of warnings, and of errors that nobody waits for. What is
    returned puts everything back when it is closed.
    """
    output = output or Output()
    before = contextlib.ExitStack()

    def put(owner: Any, name: str, value: Any) -> None:
        before.callback(setattr, owner, name, getattr(owner, name))
        setattr(owner, name, value)

    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        if stream is None or getattr(stream, "closed", False):  # by the caller, or there is no console
            put(sys, name, before.enter_context(open(os.devnull, "w")))
        elif not all(hasattr(stream, method) for method in ("flush", "isatty")):
            put(sys, name, _Stream(stream))
        elif hasattr(stream, "reconfigure"):
            # A file name that is not UTF-8 comes back as its own bytes; elsewhere what cannot be shown becomes "?".
            utf8 = stream.encoding.lower().replace("-", "") == "utf8"
            before.callback(stream.reconfigure, errors=stream.errors)
            stream.reconfigure(errors="surrogateescape" if utf8 else "replace")

    def warn(message: Warning | str, category: type[Warning], *place: Any, **more: Any) -> None:
        # Warnings about numbers and old names are for whoever works on optviz.
        if (category is UserWarning or output.verbose) and not output.quiet:
            print("warning: " + "\n".join(map(printable, str(message).split("\n"))), file=sys.stderr)

    def unraisable(lost: Any) -> None:
        # Python drops what is raised in a finalizer, and the compiler runs many: a Ctrl-C lost there is sent again.
        if issubclass(lost.exc_type, KeyboardInterrupt):
            # A moment later, since here it would be lost once more.
            again = threading.Timer(0.02, os.kill, [os.getpid(), signal.SIGINT])
            again.daemon = True
            again.start()
        elif output.verbose:
            sys.__unraisablehook__(lost)

    def thread_ended(how: Any) -> None:
        # Work in threads reports its errors to the command; what is left are helpers of libraries, cut off by Ctrl-C.
        if output.verbose:
            threading.__excepthook__(how)

    put(warnings, "showwarning", warn)
    # matplotlib explains at length that its configuration folder is read-only; nothing is wrong with the picture.
    logger = logging.getLogger("matplotlib")
    before.callback(logger.setLevel, logger.level)
    logger.setLevel(logging.ERROR)
    put(sys, "unraisablehook", unraisable)
    put(threading, "excepthook", thread_ended)
    return before


class _Stream(io.TextIOBase):
    """What can be written to and nothing else, as programs put in the place of standard output, as a whole stream."""

    def __init__(self, stream: Any):
        self._stream = stream

    def write(self, text: str) -> int:
        self._stream.write(text)
        return len(text)

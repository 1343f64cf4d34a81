"""From arguments to an exit code: streams, errors and interrupts, the same for every command."""

import contextlib
import io
import logging
import os
import signal
import sys
import threading
import traceback
import warnings
from typing import Any, TextIO

from optviz.cli import _signals
from optviz.cli._authors import author_of
from optviz.errors import OptvizError, UsageError, printable
from optviz.registry import suggestion

EXIT_CODES = {
    0: "done; an optimizer that diverged is a result",
    1: "failed: the message says why and what to do",
    2: "the command cannot be understood: an unknown name, option or value",
    3: "something is missing here: a data file, an optional package, a device",
    101: "an error inside optviz: please report it",
    129: "the terminal was closed (SIGHUP); as 130",
    130: "interrupted by Ctrl-C; what was finished is kept and named",
    143: "asked to end (SIGTERM); as 130",
}
INTERRUPTED = 130  # Typer's word as well, whatever the signal was
REPORT = "This is a mistake in optviz. Run again with -vv and send the output to the project's issue tracker."

verbosity = 0  # set by -v and -vv; also decides whether an error shows its traceback
quiet = False  # set by -q: nothing is said on standard error but errors


def run(arguments: list[str]) -> int:
    """Run one command.

    Parameters
    ----------
    arguments : list of str
        What stands behind the program's name.

    Returns
    -------
    int
        One of `EXIT_CODES`.
    """
    global verbosity, quiet
    verbosity, quiet = 0, False
    try:
        from optviz.cli._app import app

        result = app(arguments, prog_name="optviz", standalone_mode=False)
        sys.stdout.flush()
        code = result if isinstance(result, int) else 0
    except BaseException as error:  # every end of a command passes here, Ctrl-C and sys.exit included
        code = _explain(error)
    return _signals.code() if code == INTERRUPTED else code


def prepare() -> contextlib.ExitStack:
    """Make the streams of this process usable whatever they are, warnings one line each, and Ctrl-C heard.

    Returns
    -------
    ExitStack
        Puts everything back when it is closed.
    """
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
    put(warnings, "showwarning", _warn)
    # matplotlib explains at length that its configuration folder is read-only; nothing is wrong with the picture.
    logger = logging.getLogger("matplotlib")
    before.callback(logger.setLevel, logger.level)
    logger.setLevel(logging.ERROR)
    put(sys, "unraisablehook", _unraisable)
    put(threading, "excepthook", _thread_ended)
    return before


class _Stream(io.TextIOBase):
    """What can be written to and nothing else, as programs put in the place of standard output, as a whole stream."""

    def __init__(self, stream: Any):
        self._stream = stream

    def write(self, text: str) -> int:
        self._stream.write(text)
        return len(text)


def _warn(
    message: Warning | str,
    category: type[Warning],
    filename: str,
    lineno: int,
    file: TextIO | None = None,
    line: str | None = None,
) -> None:
    # Warnings about numbers and old names are for whoever works on optviz.
    if (category is UserWarning or verbosity) and not quiet:
        lines = map(printable, str(message).split("\n"))
        print("warning: " + "\n".join(lines), file=sys.stderr)


def _unraisable(lost: Any) -> None:
    """Python drops what is raised in a finalizer, and the compiler runs many: a Ctrl-C lost there is sent again."""
    if issubclass(lost.exc_type, KeyboardInterrupt):
        # A moment later, since here it would be lost once more.
        again = threading.Timer(0.02, os.kill, [os.getpid(), signal.SIGINT])
        again.daemon = True
        again.start()
    elif verbosity:
        sys.__unraisablehook__(lost)


def _thread_ended(how: Any) -> None:
    """Work in threads reports its errors to the command; what is left are helpers of libraries, cut off by Ctrl-C."""
    if verbosity:
        threading.__excepthook__(how)


def _explain(error: BaseException) -> int:
    """Say on standard error what ended the command, and choose its exit code."""
    if isinstance(error, SystemExit):
        return error.code if isinstance(error.code, int) else 1
    if _is_interrupt(error):
        return INTERRUPTED
    if isinstance(error, BrokenPipeError):
        # Nobody reads on; what is still in the buffer must not raise again when Python ends.
        with contextlib.suppress(OSError, ValueError):  # a stream of a program's own
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    if verbosity > 1 or os.environ.get("OPTVIZ_TRACEBACK", "0") not in ("", "0"):
        traceback.print_exception(error)
    problem, remedy, code = _words(error)
    problem = printable(" ".join(problem.split("\n")))
    # Usage errors fit on one line; others say on a second one what to do.
    between = "\n" if code != 2 else " " if problem.endswith((".", "?")) else ". "
    print(f"error: {problem}{between if remedy else ''}{remedy}", file=sys.stderr)
    return code


def _is_interrupt(error: BaseException | None) -> bool:
    """Whether it is Ctrl-C, which compiled code may turn into an error of its own.

    A module that is loaded makes it the cause of an ImportError; code that is given arguments says that they are wrong.
    """
    if _signals.heard() and not isinstance(error, OptvizError | OSError):
        return True
    while isinstance(error, ImportError):
        error = error.__cause__ or error.__context__
    return isinstance(error, KeyboardInterrupt)


def _words(error: BaseException) -> tuple[str, str, int]:
    """Problem, remedy and exit code of an error."""
    if isinstance(error, OptvizError):
        return error.problem, error.remedy, error.exit_code
    if hasattr(error, "format_message"):  # what Typer raises for a command line that it cannot read
        context: Any = getattr(error, "ctx", None)
        path = context.command_path if context else "optviz"
        if hasattr(error, "possibilities"):
            option = str(getattr(error, "option_name", ""))
            known = [name for one in context.command.params for name in one.opts] if context else []
            return f"no such option '{option}'", f"{suggestion(option, known)}See: {path} --help", UsageError.exit_code
        message = " ".join(error.format_message().split()).removesuffix(".")
        return message[:1].lower() + message[1:], f"See: {path} --help", UsageError.exit_code
    author = author_of(error)
    if author:
        package, place = author
        what = f"{type(error).__name__}: {error}".strip().partition("\n")[0]
        return f"the package '{package}' failed ({place}): {what}", "Repair or uninstall that package.", 1
    if isinstance(error, MemoryError):
        return "there is not enough memory for this", "Ask for fewer steps, a smaller size or fewer runs at a time.", 1
    if isinstance(error, ImportError):
        return str(error), "Install it again, or remove the package that is named.", 3
    if isinstance(error, OSError) and error.strerror:
        place = f"{error.filename}: " if error.filename else ""
        return f"{place}{error.strerror}", "", 1
    return f"{type(error).__name__}: {error}".strip(), REPORT, 101

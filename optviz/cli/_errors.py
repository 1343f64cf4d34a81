"""How a command ends: the exit codes, and what is said of an error."""

import contextlib
import os
import sys
import traceback
from typing import Any

from optviz.cli import _signals
from optviz.errors import OptvizError, UsageError, printable, said
from optviz.registry import author_of, suggestion

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


def explain(error: BaseException, traced: bool) -> int:
    """Say on standard error what ended the command, with its traceback where it is asked for; give the exit code."""
    if isinstance(error, SystemExit):
        return error.code if isinstance(error.code, int) else 1
    if _is_interrupt(error):
        return INTERRUPTED
    if isinstance(error, BrokenPipeError):
        # Nobody reads on; what is still in the buffer must not raise again when Python ends.
        with contextlib.suppress(OSError, ValueError):  # a stream of a program's own
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    if traced or os.environ.get("OPTVIZ_TRACEBACK", "0") not in ("", "0"):
        traceback.print_exception(error)
    problem, remedy, code = _words(error)
    problem = printable(" ".join(problem.split("\n")))
    # Usage errors fit on one line; others say on a second one what to do.
    between = "\n" if code != 2 else " " if problem.endswith((".", "?")) else ". "
    if excerpt := getattr(error, "excerpt", ""):
        between = f"\n{excerpt}\n"
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
        manual = f"See: {context.command_path if context else 'optviz'} --help"
        if hasattr(error, "possibilities"):
            option = str(getattr(error, "option_name", ""))
            known = [name for parameter in context.command.params for name in parameter.opts] if context else []
            return f"no such option '{option}'", f"{suggestion(option, known)}{manual}", UsageError.exit_code
        message = " ".join(error.format_message().split()).removesuffix(".")
        return message[:1].lower() + message[1:], manual, UsageError.exit_code
    author = author_of(error)
    if author:
        package, place = author
        what = said(error).partition("\n")[0]
        return f"the package '{package}' failed ({place}): {what}", "Repair or uninstall that package.", 1
    if isinstance(error, MemoryError):
        return "there is not enough memory for this", "Ask for fewer steps, a smaller size or fewer runs at a time.", 1
    if isinstance(error, ImportError):
        return str(error), "Install it again, or remove the package that is named.", 3
    if isinstance(error, OSError) and error.strerror:
        file = f"{error.filename}: " if error.filename else ""
        return f"{file}{error.strerror}", "", 1
    return said(error), REPORT, 101

"""The command line: one file per command, each a thin door to the Python interface.

This module imports next to nothing, so that Ctrl-C is answered from the first moment on.
"""

import gc
import os
import sys
from typing import NoReturn


def main() -> NoReturn:
    """Run the command line on the process's arguments and raise SystemExit with the contract's exit code.

    For whoever goes on afterwards, as a notebook does after ``%run -m optviz``: streams, hooks and signals are then as
    they were.
    """
    thresholds = gc.get_threshold()
    try:
        with _prepared():
            code = _answer()
    except KeyboardInterrupt:
        code = 130
    finally:
        gc.set_threshold(*thresholds)
    sys.exit(code)


def program() -> NoReturn:
    """Run the command line and end the process, which is ours from beginning to end."""
    if hasattr(sys, "ps1") or sys.flags.interactive:  # somebody is typing, and stays
        main()
    from optviz.cli import _signals

    # Ctrl-C after the last line, and in the middle of what answers another one.
    sys.excepthook = _signals.escaped
    _signals.listen()
    try:
        _prepared()
        code = _answer()
    except KeyboardInterrupt:
        code = _signals.code()
    _signals.leave(code)


def _prepared():
    # Imports make a hundred thousand objects that stay: looking for garbage among them took a fifth of the start.
    gc.set_threshold(100_000, 20, 20)
    # One BLAS thread: runs go side by side, and threads that spin between small products steal each other's cores.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    from optviz.cli._run import prepare

    return prepare()


def _answer() -> int:
    from optviz.cli._run import run

    return run(sys.argv[1:])

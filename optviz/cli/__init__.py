"""The command line: one file for each command, which reads its options and calls the Python interface.

This module imports next to nothing, so that Ctrl-C is answered from the first moment on.
"""

import gc
import os
import sys
from typing import NoReturn


def main() -> NoReturn:
    """Run the command line on the process's arguments and raise SystemExit with the contract's exit code.

    Streams, hooks and signals are afterwards as they were, for a program that goes on, as a notebook does after
    ``%run -m optviz``.
    """
    thresholds = gc.get_threshold()
    try:
        code = _answer(keep=False)
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
        code = _answer(keep=True)
    except KeyboardInterrupt:
        code = _signals.code()
    _signals.leave(code)


def _answer(keep: bool) -> int:
    """Prepare the process, run the command, and give its exit code; `keep` leaves the process prepared."""
    # Imports and the compiler make hundreds of thousands of objects that stay: looking for garbage among them took a
    # fifth of the start. To wait for a million costs 9 MB of 240.
    gc.set_threshold(1_000_000, 20, 20)
    # One BLAS thread: runs go side by side, and threads that spin between small products steal each other's cores.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    from optviz.cli import _run
    from optviz.cli._output import Output

    output = Output()
    before = _run.prepare(output)
    try:
        return _run.run(sys.argv[1:], output)
    finally:
        if not keep:
            before.close()

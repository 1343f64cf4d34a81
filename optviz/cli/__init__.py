"""The command line: one file per command, each a thin door to the Python interface.

This module imports next to nothing, so that Ctrl-C is answered from the first moment on.
"""

import gc
import os
import signal
import sys
from typing import NoReturn


def main() -> None:
    """Run the command line on the process's arguments and end the process with the contract's exit code."""
    # One BLAS thread: runs go side by side, and threads that spin between small products steal each other's cores.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    # Imports make a hundred thousand objects that stay: looking for garbage among them took a fifth of the start.
    gc.set_threshold(100_000, 20, 20)
    try:
        from optviz.cli._run import prepare, run

        prepare()
        code = run(sys.argv[1:])
    except KeyboardInterrupt:
        code = 130
    if code == 130:
        _leave(code)
    sys.exit(code)


def _leave(code: int) -> NoReturn:
    """End the process now: what is worth keeping is on disk, and threads that still compute do so for nobody."""
    import atexit
    import threading

    signal.signal(signal.SIGINT, signal.SIG_IGN)  # a second Ctrl-C must not tear the last lines apart
    sys.stdout.flush()
    impatience = threading.Timer(0.5, os._exit, [code])
    impatience.daemon = True
    impatience.start()
    atexit._run_exitfuncs()  # temporary folders and semaphores, as far as they go in half a second
    os._exit(code)

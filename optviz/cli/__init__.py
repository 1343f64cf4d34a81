"""The command line: one file per command, each a thin door to the Python interface.

This module imports next to nothing, so that Ctrl-C is answered from the first moment on.
"""

import os
import sys


def main() -> None:
    """Run the command line on the process's arguments and end the process with the contract's exit code."""
    # One BLAS thread: runs go side by side, and threads that spin between small products steal each other's cores.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    try:
        from optviz.cli._run import run

        code = run(sys.argv[1:])
    except KeyboardInterrupt:
        code = 130
    sys.exit(code)

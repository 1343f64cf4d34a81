"""What every test may count on, wherever the tests are run."""

import signal

# A shell that starts something in the background has it ignore Ctrl-C, and so does everything which that starts.
# Tests that send Ctrl-C to processes of theirs would wait for ever: a handler of our own is not passed on.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

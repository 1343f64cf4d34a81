"""Ctrl-C waits for a compilation, and only in the main thread."""

import os
import signal
import threading

import pytest

from optviz.kernels.delay_interrupt import delay_interrupt


def test_an_interrupt_comes_after_the_block():
    done = []
    before = signal.getsignal(signal.SIGINT)
    with pytest.raises(KeyboardInterrupt):
        with delay_interrupt(), delay_interrupt():
            os.kill(os.getpid(), signal.SIGINT)
            done.append("the block went on")
    assert done and signal.getsignal(signal.SIGINT) is before


def test_an_error_of_the_block_passes_and_the_handler_comes_back():
    before = signal.getsignal(signal.SIGINT)
    with pytest.raises(ValueError, match="mine"), delay_interrupt():
        raise ValueError("mine")
    assert signal.getsignal(signal.SIGINT) is before


def test_other_threads_and_ignored_interrupts_are_left_alone():
    seen = []

    def work():
        with delay_interrupt():
            seen.append(signal.getsignal(signal.SIGINT))

    before = signal.getsignal(signal.SIGINT)
    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert seen == [before]
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        work()
        assert seen[1] is signal.SIG_IGN
    finally:
        signal.signal(signal.SIGINT, before)

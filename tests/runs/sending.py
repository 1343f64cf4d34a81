"""A command that is killed while its worker sends what nobody reads: it prints the worker's number."""

import multiprocessing
import os
import sys

from optviz.runs.networks import workers


def send(told, moment: str) -> None:
    """Send more than fits in, before or after the command has gone."""
    told.send(os.getpid())
    if moment == "after":
        multiprocessing.parent_process().join()
    workers._end_with_parent(os.getpid())
    _, pipe = os.pipe()
    os.write(pipe, bytes(1 << 24))  # both ends are this process's own


if __name__ == "__main__":
    context = multiprocessing.get_context(sys.argv[1])
    here, there = context.Pipe()
    context.Process(target=send, args=(there, sys.argv[2])).start()
    print(here.recv(), flush=True)
    os._exit(0)

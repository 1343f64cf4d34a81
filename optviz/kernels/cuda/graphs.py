"""Launches that are the same again and again, as one graph of the CUDA driver: one call in place of many.

The driver is cuda-python's, which comes with CUDA for Numba. Where it is not installed, or refuses, launches are made
one by one, and what they compute is the same.
"""

import contextlib
import weakref
from collections.abc import Callable, Iterator
from typing import Any

from optviz.errors import OptvizError
from optviz.kernels.cuda import backend


def driver() -> Any:
    """cuda-python's module of the driver's functions; None where there is none, and in the simulator."""
    if backend.SIMULATED:
        return None
    try:
        from cuda.bindings import driver as found
    except ImportError:
        return None
    return found


class Graph:
    """Some launches as a graph, once they have been captured.

    Attributes
    ----------
    ready : bool
        Whether there is a graph.
    wanted : bool
        Whether there is none, but one can be made: no driver has refused it.
    """

    def __init__(self) -> None:
        self._driver = driver()
        self._executable: Any = None

    @property
    def ready(self) -> bool:
        return self._executable is not None

    @property
    def wanted(self) -> bool:
        return self._driver is not None and not self.ready

    def capture(self, launches: Callable[[Any], None]) -> None:
        """Make the graph of what ``launches(stream)`` gives to a stream; nothing of it is carried out.

        All kernels must have been launched before, so that they are loaded. Nothing may be allocated, freed or waited
        for.
        """
        try:
            self._executable = _captured(self._driver, launches)
        except OptvizError:
            # An old driver, or one that another library keeps busy. If the device is broken the next launch says so.
            self._driver = None
        else:
            weakref.finalize(self, self._driver.cuGraphExecDestroy, self._executable).atexit = False

    def launch(self) -> None:
        """Start the graph on the default stream, behind all that it was given; raises as `backend.guarded`."""
        with backend.guarded():
            _call(self._driver.cuGraphLaunch, self._executable, self._driver.CUstream(0))


def _captured(driver: Any, launches: Callable[[Any], None]) -> Any:
    """The graph that can be launched.

    It is captured on a stream that does not wait for the default one, nor that for it: while a stream that does is
    captured, the default stream can be used by nobody in the process.
    """
    with backend.guarded(), backend.cuda.defer_cleanup(), contextlib.ExitStack() as ending:
        stream = _call(driver.cuStreamCreate, driver.CUstream_flags.CU_STREAM_NON_BLOCKING.value)
        ending.callback(driver.cuStreamDestroy, stream)
        _call(driver.cuStreamBeginCapture, stream, driver.CUstreamCaptureMode.CU_STREAM_CAPTURE_MODE_THREAD_LOCAL)
        with _ended(driver, stream) as graphs:
            launches(backend.stream_at(int(stream)))
        ending.callback(driver.cuGraphDestroy, graphs[0])
        return _call(driver.cuGraphInstantiate, graphs[0], 0)


@contextlib.contextmanager
def _ended(driver: Any, stream: Any) -> Iterator[list]:
    """Around what is captured: afterwards the list holds the graph. A capture must be ended even where it failed."""
    graphs: list[Any] = []
    try:
        yield graphs
    except BaseException:
        driver.cuStreamEndCapture(stream)
        raise
    graphs.append(_call(driver.cuStreamEndCapture, stream))


def _call(function: Callable, *arguments: Any) -> Any:
    """What a function of the driver gives.

    Raises
    ------
    OptvizError
        If it gives an error.
    """
    code, *found = function(*arguments)
    if int(code):
        raise OptvizError(
            f"the CUDA device failed: {getattr(code, 'name', code)}", "Run optviz doctor; then run again."
        )
    return found[0] if found else None

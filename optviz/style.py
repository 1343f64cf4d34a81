"""The settings that matplotlib draws our pictures with: its own defaults, then ours, never those of a user.

matplotlib reads dozens of parameters while artists are made, measured, drawn and saved, from a ``matplotlibrc``, style
sheets and whatever a program has set. Everything of ours happens inside `OURS`, so that a picture has the same bytes
whoever asks for it.
"""

import importlib.util
import os
import sys
import threading
from contextlib import ContextDecorator
from functools import lru_cache
from pathlib import Path
from typing import Any
from unittest.mock import patch

# What a user might want otherwise, and we do not leave to chance. The salt makes SVG identifiers repeatable.
CHOSEN: dict[str, Any] = {
    "savefig.bbox": None,
    "savefig.facecolor": "auto",
    "savefig.edgecolor": "auto",
    "savefig.transparent": False,
    "svg.hashsalt": "optviz",
    "svg.fonttype": "path",
    "svg.image_inline": True,
    "pdf.fonttype": 42,
}
# What chooses a window for pyplot, which we never use; reading it may load one.
_WINDOWS = ("backend", "backend_fallback", "interactive")


def load() -> Any:
    """Import matplotlib, whatever the user's settings are.

    It reads a ``matplotlibrc`` from the working folder or elsewhere, ``MPLBACKEND`` and perhaps the locale while it is
    imported, and fails over a file that is no text, a folder that is gone or a backend that it lacks. Then it is given
    the file that it ships with.

    Returns
    -------
    module
        matplotlib.
    """
    try:
        import matplotlib
    except ImportError:
        raise
    except Exception:  # UnicodeDecodeError, OSError, ValueError, locale.Error and what later versions may raise
        for name in [name for name in sys.modules if name.startswith("matplotlib.")]:
            del sys.modules[name]  # parts of what could not be imported
        here, exists = "matplotlibrc", os.path.exists  # it looks in the working folder first
        with (
            patch.dict("os.environ", MATPLOTLIBRC=_shipped()),
            patch("os.path.exists", lambda path: path != here and exists(path)),
        ):
            os.environ.pop("MPLBACKEND", None)
            import matplotlib
    return matplotlib


def _shipped() -> str:
    """The ``matplotlibrc`` that matplotlib brings along."""
    found = importlib.util.find_spec("matplotlib")
    assert found is not None and found.origin is not None
    return str(Path(found.origin).parent / "mpl-data" / "matplotlibrc")


@lru_cache(maxsize=1)
def _settings() -> dict[str, Any]:
    defaults = load().rcParamsDefault
    return {name: defaults._get(name) for name in defaults if name not in _WINDOWS} | CHOSEN


class Ours(ContextDecorator):
    """Inside, matplotlib's parameters are ours; a ``with`` block or a decorator.

    The parameters belong to the whole process. Blocks may be nested, and run in several threads at once: the first to
    enter sets the parameters, the last to leave gives back those that it changed. Blocks are short, so that a program's
    own figures, if it draws them in other threads, are seldom drawn with ours.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._inside = 0
        self._before: dict[str, Any] = {}

    def __enter__(self) -> None:
        settings, current = _settings(), load().rcParams
        with self._lock:
            if not self._inside:
                before = {name: current._get(name) for name in settings}
                self._before = {name: value for name, value in before.items() if value != settings[name]}
                self._set({name: settings[name] for name in self._before})
            self._inside += 1

    def __exit__(self, *_: object) -> None:
        with self._lock:
            self._inside -= 1
            if not self._inside:
                self._set(self._before)

    @staticmethod
    def _set(values: dict[str, Any]) -> None:
        """Without a word about names that are deprecated: matplotlib keeps `_get` and `_set` stable for such uses."""
        for name, value in values.items():
            load().rcParams._set(name, value)


OURS = Ours()

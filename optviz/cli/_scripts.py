"""What stands in a file of the user's own: ``my.py:f``.

Reading a name from a file runs the file, as ``python my.py`` would; what it prints goes to standard error.
"""

import contextlib
import importlib.util
import re
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

from optviz.errors import FormulaError, OptvizError, UsageError
from optviz.registry import suggestion

FILE = re.compile(r"(?P<file>[^(]*\.py):(?P<name>[^\W\d]\w*)")  # up to the name, behind which may stand numbers
_loaded: dict[Path, ModuleType] = {}


def is_script(text: str) -> bool:
    """Whether a text names something in a file, ``my.py:f``."""
    return FILE.match(text) is not None


def from_script(flag: str, text: str) -> tuple[Any, str]:
    """What a file calls a name, and what is written behind it: ``(lr=0.1)``.

    Raises
    ------
    UsageError
        If there is no such file, or no such name in it.
    FormulaError
        If the file fails.
    """
    found = FILE.match(text)
    assert found is not None
    path = Path(found["file"])
    with contextlib.suppress(RuntimeError):  # there is no such user
        path = path.expanduser()
    if not path.is_file():
        raise UsageError(f"{flag}: there is no file '{path}'", "Give a file and a name in it: my.py:f")
    module = _module(flag, path.absolute())
    known = [name for name in vars(module) if not name.startswith("_")]
    if found["name"] not in vars(module):
        hint = suggestion(found["name"], known)
        raise UsageError(f"{flag}: {path} has no '{found['name']}'", f"{hint}Define it there.")
    return vars(module)[found["name"]], text[found.end() :]


def _module(flag: str, path: Path) -> ModuleType:
    """The module of a file, run once."""
    if path in _loaded:
        return _loaded[path]
    name = f"optviz_script_{path.stem}"
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise UsageError(f"{flag}: {path} is no Python file", "Give a file and a name in it: my.py:f")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    sys.path.insert(0, str(path.parent))  # where the file's own imports are looked for
    try:
        with contextlib.redirect_stdout(sys.stderr):
            spec.loader.exec_module(module)
    except (OptvizError, KeyboardInterrupt):
        raise
    except BaseException as error:  # whatever a file raises, sys.exit included
        line = next((frame.lineno for frame in _frames(error) if frame.filename == str(path)), None)
        line = error.lineno if isinstance(error, SyntaxError) and error.filename == str(path) else line
        place = f"{path.name}, line {line}" if line else path.name
        what = f"{type(error).__name__}: {error}".partition("\n")[0]
        raise FormulaError(f"{flag}: {place} fails: {what}", "Mend it and start again.") from error
    finally:
        with contextlib.suppress(ValueError):  # the file may have changed the list
            sys.path.remove(str(path.parent))
    _loaded[path] = module
    return module


def _frames(error: BaseException) -> list[Any]:
    import traceback

    return traceback.extract_tb(error.__traceback__)[::-1]

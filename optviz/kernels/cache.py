"""Compiled kernels kept on disk, safely.

Numba's own cache ends a user's program when one of its files is damaged, runs stale code after a change in another
file, and refuses to work where no folder is writable. Here each kernel is one file that holds a digest and the
compiled code, named by everything that the code depends on. Whatever is wrong with the folder or the file costs a
compilation and nothing else.

The folder is ``OPTVIZ_CACHE_DIR`` or the user's cache folder. Its files are pickles, which could run code when they
are loaded: folder and files belong to the user alone (modes 0700 and 0600) and are not used when they do not.
"""

import contextlib
import functools
import hashlib
import os
import pickle
import secrets
import stat
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import llvmlite
import numba
from numba.core import config

from optviz.errors import OptvizError
from optviz.files import make_private, open_regular, replacing, user_folder

OPTIONS: dict[str, Any] = {
    # Without NumPy's rules of division each / may raise, and no loop vectorises.
    "error_model": "numpy",
    # Kernels run side by side on threads.
    "nogil": True,
    # Nothing is allocated in kernels, and no C function calls them: a quarter less to compile.
    "_nrt": False,
    "no_cfunc_wrapper": True,
}
# For a function with a single caller: compiled there only, and not once more by itself. It saves a third of the time.
INLINED = OPTIONS | {"inline": "always"}
# For a function that LLVM is to inline. Left to itself it inlines no loop over coordinates that it has written out, and
# then the loop over runs around it stays scalar.
FORCED = OPTIONS | {"forceinline": True}
# For kernels that others call by address, and functions inlined into kernels. Python cannot call them, and need not: a
# fifth less to compile.
ADDRESSED = OPTIONS | {"no_cpython_wrapper": True}
INNER = FORCED | ADDRESSED
# With NUMBA_DISABLE_JIT=1 every kernel is plain Python.
COMPILES = not config.DISABLE_JIT  # type: ignore[attr-defined]
SWITCHES = ("OPT", "BOUNDSCHECK", "DEBUGINFO_DEFAULT", "USING_SVML")  # of Numba, which change what it compiles
ENDING = ".kernel"
# Told of each kernel, from whichever thread needs it first: COMPILING before that takes its second, READY once it can
# be called, compiled now or by an earlier process.
COMPILING, READY = "compiling", "ready"
listener: Callable[[str], None] | None = None
DIGEST = 32  # bytes

try:  # private to Numba: where they have moved, kernels run uncached
    from numba.core.caching import NullCache
    from numba.core.compiler import CompileResult
    from numba.core.serialize import dumps

    _reduce, _rebuild = CompileResult._reduce, CompileResult._rebuild
except (ImportError, AttributeError):  # pragma: no cover
    NullCache = None  # type: ignore[assignment,misc]


def cached_jit(function: Callable, options: dict[str, Any] = OPTIONS) -> Any:
    """Compile a kernel at its first call, or load what an earlier process compiled.

    Parameters
    ----------
    function : function
        A module-level function whose name is unique to what it computes.
    options : dict
        Of Numba.

    Returns
    -------
    Numba dispatcher
    """
    dispatcher = numba.njit(**options)(function)
    if NullCache is not None and COMPILES:
        dispatcher._cache = _Cache(function, options)
    return dispatcher


def folder() -> Path | None:
    """Where compiled kernels are kept, whether or not it exists; None where the user has no such place."""
    base = user_folder("cache")
    return base / "kernels" if base else None


def kept() -> bool:
    """Whether what is compiled now will be found by the next process: the folder can be written and is safe to use."""
    directory = folder()
    if directory is None:
        return False
    nearest = next(path for path in (directory, *directory.parents) if os.path.exists(path))
    if nearest == directory and _trusted_folder() is None:
        return False
    return nearest.is_dir() and os.access(nearest, os.W_OK | os.X_OK)


def clear() -> int:
    """Remove every compiled kernel; how many files were removed."""
    removed = 0
    for file in _files("*"):
        with contextlib.suppress(OSError):
            file.unlink()
            removed += 1
    return removed


def verify() -> tuple[int, list[Path], list[Path]]:
    """Read every compiled kernel and compare it with its digest.

    Returns
    -------
    sound : int
        How many files are as they were written, and will be used.
    damaged : list of Path
        Those that hold something else; they are recompiled when they are next needed.
    exposed : list of Path
        Those that others than this user could have written; they are not used, and recompiled as well.
    """
    files = _files(f"*{ENDING}")
    trusted = _trusted_folder() is not None
    exposed = [file for file in files if not (trusted and _is_ours(file.lstat()))]
    damaged = [file for file in files if file not in exposed and _read(file) is None]
    return len(files) - len(damaged) - len(exposed), damaged, exposed


def tell(state: str) -> None:
    """Tell the `listener`, if there is one, how a kernel does."""
    if listener is not None:
        listener(state)


def _files(pattern: str) -> list[Path]:
    directory = folder()
    if directory is None or not directory.is_dir():
        return []
    return sorted(file for file in directory.glob(pattern) if ENDING in file.name and file.is_file())


def _is_ours(status: os.stat_result) -> bool:
    """Whether only this user can have written what `status` describes."""
    if os.name != "posix":
        return True
    return status.st_uid == os.geteuid() and not status.st_mode & (stat.S_IWGRP | stat.S_IWOTH)


def _trusted_folder() -> Path | None:
    """The folder if it exists and belongs to this user alone."""
    directory = folder()
    try:
        return directory if directory is not None and _is_ours(directory.stat()) else None
    except OSError:
        return None


def _read(file: Path) -> bytes | None:
    """The body of a cache file, or None where anything is wrong with it."""
    try:
        if file.is_symlink():
            return None
        with open_regular(file) as stream:
            if not _is_ours(os.fstat(stream.fileno())):
                return None
            blob = stream.read()
    except OSError:
        return None
    body = blob[DIGEST:]
    return body if _digest(file, body) == blob[:DIGEST] else None


def _write(file: Path, body: bytes) -> None:
    """Put a file in its place whole, or leave everything as it was."""
    with contextlib.suppress(OptvizError), replacing(file, private=True) as stream:
        stream.write(_digest(file, body))
        stream.write(body)


def _digest(file: Path, body: bytes) -> bytes:
    """What a file begins with; its name is part of it, since another kernel's sound file is the wrong one."""
    return hashlib.sha256(f"{file.name}\0".encode() + body).digest()


@functools.cache
def _package_stamp() -> str:
    """A hash of the package's whole source: any edit anywhere makes every older kernel unknown."""
    import optviz

    root = Path(optviz.__file__).parent
    digest = hashlib.sha256()
    files = sorted(root.rglob("*.py"))
    if not files:  # in a zip file, where an edit would not be seen
        return secrets.token_hex()
    for file in files:
        digest.update(f"{file.relative_to(root)}\0".encode())
        digest.update(file.read_bytes())
    return digest.hexdigest()


def stored(what: tuple) -> bytes | None:
    """The code that was kept of what a tuple tells; None where there is none, or anything is wrong with it.

    The tuple holds whatever the code depends on besides Python, Numba, LLVM and this package's source, as things whose
    `repr` tells them apart.
    """
    directory = _trusted_folder()
    return _read(directory / _file_name(what)) if directory else None


def store(what: tuple, body: bytes) -> None:
    """Keep code for the processes to come; see `stored`."""
    directory = folder()
    if directory is None:
        return
    make_private(directory)
    if _trusted_folder() is not None:
        _write(directory / _file_name(what), body)


def _file_name(what: tuple) -> str:
    everything = (*what, numba.__version__, llvmlite.__version__, sys.version, _package_stamp())
    return hashlib.sha256(repr(everything).encode()).hexdigest()[:40] + ENDING


if NullCache is not None:

    class _Cache(NullCache):
        """What Numba's dispatcher asks for compiled code before it compiles, and hands it afterwards."""

        def __init__(self, function: Callable, options: dict[str, Any]):
            self._what = (function.__module__, function.__qualname__, function.__code__.co_code, options)

        @property
        def cache_path(self) -> str:
            return str(folder() or "")

        def load_overload(self, sig: Any, target_context: Any) -> Any:
            # Numba's own cache has all of its implementations registered first, which takes a tenth of a second and is
            # of use to a compilation alone.
            #
            # Anything may go wrong with a file that another version or a failing disk has written, and nothing of it
            # may reach the user: the kernel is compiled again.
            with contextlib.suppress(Exception):
                body = stored(self._key(sig, target_context.codegen()))
                if body is not None:
                    # Numba offers no other form of compiled code. The folder is the user's alone, see the module's
                    # docstring, and the digest has been checked.
                    kernel = _rebuild(target_context, *pickle.loads(body))
                    tell(READY)
                    return kernel
            tell(COMPILING)
            return None

        def save_overload(self, sig: Any, cres: Any) -> None:
            tell(READY)
            if any(not lifted.can_cache for lifted in cres.lifted) or cres.library.has_dynamic_globals:
                return
            with contextlib.suppress(Exception):  # as when loading
                store(self._key(sig, cres.codegen), dumps(_reduce(cres)))

        def _key(self, sig: Any, codegen: Any) -> tuple:
            switches = [getattr(config, switch, None) for switch in SWITCHES]
            return *self._what, repr(sig), codegen.magic_tuple(), switches  # platform, CPU name, CPU features

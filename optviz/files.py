"""Files that appear whole or not at all."""

import contextlib
import os
import secrets
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from optviz.errors import OptvizError, UsageError


def check_writable(path: str | os.PathLike) -> Path:
    """Refuse an output path that cannot be written, before any work is done.

    Parameters
    ----------
    path : path
        The file that will be written. Its folder must exist.

    Returns
    -------
    Path

    Raises
    ------
    UsageError
        If the path is a folder, a device, a pipe, read-only or no possible name, or if its folder is missing or not
        writable.
    """
    path = Path(path)
    folder = path.parent
    try:
        mode = os.stat(path).st_mode
    except (FileNotFoundError, NotADirectoryError):
        mode = 0
    except (OSError, ValueError) as error:  # a name that is too long or holds a null byte, a locked folder
        reason = getattr(error, "strerror", None) or error
        raise UsageError(f"cannot write {str(path)!r}: {reason}", "Choose another with -o.") from error
    if stat.S_ISDIR(mode):
        raise UsageError(f"cannot write {path}: it is a folder", "Name a file inside it.")
    if mode and not stat.S_ISREG(mode):
        raise UsageError(f"cannot write {path}: it is not a regular file", "Choose another with -o.")
    if mode and not os.access(path, os.W_OK):
        raise UsageError(f"cannot write {path}: the file is read-only", "Choose another with -o.")
    if not folder.is_dir():
        raise UsageError(
            f"cannot write {path}: the folder {folder} does not exist", f"Make it first: mkdir -p {folder}"
        )
    if not os.access(folder, os.W_OK | os.X_OK):
        raise UsageError(f"cannot write {path}: the folder {folder} is not writable", "Choose another with -o.")
    return path


def user_folder(kind: str) -> Path | None:
    """Where optviz keeps files for this user, whether or not it exists; None where the user has no such place.

    Parameters
    ----------
    kind : {"cache", "data"}
        ``OPTVIZ_CACHE_DIR`` and ``OPTVIZ_DATA_DIR`` choose other folders.
    """
    import platformdirs

    given = os.environ.get(f"OPTVIZ_{kind.upper()}_DIR")
    place = Path(given).absolute() if given else getattr(platformdirs, f"user_{kind}_path")("optviz")
    return place if place.is_absolute() else None


@contextlib.contextmanager
def replacing(path: str | os.PathLike) -> Iterator[BinaryIO]:
    """Open a temporary file beside `path` and move it there when the block ends well.

    Whatever happens inside the block, an existing file is either replaced whole or left untouched, and no partial
    file stays behind.

    Parameters
    ----------
    path : path
        The file to write.

    Yields
    ------
    binary file
        Open for writing and reading.

    Raises
    ------
    OptvizError
        If the file system refuses: full disk, read-only folder.
    """
    path = Path(os.path.realpath(path))  # a link stays a link: what it points to is replaced
    part = path.with_name(f".optviz-{secrets.token_hex(6)}.part")  # short, so that the longest file name still fits
    try:
        with open(part, "w+b") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        os.replace(part, path)
    except OSError as error:
        raise OptvizError(
            f"cannot write {path}: {error.strerror or error}", "Free some space or choose another place with -o."
        ) from error
    finally:
        with contextlib.suppress(OSError):
            part.unlink(missing_ok=True)

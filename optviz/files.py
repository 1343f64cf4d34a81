"""Files that appear whole or not at all, and that are read without waiting for anybody."""

import contextlib
import errno
import functools
import os
import re
import secrets
import shutil
import stat
import tempfile
import time
from collections.abc import Iterator
from io import BufferedReader
from pathlib import Path
from typing import BinaryIO

from optviz.errors import OptvizError, UsageError

PART = re.compile(r"\.optviz-[0-9a-f]{12}\.part")  # a file that is being written, where it must have a name meanwhile
PART_LIFE = 3600.0  # seconds after which such a file is nobody's
# What a system says of a file that may be written and not replaced: a mount point, a folder that is not ours.
IRREPLACEABLE = (errno.EBUSY, errno.EXDEV, errno.EACCES, errno.EPERM, errno.EROFS)


def check_writable(path: str | os.PathLike[str]) -> Path:
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
        If the path is a folder, a device, a pipe, read-only or no possible name, or if there is no such file yet and
        its folder is missing or not writable.
    """
    path = Path(path)
    try:
        mode = os.stat(path).st_mode
    except (FileNotFoundError, NotADirectoryError):
        mode = 0
    except (OSError, ValueError) as error:  # a name that is too long or holds a null byte, a locked folder
        reason = getattr(error, "strerror", None) or error
        raise UsageError(f"cannot write {str(path)!r}: {reason}", "Choose another.") from error
    if stat.S_ISDIR(mode):
        raise UsageError(f"cannot write {path}: it is a folder", "Name a file inside it.")
    if mode and not stat.S_ISREG(mode):
        raise UsageError(f"cannot write {path}: it is not a regular file", "Choose another.")
    if mode and not os.access(path, os.W_OK):
        raise UsageError(f"cannot write {path}: the file is read-only", "Choose another.")
    folder = (Path(os.path.realpath(path)) if path.is_symlink() else path).parent
    if folder.exists() and not folder.is_dir():
        raise UsageError(f"cannot write {path}: {folder} is a file, not a folder", "Choose another place.")
    if not folder.is_dir():
        raise UsageError(
            f"cannot write {path}: the folder {folder} does not exist", f"Make it first: mkdir -p {folder}"
        )
    if not mode and not os.access(folder, os.W_OK | os.X_OK):
        raise UsageError(f"cannot write {path}: the folder {folder} is not writable", "Choose another.")
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
    if given:
        return Path(given).absolute()
    try:
        place = getattr(platformdirs, f"user_{kind}_path")("optviz")
    except (RuntimeError, KeyError):  # a user whom the system does not know, as in containers
        return None
    return place if place.is_absolute() else None


def make_private(folder: Path) -> None:
    """Make a folder, and those above it, that this user alone may enter; one that is there stays as it is.

    Raises
    ------
    OSError
        If the file system refuses, or something else has that name.
    """
    missing = []
    for place in (folder, *folder.parents):
        if os.path.lexists(place):
            break
        missing.append(place)
    for place in reversed(missing):
        place.mkdir(mode=0o700, exist_ok=True)
    if not folder.is_dir():
        raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR), str(folder))


def open_regular(path: str | os.PathLike[str]) -> BufferedReader:
    """Open a regular file for reading; a pipe that nobody writes to is refused, not waited for.

    Raises
    ------
    OSError
        If there is no such file, if it cannot be read, or if it is a folder, a pipe, a socket or a device.
    """
    descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
    try:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise OSError(errno.EINVAL, "it is not a regular file", os.fspath(path))
        return open(descriptor, "rb")
    except BaseException:
        os.close(descriptor)
        raise


@contextlib.contextmanager
def replacing(path: str | os.PathLike[str], *, private: bool = False) -> Iterator[BinaryIO]:
    """Open a new file that takes the place of `path` when the block ends well.

    Whatever happens inside the block, an existing file is either replaced whole or left untouched, and no partial
    file stays behind: on Linux the new file has no name before it is whole, so that not even a killed process leaves
    one. Elsewhere the next process that writes into the folder removes it, an hour later.

    An existing file keeps its mode, and its owner where the system lets us give files away. One that can be written
    but not replaced, as a mount point, is written over when all is ready; if that fails, what it held is put back.

    Parameters
    ----------
    path : path
        The file to write.
    private : bool
        Whether this user alone may read and write it, whatever the umask and an existing file's mode are.

    Yields
    ------
    binary file
        Open for writing and reading.

    Raises
    ------
    OptvizError
        If the file system refuses: full disk, read-only folder; or if `path` is a folder, a pipe or a device.
    """
    # A link stays a link: what it points to is replaced. Among our own files nobody has put one.
    path = Path(path).absolute() if private else Path(os.path.realpath(path))
    part: Path | None = None
    try:
        before = path.stat() if path.exists() else None
        if before is not None and not private and not stat.S_ISREG(before.st_mode):
            raise OSError(errno.EINVAL, "it is not a regular file")  # the superuser could replace /dev/null
        file, part = _new(path, 0o600 if private else 0o666)
        with file:
            yield file
            file.flush()
            if before is not None and not private:
                _keep_mode_and_owner(file, before)
            os.fsync(file.fileno())
            _publish(file, part, path)
    except OSError as error:
        raise OptvizError(
            f"cannot write {path}: {error.strerror or error}", "Free some space or choose another place with -o."
        ) from error
    finally:
        if part is not None:
            with contextlib.suppress(OSError):
                part.unlink(missing_ok=True)


@functools.cache  # once a process
def sweep(folder: Path) -> None:
    """Remove what processes that were killed left half-written in a folder."""
    remove_parts(folder, PART_LIFE)


def remove_parts(folder: Path, age: float) -> None:
    """Remove the half-written files of a folder to which nothing was added for so many seconds."""
    with contextlib.suppress(OSError):
        for file in os.scandir(folder):
            if PART.fullmatch(file.name):
                with contextlib.suppress(OSError):
                    if time.time() - file.stat(follow_symlinks=False).st_mtime >= age:
                        os.unlink(file)


def _part(folder: Path) -> Path:
    """A free name for a file that is not whole yet: short, so that it fits wherever the longest file name does."""
    return folder / f".optviz-{secrets.token_hex(6)}.part"


def _new(path: Path, mode: int) -> tuple[BinaryIO, Path | None]:
    """An empty file on the file system of `path`, and its name if it has one; elsewhere if it can have no place there.

    Only what exists already can be written without a place in its folder.
    """
    folder = path.parent
    sweep(folder)
    if hasattr(os, "O_TMPFILE") and os.path.isdir("/proc/self/fd"):
        with contextlib.suppress(OSError):  # a file system without nameless files
            return open(os.open(folder, os.O_TMPFILE | os.O_RDWR, mode), "w+b"), None
    part = _part(folder)
    try:
        flags = os.O_RDWR | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
        return open(os.open(part, flags, mode), "w+b"), part
    except OSError as error:
        if error.errno not in IRREPLACEABLE or not os.access(path, os.W_OK):
            raise
        return tempfile.TemporaryFile(), None


def _keep_mode_and_owner(file: BinaryIO, before: os.stat_result) -> None:
    if not hasattr(os, "fchown"):
        return
    for owner, group in ((before.st_uid, -1), (-1, before.st_gid)):
        with contextlib.suppress(OSError):  # only the superuser may give files away
            os.fchown(file.fileno(), owner, group)
    with contextlib.suppress(OSError):  # a file system without modes
        os.fchmod(file.fileno(), before.st_mode & 0o777)


def _publish(file: BinaryIO, part: Path | None, path: Path) -> None:
    """Give a whole file its name: in one step, or over what has that name where it cannot be replaced."""
    try:
        if part is None and not path.exists():
            with contextlib.suppress(OSError):  # somebody else was sooner, or it must be copied
                _link(file, path)
                return
        name = part or _part(path.parent)
        try:
            if part is None:
                _name(file, name)
            os.replace(name, path)
        finally:
            if part is None:
                with contextlib.suppress(OSError):
                    name.unlink(missing_ok=True)
    except OSError as error:
        if error.errno not in IRREPLACEABLE or not os.access(path, os.W_OK):
            raise
        _write_over(file, path)


def _name(file: BinaryIO, path: Path) -> None:
    """Give a nameless file a name that is free; a copy of it where that cannot be."""
    with contextlib.suppress(OSError):
        _link(file, path)
        return
    mode = os.fstat(file.fileno()).st_mode & 0o777
    with open(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, mode), "w+b") as copy:
        _fill(copy, file)


def _link(file: BinaryIO, path: Path) -> None:
    folder = os.open(path.parent, os.O_PATH | os.O_DIRECTORY)
    try:
        # Given a folder's descriptor, Python follows the link that /proc shows in place of the file.
        os.link(f"/proc/self/fd/{file.fileno()}", path.name, dst_dir_fd=folder)
    finally:
        os.close(folder)


def _write_over(file: BinaryIO, path: Path) -> None:
    with open(path, "r+b") as target:
        with tempfile.TemporaryFile() as old:
            shutil.copyfileobj(target, old)
            try:
                _fill(target, file)
            except BaseException:
                _fill(target, old)
                raise


def _fill(target: BinaryIO, source: BinaryIO) -> None:
    source.seek(0)
    target.seek(0)
    shutil.copyfileobj(source, target)
    target.truncate()
    target.flush()
    os.fsync(target.fileno())


def free_name(name: str | Path) -> Path:
    """`name`, or the first of name-2, name-3, ... such that no file is replaced that nobody named.

    A free ``.gif`` leaves room for the ``.png`` beside it.
    """
    path = Path(name)
    for number in range(2, 10_000):
        if not path.exists() and not (path.suffix == ".gif" and path.with_suffix(".png").exists()):
            break
        path = Path(name).with_stem(f"{Path(name).stem}-{number}")
    return path

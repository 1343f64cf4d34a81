"""Fetching one file of known size and digest from the first mirror that has it.

Pooch keeps the temporary file beside its target, compares the digest and only then gives the file its name.
"""

import contextlib
import logging
import os
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from optviz.datasets._https import PIECE, Allowance, Unreachable, reason, request
from optviz.errors import MissingError, OptvizError

LOG = logging.getLogger(__name__)
FORGOTTEN = 3600.0  # seconds after which a temporary file belongs to a process that was killed


@dataclass(frozen=True)
class Published:
    """One file as its publisher issued it.

    Attributes
    ----------
    name : str
        ``"train-images-idx3-ubyte.gz"``.
    size : int
        Bytes of the gzip file.
    sha256 : str
        Its digest.
    unpacked : str
        Algorithm and digest of the IDX file in it, ``"md5:..."``: the same images may have been packed another way.
    """

    name: str
    size: int
    sha256: str
    unpacked: str


def download(folder: Path, file: Published, mirrors: Sequence[str]) -> None:
    """Fetch a file from the first mirror that has it.

    Parameters
    ----------
    folder : Path
        Where it goes; made if need be.
    file : Published
    mirrors : sequence of str
        What stands before the file's name in its address.

    Raises
    ------
    Unreachable
        If no mirror gave it: each mirror's host and reason.
    MissingError
        If pooch is not installed.
    OptvizError
        If the file cannot be written.
    """
    try:
        import pooch
    except ImportError as error:
        raise MissingError("pooch is not installed, which downloads data sets", 'pip install "optviz[data]"') from error

    reasons = []
    with _silent(pooch.get_logger()), _local(folder):
        folder.mkdir(parents=True, exist_ok=True)
        _sweep(folder)
        for mirror in mirrors:
            LOG.info("downloading %s%s", mirror, file.name)
            try:
                pooch.retrieve(
                    f"{mirror}{file.name}",
                    known_hash=f"sha256:{file.sha256}",
                    fname=file.name,
                    path=folder,
                    downloader=lambda url, target, _: _fetch(url, target, file.size),
                )
                return
            except Unreachable as error:
                why = str(error)
            except ValueError:  # pooch's word for a wrong digest
                why = "its file has another digest"
            reasons.append(f"{urlsplit(mirror).hostname}: {why}")
    raise Unreachable("; ".join(reasons))


def _fetch(url: str, target: str, size: int) -> None:
    """Write the file of that address, which has `size` bytes."""
    written = 0
    os.unlink(target)  # pooch's temporary files are the owner's alone; the data are whose the umask says
    with open(target, "xb") as output:
        for piece in _pieces(url, size):
            written += output.write(piece)
    if written < size:
        raise Unreachable(f"it sent {written} of {size} bytes")


def _pieces(url: str, size: int) -> Iterator[bytes]:
    """The bytes of a file piece by piece; whatever goes wrong on the way is `Unreachable`."""
    from http.client import HTTPException

    allowance = Allowance(size)
    try:
        with request(url) as response:
            while piece := allowance.take(response, PIECE):
                yield piece
    except (OSError, HTTPException, ValueError) as error:
        raise Unreachable(reason(error)) from error


def _sweep(folder: Path) -> None:
    """Remove what killed processes left behind."""
    for left in folder.glob("tmp*"):
        with contextlib.suppress(OSError):
            if left.is_file() and time.time() - left.stat().st_mtime > FORGOTTEN:
                left.unlink()


@contextlib.contextmanager
def _local(folder: Path) -> Iterator[None]:
    """Errors of the file system, with what to do about them."""
    try:
        yield
    except OSError as error:
        raise OptvizError(
            f"cannot write into the folder {folder}: {error.strerror or error}",
            "Free some space, or set OPTVIZ_DATA_DIR to another folder.",
        ) from error


@contextlib.contextmanager
def _silent(logger: logging.Logger) -> Iterator[None]:
    """Pooch prints on standard error of its own accord."""
    level = logger.level
    logger.setLevel(logging.ERROR)
    try:
        yield
    finally:
        logger.setLevel(level)

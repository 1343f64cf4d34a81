"""One member of a zip archive on a server, without fetching the rest: the directory at its end, then the member."""

import io
import struct
import zipfile
from collections.abc import Iterator
from typing import TYPE_CHECKING

from optviz.datasets._https import PIECE, Allowance, Unreachable, request

if TYPE_CHECKING:
    from http.client import HTTPResponse

DIRECTORY = 1 << 20  # bytes that an archive may take beside the member


def member_pieces(url: str, member: str, size: int) -> Iterator[bytes]:
    """The bytes of a member, piece by piece. Nothing is unpacked to disk.

    Parameters
    ----------
    url : str
        The archive.
    member : str
        Its name in the archive.
    size : int
        How many bytes it has.

    Yields
    ------
    bytes

    Raises
    ------
    Unreachable
        If the server does not serve parts of files, or the archive is damaged or lacks the member.
    OSError, HTTPException
        If a connection breaks.
    """
    try:
        with (
            _Remote(url, Allowance(size + DIRECTORY)) as remote,
            zipfile.ZipFile(io.BufferedReader(remote, PIECE)) as archive,
            archive.open(member) as stream,
        ):
            while piece := stream.read(PIECE):
                yield piece
    except KeyError as error:
        raise Unreachable(f"the archive has no {member}") from error
    except (zipfile.BadZipFile, RuntimeError, EOFError, ValueError, struct.error) as error:
        raise Unreachable(f"the archive is damaged: {error}") from error


class _Remote(io.RawIOBase):
    """A file on a server, as a file that can be read from any place."""

    def __init__(self, url: str, allowance: Allowance):
        self._url = url
        self._allowance = allowance
        self._position = 0
        self._response: HTTPResponse | None = None
        self._size = 0
        self._size = self._begin()

    def _begin(self) -> int:
        """Ask for the bytes from the position on; gives the size of the whole file."""
        self._end()
        self._response = request(self._url, f"{self._position}-")
        span = self._response.headers.get("Content-Range", "")
        begin, _, size = span.removeprefix("bytes ").partition("/")
        if self._response.status != 206 or not begin.startswith(f"{self._position}-") or not size.isdecimal():
            raise Unreachable("it does not serve parts of files")
        return int(size)

    def _end(self) -> None:
        if self._response is not None:
            self._response.close()
            self._response = None

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._position

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        position = offset + {io.SEEK_SET: 0, io.SEEK_CUR: self._position, io.SEEK_END: self._size}[whence]
        if position < 0:
            raise OSError("a place before the beginning of the archive")
        if position != self._position:
            self._position = position
            self._end()
        return position

    def readinto(self, buffer) -> int:
        if self._position >= self._size:
            return 0
        if self._response is None:
            self._begin()
        assert self._response is not None
        piece = self._allowance.take(self._response, len(buffer))
        buffer[: len(piece)] = piece
        self._position += len(piece)
        return len(piece)

    def close(self) -> None:
        self._end()
        super().close()

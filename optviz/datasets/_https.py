"""Bytes from the web: https alone, also after redirects; nothing waits for ever; no byte more than was expected."""

import functools
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import ssl
    from http.client import HTTPResponse

TIMEOUT = 10.0  # seconds to connect, and to wait for the next bytes
SLOWEST = 10_000  # bytes per second; below that a server counts as stuck
GRACE = 30.0  # seconds before the speed is looked at
PIECE = 1 << 16  # bytes read at a time
MOST_WORDS = 160  # letters of what a server says


class Unreachable(Exception):
    """Why a mirror did not give the file."""


class Allowance:
    """What one transfer may take: bytes, and time."""

    def __init__(self, size: int):
        self._size = size
        self._received = 0
        self._begin = time.monotonic()

    def take(self, response: "HTTPResponse", count: int) -> bytes:
        """The next bytes of a response, at most `count`; none at its end.

        Raises
        ------
        Unreachable
            If it sends too much or too slowly.
        OSError, HTTPException
            If the connection breaks, or nothing comes within `TIMEOUT`.
        """
        piece = response.read1(count)
        self._received += len(piece)
        if self._received > self._size:
            raise Unreachable(f"it sends more than {self._size} bytes")
        if time.monotonic() - self._begin > GRACE + self._received / SLOWEST:
            raise Unreachable(f"it sends less than {SLOWEST // 1000} kB a second")
        return piece


def request(url: str) -> "HTTPResponse":
    """Ask for a file.

    Raises
    ------
    OSError, HTTPException
        If there is no answer, or another one than the file.
    """
    import urllib.request as web

    opener = web.OpenerDirector()  # it knows https and nothing else, wherever it is redirected to
    for handler in (
        web.ProxyHandler(),
        web.UnknownHandler(),
        web.HTTPSHandler(context=_trusted()),
        web.HTTPDefaultErrorHandler(),
        web.HTTPRedirectHandler(),
        web.HTTPErrorProcessor(),
    ):
        opener.add_handler(handler)
    headers = {"User-Agent": "optviz", "Accept-Encoding": "identity"}
    return opener.open(web.Request(url, headers=headers), timeout=TIMEOUT)


@functools.cache  # reading them takes longer than a connection
def _trusted() -> "ssl.SSLContext":
    """The authorities that this machine trusts and those of certifi, which comes with pooch: some Pythons have none."""
    import ssl

    import certifi

    context = ssl.create_default_context()
    context.load_verify_locations(certifi.where())
    return context


def reason(error: Exception) -> str:
    """Why a transfer failed, in a few words on one line; some are the server's, and may be anything."""
    cause = getattr(error, "reason", None) or error  # urllib wraps what the socket said
    if isinstance(cause, TimeoutError):
        return "it does not answer"
    text = getattr(cause, "strerror", None) or str(cause) or type(cause).__name__
    code = getattr(error, "code", None)
    words = "".join(letter if letter.isprintable() else " " for letter in text).split()
    return " ".join(words)[:MOST_WORDS] + (f" ({code})" if code else "")

"""A web server on this machine that serves files over https, honestly or not. It stops with its block."""

import ssl
import threading
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

CERTIFICATE = Path(__file__).parent / "localhost.pem"
MOST = 64 << 20  # bytes that a server sends without end, if nobody hangs up

Answer = Callable[[BaseHTTPRequestHandler], None]


class Server:
    """Serves what is in `answers`: paths to functions of the request.

    Attributes
    ----------
    requests : list of str
        The paths that were asked for.
    sent : int
        Bytes of the bodies.
    """

    def __init__(self):
        self.answers: dict[str, Answer] = {}
        self.requests: list[str] = []
        self.sent = 0
        self.stopping = threading.Event()
        owner = self

        class Handler(BaseHTTPRequestHandler):
            server_owner = owner

            def do_GET(self):
                owner.requests.append(self.path)
                try:
                    owner.answers.get(self.path, status(404))(self)
                except OSError:
                    pass  # the other side hung up

            def log_message(self, *_):
                pass

        class Quiet(ThreadingHTTPServer):
            daemon_threads = True

            def handle_error(self, *_):
                pass  # a handshake that the other side broke off

        self._server = Quiet(("127.0.0.1", 0), Handler)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(CERTIFICATE)
        self._server.socket = context.wrap_socket(self._server.socket, server_side=True, do_handshake_on_connect=False)
        self.url = f"https://127.0.0.1:{self._server.server_address[1]}"

    def __enter__(self):
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02})
        self._thread.start()
        return self

    def __exit__(self, *_):
        self.stopping.set()
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def mirror(self, name: str, files: dict[str, bytes | Answer]) -> str:
        """Serve files below a path; gives what stands before their names."""
        for file, answer in files.items():
            self.answers[f"/{name}/{file}"] = body(answer) if isinstance(answer, bytes) else answer
        return f"{self.url}/{name}/"


def send(handler: BaseHTTPRequestHandler, data: bytes) -> None:
    """Send a piece of a body."""
    handler.wfile.write(data)
    handler.server_owner.sent += len(data)


def body(data: bytes, announced: int | None = None) -> Answer:
    """The file, with the length that it has or another."""

    def answer(handler):
        handler.send_response(200)
        handler.send_header("Content-Length", str(len(data) if announced is None else announced))
        handler.end_headers()
        send(handler, data)

    return answer


def status(code: int, **headers: str) -> Answer:
    """Another status than "here it is"."""

    def answer(handler):
        handler.send_response(code)
        for name, value in headers.items():
            handler.send_header(name, value)
        handler.send_header("Content-Length", "0")
        handler.end_headers()

    return answer


def endless(handler: BaseHTTPRequestHandler) -> None:
    """Zeros, until somebody hangs up."""
    handler.send_response(200)
    handler.end_headers()
    while handler.server_owner.sent < MOST:
        send(handler, bytes(1 << 16))


def chunked(data: bytes) -> Answer:
    """The file in pieces, without its length."""

    def answer(handler):
        handler.protocol_version = "HTTP/1.1"
        handler.send_response(200)
        handler.send_header("Transfer-Encoding", "chunked")
        handler.send_header("Connection", "close")
        handler.end_headers()
        for place in range(0, len(data), 1000):
            piece = data[place : place + 1000]
            send(handler, f"{len(piece):x}\r\n".encode() + piece + b"\r\n")
        send(handler, b"0\r\n\r\n")
        handler.close_connection = True

    return answer


def stalled(data: bytes, reached: threading.Event | None = None) -> Answer:
    """Half of the file, then nothing more."""

    def answer(handler):
        handler.send_response(200)
        handler.send_header("Content-Length", str(len(data)))
        handler.end_headers()
        send(handler, data[: len(data) // 2])
        if reached is not None:
            reached.set()
        handler.server_owner.stopping.wait(30)

    return answer


def dripping(data: bytes) -> Answer:
    """A byte now and then: never silent for long, and never done."""

    def answer(handler):
        handler.send_response(200)
        handler.send_header("Content-Length", str(len(data)))
        handler.end_headers()
        for place in range(200):
            send(handler, data[place : place + 1])
            time.sleep(0.02)

    return answer

"""HTTP on a loopback port for a WSGI application, with connections that stay open.

werkzeug's own handler closes each connection after one answer, since it can't tell where a
request's body ends. This one counts the body, so that a push of many layers keeps its connection.
"""

import contextlib
import io
import socket
import socketserver
import threading
from collections.abc import Callable, Iterable, Iterator
from typing import Any, cast

from werkzeug.serving import BaseWSGIServer, ThreadedWSGIServer, WSGIRequestHandler

Application = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]

_CHUNK = 1 << 16


class _Body(io.RawIOBase):
    """The part of the connection that is this request's body."""

    def __init__(self, stream: Any, length: int) -> None:
        self._stream = stream
        self._left = length

    def readinto(self, buffer: Any) -> int:
        wanted = min(len(buffer), self._left)
        chunk = self._stream.read1(wanted) if wanted else b""
        if wanted and not chunk:
            raise ConnectionAbortedError("the client went away in the middle of a body")
        buffer[: len(chunk)] = chunk
        self._left -= len(chunk)
        return len(chunk)


class Handler(WSGIRequestHandler):
    """Hands requests to the application."""

    protocol_version = "HTTP/1.1"
    # An answer is two writes, headers and body; Nagle's algorithm would hold back the second.
    disable_nagle_algorithm = True

    def run_wsgi(self) -> None:
        """Answer one request."""
        environ = self.make_environ()
        if not environ.get("wsgi.input_terminated"):
            length = environ.get("CONTENT_LENGTH") or "0"
            environ["wsgi.input"] = _Body(self.rfile, int(length) if length.isdigit() else 0)
        body = environ["wsgi.input"]
        # WSGI's own sign that reading on ends at the body's end.
        environ["wsgi.input_terminated"] = True
        environ["wsgi.errors"] = io.StringIO()
        try:
            self._answer(environ)
            self._drain(body)
        except OSError:
            # The other side has gone, and with it the connection.
            self.close_connection = True

    def _answer(self, environ: dict[str, Any]) -> None:
        def start_response(status: str, headers: list[tuple[str, str]]) -> None:
            code, _, reason = status.partition(" ")
            self.send_response(int(code), reason)
            # Among them the length: werkzeug's responses always say it where there is a body.
            for name, value in headers:
                self.send_header(name, value)
            self.end_headers()

        application: Any = self.server.app
        with contextlib.closing(application(environ, start_response)) as chunks:
            for chunk in chunks:
                self.wfile.write(chunk)

    def _drain(self, body: Any) -> None:
        """Read what the application left of the body, so that the next request begins after it."""
        while body.read(_CHUNK):
            pass

    def log(self, *_said: object) -> None:
        """Say nothing: the terminal belongs to the command."""


class _Server(ThreadedWSGIServer):
    """A server that knows its connections, so that it can end them."""

    daemon_threads = True
    block_on_close = True
    request_queue_size = 128

    def __init__(self, make: Callable[[str], Application]) -> None:
        self._open: set[socket.socket] = set()
        # The application is made when the port is known.
        super().__init__("127.0.0.1", 0, cast("Any", None), handler=Handler)
        try:
            self.app = make(f"127.0.0.1:{self.port}")
        except BaseException:
            self.server_close()
            raise

    def server_bind(self) -> None:
        # http.server's own asks the name service for this host's name, which may take seconds.
        socketserver.TCPServer.server_bind(self)
        self.server_name, self.server_port = "127.0.0.1", self.server_address[1]

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        self._open.add(request)
        try:
            super().process_request_thread(request, client_address)
        finally:
            self._open.discard(request)

    def handle_error(self, *_of: object) -> None:
        """Say nothing: the terminal belongs to the command."""

    def hang_up(self) -> None:
        for connection in list(self._open):
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)


@contextlib.contextmanager
def served(make: Callable[[str], Application]) -> Iterator[None]:
    """Serve in a thread; all connections end with it.

    Args:
        make: Returns the application that is reached by this host and port (``127.0.0.1:1024``).
    """
    server = _Server(make)
    thread = threading.Thread(target=_serve, args=(server,), name="sandbox", daemon=True)
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        thread.join()
        server.hang_up()
        server.server_close()


def _serve(server: BaseWSGIServer) -> None:
    server.serve_forever(poll_interval=0.05)

"""A way to the sandbox on which one answer goes wrong, and AWS clients that don't wait long."""

import contextlib
import http.client
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

_THROTTLED = b'{"__type":"ThrottlingException","message":"Rate exceeded"}'
_LITTLE_PATIENCE = 1.0
_MUCH_PATIENCE = 60.0
KINDS = ("throttled", "reset", "stalled", "cut short")


@dataclass
class Fault:
    """What goes wrong, and when.

    Attributes:
        kind: One of ``KINDS``, or nothing.
        at: The number of the call that goes wrong; every call from it on, if ``for_ever``.
        calls: The operations that were called.
    """

    target: str
    kind: str = ""
    at: int = 0
    for_ever: bool = False
    calls: list[str] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def hits(self, operation: str) -> bool:
        with self.lock:
            number = len(self.calls)
            self.calls.append(operation)
        return number == self.at or (self.for_ever and number > self.at)


def _handler(fault: Fault) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            operation = (self.headers["X-Amz-Target"] or self.path).rpartition(".")[2]
            kind = fault.kind if fault.hits(operation) else ""
            if kind == "reset":
                self.close_connection = True
                return
            if kind == "throttled":
                self._send(400, _THROTTLED, _THROTTLED)
                return
            status, answer = self._asked(body)
            if kind == "stalled":
                self.rfile.read(1)  # until the other side has had enough
                self.close_connection = True
                return
            sent = answer[: len(answer) // 2] if kind == "cut short" else answer
            self._send(status, answer, sent)

        def _asked(self, body: bytes) -> tuple[int, bytes]:
            connection = http.client.HTTPConnection(fault.target)
            with contextlib.closing(connection):
                connection.request("POST", self.path, body, dict(self.headers))
                response = connection.getresponse()
                return response.status, response.read()

        def _send(self, status: int, whole: bytes, sent: bytes) -> None:
            with contextlib.suppress(OSError):
                self.send_response(status)
                self.send_header("Content-Type", "application/x-amz-json-1.1")
                self.send_header("Content-Length", str(len(whole)))
                self.end_headers()
                self.wfile.write(sent)
            self.close_connection = len(whole) != len(sent)

        def log_message(self, *_: Any) -> None:
            pass

    return Handler


@contextlib.contextmanager
def proxied(fault: Fault) -> Iterator[str]:
    """Stand before the sandbox, and give the URL."""

    class Server(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, *_: Any) -> None:
            pass

    server = Server(("127.0.0.1", 0), _handler(fault))
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def client(service: str, url: str, kind: str = "") -> Any:
    """Return a client that tries once, and isn't patient where an answer stalls."""
    import boto3
    from botocore.config import Config

    return boto3.client(
        service,  # type: ignore[call-overload]
        endpoint_url=url,
        region_name="ap-northeast-1",
        aws_access_key_id="a",
        aws_secret_access_key="b",
        config=Config(
            read_timeout=_LITTLE_PATIENCE if kind == "stalled" else _MUCH_PATIENCE,
            connect_timeout=_MUCH_PATIENCE,
            retries={"total_max_attempts": 1},
        ),
    )

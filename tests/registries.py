"""A small registry on loopback, with faults on request."""

import base64
import json
import socket
import threading
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from images import sha256


@dataclass
class FakeRegistry:
    """What a registry holds, what it was asked, and how it misbehaves.

    Attributes:
        blobs: The blobs by digest, of every repository.
        manifests: Media type and bytes, by (repository, tag or digest).
        users: Passwords by user; empty for a registry that asks for none.
        bearer: Ask for a token instead of user and password.
        asked: ``METHOD path`` of every request but those for a login, in order.
        fault: Called with ``METHOD path`` before each answer; returns a status, ``drop`` to close
            the connection, or None to go on.
        locked: Tags don't move.
        cut: Break the first upload of more bytes than these after so many, once.
        resumes: Keep what arrived of a broken upload, and tell how much it is.
        elsewhere: Digests that only other repositories have, to be mounted from there.
        redirect: Lead the reader of a blob to this place first.
        endless: List tags in pages that never end.
    """

    host: str = ""
    blobs: dict[str, bytes] = field(default_factory=dict)
    manifests: dict[tuple[str, str], tuple[str, bytes]] = field(default_factory=dict)
    users: dict[str, str] = field(default_factory=dict)
    bearer: bool = False
    asked: list[str] = field(default_factory=list)
    fault: Callable[[str], int | str | None] = lambda _asked: None
    locked: bool = False
    fault_code: str = "FAULT"
    fault_body: bytes | None = None
    known: set[str] | None = None
    tokens: set[str] = field(default_factory=set)
    uploads: dict[str, bytes] = field(default_factory=dict)
    wrong_digest: str | None = None
    page: int = 2
    cut: int | None = None
    resumes: bool = True
    elsewhere: set[str] = field(default_factory=set)
    redirect: str = ""
    endless: bool = False
    received: int = 0

    def tag(self, repository: str, tag: str) -> str | None:
        """Return the digest under a tag."""
        found = self.manifests.get((repository, tag))
        return sha256(found[1]) if found else None


class NoDisplay:
    """A display that nobody looks at."""

    def begin(self, total: int) -> None:
        return

    def add(self, count: int) -> None:
        return

    def show(self) -> None:
        return

    def end(self) -> None:
        return


NO_DISPLAY = NoDisplay()


@contextmanager
def serving(registry: FakeRegistry) -> Iterator[FakeRegistry]:
    server = _Server(("127.0.0.1", 0), type("Handler", (_Handler,), {"registry": registry}))
    registry.host = f"127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=lambda: server.serve_forever(poll_interval=0.01), daemon=True)
    thread.start()
    try:
        yield registry
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing of a client that has gone, which is what some tests are about."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    registry: FakeRegistry

    def log_message(self, *_arguments: Any) -> None:
        return

    def answer(self, status: int, body: bytes = b"", **headers: str) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        if "Content_Length" not in headers:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def refuse(self, status: int, code: str, message: str = "no") -> None:
        errors = {"errors": [{"code": code, "message": message}]}
        self.answer(status, json.dumps(errors).encode())

    def is_let_in(self) -> bool:
        given = self.headers.get("Authorization", "")
        if not self.registry.users:
            return True
        if self.registry.bearer:
            if given.removeprefix("Bearer ") in self.registry.tokens:
                return True
            realm = f'Bearer realm="http://{self.registry.host}/token",service="fake"'
            self.answer(401, WWW_Authenticate=realm)
            return False
        if given.startswith("Basic ") and self.knows(given):
            return True
        self.answer(401, WWW_Authenticate='Basic realm="fake"')
        return False

    def knows(self, given: str) -> bool:
        pair = base64.b64decode(given.removeprefix("Basic ")).decode()
        user, _, password = pair.partition(":")
        return self.registry.users.get(user) == password

    def token(self) -> None:
        if not self.knows(self.headers.get("Authorization", "Basic ")):
            self.answer(401)
            return
        scope = parse_qs(urlsplit(self.path).query)["scope"][0]
        token = f"token-{len(self.registry.tokens)}-{scope}"
        self.registry.tokens.add(token)
        self.answer(200, json.dumps({"token": token}).encode())

    def misbehave(self, wanted: int | str) -> None:
        if isinstance(wanted, str):
            self.close_connection = True
            self.connection.close()
        elif self.registry.fault_body is not None:
            self.answer(wanted, self.registry.fault_body)
        else:
            self.refuse(wanted, self.registry.fault_code, "as asked for")

    def serve(self) -> None:
        path = urlsplit(self.path).path
        length = int(self.headers.get("Content-Length") or 0)
        if self.registry.cut is not None and length > self.registry.cut:
            self.cut(path.rpartition("/")[2])
            return
        body = self.rfile.read(length)
        self.registry.received += len(body)
        if path == "/token":
            self.token()
            return
        if path != "/v2/":
            asked = f"{self.command} {path}"
            self.registry.asked.append(asked)
            wanted = self.registry.fault(asked)
            if wanted is not None:
                self.misbehave(wanted)
                return
        if not self.is_let_in():
            return
        if path == "/v2/":
            self.answer(200)
            return
        for mark, act in (
            ("/blobs/uploads/", self.uploading),
            ("/blobs/", self.blob),
            ("/manifests/", self.manifest),
            ("/tags/list", self.tags),
        ):
            repository, found, rest = path.removeprefix("/v2/").partition(mark)
            if found:
                if self.registry.known is not None and repository not in self.registry.known:
                    self.refuse(404, "NAME_UNKNOWN")
                else:
                    act(repository, rest, body)
                return
        self.answer(404)

    def cut(self, session: str) -> None:
        body = self.rfile.read(self.registry.cut or 0)
        self.registry.received += len(body)
        self.registry.cut = None
        if self.registry.resumes:
            self.registry.uploads[session] += body
        self.close_connection = True
        self.connection.shutdown(socket.SHUT_RDWR)
        self.connection.close()

    def uploading(self, repository: str, session: str, body: bytes) -> None:
        asked = parse_qs(urlsplit(self.path).query)
        if self.command == "POST" and asked.get("mount", [""])[0] in self.registry.elsewhere:
            self.registry.elsewhere.discard(asked["mount"][0])
            self.answer(201, Docker_Content_Digest=asked["mount"][0])
            return
        if self.command == "GET":
            have = len(self.registry.uploads.get(session, b""))
            place = f"/v2/{repository}/blobs/uploads/{session}?state=again"
            if self.registry.resumes:
                self.answer(204, Location=place, Range=f"0-{max(have - 1, 0)}")
            else:
                self.refuse(404, "BLOB_UPLOAD_UNKNOWN")
            return
        begin = self.headers.get("Content-Range", "0-").partition("-")[0]
        if begin != "0" and int(begin) != len(self.registry.uploads[session]):
            self.refuse(416, "BLOB_UPLOAD_INVALID")
            return
        if self.command == "POST":
            session = uuid.uuid4().hex
            self.registry.uploads[session] = b""
        self.registry.uploads[session] += body
        place = f"http://{self.registry.host}/v2/{repository}/blobs/uploads/{session}?state=x"
        if self.command != "PUT":
            self.answer(202, Location=place)
            return
        digest = asked["digest"][0]
        if sha256(self.registry.uploads[session]) != digest:
            self.refuse(400, "DIGEST_INVALID", "the digest is another")
            return
        self.registry.blobs[digest] = self.registry.uploads.pop(session)
        self.answer(201, Docker_Content_Digest=digest)

    def blob(self, _repository: str, digest: str, _body: bytes) -> None:
        if digest in self.registry.elsewhere:
            self.answer(404)
        elif digest in self.registry.blobs and self.command == "GET" and self.registry.redirect:
            self.registry.redirect, place = "", self.registry.redirect
            self.answer(307, Location=place)
        elif digest in self.registry.blobs and self.command == "GET":
            self.answer(200, self.registry.blobs[digest])
        elif digest in self.registry.blobs:
            self.answer(200, Content_Length=str(len(self.registry.blobs[digest])))
        else:
            self.answer(404)

    def manifest(self, repository: str, reference: str, body: bytes) -> None:
        if self.command == "PUT":
            before = self.registry.manifests.get((repository, reference))
            if self.registry.locked and before and before[1] != body:
                self.refuse(400, "TAG_INVALID", "the tag is immutable")
                return
            entry = (self.headers["Content-Type"], body)
            self.registry.manifests[repository, reference] = entry
            self.registry.manifests[repository, sha256(body)] = entry
            if self.registry.wrong_digest == "":
                self.answer(201)
                return
            self.answer(201, Docker_Content_Digest=self.registry.wrong_digest or sha256(body))
            return
        found = self.registry.manifests.get((repository, reference))
        if found is None:
            self.refuse(404, "MANIFEST_UNKNOWN")
            return
        digest = self.registry.wrong_digest or sha256(found[1])
        self.answer(200, found[1], Content_Type=found[0], Docker_Content_Digest=digest)

    def tags(self, repository: str, _rest: str, _body: bytes) -> None:
        names = sorted(
            tag for name, tag in self.registry.manifests if name == repository and ":" not in tag
        )
        last = parse_qs(urlsplit(self.path).query).get("last", [""])[0]
        if self.registry.endless:
            link = f'</v2/{repository}/tags/list?last={uuid.uuid4()}>; rel="next"'
            self.answer(200, b'{"tags":[]}', Link=link)
            return
        left = [name for name in names if name > last]
        here, more = left[: self.registry.page], left[self.registry.page :]
        link = f'</v2/{repository}/tags/list?last={here[-1]}>; rel="next"' if more else ""
        body = json.dumps({"name": repository, "tags": here}).encode()
        self.answer(200, body, **({"Link": link} if link else {}))

    do_GET = do_HEAD = do_PUT = do_POST = do_PATCH = serve  # noqa: N815

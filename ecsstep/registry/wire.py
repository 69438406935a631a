"""Single HTTP requests to a registry, and what breaks them."""

import io
import json
import re
import threading
from collections.abc import Mapping
from typing import Any

from ecsstep import __version__
from ecsstep.errors import Exit, StepError
from ecsstep.registry import taped
from ecsstep.registry.image import MANIFEST_LIMIT
from ecsstep.rules.image import DOCKER_HUB, is_loopback
from ecsstep.value import Value

_CONNECT_SECONDS = 10.0
_READ_SECONDS = 120.0
_CHUNK = 1024 * 1024
_CONNECTIONS = 8
_OK, _TOO_MANY, _SERVER = 200, 429, 500
_HUB_API = "registry-1.docker.io"


class AgainError(Exception):
    """An attempt broke in a way that another one may not.

    Attributes:
        after: After how many seconds the other side wants to be asked again, if it says so.
    """

    after: float | None = None


class Answer(Value):
    """A registry's answer.

    Attributes:
        status: The HTTP status.
        headers: Its headers, names in lower case.
        body: Its body.
        url: What was asked.
    """

    status: int
    headers: Mapping[str, str]
    body: bytes
    url: str

    def json(self) -> dict[str, Any]:
        """Return the body's object; an empty one where it holds none."""
        try:
            found = json.loads(self.body)
        except (ValueError, RecursionError):
            return {}
        return found if isinstance(found, dict) else {}


class Download(io.RawIOBase):
    """A blob while it is read from a registry."""

    def __init__(self, response: Any, host: str) -> None:
        super().__init__()
        self._response = response
        self._host = host

    def read(self, size: int = -1) -> bytes:
        """Return the next bytes.

        Raises:
            AgainError: The connection broke.
        """
        from urllib3.exceptions import HTTPError

        try:
            return bytes(self._response.read(None if size < 0 else size, decode_content=False))
        except HTTPError as error:
            raise AgainError(f"the download from '{self._host}' broke: {error}") from error

    def close(self) -> None:
        """End it; what was not read is not wanted."""
        if not self.closed:
            self._response.close()
        super().close()


class Wire:
    """The way to one registry. Plain HTTP is for registries on this machine only.

    Attributes:
        host: The registry's host, as the user names it.
        base: The beginning of its URLs.
    """

    def __init__(self, host: str, environ: Mapping[str, str]) -> None:
        self.host = host
        self.base = f"{'http' if is_loopback(host) else 'https'}://{_api_host(host)}"
        self._environ = environ
        self._made_pool: Any = None
        self._lock = threading.Lock()

    def send(self, method: str, url: str, headers: Mapping[str, str], body: Any = b"") -> Answer:
        """Return the answer to one request, whatever its status below 500.

        Raises:
            AgainError: It broke, or the registry says that it is busy or ill.
            StepError: The registry's certificate can't be trusted (exit 2).
        """
        try:
            status, found, raw = taped.asked(
                method, url, headers, body, lambda: self._sent(method, url, headers, body)
            )
        except taped.BrokenError as error:
            raise self._broken(str(error)) from error
        self._expect_health(status, found)
        if len(raw) > MANIFEST_LIMIT:
            raise StepError(
                f"'{self.host}' answers with more than 4 MiB",
                exit=Exit.USAGE,
                hint=f"check that '{self.host}' is a registry, and no proxy's page",
            )
        return Answer(status=status, headers=found, body=raw, url=url)

    def _sent(self, method: str, url: str, headers: Mapping[str, str], body: Any) -> taped.Parts:
        from urllib3.exceptions import HTTPError

        try:
            response = self._pool().request(
                method,
                url,
                headers={"User-Agent": f"ecsstep/{__version__}", **headers},
                body=body,
                redirect=False,
                retries=False,
                preload_content=False,
            )
            try:
                raw = response.read(MANIFEST_LIMIT + 1) if method != "HEAD" else b""
            finally:
                response.release_conn()
        except HTTPError as error:
            raise taped.BrokenError(str(error)) from error
        return response.status, _lower(response.headers), raw

    def open(self, url: str, headers: Mapping[str, str]) -> "Download | Answer":
        """Return the beginning of a download, or the answer that stands in its place.

        Raises:
            AgainError: It broke, or the registry says that it is busy or ill.
            StepError: The registry's certificate can't be trusted (exit 2).
        """
        opened: list[Download] = []
        try:
            status, found, raw = taped.asked(
                "GET", url, headers, b"", lambda: self._opened(url, headers, opened)
            )
        except taped.BrokenError as error:
            raise self._broken(str(error)) from error
        if status == _OK:
            # In a replay there is nothing to read: nor is anything sent.
            return opened[0] if opened else Download(_Zeros(), self.host)
        self._expect_health(status, found)
        return Answer(status=status, headers=found, body=raw, url=url)

    def _opened(
        self, url: str, headers: Mapping[str, str], opened: "list[Download]"
    ) -> taped.Parts:
        from urllib3.exceptions import HTTPError

        try:
            response = self._pool().request(
                "GET",
                url,
                headers={
                    "User-Agent": f"ecsstep/{__version__}",
                    "Accept-Encoding": "identity",
                    **headers,
                },
                redirect=False,
                retries=False,
                preload_content=False,
            )
            if response.status == _OK:
                opened.append(Download(response, self.host))
                return _OK, _lower(response.headers), b""
            try:
                raw = response.read(MANIFEST_LIMIT)
            finally:
                response.release_conn()
        except HTTPError as error:
            raise taped.BrokenError(str(error)) from error
        return response.status, _lower(response.headers), raw

    def _expect_health(self, status: int, headers: Mapping[str, str]) -> None:
        if status == _TOO_MANY or status >= _SERVER:
            error = AgainError(f"'{self.host}' answers {status}")
            wait = headers.get("retry-after", "")
            # The other form, a date, is none of the registries' nor of Slack's.
            error.after = float(wait) if wait.isdecimal() and wait.isascii() else None
            raise error

    def _broken(self, said: str) -> Exception:
        words = re.sub(r"^.*?(?:HTTPS?Connection\w*\(.*?\): |object at 0x\w+>:? )", "", said)
        if "CERTIFICATE_VERIFY_FAILED" in words:
            return StepError(
                f"can't trust the certificate of '{self.host}'",
                exit=Exit.USAGE,
                hint="install the ca-certificates, or name the authority's file in SSL_CERT_FILE",
            )
        return AgainError(f"'{self.host}' can't be reached: {words}")

    def _pool(self) -> Any:
        with self._lock:
            if self._made_pool is None:
                self._made_pool = self._new_pool()
        return self._made_pool

    def _new_pool(self) -> Any:
        import urllib3

        settings: dict[str, Any] = {
            "timeout": urllib3.Timeout(connect=_CONNECT_SECONDS, read=_READ_SECONDS),
            "blocksize": _CHUNK,
            "maxsize": _CONNECTIONS,
        }
        proxy = self._proxy()
        return urllib3.ProxyManager(proxy, **settings) if proxy else urllib3.PoolManager(**settings)

    def _proxy(self) -> str | None:
        from urllib.request import proxy_bypass_environment  # type: ignore[attr-defined]

        if is_loopback(self.host):
            return None
        excluded = self._environ.get("no_proxy") or self._environ.get("NO_PROXY") or ""
        if proxy_bypass_environment(_api_host(self.host), {"no": excluded}):
            return None
        return self._environ.get("https_proxy") or self._environ.get("HTTPS_PROXY") or None


class _Zeros:
    """The download of a replay, in which nobody looks at the bytes."""

    def read(self, size: int | None, **_more: object) -> bytes:
        return bytes(size or 0)

    def close(self) -> None:
        """Nothing was opened."""


def _lower(headers: Mapping[str, str]) -> dict[str, str]:
    return {name.lower(): value for name, value in headers.items()}


def _api_host(host: str) -> str:
    return _HUB_API if host == DOCKER_HUB else host

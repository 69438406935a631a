"""A connection to one registry: login, retries, the places that it may name."""

import random
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import urljoin, urlsplit

from ecsstep.core.clock import Clock
from ecsstep.errors import Exit, StepError
from ecsstep.registry.errors import Deed, refusal
from ecsstep.registry.handshake import Handshake, Login
from ecsstep.registry.wire import AgainError, Answer, Wire
from ecsstep.rules.image import is_loopback
from ecsstep.rules.trouble import Trouble

if TYPE_CHECKING:
    from ecsstep.registry.wire import Download
    from ecsstep.secret import Secret

_ATTEMPTS = 5
_FIRST_DELAY = 0.5
_MOST_REDIRECTS = 5
_UNAUTHORIZED, _FORBIDDEN = 401, 403
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_T = TypeVar("_T")


class Transport:
    """Requests to one registry, on behalf of one repository; from any thread.

    Attributes:
        host: The registry's host, as the user names it.
    """

    def __init__(
        self,
        host: str,
        *,
        logins: Iterable[Login],
        clock: Clock,
        environ: Mapping[str, str],
        scopes: Sequence[str] = (),
    ) -> None:
        self.host = host
        self._clock = clock
        self._wire = Wire(host, environ)
        self._handshake = Handshake(self._wire, logins, scopes=scopes)
        self._session: _Session | None = None
        self._lock = threading.Lock()

    def call(self, method: str, path: str, deed: Deed, **more: Any) -> Answer:
        """Return the answer to a request that may be made again where it breaks.

        Raises:
            StepError: There is no login that the registry takes (exit 5), or it can't be reached
                after the retries (exit 75).
        """
        return self.retried(lambda: self.once(method, path, deed, **more), deed)

    def retried(self, attempt: Callable[[], _T], deed: Deed) -> _T:
        """Return what an attempt gives, made again with backoff and jitter where it breaks.

        Raises:
            StepError: Every attempt broke (exit 75).
        """
        delay, number = _FIRST_DELAY, 1
        while True:
            try:
                return attempt()
            except AgainError as error:
                if number == _ATTEMPTS:
                    words = f"{error} (still after {_ATTEMPTS} attempts)"
                    raise refusal(deed, Trouble.TEMPORARY, words) from error
            self._clock.sleep(delay * (0.5 + random.SystemRandom().random() / 2))
            delay, number = delay * 2, number + 1

    def once(  # noqa: PLR0913 - a request has so many parts
        self,
        method: str,
        url: str,
        deed: Deed,
        *,
        headers: Mapping[str, str] | None = None,
        body: Any = b"",
        size: int | None = None,
    ) -> Answer:
        """Return the answer to one request.

        Args:
            method: The HTTP method.
            url: A path of the registry, or a place that it named.
            deed: What it is about.
            headers: Further headers.
            body: Bytes, or something to read them from; then ``size`` says how many.
            size: The length of the body.

        Raises:
            AgainError: It broke, or the registry says that it is busy, or the login has ended.
            StepError: There is no login that the registry takes (exit 5).
        """
        url = self._absolute(url)
        sent = dict(headers or {})
        if size is not None:
            sent |= {"Content-Length": str(size), "Content-Type": "application/octet-stream"}
        session = self._logged_in(deed)
        answer = self._wire.send(method, url, {**sent, **session.header(self._is_ours(url))}, body)
        self._judge(session, answer.status, url)
        return answer

    def download(self, url: str, deed: Deed) -> "Download | Answer":
        """Return the beginning of a download; redirects lead to where the registry keeps it.

        Raises:
            AgainError: It broke, or the login has ended.
            StepError: There is no login that the registry takes (exit 5).
        """
        for _ in range(_MOST_REDIRECTS):
            url = self._absolute(url)
            session = self._logged_in(deed)
            answer = self._wire.open(url, session.header(self._is_ours(url)))
            if not isinstance(answer, Answer):
                return answer
            self._judge(session, answer.status, url)
            if answer.status not in _REDIRECTS or "location" not in answer.headers:
                return answer
            url = urljoin(url, answer.headers["location"])
        raise AgainError(f"'{self.host}' leads in circles")

    def _logged_in(self, deed: Deed) -> "_Session":
        with self._lock:
            if self._session is None:
                self._session = _Session(self._handshake.authorization(deed))
            return self._session

    def _judge(self, session: "_Session", status: int, url: str) -> None:
        """Learn from an answer whether the login works, or has ended on the way."""
        if status == _UNAUTHORIZED and session.is_proven and self._is_ours(url):
            with self._lock:
                # Another thread may have noticed it and logged in anew.
                if self._session is session:
                    self._session = None
            raise AgainError("the login has ended")
        session.is_proven = session.is_proven or status not in (_UNAUTHORIZED, _FORBIDDEN)

    def _absolute(self, url: str) -> str:
        """Return a place that the registry named, as one that may be asked."""
        full = urljoin(f"{self._wire.base}/", url)
        place = urlsplit(full)
        if place.netloc == urlsplit(self._wire.base).netloc:
            # A registry behind a proxy may think that it speaks plain HTTP.
            return f"{self._wire.base}{full.partition(place.netloc)[2]}"
        if place.scheme != "https" and not is_loopback(place.netloc):
            raise StepError(
                f"'{self.host}' wants the image sent to '{place.netloc}' without encryption",
                exit=Exit.ACCESS,
                hint="check the registry's host name and set-up",
            )
        return full

    def _is_ours(self, url: str) -> bool:
        return url.startswith(f"{self._wire.base}/")


class _Session:
    """An authorization, and whether it has ever worked."""

    def __init__(self, value: "Secret | None") -> None:
        self._value = value
        self.is_proven = False

    def header(self, is_ours: bool) -> dict[str, str]:  # noqa: FBT001 - the place decides
        """Return the header; the login is for the registry alone, not for where it keeps blobs."""
        return {"Authorization": self._value.reveal()} if self._value and is_ours else {}

"""A registry's challenge, answered with the first login that it takes."""

import base64
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from urllib.parse import urlencode, urlsplit

from ecsstep.errors import Exit, StepError
from ecsstep.registry.auth import Credentials
from ecsstep.registry.errors import Deed, login_hint
from ecsstep.registry.wire import Wire
from ecsstep.rules.image import is_loopback
from ecsstep.secret import Secret

Login = Callable[[], Credentials | None]

_OK, _UNAUTHORIZED = 200, 401
_PARAMETER = re.compile(r'(\w+)="([^"]*)"')


class Handshake:
    """Basic and Bearer authentication, by the logins at hand, the best first.

    A login that the registry refuses (a token from yesterday in an auth file) is passed by.

    Args:
        wire: The way to the registry.
        logins: The logins at hand.
        scopes: What a token is to allow; by default to pull and push what a request is about.
    """

    def __init__(self, wire: Wire, logins: Iterable[Login], *, scopes: Sequence[str] = ()) -> None:
        self._wire = wire
        self._scopes = scopes
        self._logins = iter(logins)
        self._credentials: Credentials | None = None

    def authorization(self, deed: Deed) -> Secret | None:
        """Return the header's value that the registry takes; None where it asks for none.

        Raises:
            AgainError: A request broke.
            StepError: There is no login that the registry takes (exit 5).
        """
        answer = self._wire.send("GET", f"{self._wire.base}/v2/", {})
        if answer.status != _UNAUTHORIZED:
            return None
        challenge = answer.headers.get("www-authenticate", "")
        if challenge.lower().startswith("bearer "):
            return self._bearer(dict(_PARAMETER.findall(challenge)), deed)
        return self._basic(deed)

    def _basic(self, deed: Deed) -> Secret:
        tried = False
        for credentials in self._candidates():
            value = _basic_value(credentials)
            header = {"Authorization": value.reveal()}
            if self._wire.send("GET", f"{self._wire.base}/v2/", header).status == _OK:
                self._credentials = credentials
                return value
            tried = True
        raise self._no_login(deed, tried=tried)

    def _bearer(self, challenge: Mapping[str, str], deed: Deed) -> Secret:
        realm = challenge.get("realm", "")
        place = urlsplit(realm)
        if place.scheme != "https" and not (
            is_loopback(self._wire.host) and is_loopback(place.netloc) and place.scheme == "http"
        ):
            raise StepError(
                f"'{self._wire.host}' wants the password sent to '{realm}', which is not encrypted",
                exit=Exit.ACCESS,
                hint="check the registry's host name",
            )
        scopes = self._scopes or (f"repository:{deed.repository}:pull,push",)
        asked = [("scope", scope) for scope in scopes]
        if "service" in challenge:
            asked.append(("service", challenge["service"]))
        url = f"{realm}{'&' if place.query else '?'}{urlencode(asked)}"
        tried = False
        for credentials in self._candidates():
            header = {"Authorization": _basic_value(credentials).reveal()}
            answer = self._wire.send("GET", url, header)
            token = answer.json().get("token") or answer.json().get("access_token")
            if answer.status == _OK and isinstance(token, str):
                self._credentials = credentials
                return Secret(f"Bearer {Secret(token).reveal()}")
            tried = True
        raise self._no_login(deed, tried=tried)

    def _candidates(self) -> Iterator[Credentials]:
        """Yield the login that worked before, then those that were not tried yet."""
        if self._credentials:
            yield self._credentials
        for login in self._logins:
            found = login()
            if found:
                yield found

    def _no_login(self, deed: Deed, *, tried: bool) -> StepError:
        what = "takes none of the logins found" if tried else "asks for a login, and there is none"
        return StepError(
            f"can't {deed.doing}: '{self._wire.host}' {what}",
            exit=Exit.ACCESS,
            hint=login_hint(self._wire.host),
        )


def _basic_value(credentials: Credentials) -> Secret:
    pair = f"{credentials.user}:{credentials.password.reveal()}".encode()
    return Secret(f"Basic {base64.b64encode(pair).decode()}")

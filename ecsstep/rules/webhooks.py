"""Which addresses a webhook may have."""

import re

from ecsstep.value import Value

_URL = re.compile(
    r"(?P<scheme>https?)://(?P<host>[A-Za-z0-9.-]+(?::\d{1,5})?)(?P<path>/[!-~]*)", re.ASCII
)
_LOOPBACK = re.compile(r"(?:127\.0\.0\.1|localhost)(?::\d+)?")


class Address(Value):
    """Where a webhook is; the path is the secret.

    Attributes:
        host: Its host, with a port or without; no secret.
        path: Everything after it.
    """

    host: str
    path: str


def address(url: str) -> Address:
    """Return where a webhook is.

    Raises:
        ValueError: It is no address, or the message would travel unencrypted; the address itself
            isn't shown.
    """
    found = _URL.fullmatch(url.strip())
    if found is None:
        raise ValueError("is no address of a webhook; it looks like https://hooks.slack.com/…")
    is_here = _LOOPBACK.fullmatch(found["host"]) is not None
    if found["scheme"] == "http" and not is_here:
        raise ValueError("is not https: whoever listens could read the message and the address")
    if found["scheme"] == "https" and is_here:
        raise ValueError("is https on this machine, where plain http is used")
    return Address(host=found["host"], path=found["path"])

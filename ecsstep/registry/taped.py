"""A registry's answers through the :class:`~ecsstep.core.outside.Outside` in use.

Of a request is kept what makes it this one, of an answer what a step reads. The bytes of blobs are
never kept, only how many they are.
"""

from collections.abc import Callable, Mapping
from typing import Any

from ecsstep.core.outside import Answer, current

_REQUEST_HEADERS = frozenset({"accept", "content-type", "content-range", "content-length"})
_ANSWER_HEADERS = frozenset(
    {"content-type", "content-length", "docker-content-digest", "link", "location", "range",
     "retry-after", "www-authenticate"}
)  # fmt: skip

Parts = tuple[int, Mapping[str, str], bytes]
"""Status, headers with names in lower case, and body of an answer."""


class BrokenError(Exception):
    """The request broke, in the words that it broke with."""


def asked(
    method: str, url: str, headers: Mapping[str, str], body: Any, live: Callable[[], Parts]
) -> Parts:
    """Return a registry's answer, real or recorded.

    Args:
        method: The HTTP method.
        url: What is asked.
        headers: The request's headers; of a login only its scheme is noted.
        body: The request's body: bytes, or something that is read while it is sent.
        live: Asks for real.

    Raises:
        BrokenError: The request broke.
        StepError: As ``live`` raises it.
    """

    def noted() -> Answer:
        try:
            status, found, raw = live()
        except BrokenError as error:
            return {"broken": str(error)}
        kept = {name: value for name, value in found.items() if name in _ANSWER_HEADERS}
        return {"status": status, "headers": kept, "body": raw}

    outside = current()
    if not (outside.is_kept or outside.is_replay):
        return live()
    sent = {name.lower(): value for name, value in headers.items()}
    question: dict[str, Any] = {
        "method": method,
        "url": url,
        "headers": {name: sent[name] for name in sorted(sent) if name in _REQUEST_HEADERS},
    }
    if "authorization" in sent:
        question["login"] = sent["authorization"].partition(" ")[0]
    if isinstance(body, bytes) and body:
        question["size"] = len(body)
    answer = outside.ask("http", question, noted)
    if "broken" in answer:
        raise BrokenError(answer["broken"])
    found = {str(name): str(value) for name, value in answer.get("headers", {}).items()}
    return int(answer.get("status", 0)), found, bytes(answer.get("body", b""))

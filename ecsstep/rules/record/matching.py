"""Which recorded answer belongs to a question."""

import json
import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl, urlsplit

CALLS = frozenset({"aws", "http", "run", "image"})
"""What a step asks of the outside on purpose; without an answer a replay can't go on."""

# Made anew each time, so that a request which is sent twice is carried out once.
_IDEMPOTENCY = frozenset({"clientToken", "idempotencyToken", "clientRequestToken"})
_UPLOAD = re.compile(r"(/v2/.+/blobs/uploads/).+")
_OF_UPLOAD = frozenset({"digest", "mount", "from"})
_LONGEST = 160


def key(kind: str, question: Mapping[str, Any]) -> str:
    """Return what two equal questions have in common, whenever they are asked."""
    asked = {name: value for name, value in question.items() if name != "attempt"}
    if kind == "aws":
        parameters = asked.get("parameters")
        if isinstance(parameters, Mapping):
            asked["parameters"] = {
                name: value for name, value in parameters.items() if name not in _IDEMPOTENCY
            }
    elif kind == "http":
        url = str(asked.get("url", ""))
        asked["url"] = _without_session(url)
        if asked["url"] == url:
            # With other words in a message it may be longer or shorter; it is the same message.
            asked.pop("size", None)
    return f"{kind} {json.dumps(asked, sort_keys=True, default=str)}"


def _without_session(url: str) -> str:
    """Return a URL without the place of one upload: uploads side by side may change their places.

    What they upload tells them apart, by the digest at their end and the size of their parts.
    """
    place = urlsplit(url)
    found = _UPLOAD.fullmatch(place.path)
    if not found:
        return url
    kept = sorted(pair for pair in parse_qsl(place.query) if pair[0] in _OF_UPLOAD)
    return f"{place.netloc}{found[1]}* {kept}"


def described(kind: str, question: Mapping[str, Any]) -> str:
    """Return a question for people: ``ecs DescribeServices(cluster=demo, services=web)``."""
    if kind == "aws":
        parameters = question.get("parameters")
        inside = parameters if isinstance(parameters, Mapping) else {}
        said = ", ".join(f"{name}={_shown(value)}" for name, value in inside.items())
        return f"{question.get('service', '')} {question.get('operation', '')}({_short(said)})"
    if kind == "http":
        return _short(f"{question.get('method', '')} {question.get('url', '')}")
    if kind == "run":
        return _short(_shown(question.get("argv", ()), " "))
    return _short(" ".join([kind, *map(str, question.values())]))


def _shown(value: Any, between: str = ",") -> str:
    if isinstance(value, (list, tuple)):
        return between.join(_shown(each) for each in value)
    return json.dumps(value, default=str) if isinstance(value, Mapping) else str(value)


def _short(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"

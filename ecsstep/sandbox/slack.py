"""Slack's incoming webhook, so that nothing said in the sandbox gets out.

https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks
"""

import json
from typing import Any

from werkzeug.wrappers import Response

PATH = "/services/T00000000/B00000000/sandbox"
"""The one webhook."""
PREFIX = "/services/"
ACTION = "slack:PostMessage"
"""By what name it can be denied."""

_MOST_CHARACTERS = 40_000


class Slack:
    """A channel that keeps what is posted to it.

    Attributes:
        messages: What was posted, the oldest first.
    """

    def __init__(self) -> None:
        self.messages: list[dict[str, Any]] = []

    def answer(self, method: str, path: str, body: bytes) -> Response:
        """Take a message; a GET, which Slack itself would refuse, shows those that were posted."""
        if path != PATH:
            return Response("no_service", status=404)
        if method == "GET":
            return Response(json.dumps(self.messages), content_type="application/json")
        try:
            message = json.loads(body)
        except ValueError:
            message = None
        if not isinstance(message, dict):
            return Response("invalid_payload", status=400)
        text = message.get("text")
        if not isinstance(text, str) or not 0 < len(text) <= _MOST_CHARACTERS:
            return Response("no_text", status=400)
        self.messages.append(message)
        return Response("ok")


def refused(status: int) -> Response:
    """Return how Slack says that it won't: busy, not allowed, or ill."""
    words = {429: "rate_limited", 403: "action_prohibited"}.get(status, "rollup_error")
    response = Response(words, status=status)
    if words == "rate_limited":
        response.headers["Retry-After"] = "1"
    return response

"""Posting to an incoming webhook, over the wire that registries are reached by.

So the proxy, the authorities and the rule that plain HTTP is for this machine only are the same.
"""

import json
import random
from collections.abc import Mapping
from typing import Any, Protocol

from ecsstep.core.clock import Clock
from ecsstep.errors import Exit, StepError
from ecsstep.registry.wire import AgainError, Answer, Wire
from ecsstep.rules.webhooks import address
from ecsstep.secret import Secret
from ecsstep.text import in_a_line

_ATTEMPTS = 4
_FIRST_DELAY = 1.0
_LONGEST_DELAY = 30.0
_REFUSAL = 300
_HEADERS = {"Content-Type": "application/json; charset=utf-8"}
_LONGEST_WORDS = 100
# https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks#handling_errors
_HINTS = {
    403: "the workspace doesn't let this webhook post; ask its administrators",
    404: "the webhook or its channel is gone; make a new one and set the variable to it",
    410: "the channel is archived; make a webhook for another one",
}


class Poster(Protocol):
    """A wire."""

    def send(self, method: str, url: str, headers: Mapping[str, str], body: Any = b"") -> Answer:
        """Return the answer to a request; an AgainError says that another one may do better."""
        ...


class Webhook:
    """One incoming webhook. Its address is never said: whoever has it can post."""

    def __init__(
        self,
        url: Secret,
        *,
        clock: Clock,
        environ: Mapping[str, str],
        wire: Poster | None = None,
    ) -> None:
        place = address(url.reveal())
        self.host = place.host
        # An error of the network names the path alone, so that has to be known as a secret too.
        self._path = Secret(place.path)
        self._clock = clock
        whole = Wire(place.host, environ)
        self._base = whole.base
        self._wire = wire or whole

    def post(self, message: Mapping[str, Any]) -> None:
        """Post a message, again where the other side is busy or ill.

        Raises:
            StepError: It is refused (exit 2), or can't be reached after the attempts (exit 75).
        """
        self._expect_ok(self._answer_to(json.dumps(message).encode()))

    def _answer_to(self, body: bytes) -> Answer:
        delay, number = _FIRST_DELAY, 1
        while True:
            try:
                return self._wire.send("POST", self._base + self._path.reveal(), _HEADERS, body)
            except AgainError as error:
                if number == _ATTEMPTS:
                    raise StepError(
                        f"can't post to the webhook: {error} (still after {_ATTEMPTS} attempts)",
                        exit=Exit.TEMPORARY,
                        hint="run the step again; check network and proxy",
                    ) from error
                asked = min(error.after or 0.0, _LONGEST_DELAY)
            jitter = 0.5 + random.SystemRandom().random() / 2
            self._clock.sleep(max(asked, delay * jitter))
            delay, number = delay * 2, number + 1

    def _expect_ok(self, answer: Answer) -> None:
        if answer.status < _REFUSAL:
            return
        words = in_a_line(answer.body.decode(errors="replace"), _LONGEST_WORDS)
        raise StepError(
            f"'{self.host}' refuses the message: {words or 'no words'} ({answer.status})",
            exit=Exit.USAGE,
            hint=_HINTS.get(answer.status, "check the webhook's address in its variable"),
        )

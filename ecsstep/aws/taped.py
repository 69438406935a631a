"""AWS through the :class:`~ecsstep.core.outside.Outside` in use, by botocore's public events.

A recording takes note of each attempt: what was asked, in the API's own words, and the raw answer
or what broke it. A replay answers before anything is sent, so that everything else is the real
code: the serialiser, the signature, the parser, the errors. The events:
https://botocore.amazonaws.com/v1/documentation/api/latest/topics/events.html
"""

import threading
from collections.abc import Mapping
from typing import Any

from ecsstep.aws.taped_errors import described, raised
from ecsstep.aws.taped_identity import identify
from ecsstep.core.outside import Answer, current

_PARAMETERS, _ASKED = "ecsstep.parameters", "ecsstep.asked"
# What a step may read of an answer's headers, or a person wants to know.
_HEADERS = frozenset(
    {"content-type", "retry-after", "x-amz-retry-after", "x-amzn-errortype", "x-amzn-requestid",
     "x-amzn-query-error"}
)  # fmt: skip


def attach(session: Any) -> None:
    """Let a botocore session's calls go through the one in use."""
    outside = current()
    if not (outside.is_kept or outside.is_replay):
        return
    calls = _Calls()
    session.register("provide-client-params", calls.given)
    session.register("request-created", calls.created)
    session.register("before-send", calls.sent)
    session.register("before-parse", calls.answered)
    session.register("response-received", calls.ended)
    if outside.is_replay:
        # The most specific name goes first, before botocore's own handler for the service: whether
        # there was another attempt, the record says.
        session.register("needs-retry.*.*", calls.again)
    identify(session)


class _Calls:
    """Handlers of events; what they know of a call is kept by its thread."""

    def __init__(self) -> None:
        self._here = threading.local()

    def given(
        self, *, params: Mapping[str, Any], model: Any, context: dict[str, Any], **_event: Any
    ) -> None:
        """Keep the parameters, before botocore adds tokens that differ each time."""
        context[_PARAMETERS] = (model.service_model.service_name, dict(params))

    def created(self, *, request: Any, operation_name: str, **_event: Any) -> None:
        """Note what is asked; a role's credentials were fetched before, if they had to be."""
        context = request.context
        service, parameters = context.get(_PARAMETERS, ("", {}))
        self._here.question = context[_ASKED] = {
            "service": service,
            "operation": operation_name,
            "region": context.get("client_region") or "",
            "parameters": parameters,
            "attempt": int(context.get("retries", {}).get("attempt", 1)),
        }
        self._here.began = current().now()

    def sent(self, *, request: Any, **_event: Any) -> Any:
        """Return a replay's answer, or raise what broke the call then."""
        found = current().recorded("aws", self._here.question)
        if found is None:
            return None
        if "broken" in found:
            raise raised(found["broken"])
        return _response(request, found)

    def answered(self, *, response_dict: Mapping[str, Any], **_event: Any) -> None:
        """Note the raw answer."""
        headers = {name.lower(): value for name, value in response_dict["headers"].items()}
        body = response_dict["body"]
        answer = {
            "status": int(response_dict["status_code"]),
            "headers": {name: headers[name] for name in headers if name in _HEADERS},
            "body": body if isinstance(body, bytes) else b"",
        }
        current().note("aws", self._here.question, answer, began=self._here.began)

    def ended(self, *, exception: Any, context: Mapping[str, Any], **_event: Any) -> None:
        """Note what broke a call."""
        if exception is not None and _ASKED in context:
            answer = {"broken": described(exception)}
            current().note("aws", context[_ASKED], answer, began=self._here.began)

    def again(self, *, request_dict: Mapping[str, Any], **_event: Any) -> Any:
        """Return 0, for another attempt at once, where the record has one; else False."""
        asked = request_dict["context"].get(_ASKED)
        return 0 if asked and current().has_another(asked) else False


def _response(request: Any, found: Answer) -> Any:
    """Return an answer in the shape in which botocore gets it from urllib3."""
    from botocore.awsrequest import AWSResponse
    from botocore.compat import HTTPHeaders

    class Raw:
        def stream(self, *_arguments: Any, **_more: Any) -> Any:
            yield bytes(found.get("body", b""))

    headers = {str(name): str(value) for name, value in found.get("headers", {}).items()}
    return AWSResponse(
        request.url, int(found.get("status", 200)), HTTPHeaders.from_dict(headers), Raw()
    )


def setting(session: Any, name: str) -> Any:
    """Return what the AWS configuration says; in a replay, what it said then.

    Raises:
        BotoCoreError: It can't be read.
        ValueError: It is no such value.
    """
    from botocore.exceptions import BotoCoreError

    def live() -> Answer:
        try:
            found = session.get_config_variable(name)
        except BotoCoreError as error:
            return {"broken": described(error)}
        except ValueError:
            return {"wrong": True}
        return {"value": found}

    answer = current().ask("setting", {"name": name}, live)
    if "broken" in answer:
        raise raised(answer["broken"])
    if answer.get("wrong"):
        raise ValueError(name)
    return answer.get("value")

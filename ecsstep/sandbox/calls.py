"""What a request to AWS wants, and the forms of an answer that is an error."""

import json
import re
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs
from xml.sax.saxutils import escape

from werkzeug.wrappers import Response

from ecsstep.sandbox.api import ApiError

_SERVICES = {
    "AmazonEC2ContainerRegistry_V20150921": "ecr",
    "AmazonEC2ContainerServiceV20141113": "ecs",
    "CodeDeploy_20141006": "codedeploy",
    "Logs_20140328": "logs",
}
# Services that sign by another name than IAM's actions have.
_SIGNERS = {"monitoring": "cloudwatch"}
_SCOPE = re.compile(r"Credential=[^/]+/\d{8}/(?P<region>[^/]+)/(?P<service>[^/]+)/aws4_request")
_INVALIDATIONS = (
    ("POST", re.compile(r"/[\d-]+/distribution/[^/]+/invalidation"), "CreateInvalidation"),
    ("GET", re.compile(r"/[\d-]+/distribution/[^/]+/invalidation/[^/]+"), "GetInvalidation"),
)
_JSON = "application/x-amz-json-1.1"
_DENIED = 403


@dataclass(frozen=True, kw_only=True)
class Call:
    """One call of AWS's API.

    Attributes:
        service: The service's name as IAM's actions have it; nothing if it can't be told.
        operation: The operation; nothing if it can't be told.
        region: The region that the request was signed for.
        is_json: Whether it is of the AWS JSON protocol.
        body: The bytes of the request.
    """

    service: str
    operation: str
    region: str | None
    is_json: bool
    body: bytes

    @property
    def action(self) -> str:
        """The IAM action."""
        return f"{self.service}:{self.operation}"

    def content(self) -> dict[str, Any]:
        """Return the JSON of the request.

        Raises:
            ApiError: It is none.
        """
        try:
            content = json.loads(self.body or b"{}")
        except ValueError:
            content = None
        if not isinstance(content, dict):
            raise ApiError("SerializationException", "the request is no JSON object")
        return content


def read(environ: Mapping[str, Any], body: bytes) -> Call:
    """Return the call that a request is."""
    scope = _SCOPE.search(environ.get("HTTP_AUTHORIZATION", ""))
    prefix, _, operation = environ.get("HTTP_X_AMZ_TARGET", "").rpartition(".")
    if not prefix and environ.get("CONTENT_TYPE", "").startswith(
        "application/x-www-form-urlencoded"
    ):
        operation = parse_qs(body.decode(errors="replace")).get("Action", [""])[0]
    service = scope["service"] if scope else ""
    if service == "cloudfront":
        operation = _by_path(environ)
    if not service and operation.startswith("AssumeRole"):
        service = "sts"  # unsigned by nature
    return Call(
        service=_SERVICES.get(prefix) or _SIGNERS.get(service, service),
        operation=operation,
        region=scope["region"] if scope else None,
        is_json=bool(prefix),
        body=body,
    )


def _by_path(environ: Mapping[str, Any]) -> str:
    """Return the operation of CloudFront's REST interface, as far as it is about invalidations."""
    for method, pattern, operation in _INVALIDATIONS:
        if environ.get("REQUEST_METHOD") == method and pattern.fullmatch(environ["PATH_INFO"]):
            return operation
    return ""


def answered(content: Mapping[str, Any], status: int = 200) -> Response:
    """Return an answer of the AWS JSON protocol."""
    response = Response(json.dumps(content), status=status, content_type=_JSON)
    response.headers["x-amzn-RequestId"] = str(uuid.uuid4())
    return response


def failed(call: Call, error: ApiError) -> Response:
    """Return an answer that is an error, in the form that the caller reads."""
    if call.is_json:
        return answered({"__type": error.code, "message": error.message}, error.status)
    request_id = uuid.uuid4()
    # The query protocol has its own spelling and status for a denied call.
    is_denied = error.code == "AccessDeniedException"
    code = "AccessDenied" if is_denied else error.code
    text = (
        f"<ErrorResponse><Error><Type>Sender</Type><Code>{escape(code)}</Code>"
        f"<Message>{escape(error.message)}</Message></Error>"
        f"<RequestId>{request_id}</RequestId></ErrorResponse>"
    )
    response = Response(
        text, status=_DENIED if is_denied else error.status, content_type="text/xml"
    )
    response.headers["x-amzn-RequestId"] = str(request_id)
    return response

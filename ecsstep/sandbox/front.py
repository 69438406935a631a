"""The WSGI application that tells one service from another."""

import io
import re
import threading
from collections.abc import Callable, Mapping
from typing import Any

from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
from werkzeug.test import run_wsgi_app
from werkzeug.wrappers import Response

from ecsstep.sandbox import calls, public, slack, targets
from ecsstep.sandbox.api import ApiError, JsonApi, SandboxTime, checked, serialised, without_nulls
from ecsstep.sandbox.calls import Call
from ecsstep.sandbox.cloudfront import CloudFront
from ecsstep.sandbox.faults import BrokenConnection, Faults
from ecsstep.sandbox.image_calls import ImageCalls
from ecsstep.sandbox.images import Images
from ecsstep.sandbox.layer_calls import LayerCalls
from ecsstep.sandbox.place import Place
from ecsstep.sandbox.registry import Registry
from ecsstep.sandbox.scan_calls import ScanCalls
from ecsstep.sandbox.scans import Scans
from ecsstep.sandbox.slack import Slack

_INTERNAL = 500
_SLACKS = {"AccessDeniedException": 403, "ThrottlingException": 429}
# Who calls is what these services are about; the others serve the sandbox's one account.
_IDENTITY = frozenset({"sts", "iam"})
_MOTO_USER = re.compile(rb"arn:[\w-]+:sts::\d+:user/moto")
_DEPLOYING = frozenset({"ecs", "codedeploy"})

Note = Callable[[str, str, int], None]
"""Is told service, operation and status of each answer."""


class Front:
    """Everything that the sandbox's port answers."""

    def __init__(  # noqa: PLR0913 - it is where all the parts come together
        self,
        *,
        host: str,
        region: str,
        images: Images,
        scans: Scans,
        deploys_in: Callable[[str], Mapping[str, JsonApi]],
        channel: Slack,
        faults: Faults,
        clock: SandboxTime,
        note: Note,
        target_words: str = "",
    ) -> None:
        self._host = host
        self._region = region
        self._images = images
        self._scans = scans
        self._deploys_in = deploys_in
        self._cloudfront = CloudFront(clock)
        self._channel = channel
        self._faults = faults
        self._clock = clock
        self._note = note
        self._target_words = target_words
        self._lock = threading.RLock()
        self._tokens: set[str] = set()
        self._ecr: dict[str, tuple[JsonApi, ...]] = {}
        self._deploys = {region: deploys_in(region)}
        self._moto = _Moto(create_backend_app)
        self._registry = Registry(
            images, region=region, host=host, tokens=self._tokens, refused=faults.refused
        )

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Any:
        """Answer one request."""
        path = environ["PATH_INFO"]
        if path == "/v2" or path.startswith("/v2/"):

            def noted(status: str, headers: Any) -> Any:
                operation = f"{environ['REQUEST_METHOD']} {path}"
                self._note("registry", operation, int(status.partition(" ")[0]))
                return start_response(status, headers)

            return self._registry(environ, noted)
        if path.startswith(slack.PREFIX):
            return self._posted(environ)(environ, start_response)
        call = calls.read(environ, _whole_body(environ))
        try:
            response = self._answer(call, environ)
        except ApiError as error:
            response = calls.failed(call, error)
        except BrokenConnection:
            # The server ends the connection for it.
            raise
        except Exception as error:  # noqa: BLE001 - a bug of the emulation is an answer of it
            said = f"the sandbox failed: {type(error).__name__}: {error}"
            response = calls.failed(call, ApiError("ServerException", said, _INTERNAL))
        self._note(call.service, call.operation, response.status_code)
        return response(environ, start_response)

    def _posted(self, environ: dict[str, Any]) -> Response:
        self._clock.called(slack.ACTION)
        body = _whole_body(environ)
        try:
            self._faults.check(slack.ACTION, {})
            response = self._channel.answer(environ["REQUEST_METHOD"], environ["PATH_INFO"], body)
        except ApiError as error:
            response = slack.refused(_SLACKS.get(error.code, _INTERNAL))
        service, _, operation = slack.ACTION.partition(":")
        self._note(service, operation, response.status_code)
        return response

    def _answer(self, call: Call, environ: dict[str, Any]) -> Response:
        content = call.content() if call.is_json else {}
        self._clock.called(call.action)
        self._faults.check(call.action, content)
        for service in self._ours(call):
            if service.handles(call.operation):
                checked(call.service, call.operation, content)
                with self._lock:
                    result = service.answer(call.operation, without_nulls(content))
                return calls.answered(serialised(call.service, call.operation, result))
        if call.service in _DEPLOYING:
            raise ApiError("ClientException", f"the sandbox has no '{call.operation}'")
        if call.action == targets.OPERATION:
            return targets.health(self._target_words)
        if call.action == public.OPERATION:
            return public.authorization(self._clock.now())
        if call.service == "cloudfront" and call.operation in CloudFront.operations:
            return self._cloudfront.answer(call.operation, environ["PATH_INFO"], call.body)
        return self._by_moto(call, environ)

    def _ours(self, call: Call) -> tuple[JsonApi, ...]:
        region = call.region or self._region
        if call.service in _DEPLOYING:
            return (self._deploys_of(region)[call.service],)
        if call.service == "ecr":
            return self._ecr_of(region)
        return ()

    def _deploys_of(self, region: str) -> Mapping[str, JsonApi]:
        with self._lock:
            if region not in self._deploys:
                self._deploys[region] = self._deploys_in(region)
            return self._deploys[region]

    def _ecr_of(self, region: str) -> tuple[JsonApi, ...]:
        with self._lock:
            if region not in self._ecr:
                self._scans.configure(self._images.backend(region))
                self._ecr[region] = (
                    ImageCalls(
                        self._images,
                        region=region,
                        host=self._host,
                        clock=self._clock,
                        tokens=self._tokens,
                    ),
                    LayerCalls(self._images, region=region),
                    ScanCalls(self._images, self._scans, region=region),
                )
            return self._ecr[region]

    def _by_moto(self, call: Call, environ: dict[str, Any]) -> Response:
        if call.service not in _IDENTITY:
            environ["HTTP_X_MOTO_ACCOUNT_ID"] = self._images.account
        chunks, status, headers = run_wsgi_app(self._moto, environ, buffered=True)
        body = b"".join(chunks)
        if call.service == "sts":
            # Who is no role is the role that everything here belongs to.
            place = Place(region=self._region, account=self._images.account)
            body = _MOTO_USER.sub(place.session.encode(), body)
        if call.service == "ecr":
            # The registry stands here, not where moto says.
            there = f"{self._images.account}.dkr.ecr.{call.region}.amazonaws.com"
            body = body.replace(there.encode(), self._host.encode())
        headers.remove("Content-Length")
        return Response(body, status=status, headers=headers)


class _Moto(DomainDispatcherApplication):  # type: ignore[misc, unused-ignore]
    """moto's own front, which says so instead of printing where it knows no such service."""

    def get_backend_for_host(self, host: str | None) -> Any:
        if host is None:
            return None
        for name, pattern in self.backend_url_patterns:
            if pattern.match(f"http://{host}"):
                return name
        raise ApiError("UnknownOperationException", f"the sandbox doesn't emulate '{host}'")


def _whole_body(environ: dict[str, Any]) -> bytes:
    """Read the request's body, and leave it to be read again with its length known."""
    body: bytes = environ["wsgi.input"].read()
    environ["wsgi.input"] = io.BytesIO(body)
    environ["CONTENT_LENGTH"] = str(len(body))
    environ.pop("HTTP_TRANSFER_ENCODING", None)
    return body

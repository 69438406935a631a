"""What every emulated AWS service of the sandbox has in common.

A service is a :class:`JsonApi`; the server checks a request by :func:`checked`, lets the service
answer, and writes the answer by :func:`serialised`, so that the service itself speaks in plain
dictionaries of AWS's names.
"""

import datetime as dt
import time
from base64 import b64encode
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any, Protocol

_BAD_REQUEST = 400

# The code with which each service complains about a request that its model forbids.
_FAULT_CODES = {"ecr": "InvalidParameterException", "ecs": "ClientException"}


class ApiError(Exception):
    """An answer of AWS that is an error.

    Attributes:
        code: AWS's name of the exception.
        message: AWS's words.
        status: The HTTP status.
    """

    def __init__(self, code: str, message: str, status: int = _BAD_REQUEST) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message
        self.status = status


class Now(Protocol):
    """What an emulated service knows about time."""

    def now(self) -> dt.datetime:
        """Return the sandbox's time, in UTC."""
        ...


class SandboxTime(Now, Protocol):
    """The sandbox's own clock."""

    def elapsed(self) -> float:
        """Return the sandbox seconds since the start."""
        ...

    def called(self, action: str) -> None:
        """Take note of a call, by its IAM action."""
        ...


class SandboxClock:
    """A wall clock that runs ``speed`` times as fast as the real one from its making on."""

    def __init__(
        self, speed: float = 1.0, *, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self.speed = speed
        self._monotonic = monotonic
        self._began = monotonic()
        self._start = dt.datetime.now(dt.UTC)

    def elapsed(self) -> float:
        """Return the sandbox seconds since the start."""
        return (self._monotonic() - self._began) * self.speed

    def now(self) -> dt.datetime:
        """Return the sandbox's time, in UTC."""
        return self._start + dt.timedelta(seconds=self.elapsed())

    def called(self, action: str) -> None:
        """Do nothing: time goes by itself."""


class JsonApi(Protocol):
    """An emulated service that speaks AWS JSON."""

    def handles(self, operation: str) -> bool:
        """Whether this operation is answered here."""
        ...

    def answer(self, operation: str, body: dict[str, Any]) -> dict[str, Any]:
        """Return the result in AWS's names.

        Raises:
            ApiError: AWS's answer is an error.
        """
        ...


def checked(service: str, operation: str, body: Mapping[str, Any]) -> None:
    """Find out whether botocore's model allows this request; absent and null are the same.

    Raises:
        ApiError: It does not: SerializationException for an unknown member or a wrong type, the
            service's own complaint for anything else.
    """
    from botocore.validate import ParamValidator

    shape = model(service).operation_model(operation).input_shape
    if shape is None:
        return
    report = ParamValidator().validate(without_nulls(body), shape).generate_report()
    if not report:
        return
    if any(line.startswith(("Unknown parameter", "Invalid type")) for line in report.splitlines()):
        raise ApiError("SerializationException", report)
    raise ApiError(_FAULT_CODES.get(service, "ValidationException"), report)


def serialised(service: str, operation: str, result: Mapping[str, Any]) -> dict[str, Any]:
    """Return the result as AWS JSON 1.1 has it on the wire.

    What is None or unknown to the operation's output shape goes; times are seconds since 1970 as
    numbers, bytes are base64.
    """
    shape = model(service).operation_model(operation).output_shape
    return _on_the_wire(result, shape) if shape is not None else {}


@cache
def model(service: str) -> Any:
    """Return botocore's model of a service."""
    import botocore.session

    return botocore.session.get_session().get_service_model(service)


def without_nulls(value: Any) -> Any:
    """Return JSON without its nulls in objects, as AWS reads it."""
    match value:
        case Mapping():
            return {name: without_nulls(v) for name, v in value.items() if v is not None}
        case list() | tuple():
            return [without_nulls(item) for item in value]
        case _:
            return value


def _on_the_wire(value: Any, shape: Any) -> Any:
    match shape.type_name:
        case "structure":
            return {
                name: _on_the_wire(value[name], member)
                for name, member in shape.members.items()
                if value.get(name) is not None
            }
        case "list":
            return [_on_the_wire(item, shape.member) for item in value]
        case "map":
            return {key: _on_the_wire(item, shape.value) for key, item in value.items()}
        case "timestamp":
            return value.timestamp() if isinstance(value, dt.datetime) else value
        case "blob":
            return b64encode(value).decode() if isinstance(value, bytes) else value
        case _:
            return value

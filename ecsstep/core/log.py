"""What a step says to a person, on stderr; the only importer of structlog."""

from collections.abc import Iterable, Mapping, MutableMapping
from typing import IO, Any

from ecsstep.secret import scrubbed
from ecsstep.text import harmless_json, printable

FORMATS = ("text", "json")


class Log:
    """A step's events: a short lowercase fact, with its data in keywords.

    structlog is loaded with the first event that isn't the last, so that a step which says nothing
    but a mistake doesn't pay for it.
    """

    def __init__(self, *, step: str, stream: IO[str], form: str = "text") -> None:
        self._step = step
        self._stream = stream
        self._form = form
        self._logger: Any = None

    def info(self, event: str, **data: object) -> None:
        """Say what changed."""
        self._events().info(event, **data)

    def warning(self, event: str, **data: object) -> None:
        """Say what the user would want to know, though the step goes on."""
        self._events().warning(event, **data)

    def error(self, event: str, *, why: Iterable[str] = (), **data: object) -> None:
        """Say why the step ends, with the lines that explain it."""
        lines = tuple(why)
        if lines:
            data["why"] = lines
        if self._logger is None and self._form == "text":
            # A step that fails before it has said anything, by a usage error: structlog would be
            # most of what that costs.
            said = {"event": event, "level": "error", "step": self._step, **data}
            _Lines(self._stream).msg(_scrub(None, "error", _for_people(None, "error", said)))
            return
        self._events().error(event, **data)

    def _events(self) -> Any:
        if self._logger is None:
            import structlog

            processors: list[Any] = [structlog.processors.add_log_level]
            if self._form == "json":
                processors += [
                    structlog.processors.TimeStamper(fmt="iso", utc=True),
                    structlog.processors.JSONRenderer(default=str, ensure_ascii=False),
                    _harmless,
                ]
            else:
                processors += [_for_people]
            self._logger = structlog.wrap_logger(
                _Lines(self._stream), processors=[*processors, _scrub], step=self._step
            )
        return self._logger


class _Lines:
    """Writes events; a stderr that is closed or full is no reason to fail a deployment."""

    def __init__(self, stream: IO[str]) -> None:
        self._stream = stream

    def msg(self, message: str) -> None:
        try:
            self._stream.write(message + "\n")
            self._stream.flush()
        except (OSError, ValueError):
            return

    info = warning = error = msg


def _for_people(_logger: object, _method: str, event: MutableMapping[str, Any]) -> str:
    step, level = event.pop("step"), event.pop("level")
    why, hint = event.pop("why", ()), event.pop("hint", "")
    event.pop("exit", None)
    mark = "" if level == "info" else f"{level}: "
    said = f"{step}: {mark}{printable(event.pop('event'))}"
    lines = ["  ".join([said, *(f"{name}={_shown(value)}" for name, value in event.items())])]
    lines += [f"  {printable(line)}" for line in why]
    if hint:
        lines.append(f"{step}: hint: {printable(hint)}")
    return "\n".join(lines)


def _shown(value: object) -> str:
    if isinstance(value, (list, tuple)):
        return ",".join(_shown(item) for item in value)
    if isinstance(value, Mapping):
        return ",".join(f"{key}:{_shown(item)}" for key, item in value.items())
    text = printable(value)
    return f'"{text}"' if " " in text or not text else text


def _harmless(_logger: object, _method: str, line: Any) -> str:
    return harmless_json(line)


def _scrub(_logger: object, _method: str, line: Any) -> str:
    return scrubbed(line)

"""What a step says to a person, on stderr; the only importer of structlog."""

from collections.abc import Iterable, Mapping, MutableMapping, Sequence
from typing import IO, Any

from ecsstep.core.outside import current
from ecsstep.core.pasting import with_region
from ecsstep.secret import scrubbed
from ecsstep.text import harmless_json, printable

FORMATS = ("text", "json")


def asked_form(argv: Sequence[str], environ: Mapping[str, str]) -> str:
    """Return the form of events before the options are read, since their mistakes are events."""
    for at, word in enumerate(argv):
        if word == "--":
            break
        if word == "--log-format":
            return "json" if list(argv[at + 1 : at + 2]) == ["json"] else "text"
        if word.startswith("--log-format="):
            return "json" if word.endswith("=json") else "text"
    return "json" if environ.get("ECSSTEP_LOG_FORMAT") == "json" else "text"


class Log:
    """A step's events: a short lowercase fact, with its data in keywords.

    The events that people read go through their processors without structlog, which is loaded for
    machines alone: it brings asyncio, a tenth of what a short step takes.

    Attributes:
        step: Who speaks.
        form: ``text`` for people, or ``json``.
    """

    def __init__(self, *, step: str, stream: IO[str], form: str = "text") -> None:
        self.step = step
        self.form = form
        self._lines = _Lines(stream)
        self._logger: Any = None
        self._region = ""

    def in_region(self, region: str) -> None:
        """Let commands in hints name the region: the AWS CLI wouldn't find it by itself."""
        self._region = region

    def info(self, event: str, **data: object) -> None:
        """Say what changed."""
        self._say("info", event, data)

    def warning(self, event: str, **data: object) -> None:
        """Say what the user would want to know, though the step goes on."""
        self._say("warning", event, data)

    def error(self, event: str, *, why: Iterable[str] = (), **data: object) -> None:
        """Say why the step ends, with the lines that explain it."""
        lines = tuple(why)
        self._say("error", event, {**data, "why": lines} if lines else data)

    def _say(self, level: str, event: str, data: dict[str, object]) -> None:
        if self._region and "hint" in data:
            data = {**data, "hint": with_region(str(data["hint"]), self._region)}
        current().said(level, event, data)
        if self.form == "json":
            getattr(self._for_machines(), level)(event, **data)
            return
        said = {"event": event, "level": level, "step": self.step, **data}
        self._lines.msg(_scrub(None, level, _for_people(None, level, said)))

    def _for_machines(self) -> Any:
        if self._logger is None:
            import structlog

            processors: list[Any] = [
                structlog.processors.add_log_level,
                structlog.processors.TimeStamper(fmt="iso", utc=True),
                structlog.processors.JSONRenderer(default=str, ensure_ascii=False),
                _harmless,
                _scrub,
            ]
            self._logger = structlog.wrap_logger(self._lines, processors, step=self.step)
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

"""wait-stable beside `aws ecs wait services-stable`: how long after the fact, how many calls."""

import json
import statistics
import subprocess
import tempfile
import threading
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from measuring import Figure, pushed, sandbox

if TYPE_CHECKING:
    from collections.abc import Callable

INTERVAL = 5.0
GOAL = INTERVAL + 0.5
_SPEED = "2"  # a rollout in about fifteen seconds; both wait as often as they do in the cloud
_LOOK_SECONDS = 0.1
_PATIENCE = 60.0
_LOST = 3  # so many tasks of a deployment that could not start make it hopeless
_OURS = ("wait-stable", "--interval", f"{INTERVAL:.0f}s")
_THEIRS = ("aws", "ecs", "wait", "services-stable", "--cluster", "demo", "--services", "web")
_STORIES = {"steady": "deployed", "rolled-back": "rolled back", "image-missing": "hopeless"}

_ABOUT = (
    f"A rollout of some fifteen seconds; wait-stable looks every {INTERVAL:.0f} s, the CLI every "
    f"15 s. Given up on after {_PATIENCE:.0f} s. For the hopeless one the fact is that {_LOST} "
    "tasks couldn't start."
)


@dataclass(frozen=True)
class Wait:
    """How a wait went.

    Seconds after the fact (None: it ended before), exit code (None: given up on), calls, seconds.
    """

    late: float | None
    code: int | None
    calls: int
    seconds: float


def figure(rounds: int) -> Figure:
    """Wait for each outcome with both, all six at the same time, each in a sandbox of its own."""
    pairs = [(story, way) for story in _STORIES for way in ("ours", "theirs")]
    found: dict[tuple[str, str], list[Wait]] = {pair: [] for pair in pairs}
    for _ in range(rounds):
        with ThreadPoolExecutor(len(pairs)) as crew:
            for pair, wait in zip(pairs, crew.map(lambda pair: _waited(*pair), pairs), strict=True):
                found[pair].append(wait)
    lines = ["| | after the fact | exit code | calls | calls a minute |", "|---|---|---|---|---|"]
    for (story, way), waits in found.items():
        name = "wait-stable" if way == "ours" else "aws ecs wait services-stable"
        lines.append(f"| {_STORIES[story]}: `{name}` | {_cells(waits)} |")
    latest = max(wait.late or 0.0 for story in _STORIES for wait in found[story, "ours"])
    return Figure(
        title="Waiting: from the moment when the API shows the outcome to the exit",
        lines=[
            *lines, "",
            _ABOUT,
        ],
        values={"waiting: s after the fact, at most": latest},
        goals={"waiting: s after the fact, at most": GOAL},
    )  # fmt: skip


def _cells(waits: Sequence[Wait]) -> str:
    late = [wait.late for wait in waits if wait.late is not None]
    codes = sorted({"given up" if wait.code is None else str(wait.code) for wait in waits})
    calls = statistics.median(wait.calls for wait in waits)
    minute = statistics.median(wait.calls / wait.seconds * 60 for wait in waits)
    shown = "before it"
    if late:
        shown = f"{statistics.median(late):.1f} s ({min(late):.1f} to {max(late):.1f})"
    return f"{shown} | {', '.join(codes)} | {calls:.0f} | {minute:.0f}"


def _waited(story: str, way: str) -> Wait:
    with tempfile.TemporaryDirectory() as work:
        log = Path(work) / "log"
        options = ("--scenario", story, "--speed", _SPEED, "--log", str(log))
        with sandbox(*options) as environ:
            deployment = _deployed(environ, Path(work))
            prober = Prober(environ, deployment, story)
            before = _calls(log)
            begun = time.monotonic()
            argv = (*_OURS, "--deployment", deployment) if way == "ours" else _THEIRS
            code = _ended(argv, {**environ, "ECS_CLUSTER": "demo", "ECS_SERVICE": "web"})
            ended = time.monotonic()
            calls = _calls(log) - before - prober.stop()
        fact = prober.fact
        return Wait(None if fact is None else ended - fact, code, calls, ended - begun)


def _deployed(environ: Mapping[str, str], work: Path) -> str:
    image = pushed(environ, ("v9.0.0",), work / "image")[0]
    new = str(work / "new.json")
    render = ("taskdef-render", "--taskdef", "web", "--image", image, "--output", new)
    update = ("service-update", "--cluster", "demo", "--service", "web", "--taskdef", new)
    subprocess.run(render, env=dict(environ), check=True, capture_output=True)
    done = subprocess.run(update, env=dict(environ), check=True, capture_output=True, text=True)
    return done.stdout.strip()


def _ended(argv: Sequence[str], environ: Mapping[str, str]) -> int | None:
    try:
        return subprocess.run(
            argv, env=dict(environ), capture_output=True, check=False, timeout=_PATIENCE
        ).returncode
    except subprocess.TimeoutExpired:
        return None


def _calls(log: Path) -> int:
    lines = log.read_text(encoding="utf-8").splitlines()
    return sum(json.loads(line)["service"] != "registry" for line in lines)


class Prober:
    """Looks ten times a second whether the API shows the outcome.

    Attributes:
        fact: When it was seen first.
    """

    def __init__(self, environ: Mapping[str, str], deployment: str, story: str) -> None:
        import botocore.session

        self._client: Any = botocore.session.Session().create_client(
            "ecs", region_name=environ["AWS_DEFAULT_REGION"],
            endpoint_url=environ["AWS_ENDPOINT_URL"],
            aws_access_key_id="prober", aws_secret_access_key="prober",  # noqa: S106 - a sandbox
        )  # fmt: skip
        self._deployment = deployment
        self._shows: Callable[[], bool] = (
            self._has_a_lost_task if story == "image-missing" else self._has_ended
        )
        self._made = 0
        self.fact: float | None = None
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._look)
        self._thread.start()

    def stop(self) -> int:
        """Return how many calls were made."""
        self._over.set()
        self._thread.join()
        return self._made

    def _look(self) -> None:
        while not self._over.is_set() and self.fact is None:
            if self._shows():
                self.fact = time.monotonic()
            time.sleep(_LOOK_SECONDS)

    def _has_ended(self) -> bool:
        self._made += 1
        service = self._client.describe_services(cluster="demo", services=["web"])["services"][0]
        ours = [each for each in service["deployments"] if each["id"] == self._deployment]
        return not ours or ours[0].get("rolloutState") in {"COMPLETED", "FAILED"}

    def _has_a_lost_task(self) -> bool:
        self._made += 1
        found = self._client.list_tasks(cluster="demo", desiredStatus="STOPPED")["taskArns"]
        return len(found) >= _LOST

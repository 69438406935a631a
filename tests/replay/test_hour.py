"""A healthy hour's record is small and quickly replayed; an hour is no time in a replay."""

import gzip
import io
import json
import tracemalloc
from pathlib import Path

import pytest

from ecsstep.cli import step
from ecsstep.core.outside import Answer, Question
from ecsstep.core.tape import Tape
from ecsstep.core.taped import TapedClock, Variables
from ecsstep.errors import Exit
from ecsstep.records.recording import draft_of, write
from fake_sandbox import EcsWorld, an_ecs
from fakes import FakeClock
from replays import replay

WAIT = step("wait-stable")
_SLOWER = 20  # three minutes in the sandbox are an hour here


class Emulated(Tape):
    """A tape over an emulated ECS without a port."""

    def __init__(self, clock: FakeClock, world: EcsWorld) -> None:
        super().__init__(clock)
        self._fake = clock
        self._world = world
        self.calls = 0

    def recorded(self, kind: str, question: Question) -> Answer | None:
        if kind != "aws":
            return None
        self.calls += 1
        self._world.go_to(self._fake.elapsed / _SLOWER)
        self._fake.elapsed += 0.05
        found = self._world.call(question["operation"], **question["parameters"])
        return {"status": 200, "body": json.dumps(found).encode()}


def test_a_healthy_hour_has_a_small_record_that_is_replayed_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    clock, world = FakeClock(), an_ecs("slow-start")
    deployment = world.deploy()
    tape = Emulated(clock, world)
    argv = ("--cluster", "demo", "--service", "web", "--deployment", deployment,
            "--timeout", "2h", "--interval", "5s", "--region", "eu-west-1")  # fmt: skip
    variables = Variables({"AWS_ACCESS_KEY_ID": "a", "AWS_SECRET_ACCESS_KEY": "b"})
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    err = io.StringIO()
    tracemalloc.start()

    code = WAIT.invoke(
        argv, environ=variables, stdin=io.StringIO(), stdout=io.StringIO(), stderr=err,
        clock=TapedClock(clock, tape), outside=tape,
    )  # fmt: skip
    held = sum(
        each.size
        for each in tracemalloc.take_snapshot().statistics("filename")
        if Path(each.traceback[0].filename).name in {"tape.py", "bodies.py", "taped.py"}
    )
    tracemalloc.stop()
    draft = draft_of(
        "wait-stable", argv, code, tape=tape, variables=variables, declared=WAIT.options.declared()
    )
    path = write(draft, None)

    assert code == Exit.OK, err.getvalue()
    assert clock.elapsed > 3600
    assert tape.calls > 500
    assert tape.left_out == (0, 0.0)
    assert held < 5_000_000
    assert path.endswith(".json.gz")
    assert Path(path).stat().st_size < 300_000
    assert len(gzip.decompress(Path(path).read_bytes())) < 8_000_000
    ended = replay(Path(path))
    assert (ended.code, ended.out) == (0, "deployed\n")
    assert ended.err.endswith("replayed as recorded\n"), ended.err

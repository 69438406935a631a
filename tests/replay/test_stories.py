"""Every recorded end is the same again, offline; ``.ci/records`` makes the records."""

import gzip
import json
import socket
from pathlib import Path
from typing import Any

import pytest

from ecsstep.cli import STEPS
from ecsstep.errors import Exit
from ecsstep.replay.reader import read
from replays import replay, written
from stories import CODES, RECORDS, STORIES, Story


@pytest.fixture(autouse=True)
def _no_network_at_all(monkeypatch: pytest.MonkeyPatch) -> None:
    def cut(*_arguments: Any, **_more: Any) -> None:
        raise AssertionError("a replay reached for the network")

    for name in ("connect", "connect_ex", "sendto", "bind"):
        monkeypatch.setattr(socket.socket, name, cut)
    monkeypatch.setattr(socket, "getaddrinfo", cut)


@pytest.mark.parametrize("story", STORIES, ids=lambda story: story.name)
def test_a_recorded_end_is_the_same_again_with_the_same_calls(story: Story) -> None:
    record = read(str(story.path))

    ended = replay(story.path)

    assert (record.step, record.end.exit) == (story.step, story.exit)
    assert ended.code == story.exit
    assert ("replayed as recorded" in ended.err) or ("other words" in ended.err), ended.err
    assert "not asked" not in ended.err
    assert record.end.message in ended.err


@pytest.mark.parametrize("step", STEPS)
def test_every_exit_code_that_a_step_can_have_is_among_the_records(step: str) -> None:
    told = {story.exit for story in STORIES if story.step == step}

    assert told - {130, 143} == CODES[step]


def test_every_record_in_the_folder_is_one_of_the_stories() -> None:
    assert {path.name for path in RECORDS.iterdir()} == {story.path.name for story in STORIES}


def test_a_record_with_another_answer_ends_as_that_answer_has_it(tmp_path: Path) -> None:
    # What the sandbox can't tell: between our update and its answer somebody else deploys.
    [story] = [each for each in STORIES if each.name == "service-update.done"]
    document = json.loads(gzip.decompress(story.path.read_bytes()))
    updates = [
        entry
        for entry in document["tape"]
        if entry.get("question", {}).get("operation") == "UpdateService"
    ]
    service = document["bodies"][updates[-1]["answer"]["body"]["body"]]["json"]["service"]
    for deployment in service["deployments"]:
        deployment["taskDefinition"] = deployment["taskDefinition"].rpartition(":")[0] + ":99"

    ended = replay(written(tmp_path, document))

    assert ended.code == Exit.SUPERSEDED
    assert "somebody else deploys too" in ended.err
    assert "exit code: recorded 0, now 4" in ended.err

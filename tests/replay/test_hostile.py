"""A real record with something else anywhere in it is refused or replayed, and that is all."""

import copy
import gzip
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ecsstep.errors import StepError
from replays import replay, written
from stories import STORIES

CODES = {0, 1, 2, 3, 4, 5, 6, 70, 75, 124, 130, 143}
RECORDS = {
    story.name: json.loads(gzip.decompress(story.path.read_bytes()))
    for story in STORIES
    if story.name
    in {"ecr-login.hub", "image-push.done", "taskdef-render.mistakes", "wait-stable.superseded"}
}
ODD: st.SearchStrategy[Any] = st.sampled_from(
    [None, True, -1, 10**30, 1.5, "", "\x00", "\ud800", "../../../etc/passwd", [], {}, [[]],
     {"body": 99}, {"a": {"b": []}}, "x" * 5000]
)  # fmt: skip


def places(value: Any, above: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    members: Any = ()
    if isinstance(value, dict):
        members = value.items()
    elif isinstance(value, list):
        members = enumerate(value)
    return [path for key, each in members for path in ((*above, key), *places(each, (*above, key)))]


PLACES = {
    name: [path for path in places(document) if path[0] != "bodies" or len(path) < 4]
    for name, document in RECORDS.items()
}


@settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=150, deadline=None
)
@given(name=st.sampled_from(sorted(RECORDS)), data=st.data(), odd=ODD)
def test_whatever_stands_wherever_a_replay_ends_and_touches_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, data: st.DataObject, odd: Any
) -> None:
    document = copy.deepcopy(RECORDS[name])
    *way, last = data.draw(st.sampled_from(PLACES[name]))
    inside: Any = document
    for key in way:
        inside = inside[key]
    inside[last] = odd
    folder = tmp_path / "work"
    folder.mkdir(exist_ok=True)
    monkeypatch.chdir(folder)

    try:
        ended = replay(written(tmp_path, document))
    except StepError as error:
        assert error.exit == 2  # noqa: PT017 - it is one of the two good ends
    else:
        assert ended.code in CODES
        assert "this is a bug" not in ended.err, ended.err
    assert list(folder.iterdir()) == []

"""Links on the page of a GitLab job."""

import json
import os
import threading
from pathlib import Path

import pytest

from ecsstep.core.annotations import check, merge
from ecsstep.errors import Exit, StepError

LINKS = {"ECS: service web": "https://console.example/web"}
ENTRY = {"external_link": {"label": "ECS: service web", "url": "https://console.example/web"}}


def test_the_file_is_made_with_our_section(tmp_path: Path) -> None:
    file = tmp_path / "links" / "annotations.json"

    merge(str(file), LINKS)

    assert json.loads(file.read_text()) == {"ecsstep": [ENTRY]}


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param({"other": [1]}, {"other": [1], "ecsstep": [ENTRY]}, id="others stay"),
        pytest.param({"ecsstep": [{}]}, {"ecsstep": [{}, ENTRY]}, id="and our earlier ones"),
        pytest.param({"ecsstep": [ENTRY]}, {"ecsstep": [ENTRY]}, id="each once"),
    ],
)
def test_links_are_added(tmp_path: Path, before: object, after: object) -> None:
    file = tmp_path / "annotations.json"
    file.write_text(json.dumps(before))

    check(str(file))
    merge(str(file), LINKS)

    assert json.loads(file.read_text()) == after


@pytest.mark.parametrize("text", ["[]", "text", '{"ecsstep": {}}'])
def test_another_file_is_not_mended(tmp_path: Path, text: str) -> None:
    file = tmp_path / "annotations.json"
    file.write_text(text)

    with pytest.raises(StepError, match="is no report of annotations") as checked:
        check(str(file))
    with pytest.raises(StepError, match="is no report of annotations") as merged:
        merge(str(file), LINKS)

    assert checked.value.exit is merged.value.exit is Exit.USAGE
    assert file.read_text() == text


def test_a_pipe_gets_the_new_links_alone(tmp_path: Path) -> None:
    fifo = tmp_path / "fifo"
    os.mkfifo(fifo)
    seen: list[str] = []
    reader = threading.Thread(target=lambda: seen.append(fifo.read_text()))
    reader.start()

    check(str(fifo))
    merge(str(fifo), LINKS)

    reader.join()
    assert json.loads(seen[0]) == {"ecsstep": [ENTRY]}

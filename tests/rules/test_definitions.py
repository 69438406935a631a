"""CodePipeline's files."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecsstep.rules.definitions import image_detail, merged, parse_container, rendered

WEB = {"name": "web", "imageUri": "r/web:1"}
LOG = {"name": "log", "imageUri": "r/log:1"}


@pytest.mark.parametrize(
    ("current", "after"),
    [
        pytest.param([], [{"name": "web", "imageUri": "new"}], id="no file"),
        pytest.param([], [{"name": "web", "imageUri": "new"}], id="empty"),
        pytest.param([LOG], [LOG, {"name": "web", "imageUri": "new"}], id="appended"),
        pytest.param([WEB, LOG], [{"name": "web", "imageUri": "new"}, LOG], id="in its place"),
    ],
)
def test_an_image_is_merged_and_the_others_stay(current: Any, after: Any) -> None:
    assert merged(current, container="web", image="new") == after


@pytest.mark.parametrize(
    ("current", "said"),
    [
        pytest.param({"ImageURI": "x"}, "--image-detail writes imageDetail.json", id="mixed up"),
        pytest.param({}, "holds an object where", id="object"),
        pytest.param("x", "holds no array", id="text"),
        pytest.param([WEB, {"name": "x"}], "no 'name' and 'imageUri' in its entry 2", id="entry"),
        pytest.param([1], "in its entry 1", id="number"),
        pytest.param([WEB, WEB], "names the container 'web' 2 times", id="twice"),
        pytest.param(
            [{"name": "x", "imageUri": "y" * 102_400}], "larger than the 100 KB", id="too large"
        ),
    ],
)
def test_a_file_that_codepipeline_would_not_read_is_an_error(current: Any, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        merged(current, container="web", image="new")


@given(st.lists(st.fixed_dictionaries({"name": st.text(), "imageUri": st.text(max_size=40)})))
def test_others_keep_their_order_and_ours_is_there_once(current: list[dict[str, str]]) -> None:
    others = [each for each in current if each["name"] != "web"]

    found = merged(others, container="web", image="new")

    assert json.loads(rendered(found)) == [*others, {"name": "web", "imageUri": "new"}]
    assert merged(found, container="web", image="new") == found


def test_the_files_are_compact_and_the_detail_is_an_object() -> None:
    assert rendered([WEB]) == '[{"name":"web","imageUri":"r/web:1"}]\n'
    assert image_detail("r/web:1") == '{"ImageURI":"r/web:1"}\n'


def test_a_containers_name_is_checked() -> None:
    assert parse_container("web_1-a") == "web_1-a"
    with pytest.raises(ValueError, match="is no container name"):
        parse_container("we b")

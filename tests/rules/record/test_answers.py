"""An answer that is none of its kind is found before a step rests on it."""

from typing import Any

import pytest

from ecsstep.rules.record.answers import check

MANIFEST = {"digest": "d", "mediaType": "m", "raw": "{}", "absent": [], "children": [], "blobs": []}
BLOB = {"digest": "d", "size": 1, "here": True, "origins": [["h", "n"]]}


@pytest.mark.parametrize(
    ("kind", "answer"),
    [
        ("aws", {"status": 200, "headers": {"a": "b"}, "body": b""}),
        ("aws", {"broken": {"type": "x"}}),
        ("http", {"broken": "x"}),
        ("run", {"code": -9, "stdout": b"", "stderr": b""}),
        ("run", {"error": {}}),
        ("file", {"content": {"left_out": 3}}),
        ("file", {"os_error": {}}),
        ("image", {"manifest": {**MANIFEST, "children": [MANIFEST], "blobs": [BLOB]}}),
        ("image", {"identity": ["sha256:1"]}),
        ("image", {"identity": [], "config": "sha256:1", "layers": 2}),
        ("image", {"revisions": ["abc", ""]}),
        ("setting", {"value": None}),
        ("identity", {"method": None}),
        ("of-a-newer-version", {"anything": [1]}),
    ],
)
def test_an_answer_of_its_kind_is_taken(kind: str, answer: dict[str, Any]) -> None:
    check(kind, "", answer, "tape[0].answer")


@pytest.mark.parametrize(
    ("kind", "answer", "said"),
    [
        ("aws", {}, "lacks 'status'"),
        ("aws", {"status": "200"}, "'x.status'"),
        ("aws", {"status": True}, "'x.status'"),
        ("aws", {"status": 99}, "'x.status'"),
        ("aws", {"status": 200, "headers": {"a": 1}}, "'x.headers'"),
        ("aws", {"status": 200, "body": "text"}, "'x.body'"),
        ("aws", {"broken": "x"}, "'x.broken'"),
        ("http", {"broken": {}}, "'x.broken'"),
        ("run", {"code": 0}, "lacks 'stdout'"),
        ("run", {"error": "x"}, "'x.error'"),
        ("file", {"content": {"left_out": "3"}}, "'x.content'"),
        ("file", {"is": 1}, "'x.is'"),
        ("image", {"identity": "x"}, "'x.identity'"),
        ("image", {}, "lacks 'identity'"),
        ("image", {"identity": [], "layers": "2"}, "'x.layers'"),
        ("image", {"identity": [], "revisions": "abc"}, "'x.revisions'"),
        ("image", {"manifest": {**MANIFEST, "raw": 1}}, "'x.manifest'"),
        ("image", {"manifest": {**MANIFEST, "blobs": [{**BLOB, "origins": [["h"]]}]}}, "manifest"),
        ("image", {"manifest": {**MANIFEST, "children": [[]]}}, "'x.manifest'"),
        ("setting", {"value": []}, "'x.value'"),
        ("interrupt", {"signal": 15}, "'x.signal'"),
    ],
)
def test_any_other_is_refused_with_its_place(kind: str, answer: dict[str, Any], said: str) -> None:
    with pytest.raises(ValueError, match=r".") as raised:
        check(kind, "open", answer, "x")

    assert said in str(raised.value)

"""What of a registry's answers is kept, and that a replay needs neither registry nor image."""

import io
from typing import Any

import pytest

from ecsstep.core.outside import Answer, Outside, Question, using
from ecsstep.core.tape import Tape
from ecsstep.errors import Exit, StepError
from ecsstep.registry.image import Blob, Manifest
from ecsstep.registry.taped import BrokenError, asked
from ecsstep.registry.taped_image import Taped, Zeros
from ecsstep.registry.wire import AgainError, Download, Wire
from ecsstep.registry.wire import Answer as HttpAnswer
from ecsstep.rules.rebuilds import Revisions
from ecsstep.rules.tag_verdict import Identity
from fakes import FakeClock

URL = "https://r.example/v2/app/manifests/v1"


def never() -> Any:
    raise AssertionError("it was asked for real")


class Again(Outside):
    """Answers as a tape heard it."""

    is_replay = True

    def __init__(self, tape: Tape) -> None:
        self._answers = [
            {
                name: value.raw if hasattr(value, "raw") else value
                for name, value in noted.answer.items()
            }
            for noted in tape
        ]

    def ask(self, kind: str, question: Question, live: Any) -> Answer:
        del kind, question, live
        return self._answers.pop(0)


def test_a_request_and_its_answer_are_kept_without_the_login() -> None:
    tape = Tape(FakeClock())
    headers = {"Authorization": "Basic c2VjcmV0", "Accept": "x", "User-Agent": "y"}
    said = (200, {"content-type": "z", "set-cookie": "secret", "location": "/there"}, b"body")

    with using(tape):
        assert asked("PUT", URL, headers, b"1234", lambda: said) == (
            200,
            {"content-type": "z", "location": "/there"},
            b"body",
        )

    [noted] = tape
    assert noted.question == {
        "method": "PUT",
        "url": URL,
        "headers": {"accept": "x"},
        "login": "Basic",
        "size": 4,
    }
    with using(Again(tape)):
        assert asked("PUT", URL, headers, b"", never)[0] == 200


def test_a_broken_request_is_broken_again_and_nothing_is_kept_without_a_tape() -> None:
    tape = Tape(FakeClock())

    def broken() -> Any:
        raise BrokenError("timed out")

    with using(tape), pytest.raises(BrokenError):
        asked("GET", URL, {}, io.BytesIO(), broken)
    with using(Again(tape)), pytest.raises(BrokenError, match="timed out"):
        asked("GET", URL, {}, b"", broken)
    assert asked("GET", URL, {}, b"", lambda: (200, {"set-cookie": "x"}, b"")) == (
        200,
        {"set-cookie": "x"},
        b"",
    )


class Canned(Outside):
    is_replay = True

    def __init__(self, **answer: Any) -> None:
        self._answer = answer

    def ask(self, kind: str, question: Question, live: Any) -> Answer:
        del kind, question, live
        return self._answer


def test_a_wire_in_a_replay_needs_no_connection() -> None:
    wire = Wire("r.example", {})

    with using(Canned(status=404, headers={"a": "b"}, body=b"{}")):
        assert wire.send("GET", URL, {}).status == 404
        found = wire.open(URL, {})
        assert isinstance(found, HttpAnswer)
        assert found.status == 404
    with using(Canned(status=200)):
        download = wire.open(URL, {})
        assert isinstance(download, Download)
        assert download.read(3) == b"\0\0\0"
        download.close()
    with using(Canned(status=503)), pytest.raises(AgainError, match="answers 503"):
        wire.open(URL, {})
    with using(Canned(broken="oh")), pytest.raises(AgainError, match="can't be reached: oh"):
        wire.open(URL, {})


class Source:
    identity = Identity(manifests=frozenset({"sha256:1"}))

    def revisions(self) -> Revisions:
        return frozenset({"", "abc"})

    def manifest(self) -> Manifest:
        child = Manifest(
            digest="sha256:2", media_type="m", raw=b"{}",
            blobs=(
                Blob(digest="sha256:3", size=3, open=lambda: io.BytesIO(b"abc"),
                     origins=(("h", "n"),)),
                Blob(digest="sha256:4", size=4, open=None),
            ),
        )  # fmt: skip
        return Manifest(
            digest="sha256:1", media_type="i", raw=b"[]", children=(child,), absent=("sha256:5",)
        )


def test_an_image_is_the_same_without_its_bytes() -> None:
    tape = Tape(FakeClock())
    with using(tape):
        real = Taped("oci:x", Source)
        before = real.manifest()
        revisions = real.revisions()

    with using(Again(tape)):
        again = Taped("oci:x", never)
        after = again.manifest()
        assert again.revisions() == revisions == {"", "abc"}

    assert again.identity == real.identity
    [child], [other] = before.children, after.children
    assert after.replaced(children=()) == before.replaced(children=())
    assert [(b.digest, b.size, b.origins, b.open is None) for b in other.blobs] == [
        (b.digest, b.size, b.origins, b.open is None) for b in child.blobs
    ]
    assert other.blobs[0].open is not None
    with other.blobs[0].open() as file:
        assert file.read(2) == b"\0\0"


def test_a_broken_image_is_broken_in_the_replay() -> None:
    tape = Tape(FakeClock())
    with using(tape):
        image = Taped("oci:x", Source)
        with pytest.raises(StepError, match="holds something else"):
            image.verify(image.manifest().children[0])

    *_, last = tape
    assert (last.question["do"], last.answer["error"]["exit"]) == ("verify", Exit.USAGE)
    assert Zeros().readable()

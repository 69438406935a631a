"""Whether what is deployed has passed the gate."""

from typing import Any

import pytest

from ecsstep.rules.passed import Proof, fresh_images, proof_of, unproven

DIGEST, CHILD = "sha256:" + "a" * 64, "sha256:" + "b" * 64
RECORD = {"verdict": "passed", "digest": DIGEST, "platforms": [{"digest": CHILD}]}


def test_the_image_and_each_of_its_platforms_have_passed() -> None:
    whole = Proof(passed=frozenset({DIGEST, CHILD}))

    assert proof_of(RECORD, name="f") == whole
    assert proof_of({**RECORD, "left_out": []}, name="f") == whole
    assert proof_of({"verdict": "passed", "digest": DIGEST}, name="f") == Proof(
        passed=frozenset({DIGEST})
    )


def test_where_platforms_were_left_out_the_whole_has_not_passed() -> None:
    proof = proof_of({**RECORD, "left_out": ["linux/arm64"]}, name="f")

    assert (proof.passed, proof.against) == (frozenset({CHILD}), {})
    assert proof.fault(DIGEST) == ("has passed only in part: 'linux/arm64' was left out of 'f'")
    assert "in part: none" in proof_of({**RECORD, "left_out": "x"}, name="f").fault(DIGEST)
    assert proof.joined(proof_of(RECORD, name="g")).fault(DIGEST) == ""
    assert Proof().joined(proof).fault(DIGEST) == proof.fault(DIGEST)


@pytest.mark.parametrize("verdict", ["refused", "unusable", "Passed", ""])
def test_any_other_verdict_is_a_word_against_all_that_it_names(verdict: str) -> None:
    proof = proof_of({**RECORD, "verdict": verdict}, name="f")

    said = f"is '{verdict}' by the record 'f'"
    assert proof == Proof(against={DIGEST: said, CHILD: said})


def test_a_word_against_a_digest_beats_every_pass() -> None:
    old, new = proof_of(RECORD, name="old"), proof_of({**RECORD, "verdict": "refused"}, name="new")

    for proof in (old.joined(new), new.joined(old)):
        assert proof.fault(DIGEST) == "is 'refused' by the record 'new'"
    assert old.joined(Proof()).fault(DIGEST) == ""


@pytest.mark.parametrize(
    "record", [None, [], {}, {"verdict": True}, {"verdict": "passed"}, {"verdict": "passed",
     "digest": None, "platforms": ["x"]}, {"verdict": "passed", "digest": DIGEST,
     "left_out": ["linux/arm64"]}],
)  # fmt: skip
def test_something_else_is_no_record(record: Any) -> None:
    with pytest.raises(ValueError, match="'f' is no record of scan-gate"):
        proof_of(record, name="f")


@pytest.mark.parametrize(
    ("image", "said"),
    [
        pytest.param(f"host.example/app@{DIGEST}", None, id="passed"),
        pytest.param(f"host.example/app:v1@{DIGEST}", None, id="with its tag"),
        pytest.param(f"host.example/app@{CHILD}", "no record of having passed", id="another"),
        pytest.param("host.example/app:v1", "is not named by its digest", id="by tag"),
        pytest.param("<IMAGE1_NAME>", "is not named by its digest", id="placeholder"),
    ],
)
def test_only_a_digest_that_passed_is_proven(image: str, said: str | None) -> None:
    found = list(unproven({"web": image}, Proof(passed=frozenset({DIGEST}))))

    if said is None:
        assert found == []
    else:
        assert len(found) == 1
        assert said in found[0]
        assert "container 'web'" in found[0]


def definition(**images: str) -> dict[str, Any]:
    return {
        "containerDefinitions": [{"name": name, "image": image} for name, image in images.items()]
    }


def test_what_runs_already_and_was_not_asked_for_needs_no_record() -> None:
    before, after = definition(web="a:1", log="l:1"), definition(web="a:2", log="l:1", new="n:1")

    assert fresh_images(after, before, named=[]) == {"web": "a:2", "new": "n:1"}
    assert fresh_images(before, before, named=["a:1"]) == {"web": "a:1"}
    assert fresh_images(before, {}, named=[]) == {"web": "a:1", "log": "l:1"}
    assert fresh_images({"containerDefinitions": ["x"]}, {}, named=[]) == {}

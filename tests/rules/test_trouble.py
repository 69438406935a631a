"""What a registry's or a tool's words mean."""

import pytest

from ecsstep.rules.trouble import Trouble, trouble_in, trouble_of


@pytest.mark.parametrize(
    ("words", "trouble"),
    [
        ("Cannot connect to the Docker daemon at unix:///x. Is it up?", Trouble.NO_ENGINE),
        ("Error: inspecting object: nope:1: image not known", Trouble.NO_IMAGE),
        ("Error response from daemon: No such image: nope:1", Trouble.NO_IMAGE),
        ("An image does not exist locally with the tag: x", Trouble.NO_IMAGE),
        (
            "tag invalid: The image tag 'v1' already exists and the tag is immutable.",
            Trouble.TAKEN,
        ),
        (
            "name unknown: The repository with name 'app' does not exist in the registry",
            Trouble.NO_REPOSITORY,
        ),
        ("no basic auth credentials", Trouble.LOGIN),
        ("denied: Your authorization token has expired. Reauthenticate", Trouble.LOGIN),
        ("unauthorized: authentication required", Trouble.LOGIN),
        ("denied: User is not authorized to perform: ecr:PutImage on resource: x", Trouble.DENIED),
        ("pushing failed: 403 Forbidden", Trouble.DENIED),
        ("dial tcp: lookup r: no such host", Trouble.TEMPORARY),
        ("received unexpected HTTP status: 503 Service Unavailable", Trouble.TEMPORARY),
        ("toomanyrequests: Rate exceeded", Trouble.TEMPORARY),
        ("the moon is full", Trouble.OTHER),
    ],
)
def test_a_tools_words_are_told_apart(words: str, trouble: Trouble) -> None:
    assert trouble_in(words) is trouble


@pytest.mark.parametrize(
    ("status", "codes", "words", "trouble"),
    [
        (503, set(), "", Trouble.TEMPORARY),
        (429, set(), "", Trouble.TEMPORARY),
        (400, {"TOOMANYREQUESTS"}, "", Trouble.TEMPORARY),
        (400, {"TAG_INVALID"}, "", Trouble.TAKEN),
        (409, {"X"}, "the tag is immutable", Trouble.TAKEN),
        (404, {"NAME_UNKNOWN"}, "", Trouble.NO_REPOSITORY),
        (401, {"UNAUTHORIZED"}, "", Trouble.LOGIN),
        (403, {"DENIED"}, "Your authorization token has expired", Trouble.LOGIN),
        (403, set(), "", Trouble.DENIED),
        (400, {"MANIFEST_INVALID"}, "", Trouble.OTHER),
    ],
)
def test_a_registrys_answer_is_told_by_its_code(
    status: int, codes: set[str], words: str, trouble: Trouble
) -> None:
    assert trouble_of(status, frozenset(codes), words) is trouble

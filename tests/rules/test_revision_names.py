import pytest

from ecsstep.rules.revision_names import family_fault, names_a_family, names_a_revision

ARN = "arn:aws:ecs:us-east-1:123456789012:task-definition/web"


@pytest.mark.parametrize(
    ("text", "is_revision", "is_family"),
    [
        ("web:7", True, False),
        (f"{ARN}:7", True, False),
        ("web", False, True),
        (ARN, False, True),
        ("-", False, False),
        ("./web", False, False),
        ("taskdef.json", False, False),
    ],
)
def test_a_revision_a_family_and_a_file_are_told_apart(
    text: str, is_revision: bool, is_family: bool
) -> None:
    assert (names_a_revision(text), names_a_family(text)) == (is_revision, is_family)


def test_a_family_alone_is_told_with_both_ways_out() -> None:
    assert "give web:REVISION, or a file as ./web" in family_fault("web")

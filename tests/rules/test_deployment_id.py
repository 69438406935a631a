"""What the id of a deployment looks like."""

import pytest

from ecsstep.rules.deployment_id import deployment_id, is_code_deployment


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("d-A1B2C3D4E", True),
        ("ecs-svc/1234567890123456789", False),
        ("d-a1b2c3d4e", False),
        ("d-A1B2C3D4E5", False),
        ("", False),
    ],
)
def test_a_deployment_of_codedeploy_is_known_by_its_id(text: str, expected: bool) -> None:
    assert is_code_deployment(text) is expected


@pytest.mark.parametrize("text", ["ecs-svc/1234567890123456789", "d-A1B2C3D4E"])
def test_an_id_is_taken_as_it_is(text: str) -> None:
    assert deployment_id(text) == text


@pytest.mark.parametrize("text", ["web:12", "d-1", "", "arn:aws:ecs:a:1:service-deployment/x/y/z"])
def test_what_is_no_id_is_told_before_anything_is_asked(text: str) -> None:
    with pytest.raises(ValueError, match="is no deployment's id"):
        deployment_id(text)

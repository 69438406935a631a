"""A repository's settings, as a push wants to know them."""

from collections.abc import Sequence

import pytest

from ecsstep.aws.settings import RepositorySettings
from ecsstep.errors import Exit, StepError
from ecsstep.rules.image import Reference
from ecsstep.rules.mutability import Mutability
from fakes import Said, a_world

NAME = Reference(registry="r.example", repository="team/app")
IMMUTABLE = Mutability(setting="IMMUTABLE")
DENIED = StepError(
    "no", exit=Exit.ACCESS, hint="allow the role the action ecr:DescribeRepositories"
)
GONE = StepError("AWS can't be reached", exit=Exit.TEMPORARY)


class FakeRegistries:
    def __init__(self, found: Mutability | StepError | None) -> None:
        self.found = found
        self.created: list[tuple[str, str, tuple[str, ...]]] = []

    def mutability(self, host: str, name: str) -> Mutability | None:
        assert (host, name) == ("r.example", "team/app")
        if isinstance(self.found, StepError):
            raise self.found
        return self.found

    def create(self, host: str, name: str, *, movable: Sequence[str] = ()) -> None:
        self.created.append((host, name, tuple(movable)))


def made(
    found: Mutability | StepError | None, *, is_ecr: bool = True
) -> tuple[RepositorySettings, FakeRegistries, Said]:
    registries, said = FakeRegistries(found), a_world()
    settings = RepositorySettings(
        registries=registries, name=NAME, is_ecr=is_ecr, log=said.world.log
    )
    return settings, registries, said


@pytest.mark.parametrize(
    ("found", "is_ecr", "mutability", "words"),
    [
        pytest.param(IMMUTABLE, True, IMMUTABLE, "", id="told"),
        pytest.param(None, True, None, "", id="no repository"),
        pytest.param(DENIED, True, None, "ecr:DescribeRepositories", id="may not look"),
        pytest.param(GONE, False, None, "", id="another registry is not asked"),
    ],
)
def test_the_setting_is_told_where_it_can_be(
    found: Mutability | StepError | None, is_ecr: bool, mutability: Mutability | None, words: str
) -> None:
    settings, _, said = made(found, is_ecr=is_ecr)

    assert settings.mutability() == mutability
    assert words in said.err.getvalue()


def test_another_trouble_than_a_missing_right_is_told() -> None:
    settings, _, _ = made(GONE)

    with pytest.raises(StepError, match="can't be reached"):
        settings.mutability()


@pytest.mark.parametrize(
    ("found", "is_ecr", "created"),
    [
        pytest.param(None, True, [("r.example", "team/app", ("latest",))], id="missing"),
        pytest.param(IMMUTABLE, True, [], id="there"),
        pytest.param(None, False, [], id="another registry makes its own"),
    ],
)
def test_a_missing_repository_of_ecr_is_created(
    found: Mutability | None, is_ecr: bool, created: list[tuple[str, str, tuple[str, ...]]]
) -> None:
    settings, registries, said = made(found, is_ecr=is_ecr)

    settings.ensure(movable=["latest"])

    assert registries.created == created
    assert ("only ECR's private repositories" in said.err.getvalue()) is not is_ecr

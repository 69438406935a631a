"""Amazon ECR: repositories and their settings."""

from collections.abc import Sequence
from typing import Any

from ecsstep.aws.ecr import Ecr, StoredImage
from ecsstep.aws.errors import error_code, translated
from ecsstep.rules.mutability import EXCEPT_IMMUTABLE, IMMUTABLE, MOST_FILTERS, Mutability


class Repositories:
    """ECR's calls about repositories; one method is one call."""

    def __init__(self, client: Any) -> None:
        self._client = client

    def mutability(self, name: str, *, account: str | None = None) -> Mutability | None:
        """Return which tags of a repository may move, or None where there is no such repository.

        Raises:
            StepError: AWS refuses.
        """
        registry = {"registryId": account} if account else {}
        with translated(f"look at repository '{name}'", action="ecr:DescribeRepositories"):
            try:
                reply = self._client.describe_repositories(repositoryNames=[name], **registry)
            except self._client.exceptions.ClientError as error:
                if error_code(error) == "RepositoryNotFoundException":
                    return None
                raise
        for found in reply.get("repositories") or ():
            return Mutability(
                setting=found.get("imageTagMutability") or "MUTABLE",
                filters=tuple(
                    each["filter"] for each in found.get("imageTagMutabilityExclusionFilters") or ()
                ),
            )
        return None

    def stored(self, name: str, *, tag: str, account: str | None = None) -> StoredImage | None:
        """Return the image under a tag, or None where it isn't there.

        Raises:
            StepError: There is no such repository (exit 2), or AWS refuses.
        """
        return Ecr(self._client).image(name, tag=tag, registry_id=account)

    def create(self, name: str, *, account: str | None = None, movable: Sequence[str] = ()) -> None:
        """Create a repository with immutable tags and scan on push; one that is there is fine.

        Args:
            name: Its name.
            account: The registry's account; the caller's own by default.
            movable: Tags that may move all the same, as far as ECR has room for exclusions.

        Raises:
            StepError: AWS refuses.
        """
        settings: dict[str, Any] = {"imageTagMutability": IMMUTABLE}
        if movable:
            settings = {
                "imageTagMutability": EXCEPT_IMMUTABLE,
                "imageTagMutabilityExclusionFilters": [
                    {"filterType": "WILDCARD", "filter": tag} for tag in movable[:MOST_FILTERS]
                ],
            }
        with translated(f"create repository '{name}'", action="ecr:CreateRepository"):
            try:
                self._client.create_repository(
                    repositoryName=name,
                    imageScanningConfiguration={"scanOnPush": True},
                    **settings,
                    **({"registryId": account} if account else {}),
                )
            except self._client.exceptions.ClientError as error:
                # Another job was faster.
                if error_code(error) != "RepositoryAlreadyExistsException":
                    raise

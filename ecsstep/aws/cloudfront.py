"""Amazon CloudFront."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from ecsstep.aws.errors import error_code, translated
from ecsstep.errors import Exit, StepError
from ecsstep.rules.invalidation import Invalidation

if TYPE_CHECKING:
    from mypy_boto3_cloudfront.client import CloudFrontClient

# https://docs.aws.amazon.com/cloudfront/latest/APIReference/API_CreateInvalidation.html
_BUSY = "TooManyInvalidationsInProgress"
_HINTS = {
    "NoSuchDistribution": "aws cloudfront list-distributions --query "
    "'DistributionList.Items[].[Id,DomainName]' shows those of this account",
    "InvalidationBatchAlreadyExists": "the same reference was used for other paths; run it again "
    "with --deployment ID of this deployment",
    "NoSuchInvalidation": "run the step again: it asks for a new one",
}


class CloudFront:
    """The calls of CloudFront that the steps make.

    Every method raises StepError for a call that failed: see :func:`ecsstep.aws.errors.translated`.
    """

    def __init__(self, client: "CloudFrontClient") -> None:
        self._client = client

    def create(self, request: Mapping[str, Any]) -> Invalidation:
        """Ask for an invalidation and return it; for an equal request that was made before, that.

        Raises:
            StepError: Too many are in progress: exit 75, it may work in a minute.
        """
        from botocore.exceptions import ClientError

        distribution = request["DistributionId"]
        doing = f"invalidate paths of distribution '{distribution}'"
        with translated(doing, action="cloudfront:CreateInvalidation", hints=_HINTS):
            try:
                reply = self._client.create_invalidation(**request)
            except ClientError as error:
                if error_code(error) != _BUSY:
                    raise
                raise StepError(
                    f"can't {doing}: too many invalidations are in progress ({_BUSY})",
                    exit=Exit.TEMPORARY,
                    hint="run the step again in a minute; CloudFront takes 15 paths with '*' and "
                    "3,000 others at once",
                ) from error
        return _invalidation_from(distribution, reply["Invalidation"])

    def invalidation(self, distribution: str, id: str) -> Invalidation:  # noqa: A002 - AWS's name
        """Return an invalidation as it stands now."""
        doing = f"read invalidation '{id}' of distribution '{distribution}'"
        with translated(doing, action="cloudfront:GetInvalidation", hints=_HINTS):
            reply = self._client.get_invalidation(DistributionId=distribution, Id=id)
        return _invalidation_from(distribution, reply["Invalidation"])


def _invalidation_from(distribution: str, reply: Any) -> Invalidation:
    batch = reply.get("InvalidationBatch", {})
    return Invalidation(
        distribution=distribution,
        id=reply["Id"],
        status=reply.get("Status", ""),
        paths=tuple(batch.get("Paths", {}).get("Items", ())),
        created_at=reply.get("CreateTime"),
    )

"""Who we are to AWS."""

from ecsstep.aws.errors import translated
from ecsstep.aws.session import Aws
from ecsstep.value import Value


class Caller(Value):
    """Whose credentials are in use.

    Attributes:
        account: The account's id.
        arn: The user, or the role's session.
        region: The region in use.
    """

    account: str
    arn: str
    region: str


def caller(aws: Aws) -> Caller:
    """Return who we are; every identity may ask that.

    https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html

    Raises:
        StepError: There are no credentials, or AWS doesn't take them (exit 5).
    """
    with translated("find out whose credentials these are", action="sts:GetCallerIdentity"):
        found = aws.client("sts").get_caller_identity()
    return Caller(account=str(found["Account"]), arn=str(found["Arn"]), region=aws.region)

"""The partitions of AWS: what an ARN begins with."""

_USUAL = "aws"


def partition_of(region: str | None) -> str:
    """Return the partition of a region; the usual one where no region is given.

    Raises:
        StepError: The region is none of AWS's (exit 2).
    """
    if region is None:
        return _USUAL
    import botocore.session

    from ecsstep.aws.session import check_region

    session = botocore.session.Session()
    check_region(session, region)
    return str(session.get_partition_for_region(region))

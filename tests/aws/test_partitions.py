"""What an ARN begins with."""

import pytest

from ecsstep.aws.partitions import partition_of
from ecsstep.errors import Exit, StepError


@pytest.mark.parametrize(
    ("region", "partition"),
    [
        (None, "aws"),
        ("ap-northeast-1", "aws"),
        ("eu-newest-9", "aws"),
        ("cn-northwest-1", "aws-cn"),
        ("us-gov-east-1", "aws-us-gov"),
    ],
)
def test_the_partition_is_the_region_s(region: str | None, partition: str) -> None:
    assert partition_of(region) == partition


def test_what_can_be_no_region_is_a_mistake() -> None:
    with pytest.raises(StepError, match="is not an AWS region") as caught:
        partition_of("nowhere")

    assert caught.value.exit is Exit.USAGE

"""How the hosts of Amazon ECR are spelled."""

import botocore.session
import pytest

from ecsstep.rules.ecr_names import ENDINGS, endings

PARTITIONS = botocore.session.Session().get_data("partitions")["partitions"]


@pytest.mark.parametrize("partition", PARTITIONS, ids=lambda each: str(each["id"]))
def test_every_region_that_the_sdk_knows_has_its_partitions_ending(
    partition: dict[str, dict[str, str]],
) -> None:
    regions = [each for each in partition["regions"] if each[-1].isdigit()]

    found = {endings(region)["dkr.ecr"] for region in regions}

    assert found == ({partition["outputs"]["dnsSuffix"]} if regions else set())
    assert found <= ENDINGS


def test_fips_is_where_the_united_states_are() -> None:
    assert set(endings("us-gov-west-1")) == {"dkr.ecr", "dkr-ecr", "dkr.ecr-fips", "dkr-ecr-fips"}
    assert set(endings("cn-north-1")) == {"dkr.ecr", "dkr-ecr"}
    assert set(endings("us-iso-east-1")) == {"dkr.ecr"}

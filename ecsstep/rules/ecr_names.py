"""How the hosts of Amazon ECR are spelled, by the partition that their region is in."""

from collections.abc import Mapping

# What a region begins with, and what its hosts end with: the plain ones and the dual-stack ones.
# https://github.com/boto/botocore/blob/develop/botocore/data/partitions.json
_PARTITIONS = (
    ("cn-", "amazonaws.com.cn", "on.amazonwebservices.com.cn"),
    ("eusc-", "amazonaws.eu", ""),
    ("us-iso-", "c2s.ic.gov", ""),
    ("us-isob-", "sc2s.sgov.gov", ""),
    ("eu-isoe-", "cloud.adc-e.uk", ""),
    ("us-isof-", "csp.hci.ic.gov", ""),
    ("eu-isof-", "csp.hci.ic.gov", ""),
    ("", "amazonaws.com", "on.aws"),
)
_WITH_FIPS = "amazonaws.com"


def endings(region: str) -> Mapping[str, str]:
    """Return what ECR's hosts of a region end with, by what stands before the region.

    AWS's own credential helper accepts mixes of them that don't exist.
    """
    plain, dual = next(
        (plain, dual) for begin, plain, dual in _PARTITIONS if region.startswith(begin)
    )
    found = {"dkr.ecr": plain, "dkr-ecr": dual}
    if plain == _WITH_FIPS:
        found |= {"dkr.ecr-fips": plain, "dkr-ecr-fips": dual}
    return {form: ending for form, ending in found.items() if ending}


ENDINGS = frozenset(ending for _, *both in _PARTITIONS for ending in both if ending)
"""Every ending that a host of ECR can have."""

"""Where and as whom a step talks to AWS, as far as that can be told without AWS."""

import re

from ecsstep.text import meant, printable

KNOWN = tuple(
    """
    af-south-1 ap-east-1 ap-east-2 ap-northeast-1 ap-northeast-2 ap-northeast-3 ap-south-1
    ap-south-2 ap-southeast-1 ap-southeast-2 ap-southeast-3 ap-southeast-4 ap-southeast-5
    ap-southeast-6 ap-southeast-7 ca-central-1 ca-west-1 eu-central-1 eu-central-2 eu-north-1
    eu-south-1 eu-south-2 eu-west-1 eu-west-2 eu-west-3 il-central-1 me-central-1 me-south-1
    mx-central-1 sa-east-1 us-east-1 us-east-2 us-west-1 us-west-2 cn-north-1 cn-northwest-1
    us-gov-east-1 us-gov-west-1
    """.split()  # noqa: SIM905 - a page of quotes says no more
)
"""Regions that somebody may have meant; one that is missing here is taken as it is."""

_REGION = re.compile(r"[a-z]{2,}(?:-[a-z]+)+-\d{1,2}", re.ASCII)
_ROLE = re.compile(r"arn:aws[a-z-]*:iam::\d{12}:role/[\w+=,.@/-]+", re.ASCII)


def region(text: str) -> str:
    """Return the name of a region; whether AWS has it is found out later.

    Raises:
        ValueError: No region is called like that.
    """
    if not _REGION.fullmatch(text):
        raise ValueError(
            f"'{printable(text)}' is not an AWS region{meant(text.strip().lower(), KNOWN)}"
        )
    return text


def role_arn(text: str) -> str:
    """Return the ARN of a role.

    Raises:
        ValueError: It is none.
    """
    if not _ROLE.fullmatch(text):
        raise ValueError(
            f"'{printable(text)}' is no role's ARN; "
            "it looks like arn:aws:iam::123456789012:role/deploy"
        )
    return text

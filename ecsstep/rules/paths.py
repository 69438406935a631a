"""What CloudFront takes for a distribution, and for a path to forget."""

import re

# https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/invalidation-specifying-objects.html
_LONGEST_PATH = 4000
_PLAIN = re.compile(r"[!-~]+", re.ASCII)
_UNSAFE = re.compile(r'[<>"{}|\\^`]')
_DISTRIBUTION = re.compile(r"[A-Z0-9]{5,40}", re.ASCII)
_KEPT = "/*?=&%:;,@!$'()+-._~"


def distribution(text: str) -> str:
    """Return the id of a distribution.

    Raises:
        ValueError: It is none.
    """
    if not _DISTRIBUTION.fullmatch(text):
        raise ValueError(f"'{text}' is no id of a distribution, such as EDFDVBD6EXAMPLE")
    return text


def path(text: str) -> str:
    """Return a path that CloudFront can be asked to forget.

    Raises:
        ValueError: CloudFront would refuse it, or take it for something else.
    """
    if not text.startswith("/"):
        raise ValueError(f"'{text}' doesn't begin with '/'; write '/{text}'")
    if "*" in text[:-1]:
        raise ValueError(f"'{text}': CloudFront knows '*' at the end of a path only")
    if not _PLAIN.fullmatch(text) or _UNSAFE.search(text):
        # It takes longer to load than the rest of the step.
        from urllib.parse import quote

        raise ValueError(f"'{text}' is not URL-encoded; write '{quote(text, safe=_KEPT)}'")
    if len(text) > _LONGEST_PATH:
        raise ValueError(f"the path '{text[:40]}…' is longer than {_LONGEST_PATH} characters")
    return text

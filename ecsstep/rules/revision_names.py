"""How a revision of a task definition is named, beside a file's path."""

import re

_REVISION = re.compile(
    r"[A-Za-z0-9_-]{1,255}:\d+|arn:[^:]+:ecs:[^:]+:\d{12}:task-definition/[^/\s]+:\d+"
)
_FAMILY = re.compile(r"[A-Za-z0-9_-]+|arn:.*/[^:]*")


def parse_family(text: str) -> str:
    """Return ``text`` if a family can have this name.

    Raises:
        ValueError: It can't.
    """
    if re.fullmatch(r"[A-Za-z0-9_-]{1,255}", text) is None:
        raise ValueError(f"'{text}' is no family (at most 255 letters, digits, - and _)")
    return text


def names_a_revision(text: str) -> bool:
    """Whether this is FAMILY:REVISION or an ARN with its revision, and no file."""
    return _REVISION.fullmatch(text) is not None


def names_a_family(text: str) -> bool:
    """Whether this is a family alone, unless there is a file of this name."""
    return text != "-" and _FAMILY.fullmatch(text) is not None


def family_fault(text: str) -> str:
    """Return why a family alone is a mistake."""
    return (
        f"'{text}' is a family without a revision, which means whatever is newest at "
        f"that moment; give {text}:REVISION, or a file as ./{text}"
    )

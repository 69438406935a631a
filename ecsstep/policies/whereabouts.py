"""The account and the region that what was given by ARN is in."""

from collections.abc import Iterable, Iterator

from ecsstep.core.options import Given
from ecsstep.rules.iam import words
from ecsstep.rules.iam.target import Named
from ecsstep.text import listed

PARTS = ("account", "region")


def parse_taskdef(text: str) -> str:
    """Return a task definition's family, its ARN or its file as it was given.

    Raises:
        ValueError: It is meant as a family and is none.
    """
    if words.is_family(text):
        words.parse_family(text)
    return text


def named_parts(
    part: str, cluster: Named | None, services: Iterable[Named], taskdefs: Iterable[str]
) -> tuple[str, ...]:
    """Return the accounts, or the regions, that ARNs among these name."""
    families = [words.parse_family(each) for each in taskdefs if words.is_family(each)]
    named = [*([cluster] if cluster else []), *services, *families]
    return tuple(dict.fromkeys(filter(None, (getattr(each, part) for each in named))))


def place_faults(given: Given) -> Iterator[str]:
    """Yield what is wrong where ARNs and flags are about several accounts or regions."""
    values = given.values
    for part in PARTS:
        found = named_parts(
            part, values.get("cluster"), values.get("service", ()), values.get("taskdef", ())
        )
        by_flag = values.get(part) if part in given.by_flag else None
        # A variable gives way to an ARN without a word, a flag doesn't.
        named = dict.fromkeys([*found, *([by_flag] if by_flag and found else [])])
        if len(named) > 1:
            yield f"more than one {part} is named: {listed([*named])}; make a policy for each"

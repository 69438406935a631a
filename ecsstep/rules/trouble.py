"""What a registry's or a container tool's words mean."""

import re
from enum import Enum


class Trouble(Enum):
    """A kind of failure, by what the user does next."""

    NO_ENGINE = "the engine doesn't answer"
    NO_IMAGE = "the engine hasn't the image"
    NO_REPOSITORY = "the repository doesn't exist"
    TAKEN = "the tag can't be moved"
    LOGIN = "there is no login, or it has ended"
    DENIED = "the identity may not do it"
    TEMPORARY = "it may work in a while"
    OTHER = "something else"


# Tools wrap a registry's answer into sentences of their own and change them between versions:
# only codes and single words are looked for. The first row that fits wins.
_SIGNS = (
    (
        Trouble.NO_ENGINE,
        "cannot connect to the docker daemon",
        "is the docker daemon running",
        "(?:cannot|unable to) connect to podman",
    ),
    (
        Trouble.NO_IMAGE,
        "no such image",
        "no such object",
        "image not known",
        "does not exist locally",
        "tag does not exist",
        "image does not exist",
    ),
    (Trouble.TAKEN, "tag[ _]invalid", "ImageTagAlreadyExists", r"\bimmutable\b"),
    (
        Trouble.NO_REPOSITORY,
        "name[ _](?:unknown|invalid)",
        "repository name not known",
        "repository .*(?:not found|does not exist)",
    ),
    (
        Trouble.LOGIN,
        "no basic auth credentials",
        "unauthorized",
        "authentication required",
        "token has expired",
        r"\b401\b",
        "(?:incorrect|invalid) username(?: or |/)password",
    ),
    (Trouble.DENIED, r"\bdenied\b", "not authorized to perform", r"\b403\b"),
    (
        Trouble.TEMPORARY,
        "too ?many ?requests",
        "rate exceeded",
        "connection (?:refused|reset)",
        "no such host",
        "timeout",
        "deadline exceeded",
        "broken pipe",
        "unexpected eof",
        ": EOF",
        r"\b50[0234]\b",
        "server misbehaving",
        "network is unreachable",
    ),
)


def trouble_in(words: str) -> Trouble:
    """Return what these words are about."""
    for trouble, *signs in _SIGNS:
        if re.search("|".join(signs), words, re.IGNORECASE):
            return trouble
    return Trouble.OTHER


_UNAUTHORIZED, _FORBIDDEN, _NOT_FOUND, _TOO_MANY, _SERVER = 401, 403, 404, 429, 500


def trouble_of(status: int, codes: frozenset[str], words: str) -> Trouble:
    """Return what a registry's answer is about.

    Args:
        status: The HTTP status.
        codes: The ``code`` of each of its ``errors``.
        words: Their messages.
    """
    if status == _TOO_MANY or status >= _SERVER or "TOOMANYREQUESTS" in codes:
        return Trouble.TEMPORARY
    if "TAG_INVALID" in codes or re.search(r"\bimmutable\b", words, re.IGNORECASE):
        return Trouble.TAKEN
    if "NAME_UNKNOWN" in codes:
        return Trouble.NO_REPOSITORY
    if status == _UNAUTHORIZED or "expired" in words:
        return Trouble.LOGIN
    if status == _FORBIDDEN or "DENIED" in codes:
        return Trouble.DENIED
    return Trouble.OTHER

"""What the steps run of container tools, as lines for a shell: looks, and logins."""

import json
import re
import shlex
from collections.abc import Iterable, Mapping, Sequence
from urllib.parse import urlsplit

from ecsstep.rules.record.loose import members, part, word
from ecsstep.rules.record.value import Entry

# The steps' own looks, and nothing else: "docker rm info" has a harmless word in it too.
_LOOKS = tuple(
    re.compile(look, re.ASCII)
    for look in (
        r"(?:docker|podman|buildah) --version",
        r"docker version --format \{\{\.Server\.Version\}\}",
        r"(?:docker|podman) image inspect [A-Za-z0-9][\w./:@-]*",
        r"buildah inspect --type image [A-Za-z0-9][\w./:@-]*",
    )
)
_TOOLS = frozenset({"buildah", "docker", "podman"})
_SERVICES = {"ecr": "", "ecr-public": "public.ecr.aws"}


def is_a_look(words: Sequence[str]) -> bool:
    """Whether a command only looks at something, in exactly the form that the steps run."""
    line = " ".join(words)
    has_blanks = any(re.search(r"\s", each) for each in words)
    return not has_blanks and any(look.fullmatch(line) for look in _LOOKS)


def login_host(words: Sequence[str]) -> str:
    """Return the registry that a command logs in to with a password on stdin, or nothing."""
    is_login = words[:1] and words[0] in _TOOLS and "login" in words and words[-2:-1] == [
        "--password-stdin"
    ]  # fmt: skip
    return words[-1] if is_login else ""


def passwords(entries: Iterable[Entry]) -> dict[str, str]:
    """Return the commands that print a password, by the host of the registry.

    They stand in for ECR's authorization tokens, which are nothing to be printed.
    """
    return {
        host: command
        for entry in entries
        if is_token(entry.question)
        for command in [_password(entry.question)]
        for host in _hosts(entry)
    }


def is_token(asked: Mapping[str, object]) -> bool:
    """Whether a call asks for a token to log in to a registry with."""
    is_registry = asked.get("service") in _SERVICES
    return is_registry and asked.get("operation") == "GetAuthorizationToken"


def _password(asked: Mapping[str, object]) -> str:
    region = str(asked.get("region") or "")
    where = ["--region", region] if region else []
    return shlex.join(["aws", str(asked["service"]), "get-login-password", *where])


def _hosts(entry: Entry) -> list[str]:
    public = _SERVICES[str(entry.question["service"])]
    if public:
        return [public]
    raw = entry.answer.get("body", b"")
    try:
        found = json.loads(raw) if isinstance(raw, bytes) else None
    except (ValueError, RecursionError):
        found = None
    listed = part(found, "authorizationData")
    every = [listed] if isinstance(listed, Mapping) else list(members(found, "authorizationData"))
    return [_host(word(each, "proxyEndpoint")) or "HOST" for each in every]


def _host(place: str) -> str:
    try:
        return urlsplit(place).netloc
    except ValueError:
        return ""

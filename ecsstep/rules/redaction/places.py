"""Places that are known to hold secrets, by the names that they have in AWS's shapes and others'.

botocore's models mark members as sensitive: ``environment`` and ``repositoryCredentials`` of a
container, STS's SecretAccessKey and WebIdentityToken, the values of Parameter Store and Secrets
Manager (a test compares). What they don't mark and is secret all the same: ECR's
authorizationToken, which is a password
(https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_AuthorizationData.html), the rest of
STS's credentials, presigned URLs, and the references of ``secrets``.
"""

import functools
import re
from collections.abc import Iterator, Mapping
from typing import Any

PASSWORD, LOGIN, REFERENCE, VARIABLE, LOG = (
    "password",
    "login",
    "secret reference",
    "environment value",
    "log line",
)
_MEMBERS: Mapping[str, str] = {
    "authorizationtoken": LOGIN,
    "auth": LOGIN,
    "accesskeyid": "credential",
    "secretaccesskey": "credential",
    "sessiontoken": "credential",
    "webidentitytoken": "token",
    "secretstring": PASSWORD,
    "secretbinary": PASSWORD,
    "phonenumber": "phone number",
    "valuefrom": REFERENCE,
    "credentialsparameter": REFERENCE,
}
_WORDS = (
    r"pass(?:wd|word|phrase)|pwd|secret|token|api[-_]?key|access[-_]?key|private[-_]?key|credential"
)
_MEMBER = re.compile(rf"(?i)(?:{_WORDS})s?$")
# A variable's name is its writer's own, so that a part of one says more; BYPASS and AUTHOR don't.
_PARTS = (
    r"(?<!by)pass(?!ive|enger|age|through|port)|auth(?!ors?(?:[_-]|$))|private|signature|webhook"
    r"|(?:encryption|signing|master|shared|account|license)[-_]?key|creds"
)
_WHOLE = r"DSN|KEYS?|SALT|PIN|COOKIES?|SESSION|JWT|CRED|PAT"
_VARIABLE = re.compile(rf"(?i){_WORDS}|{_PARTS}|(?:^|[_.-])(?:{_WHOLE})(?:[_.-]|$)")
# Words for pages and for "the same request again"; who has them can do nothing.
_HARMLESS = frozenset({"nexttoken", "clienttoken", "continuationtoken", "nextbackwardtoken",
                       "nextforwardtoken", "requesttoken", "tokenkey"})  # fmt: skip


@functools.cache
def kind_of(name: str, above: str = "") -> str:
    """Return what is secret about a member with text, or nothing.

    Args:
        name: The member's name.
        above: The name of the member that it is in.
    """
    small = name.lower()
    if small in _MEMBERS:
        return _MEMBERS[small]
    if above in _LABELS and (is_secret_variable(name) or "basicauth" in small):
        return PASSWORD
    if small == "value" and above == "Parameter":
        return PASSWORD
    return PASSWORD if _MEMBER.search(name) and small not in _HARMLESS else ""


@functools.lru_cache(maxsize=4096)
def is_secret_variable(name: str) -> bool:
    """Whether a variable of this name most likely holds a secret."""
    return _VARIABLE.search(name) is not None


def told_by_its_name(value: Mapping[Any, Any]) -> str | None:
    """Return the member whose text is secret because another one says so; None for no member.

    A tag is such a pair: ``{"key": "token", "value": "…"}``.
    """
    for name, member in _PAIRS:
        if member not in value:
            continue
        called = value.get(name)
        if isinstance(called, str) and called not in _OF_AWS and is_secret_variable(called):
            return member
    return None


def variables_in(value: Any) -> Iterator[tuple[Any, str]]:
    """Yield the place of every value in an ``environment``, with the variable's name.

    A place is a pair of what holds it and the key in it. ECS has a list of ``name`` and ``value``;
    others have an object, or a list of ``NAME=VALUE``.
    """
    if isinstance(value, Mapping):
        yield from (((value, name), str(name)) for name in value)
    else:
        for at, each in enumerate(value):
            if isinstance(each, Mapping) and "value" in each:
                yield (each, "value"), str(each.get("name", ""))
            elif isinstance(each, str):
                yield (value, at), each.partition("=")[0]


_LABELS = frozenset({"dockerLabels", "labels", "Labels"})
_PAIRS = (("key", "value"), ("Key", "Value"), ("name", "value"), ("Name", "Value"))
# Details of a task's network, which have a name and a value too.
_OF_AWS = frozenset({"privateIPv4Address", "privateDnsName"})
HEADERS = frozenset({"HttpHeaders"})
"""The names of members that hold headers of HTTP, whatever is in them."""

ENVIRONMENTS = frozenset({"environment", "Env", "env"})
"""The names of members that hold environments."""

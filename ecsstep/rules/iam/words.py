"""How a user names what a policy is narrowed to: by name, by ARN, or by an image in ECR.

A name may have the wildcards of IAM, ``*`` and ``?``, for services such as ``review-*``.
"""

import re
from collections.abc import Callable

from ecsstep.rules.iam.target import Named, Repository
from ecsstep.rules.image import Reference, ecr_host, is_loopback, parse_reference

_NAME = re.compile(r"[A-Za-z0-9_.*?-]{1,255}")
_FAMILY = re.compile(r"[A-Za-z0-9_*?-]{1,255}")
_REPOSITORY = re.compile(r"[a-z0-9_./*?-]{1,255}")
_PATH = re.compile(r"[A-Za-z0-9_./*?#+=@-]{1,512}")
_ARN = re.compile(r"arn:(?P<partition>aws[a-z0-9-]*):(?P<service>[a-z-]+):(?P<region>[a-z0-9-]*):"
                  r"(?P<account>(?:\d{12})?):"
                  r"(?P<rest>[A-Za-z0-9_./:*?#+=@-]+)")  # fmt: skip
_ROLE = re.compile(r"role/[A-Za-z0-9_./*?+=,@-]+")
_ROLE_NAME = re.compile(r"[A-Za-z0-9_/*?+=,.@-]{1,512}")
_ACCOUNT = re.compile(r"arn:aws[a-z0-9-]*:iam::(\d{12}):")


def parse_cluster(text: str) -> Named:
    """Return a cluster that is given by name or ARN."""
    return _named(text, "ecs", "cluster/", _NAME, "a cluster")


def parse_service(text: str) -> Named:
    """Return a service that is given by name, ARN or ``NAME=DEPLOYMENT``."""
    return _named(text.partition("=")[0], "ecs", "service/", _NAME, "a service")


def parse_family(text: str) -> Named:
    """Return the family of ``FAMILY``, ``FAMILY:REVISION`` or an ARN."""
    name = text.rpartition("/")[2] if text.startswith("arn:") else text
    matched = _matched(name.partition(":")[0], text, _FAMILY, "a task definition's family")
    return _placed(matched, _ARN.fullmatch(text))


def is_family(text: str) -> bool:
    """Whether a task definition is named, and not a file that holds one."""
    return text.startswith("arn:") or bool(_FAMILY.fullmatch(text.partition(":")[0]))


def parse_role(text: str) -> str:
    """Return a role's name or ARN."""
    if text.startswith("arn:"):
        found = _ARN.fullmatch(text)
        if not found or found["service"] != "iam" or not _ROLE.fullmatch(found["rest"]):
            raise ValueError(f"'{text}' is no role's ARN")
        return text
    return _matched(text.removeprefix("/"), text, _ROLE_NAME, "a role")


def account_of(role_arn: str | None) -> str | None:
    """Return the account of a role, if its ARN says one."""
    found = _ACCOUNT.match(role_arn or "")
    return found[1] if found else None


def parse_repository(text: str) -> Repository | None:
    """Return the repository of ``[HOST/]NAME``, or None for one that isn't in ECR."""
    if re.search(r"[*?]", text):
        return Repository(name=_matched(text, text, _REPOSITORY, "a repository"))
    return repository_of(parse_reference(text))


def parse_image(text: str) -> Repository | None:
    """Return the repository of ``[CONTAINER=]IMAGE``, or None for one that isn't in ECR."""
    return repository_of(parse_reference(text.rpartition("=")[2]))


def repository_of(image: Reference) -> Repository | None:
    """Return an image's repository, or None where it isn't in ECR."""
    host = ecr_host(image.registry)
    if host:
        return Repository(name=image.repository, account=host.account, region=host.region)
    # Without a host it is in the registry in use; a registry on this machine is the sandbox's.
    if not image.registry or is_loopback(image.registry):
        return Repository(name=image.repository)
    return None


def parse_path(service: str, kind: str) -> Callable[[str], str]:
    """Return a parser for a name with a path, or an ARN of this service."""

    def parse(text: str) -> str:
        if not text.startswith("arn:"):
            return _matched(text, text, _PATH, kind)
        found = _ARN.fullmatch(text)
        if not found or found["service"] != service:
            raise ValueError(f"'{text}' is no ARN of {kind}")
        return text

    return parse


def parse_name(text: str) -> str:
    """Return a name of CodeDeploy's."""
    return _matched(text, text, _NAME, "a name")


def _named(text: str, service: str, kind: str, form: re.Pattern[str], what: str) -> Named:
    if not text.startswith("arn:"):
        return Named(name=_matched(text, text, form, what))
    found = _ARN.fullmatch(text)
    if not found or found["service"] != service or not found["rest"].startswith(kind):
        raise ValueError(f"'{text}' is no ARN of {what}")
    return _placed(_matched(text.rpartition("/")[2], text, form, what), found)


def _placed(name: str, arn: re.Match[str] | None) -> Named:
    """Return what has this name, in the account and region of its ARN."""
    if not arn:
        return Named(name=name)
    return Named(name=name, account=arn["account"] or None, region=arn["region"] or None)


def _matched(name: str, text: str, form: re.Pattern[str], what: str) -> str:
    if not form.fullmatch(name):
        raise ValueError(f"'{text}' is no name of {what}")
    return name

"""A registry's or a container tool's refusal in the words of the steps."""

import re
from typing import assert_never

from ecsstep.errors import Exit, StepError
from ecsstep.rules.image import ecr_host, is_loopback
from ecsstep.rules.trouble import Trouble
from ecsstep.text import printable
from ecsstep.value import Value

_REFUSED_LOGIN = (
    "check user and password; for ECR check that the registry's account lets this role in"
)
_ACTION = re.compile(r"not authorized to perform: ([\w-]+:\w+)")


class TagTakenError(StepError):
    """The registry doesn't let this tag name another image."""


class Deed(Value):
    """What was tried at a registry.

    Attributes:
        doing: The deed, for the message: ``push 'HOST/REPO:TAG'``.
        host: The registry's host.
        repository: The repository's name; empty for a login.
        action: The IAM action that ECR asks for.
    """

    doing: str
    host: str
    repository: str = ""
    action: str = ""


def refusal(deed: Deed, trouble: Trouble, words: str) -> StepError:
    """Return the error for a deed that failed in this way."""
    said = f"can't {deed.doing}: {printable(words).strip()}"
    match trouble:
        case Trouble.TAKEN:
            return TagTakenError(said, exit=Exit.REFUSED, hint="push under a tag of its own")
        case Trouble.NO_REPOSITORY:
            return no_repository(deed)
        case Trouble.LOGIN:
            code = Exit.ACCESS
            hint = login_hint(deed.host) if deed.repository else _REFUSED_LOGIN
        case Trouble.DENIED:
            code, hint = Exit.ACCESS, _allowing(deed, words)
        case Trouble.TEMPORARY:
            code = Exit.TEMPORARY
            hint = f"check that '{deed.host}' can be reached from here, then run the step again"
        case Trouble.NO_ENGINE:
            code = Exit.TOOL
            hint = "start the engine, check DOCKER_HOST, or push without it: oci-archive:FILE"
        case Trouble.NO_IMAGE:
            code, hint = Exit.USAGE, "check the image's name and tag, and build it in this engine"
        case Trouble.OTHER:
            code = Exit.USAGE
            hint = f"those are the words of '{deed.host}'; check the names and what it allows there"
        case _:
            assert_never(trouble)
    return StepError(said, exit=code, hint=hint)


def no_repository(deed: Deed) -> StepError:
    """Return the error for a repository that the registry doesn't know."""
    ecr = ecr_host(deed.host)
    if not ecr and not is_loopback(deed.host):
        hint = f"check --repository, or create it at {deed.host}"
    else:
        region = f" --region {ecr.region}" if ecr else ""
        hint = (
            "check --repository, give --create-repository, or run: "
            f"aws ecr create-repository{region} --repository-name {deed.repository} "
            "--image-tag-mutability IMMUTABLE --image-scanning-configuration scanOnPush=true"
        )
    return StepError(
        f"there is no repository '{deed.repository}' in '{deed.host}'", exit=Exit.USAGE, hint=hint
    )


def login_hint(host: str) -> str:
    """Return the command that logs in to this registry."""
    return f"log in first: ecr-login --registry {host}"


def _allowing(deed: Deed, words: str) -> str:
    found = _ACTION.search(words)
    action = found.group(1) if found else deed.action
    if (ecr_host(deed.host) or is_loopback(deed.host)) and action:
        return f"allow the role the action {action}, or log in: ecr-login --registry {deed.host}"
    return f"let this user push at {deed.host}, or {login_hint(deed.host)}"

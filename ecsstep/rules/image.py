"""Image references and the hosts of Amazon ECR."""

import re

from ecsstep.rules.ecr_names import endings
from ecsstep.value import Value

_HOST_PORT = r"(?:[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?|\[[0-9A-Fa-f:]+\])(?::\d{1,5})?"
_COMPONENT = r"[a-z0-9]+(?:(?:\.|__?|-+)[a-z0-9]+)*"
_REPOSITORY = rf"{_COMPONENT}(?:/{_COMPONENT})*"
_TAG = r"[A-Za-z0-9_][A-Za-z0-9._-]{0,127}"
_DIGEST = r"sha256:[0-9a-f]{64}|sha512:[0-9a-f]{128}"
_LONGEST_REPOSITORY = 255

_ECR_HOST = re.compile(
    r"(?P<account>[0-9]{12})\.(?P<form>dkr[.-]ecr(?:-fips)?)\."
    r"(?P<region>[a-z]{2,}(?:-[a-z]+)+-[0-9]+)\.(?P<ending>[a-z0-9.-]+)"
)
PUBLIC_HOSTS = frozenset({"public.ecr.aws", "ecr-public.aws.com"})
DOCKER_HUB = "docker.io"
_DOCKER_HUB_NAMES = frozenset(
    {"docker.io", "index.docker.io", "registry-1.docker.io", "https://index.docker.io/v1/"}
)
_LOOPBACK = r"(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])(?::\d{1,5})?"


class EcrHost(Value):
    """A private ECR registry, as its host name tells.

    Attributes:
        host: The host, as it was given.
        account: The AWS account's id: twelve digits, as text.
        region: The region that the name says.
    """

    host: str
    account: str
    region: str


class Reference(Value):
    """An image by name.

    Attributes:
        registry: Host and port; empty where the name has none (Docker Hub, or the local engine).
        repository: The name without host, tag and digest.
        tag: The tag, if the name has one.
        digest: ``sha256:…``, if the name has one.
    """

    registry: str = ""
    repository: str
    tag: str | None = None
    digest: str | None = None

    @property
    def name(self) -> str:
        """Registry and repository."""
        return f"{self.registry}/{self.repository}" if self.registry else self.repository

    def __str__(self) -> str:
        tag = f":{self.tag}" if self.tag else ""
        digest = f"@{self.digest}" if self.digest else ""
        return f"{self.name}{tag}{digest}"

    def pinned(self, digest: str) -> "Reference":
        """Return this image by digest alone."""
        return self.replaced(tag=None, digest=digest)

    def tagged(self, tag: str) -> "Reference":
        """Return this image by tag alone."""
        return self.replaced(tag=tag, digest=None)


def parse_reference(text: str) -> Reference:
    """Return the image that ``[HOST[:PORT]/]REPOSITORY[:TAG][@DIGEST]`` names.

    Raises:
        ValueError: It is no image reference.
    """
    if "://" in text:
        raise ValueError(f"'{text}' is no image reference: write it without a scheme")
    rest, at, digest = text.partition("@")
    if at and not re.fullmatch(_DIGEST, digest):
        raise ValueError(f"'{text}' is no image reference: '{digest}' is no digest")
    head, slash, tail = rest.partition("/")
    registry, path = (head, tail) if slash and _is_host(head) else ("", rest)
    repository, colon, tag = path.partition(":")
    if colon and not re.fullmatch(_TAG, tag):
        raise ValueError(f"'{text}' is no image reference: '{tag}' is no tag")
    try:
        parse_repository(repository)
    except ValueError as error:
        raise ValueError(f"'{text}' is no image reference: {error}") from error
    if registry and not re.fullmatch(_HOST_PORT, registry):
        raise ValueError(f"'{text}' is no image reference: '{registry}' is no host")
    return Reference(
        registry=registry, repository=repository, tag=tag or None, digest=digest or None
    )


def parse_repository(text: str) -> str:
    """Return ``text`` if it is a repository's name, without a host.

    Raises:
        ValueError: It is not.
    """
    if not re.fullmatch(_REPOSITORY, text) or len(text) > _LONGEST_REPOSITORY:
        raise ValueError(f"'{text}' is no repository name (lower case, digits and . _ - /)")
    return text


def parse_tag(text: str) -> str:
    """Return ``text`` if it is a tag by the grammar of registries (128 characters at most).

    Raises:
        ValueError: It is not.
    """
    if not re.fullmatch(_TAG, text):
        raise ValueError(
            f"'{text}' is no image tag: at most 128 letters, digits and . _ -, "
            "not beginning with . or -"
        )
    return text


def parse_digest(text: str) -> str:
    """Return ``text`` if it is a digest.

    Raises:
        ValueError: It is not.
    """
    if not re.fullmatch(_DIGEST, text):
        raise ValueError(f"'{text}' is no digest")
    return text


def parse_registry(text: str) -> str:
    """Return ``text`` if it is a registry's host, with a port or not.

    Raises:
        ValueError: It is not; a scheme or a path is a common mistake.
    """
    if "://" in text or "/" in text or not re.fullmatch(_HOST_PORT, text):
        raise ValueError(f"'{text}' is no registry host; write HOST or HOST:PORT")
    return text


def ecr_host(host: str) -> EcrHost | None:
    """Return the private ECR registry that this host is by its exact form, or None."""
    found = _ECR_HOST.fullmatch(host)
    if found is None or endings(found["region"]).get(found["form"]) != found["ending"]:
        return None
    return EcrHost(host=host, account=found["account"], region=found["region"])


def is_docker_hub(host: str) -> bool:
    """Whether this host is Docker Hub; a name without a host is on Docker Hub too."""
    return not host or host in _DOCKER_HUB_NAMES


def is_loopback(host: str) -> bool:
    """Whether this registry is on this machine, by its name."""
    return bool(re.fullmatch(_LOOPBACK, host))


def _is_host(head: str) -> bool:
    """Docker's rule: the first part is a host if it has a dot or a port, or is localhost."""
    return "." in head or ":" in head or head == "localhost"

"""Which tags an image gets."""

import re
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from ecsstep.rules.image import parse_tag
from ecsstep.value import Value

if TYPE_CHECKING:
    import semver

# Names that people move from image to image. A version or a commit's id is none of them.
_MOVING_WORDS = frozenset(
    {
        "latest", "stable", "current", "newest", "release", "released", "live", "rolling",
        "test", "testing", "tests", "qa", "uat", "ci", "dev", "devel", "develop", "development",
        "stage", "staging", "stg", "preprod", "preview", "prod", "prd", "production", "demo",
        "main", "master", "trunk", "head", "default", "next", "edge", "nightly", "daily",
        "weekly", "snapshot", "canary", "beta", "alpha", "rc", "lts", "blue", "green",
    }
)  # fmt: skip
# Words that say how an image was built, beside one that moves: latest-arm64, alpine-edge.
_PLAIN_WORDS = frozenset(
    {"amd64", "arm64", "arm", "armv7", "x86", "64", "linux", "windows", "alpine", "slim", "debug"}
)
_COMMIT = re.compile(r"[0-9a-f]{7,64}")
_COMMIT_CHARACTERS = 8
_TRIGGER = "tag/"


class Platform(Value):
    """What the CI platform says about the commit.

    Attributes:
        commit_tag: GitLab's ``CI_COMMIT_TAG``.
        webhook_trigger: CodeBuild's ``CODEBUILD_WEBHOOK_TRIGGER``: ``tag/v1.2.3``, ``branch/…``.
        commit: GitLab's ``CI_COMMIT_SHA`` or CodeBuild's ``CODEBUILD_RESOLVED_SOURCE_VERSION``.
        own: The tag that a promoted image has where it comes from.
    """

    commit_tag: str | None = None
    webhook_trigger: str | None = None
    commit: str | None = None
    own: str | None = None


def parse_asked(text: str) -> str:
    """Return the tag that ``text`` asks for; a version may have build metadata.

    That begins with ``+``, which tags can't hold: it becomes ``_``, as in Helm's charts, since
    ``-`` would turn a release into a pre-release.

    Raises:
        ValueError: It can't be a tag.
    """
    if "+" in text:
        import semver

        plain = text[1:] if text[:1] in ("v", "V") else text
        if semver.Version.is_valid(plain):
            return parse_tag(text.replace("+", "_"))
    return parse_tag(text)


def default_tag(platform: Platform) -> str | None:
    """Return the Git tag, else a promoted image's own, else eight characters of the commit's id.

    Raises:
        ValueError: The Git tag can't be an image's tag.
    """
    trigger = platform.webhook_trigger or ""
    git_tag = platform.commit_tag or (
        trigger.removeprefix(_TRIGGER) if trigger.startswith(_TRIGGER) else ""
    )
    if git_tag:
        try:
            return parse_tag(git_tag.replace("+", "_"))
        except ValueError as error:
            raise ValueError(f"the Git tag can't be used: {error}; give --tag") from error
    if platform.own:
        return platform.own
    commit = (platform.commit or "").lower()
    # CodeBuild's source version is no commit where the source is a bucket.
    return commit[:_COMMIT_CHARACTERS] if _COMMIT.fullmatch(commit) else None


def is_moving(tag: str) -> bool:
    """Whether a tag is no version and is a name that people move from image to image."""
    words = re.split(r"[-_.]", tag.lower())
    moving = [word for word in words if word in _MOVING_WORDS]
    return bool(moving) and all(word in _MOVING_WORDS or word in _PLAIN_WORDS for word in words)


def tag_faults(tags: Iterable[str], *, allow_mutable: bool) -> Iterator[str]:
    """Yield what is wrong with the tags that were asked for."""
    for tag in tags:
        if is_moving(tag) and not allow_mutable:
            yield (
                f"the tag '{tag}' moves from image to image, so it doesn't say what runs; "
                "give a version, or --allow-mutable-tag"
            )


def floating_tags(tag: str, existing: Iterable[str]) -> tuple[str, ...]:
    """Return the shorter versions of ``tag`` that may move to it, in its own spelling.

    ``v1.2.3`` gives ``v1.2`` and ``v1``. Nothing for a pre-release or for what is no version,
    never ``v0``, and none whose line has a higher release among the existing tags already.
    """
    version = _release(tag)
    if version is None:
        return ()
    prefix = tag[0] if tag[0] in "vV" else ""
    later = [each for each in map(_release, existing) if each and _is_later(each, version)]
    found = []
    if not any((each.major, each.minor) == (version.major, version.minor) for each in later):
        found.append(f"{prefix}{version.major}.{version.minor}")
    if version.major > 0 and not any(each.major == version.major for each in later):
        found.append(f"{prefix}{version.major}")
    return tuple(found)


def release(tag: str) -> "semver.Version | None":
    """Return the version that a tag spells (``v1.2.3``, ``1.2.3``), None for a pre-release."""
    found = _release(tag)
    return found.replace(build=None) if found else None


def _release(tag: str) -> "semver.Version | None":
    import semver

    text = tag[1:] if tag[:1] in ("v", "V") else tag
    try:
        version = semver.Version.parse(text.replace("_", "+", 1))
    except ValueError:
        return None
    return None if version.prerelease else version


def _is_later(one: "semver.Version", other: "semver.Version") -> bool:
    """Whether a release is higher, or a later build of the same as far as numbers say so."""
    if one != other:
        return one > other
    pairs = zip((one.build or "").split("."), (other.build or "").split("."), strict=False)
    first, second = next(((a, b) for a, b in pairs if a != b), ("", ""))
    return first.isdecimal() and second.isdecimal() and int(first) > int(second)

"""What image-push can be told."""

from collections.abc import Iterator, Mapping
from typing import Any

from ecsstep.core.options import (
    COMMIT,
    COMMIT_TAG,
    DRY_RUN,
    WEBHOOK_TRIGGER,
    Given,
    Option,
    Options,
)
from ecsstep.core.shared import ACCOUNT, CONTAINER, DOCKER_CONFIG, REGISTRY, REPOSITORY, TAG, TOOL
from ecsstep.core.values import one_of
from ecsstep.rules.container_tools import ENGINES
from ecsstep.rules.definitions import parse_container
from ecsstep.rules.image import Reference, parse_registry
from ecsstep.rules.pushes import (
    EngineSource,
    FileSource,
    RegistrySource,
    parse_from,
    parse_source,
    parse_target,
    target_host,
)
from ecsstep.rules.registries import parse_account
from ecsstep.rules.tags import (
    Platform,
    default_tag,
    parse_asked,
    tag_faults,
)


class ImagePushOptions(Options):
    """What image-push can be told."""

    source: EngineSource | FileSource | None = Option(
        flag="SOURCE", help="image to push, unless --from is given", parse=parse_source
    ).field()
    origin: RegistrySource | None = Option(
        flag="--from",
        help="image in a registry to promote as it is: HOST/REPOSITORY:TAG or …@DIGEST",
        metavar="REF",
        parse=parse_from,
    ).field()
    repository: Reference = REPOSITORY.field(
        help="repository to push to, with its registry's host or without",
        parse=parse_target,
        required=True,
    )
    registry: str | None = REGISTRY.field(
        help="registry to push to; by default the account's in the region", parse=parse_registry
    )
    account: str | None = ACCOUNT.field(parse=parse_account)
    tags: tuple[str, ...] = TAG.field(
        help="tag to push under; by default the Git tag, else the commit's first eight characters",
        parse=parse_asked,
    )
    floating_tags: bool = Option(
        flag="--floating-tags",
        help="move the shorter versions (v1.2, v1 for v1.2.3) forward as well",
        is_switch=True,
        default=False,
    ).field()
    allow_mutable_tag: bool = Option(
        flag="--allow-mutable-tag",
        help="accept a tag such as latest, and move it",
        is_switch=True,
        default=False,
    ).field()
    accept_rebuild: bool = Option(
        flag="--accept-rebuild",
        help="keep the image that a tag names already, where it and ours are labelled with the "
        "same commit (org.opencontainers.image.revision), and with this job's where it is known",
        is_switch=True,
        default=False,
    ).field()
    create_repository: bool = Option(
        flag="--create-repository",
        help="create a missing repository, with immutable tags and scan on push",
        is_switch=True,
        default=False,
    ).field()
    container: str | None = CONTAINER.field(
        help="container's name in the task definition, for --definitions", parse=parse_container
    )
    definitions: str | None = Option(
        flag="--definitions",
        help="merge the image into CodePipeline's imagedefinitions.json",
        metavar="FILE",
    ).field()
    image_detail: str | None = Option(
        flag="--image-detail", help="write CodePipeline's imageDetail.json", metavar="FILE"
    ).field()
    pin: str = Option(
        flag="--pin",
        help="what the reference names the image by",
        metavar="BY",
        parse=one_of("digest", "tag"),
        default="digest",
    ).field()
    tool: str = TOOL.field(help="engine that has the image", parse=one_of("auto", "none", *ENGINES))
    docker_config: str | None = DOCKER_CONFIG.field()
    even_after_failure: bool = Option(
        flag="--even-after-failure",
        help="push also where CodeBuild's build phase has failed",
        is_switch=True,
        default=False,
    ).field()
    dry_run: bool = DRY_RUN.field()
    commit_tag: str | None = COMMIT_TAG.field()
    webhook_trigger: str | None = WEBHOOK_TRIGGER.field()
    commit: str | None = COMMIT.field()
    succeeding: str | None = Option(
        help="0 after a failed build, from CodeBuild", variable="CODEBUILD_BUILD_SUCCEEDING"
    ).field()

    @classmethod
    def faults(cls, given: Given) -> Iterator[str]:
        """Yield what is wrong between options."""
        values = given.values
        tags = values.get("tags", ())
        yield from _source_faults(given)
        try:
            if not given.has("tags"):
                tags = tuple(filter(None, [default_tag(platform_of(values))]))
                if not tags:
                    yield (
                        "there is no tag: give --tag or IMAGE_TAG; CI_COMMIT_TAG and "
                        "CI_COMMIT_SHA, or CodeBuild's variables, are not set either"
                    )
            if "repository" in values:
                target_host(values["repository"], values.get("registry"), by_flag=given.by_flag)
        except ValueError as error:
            yield str(error)
        yield from tag_faults(tags, allow_mutable=values.get("allow_mutable_tag", False))
        if given.has("definitions") and not given.has("container"):
            yield "--definitions needs the container's name: give --container or CONTAINER_NAME"


def _source_faults(given: Given) -> Iterator[str]:
    source = given.values.get("source")
    named = {name for name in ("source", "origin") if given.has(name)}
    flagged = named & given.by_flag
    if not named:
        yield (
            "SOURCE is missing: give an image of the engine, oci:DIR, oci-archive:FILE, "
            "docker-archive:FILE or ECSSTEP_SOURCE, or --from REF"
        )
    elif len(named) > 1 and len(flagged) != 1:
        yield "SOURCE and --from are two images; give one of them"
    elif isinstance(source, EngineSource) and given.values.get("tool") == "none":
        yield (
            f"'{source.image}' is an image of an engine and --tool is none; "
            "write oci:, oci-archive: or docker-archive: before a path"
        )


def platform_of(values: Mapping[str, Any]) -> Platform:
    """Return what the CI platform says of the commit."""
    origin = values.get("origin")
    return Platform(
        commit_tag=values.get("commit_tag"),
        webhook_trigger=values.get("webhook_trigger"),
        commit=values.get("commit"),
        own=origin.name.tag if origin else None,
    )

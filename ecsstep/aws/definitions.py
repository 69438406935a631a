"""The definition in a file that is to be registered, and whether its images are there."""

from collections.abc import Callable, Iterable, Mapping
from functools import cache
from typing import IO, Any, TypeVar

from ecsstep.aws.ecr import Ecr
from ecsstep.aws.session import Aws
from ecsstep.core.documents import read_document
from ecsstep.core.log import Log
from ecsstep.errors import Exit, StepError, mistakes
from ecsstep.rules.changes import Changes
from ecsstep.rules.containers import image_faults
from ecsstep.rules.ecr_images import EcrImage, ecr_images, hint_for, odd_references
from ecsstep.rules.registered import Registered, is_same
from ecsstep.rules.revision_names import names_a_family
from ecsstep.rules.taskdef import Faulty, Model, as_source, render
from ecsstep.rules.taskfile import unquoted
from ecsstep.text import listed

T = TypeVar("T", bound=Registered)
HasImage = Callable[[EcrImage], bool]
"""Looks an image up in ECR."""


def definition_in(path: str, model: Model, *, stdin: IO[str]) -> dict[str, Any]:
    """Return the definition in a file (``-`` for stdin), as RegisterTaskDefinition takes it.

    Raises:
        StepError: It is none that can be registered, with every fault (exit 2).
    """
    document = read_document(path, stdin=stdin)
    value, found = unquoted(document.name, document.value, document.plain, model.request)
    source = as_source(document.name, value)
    # A word that this version doesn't know is for AWS to judge, before anything is changed.
    outcome = (
        source if isinstance(source, Faulty) else render(source, Changes(), model, allow_words=True)
    )
    more = (
        outcome.faults if isinstance(outcome, Faulty) else tuple(image_faults(outcome.definition))
    )
    if found or more or isinstance(outcome, Faulty):
        is_newer = isinstance(outcome, Faulty) and outcome.is_newer
        raise mistakes(
            f"'{document.name}' is no task definition to register",
            [*found, *more],
            hint="pip install -U ecsstep botocore; or render it with taskdef-render "
            "--allow-unknown-fields"
            if is_newer
            else "mend the file; taskdef-render makes one that is sound",
        )
    return outcome.definition


def registered_as(
    definition: Mapping[str, Any],
    names: Iterable[str],
    read: Callable[[str], T],
    model: Model,
    *,
    may_be_hidden: bool = False,
) -> T | None:
    """Return the first of some revisions that is this definition already, if one is.

    Args:
        definition: The definition.
        names: Revisions, and families, which mean their newest active revision. A family that has
            none is passed by.
        read: Reads one.
        model: The API's two shapes.
        may_be_hidden: Whether a family that the role may not read is passed by too.
    """
    passed_by = {Exit.USAGE, Exit.ACCESS} if may_be_hidden else {Exit.USAGE}
    for name in names:
        try:
            revision = read(name)
        except StepError as error:
            # ECS has no code of its own for a family that has no revision.
            if not names_a_family(name) or error.exit not in passed_by:
                raise
            continue
        if is_same(definition, revision, model):
            return revision
    return None


def image_lookup(aws: Aws) -> HasImage:
    """Return what looks an image up in the registry of its own account and region."""
    registry = cache(lambda region: Ecr(aws.client("ecr", region=region)))

    def has_image(image: EcrImage) -> bool:
        found = registry(image.region).image(
            image.repository, tag=image.tag, digest=image.digest, registry_id=image.account
        )
        return found is not None

    return has_image


def check_images(
    definition: Mapping[str, Any],
    has_image: HasImage,
    log: Log,
    *,
    is_emulated: bool,
    may_be_missing: bool,
) -> None:
    """Look up every image in ECR; what may not be looked up is a warning.

    Args:
        definition: The definition that is to be registered.
        has_image: Looks one up.
        log: Where warnings go.
        is_emulated: Whether a registry on this machine is ECR's.
        may_be_missing: Whether one that isn't there is a warning.

    Raises:
        StepError: One is not there (exit 2), told with all others that are not.
    """
    for odd in odd_references(definition):
        log.warning(odd)
    images = ecr_images(definition, is_emulated=is_emulated)
    looked = [(image, _fault_of(image, has_image, log)) for image in images]
    missing = [(image, fault) for image, fault in looked if fault is not None]
    found = [f"{fault.message} (container {listed(image.containers)})" for image, fault in missing]
    if not found:
        return
    if may_be_missing:
        for line in found:
            log.warning(line)
        return
    raise mistakes(
        "the definition names images that are not there" if len(found) > 1 else found[0],
        found if len(found) > 1 else [],
        hint=missing[0][1].hint,
    )


def _fault_of(image: EcrImage, has_image: HasImage, log: Log) -> StepError | None:
    """Return why an image can't be used; None where it is there or can't be looked up."""
    try:
        if has_image(image):
            return None
        fault = f"image '{image.text}' is not in ECR"
        return StepError(fault, exit=Exit.USAGE, hint=hint_for(image))
    except StepError as error:
        if error.exit is Exit.USAGE:
            fault = f"image '{image.text}': {error.message}"
            return StepError(fault, exit=Exit.USAGE, hint=error.hint)
        if error.exit is not Exit.ACCESS:
            raise
        log.warning(
            f"whether '{image.text}' is there can't be looked up",
            reason=error.message,
            hint=error.hint,
        )
        return None

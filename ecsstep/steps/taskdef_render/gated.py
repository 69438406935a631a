"""Only images that have passed the scan gate, for ``--require-passed``."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from ecsstep.core.documents import read_document
from ecsstep.core.step import World
from ecsstep.errors import Exit, StepError
from ecsstep.rules.changes import Changes
from ecsstep.rules.passed import Proof, fresh_images, proof_of, unproven
from ecsstep.rules.taskdef import Rendered
from ecsstep.steps.taskdef_render.options import RenderOptions

if TYPE_CHECKING:
    from collections.abc import Callable

    from ecsstep.steps.taskdef_render.story import Reader

_RECORD_HINT = "gate the image that is deployed: scan-gate --report json=FILE, then render"


def check_passed(
    rendered: Rendered,
    changes: Changes,
    options: RenderOptions,
    world: World,
    ecs: "Callable[[], Reader]",
) -> None:
    """Refuse an image that has no record of having passed the scan gate.

    What the service runs is deployed already; it is read where the source is something else, and
    only where an image lacks its record.

    Raises:
        StepError: There is one (exit 1), or a record can't be read (exit 2).
    """
    if not options.require_passed:
        return
    proof = _proof(options)
    settings = (*changes.images, *changes.defined, *changes.of_commit)
    named = [setting.value for setting in settings]

    def found(before: Mapping[str, Any]) -> tuple[str, ...]:
        return tuple(unproven(fresh_images(rendered.definition, before, named=named), proof))

    faults = found(rendered.before if options.source == "service" else {})
    if faults and options.source != "service":
        faults = found(_deployed(options, world, ecs))
    if faults:
        raise StepError(
            faults[0] if len(faults) == 1 else f"{len(faults)} images have not passed scan-gate",
            exit=Exit.REFUSED,
            why=faults if len(faults) > 1 else (),
            hint=_RECORD_HINT,
        )


def _proof(options: RenderOptions) -> Proof:
    proof = Proof()
    for path in options.require_passed:
        try:
            proof = proof.joined(proof_of(read_document(path).value, name=path))
        except ValueError as error:
            raise StepError(str(error), exit=Exit.USAGE, hint=_RECORD_HINT) from error
    return proof


def _deployed(
    options: RenderOptions, world: World, ecs: "Callable[[], Reader]"
) -> Mapping[str, Any]:
    """Return what the service runs; nothing where it is not known, or can't be read."""
    if not (options.cluster and options.service):
        return {}
    try:
        reader = ecs()
        service = reader.service(options.cluster, options.service)
        if service is None or service.status == "INACTIVE" or not service.taskdef_arn:
            return {}
        return reader.task_definition(service.taskdef_arn).raw
    except StepError as error:
        if error.exit not in {Exit.USAGE, Exit.ACCESS}:
            raise
        world.log.warning(
            "what the service runs can't be read, so every image needs a record",
            reason=error.message,
            hint=error.hint,
        )
        return {}

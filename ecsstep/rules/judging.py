"""What is wrong with a rendered task definition, and whose fault it is."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from ecsstep.rules.changes import Changes, Definition
from ecsstep.rules.containers import container_faults, fragment_faults
from ecsstep.rules.model import faults, spelled, unknown_nulls

if TYPE_CHECKING:
    from ecsstep.rules.taskdef import Model, Source


def judged(  # noqa: PLR0913 - a judgement rests on all of it
    source: "Source",
    before: Definition,
    after: Definition,
    changes: Changes,
    model: "Model",
    *,
    allow_unknown: bool,
) -> tuple[tuple[str, ...], tuple[str, ...], bool]:
    """Return what is wrong with the result, and what may be: words that a newer API may know.

    The last is whether such a word is among what is wrong.

    What the source has of it is told as the source's, the rest as the fragment's.
    """
    flaws = _flaws(after, model)
    own = {says for says, _ in _flaws(before, model)} if flaws else set()
    found: list[str] = []
    if not source.is_answer:
        found += _null_faults(source.definition, model, source.name)
    if changes.merge is not None:
        found += _null_faults(changes.merge, model, changes.merge_name)
        found += [f"'{changes.merge_name}': {fault}" for fault in fragment_faults(changes.merge)]
    warnings: list[str] = []
    has_words = False
    for says, is_word in flaws:
        told = f"'{source.name if says in own else changes.merge_name}': {says}"
        if not is_word:
            found.append(told)
        elif not (source.is_answer and says in own):
            (warnings if allow_unknown else found).append(told)
            has_words = not allow_unknown
    return tuple(found), tuple(warnings), has_words


def _flaws(definition: Definition, model: "Model") -> list[tuple[str, bool]]:
    """Return what is wrong with a definition, and of each whether it is a word only."""
    found = [
        (f"{spelled(fault.path, definition)} {fault.says}", fault.is_word)
        for fault in faults(definition, model.request)
    ]
    return [*found, *((fault, False) for fault in container_faults(definition))]


def _null_faults(definition: Mapping[str, Any], model: "Model", where: str) -> tuple[str, ...]:
    """Return what is taken out, or left out, though the API has no such field: a spelling mistake.

    What is read-only is in every answer of AWS's, and may be.
    """
    known = {**model.answer.members, **model.request.members}
    shape = model.request.replaced(members=known)
    return tuple(
        f"'{where}': {spelled(fault.path, definition)} {fault.says}"
        for fault in unknown_nulls(definition, shape)
    )

"""Which task definition is to be registered: a source with the asked changes and nothing else."""

from collections.abc import Mapping
from typing import Any

from ecsstep.rules.changes import Changes, Definition, applied
from ecsstep.rules.containers import image_faults
from ecsstep.rules.judging import judged
from ecsstep.rules.merge import merged
from ecsstep.rules.model import Fault, Shape, faults, spelled
from ecsstep.text import listed, printable
from ecsstep.value import Value

# What the AWS CLI, or a script with boto3, has in an answer of describe-task-definition.
_ANSWER = frozenset({"taskDefinition", "tags", "ResponseMetadata"})


class Source(Value):
    """Where the definition comes from.

    Attributes:
        name: How the user named it.
        definition: What stands there.
        tags: The tags that stand beside a definition in AWS's answer.
        beside: What stands beside both in AWS's answer, and isn't known.
        is_answer: Whether AWS wrote it: what this model doesn't know is then newer than the model.
    """

    name: str
    definition: Mapping[str, Any]
    tags: tuple[Mapping[str, Any], ...] = ()
    beside: tuple[str, ...] = ()
    is_answer: bool = False


class Model(Value):
    """The API's two shapes of a task definition.

    Attributes:
        request: What RegisterTaskDefinition accepts.
        answer: What DescribeTaskDefinition answers; what it has beyond the request is read-only.
    """

    request: Shape
    answer: Shape


class Rendered(Value):
    """The definition to register.

    Attributes:
        definition: It.
        before: The source in the same form, for comparison.
        warnings: What the user would want to know.
    """

    definition: Definition
    before: Definition
    warnings: tuple[str, ...] = ()


class Faulty(Value):
    """There is none.

    Attributes:
        faults: Everything that is wrong, in words.
        is_newer: Whether AWS's answer holds fields that this model doesn't know.
        has_words: Whether a word is among them that a newer API may know.
    """

    faults: tuple[str, ...]
    is_newer: bool = False
    has_words: bool = False


def as_source(name: str, document: Any) -> Source | Faulty:
    """Return what a file holds: a definition, or the whole answer of describe-task-definition."""
    if not isinstance(document, Mapping):
        return Faulty(faults=(f"'{name}' holds no object",))
    inner = document.get("taskDefinition")
    if isinstance(inner, Mapping):
        more = [key for key in document if key not in _ANSWER]
        if more:
            verb = "stands" if len(more) == 1 else "stand"
            fault = f"'{name}': {listed(more)} {verb} beside taskDefinition and would be lost"
            return Faulty(faults=(f"{fault}; put it inside, or leave it out",))
        tags = document.get("tags") or []
        if not isinstance(tags, list) or not all(isinstance(tag, Mapping) for tag in tags):
            return Faulty(faults=(f"'{name}': tags must be a list of objects",))
        return Source(name=name, definition=inner, tags=tuple(tags), is_answer=True)
    return Source(name=name, definition=document)


def render(
    source: Source,
    changes: Changes,
    model: Model,
    *,
    allow_unknown: bool = False,
    allow_words: bool = False,
) -> Rendered | Faulty:
    """Return the source with the changes, checked against the model.

    What survives is exactly what stands in the source, in its order: ``0``, ``false``, ``""`` and
    ``[]`` too. Read-only fields go by the difference of the API's two shapes, ``null`` goes, and a
    number where the API wants text at the top (``cpu: 256``) becomes text.

    Args:
        source: Where the definition comes from.
        changes: What was asked.
        model: The API's two shapes.
        allow_unknown: Whether what a newer API may know is a warning and no fault: a field of AWS's
            answer, which is left out, and a word.
        allow_words: Whether the latter is not even that.
    """
    before = _stripped(source, model)
    unknown = [fault for fault in faults(before, model.request) if fault.is_unknown]
    warnings: list[str] = []
    if source.is_answer and (unknown or source.beside):
        inside = [spelled(fault.path, before) for fault in unknown]
        places = [*inside, *map(printable, source.beside)]
        words = [
            f"'{place}' in '{source.name}' is newer than this version knows" for place in places
        ]
        if not allow_unknown:
            return Faulty(faults=tuple(words), is_newer=True)
        before = _without(before, unknown)
        warnings = [f"{word} and is left out" for word in words]
    after = _with_merge(before, changes, model)
    found, more, has_words = judged(
        source, before, after, changes, model, allow_unknown=allow_unknown or allow_words
    )
    changed = applied(_names_only(after) if found else after, changes)
    if not found:
        but = images_of(before).values() if source.is_answer else ()
        found = tuple(
            f"'{source.name}': {fault}" for fault in image_faults(changed.definition, but=but)
        )
    if found or changed.faults:
        return Faulty(faults=(*found, *changed.faults), has_words=has_words)
    return Rendered(
        definition=changed.definition,
        before=before,
        warnings=(*warnings, *more, *changed.warnings),
    )


def _with_merge(before: Definition, changes: Changes, model: Model) -> Definition:
    """Return the source with the fragment over it, and with the family that was asked for."""
    after = before
    if changes.merge is not None:
        after = _as_texts(merged(before, changes.merge), model)
    return {**after, "family": changes.family} if changes.family else after


def images_of(definition: Mapping[str, Any]) -> dict[str, str]:
    """Return the image of each container by the container's name."""
    return {
        str(container.get("name")): str(container.get("image"))
        for container in definition.get("containerDefinitions", ())
    }


def _stripped(source: Source, model: Model) -> Definition:
    kept: Definition = {}
    for name, value in source.definition.items():
        is_read_only = name in model.answer.members and name not in model.request.members
        if value is not None and not is_read_only:
            kept[name] = _without_nulls(value)
    # Tags that begin with aws: are AWS's own, and refused by RegisterTaskDefinition.
    tags = [dict(tag) for tag in source.tags if not str(tag.get("key")).lower().startswith("aws:")]
    if tags and "tags" not in kept:
        kept["tags"] = tags
    return _as_texts(kept, model)


def _as_texts(definition: Definition, model: Model) -> Definition:
    """Return the definition with the numbers at its top as text, where the API wants that."""
    return {
        name: _as_text(value) if _is_text(model.request.members.get(name)) else value
        for name, value in definition.items()
    }


def _is_text(shape: Shape | None) -> bool:
    return shape is not None and shape.kind == "string"


def _as_text(value: Any) -> Any:
    is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
    return str(value) if is_number else value


def _without_nulls(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {name: _without_nulls(item) for name, item in value.items() if item is not None}
    if isinstance(value, list):
        return [_without_nulls(item) for item in value]
    return value


def _without(definition: Definition, unknown: list[Fault]) -> Definition:
    paths = {fault.path for fault in unknown}

    def kept(value: Any, path: tuple[str | int, ...]) -> Any:
        if isinstance(value, Mapping):
            return {
                name: kept(item, (*path, name))
                for name, item in value.items()
                if (*path, name) not in paths
            }
        if isinstance(value, list):
            return [kept(item, (*path, at)) for at, item in enumerate(value)]
        return value

    cleaned: Definition = kept(definition, ())
    return cleaned


def _names_only(definition: Definition) -> Definition:
    """Enough of a faulty definition to tell what of the settings is wrong as well."""
    containers = definition.get("containerDefinitions")
    names = [
        {name: each[name] for name in ("name", "image") if isinstance(each.get(name), str)}
        for each in (containers if isinstance(containers, list) else ())
        if isinstance(each, Mapping) and isinstance(each.get("name"), str)
    ]
    return {"containerDefinitions": names}

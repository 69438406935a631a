"""Which task definition is to be registered: a source with the asked changes and nothing else."""

from collections.abc import Mapping
from typing import Any

from ecsstep.rules.changes import Changes, Definition, applied
from ecsstep.rules.containers import container_faults
from ecsstep.rules.merge import merged
from ecsstep.rules.model import Fault, Shape, faults, spelled
from ecsstep.value import Value


class Source(Value):
    """Where the definition comes from.

    Attributes:
        name: How the user named it.
        definition: What stands there.
        tags: The tags that stand beside a definition in AWS's answer.
        is_answer: Whether AWS wrote it: what this model doesn't know is then newer than the model.
    """

    name: str
    definition: Mapping[str, Any]
    tags: tuple[Mapping[str, Any], ...] = ()
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
    """

    faults: tuple[str, ...]
    is_newer: bool = False


def as_source(name: str, document: Any) -> Source | Faulty:
    """Return what a file holds: a definition, or the whole answer of describe-task-definition."""
    if not isinstance(document, Mapping):
        return Faulty(faults=(f"'{name}' holds no object",))
    inner = document.get("taskDefinition")
    if isinstance(inner, Mapping):
        tags = document.get("tags") or []
        if not isinstance(tags, list) or not all(isinstance(tag, Mapping) for tag in tags):
            return Faulty(faults=(f"'{name}': tags must be a list of objects",))
        return Source(name=name, definition=inner, tags=tuple(tags), is_answer=True)
    return Source(name=name, definition=document)


def render(
    source: Source, changes: Changes, model: Model, *, allow_unknown: bool = False
) -> Rendered | Faulty:
    """Return the source with the changes, checked against the model.

    What survives is exactly what stands in the source, in its order: ``0``, ``false``, ``""`` and
    ``[]`` too. Read-only fields go by the difference of the API's two shapes, ``null`` goes, and a
    number where the API wants text at the top (``cpu: 256``) becomes text.
    """
    before = _stripped(source, model)
    found = list(faults(before, model.request))
    unknown = [fault for fault in found if fault.is_unknown]
    warnings: list[str] = []
    if source.is_answer and unknown:
        words = [
            f"'{spelled(fault.path, before)}' in '{source.name}' is newer than this version knows"
            for fault in unknown
        ]
        if not allow_unknown:
            return Faulty(faults=tuple(words), is_newer=True)
        before = _without(before, unknown)
        warnings = [f"{word} and is left out" for word in words]
    shape_faults = _shape_faults(before, model, source.name)
    after = before
    merge_faults: tuple[str, ...] = ()
    if changes.merge is not None:
        after = _as_texts(merged(before, changes.merge), model)
        merge_faults = () if shape_faults else _shape_faults(after, model, changes.merge_name)
    is_sound = not shape_faults and not merge_faults
    changed = applied(after if is_sound else _names_only(after), changes)
    if not is_sound or changed.faults:
        return Faulty(faults=(*shape_faults, *merge_faults, *changed.faults))
    return Rendered(
        definition=changed.definition, before=before, warnings=(*warnings, *changed.warnings)
    )


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


def _shape_faults(definition: Definition, model: Model, where: str) -> tuple[str, ...]:
    found = [
        f"'{where}': {spelled(fault.path, definition)} {fault.says}"
        for fault in faults(definition, model.request)
    ]
    return (*found, *(f"'{where}': {fault}" for fault in container_faults(definition)))


def _names_only(definition: Definition) -> Definition:
    """Enough of a faulty definition to tell what of the settings is wrong as well."""
    containers = definition.get("containerDefinitions")
    names = [
        {name: each[name] for name in ("name", "image") if isinstance(each.get(name), str)}
        for each in (containers if isinstance(containers, list) else ())
        if isinstance(each, Mapping) and isinstance(each.get("name"), str)
    ]
    return {"containerDefinitions": names}

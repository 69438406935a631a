"""AWS's own description of its API, as botocore ships it, in our shapes."""

from typing import Any

from ecsstep.aws.data import loader
from ecsstep.rules.model import Shape
from ecsstep.rules.taskdef import Model


def input_shape(service: str, operation: str) -> Shape:
    """Return what an operation accepts, by the loaded botocore's model."""
    return _converted(_model(service).operation_model(operation).input_shape, ())


def shape(service: str, name: str) -> Shape:
    """Return a shape of a service by its name in botocore's model."""
    return _converted(_model(service).shape_for(name), ())


def task_definition_model() -> Model:
    """Return the API's two shapes of a task definition."""
    ecs = _model("ecs")
    return Model(
        request=_converted(ecs.operation_model("RegisterTaskDefinition").input_shape, ()),
        answer=_converted(ecs.shape_for("TaskDefinition"), ()),
    )


def _model(service: str) -> Any:
    from botocore.model import ServiceModel

    return ServiceModel(loader().load_service_model(service, "service-2"), service)


def _converted(found: Any, above: tuple[str, ...]) -> Shape:
    if found.name in above:
        # A shape within itself: anything goes below.
        return Shape(kind="any")
    inside = (*above, found.name)
    kind = found.type_name
    least = found.metadata.get("min")
    if kind == "structure":
        return Shape(
            kind=kind,
            members={name: _converted(member, inside) for name, member in found.members.items()},
            required=frozenset(found.required_members),
            is_union=found.is_tagged_union,
        )
    if kind == "list":
        return Shape(kind=kind, item=_converted(found.member, inside), minimum=least)
    if kind == "map":
        return Shape(kind=kind, item=_converted(found.value, inside), minimum=least)
    return Shape(kind=kind, minimum=least, words=tuple(found.metadata.get("enum", ())))

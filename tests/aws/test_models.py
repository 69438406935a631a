"""AWS's own description of its API, in our shapes."""

from ecsstep.aws.models import input_shape, shape, task_definition_model
from ecsstep.rules.model import Shape


def test_the_two_shapes_of_a_task_definition_are_read() -> None:
    model = task_definition_model()

    assert model.request.required == {"family", "containerDefinitions"}
    assert "revision" in model.answer.members
    assert "revision" not in model.request.members
    assert model.request.members["cpu"] == Shape(kind="string")


def test_lists_maps_unions_and_minimums_are_kept() -> None:
    container = task_definition_model().request.members["containerDefinitions"].item
    assert container is not None
    sharing = container.members["resourceRequirements"].item
    assert sharing is not None

    assert container.members["dockerLabels"] == Shape(kind="map", item=Shape(kind="string"))
    assert container.members["links"] == Shape(kind="list", item=Shape(kind="string"))
    assert sharing.members["sharingStrategy"].is_union
    assert sharing.members["sharingStrategy"].members["nvidiaMps"].members["memory"].minimum == 1


def test_an_operations_input_is_read() -> None:
    update = input_shape("ecs", "UpdateService")

    assert update.required == {"service"}
    assert update.members["desiredCount"] == Shape(kind="integer")


def test_a_shape_within_itself_takes_anything_below() -> None:
    value = shape("dynamodb", "AttributeValue").members["L"]

    assert value == Shape(kind="list", item=Shape(kind="any"))

"""Task definitions that the API's own model allows, for properties."""

from functools import partial
from typing import Any

from hypothesis import strategies as st

from ecsstep.aws.models import task_definition_model
from ecsstep.rules.model import Shape

MODEL = task_definition_model()
_TEXTS = st.sampled_from(["", "0", "false", "a", "b c", "é", "256", "1 vCPU", "tcp", "bridge"])
_LEAVES: dict[str, st.SearchStrategy[Any]] = {
    "string": _TEXTS,
    "integer": st.integers(0, 3),
    "long": st.integers(0, 3),
    "float": st.sampled_from([0.0, 1.5]),
    "double": st.sampled_from([0.0, 1.5]),
    "boolean": st.booleans(),
}
_IMAGES = st.sampled_from(["app:1", "h.io/app", f"app@sha256:{'0' * 64}"])
_NAMES = ["LOG_LEVEL", "DB", "EMPTY", "X"]


@st.composite
def values(draw: st.DrawFn, shape: Shape) -> Any:
    """Draw a value of this shape."""
    if shape.kind == "structure":
        if shape.is_union:
            name = draw(st.sampled_from(sorted(shape.members)))
            return {name: draw(values(shape.members[name]))}
        optional = sorted(set(shape.members) - shape.required)
        chosen = st.lists(st.sampled_from(optional), max_size=4, unique=True)
        some = draw(chosen) if optional else []
        return {
            name: draw(values(shape.members[name])) for name in [*some, *sorted(shape.required)]
        }
    if shape.kind == "list" and shape.item:
        return draw(st.lists(values(shape.item), min_size=int(shape.minimum or 0), max_size=2))
    if shape.kind == "map" and shape.item:
        return draw(st.dictionaries(_TEXTS, values(shape.item), max_size=2))
    if shape.words:
        return draw(st.sampled_from(shape.words))
    return draw(_LEAVES[shape.kind].filter(partial(_is_enough, shape)))


def _is_enough(shape: Shape, value: Any) -> bool:
    size = len(value) if isinstance(value, str) else value
    return shape.minimum is None or bool(size >= shape.minimum)


@st.composite
def definitions(draw: st.DrawFn) -> dict[str, Any]:
    """Draw a definition that the API would accept by its shapes, and ECS by its names."""
    found: dict[str, Any] = draw(values(MODEL.request))
    container = MODEL.request.members["containerDefinitions"].item
    assert container is not None
    containers = draw(st.lists(values(container), min_size=1, max_size=2))
    found["containerDefinitions"] = [
        {**each, "name": name, "image": draw(_IMAGES), **draw(_variables())}
        for each, name in zip(containers, ["app", "proxy"], strict=False)
    ]
    return found


@st.composite
def _variables(draw: st.DrawFn) -> dict[str, Any]:
    """Draw environment and secrets; each name once."""
    names = draw(st.lists(st.sampled_from(_NAMES), unique=True))
    at = draw(st.integers(0, len(names)))
    return {
        "environment": [{"name": name, "value": draw(_TEXTS)} for name in names[:at]],
        "secrets": [{"name": name, "valueFrom": "arn"} for name in names[at:]],
    }

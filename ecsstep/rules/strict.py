"""JMESPath's interpreter, for which what can't be is a mistake instead of null."""

from collections.abc import Mapping
from typing import Any

from jmespath.visitor import TreeInterpreter

from ecsstep.rules.findings import SEVERITIES
from ecsstep.text import meant

_ORDER = frozenset({"lt", "lte", "gt", "gte"})
_CLOSED = "severity"
"""The field whose words are known beforehand."""
# Where the name of what comes out stands, by the kind of node.
_RESULTS = {
    "subexpression": -1, "pipe": -1, "index_expression": -1, "projection": 1,
    "filter_projection": 1, "flatten": 0,
}  # fmt: skip


class Strict(TreeInterpreter):  # type: ignore[misc] # jmespath has no types
    """Evaluates a parsed expression; null is what has no data, never what can't have any.

    Each visit raises ValueError where something is asked of a value that can't have it.

    Attributes:
        is_trial: Whether every branch is to be gone into, as none of the values is missing.
        unknown: The fields that were read and that had no data.
    """

    def __init__(self, *, is_trial: bool) -> None:
        super().__init__()
        self.is_trial = is_trial
        self.unknown: set[str] = set()

    def check_truth(self, node: Mapping[str, Any], value: Any) -> None:
        """Raise where a part of a whole condition is neither true nor false."""
        if node["type"] in {"or_expression", "and_expression"}:
            for child in node["children"]:
                self.check_truth(child, value)
        elif not isinstance(self.visit(node, value), bool):
            raise ValueError("it is neither true nor false; write a comparison")

    def visit_field(self, node: Any, value: Any) -> Any:  # noqa: D102 - named by jmespath, as are those below
        name = node["value"]
        if value is None:
            return None
        if not isinstance(value, Mapping):
            raise ValueError(f"it asks {_kind(value)} for '{name}'")  # noqa: TRY004 - one kind of mistake
        if name not in value:
            raise ValueError(f"there is no '{name}' in the result{meant(name, value)}")
        if value[name] is None:
            self.unknown.add(name)
        return value[name]

    def visit_index(self, node: Any, value: Any) -> Any:  # noqa: D102
        _check_list(value)
        # In a trial each list has one item, which stands for all.
        return super().visit_index({**node, "value": 0} if self.is_trial else node, value)

    def visit_slice(self, node: Any, value: Any) -> Any:  # noqa: D102
        _check_list(value)
        return value if self.is_trial else super().visit_slice(node, value)

    def visit_flatten(self, node: Any, value: Any) -> Any:  # noqa: D102
        return super().visit_flatten(_known(node, self._list_of(node, value)), value)

    def visit_projection(self, node: Any, value: Any) -> Any:  # noqa: D102
        return super().visit_projection(_known(node, self._list_of(node, value)), value)

    def visit_filter_projection(self, node: Any, value: Any) -> Any:  # noqa: D102
        items = self._list_of(node, value)
        if self.is_trial:
            for item in items or ():
                self.visit(node["children"][2], item)
            return super().visit_projection(_known(node, items), value)
        return super().visit_filter_projection(_known(node, items), value)

    def visit_value_projection(self, node: Any, value: Any) -> Any:  # noqa: D102
        base = self.visit(node["children"][0], value)
        if base is not None and not isinstance(base, Mapping):
            raise ValueError(f"it asks {_kind(base)} for the values of its fields")
        return super().visit_value_projection(_known(node, base), value)

    def visit_and_expression(self, node: Any, value: Any) -> Any:  # noqa: D102
        return super().visit_and_expression(self._tried(node, value), value)

    def visit_or_expression(self, node: Any, value: Any) -> Any:  # noqa: D102
        return super().visit_or_expression(self._tried(node, value), value)

    def visit_not_expression(self, node: Any, value: Any) -> Any:  # noqa: D102
        found = self.visit(node["children"][0], value)
        if _kind(found) == _NUMBER:
            raise ValueError("it takes a number for true or false; write a comparison")
        return super().visit_not_expression(_known(node, found), value)

    def visit_comparator(self, node: Any, value: Any) -> Any:  # noqa: D102
        children = node["children"]
        left, right = (self.visit(child, value) for child in children)
        if node["value"] in _ORDER:
            _check_number(left)
            _check_number(right)
        else:
            _check_alike(left, right)
            _check_word(children[0], right)
            _check_word(children[1], left)
        return super().visit_comparator(_known(node, left, right), value)

    def visit_function_expression(self, node: Any, value: Any) -> Any:  # noqa: D102
        given = [self.visit(child, value) for child in node["children"]]
        if node["value"] == "contains" and len(given) == _HAYSTACK_AND_NEEDLE:
            _check_contained(node["children"][0], *given)
        return self._functions.call_function(node["value"], given)

    def _list_of(self, node: Any, value: Any) -> Any:
        base = self.visit(node["children"][0], value)
        _check_list(base)
        return base

    def _tried(self, node: Any, value: Any) -> Any:
        """Return a node with its children looked into, where both are to be."""
        if not self.is_trial:
            return node
        return _known(node, *(self.visit(child, value) for child in node["children"]))


_HAYSTACK_AND_NEEDLE = 2
_NUMBER = "a number"


def _known(node: Mapping[str, Any], *found: Any) -> Mapping[str, Any]:
    """Return a node whose first children are what they come to, so that none is visited twice."""
    known = [{"type": "literal", "value": each, "children": []} for each in found]
    return {**node, "children": [*known, *node["children"][len(known) :]]}


def _kind(value: object) -> str:
    match value:
        case None:
            return "nothing"
        case bool():
            return "true or false"
        case int() | float():
            return _NUMBER
        case str():
            return "a text"
        case Mapping():
            return "an object"
        case _:
            return "a list"


def _check_list(value: object) -> None:
    if value is not None and not isinstance(value, list):
        raise ValueError(f"it takes {_kind(value)} for a list")


def _check_number(value: object) -> None:
    if _kind(value) != _NUMBER:
        raise ValueError(f"it compares {value!r}, which is no number")


def _check_alike(left: object, right: object) -> None:
    if left is not None and right is not None and _kind(left) != _kind(right):
        raise ValueError(f"it compares {_kind(left)} with {_kind(right)}, which are never the same")


def _check_word(node: Mapping[str, Any], other: object) -> None:
    """Check what a severity is compared with."""
    if _result_of(node) == _CLOSED and isinstance(other, str) and other not in SEVERITIES:
        raise ValueError(f"'{other}' is no severity{meant(other.upper(), SEVERITIES)}")


def _check_contained(node: Mapping[str, Any], held: object, wanted: object) -> None:
    if isinstance(held, str):
        is_possible = not isinstance(wanted, str) or any(wanted in each for each in SEVERITIES)
        if _result_of(node) == _CLOSED and not is_possible:
            _check_word(node, wanted)
    elif isinstance(held, list):
        for each in held:
            _check_alike(each, wanted)
        _check_word(node, wanted)
        if node.get("value") == "keys" and wanted not in held:
            raise ValueError(f"there is no '{wanted}' in the result{meant(str(wanted), held)}")


def _result_of(node: Mapping[str, Any]) -> str:
    """Return the name of the field that a node comes to; nothing where it is another thing."""
    while node["type"] in _RESULTS:
        node = node["children"][_RESULTS[node["type"]]]
    return str(node["value"]) if node["type"] == "field" else ""

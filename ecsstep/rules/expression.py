"""JMESPath as a condition, so that a slip of the pen is a mistake and never a "no".

In plain JMESPath a misspelled name is null, and a comparison with null is false: a condition that
can never become true is a gate that is always open.
"""

from collections.abc import Mapping
from typing import Any

from ecsstep.text import meant

_ORDER = frozenset({"lt", "lte", "gt", "gte"})


def holds(expression: str, values: Mapping[str, Any]) -> bool:
    """Return whether a condition is true for these values.

    Raises:
        ValueError: It names something that isn't there, compares what has no order, or comes to
            something else than true or false.
    """
    import jmespath
    from jmespath.exceptions import JMESPathError
    from jmespath.visitor import TreeInterpreter

    class Strict(TreeInterpreter):  # type: ignore[misc] # jmespath has no types
        def visit_field(self, node: Any, value: Any) -> Any:
            name = node["value"]
            if isinstance(value, Mapping) and name not in value:
                raise ValueError(f"there is no '{name}' in the result{meant(name, value)}")
            return super().visit_field(node, value)

        def visit_comparator(self, node: Any, value: Any) -> Any:
            if node["value"] in _ORDER:
                for child in node["children"]:
                    _check_number(self.visit(child, value))
            return super().visit_comparator(node, value)

    try:
        found = Strict().visit(jmespath.compile(expression).parsed, values)
    except JMESPathError as error:
        raise ValueError(str(error).splitlines()[0]) from error
    if not isinstance(found, bool):
        raise ValueError("it is neither true nor false; write a comparison")  # noqa: TRY004 - one kind of mistake
    return found


def _check_number(value: object) -> None:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise ValueError(f"it compares {value!r}, which is no number")  # noqa: TRY004 - one kind of mistake

"""JMESPath as a condition, so that a slip of the pen is a mistake and never a "no".

In plain JMESPath a misspelled name is null, and so are a field of a list and an item of a number; a
comparison with null is false. A condition that can never become true is a gate that is always open.
So each of them is a mistake here, and a condition is tried on a sample before the work, with every
branch of it: what stands in a filter isn't reached while a list is empty.
"""

from collections.abc import Mapping
from typing import Any

from ecsstep.value import Value


class Held(Value):
    """What a condition comes to.

    Attributes:
        is_true: Whether it holds.
        unknown: The fields that it read and that had no data.
    """

    is_true: bool
    unknown: frozenset[str] = frozenset()


def holds(expression: str, values: Mapping[str, Any]) -> Held:
    """Return whether a condition is true for these values.

    Raises:
        ValueError: It names something that isn't there, asks a value for what it can't have,
            compares what can't be compared, or comes to something else than true or false.
    """
    return _evaluated(expression, values, is_trial=False)


def check(expression: str, sample: Mapping[str, Any]) -> None:
    """Try a condition, every branch of it, on values that have everything in them.

    Raises:
        ValueError: It is no JMESPath, or :func:`holds` could raise for it.
    """
    _evaluated(expression, sample, is_trial=True)


def _evaluated(expression: str, values: Mapping[str, Any], *, is_trial: bool) -> Held:
    import jmespath
    from jmespath.exceptions import JMESPathError

    from ecsstep.rules.strict import Strict

    visitor = Strict(is_trial=is_trial)
    try:
        parsed = jmespath.compile(expression).parsed
        found = visitor.visit(parsed, values)
        if is_trial:
            visitor.check_truth(parsed, values)
    except JMESPathError as error:
        raise ValueError(str(error).splitlines()[0].rstrip(":")) from error
    except RecursionError as error:
        raise ValueError("it is nested too deep") from error
    if not isinstance(found, bool):
        raise ValueError("it is neither true nor false; write a comparison")  # noqa: TRY004 - one kind of mistake
    return Held(is_true=found, unknown=frozenset(visitor.unknown))

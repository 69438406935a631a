"""The spellings of a variable for one task, and of a task."""

import re

_TASK = re.compile(r"arn:[a-z-]+:ecs:[a-z0-9-]+:\d{12}:task/(?:[A-Za-z0-9_-]+/)?[0-9a-f-]{32,36}")


def task_arn(text: str) -> str:
    """Return a task's ARN.

    Raises:
        ValueError: It is none.
    """
    if not _TASK.fullmatch(text):
        raise ValueError(f"'{text}' is no task's ARN: arn:aws:ecs:REGION:ACCOUNT:task/CLUSTER/ID")
    return text


def variable(text: str) -> tuple[str, str]:
    """Return name and value of ``NAME=VALUE``; the value is all that follows the first ``=``.

    Raises:
        ValueError: It is not of that form.
    """
    name, equals, value = text.partition("=")
    if not name or not equals:
        # The text may be a value alone, and that a secret.
        raise ValueError("is not NAME=VALUE")
    return name, value

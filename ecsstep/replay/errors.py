"""Errors as they were raised then."""

from collections.abc import Mapping
from typing import Any

from ecsstep.errors import Exit, StepError


def error_of(found: Any) -> StepError:
    """Return the error that was raised then."""
    told = found if isinstance(found, Mapping) else {}
    kinds = {kind.__name__: kind for kind in _kinds(StepError)}
    kind = kinds.get(str(told.get("type")), StepError)
    try:
        code = Exit(told.get("exit", Exit.USAGE))
    except ValueError:
        code = Exit.USAGE
    why = told.get("why", ())
    return kind(
        str(told.get("message", "")),
        exit=code,
        hint=str(told.get("hint", "")),
        why=tuple(map(str, why)) if isinstance(why, (list, tuple)) else (),
    )


def _kinds(kind: type[StepError]) -> list[type[StepError]]:
    return [kind, *(each for below in kind.__subclasses__() for each in _kinds(below))]

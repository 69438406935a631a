"""An IAM policy, as far as policies of deploy roles go, and what it allows."""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from ecsstep.errors import Exit, StepError
from ecsstep.sandbox.demands import Demand
from ecsstep.text import listed

_FREE = ("sts:AssumeRole", "sts:AssumeRoleWithWebIdentity", "sts:GetCallerIdentity")
"""What the role's own policy has no say in: becoming the role, and asking who one is."""
_MEMBERS = frozenset({"Sid", "Effect", "Action", "Resource", "Condition"})
_TESTS = frozenset({"StringEquals", "StringLike", "ArnEquals", "ArnLike"})


class Permissions:
    """What some policy documents allow."""

    def __init__(self, documents: Iterable[Mapping[str, Any]]) -> None:
        """Read the statements of the documents."""
        self._statements = [each for document in documents for each in document["Statement"]]

    def allow(self, demand: Demand) -> bool:
        """Whether an action may be done; a Deny beats every Allow."""
        if demand.action in _FREE or demand.action.startswith("slack:"):
            return True
        effects = {
            statement.get("Effect")
            for statement in self._statements
            if _is_about(statement, demand)
        }
        return "Allow" in effects and "Deny" not in effects


def read_policy(path: str) -> Mapping[str, Any]:
    """Return the policy document in a file.

    Raises:
        StepError: It can't be read or is none (exit 2).
    """
    try:
        document = json.loads(Path(path).read_text(encoding="utf-8"))
    except OSError as error:
        why = (error.strerror or str(error)).lower()
        raise StepError(
            f"can't read '{path}': {why}", exit=Exit.USAGE, hint="check the path after --policy"
        ) from error
    except ValueError as error:
        raise StepError(
            f"'{path}' is no JSON: {error}",
            exit=Exit.USAGE,
            hint="ecsstep iam-policy STEP... prints a policy",
        ) from error
    statements = document.get("Statement") if isinstance(document, Mapping) else None
    found = [statements] if isinstance(statements, Mapping) else statements
    found = found if isinstance(found, list) else [None]
    for fault in filter(None, map(_fault, found)):
        raise StepError(
            f"'{path}' is no IAM policy that the sandbox can judge by: {fault}",
            exit=Exit.USAGE,
            hint="ecsstep iam-policy STEP... prints one",
        )
    return {"Statement": found}


def _fault(statement: object) -> str:
    """Return what keeps a statement from being judged by; nothing where it can be."""
    if not isinstance(statement, Mapping):
        return "it has no list of statements"
    unknown = statement.keys() - _MEMBERS
    tests = statement.get("Condition") or {}
    if unknown:
        return f"it knows no {listed(sorted(unknown))}"
    if statement.get("Effect") not in {"Allow", "Deny"}:
        return "a statement's Effect is neither Allow nor Deny"
    if not statement.get("Action") or not statement.get("Resource"):
        return "a statement lacks Action or Resource"
    if not isinstance(tests, Mapping) or not all(map(_is_known, tests.items())):
        return f"of conditions it knows {listed(sorted(_TESTS))}"
    return ""


def _is_known(test: tuple[str, Any]) -> bool:
    return test[0] in _TESTS and isinstance(test[1], Mapping)


def _is_about(statement: Mapping[str, Any], demand: Demand) -> bool:
    actions, resources = _listed(statement["Action"]), _listed(statement["Resource"])
    return (
        any(_matches(each, demand.action, ignore_case=True) for each in actions)
        # Where the sandbox can't tell what a call is on, the action alone decides.
        and (not demand.resource or any(_matches(each, demand.resource) for each in resources))
        and _holds(statement.get("Condition") or {}, demand.context)
    )


def _holds(condition: Mapping[str, Mapping[str, Any]], context: Mapping[str, str]) -> bool:
    return all(
        key in context
        and any(
            each == context[key] if test == "StringEquals" else _matches(each, context[key])
            for each in _listed(values)
        )
        for test, wanted in condition.items()
        for key, values in wanted.items()
    )


def _listed(value: Any) -> Sequence[str]:
    return [str(each) for each in value] if isinstance(value, list) else [str(value)]


def _matches(pattern: str, text: str, *, ignore_case: bool = False) -> bool:
    form = "".join({"*": ".*", "?": "."}.get(each, re.escape(each)) for each in pattern)
    return bool(re.fullmatch(form, text, re.IGNORECASE if ignore_case else 0))

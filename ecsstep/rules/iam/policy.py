"""The least-privilege policy of some actions on a target."""

import json
from collections.abc import Iterable, Mapping
from typing import Any

from ecsstep.rules.iam.actions import Action
from ecsstep.rules.iam.arns import arns, missing
from ecsstep.rules.iam.places import Place, condition
from ecsstep.rules.iam.target import Target

VERSION = "2012-10-17"
MANAGED = 6144
"""How many characters a managed policy has at most; white space doesn't count.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
"""
INLINE = 10_240
"""The same, of all inline policies of a role together."""


def policy(actions: Iterable[Action], target: Target) -> dict[str, Any]:
    """Return the policy document: one statement for each kind of resource, all of it sorted.

    It has no statement where nothing is to be allowed.
    """
    found = _by_place(actions)
    return {
        "Version": VERSION,
        "Statement": [
            statement
            for place in Place
            if place in found
            for statement in _statement(place, found[place], target)
        ],
    }


def wide(actions: Iterable[Action], target: Target) -> dict[str, tuple[str, ...]]:
    """Return what would narrow the policy further: the Sids of the statements, by option."""
    found: dict[str, list[str]] = {}
    for place in _by_place(actions):
        for option in missing(place, target):
            found.setdefault(option, []).append(place.value)
    return {option: tuple(found[option]) for option in sorted(found)}


def size(document: Mapping[str, Any]) -> int:
    """Return how many characters IAM counts."""
    return len(json.dumps(document, separators=(",", ":")))


def _by_place(actions: Iterable[Action]) -> dict[Place, set[str]]:
    found: dict[Place, set[str]] = {}
    for action in actions:
        for place in action.on:
            found.setdefault(place, set()).add(action.name)
    return {place: found[place] for place in Place if place in found}


def _statement(place: Place, names: set[str], target: Target) -> list[dict[str, Any]]:
    resources, test = arns(place, target), condition(place, target)
    if not resources:
        return []
    return [
        {
            "Sid": place.value,
            "Effect": "Allow",
            "Action": sorted(names),
            "Resource": list(resources),
            **({"Condition": {each: dict(test[each]) for each in test}} if test else {}),
        }
    ]

"""Task definitions as ECS keeps them: everything that was registered, and what ECS fills in."""

import datetime as dt
from collections.abc import Mapping
from typing import Any

from ecsstep.sandbox.api import ApiError, model, without_nulls
from ecsstep.sandbox.place import Place, paged
from ecsstep.sandbox.task_definition_rules import filled_in, refuse

_PAGE = 100


class TaskDefinitions:
    """Every task definition of the account, by family and revision."""

    def __init__(self, *, place: Place) -> None:
        self._place = place
        self._families: dict[str, list[dict[str, Any]]] = {}
        self._tags: dict[str, list[dict[str, str]]] = {}

    def register(self, body: Mapping[str, Any], now: dt.datetime) -> dict[str, Any]:
        """Answer RegisterTaskDefinition."""
        definition, tags = self.keep(body, now, by=self._place.caller)
        return {"taskDefinition": definition, "tags": tags}

    def keep(
        self, body: Mapping[str, Any], at: dt.datetime, *, by: str
    ) -> tuple[dict[str, Any], list[dict[str, str]]]:
        """Register a definition at this time and return it with its tags.

        Raises:
            ApiError: ECS would not take it.
        """
        asked = without_nulls(body)
        refuse(asked)
        tags = asked.pop("tags", [])
        revisions = self._families.setdefault(asked["family"], [])
        arn = self._place.arn(f"task-definition/{asked['family']}:{len(revisions) + 1}")
        definition = {
            "taskDefinitionArn": arn,
            **filled_in(asked),
            "revision": len(revisions) + 1,
            "status": "ACTIVE",
            "registeredAt": at,
            "registeredBy": by,
        }
        revisions.append(definition)
        self._tags[arn] = tags
        return definition, tags

    def copy(
        self, definition: Mapping[str, Any], at: dt.datetime, *, by: str
    ) -> tuple[dict[str, Any], list[dict[str, str]]]:
        """Register once more what is registered, as a new revision."""
        members = model("ecs").operation_model("RegisterTaskDefinition").input_shape.members
        return self.keep({k: v for k, v in definition.items() if k in members}, at, by=by)

    def find(self, reference: str) -> dict[str, Any] | None:
        """Return what FAMILY (its latest active), FAMILY:REVISION or an ARN names."""
        name = reference.rpartition("/")[2] if reference.startswith("arn:") else reference
        family, colon, revision = name.partition(":")
        revisions = self._families.get(family, [])
        if not colon:
            active = [d for d in revisions if d["status"] == "ACTIVE"]
            return active[-1] if active else None
        return next((d for d in revisions if str(d["revision"]) == revision), None)

    def describe(self, body: Mapping[str, Any], _now: dt.datetime) -> dict[str, Any]:
        """Answer DescribeTaskDefinition."""
        definition = self.find(body["taskDefinition"])
        if definition is None:
            raise ApiError("ClientException", "Unable to describe task definition.")
        asked = "TAGS" in (body.get("include") or ())
        tags = self._tags[definition["taskDefinitionArn"]] if asked else None
        return {"taskDefinition": definition, "tags": tags}

    def deregister(self, body: Mapping[str, Any], now: dt.datetime) -> dict[str, Any]:
        """Answer DeregisterTaskDefinition."""
        if ":" not in body["taskDefinition"]:
            raise ApiError("ClientException", "Task definition revision should not be empty.")
        definition = self.find(body["taskDefinition"])
        if definition is None:
            raise ApiError("ClientException", "The specified task definition does not exist.")
        if definition["status"] == "ACTIVE":
            definition["status"] = "INACTIVE"
            definition["deregisteredAt"] = now
        return {"taskDefinition": definition}

    def list_all(self, body: Mapping[str, Any], _now: dt.datetime) -> dict[str, Any]:
        """Answer ListTaskDefinitions."""
        prefix, status = body.get("familyPrefix"), body.get("status") or "ACTIVE"
        found = [
            definition["taskDefinitionArn"]
            for family, revisions in sorted(self._families.items())
            for definition in revisions
            if prefix in (None, family) and definition["status"] == status
        ]
        if body.get("sort") == "DESC":
            found.reverse()
        page, token = paged(found, body, most=_PAGE)
        return {"taskDefinitionArns": page, "nextToken": token}

    def list_families(self, body: Mapping[str, Any], _now: dt.datetime) -> dict[str, Any]:
        """Answer ListTaskDefinitionFamilies."""
        prefix, status = body.get("familyPrefix") or "", body.get("status") or "ACTIVE"
        found = [
            family
            for family, revisions in sorted(self._families.items())
            if family.startswith(prefix) and (status == "ALL" or _status_of(revisions) == status)
        ]
        page, token = paged(found, body, most=_PAGE)
        return {"families": page, "nextToken": token}


def _status_of(revisions: list[dict[str, Any]]) -> str:
    return "ACTIVE" if any(d["status"] == "ACTIVE" for d in revisions) else "INACTIVE"

"""What a step would change, in words for somebody who has to agree to it."""

from collections.abc import Callable, Mapping
from typing import Any

from ecsstep.text import listed


def deed(step: str, given: Any) -> str:
    """Return what a step changes with these options: ``updates service 'web' in cluster 'demo'``.

    Nothing where it only reads.
    """
    describe = _DEEDS.get(step)
    return "" if describe is None or getattr(given, "dry_run", False) else describe(given)


def _ecr_login(given: Any) -> str:
    verb = "takes logins away from" if getattr(given, "logout", False) else "writes logins for"
    return f"{verb} the container tools of this machine"


def _image_push(given: Any) -> str:
    return f"pushes an image to repository '{given.repository}'"


def _task_run(given: Any) -> str:
    where = f" of service '{given.service}'" if given.service else ""
    return f"runs a task{where} in cluster '{given.cluster}'"


def _service_update(given: Any) -> str:
    return f"updates service '{given.service}' in cluster '{given.cluster}'"


def _wait_stable(given: Any) -> str:
    if "rollback" not in {given.on_timeout, given.on_cancel}:
        return ""
    names = listed(each.service for each in given.subjects)
    return f"may roll back service {names} in cluster '{given.cluster}'"


def _cache_invalidate(given: Any) -> str:
    return f"lets distribution {listed(given.distribution)} forget what it has cached"


def _notify(_given: Any) -> str:
    return "sends a message to people"


_DEEDS: Mapping[str, Callable[[Any], str]] = {
    "ecr-login": _ecr_login,
    "image-push": _image_push,
    "task-run": _task_run,
    "service-update": _service_update,
    "wait-stable": _wait_stable,
    "cache-invalidate": _cache_invalidate,
    "notify": _notify,
}

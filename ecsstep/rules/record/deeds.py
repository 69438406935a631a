"""What a step would change, in words for somebody who has to agree to it, and whether at AWS."""

from collections.abc import Callable, Mapping
from typing import Any

from ecsstep.rules.registries import DockerHub, LocalRegistry, OtherRegistry, registry_of
from ecsstep.text import listed


def deed(step: str, given: Any) -> str:
    """Return what a step changes with these options: ``updates service 'web' in cluster 'demo'``.

    Nothing where it only reads.
    """
    describe = _DEEDS.get(step)
    return "" if describe is None or getattr(given, "dry_run", False) else describe(given)


def needs_aws(step: str, given: Any, *, is_emulated: bool) -> bool:
    """Whether a step with these options asks or changes anything at AWS, by its options alone.

    Args:
        step: The step.
        given: Its options.
        is_emulated: Whether AWS is emulated on this machine, so that a registry here is ECR's.
    """
    match step:
        case "notify":
            return given.sns_topic is not None
        case "ecr-login":
            is_for_hub = given.docker_hub_user or given.docker_user
            return not is_for_hub or any(getattr(given, name) for name in _OF_ECR)
        case "image-push":
            sources = [given.origin.name.registry] if given.origin else []
            hosts = [given.repository.registry or given.registry, *sources]
            return any(not host or _is_ecr(host, is_emulated=is_emulated) for host in hosts)
        case _:
            return True


def _is_ecr(host: str, *, is_emulated: bool) -> bool:
    match registry_of(host):
        case DockerHub():
            return False
        case OtherRegistry() as other:
            return other.is_lookalike
        case LocalRegistry():
            return is_emulated
        case _:
            return True


def _ecr_login(given: Any) -> str:
    verb = "takes logins away from" if getattr(given, "logout", False) else "writes logins for"
    return f"{verb} the container tools of this machine"


def _image_push(given: Any) -> str:
    return f"pushes an image to repository '{given.repository}'"


def _scan_gate(given: Any) -> str:
    if given.start == "never":
        return ""
    return f"starts a scan of image '{given.image}' where ECR has none of it"


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


# Without these options, those of Docker Hub alone are meant.
_OF_ECR = (
    "registries", "images", "accounts", "public", "definitions", "files", "docker_hub_parameter",
    "docker_hub_secret",
)  # fmt: skip
_DEEDS: Mapping[str, Callable[[Any], str]] = {
    "ecr-login": _ecr_login,
    "image-push": _image_push,
    "scan-gate": _scan_gate,
    "task-run": _task_run,
    "service-update": _service_update,
    "wait-stable": _wait_stable,
    "cache-invalidate": _cache_invalidate,
    "notify": _notify,
}

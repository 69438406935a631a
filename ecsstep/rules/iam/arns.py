"""The ARNs that actions are narrowed to, and what would narrow them further."""

import re
from collections.abc import Mapping
from typing import assert_never

from ecsstep.rules.iam.places import Place, condition
from ecsstep.rules.iam.target import ANY, Repository, Target

# Secrets Manager ends each ARN with six characters of its own.
_SUFFIX = re.compile(r"-[A-Za-z0-9?]{6}$")


def arns(place: Place, target: Target) -> tuple[str, ...]:  # noqa: C901, PLR0912 - one case a kind
    """Return the ARNs that an action on this kind of resource is narrowed to, sorted.

    There is none where nothing of this kind is touched: a repository that isn't in ECR.
    """
    match place:
        case Place.NOTHING | Place.LISTED_TASKS:
            found = [ANY]
        case Place.REPOSITORY:
            found = _repositories(target.repositories, target)
        case Place.SOURCE:
            found = _repositories(target.sources, target)
        case Place.CACHE:
            found = _repositories(target.caches, target)
        case Place.SERVICE:
            found = _of_services("service", "", target)
        case Place.SERVICE_DEPLOYMENT:
            found = _of_services("service-deployment", "/*", target)
        case Place.SERVICE_REVISION:
            found = _of_services("service-revision", "/*", target)
        case Place.TASK | Place.TAGGED_TASK:
            found = [target.arn("ecs", f"task/{target.cluster or ANY}/*")]
        case Place.TASK_DEFINITION | Place.RUN_DEFINITION:
            found = [_definition(f"{each}:*", target) for each in target.families or (ANY,)]
        case Place.TAGGED_DEFINITION:
            # ECS asks for the tags' permission on the family, before there is a revision:
            # https://github.com/aws/aws-cdk/issues/25768
            names = [form for each in target.families for form in (each, f"{each}:*")] or [ANY]
            found = [_definition(each, target) for each in names]
        case Place.PASSED_ROLE:
            found = [_role(each, target) for each in target.roles or (ANY,)]
        case Place.LOG_STREAM:
            found = [_log_streams(each, target) for each in target.log_groups or (ANY,)]
        case Place.DEPLOYMENT_GROUP | Place.DEPLOYMENT_CONFIG | Place.APPLICATION:
            found = [target.arn("codedeploy", _in_codedeploy(place, target))]
        case Place.PARAMETER:
            name = (target.parameter or ANY).removeprefix("/")
            found = [_or_arn(target.parameter, target.arn("ssm", f"parameter/{name}"))]
        case Place.SECRET:
            found = [_secret(target)]
        case Place.TOPIC:
            found = list(target.topics or (target.arn("sns", ANY),))
        case Place.DISTRIBUTION:
            names = list(target.distributions or (ANY,))
            where = f"arn:{target.partition}:cloudfront::{target.account or ANY}"
            found = [f"{where}:distribution/{each}" for each in names]
        case _:
            assert_never(place)
    return tuple(sorted(dict.fromkeys(found)))


_NEEDS: Mapping[Place, tuple[tuple[str, str], ...]] = {
    Place.REPOSITORY: (("repositories", "--repository"),),
    Place.SOURCE: (("sources", "--from"),),
    Place.CACHE: (("caches", "--cache"),),
    Place.SERVICE: (("cluster", "--cluster"), ("services", "--service")),
    Place.SERVICE_DEPLOYMENT: (("cluster", "--cluster"), ("services", "--service")),
    Place.SERVICE_REVISION: (("cluster", "--cluster"), ("services", "--service")),
    Place.TASK: (("cluster", "--cluster"),),
    Place.TAGGED_TASK: (("cluster", "--cluster"),),
    Place.LISTED_TASKS: (("cluster", "--cluster"),),
    Place.TASK_DEFINITION: (("families", "--taskdef"),),
    Place.TAGGED_DEFINITION: (("families", "--taskdef"),),
    Place.RUN_DEFINITION: (("families", "--taskdef"), ("cluster", "--cluster")),
    Place.PASSED_ROLE: (("roles", "--role"),),
    Place.LOG_STREAM: (("log_groups", "--log-group"),),
    Place.DEPLOYMENT_GROUP: (
        ("application", "--codedeploy-application"),
        ("group", "--codedeploy-group"),
    ),
    Place.DEPLOYMENT_CONFIG: (("configuration", "--codedeploy-configuration"),),
    Place.APPLICATION: (("application", "--codedeploy-application"),),
    Place.PARAMETER: (("parameter", "--docker-hub-parameter"),),
    Place.SECRET: (("secret", "--docker-hub-secret"),),
    Place.TOPIC: (("topics", "--sns-topic"),),
    Place.DISTRIBUTION: (("distributions", "--distribution"),),
}


def missing(place: Place, target: Target) -> tuple[str, ...]:
    """Return the options that would narrow this kind of resource further."""
    if not arns(place, target):
        return ()
    found = [flag for name, flag in _NEEDS.get(place, ()) if not getattr(target, name)]
    shown = [*arns(place, target), *_values(condition(place, target))]
    parts = [each.split(":", 5) for each in shown if each.startswith("arn:")]
    if any(part[3] == ANY for part in parts):
        found.append("--region")
    if any(part[4] == ANY for part in parts):
        found.append("--account")
    return tuple(found)


def _values(of: Mapping[str, Mapping[str, str]]) -> list[str]:
    return [value for test in of.values() for value in test.values()]


def _repositories(known: tuple[Repository, ...] | None, target: Target) -> list[str]:
    found = (Repository(name=ANY),) if known is None else known
    return [
        f"arn:{target.partition}:ecr:{each.region or target.region or ANY}:"
        f"{each.account or target.account or ANY}:repository/{each.name}"
        for each in found
    ]


def _of_services(kind: str, rest: str, target: Target) -> list[str]:
    cluster = target.cluster or ANY
    return [
        target.arn("ecs", f"{kind}/{cluster}/{service}{rest}")
        for service in target.services or (ANY,)
    ]


def _definition(name: str, target: Target) -> str:
    return target.arn("ecs", f"task-definition/{name}")


def _role(name: str, target: Target) -> str:
    if name.startswith("arn:"):
        return name
    return f"arn:{target.partition}:iam::{target.account or ANY}:role/{name}"


def _in_codedeploy(place: Place, target: Target) -> str:
    application = target.application or ANY
    if place is Place.DEPLOYMENT_GROUP:
        return f"deploymentgroup:{application}/{target.group or ANY}"
    if place is Place.DEPLOYMENT_CONFIG:
        return f"deploymentconfig:{target.configuration or ANY}"
    return f"application:{application}"


def _log_streams(group: str, target: Target) -> str:
    # CloudWatch's console shows a group's ARN with :* at its end.
    named = group.removesuffix(":*") if group.startswith("arn:") else ""
    return f"{named or target.arn('logs', f'log-group:{group}')}:log-stream:*"


def _secret(target: Target) -> str:
    if not target.secret:
        return target.arn("secretsmanager", "secret:*")
    named = _or_arn(target.secret, target.arn("secretsmanager", f"secret:{target.secret}"))
    is_whole = target.secret == named and _SUFFIX.search(named)
    return named if is_whole else f"{named}-??????"


def _or_arn(given: str | None, otherwise: str) -> str:
    return given if given and given.startswith("arn:") else otherwise

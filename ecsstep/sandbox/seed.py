"""What stands in the sandbox from the start: a cluster with steady services."""

import datetime as dt
from collections.abc import Mapping
from typing import Any

from ecsstep.rules.codedeploy import default_names
from ecsstep.sandbox.codedeploy import Group
from ecsstep.sandbox.ecs import Ecs
from ecsstep.sandbox.scenarios import Story

CLUSTER = "demo"
TOPIC = "deployments"

_AGE = dt.timedelta(days=7)
_BLUE = "blue"
_SUBNETS = ["subnet-0a1b2c3d4e5f60718", "subnet-0f9e8d7c6b5a49382"]


def seed(ecs: Ecs, *, registry: str, region: str) -> None:
    """Let the cluster ``demo`` have run its services ``web`` and ``shop`` for a week."""
    at = ecs.now() - _AGE
    web = _web(registry, region)
    if ecs.story.wrong_digest:
        [container] = web["containerDefinitions"]
        container["image"] += f"@{ecs.digest(container['image'])}"
    for definition in (web, _shop(registry, region)):
        service = _service(
            definition["family"],
            is_guarded=ecs.story.circuit_breaker,
            rolls_back=ecs.story.rolls_back,
            more=ecs.story.configuration,
        )
        if ecs.story.desired is not None:
            service["desiredCount"] = ecs.story.desired
        if ecs.story.target_words and definition["family"] == "web":
            service["loadBalancers"] = _behind(region, "web")
        ecs.plant(definition, service, at)
    if ecs.story.has_codedeploy:
        ecs.plant(
            _web(registry, region, family=_BLUE),
            {**_service(_BLUE, is_guarded=False), **_under_codedeploy(region), "desiredCount": 2},
            at,
        )


def seed_topic(account: str, region: str) -> None:
    """Let there be a topic of SNS that tells of deployments."""
    from moto.sns.models import sns_backends

    backend: Any = sns_backends[account][region]
    backend.create_topic(TOPIC)


def groups(story: Story) -> tuple[Group, ...]:
    """Return the deployment groups of CodeDeploy."""
    if not story.has_codedeploy:
        return ()
    application, name = default_names(CLUSTER, _BLUE)
    return (Group(application=application, name=name, cluster=CLUSTER, service=_BLUE),)


def _service(
    name: str,
    *,
    is_guarded: bool,
    rolls_back: bool = True,
    more: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    return {
        "cluster": CLUSTER,
        "serviceName": name,
        "taskDefinition": name,
        "desiredCount": 1,
        "launchType": "FARGATE",
        "deploymentConfiguration": {
            "deploymentCircuitBreaker": {
                "enable": is_guarded,
                "rollback": is_guarded and rolls_back,
            },
            "maximumPercent": 200,
            "minimumHealthyPercent": 100,
            **(more or {}),
        },
        "networkConfiguration": {
            "awsvpcConfiguration": {
                "subnets": _SUBNETS,
                "securityGroups": ["sg-0123456789abcdef0"],
                "assignPublicIp": "DISABLED",
            }
        },
    }


def _behind(region: str, name: str) -> list[dict[str, Any]]:
    here = f"arn:aws:elasticloadbalancing:{region}:123456789012"
    return [
        {
            "targetGroupArn": f"{here}:targetgroup/{name}/0123456789abcdef",
            "containerName": "app",
            "containerPort": 8080,
        }
    ]


def _under_codedeploy(region: str) -> dict[str, Any]:
    here = f"arn:aws:elasticloadbalancing:{region}:123456789012"
    return {
        "deploymentController": {"type": "CODE_DEPLOY"},
        "deploymentConfiguration": {"maximumPercent": 200, "minimumHealthyPercent": 100},
        "loadBalancers": [
            {
                "targetGroupArn": f"{here}:targetgroup/blue-1/0123456789abcdef",
                "containerName": "app",
                "containerPort": 8080,
            }
        ],
    }


def _web(registry: str, region: str, *, family: str = "web") -> dict[str, Any]:
    return {
        **_fargate(family, cpu="256", memory="512"),
        "containerDefinitions": [
            {
                "name": "app",
                "image": f"{registry}/app:v1.0.0",
                "essential": True,
                "environment": [{"name": "PORT", "value": "8080"}],
                "portMappings": [{"containerPort": 8080, "protocol": "tcp"}],
                "logConfiguration": _logs(family, region),
            }
        ],
    }


def _shop(registry: str, region: str) -> dict[str, Any]:
    """Return a definition with members that a careless rendering loses or changes."""
    return {
        **_fargate("shop", cpu="512", memory="1024"),
        "taskRoleArn": "arn:aws:iam::123456789012:role/shop",
        "runtimePlatform": {"cpuArchitecture": "X86_64", "operatingSystemFamily": "LINUX"},
        "ephemeralStorage": {"sizeInGiB": 30},
        "enableFaultInjection": False,
        "volumes": [{"name": "storage", "host": {}}],
        "tags": [{"key": "team", "value": "shop"}],
        "containerDefinitions": [_php(registry, region), _nginx(registry, region)],
    }


def _php(registry: str, region: str) -> dict[str, Any]:
    parameter = f"arn:aws:ssm:{region}:123456789012:parameter/shop/db-password"
    return {
        "name": "app",
        "image": f"{registry}/laravel-php:prod-1",
        "cpu": 0,
        "essential": True,
        "command": [],
        "environment": [
            {"name": "APP_ENV", "value": "production"},
            {"name": "APP_DEBUG", "value": "false"},
            {"name": "APP_TIMEZONE", "value": ""},
            {"name": "DB_HOST", "value": "db.internal"},
        ],
        "secrets": [{"name": "DB_PASSWORD", "valueFrom": parameter}],
        "mountPoints": [
            {"sourceVolume": "storage", "containerPath": "/var/www/storage", "readOnly": False}
        ],
        "readonlyRootFilesystem": False,
        "stopTimeout": 30,
        "healthCheck": {
            "command": ["CMD-SHELL", "php-fpm-healthcheck || exit 1"],
            "interval": 10,
            "retries": 3,
            "startPeriod": 0,
            "timeout": 5,
        },
        "dockerLabels": {"com.example.tier": "backend"},
        "logConfiguration": _logs("shop", region),
    }


def _nginx(registry: str, region: str) -> dict[str, Any]:
    return {
        "name": "nginx",
        "image": f"{registry}/laravel-nginx:prod-1",
        "essential": True,
        "portMappings": [
            {"containerPort": 80, "protocol": "tcp", "name": "http", "appProtocol": "http"}
        ],
        "dependsOn": [{"containerName": "app", "condition": "HEALTHY"}],
        "mountPoints": [
            {"sourceVolume": "storage", "containerPath": "/var/www/storage", "readOnly": True}
        ],
        "ulimits": [{"name": "nofile", "softLimit": 65536, "hardLimit": 65536}],
        "linuxParameters": {"initProcessEnabled": True},
        "logConfiguration": _logs("shop", region),
    }


def _fargate(family: str, *, cpu: str, memory: str) -> dict[str, Any]:
    return {
        "family": family,
        "executionRoleArn": "arn:aws:iam::123456789012:role/ecsTaskExecutionRole",
        "networkMode": "awsvpc",
        "requiresCompatibilities": ["FARGATE"],
        "cpu": cpu,
        "memory": memory,
    }


def _logs(family: str, region: str) -> dict[str, Any]:
    return {
        "logDriver": "awslogs",
        "options": {
            "awslogs-group": f"/ecs/{family}",
            "awslogs-region": region,
            "awslogs-stream-prefix": "ecs",
        },
    }

"""Why tasks stop, in plain words with the next thing to do; one table.

The texts that the patterns look for are ECS's stopped-task reasons and container reasons:
https://docs.aws.amazon.com/AmazonECS/latest/developerguide/stopped-task-error-codes.html
"""

import re

from ecsstep.value import Value

_OUT_OF_MEMORY = 137
_SEGMENTATION_FAULT = 139
_NOT_FOUND = 127
_NOT_EXECUTABLE = 126


class Cause(Value):
    """A cause in the catalogue.

    Attributes:
        name: Its name, for the JSON result and for documents.
        says: What happened, in plain words.
        hint: The next thing to do.
    """

    name: str
    says: str
    hint: str


_CATALOGUE: tuple[tuple[str, Cause], ...] = tuple(
    (pattern, Cause(name=name, says=says, hint=hint))
    for pattern, name, says, hint in (
        (
            r"toomanyrequests|pull rate limit",
            "docker-hub-limit",
            "Docker Hub's pull limit is reached",
            "log in to Docker Hub with repositoryCredentials, or use a pull-through cache",
        ),
        (
            r"CannotPull.*(?:matching platform|no matching manifest|exec format)|exec format error",
            "wrong-architecture",
            "the image is for another CPU architecture",
            "build it for the task's runtimePlatform: docker build --platform linux/amd64",
        ),
        (
            r"ecr:\w+|ecr registry auth.*AccessDenied|no basic auth|CannotPull.*\b403\b",
            "pull-denied",
            "the task execution role may not pull the image",
            "allow it ecr:GetAuthorizationToken, ecr:BatchGetImage and ecr:GetDownloadUrlForLayer",
        ),
        (
            r"CannotPull.*may require",
            "image-missing",
            "the image doesn't exist, or pulling it needs a login",
            "check its name, or give the container repositoryCredentials",
        ),
        (
            (
                r"(?:CannotPull|ResourceInitializationError).*(?:time-?out|timed out|deadline|"
                r"dial tcp|no such host|connection re(?:set|fused))"
            ),
            "no-route",
            "the task can't reach the registry, or what its secrets are read from",
            (
                "check the subnet's route to NAT, the public IP, or the VPC endpoints of ECR, S3, "
                "Secrets Manager and Parameter Store"
            ),
        ),
        (
            r"CannotPull.*(?:not found|manifest unknown|does not exist|not exist)",
            "image-missing",
            "the image isn't in the registry",
            "push it with image-push, or render a reference that exists (by digest)",
        ),
        (
            r"CannotPull.*(?:denied|not authorized)",
            "pull-denied",
            "the task execution role may not pull the image",
            "allow it ecr:GetAuthorizationToken, ecr:BatchGetImage and ecr:GetDownloadUrlForLayer",
        ),
        (
            r"(?:secret|parameter|ssm:|asm:).*(?:AccessDenied|not authorized|denied)",
            "secret-denied",
            "the task execution role may not read a secret or parameter",
            "allow it secretsmanager:GetSecretValue or ssm:GetParameters, and kms:Decrypt",
        ),
        (
            (
                r"(?:secret|parameter|ssm:|asm:).*(?:ResourceNotFound|not found|invalid parameters|"
                r"did not contain)"
            ),
            "secret-missing",
            "a secret or parameter doesn't exist",
            "check the valueFrom of the container's secrets, and its region",
        ),
        (
            r"log group does not exist|ResourceNotFoundException.*log",
            "log-group-missing",
            "the log group doesn't exist",
            "aws logs create-log-group --log-group-name GROUP, or set awslogs-create-group",
        ),
        (
            r"(?:unable to assume|assume the role|AssumeRole|trust relationship)",
            "role-not-assumable",
            "ECS can't assume the task's role",
            "let ecs-tasks.amazonaws.com assume it in the role's trust policy",
        ),
        (
            r"\bOutOfMemory|\bOOM(?:Killed)?\b",
            "out-of-memory",
            "a container needs more memory than it may use",
            "raise memory in the task definition, or find what uses it",
        ),
        (
            r"\bport\b.*(?:in use|already allocated)|RESOURCE:PORTS",
            "port-taken",
            "a host port is taken",
            "use dynamic host ports (hostPort 0) or awsvpc, or lower maximumPercent",
        ),
        (
            r"failed ELB health checks|is unhealthy in \(?target-group",
            "load-balancer-health-check",
            "the load balancer's health check fails",
            (
                "check its path, port and the security group; raise "
                "healthCheckGracePeriodSeconds for a slow start"
            ),
        ),
        (
            r"failed container health checks",
            "container-health-check",
            "the container's own health check fails",
            "run its command in the container; raise startPeriod for a slow start",
        ),
        (
            r"RESOURCE:(?:MEMORY|CPU)|unable to place a task|Capacity is unavailable",
            "no-capacity",
            "there is no capacity for the task",
            "add instances or capacity providers, or ask for less cpu and memory",
        ),
        (
            r"RESOURCE:ENI|network interface",
            "network-interface-limit",
            "no network interface can be attached",
            "check the subnet's free addresses and the instance type's limit of interfaces",
        ),
        (
            r"Host EC2 .*terminated|Spot ?Interruption|Spot Task was interrupted",
            "host-gone",
            "the host was taken away",
            "deploy again; keep capacity that is not Spot",
        ),
    )
)
_BY_EXIT_CODE = {
    _OUT_OF_MEMORY: Cause(
        name="killed",
        says="the container was killed (137): out of memory, or it ignored SIGTERM",
        hint="raise its memory, or let it end within stopTimeout",
    ),
    _SEGMENTATION_FAULT: Cause(
        name="crashed",
        says="the program crashed (139: segmentation fault)",
        hint="read the container's log, run the image locally",
    ),
    _NOT_FOUND: Cause(
        name="command-not-found",
        says="the container's command doesn't exist in the image (127)",
        hint="check entryPoint and command",
    ),
    _NOT_EXECUTABLE: Cause(
        name="command-not-executable",
        says="the container's command can't be executed (126)",
        hint="check its mode and its interpreter",
    ),
}
_EXITED = Cause(
    name="essential-container-exited",
    says="an essential container ends by itself",
    hint="read its log, run the image locally",
)


def catalogue() -> tuple[Cause, ...]:
    """Return every cause, each once."""
    causes = [*(cause for _, cause in _CATALOGUE), *_BY_EXIT_CODE.values(), _EXITED]
    return tuple(dict.fromkeys(causes))


def named(name: str) -> Cause | None:
    """Return the cause of this name, as a report has it."""
    return next((cause for cause in catalogue() if cause.name == name), None)


def cause_of(text: str, exit_code: int | None = None) -> Cause | None:
    """Return the cause that AWS's words, or else an exit code, point to."""
    for pattern, cause in _CATALOGUE:
        if re.search(pattern, text, re.IGNORECASE | re.DOTALL):
            return cause
    if exit_code in _BY_EXIT_CODE:
        return _BY_EXIT_CODE[exit_code]
    return _EXITED if exit_code or "Essential container" in text else None

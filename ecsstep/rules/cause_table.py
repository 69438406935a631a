"""The catalogue of causes: AWS's words, what they mean in plain words, and the next thing to do.

The texts that the patterns look for are ECS's stopped-task reasons, container reasons and service
events; names of images, ARNs and addresses are taken out of them before:
https://docs.aws.amazon.com/AmazonECS/latest/developerguide/stopped-task-error-codes.html
"""

from ecsstep.value import Value


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


_PULL_DENIED = Cause(
    name="pull-denied",
    says="the task execution role may not pull the image",
    hint="allow it ecr:GetAuthorizationToken, ecr:BatchGetImage and ecr:GetDownloadUrlForLayer",
)
COMMAND_NOT_FOUND = Cause(
    name="command-not-found",
    says="the container's command doesn't exist in the image (127)",
    hint="check entryPoint and command",
)
COMMAND_NOT_EXECUTABLE = Cause(
    name="command-not-executable",
    says="the container's command can't be executed (126)",
    hint="check its mode and its interpreter",
)
EXITED = Cause(
    name="essential-container-exited",
    says="an essential container ends by itself",
    hint="read its log, run the image locally",
)
BY_EXIT_CODE = {
    137: Cause(
        name="killed",
        says="the container was killed (137): out of memory, or it ignored SIGTERM",
        hint="raise its memory, or let it end within stopTimeout",
    ),
    139: Cause(
        name="crashed",
        says="the program crashed (139: segmentation fault)",
        hint="read the container's log, run the image locally",
    ),
    127: COMMAND_NOT_FOUND,
    126: COMMAND_NOT_EXECUTABLE,
}


def _row(pattern: str, name: str, says: str, hint: str) -> tuple[str, Cause]:
    return pattern, Cause(name=name, says=says, hint=hint)


# The first row that fits wins: what passes by itself stands before what doesn't.
BY_WORDS: tuple[tuple[str, Cause], ...] = (
    _row(
        r"toomanyrequests(?!: Rate exceeded)|pull rate limit",
        "docker-hub-limit",
        "Docker Hub's pull limit is reached",
        "log in to Docker Hub with repositoryCredentials, or use a pull-through cache",
    ),
    _row(
        r"(?:CannotPull|ResourceInitializationError).*(?:Rate exceeded|Throttling)",
        "throttled",
        "AWS throttles what the task needs for its start",
        "ECS tries again by itself; start fewer tasks at once, or have the quota raised",
    ),
    _row(
        r"CannotPull.*(?:matching platform|no matching manifest|exec format)|exec format error",
        "wrong-architecture",
        "the image is for another CPU architecture",
        "build it for the task's runtimePlatform: docker build --platform linux/amd64",
    ),
    _row(
        r"no space left on device",
        "disk-full",
        "the task's disk is full",
        "raise ephemeralStorage, or give the instances larger disks; make the image smaller",
    ),
    _row(
        r"invoke EFS utils|mount\.nfs|mount\.efs",
        "volume-not-mounted",
        "a file system can't be mounted",
        "check the file system's id and mount targets, port 2049 in its security group, and "
        "elasticfilesystem:ClientMount",
    ),
    _row(
        r"(?:CannotPull|ResourceInitializationError).*(?:time-?out|timed out|deadline|dial tcp|"
        r"no such host|host not found|name resolution|connection (?:re(?:set|fused)|issue))",
        "no-route",
        "the task can't reach the registry, or what its secrets are read from",
        "check the subnet's route to NAT, the public IP, or the VPC endpoints of ECR, S3, "
        "Secrets Manager and Parameter Store",
    ),
    _row(
        r"CannotPull.*(?:\b50[0234] |Service Unavailable|Bad Gateway|Internal Server Error)",
        "registry-unavailable",
        "the registry has trouble of its own",
        "ECS tries again by itself; see the registry's status page where it lasts",
    ),
    (
        (
            r"ecr(?:-public)?:(?:GetAuthorizationToken|BatchGetImage|GetDownloadUrlForLayer|"
            r"BatchCheckLayerAvailability|BatchImportUpstreamImage)|"
            r"ecr registry auth.*AccessDenied|no basic auth|"
            r"CannotPull.*(?:status code:? 403|403 Forbidden)"
        ),
        _PULL_DENIED,
    ),
    _row(
        r"CannotPull.*may require",
        "image-missing",
        "the image doesn't exist, or pulling it needs a login",
        "check its name, or give the container repositoryCredentials",
    ),
    _row(
        r"CannotPull.*(?:not found|manifest unknown|does not exist|not exist)",
        "image-missing",
        "the image isn't in the registry",
        "push it with image-push, or render a reference that exists (by digest)",
    ),
    (r"CannotPull.*(?:denied|not authorized)", _PULL_DENIED),
    _row(
        r"logs:CreateLogStream|logs:CreateLogGroup|logger args.*AccessDenied",
        "log-denied",
        "the task execution role may not write to the log group",
        "allow it logs:CreateLogStream and logs:PutLogEvents",
    ),
    _row(
        r"log group does not exist|logger args.*ResourceNotFound",
        "log-group-missing",
        "the log group doesn't exist",
        "aws logs create-log-group --log-group-name GROUP, or set awslogs-create-group",
    ),
    _row(
        r"download env files.*(?:denied|\b403\b)",
        "env-file-denied",
        "the task execution role may not read an environment file",
        "allow it s3:GetObject and s3:GetBucketLocation for it",
    ),
    _row(
        r"download env files.*(?:NoSuch|not found|\b404\b)",
        "env-file-missing",
        "an environment file doesn't exist",
        "check the container's environmentFiles",
    ),
    _row(
        r"(?:secret|parameter|ssm:|asm:).*(?:AccessDenied|not authorized|denied)",
        "secret-denied",
        "the task execution role may not read a secret or parameter",
        "allow it secretsmanager:GetSecretValue or ssm:GetParameters, and kms:Decrypt",
    ),
    _row(
        r"(?:secret|parameter|ssm:|asm:).*"
        r"(?:ResourceNotFound|not found|invalid parameters|did not contain)",
        "secret-missing",
        "a secret or parameter doesn't exist",
        "check the valueFrom of the container's secrets, and its region",
    ),
    _row(
        r"(?:unable to assume|assume the role|AssumeRole|trust relationship)",
        "role-not-assumable",
        "ECS can't assume the task's role",
        "let ecs-tasks.amazonaws.com assume it in the role's trust policy",
    ),
    _row(
        r"\bOutOfMemory|\bOOM(?:Killed)?\b",
        "out-of-memory",
        "a container needs more memory than it may use",
        "raise memory in the task definition, or find what uses it",
    ),
    _row(
        r"\bport\b.*(?:in use|already allocated)|using a port required|RESOURCE:PORTS",
        "port-taken",
        "a host port is taken",
        "use dynamic host ports (hostPort 0) or awsvpc, or lower maximumPercent",
    ),
    (
        r"CannotStartContainer.*(?:executable file not found|no such file or directory)",
        COMMAND_NOT_FOUND,
    ),
    (r"CannotStartContainer.*exec:.*permission denied", COMMAND_NOT_EXECUTABLE),
    _row(
        r"Cannot(?:Start|Create)Container",
        "container-not-started",
        "the container can't be started",
        "ECS's words say why; run the image locally with the same settings",
    ),
    _row(
        r"failed ELB health checks|is unhealthy in \(?target-group",
        "load-balancer-health-check",
        "the load balancer's health check fails",
        "check its path, port and the security group; raise healthCheckGracePeriodSeconds for a "
        "slow start",
    ),
    _row(
        r"failed container health checks",
        "container-health-check",
        "the container's own health check fails",
        "run its command in the container; raise startPeriod for a slow start",
    ),
    _row(
        r"RESOURCE:ENI|network interface|InsufficientFreeAddresses",
        "network-interface-limit",
        "no network interface can be attached",
        "check the subnet's free addresses and the instance type's limit of interfaces",
    ),
    _row(
        r"No Container Instances were found",
        "no-instances",
        "the cluster has no instance to place the task on",
        "add instances or a capacity provider, or use Fargate",
    ),
    _row(
        r"missing an attribute required|placement constraint",
        "no-fitting-instance",
        "no instance is of the kind that the task asks for",
        "check the task's placement constraints, architecture and GPUs against the instances' "
        "attributes",
    ),
    _row(
        r"encountered error \W?AGENT\b",
        "agent-disconnected",
        "the ECS agent of the instance doesn't answer",
        "restart the agent on the instance, or replace the instance",
    ),
    _row(
        r"reached the limit on the number of",
        "quota-reached",
        "the account's quota is used up",
        "have it raised in Service Quotas (Fargate: vCPU), or stop what isn't needed",
    ),
    _row(
        r"RESOURCE:(?:MEMORY|CPU)|unable to place a task|Capacity is unavailable",
        "no-capacity",
        "there is no capacity for the task",
        "add instances or capacity providers, or ask for less cpu and memory",
    ),
    _row(
        r"Host EC2 .*terminated|Spot ?Interruption|Spot Task was interrupted",
        "host-gone",
        "the host was taken away",
        "deploy again; keep capacity that is not Spot",
    ),
)

"""Why tasks stop; the texts are those that ECS is known to say."""

# ruff: noqa: E501 - ECS's own texts stand whole, one a line

import pytest

from ecsstep.rules.causes import cause_in_log, cause_of

AUTH = "ResourceInitializationError: unable to pull secrets or registry auth: "
PULL = "CannotPullContainerError: "
PLACE = "was unable to place a task because no container instance met all of its requirements. "


@pytest.mark.parametrize(
    ("text", "exit_code", "expected"),
    [
        # images
        (PULL + "pull image manifest has been retried 1 time(s): failed to resolve ref 1.dkr.ecr.us-east-1.amazonaws.com/web:2: not found", None, "image-missing"),
        (PULL + "Error response from daemon: manifest for web:2 not found: manifest unknown: Requested image not found", None, "image-missing"),
        (PULL + "Error response from daemon: pull access denied for web, repository does not exist or may require 'docker login'", None, "image-missing"),
        (PULL + "The repository with name 'web' does not exist in the registry with id '1'", None, "image-missing"),
        (PULL + "failed to resolve ref 1.dkr.ecr.us-east-1.amazonaws.com/web:2: pulling from host failed with status code [manifests 2]: 403 Forbidden", None, "pull-denied"),
        (PULL + "inspect image has been retried 1 time(s): no basic auth credentials", None, "pull-denied"),
        (PULL + "denied: User: arn:aws:sts::1:assumed-role/x is not authorized to perform: ecr:BatchGetImage on resource", None, "pull-denied"),
        (AUTH + "execution resource retrieval failed: unable to retrieve ecr registry auth: service call has been retried 1 time(s): AccessDeniedException: User is not authorized to perform: ecr:GetAuthorizationToken", None, "pull-denied"),
        (PULL + "denied: Your authorization token has expired", None, "pull-denied"),
        (PULL + "toomanyrequests: You have reached your pull rate limit", None, "docker-hub-limit"),
        (PULL + "failed to do request: Head https://1.dkr.ecr.us-east-1.amazonaws.com/v2/web: dial tcp 10.0.0.1:443: i/o timeout", None, "no-route"),
        (PULL + "Error response from daemon: Get https://registry: net/http: request canceled while waiting for connection (Client.Timeout exceeded)", None, "no-route"),
        (AUTH + "RequestError: send request failed caused by: Post https://api.ecr.us-east-1.amazonaws.com/: dial tcp: i/o timeout", None, "no-route"),
        (AUTH + "unable to retrieve secret from asm: RequestCanceled: context deadline exceeded", None, "no-route"),
        (PULL + "image Manifest does not contain descriptor matching platform 'linux/arm64'", None, "wrong-architecture"),
        (PULL + "no matching manifest for linux/arm64/v8 in the manifest list entries", None, "wrong-architecture"),
        ("exec /app: exec format error", 1, "wrong-architecture"),
        (PULL + "platform/web:1: unexpected EOF", None, None),
        (PULL + "toomanyrequests: Rate exceeded", None, "throttled"),
        (AUTH + "unable to retrieve secrets from ssm: ThrottlingException: Rate exceeded", None, "throttled"),
        (PULL + "failed to register layer: write /x: no space left on device", None, "disk-full"),
        (PULL + "failed to resolve ref x: unexpected status from HEAD request: 503 Service Unavailable; upstream not found", None, "registry-unavailable"),
        (PULL + "The task cannot pull 'app:v9' from the registry '1.dkr.ecr.us-east-1.amazonaws.com/app'. There is a connection issue between the task and the registry. Check your task network configuration.", None, "no-route"),
        (AUTH + "unable to retrieve secret from asm: There is a connection issue between the task and AWS Secrets Manager.", None, "no-route"),
        (AUTH + "unable to retrieve secret from asm: lookup secretsmanager.eu-west-1.amazonaws.com: host not found", None, "no-route"),
        # the words of a name say nothing
        (PULL + "failed to resolve ref 1.dkr.ecr.us-east-1.amazonaws.com/app:403: failed to do request: Head https://1.dkr.ecr.us-east-1.amazonaws.com/v2/app/manifests/403: dial tcp 10.0.0.1:443: i/o timeout", None, "no-route"),
        (PULL + "pull mirror-ecr:1.2 dial tcp 10.0.0.1:443: i/o timeout", None, "no-route"),
        (PULL + "failed to resolve ref 1.dkr.ecr.us-east-1.amazonaws.com/timeout-api:2: not found", None, "image-missing"),
        (PULL + "failed to resolve ref docker.io/acme/no-such-host:v403: not found", None, "image-missing"),
        (PULL + "unexpected status code https://bucket.s3.amazonaws.com/x: 403 Forbidden", None, "pull-denied"),
        ("ResourceInitializationError: failed to validate logger args: create stream has been retried 1 times: AccessDeniedException: User is not authorized to perform: logs:CreateLogStream on resource: arn:aws:logs:us-east-1:1:log-group:/ecs/secret-app:log-stream:y", None, "log-denied"),
        ("ResourceInitializationError: failed to download env files: service call has been retried 1 time(s): AccessDenied: Access Denied status code: 403", None, "env-file-denied"),
        ("ResourceInitializationError: failed to download env files: NoSuchKey: The specified key does not exist", None, "env-file-missing"),
        ("ResourceInitializationError: failed to invoke EFS utils commands to set up EFS volumes: stderr: mount.nfs4: Connection timed out", None, "volume-not-mounted"),
        ('CannotStartContainerError: OCI runtime create failed: unable to start container process: exec: "/start.sh": stat /start.sh: no such file or directory: unknown', None, "command-not-found"),
        ('CannotStartContainerError: unable to start container process: exec: "gunicorn": executable file not found in $PATH: unknown', None, "command-not-found"),
        ('CannotStartContainerError: unable to start container process: exec: "/start.sh": permission denied: unknown', None, "command-not-executable"),
        ("CannotCreateContainerError: API error (400): No command specified", None, "container-not-started"),
        # secrets, logs, roles
        (AUTH + "unable to retrieve secret from asm: AccessDeniedException: User is not authorized to perform: secretsmanager:GetSecretValue", None, "secret-denied"),
        (AUTH + "unable to retrieve secrets from ssm: AccessDeniedException", None, "secret-denied"),
        (AUTH + "unable to retrieve secret from asm: ResourceNotFoundException: Secrets Manager can't find the specified secret.", None, "secret-missing"),
        (AUTH + "unable to retrieve secrets from ssm: invalid parameters: /db", None, "secret-missing"),
        (AUTH + "retrieved secret from Secrets Manager did not contain json key", None, "secret-missing"),
        ("ResourceInitializationError: failed to validate logger args: create stream has been retried 1 times: failed to create Cloudwatch log stream: ResourceNotFoundException: The specified log group does not exist.", None, "log-group-missing"),
        ("ECS was unable to assume the role 'arn:aws:iam::1:role/x' that was provided for this task.", None, "role-not-assumable"),
        # memory, exit codes
        ("Essential container in task exited OutOfMemoryError: Container killed due to memory usage", 137, "out-of-memory"),
        ("OOMKilled", 137, "out-of-memory"),
        ("Essential container in task exited", 137, "killed"),
        ("Essential container in task exited", 139, "crashed"),
        ("Essential container in task exited", 127, "command-not-found"),
        ("Essential container in task exited", 126, "command-not-executable"),
        ("Essential container in task exited", 1, "essential-container-exited"),
        ("Essential container in task exited", 0, "essential-container-exited"),
        ("", 5, "essential-container-exited"),
        # placement, health
        ("driver failed: Bind for 0.0.0.0:80 failed: port is already allocated", None, "port-taken"),
        ("RESOURCE:PORTS", None, "port-taken"),
        ("Task failed ELB health checks in (target-group arn:aws:elasticloadbalancing:us-east-1:1:targetgroup/room-spotlight/1)", 143, "load-balancer-health-check"),
        ("(port 80) is unhealthy in (target-group arn) due to (reason Health checks failed)", None, "load-balancer-health-check"),
        ("Task failed container health checks", 143, "container-health-check"),
        ("was unable to place a task because no container instance met all of its requirements", None, "no-capacity"),
        (PLACE + "The closest matching (container-instance 1) is already using a port required by your task.", None, "port-taken"),
        (PLACE + 'The closest matching (container-instance 1) encountered error "RESOURCE:ENI".', None, "network-interface-limit"),
        (PLACE + 'The closest matching (container-instance 1) encountered error "AGENT".', None, "agent-disconnected"),
        (PLACE + "Reason: No Container Instances were found in your cluster.", None, "no-instances"),
        (PLACE + "The closest matching (container-instance x) is missing an attribute required by your task.", None, "no-fitting-instance"),
        ("was unable to place a task. Reason: You've reached the limit on the number of vCPUs you can run concurrently.", None, "quota-reached"),
        ("Capacity is unavailable at this time. Please try again later", None, "no-capacity"),
        ("RESOURCE:ENI", None, "network-interface-limit"),
        ("Timeout waiting for network interface provisioning to complete.", None, "network-interface-limit"),
        ("Host EC2 (instance i-1) terminated.", None, "host-gone"),
        ("Your Spot Task was interrupted.", None, "host-gone"),
        ("SpotInterruption", None, "host-gone"),
        # what is no cause
        ("Scaling activity initiated by (deployment ecs-svc/1)", None, None),
        ("the zoom room of the support portal", None, None),
        ("ECS deployment circuit breaker: tasks failed to start.", None, None),
        ("", None, None),
    ],
)  # fmt: skip
def test_awss_words_point_to_a_cause(
    text: str, exit_code: int | None, expected: str | None
) -> None:
    found = cause_of(text, exit_code)

    assert (found and found.name) == expected


def test_every_cause_says_what_happened_and_what_to_do_next() -> None:
    found = cause_of("toomanyrequests")

    assert found is not None
    assert found.says == "Docker Hub's pull limit is reached"
    assert found.hint.startswith("log in to Docker Hub")


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (["starting", "exec /usr/local/bin/run.sh: exec format error"], "wrong-architecture"),
        (["OSError: [Errno 28] no space left on device"], "disk-full"),
        (["connection timed out to toomanyrequests.example"], None),
        ([], None),
    ],
)
def test_last_words_point_to_a_cause_where_they_are_sure(
    lines: list[str], expected: str | None
) -> None:
    found = cause_in_log(lines)

    assert (found and found.name) == expected

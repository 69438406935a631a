"""The named stories that the sandbox tells."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any, Literal


class Fate(StrEnum):
    """What becomes of a deployment's tasks."""

    WELL = "well"
    CRASH = "crash"
    IMAGE_MISSING = "image-missing"
    CANNOT_START = "cannot-start"
    SLOW = "slow"
    UNHEALTHY = "unhealthy"


@dataclass(frozen=True, kw_only=True)
class Story:
    """What happens to those who deploy.

    Times are sandbox seconds.

    Attributes:
        about: One line for ``--list``.
        fate: What becomes of the tasks of a new deployment. Going back to a revision that has
            been deployed well before always goes well.
        failing_container: The container that crashes, where the definition has one of that name;
            otherwise it is the first essential one.
        exit_code: How that container exits.
        last_words: What it logs before.
        stop_reason: ECS's words for a task that can't start, or a container that was killed.
        target_words: What the load balancer's health check says of a target; then ``web`` stands
            behind one.
        start_seconds: How much longer a slow start takes.
        circuit_breaker: Whether the seeded services have a circuit breaker with rollback.
        rollback_id: Under which id a rollback is listed. AWS doesn't say for sure whether it is
            a new deployment or the completed one again, so that a step has to cope with both.
        rolls_back: Whether that circuit breaker rolls back.
        configuration: What else stands in the seeded services' deploymentConfiguration.
        denied: IAM actions that the role may not do.
        faults: What goes wrong with other actions, by action; see :mod:`ecsstep.sandbox.faults`.
        takeover_after: When somebody else deploys, counted from a service's first update.
        deletion_after: When somebody else deletes the service, counted likewise.
        stop_after: When somebody stops the deployment, counted likewise.
        alarm_after: When an alarm goes off, counted likewise.
        before_traffic: What happens before CodeDeploy shifts the traffic: a hook fails, or a person
            has to say so.
        wrong_digest: Whether the tasks of a pinned image run another one.
        desired: How many tasks the seeded services want; nothing for one.
        has_codedeploy: Whether there is a service ``blue`` as well, which CodeDeploy deploys to.
        scan: What ECR's scan of an image comes to, by its name in :mod:`ecsstep.sandbox.courses`.
        task: What becomes of a task that RunTask starts, by its name in
            :mod:`ecsstep.sandbox.errands`.
    """

    about: str
    fate: Fate = Fate.WELL
    failing_container: str = "app"
    exit_code: int = 1
    last_words: tuple[str, ...] = ()
    stop_reason: str = ""
    target_words: str = ""
    start_seconds: float = 0
    circuit_breaker: bool = False
    rollback_id: Literal["new", "old"] = "new"
    rolls_back: bool = True
    configuration: Mapping[str, Any] = field(default_factory=dict)
    denied: tuple[str, ...] = ()
    faults: Mapping[str, str] = field(default_factory=dict)
    takeover_after: float | None = None
    stop_after: float | None = None
    alarm_after: float | None = None
    deletion_after: float | None = None
    before_traffic: Literal["", "fails", "waits"] = ""
    wrong_digest: bool = False
    desired: int | None = None
    has_codedeploy: bool = False
    scan: str = "clean"
    task: str = "well"


_TRACEBACK = (
    "app: starting, 2 workers",
    "app: connecting to database db.internal:5432 as 'app'",
    "Traceback (most recent call last):",
    '  File "/srv/app/main.py", line 41, in <module>',
    "    pool = connect(settings.database_url, timeout=2)",
    '  File "/srv/app/database.py", line 17, in connect',
    "    raise DatabaseError(f\"cannot connect to database '{host}': {reason}\")",
    "app.database.DatabaseError: cannot connect to database 'db.internal': connection refused",
)

_ROLLED_BACK = Story(
    about="the new tasks exit 1; the circuit breaker rolls the service back",
    fate=Fate.CRASH,
    last_words=_TRACEBACK,
    circuit_breaker=True,
)

_BLUE_GREEN = Story(
    about="ECS's own blue/green deployment, through all its stages",
    configuration={"strategy": "BLUE_GREEN", "bakeTimeInMinutes": 1},
)
_NEWER_CALLS = (
    "ecs:DescribeServiceDeployments",
    "ecs:ListServiceDeployments",
    "ecs:DescribeServiceRevisions",
)

SCENARIOS: dict[str, Story] = {
    "steady": Story(about="everything goes well"),
    "crash-loop": Story(
        about="the new tasks exit 1 again and again, and no circuit breaker stops it",
        fate=Fate.CRASH,
        last_words=_TRACEBACK,
    ),
    "image-missing": Story(about="the new tasks' image can't be pulled", fate=Fate.IMAGE_MISSING),
    "rolled-back": _ROLLED_BACK,
    "rolled-back-old-id": replace(
        _ROLLED_BACK, about="the same; the old deployment is primary again", rollback_id="old"
    ),
    "superseded": Story(
        about="a few seconds after yours, somebody else's deployment takes over",
        takeover_after=6,
    ),
    "service-gone": Story(
        about="somebody deletes the service during the deployment", deletion_after=6
    ),
    "failed": replace(
        _ROLLED_BACK,
        about="the new tasks exit 1; the circuit breaker gives up and doesn't roll back",
        rolls_back=False,
    ),
    "stopped": Story(about="somebody stops the deployment, and ECS goes back", stop_after=6),
    "alarm": Story(about="an alarm goes off during the deployment; ECS rolls back", alarm_after=12),
    "slow-start": Story(
        about="the new tasks take three minutes to come up, and then all is well",
        fate=Fate.SLOW,
        start_seconds=180,
    ),
    "out-of-memory": replace(
        _ROLLED_BACK,
        about="the new tasks are killed for their memory; the circuit breaker rolls back",
        exit_code=137,
        stop_reason="OutOfMemoryError: Container killed due to memory usage",
        last_words=("app: loading the model",),
    ),
    "unhealthy": replace(
        _ROLLED_BACK,
        about="the load balancer finds the new tasks unhealthy; ECS rolls back",
        fate=Fate.UNHEALTHY,
        target_words="Health checks failed with these codes: [502]",
        last_words=("app: GET /health 502",),
    ),
    "secret-denied": Story(
        about="the new tasks may not read their secret",
        fate=Fate.CANNOT_START,
        stop_reason="ResourceInitializationError: unable to pull secrets or registry auth: "
        "execution resource retrieval failed: unable to retrieve secret from asm: service call has "
        "been retried 1 time(s): AccessDeniedException: User: arn:aws:sts::123456789012:"
        "assumed-role/ecsTaskExecutionRole is not authorized to perform: "
        "secretsmanager:GetSecretValue on resource: db-password",
    ),
    "blue-green": _BLUE_GREEN,
    "linear": Story(
        about="the same, with the traffic moved in four steps",
        configuration={
            "strategy": "LINEAR",
            "linearConfiguration": {"stepPercent": 25.0, "stepBakeTimeInMinutes": 1},
        },
    ),
    "canary": Story(
        about="the same, with a canary of ten percent",
        configuration={
            "strategy": "CANARY",
            "canaryConfiguration": {"canaryPercent": 10.0, "canaryBakeTimeInMinutes": 1},
        },
    ),
    "pause-hook": Story(
        about="a blue/green deployment that waits for a person to let it go on",
        configuration={
            "strategy": "BLUE_GREEN",
            "lifecycleHooks": [
                {
                    "targetType": "PAUSE",
                    "lifecycleStages": ["POST_TEST_TRAFFIC_SHIFT"],
                    "timeoutConfiguration": {"timeoutInMinutes": 60, "action": "ROLLBACK"},
                }
            ],
        },
    ),
    "older-role": replace(
        _ROLLED_BACK,
        about="rolled-back, and the role may make none of ECS's newer calls",
        denied=_NEWER_CALLS,
    ),
    "blue-green-older": replace(
        _BLUE_GREEN,
        about="the same, and the role may make none of ECS's newer calls",
        denied=_NEWER_CALLS,
    ),
    "blue-green-alarm": replace(
        _BLUE_GREEN,
        about="an alarm goes off while a blue/green deployment bakes; ECS goes back",
        alarm_after=60,
    ),
    "blue-green-alarm-older": replace(
        _BLUE_GREEN,
        about="the same, and the role may make none of ECS's newer calls",
        alarm_after=60,
        denied=_NEWER_CALLS,
    ),
    "blue-green-crash": replace(
        _ROLLED_BACK,
        about="the green tasks exit 1; the circuit breaker goes back",
        configuration=_BLUE_GREEN.configuration,
    ),
    "nothing-wanted": Story(about="the service wants no task", desired=0),
    "wrong-digest": Story(
        about="the tasks run another image than the one that is pinned", wrong_digest=True
    ),
    "throttled": Story(
        about="every second look at a service is throttled",
        faults={"ecs:DescribeServices": "Stumbling"},
    ),
    "flaky": Story(
        about="every third connection to ECS breaks without an answer", faults={"ecs:*": "Reset"}
    ),
    "codedeploy": Story(
        about="CodeDeploy shifts the service 'blue' to its new tasks", has_codedeploy=True
    ),
    "codedeploy-rolled-back": Story(
        about="the new tasks of 'blue' exit 1; CodeDeploy gives up and goes back",
        fate=Fate.CRASH,
        last_words=_TRACEBACK,
        has_codedeploy=True,
    ),
    "codedeploy-stopped": Story(
        about="somebody stops CodeDeploy's deployment of 'blue'", stop_after=6, has_codedeploy=True
    ),
    "codedeploy-alarm": Story(
        about="an alarm stops CodeDeploy's deployment of 'blue', and it goes back",
        alarm_after=6,
        has_codedeploy=True,
    ),
    "codedeploy-hook-failed": Story(
        about="a lifecycle hook of CodeDeploy's deployment of 'blue' fails",
        before_traffic="fails",
        has_codedeploy=True,
    ),
    "codedeploy-ready": Story(
        about="CodeDeploy waits for a person to shift the traffic of 'blue'",
        before_traffic="waits",
        has_codedeploy=True,
    ),
    "task-failed": Story(about="a one-off task exits 3", task="exit-3"),
    "task-fast": Story(about="a one-off task is over before anybody can look", task="fast"),
    "task-killed": Story(about="a one-off task is killed for its memory", task="killed"),
    "task-cannot-start": Story(
        about="a one-off task may not read its secret and never runs", task="cannot-start"
    ),
    "task-no-capacity": Story(about="there is no capacity for a one-off task", task="no-capacity"),
    "task-cut-short": Story(
        about="another container of a one-off task ends it before its time", task="cut-short"
    ),
    "task-endless": Story(about="a one-off task never ends", task="endless"),
    "findings": Story(
        about="everything goes well, but the scan finds CRITICAL and HIGH", scan="findings"
    ),
    "findings-enhanced": Story(
        about="the same, with enhanced scanning (Amazon Inspector)", scan="findings-enhanced"
    ),
    "slow-scan": Story(about="the scan takes a minute", scan="in-progress"),
    "scan-failed": Story(about="the scan fails", scan="failed"),
    "scan-unsupported": Story(about="the image can't be scanned", scan="unsupported"),
    "never-scanned": Story(about="no scan ever takes place", scan="never"),
    "scan-enhanced": Story(about="enhanced scanning finds nothing", scan="clean-enhanced"),
    "scan-late": Story(
        about="enhanced scanning is ACTIVE and empty first; findings follow 45 seconds later",
        scan="late-enhanced",
    ),
    "scan-late-complete": Story(
        about="the same, with the status COMPLETE all the time", scan="complete-enhanced"
    ),
    "scan-partial": Story(
        about="enhanced scanning lists one LOW first; all the others follow 75 seconds later",
        scan="partial-enhanced",
    ),
    "scan-pages": Story(
        about="enhanced scanning's only CRITICAL stands on the third page", scan="pages-enhanced"
    ),
    "scan-suppressed": Story(
        about="the only finding is suppressed in Amazon Inspector", scan="suppressed-enhanced"
    ),
    "scan-no-fix": Story(about="what is found has no fix yet", scan="no-fix-enhanced"),
    "scan-hostile": Story(
        about="the findings' texts attack whoever shows them", scan="hostile-enhanced"
    ),
    "scan-platforms": Story(
        about="'multi:v1' is an image index; only its arm64 image has findings", scan="platforms"
    ),
    "scan-passed-over": Story(
        about="'multi:v1' is an image index; Amazon Inspector passes over its arm64 image",
        scan="passed-over-enhanced",
    ),
    "scan-hidden-counts": Story(
        about="ECR counts a CRITICAL finding, and lists one that is suppressed",
        scan="hidden-enhanced",
    ),
    "scan-counts-only": Story(
        about="ECR counts CRITICAL findings that it doesn't list", scan="counts-only"
    ),
    "scan-list-only": Story(
        about="ECR lists CRITICAL findings that it doesn't count", scan="list-only"
    ),
    "scan-expired": Story(
        about="the time for which the image is scanned is over", scan="expired-enhanced"
    ),
    "scan-unavailable": Story(about="ECR has no findings to give", scan="unavailable"),
    "scan-quota": Story(about="the account's quota of scans is used up", scan="limit-exceeded"),
    "scan-archived": Story(about="the image is archived", scan="archived"),
    "scan-too-large": Story(about="the image is too large to scan", scan="too-large"),
    "scan-stateless": Story(about="ECR's answer names no state of the scan", scan="stateless"),
    "scan-unfilled": Story(
        about="the scan is COMPLETE, but its result never comes", scan="unfilled"
    ),
    "scan-unknown-state": Story(
        about="the scan is in a state that nobody has heard of", scan="unknown-state"
    ),
    "scan-by-hand": Story(about="no scan begins by itself", scan="manual"),
    "scan-uncovered": Story(
        about="enhanced scanning is on, but no rule covers the repository", scan="uncovered"
    ),
    "scan-once-a-day": Story(
        about="the scan on push shows up late, and no other may be started", scan="once-a-day"
    ),
    "scan-old": Story(
        about="the only scan is 40 days old and clean; a new one finds CRITICAL", scan="too-old"
    ),
    "scan-old-enhanced": Story(
        about="the only scan is 40 days old, and none can be started", scan="too-old-enhanced"
    ),
    "scan-throttled": Story(about="every look at the scan is throttled", scan="throttled"),
    "scan-stumbling": Story(about="the first two looks are throttled", scan="stumbling"),
}

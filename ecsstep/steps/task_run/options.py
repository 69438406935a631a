"""What task-run can be told."""

from collections.abc import Iterator, Mapping
from typing import ClassVar

from ecsstep.core.options import CLUSTER, DRY_RUN, LONGEST_ARN, SERVICE, Given, Option, Options
from ecsstep.core.shared import CONTAINER, INTERVAL, LOGS, ON_CANCEL, ON_TIMEOUT, TIMEOUT
from ecsstep.core.values import one_of
from ecsstep.rules.errand.variables import task_arn, variable
from ecsstep.rules.revision_names import family_fault, names_a_family

_END = one_of("keep", "stop")
_ABOUT_A_START = {
    "taskdef": "--taskdef", "env": "--env", "parameters": "--parameters", "command": "COMMAND",
    "dry_run": "--dry-run",
}  # fmt: skip


class TaskOptions(Options):
    """What task-run can be told."""

    cluster: str = CLUSTER.field(required=True)
    service: str = SERVICE.field(required=True)
    taskdef: str | None = Option(
        flag="--taskdef",
        help="what to run instead of the service's own revision: a file from taskdef-render (- for "
        "stdin), FAMILY:REVISION or an ARN with its revision",
        metavar="FILE|REVISION",
        variable="ECSSTEP_RENDERED",
    ).field()
    container: str | None = CONTAINER.field(
        help="the container that does the work; needed where there are several"
    )
    env: tuple[tuple[str, str], ...] = Option(
        flag="--env",
        help="environment variable to set in that container, for this task alone",
        metavar="NAME=VALUE",
        parse=variable,
        variable="ECSSTEP_TASK_ENV",
        repeatable=True,
        sets="environment",
    ).field()
    parameters: str | None = Option(
        flag="--parameters",
        help="JSON or YAML file with any other members of RunTask; flags beat it",
        metavar="FILE",
        variable="ECSSTEP_TASK_PARAMETERS",
    ).field()
    task: str | None = Option(
        flag="--task",
        help="follow this task, which an earlier run has started, and start none",
        metavar="ARN",
        parse=task_arn,
    ).field()
    timeout: float = TIMEOUT.field(
        help="how long to wait for the task's end at most", default="15m"
    )
    interval: float = INTERVAL.field(
        help="time between two looks; longer while nothing changes and after throttling"
    )
    logs: int = LOGS.field(
        help="how many of the last log lines to repeat in the result; with 0 the log isn't read"
    )
    on_timeout: str = ON_TIMEOUT.field(
        help="what to do with a task that still runs when the time is over",
        parse=_END,
        variable="ECSSTEP_TASK_ON_TIMEOUT",
    )
    on_cancel: str = ON_CANCEL.field(parse=_END, variable="ECSSTEP_TASK_ON_CANCEL")
    allow_missing_images: bool = Option(
        flag="--allow-missing-images",
        help="go on where an image is not in ECR (a pull-through cache fetches it later)",
        is_switch=True,
        default=False,
    ).field()
    dry_run: bool = DRY_RUN.field()
    command: tuple[str, ...] = Option(
        flag="COMMAND",
        help="what the container runs, word for word; the definition's own without it",
        is_rest=True,
        repeatable=True,
    ).field()
    hands_on: ClassVar[Mapping[str, int]] = {
        "ECSSTEP_RENDERED": LONGEST_ARN,
        "ECSSTEP_TASK_ARN": LONGEST_ARN,
        "ECSSTEP_TASK_EXIT_CODE": 10,
    }
    job: str | None = Option(
        help="id of the job or build, by which ECS lists the task (startedBy)",
        aliases=("CI_JOB_ID", "CODEBUILD_BUILD_ID"),
    ).field()

    @classmethod
    def faults(cls, given: Given) -> Iterator[str]:
        """Yield a vague task definition, a stdin read twice, and a service's own program."""
        taskdef = given.values.get("taskdef")
        if taskdef == given.values.get("parameters") == "-":
            yield "only one of --taskdef and --parameters can be read from stdin"
        if taskdef is not None and names_a_family(taskdef):
            from ecsstep.core.files import is_file

            if not is_file(taskdef):
                yield family_fault(taskdef)
        if given.has("task"):
            yield from (
                f"--task starts nothing, so {spelling} says nothing"
                for name, spelling in _ABOUT_A_START.items()
                if name in given.by_flag
            )
        elif "taskdef" not in given.by_flag and not given.has("command", "parameters"):
            yield (
                "COMMAND is missing, and the service's own program would not end by itself: give "
                "-- COMMAND..., or by --taskdef a definition whose command is the one to run"
            )
        names = [name for name, _ in given.values.get("env", ())]
        yield from (
            f"--env: '{name}' is given {names.count(name)} times"
            for name in dict.fromkeys(names)
            if names.count(name) > 1
        )

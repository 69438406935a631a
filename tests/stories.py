"""Bad ends (and some good ones) of every step, made in the sandbox and kept as records.

``.ci/records`` makes them anew into ``tests/data/records``; the suite replays them.
"""

import os
import shutil
from dataclasses import dataclass
from pathlib import Path

from processes import BIN, ROOT, Ended, environ, run

RECORDS = ROOT / "tests" / "data" / "records"
NOWHERE = "AWS_ENDPOINT_URL=http://127.0.0.1:9 AWS_MAX_ATTEMPTS=2"


@dataclass(frozen=True, kw_only=True)
class Story:
    """One run of a step and how it ends.

    Attributes:
        name: The record's name: the step's, and what happens.
        exit: The exit code.
        script: What is run; ``$R`` is the option that makes the record.
        scenario: The sandbox's scenario.
        deny: IAM actions that are denied.
        speed: The sandbox's speed.
        look: Or, how many seconds go by at each look.
    """

    name: str
    exit: int
    script: str
    scenario: str = "steady"
    deny: tuple[str, ...] = ()
    speed: int = 100
    look: float | None = 10

    @property
    def step(self) -> str:
        """The step's name."""
        return self.name.partition(".")[0]

    @property
    def path(self) -> Path:
        """Where the record is kept."""
        return RECORDS / f"{self.name}.json.gz"


_FORCED = "D=$(service-update --cluster demo --service web --force-new-deployment)"
_WAIT = "wait-stable $R --cluster demo --service web --interval 50ms"
_DEPLOY = f'{_FORCED}\n{_WAIT} --deployment "$D"'
_IMAGE = "$ECR_REGISTRY/app:v1.0.0"
_DEFINITION = (
    """printf '{"family":"web","containerDefinitions":[{"name":"app","image":"x:1","memory":64,"""
    """"environment":[{"name":"DB_PASSWORD","value":"hunter2hunter2"}]}]}' > taskdef.json\n"""
)
_TOPIC = "arn:aws:sns:ap-northeast-1:123456789012:deployments"
_LAYOUT = "python layout.py app app page.html\n"
_NEW = f"{_LAYOUT}image-push oci:app --repository app --tag v9.9.9 --tool none\n"


def _waits(name: str, code: int, scenario: str, more: str = "", **options: object) -> Story:
    script = f"{_DEPLOY} {more}".strip()
    return Story(name=f"wait-stable.{name}", exit=code, script=script, scenario=scenario, **options)  # type: ignore[arg-type]


def _tasks(name: str, code: int, scenario: str, more: str = "", **options: object) -> Story:
    given = f"--cluster demo --service web --container app --interval 50ms {more}".strip()
    script = f"task-run $R {given} -- php artisan migrate"
    return Story(name=f"task-run.{name}", exit=code, script=script, scenario=scenario, **options)  # type: ignore[arg-type]


def _gates(name: str, code: int, scenario: str, more: str = "", **options: object) -> Story:
    script = f"scan-gate $R {_IMAGE} --interval 50ms --settle 300ms --grace 2s {more}".strip()
    return Story(
        name=f"scan-gate.{name}",
        exit=code,
        script=script,
        scenario=scenario,
        **{"look": None, **options},  # type: ignore[arg-type]
    )


STORIES: tuple[Story, ...] = (
    Story(name="ecr-login.done", exit=0, script="ecr-login $R --tool none"),
    Story(
        name="ecr-login.hub",
        exit=0,
        script="export DOCKERHUB_USER=bob DOCKERHUB_TOKEN=a-token-of-hub-17\n"
        "ecr-login $R --tool none",
    ),
    Story(
        name="ecr-login.unknown-parameter",
        exit=2,
        script="ecr-login $R --tool none --docker-hub-parameter /no/such",
    ),
    Story(
        name="ecr-login.denied",
        exit=5,
        script="ecr-login $R --tool none",
        deny=("ecr:GetAuthorizationToken",),
    ),
    Story(
        name="ecr-login.no-credentials",
        exit=5,
        script="unset AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY\necr-login $R --tool none",
    ),
    Story(name="ecr-login.no-tool", exit=6, script="PATH=$BIN ecr-login $R --tool podman"),
    Story(name="ecr-login.unreachable", exit=75, script=f"{NOWHERE} ecr-login $R --tool none"),
    Story(
        name="image-push.done",
        exit=0,
        script=f"{_LAYOUT}image-push $R oci:app --repository app --tag v9.0.0 --tool none",
    ),
    Story(
        name="image-push.refused",
        exit=1,
        script=f"{_LAYOUT}image-push $R oci:app --repository app --tag v1.0.0 --tool none",
    ),
    Story(
        name="image-push.broken",
        exit=2,
        script=f"{_LAYOUT}for f in app/blobs/sha256/*; do printf x >> $f; done\n"
        "image-push $R oci:app --repository app --tag v9.0.0 --tool none",
    ),
    Story(
        name="image-push.denied",
        exit=5,
        script=f"{_LAYOUT}image-push $R oci:app --repository app --tag v9.0.0 --tool none",
        deny=("ecr:GetAuthorizationToken",),
    ),
    Story(
        name="image-push.no-tool",
        exit=6,
        script="PATH=$BIN image-push $R app:build --repository app --tag v9.0.0",
    ),
    Story(
        name="image-push.unreachable",
        exit=75,
        script=f"{_LAYOUT}image-push $R oci:app --repository 127.0.0.1:9/app --tag v9 --tool none",
    ),
    _gates("passed", 0, "steady"),
    _gates("refused", 1, "findings", "--report json=gate.json --report junit=gate.xml"),
    _gates("failed", 3, "scan-failed"),
    _gates("never", 3, "never-scanned"),
    _gates("denied", 5, "steady", deny=("ecr:DescribeImageScanFindings",)),
    Story(
        name="scan-gate.timeout",
        exit=124,
        script=f"{_NEW}scan-gate $R app:v9.9.9 --interval 50ms --timeout 500ms",
        scenario="slow-scan",
        speed=1,
        look=None,
    ),
    Story(
        name="scan-gate.no-image",
        exit=2,
        script="scan-gate $R $ECR_REGISTRY/app:v7.7.7",
    ),
    Story(
        name="scan-gate.unreachable",
        exit=75,
        script=f"{NOWHERE} scan-gate $R 123456789012.dkr.ecr.eu-west-1.amazonaws.com/app:v1",
    ),
    Story(
        name="scan-gate.terminated",
        exit=143,
        script=f"{_NEW}python signalled.py TERM scan-gate $R app:v9.9.9 --interval 50ms",
        scenario="slow-scan",
        speed=1,
        look=None,
    ),
    Story(
        name="taskdef-render.done",
        exit=0,
        script="taskdef-render $R --cluster demo --service web --image app=x:2 "
        "--env A_TOKEN=s3cr3t77",
    ),
    Story(
        name="taskdef-render.not-passed",
        exit=1,
        script=f"""{_DEFINITION}echo '{{"verdict":"refused"}}' > gate.json\n"""
        "taskdef-render $R --file taskdef.json --require-passed gate.json",
    ),
    Story(
        name="taskdef-render.mistakes",
        exit=2,
        script=f"{_DEFINITION}taskdef-render $R --file taskdef.json --image other=x:2",
    ),
    Story(
        name="taskdef-render.denied",
        exit=5,
        script="taskdef-render $R --taskdef web --image app=x:2",
        deny=("ecs:DescribeTaskDefinition",),
    ),
    Story(
        name="taskdef-render.unreachable",
        exit=75,
        script=f"{NOWHERE} taskdef-render $R --taskdef web --image app=x:2",
    ),
    Story(
        name="service-update.done",
        exit=0,
        script=f"{_DEFINITION}service-update $R --cluster demo --service web "
        "--taskdef taskdef.json --allow-missing-images",
    ),
    Story(
        name="service-update.no-service",
        exit=2,
        script="service-update $R --cluster demo --service nope --force-new-deployment",
    ),
    Story(
        name="service-update.missing-image",
        exit=2,
        script=f"""{_DEFINITION}sed -i "s|x:1|$ECR_REGISTRY/app:v9.9.9|" taskdef.json\n"""
        "service-update $R --cluster demo --service web --taskdef taskdef.json",
    ),
    Story(
        name="service-update.denied",
        exit=5,
        script="service-update $R --cluster demo --service web --force-new-deployment",
        deny=("ecs:UpdateService",),
    ),
    Story(
        name="service-update.unreachable",
        exit=75,
        script=f"{NOWHERE} service-update $R --cluster demo --service web --desired-count 1",
    ),
    _tasks("done", 0, "steady"),
    _tasks("failed", 3, "task-failed"),
    _tasks("cannot-start", 3, "task-cannot-start"),
    _tasks("denied", 5, "steady", deny=("ecs:RunTask",)),
    _tasks("timeout", 124, "task-endless", "--timeout 300ms", look=None, speed=1),
    Story(
        name="cache-invalidate.done",
        exit=0,
        script="cache-invalidate $R --distribution EDFDVBD6EXAMPLE --deployment ecs-svc/1",
    ),
    Story(
        name="cache-invalidate.unknown",
        exit=2,
        script="cache-invalidate $R --distribution ENONE --deployment ecs-svc/1",
    ),
    Story(
        name="task-run.no-service",
        exit=2,
        script="task-run $R --cluster demo --service nope -- migrate",
    ),
    Story(
        name="task-run.unreachable",
        exit=75,
        script=f"{NOWHERE} task-run $R --cluster demo --service web --container app -- migrate",
    ),
    Story(
        name="cache-invalidate.denied",
        exit=5,
        script="cache-invalidate $R --distribution EDFDVBD6EXAMPLE --deployment ecs-svc/1",
        deny=("cloudfront:CreateInvalidation",),
    ),
    Story(
        name="cache-invalidate.unreachable",
        exit=75,
        script=f"{NOWHERE} cache-invalidate $R --distribution EDFDVBD6EXAMPLE "
        "--deployment ecs-svc/1",
    ),
    Story(name="notify.sent", exit=0, script="notify $R --slack --outcome failed"),
    Story(
        name="notify.undelivered",
        exit=0,
        script="notify $R --slack --outcome failed",
        deny=("slack:PostMessage",),
    ),
    Story(
        name="notify.strict",
        exit=2,
        script="notify $R --slack --outcome failed --strict",
        deny=("slack:PostMessage",),
    ),
    Story(
        name="notify.denied",
        exit=5,
        script=f"notify $R --sns-topic {_TOPIC} --outcome failed --strict",
        deny=("sns:Publish",),
    ),
    Story(
        name="notify.unreachable",
        exit=75,
        script=f"{NOWHERE} notify $R --sns-topic {_TOPIC} --outcome failed --strict",
    ),
    Story(
        name="cache-invalidate.timeout",
        exit=124,
        script="cache-invalidate $R --distribution EDFDVBD6EXAMPLE --deployment ecs-svc/1 --wait "
        "--timeout 300ms --interval 100ms",
        look=None,
        speed=1,
    ),
    _waits("deployed", 0, "steady"),
    _waits("failed", 3, "failed"),
    _waits("rolled-back", 3, "rolled-back"),
    _waits("stopped", 3, "stopped"),
    _waits("gone", 3, "service-gone"),
    _waits("hopeless", 3, "image-missing"),
    _waits("codedeploy", 3, "codedeploy-rolled-back"),
    _waits("older-role", 3, "older-role"),
    _waits("superseded", 4, "superseded"),
    Story(
        name="wait-stable.denied",
        exit=5,
        script="wait-stable $R --cluster demo --service web",
        deny=("ecs:DescribeServices",),
    ),
    _waits("throttled", 0, "throttled"),
    _waits("timeout", 124, "slow-start", "--timeout 1s", look=None, speed=1),
    _waits("rollback-asked", 124, "slow-start", "--timeout 1s --on-timeout rollback", look=None,
           speed=1),
    Story(
        name="wait-stable.no-service",
        exit=2,
        script="wait-stable $R --cluster demo --service nope",
    ),
    Story(
        name="wait-stable.unreachable",
        exit=75,
        script=f"{NOWHERE} wait-stable $R --cluster demo --service web --interval 50ms",
    ),
    *(
        Story(
            name=f"wait-stable.{name}",
            exit=code,
            # A shell without job control lets its background jobs ignore Ctrl-C.
            script=f"{_FORCED}\npython signalled.py {signal} {_WAIT} --on-cancel rollback",
            scenario="slow-start",
            speed=1,
            look=None,
        )
        for name, signal, code in (("interrupted", "INT", 130), ("terminated", "TERM", 143))
    ),
)  # fmt: skip

CODES: dict[str, frozenset[int]] = {
    "ecr-login": frozenset({0, 2, 5, 6, 75}),
    "image-push": frozenset({0, 1, 2, 5, 6, 75}),
    "scan-gate": frozenset({0, 1, 2, 3, 5, 75, 124}),
    "taskdef-render": frozenset({0, 1, 2, 5, 75}),
    "task-run": frozenset({0, 2, 3, 5, 75, 124}),
    # And 4, which is the record of "done" with another answer: the sandbox has nobody who deploys
    # between an update and its answer.
    "service-update": frozenset({0, 2, 5, 75}),
    "wait-stable": frozenset({0, 2, 3, 4, 5, 75, 124}),
    "cache-invalidate": frozenset({0, 2, 5, 75, 124}),
    "notify": frozenset({0, 2, 5, 75}),
}
"""The exit codes that a step can have, by its name; each of them has a story.

Besides, every step can end with 70, 130 and 143: test_interrupted_records.py records and replays
these for each of them.
"""

_SIGNALLED = """\
import signal, subprocess, sys
word, *argv = sys.argv[1:]
with subprocess.Popen(argv, stderr=subprocess.PIPE, text=True) as child:
    for line in child.stderr:
        sys.stderr.write(line)
        if word and ("tasks running" in line or "waiting for the scan" in line):
            child.send_signal(getattr(signal, f"SIG{word}"))
            word = ""
sys.exit(child.returncode)
"""


def told(story: Story, folder: Path) -> Ended:
    """Tell a story in a folder; the record is then in ``record.json.gz``."""
    shutil.copy(ROOT / "examples" / "app" / "layout.py", folder / "layout.py")
    (folder / "page.html").write_text("<p>it runs")
    (folder / "signalled.py").write_text(_SIGNALLED)
    only = folder / "bin"
    only.mkdir()
    for name in ("ecr-login", "image-push"):
        (only / name).symlink_to(BIN / name)
    pace = ("--look", str(story.look)) if story.look else ("--speed", str(story.speed))
    denied = [word for action in story.deny for word in ("--deny", action)]
    script = f"R='--record record.json.gz'; BIN={only}\n{{ {story.script}\n}} 2>said"
    return run(
        *("ecsstep", "sandbox", "--scenario", story.scenario, *pace, *denied),
        *("--", "sh", "-uc", script),
        env=environ(PATH=f"{Path(os.__file__).parent}{os.pathsep}{environ()['PATH']}"),
        cwd=folder,
    )

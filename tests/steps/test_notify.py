import json
from collections.abc import Mapping
from pathlib import Path

import pytest

from ecsstep.core.arguments import parse
from ecsstep.core.output import Result
from ecsstep.errors import Exit, StepError
from ecsstep.rules.notices.notice import Notice
from ecsstep.steps.notify import main
from ecsstep.steps.notify.options import NotifyOptions
from ecsstep.steps.notify.story import Deliver, notify
from fakes import Said, a_world, invoke

WEBHOOK = {"ECSSTEP_SLACK_WEBHOOK": "https://hooks.slack.com/services/T0/B0/hunter22"}
TOPIC = "arn:aws:sns:us-east-1:123456789012:deployments"
BUSY = StepError("still busy", exit=Exit.TEMPORARY, hint="later")
GONE = StepError("no_service", exit=Exit.USAGE, hint="make a new one")
REPORT = {"outcome": "rolled-back", "service": "web", "deployment": "ecs-svc/1"}


class Heard:
    """Somebody who is told; raises what it is made with."""

    def __init__(self, error: StepError | None = None) -> None:
        self.error = error
        self.notices: list[Notice] = []

    def __call__(self, notice: Notice) -> None:
        if self.error is not None:
            raise self.error
        self.notices.append(notice)


def ran(
    *words: str, places: Mapping[str, Deliver] | None = None, environ: Mapping[str, str] = WEBHOOK
) -> tuple[Result, Said]:
    given = ("--slack", *words)
    options = parse(NotifyOptions, given, {**WEBHOOK, **environ}, prog="notify")
    assert isinstance(options, NotifyOptions)
    said = a_world(environ)
    return notify(options, said.world, {"slack": Heard()} if places is None else places), said


def told(*words: str, environ: Mapping[str, str] = WEBHOOK) -> tuple[Notice, str]:
    """Return what was said, and to stderr."""
    heard = Heard()
    _, said = ran(*words, places={"slack": heard}, environ=environ)
    return heard.notices[0], said.err.getvalue()


def a_report(folder: Path, text: object = REPORT) -> str:
    path = folder / "wait.json"
    path.write_text(json.dumps(text))
    return str(path)


def test_everybody_is_told_the_same_and_stdout_says_whom(tmp_path: Path) -> None:
    slack, sns = Heard(), Heard()

    result, _ = ran("--from", a_report(tmp_path), places={"slack": slack, "sns": sns})

    assert (result.exit, result.lines) == (Exit.OK, ("slack", "sns"))
    assert slack.notices == sns.notices
    assert result.data["outcome"] == "rolled-back"
    assert result.data["text"].startswith("web: rolled-back")
    assert (result.data["delivered"], result.data["failed"]) == (["slack", "sns"], [])


def test_a_message_that_isnt_delivered_fails_nothing() -> None:
    slack, sns = Heard(GONE), Heard()

    result, said = ran(places={"slack": slack, "sns": sns})

    assert (result.exit, result.lines) == (Exit.OK, ("sns",))
    assert result.data["failed"] == [{"to": "slack", "reason": "no_service"}]
    assert "the message didn't get to slack" in said.err.getvalue()
    assert "make a new one" in said.err.getvalue()


def test_strictly_it_is_the_steps_own_failure_after_all_were_told() -> None:
    sns = Heard()

    result, _ = ran("--strict", places={"slack": Heard(BUSY), "sns": sns})

    assert (result.exit, result.message, result.hint) == (Exit.TEMPORARY, "still busy", "later")
    assert (result.lines, len(sns.notices)) == (("sns",), 1)
    assert ran("--strict")[0].exit is Exit.OK


@pytest.mark.parametrize(
    ("text", "warning"),
    [
        (None, "there is no report to tell from"),
        ("{", "there is no report to tell from"),
        ("[]", "the report is no JSON object"),
    ],
)
def test_without_a_usable_report_the_platform_is_asked(
    tmp_path: Path, text: str | None, warning: str
) -> None:
    path = tmp_path / "wait.json"
    if text is not None:
        path.write_text(text)

    notice, err = told("--from", str(path), environ={"CI_JOB_STATUS": "failed"})

    assert (notice.word, warning in err) == ("failed", True)


def test_an_old_report_is_not_told(tmp_path: Path) -> None:
    environ = {"ECSSTEP_DEPLOYMENT": "ecs-svc/2", "CI_JOB_STATUS": "success"}

    notice, err = told("--from", a_report(tmp_path), environ=environ)

    assert notice.word == "succeeded"
    assert "the report is about another deployment" in err


def test_the_dotenv_file_of_this_job_beats_what_came_from_another(tmp_path: Path) -> None:
    dotenv = tmp_path / "deploy.env"
    dotenv.write_text("ECSSTEP_DEPLOYMENT=ecs-svc/new\nECSSTEP_IMAGE=new:1\n")
    environ = {
        "ECSSTEP_DEPLOYMENT": "ecs-svc/of-staging",
        "ECSSTEP_TASKDEF_ARN": "arn/of-staging:1",
        "ECSSTEP_IMAGE": "old:1",
        "ECS_SERVICE": "web",
    }

    notice, _ = told("--dotenv", str(dotenv), environ=environ)

    assert dict(notice.facts) == {"image": "new:1", "deployment": "ecs-svc/new"}
    assert notice.subject == "web"


def test_a_missing_dotenv_file_leaves_nothing_of_another_deployment(tmp_path: Path) -> None:
    environ = {"ECSSTEP_DEPLOYMENT": "ecs-svc/of-staging", "ECSSTEP_IMAGE": "app:1"}

    notice, err = told("--dotenv", str(tmp_path / "no.env"), environ=environ)

    assert dict(notice.facts) == {"image": "app:1"}
    assert "there is no dotenv file of the steps before" in err


@pytest.mark.parametrize("content", [b"ECSSTEP_IMAGE\n", b"\xff\xfex=1"], ids=["form", "bytes"])
def test_a_dotenv_file_that_cant_be_used_fails_nothing(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "deploy.env").write_bytes(content)
    words = ("--slack", "--dry-run", "--outcome", "failed", "--dotenv", f"{tmp_path}/deploy.env")

    ended = invoke(main, *words, environ=WEBHOOK)

    assert ended.code == Exit.OK
    assert '"Slack"' in ended.out
    assert "the dotenv file can't be used" in ended.err


def test_without_a_dotenv_file_the_variables_are_what_is_known() -> None:
    notice, _ = told(environ={"ECSSTEP_DEPLOYMENT": "ecs-svc/1", "CI_COMMIT_TAG": "v1"})

    assert dict(notice.facts) == {"deployment": "ecs-svc/1", "tag": "v1"}


def test_a_word_by_flag_beats_the_report(tmp_path: Path) -> None:
    notice, _ = told("--from", a_report(tmp_path), "--outcome", "skipped")

    assert notice.word == "skipped"


def test_a_dry_run_tells_nobody_and_shows_no_address() -> None:
    heard = Heard()

    result, _ = ran("--sns-topic", TOPIC, "--dry-run", places={"slack": heard})

    requests = json.loads("\n".join(result.lines))
    assert (list(requests), heard.notices) == (["Slack", "Publish"], [])
    assert requests["Publish"]["TopicArn"] == TOPIC
    assert "hunter22" not in "".join(result.lines)
    assert list(ran("--dry-run")[0].data["requests"]) == ["Slack"]
    only_sns = invoke(main, "--sns-topic", TOPIC, "--dry-run")
    assert list(json.loads(only_sns.out)) == ["Publish"]


@pytest.mark.parametrize(
    ("words", "environ", "said"),
    [
        ((), {}, "nobody is to be told: give --slack or --sns-topic ARN"),
        (("--slack",), {}, "the webhook in ECSSTEP_SLACK_WEBHOOK, which is not set"),
        (("--slack",), {"SLACK_WEBHOOK_URL": "hunter22"}, "the value is no address"),
        (("--slack",), {"SLACK_WEBHOOK_URL": "http://x.example/hunter22"}, "is not https"),
        (("--sns-topic", "deployments"), {}, "no topic's ARN"),
        (("--sns-topic", TOPIC, "--outcome", "All Good"), {}, "is not one word"),
    ],
)
def test_mistakes_are_told_before_any_call_and_never_the_address(
    words: tuple[str, ...], environ: dict[str, str], said: str
) -> None:
    ended = invoke(main, *words, environ=environ)

    assert (ended.code, said in ended.err) == (Exit.USAGE, True), ended.err
    assert "hunter22" not in ended.err

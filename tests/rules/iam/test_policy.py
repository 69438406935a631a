"""The policy document."""

from ecsstep.rules.iam.actions import Action
from ecsstep.rules.iam.places import Place
from ecsstep.rules.iam.policy import policy, size, wide
from ecsstep.rules.iam.target import Target

HERE = Target(region="eu-west-1", account="123456789012", cluster="demo", services=("web",))
DESCRIBE = Action(name="ecs:DescribeServices", on=(Place.SERVICE,), why="look")
UPDATE = Action(name="ecs:UpdateService", on=(Place.SERVICE,), why="deploy")
LIST = Action(name="ecs:ListTasks", on=(Place.LISTED_TASKS,), why="look")
TOKEN = Action(name="ecr:GetAuthorizationToken", why="log in")
RECORD = Action(
    name="ecs:DescribeServiceDeployments", on=(Place.SERVICE, Place.SERVICE_DEPLOYMENT), why="look"
)


def test_each_kind_of_resource_has_one_statement_and_all_is_sorted() -> None:
    assert policy([UPDATE, TOKEN, DESCRIBE, LIST, DESCRIBE], HERE) == {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Sid": "ActionsWithoutResource",
                "Effect": "Allow",
                "Action": ["ecr:GetAuthorizationToken"],
                "Resource": ["*"],
            },
            {
                "Sid": "Services",
                "Effect": "Allow",
                "Action": ["ecs:DescribeServices", "ecs:UpdateService"],
                "Resource": ["arn:aws:ecs:eu-west-1:123456789012:service/demo/web"],
            },
            {
                "Sid": "TasksOfTheCluster",
                "Effect": "Allow",
                "Action": ["ecs:ListTasks"],
                "Resource": ["*"],
                "Condition": {
                    "ArnLike": {"ecs:cluster": "arn:aws:ecs:eu-west-1:123456789012:cluster/demo"}
                },
            },
        ],
    }


def test_the_order_of_the_actions_does_not_matter() -> None:
    assert policy([UPDATE, LIST, RECORD], HERE) == policy([RECORD, UPDATE, LIST], HERE)


def test_an_action_on_two_kinds_of_resources_stands_in_both_statements() -> None:
    found = policy([RECORD], HERE)["Statement"]

    assert [(each["Sid"], each["Action"]) for each in found] == [
        ("Services", [RECORD.name]),
        ("ServiceDeployments", [RECORD.name]),
    ]


def test_sids_are_what_iam_takes_and_each_stands_once() -> None:
    names = [place.value for place in Place]

    assert all(name.isalnum() and name.isascii() for name in names)
    assert len(set(names)) == len(names)


def test_nothing_to_allow_is_no_statement() -> None:
    assert policy([], HERE)["Statement"] == []


def test_what_is_wide_is_told_by_the_option_that_narrows_it() -> None:
    assert wide([DESCRIBE, LIST, TOKEN], HERE.replaced(cluster=None)) == {
        "--cluster": ("Services", "TasksOfTheCluster")
    }


def test_white_space_does_not_count() -> None:
    assert size({"a": [1, 2]}) == len('{"a":[1,2]}')

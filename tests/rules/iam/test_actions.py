"""When an action is needed."""

import pytest

from ecsstep.rules.iam.actions import Action, Need

STOP = Action(
    name="codedeploy:StopDeployment",
    why="stop",
    only_with=("--on-timeout=rollback", "--on-cancel=rollback"),
    and_with=("--codedeploy-group",),
)


@pytest.mark.parametrize(
    ("used", "is_needed"),
    [
        pytest.param((), False, id="neither"),
        pytest.param(("--on-cancel=rollback",), False, id="one of the two groups"),
        pytest.param(("--codedeploy-group",), False, id="the other group"),
        pytest.param(("--on-cancel=rollback", "--codedeploy-group"), True, id="one of each"),
        pytest.param(("--on-cancel=keep", "--codedeploy-group"), False, id="another value"),
    ],
)
def test_one_option_of_each_group_has_to_be_in_use(used: tuple[str, ...], is_needed: bool) -> None:
    assert STOP.is_needed(frozenset(used)) is is_needed


def test_an_option_can_make_an_action_needless() -> None:
    action = Action(name="logs:GetLogEvents", why="read", not_with=("--logs=0",))

    assert action.is_needed(frozenset({"--logs=20"}))
    assert not action.is_needed(frozenset({"--logs=0"}))


@pytest.mark.parametrize(
    ("need", "is_needed"),
    [(Need.REQUIRED, True), (Need.IMPLIED, True), (Need.OPTIONAL, False)],
)
def test_what_a_step_does_without_can_be_left_out(need: Need, is_needed: bool) -> None:
    action = Action(name="ecs:ListTasks", why="look", need=need)

    assert action.is_needed(frozenset())
    assert action.is_needed(frozenset(), with_optional=False) is is_needed

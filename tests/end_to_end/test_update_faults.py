"""Each call of an update, and of CodeDeploy, goes wrong in turn: 75, and right at the next try."""

import json
from pathlib import Path
from typing import Any

import pytest

from ecsstep.aws.codedeploy import CodeDeploy
from ecsstep.aws.ecs import Ecs
from ecsstep.aws.models import input_shape, task_definition_model
from ecsstep.errors import Exit, StepError
from ecsstep.sandbox.server import Sandbox
from ecsstep.steps.service_update.job import Api, Clients
from ecsstep.steps.service_update.options import UpdateOptions
from ecsstep.steps.service_update.story import service_update
from ecsstep.steps.wait_stable.options import Subject
from fakes import a_world
from faulty import KINDS, Fault, client, proxied
from waits import waited

_MOST_CALLS = 8
CODEDEPLOY = {"codedeploy-rolled-back": Exit.FAILED, "codedeploy": Exit.OK}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("story", CODEDEPLOY)
def test_one_call_that_goes_wrong_changes_no_outcome_of_codedeploy_and_the_next_try_tells_it(
    story: str, kind: str, tmp_path: Path
) -> None:
    with Sandbox(story, look=60, environ={}) as sandbox:
        for at in range(_MOST_CALLS):
            definition = _definition(sandbox, "blue", f"{kind} {at}", tmp_path)
            code, deployment = updated(sandbox.url, definition, service="blue")
            assert code is Exit.OK
            fault = Fault(target=sandbox.registry, kind=kind, at=at)

            found = waited(fault, Subject("blue", deployment))

            again = waited(Fault(target=sandbox.registry), Subject("blue", deployment))
            assert (found in {CODEDEPLOY[story], Exit.TEMPORARY}, again) == (
                True,
                CODEDEPLOY[story],
            )
            if at >= len(fault.calls):
                break


def _definition(sandbox: Sandbox, family: str, build: str, folder: Path) -> Path:
    """Write a definition that differs from the first one of its family by a variable."""
    ecs = client("ecs", sandbox.url)
    described = ecs.describe_task_definition(taskDefinition=f"{family}:1")["taskDefinition"]
    environment = [{"name": "BUILD", "value": build}]
    changed = {**described["containerDefinitions"][0], "environment": environment}
    answer = {"taskDefinition": {**described, "containerDefinitions": [changed]}}
    file = folder / f"{family}.json"
    file.write_text(json.dumps(answer, default=str))
    return file


def updated(url: str, definition: Path, kind: str = "", service: str = "web") -> tuple[Exit, str]:
    """Update the service by way of ``url`` and return how it ended and the deployment's id."""
    options = UpdateOptions(cluster="demo", service=service, taskdef=str(definition))
    clients = Clients(
        ecs=Ecs(client("ecs", url, kind)),
        codedeploy=lambda: CodeDeploy(client("codedeploy", url, kind)),
        has_image=lambda _: True,
        is_emulated=True,
    )
    api = Api(
        task_definition=task_definition_model(),
        update_service=input_shape("ecs", "UpdateService"),
    )
    try:
        result = service_update(options, a_world().world, clients, api)
    except StepError as error:
        return error.exit, ""
    return result.exit, str(result.data["deployment"])


@pytest.mark.parametrize("kind", KINDS)
def test_an_update_in_which_a_call_goes_wrong_ends_in_75_and_can_be_run_again(
    kind: str, tmp_path: Path
) -> None:
    # A look is short: no deployment ends between two calls.
    with Sandbox("steady", look=1, environ={}) as sandbox:
        code = _after_each_fault(sandbox, kind, tmp_path)

    assert code is Exit.OK


def _after_each_fault(sandbox: Sandbox, kind: str, folder: Path) -> Exit:
    """Update with each call gone wrong, and again without, and return how it ends without any."""
    ecs = client("ecs", sandbox.url)

    for at in range(_MOST_CALLS):
        definition = _definition(sandbox, "web", f"{kind} {at}", folder)
        fault = Fault(target=sandbox.registry, kind=kind, at=at)
        with proxied(fault) as url:
            code, deployment = updated(url, definition, kind)
        if at >= len(fault.calls):
            return code
        assert (code, deployment) == (Exit.TEMPORARY, ""), f"call {at}: {fault.calls}"
        again, deployment = updated(sandbox.url, definition)
        # However it went wrong, one revision is enough.
        assert _revisions(ecs, "web") == at + 2, f"call {at}: {fault.calls}"
        [primary] = [
            each
            for each in ecs.describe_services(cluster="demo", services=["web"])["services"][0][
                "deployments"
            ]
            if each["status"] == "PRIMARY"
        ]
        assert (again, deployment) == (Exit.OK, primary["id"])
    raise AssertionError("the update never came to an end of its calls")


def _revisions(ecs: Any, family: str) -> int:
    return len(ecs.list_task_definitions(familyPrefix=family)["taskDefinitionArns"])


@pytest.mark.parametrize("kind", KINDS)
def test_under_codedeploy_too_one_revision_and_one_deployment_come_of_two_tries(
    kind: str, tmp_path: Path
) -> None:
    for at in range(_MOST_CALLS):
        # A look is so short that the first try's task set isn't there at the second one.
        with Sandbox("codedeploy", look=0.01, environ={}) as sandbox:
            definition = _definition(sandbox, "blue", kind, tmp_path)
            fault = Fault(target=sandbox.registry, kind=kind, at=at)
            with proxied(fault) as url:
                code, _ = updated(url, definition, kind, service="blue")

            again, deployment = updated(sandbox.url, definition, service="blue")

            made = client("codedeploy", sandbox.url).list_deployments()["deployments"]
            assert (again, made) == (Exit.OK, [deployment]), f"call {at}: {fault.calls}"
            assert _revisions(client("ecs", sandbox.url), "blue") == 2
        if at >= len(fault.calls):
            assert code is Exit.OK
            return
        assert code is Exit.TEMPORARY
    raise AssertionError("the update never came to an end of its calls")

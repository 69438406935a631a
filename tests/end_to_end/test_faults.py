"""Each call of an update and a wait goes wrong in turn: the right outcome or 75, no wrong 0."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from ecsstep.aws.codedeploy import CodeDeploy
from ecsstep.aws.ecs import Ecs
from ecsstep.aws.logs import Logs
from ecsstep.aws.models import input_shape, task_definition_model
from ecsstep.core.clock import SystemClock
from ecsstep.errors import Exit, StepError
from ecsstep.sandbox.server import Sandbox
from ecsstep.steps.service_update import Api, Clients, UpdateOptions, service_update
from ecsstep.steps.wait_stable import Sources, Subject, WaitOptions, wait_stable
from fakes import a_world
from faulty import KINDS, Fault, client, proxied

_LOOK = 10
_MOST_CALLS = 8
_LONG, _SHORT = 60, 0.7
OUTCOMES = {"rolled-back": Exit.FAILED, "steady": Exit.OK}


@pytest.fixture(scope="module", params=OUTCOMES)
def sandbox(request: pytest.FixtureRequest) -> Iterator[Sandbox]:
    with Sandbox(request.param, look=_LOOK, environ={}) as running:
        yield running


def _expected(sandbox: Sandbox) -> Exit:
    from ecsstep.sandbox.scenarios import SCENARIOS

    [name] = [name for name, story in SCENARIOS.items() if story is sandbox.story]
    return OUTCOMES[name]


def waited(sandbox: Sandbox, fault: Fault) -> Exit:
    """Deploy without faults, wait with them, and return the exit code."""
    ecs = client("ecs", sandbox.url)
    after = ecs.update_service(cluster="demo", service="web", forceNewDeployment=True)["service"]
    [ours] = [each["id"] for each in after["deployments"] if each["status"] == "PRIMARY"]
    said = a_world()
    object.__setattr__(said.world, "clock", SystemClock())
    options = WaitOptions(
        cluster="demo",
        service=(Subject("web", ours),),
        interval=0.03,
        timeout=_SHORT if fault.for_ever else _LONG,
    )
    with proxied(fault) as url:
        sources = Sources(
            ecs=Ecs(client("ecs", url, fault.kind)),
            code=CodeDeploy(client("codedeploy", url, fault.kind)),
            read_log=lambda _region, group, stream, lines: Logs(
                client("logs", url, fault.kind)
            ).last_lines(group, stream, lines),
            sick_targets=lambda _: (),
        )
        try:
            return wait_stable(options, said.world, sources).exit
        except StepError as error:
            return error.exit


@pytest.mark.parametrize("kind", KINDS)
def test_one_call_that_goes_wrong_changes_no_outcome(sandbox: Sandbox, kind: str) -> None:
    expected = _expected(sandbox)
    found = {}
    for at in range(_MOST_CALLS):
        fault = Fault(target=sandbox.registry, kind=kind, at=at)
        found[at] = waited(sandbox, fault)
        if at >= len(fault.calls):
            break

    assert set(found.values()) <= {expected, Exit.TEMPORARY, Exit.TIMEOUT}
    assert Exit.OK not in found.values() or expected is Exit.OK
    assert list(found.values()).count(expected) >= len(found) // 2


@pytest.mark.parametrize("kind", KINDS)
def test_calls_that_go_wrong_from_some_point_on_never_end_well(sandbox: Sandbox, kind: str) -> None:
    expected = _expected(sandbox)
    for at in (0, 3):
        fault = Fault(target=sandbox.registry, kind=kind, at=at, for_ever=True)

        assert waited(sandbox, fault) in {expected, Exit.TEMPORARY, Exit.TIMEOUT}


def updated(url: str, definition: Path, kind: str = "") -> tuple[Exit, str]:
    """Update the service by way of ``url`` and return how it ended and the deployment's id."""
    options = UpdateOptions(cluster="demo", service="web", taskdef=str(definition))
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
    sandbox: Sandbox, kind: str, tmp_path: Path
) -> None:
    ecs = client("ecs", sandbox.url)
    described = ecs.describe_task_definition(taskDefinition="web:1")["taskDefinition"]
    container = described["containerDefinitions"][0]
    definition = tmp_path / "web.json"

    for at in range(_MOST_CALLS):
        environment = [{"name": "BUILD", "value": f"{kind} {at}"}]
        changed = {**container, "environment": environment}
        answer = {"taskDefinition": {**described, "containerDefinitions": [changed]}}
        definition.write_text(json.dumps(answer, default=str))
        fault = Fault(target=sandbox.registry, kind=kind, at=at)
        with proxied(fault) as url:
            code, deployment = updated(url, definition, kind)
        if at >= len(fault.calls):
            break
        assert (code, deployment) == (Exit.TEMPORARY, ""), f"call {at}: {fault.calls}"
        again, deployment = updated(sandbox.url, definition)
        [primary] = [
            each
            for each in ecs.describe_services(cluster="demo", services=["web"])["services"][0][
                "deployments"
            ]
            if each["status"] == "PRIMARY"
        ]
        assert (again, deployment) == (Exit.OK, primary["id"])
    else:
        raise AssertionError("the update never came to an end of its calls")

    assert code is Exit.OK

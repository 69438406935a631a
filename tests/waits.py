"""Waits for deployments in a sandbox, by the way of a fault."""

from ecsstep.aws.codedeploy import CodeDeploy
from ecsstep.aws.ecs import Ecs
from ecsstep.aws.logs import Logs
from ecsstep.core.clock import SystemClock
from ecsstep.errors import Exit, StepError
from ecsstep.sandbox.server import Sandbox
from ecsstep.steps.wait_stable.options import Subject, WaitOptions
from ecsstep.steps.wait_stable.sources import Sources
from ecsstep.steps.wait_stable.story import wait_stable
from fakes import a_world
from faulty import Fault, client, proxied

_LONG, _SHORT = 60, 0.7


def forced(sandbox: Sandbox, service: str) -> Subject:
    """Deploy once more what a service runs, and return what there is to wait for."""
    ecs = client("ecs", sandbox.url)
    after = ecs.update_service(cluster="demo", service=service, forceNewDeployment=True)["service"]
    [ours] = [each["id"] for each in after["deployments"] if each["status"] == "PRIMARY"]
    return Subject(service, ours)


def waited(fault: Fault, *subjects: Subject) -> Exit:
    """Wait with faults and return the exit code."""
    said = a_world()
    object.__setattr__(said.world, "clock", SystemClock())
    options = WaitOptions(
        cluster="demo",
        service=subjects,
        interval=0.03,
        timeout=_SHORT if fault.for_ever else _LONG,
    )
    with proxied(fault) as url:
        sources = Sources(
            ecs=Ecs(client("ecs", url, fault.kind)),
            code=lambda: CodeDeploy(client("codedeploy", url, fault.kind)),
            read_log=lambda _region, group, stream, lines: Logs(
                client("logs", url, fault.kind)
            ).last_lines(group, stream, lines),
            sick_targets=lambda _: (),
        )
        try:
            return wait_stable(options, said.world, sources).exit
        except StepError as error:
            return error.exit

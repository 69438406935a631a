"""Waits for deployments in a sandbox, by the way of a fault."""

import json

from ecsstep.aws.codedeploy import CodeDeploy
from ecsstep.aws.ecs import Ecs
from ecsstep.aws.logs import Logs
from ecsstep.errors import Exit, StepError
from ecsstep.rules.codedeploy import default_names
from ecsstep.sandbox.server import Sandbox
from ecsstep.steps.wait_stable.options import Subject, WaitOptions
from ecsstep.steps.wait_stable.sources import Deployers, Sources
from ecsstep.steps.wait_stable.story import wait_stable
from fakes import a_world
from faulty import Fault, client, proxied

_LONG, _SHORT = 900, 60


def forced(sandbox: Sandbox, service: str) -> Subject:
    """Deploy once more what a service runs, and return what there is to wait for."""
    ecs = client("ecs", sandbox.url)
    after = ecs.update_service(cluster="demo", service=service, forceNewDeployment=True)["service"]
    [ours] = [each["id"] for each in after["deployments"] if each["status"] == "PRIMARY"]
    return Subject(service, ours)


def shifted(sandbox: Sandbox, service: str) -> Subject:
    """Let CodeDeploy deploy once more what a service runs, and return what there is to wait for."""
    ecs, code = client("ecs", sandbox.url), client("codedeploy", sandbox.url)
    [found] = ecs.describe_services(cluster="demo", services=[service])["services"]
    content = {
        "version": "0.0",
        "Resources": [
            {
                "TargetService": {
                    "Type": "AWS::ECS::Service",
                    "Properties": {
                        "TaskDefinition": found["taskSets"][0]["taskDefinition"],
                        "LoadBalancerInfo": {"ContainerName": "app", "ContainerPort": 8080},
                    },
                }
            }
        ],
    }
    application, group = default_names("demo", service)
    begun = code.create_deployment(
        applicationName=application,
        deploymentGroupName=group,
        revision={
            "revisionType": "AppSpecContent",
            "appSpecContent": {"content": json.dumps(content)},
        },
    )
    return Subject(service, begun["deploymentId"])


def waited(fault: Fault, *subjects: Subject) -> Exit:
    """Wait with faults and return the exit code."""
    said = a_world()
    options = WaitOptions(
        cluster="demo",
        service=subjects,
        interval=5,
        timeout=_SHORT if fault.for_ever else _LONG,
    )
    with proxied(fault) as url:
        deployers = Deployers(
            ecs=Ecs(client("ecs", url, fault.kind)),
            code=lambda: CodeDeploy(client("codedeploy", url, fault.kind)),
        )
        sources = Sources(
            deployers=deployers,
            hurried=lambda: deployers,
            read_log=lambda _region, group, stream, lines: Logs(
                client("logs", url, fault.kind)
            ).last_lines(group, stream, lines),
            sick_targets=lambda _: (),
            parts_of=lambda _: None,
        )
        try:
            return wait_stable(options, said.world, sources).exit
        except StepError as error:
            return error.exit

"""The deploy half of article 000: the shell with aws and jq, and the two steps in its place."""

import tempfile
from pathlib import Path

from measuring import Figure, in_turns, pushed, ratio, rows, sandbox

GOAL = 0.35
SHELL = """set -eu
cd "$WORK"
aws ecs describe-task-definition --task-definition $TASK_DEFINITION --output json > temp.json
jq '.taskDefinition | del(.taskDefinitionArn, .revision, .status, .requiresAttributes,
    .compatibilities, .registeredAt, .registeredBy)' temp.json > task-def.json
jq --arg NEW_IMAGE "$OLD_WAY_IMAGE" '.containerDefinitions[0].image = $NEW_IMAGE' \\
    task-def.json > new-task-def.json
aws ecs register-task-definition --cli-input-json file://new-task-def.json
aws ecs update-service --cluster $ECS_CLUSTER --service $ECS_SERVICE \\
    --task-definition $TASK_DEFINITION
"""
STEPS = """set -eu
cd "$WORK"
taskdef-render --image "$NEW_WAY_IMAGE" --output new.json
service-update --taskdef new.json
"""


def figure(rounds: int) -> Figure:
    """Deploy in turns, each time another image than the one that runs."""
    with tempfile.TemporaryDirectory() as work, sandbox("--speed", "50") as environ:
        old, new = pushed(environ, ("v8.0.0", "v9.0.0"), Path(work) / "image")
        environ |= {
            "WORK": work, "OLD_WAY_IMAGE": old, "NEW_WAY_IMAGE": new, "ECS_CLUSTER": "demo",
            "ECS_SERVICE": "web", "TASK_DEFINITION": "web",
        }  # fmt: skip
        commands = {"aws and jq": ("sh", "-c", SHELL), "the steps": ("sh", "-c", STEPS)}
        costs = in_turns(commands, rounds, environ=environ)
    time = ratio(costs, "the steps", "aws and jq", "seconds")
    processor = ratio(costs, "the steps", "aws and jq", "processor")
    return Figure(
        title="The deploy half: `taskdef-render` and `service-update`",
        lines=[*rows(costs), "", f"{time:.2f} of the time, {processor:.2f} of the processor."],
        values={
            "deploy: time, of the shell's": time,
            "deploy: processor, of the shell's": processor,
            "deploy: memory, of the shell's": ratio(costs, "the steps", "aws and jq", "memory"),
        },
        goals={"deploy: time, of the shell's": GOAL},
    )

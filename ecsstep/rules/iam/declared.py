"""The IAM actions of every step; each is declared once, here.

The policies of ``ecsstep iam-policy`` and the table in docs/iam.md come from this, and a test
compares it with the calls that the steps make in the sandbox.
"""

from collections.abc import Mapping

from ecsstep.rules.iam.actions import Action
from ecsstep.rules.iam.of_deployments import SERVICE_UPDATE, TASK_RUN, TASKDEF_RENDER
from ecsstep.rules.iam.of_images import BUILD_CACHE, ECR_LOGIN, IMAGE_PUSH, SCAN_GATE
from ecsstep.rules.iam.of_messages import CACHE_INVALIDATE, NOTIFY
from ecsstep.rules.iam.of_waits import WAIT_STABLE

ACTIONS: Mapping[str, tuple[Action, ...]] = {
    "ecr-login": ECR_LOGIN,
    "image-push": (*IMAGE_PUSH, *BUILD_CACHE),
    "scan-gate": SCAN_GATE,
    "taskdef-render": TASKDEF_RENDER,
    "task-run": TASK_RUN,
    "service-update": SERVICE_UPDATE,
    "wait-stable": WAIT_STABLE,
    "cache-invalidate": CACHE_INVALIDATE,
    "notify": NOTIFY,
}
"""The actions by the step's name, in the order of a deployment."""

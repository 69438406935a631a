"""Register the task definition if it is new and point the service at exactly that revision.

A definition that is equal to what the service runs is not registered again, and UpdateService gets
only what was asked. Before anything is registered, every image in ECR that the definition names is
looked up. A service whose deployments CodeDeploy makes gets a deployment of CodeDeploy. What comes
back is the id of the deployment, which wait-stable follows.

The way back is the same step with the revision before: service-update --taskdef
"$ECSSTEP_PREVIOUS_TASKDEF_ARN"
"""

from ecsstep.core.late import story
from ecsstep.core.step import Step
from ecsstep.steps.service_update.options import UpdateOptions

main = Step(name="service-update", about=__doc__ or "", options=UpdateOptions, run=story(__name__))

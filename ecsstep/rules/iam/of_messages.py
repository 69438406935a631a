"""The IAM actions of the steps that come after a deployment."""

from ecsstep.rules.iam.actions import Action
from ecsstep.rules.iam.places import Place

CACHE_INVALIDATE = (
    Action(
        name="cloudfront:CreateInvalidation",
        on=(Place.DISTRIBUTION,),
        why="ask the edges to forget the paths",
    ),
    Action(
        name="cloudfront:GetInvalidation",
        on=(Place.DISTRIBUTION,),
        why="see whether they have",
        only_with=("--wait",),
    ),
)

NOTIFY = (
    Action(
        name="sns:Publish",
        on=(Place.TOPIC,),
        why="publish the message; Slack needs nothing of AWS",
        only_with=("--sns-topic",),
    ),
)

"""Options that several steps have; each step says in its own words what they mean there."""

from ecsstep.core.options import Option
from ecsstep.core.values import count, positive_duration

ACCOUNT = Option(
    help="account whose registry is meant, where no host is given", variable="AWS_ACCOUNT_ID"
)
CONTAINER = Option(flag="--container", help="", metavar="NAME", aliases=("CONTAINER_NAME",))
DOCKER_CONFIG = Option(
    flag="--docker-config",
    help="folder of the auth file, instead of the user's own",
    metavar="DIR",
    aliases=("DOCKER_CONFIG",),
)
INTERVAL = Option(
    flag="--interval",
    help="time between two looks",
    metavar="TIME",
    parse=positive_duration,
    default="5s",
)
LOGS = Option(flag="--logs", help="", metavar="N", parse=count, default="20")
ON_CANCEL = Option(
    flag="--on-cancel",
    help="the same, when the step is ended by SIGTERM or Ctrl-C",
    metavar="WHAT",
    default="keep",
)
ON_TIMEOUT = Option(flag="--on-timeout", help="", metavar="WHAT", default="keep")
REGISTRY = Option(flag="--registry", help="", metavar="HOST", aliases=("ECR_REGISTRY",))
REPOSITORY = Option(
    flag="--repository", help="", metavar="NAME", aliases=("ECR_REPOSITORY", "IMAGE_REPO_NAME")
)
TAG = Option(flag="--tag", help="", metavar="TAG", aliases=("IMAGE_TAG",), repeatable=True)
TIMEOUT = Option(
    flag="--timeout", help="how long to wait at most", metavar="TIME", parse=positive_duration
)
TOOL = Option(flag="--tool", help="", metavar="TOOL", default="auto")

"""Log container tools in to ECR's registries and Docker Hub.

The default registry is ECR_REGISTRY, or the one of AWS_ACCOUNT_ID in the region, or the caller's
own. Accounts and regions may be mixed; one token per region serves all its accounts. Docker Hub's
user and password come from the variables alone, or the password from stdin.

Docker or podman does the login where one answers. Without them, or with --tool none, the login is
written into the auth file itself: $DOCKER_CONFIG/config.json. No password is ever in argv.
"""

from ecsstep.core.late import story
from ecsstep.core.step import Step
from ecsstep.steps.ecr_login.options import EcrLoginOptions

main = Step(name="ecr-login", about=__doc__ or "", options=EcrLoginOptions, run=story(__name__))

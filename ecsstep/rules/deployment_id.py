"""What the id of a deployment looks like."""

import re

_OF_ECS = "ecs-svc/"
_OF_CODEDEPLOY = re.compile(r"d-[A-Z0-9]{9}")


def deployment_id(text: str) -> str:
    """Return the id of a deployment of ECS or CodeDeploy.

    Raises:
        ValueError: It is none: a revision, or a record's ARN.
    """
    if not (text.startswith(_OF_ECS) or is_code_deployment(text)):
        raise ValueError(f"'{text}' is no deployment's id (ecs-svc/… or d-…)")
    return text


def is_code_deployment(text: str) -> bool:
    """Whether this is the id of a deployment of CodeDeploy, and not of one of ECS."""
    return bool(_OF_CODEDEPLOY.fullmatch(text))

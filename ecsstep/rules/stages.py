"""The stages that a deployment goes through, in their order, in AWS's words."""

ECS_STAGES = (
    "RECONCILE_SERVICE",
    "PRE_SCALE_UP",
    "SCALE_UP",
    "POST_SCALE_UP",
    "TEST_TRAFFIC_SHIFT",
    "POST_TEST_TRAFFIC_SHIFT",
    "PRE_PRODUCTION_TRAFFIC_SHIFT",
    "PRODUCTION_TRAFFIC_SHIFT",
    "POST_PRODUCTION_TRAFFIC_SHIFT",
    "BAKE_TIME",
    "CLEAN_UP",
)
"""https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ServiceDeployment.html"""

CODEDEPLOY_STAGES = (
    "BeforeInstall",
    "Install",
    "AfterInstall",
    "AllowTestTraffic",
    "AfterAllowTestTraffic",
    "BeforeAllowTraffic",
    "AllowTraffic",
    "AfterAllowTraffic",
)
"""https://docs.aws.amazon.com/codedeploy/latest/userguide/reference-appspec-file-structure-hooks.html"""

_DEPLOYED = "deployed"


def parse_until(text: str) -> str:
    """Return a stage that may be waited for, in its own spelling; ``deployed`` is the end.

    Raises:
        ValueError: There is no such stage.
    """
    known = {each.lower(): each for each in (_DEPLOYED, *ECS_STAGES, *CODEDEPLOY_STAGES)}
    found = known.get(text.lower())
    if found is None:
        raise ValueError(f"'{text}' is no stage; write one of {', '.join(known.values())}")
    return found

"""Commands in a hint, so that they work where they are pasted."""

import re

# What asks a region; the other services of AWS are everywhere, or know it by themselves.
_AWS = re.compile(r"\baws (?:deploy|ecr|ecs|logs|ssm) [a-z][a-z0-9-]+(?![\w-])(?! --region)")
_STEP = re.compile(
    r"\b(?:ecr-login|image-push|scan-gate|taskdef-render|task-run|service-update|wait-stable)"
    r"(?= --(?!help|region))"
)


def with_region(hint: str, region: str) -> str:
    """Return a hint whose commands of the AWS CLI and of the steps name the region."""
    for pattern in (_AWS, _STEP):
        hint = pattern.sub(lambda found: f"{found.group()} --region {region}", hint)
    return hint

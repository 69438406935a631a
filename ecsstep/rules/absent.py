"""What is said where the service that was named isn't there."""

from shlex import quote

from ecsstep.errors import Exit, StepError


def no_service(name: str, cluster: str) -> StepError:
    """Return the error for a service that the cluster doesn't have (exit 2)."""
    return StepError(
        f"there is no service '{name}' in cluster '{cluster}'",
        exit=Exit.USAGE,
        hint=f"aws ecs list-services --cluster {quote(cluster)}",
    )

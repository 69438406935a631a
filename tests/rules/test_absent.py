"""What is said where the service that was named isn't there."""

from ecsstep.errors import Exit
from ecsstep.rules.absent import no_service


def test_the_hint_can_be_pasted_whatever_the_cluster_is_called() -> None:
    error = no_service("web", "our prod")

    assert (error.message, error.exit) == (
        "there is no service 'web' in cluster 'our prod'",
        Exit.USAGE,
    )
    assert error.hint == "aws ecs list-services --cluster 'our prod'"

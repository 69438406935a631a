"""What the steps work on, for the policies that let them."""

from ecsstep.value import Value

ANY = "*"


class Named(Value):
    """Something of AWS's by its name; what is None is the target's own."""

    name: str
    account: str | None = None
    region: str | None = None


class Repository(Named):
    """A repository of ECR."""


class Target(Value):
    """What the steps work on, as far as it is known; what is not becomes ``*``.

    Attributes:
        partition: ``aws``, ``aws-cn``, …
        region: The AWS region.
        account: The account's id.
        cluster: The ECS cluster's name.
        services: Names of ECS services.
        repositories: Repositories of ECR that are pushed to, gated or deployed from; None where
            they aren't known, and empty where all are known and none is in ECR.
        sources: The same, of those that are promoted from.
        caches: The same, of those that a build's cache is kept in.
        families: Families of task definitions.
        roles: Names or ARNs of the task roles and execution roles.
        log_groups: Log groups of the containers.
        application: CodeDeploy's application.
        group: CodeDeploy's deployment group.
        configuration: CodeDeploy's deployment configuration.
        parameter: Parameter of Systems Manager, name or ARN.
        secret: Secret of Secrets Manager, name or ARN.
        topics: ARNs of SNS topics.
        distributions: Ids of CloudFront distributions.
    """

    partition: str = "aws"
    region: str | None = None
    account: str | None = None
    cluster: str | None = None
    services: tuple[str, ...] = ()
    repositories: tuple[Repository, ...] | None = None
    sources: tuple[Repository, ...] | None = None
    caches: tuple[Repository, ...] | None = None
    families: tuple[str, ...] = ()
    roles: tuple[str, ...] = ()
    log_groups: tuple[str, ...] = ()
    application: str | None = None
    group: str | None = None
    configuration: str | None = None
    parameter: str | None = None
    secret: str | None = None
    topics: tuple[str, ...] = ()
    distributions: tuple[str, ...] = ()

    def arn(self, service: str, rest: str) -> str:
        """Return the ARN of something in the target's region and account."""
        region, account = self.region or ANY, self.account or ANY
        return f"arn:{self.partition}:{service}:{region}:{account}:{rest}"

"""What ``ecsstep iam-policy`` can be told; what a step can be told as well is declared there."""

from collections.abc import Callable, Iterator

from ecsstep.core.options import CLUSTER, RECORD, SERVICE, Given, Option
from ecsstep.core.values import NEVER, one_of
from ecsstep.policies.whereabouts import named_parts, parse_taskdef, place_faults
from ecsstep.policies.whom import TrustOptions
from ecsstep.rules.iam import words
from ecsstep.rules.iam.target import Named, Repository
from ecsstep.rules.image import ecr_host, parse_registry
from ecsstep.steps.cache_invalidate.options import CacheOptions
from ecsstep.steps.ecr_login.options import EcrLoginOptions
from ecsstep.steps.image_push.options import ImagePushOptions
from ecsstep.steps.notify.options import NotifyOptions
from ecsstep.steps.scan_gate.options import GateOptions
from ecsstep.steps.service_update.options import UpdateOptions
from ecsstep.steps.task_run.options import TaskOptions
from ecsstep.steps.taskdef_render.options import RenderOptions
from ecsstep.steps.wait_stable.options import WaitOptions

_LOGIN, _PUSH = EcrLoginOptions.declared(), ImagePushOptions.declared()
_GATE, _RENDER = GateOptions.declared(), RenderOptions.declared()
_RUN, _UPDATE = TaskOptions.declared(), UpdateOptions.declared()
_WAIT, _CACHE, _NOTIFY = WaitOptions.declared(), CacheOptions.declared(), NotifyOptions.declared()

OF_STEPS = (_LOGIN, _PUSH, _GATE, _RENDER, _RUN, _UPDATE, _WAIT, _CACHE, _NOTIFY)
"""The options of every step, by name."""

# What wait-stable may do, and what task-run may.
_END = one_of("keep", "rollback", "stop")


def _many(parse: Callable[[str], Repository | None]) -> Callable[[str], tuple[Repository, ...]]:
    """Return a parser whose value is empty for what isn't in ECR."""

    def parsed(text: str) -> tuple[Repository, ...]:
        found = parse(text)
        return (found,) if found else ()

    return parsed


class PolicyOptions(TrustOptions):
    """What iam-policy can be told."""

    cluster: Named | None = CLUSTER.field(parse=words.parse_cluster)
    service: tuple[Named, ...] = SERVICE.field(repeatable=True, parse=words.parse_service)
    repository: tuple[tuple[Repository, ...], ...] = _PUSH["repository"].field(
        help="repository that is pushed to, gated or deployed from, by name or URI",
        parse=_many(words.parse_repository),
        repeatable=True,
        required=False,
    )
    registry: str | None = _PUSH["registry"].field(
        help="registry of the repositories that are given by name", parse=parse_registry
    )
    image: tuple[tuple[Repository, ...], ...] = _RENDER["image"].field(
        help="image whose repository is meant", parse=_many(words.parse_image)
    )
    origin: tuple[tuple[Repository, ...], ...] = _PUSH["origin"].field(
        parse=_many(words.parse_image), repeatable=True
    )
    cache: tuple[tuple[Repository, ...], ...] = Option(
        flag="--cache",
        help="image that the build's cache is read from and written to, as the templates' input",
        metavar="REF",
        parse=_many(words.parse_image),
        repeatable=True,
    ).field()
    commit_image: bool = _RENDER["commit_image"].field()
    sidecar: tuple[tuple[Repository, ...], ...] = _RENDER["sidecar"].field(
        parse=_many(words.parse_image)
    )
    taskdef: tuple[str, ...] = Option(
        flag="--taskdef",
        help="task definition that is deployed: its family, or a file that says its roles, logs "
        "and images as well",
        metavar="FAMILY|FILE",
        aliases=("ECSSTEP_RENDERED", "ECSSTEP_TASKDEF_ARN", "TASK_DEFINITION"),
        parse=parse_taskdef,
        repeatable=True,
    ).field()
    file: tuple[str, ...] = _RENDER["file"].field(repeatable=True)
    require_passed: tuple[str, ...] = _RENDER["require_passed"].field()
    role: tuple[str, ...] = Option(
        flag="--role",
        help="task role or execution role that a task definition names",
        metavar="NAME|ARN",
        parse=words.parse_role,
        repeatable=True,
    ).field()
    log_group: tuple[str, ...] = Option(
        flag="--log-group",
        help="log group that the containers log to",
        metavar="NAME",
        parse=words.parse_path("logs", "a log group"),
        repeatable=True,
    ).field()
    codedeploy_application: str | None = _UPDATE["codedeploy_application"].field(
        parse=words.parse_name
    )
    codedeploy_group: str | None = _UPDATE["codedeploy_group"].field(parse=words.parse_name)
    codedeploy_configuration: str | None = Option(
        flag="--codedeploy-configuration",
        help="CodeDeploy's deployment configuration",
        metavar="NAME",
        parse=words.parse_name,
    ).field()
    appspec: str | None = _UPDATE["appspec"].field()
    floating_tags: bool = _PUSH["floating_tags"].field()
    allow_mutable_tag: bool = _PUSH["allow_mutable_tag"].field()
    accept_rebuild: bool = _PUSH["accept_rebuild"].field()
    create_repository: bool = _PUSH["create_repository"].field()
    public: bool = _LOGIN["public"].field()
    docker_hub_parameter: str | None = _LOGIN["docker_hub_parameter"].field(
        parse=words.parse_path("ssm", "a parameter")
    )
    docker_hub_secret: str | None = _LOGIN["docker_hub_secret"].field(
        parse=words.parse_path("secretsmanager", "a secret")
    )
    start: str = _GATE["start"].field()
    logs: int = _WAIT["logs"].field()
    on_timeout: str = _WAIT["on_timeout"].field(parse=_END)
    on_cancel: str = _WAIT["on_cancel"].field(parse=_END)
    parameters: str | None = _RUN["parameters"].field()
    wait: bool = _CACHE["wait"].field()
    distribution: tuple[str, ...] = _CACHE["distribution"].field(required=False)
    sns_topic: tuple[str, ...] = _NOTIFY["sns_topic"].field(repeatable=True)
    optional: bool = Option(
        flag="--optional",
        help="allow as well what a step does without where it is denied",
        is_switch=True,
        default=True,
    ).field()
    # It asks nobody, so there is nothing to replay.
    record: str | None = RECORD.field(default=NEVER)

    @classmethod
    def faults(cls, given: Given) -> Iterator[str]:
        """Yield what is wrong with the policy that is asked for, and where it is for."""
        yield from super().faults(given)
        yield from place_faults(given)

    @property
    def own_account(self) -> str | None:
        """The account that is meant: an ARN's, before a variable's and the role's."""
        return self._by_arn("account") or super().own_account

    @property
    def own_region(self) -> str | None:
        """The region that is meant: an ARN's, before a variable's."""
        return self._by_arn("region") or self.region

    def _by_arn(self, part: str) -> str | None:
        return next(iter(named_parts(part, self.cluster, self.service, self.taskdef)), None)

    @property
    def repositories(self) -> tuple[Repository, ...] | None:
        """The repositories in ECR, those without a registry in the one that was given."""
        given = (*self.repository, *self.sidecar)
        if not given and not self.image:
            return None
        host = ecr_host(self.registry or "")
        named = [each for many in given for each in many]
        if host:
            here = {"account": host.account, "region": host.region}
            named = [each if each.account else each.replaced(**here) for each in named]
        return tuple(dict.fromkeys([*named, *(each for many in self.image for each in many)]))

    @property
    def caches(self) -> tuple[Repository, ...] | None:
        """The repositories in ECR that a build's cache is kept in."""
        return tuple(each for many in self.cache for each in many) if self.cache else None

    @property
    def sources(self) -> tuple[Repository, ...] | None:
        """The repositories in ECR that are promoted from."""
        return tuple(each for many in self.origin for each in many) if self.origin else None

    def used(self) -> frozenset[str]:
        """Return the options in use, as flag and as ``flag=value``."""
        found = set()
        for name, option in self.declared().items():
            value = getattr(self, name)
            if option.is_switch or option.repeatable:
                found.update([option.flag] if value else [])
                continue
            found.add(f"{option.flag}={value}")
            if value is not None and value != option.value:
                found.add(option.flag)
        names_a_source = "taskdef" in self.by_flag and all(map(words.is_family, self.taskdef))
        if not names_a_source or self.by_flag & {"cluster", "service"}:
            # A pipeline's variable, the file that service-update registers, or its family.
            found.discard("--taskdef")
        return frozenset(found)

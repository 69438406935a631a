"""Print the least-privilege IAM policy of the steps and options in use.

Each STEP adds the actions that it makes calls of, with the options given here. Words and variables
are those of the steps themselves; words that change nothing here are passed by. Resources are
narrowed by what is given: cluster, service, repository, the task definition's file. What isn't
given stays a wildcard, which is said on stderr with the option that narrows it. Names may have
IAM's wildcards * and ?.

With --trust gitlab it is the role's trust policy, for the jobs of one GitLab project.

    ecsstep iam-policy image-push service-update wait-stable --cluster demo --service web
"""

from collections.abc import Sequence
from typing import Any

from ecsstep.core.documents import read_document
from ecsstep.core.files import exists
from ecsstep.core.output import Result, to_json
from ecsstep.core.step import Step, World
from ecsstep.errors import Exit, StepError
from ecsstep.policies.argv import relevant
from ecsstep.policies.options import PolicyOptions
from ecsstep.rules.codedeploy import default_names
from ecsstep.rules.iam import words
from ecsstep.rules.iam.actions import Action
from ecsstep.rules.iam.declared import ACTIONS
from ecsstep.rules.iam.definition import narrowed
from ecsstep.rules.iam.policy import INLINE, MANAGED, policy, size, wide
from ecsstep.rules.iam.target import Target
from ecsstep.rules.iam.trust import GitlabTrust

_BY_CODEDEPLOY = ("service-update", "wait-stable")
_FOR_CODEDEPLOY = ("codedeploy_application", "codedeploy_group", "appspec")


def iam_policy(options: PolicyOptions, world: World, *, partition: str) -> Result:
    """Return the policy that was asked for."""
    if options.trust:
        return _printed(_trust(options, world, partition))
    target = _target(options, world, partition)
    used = options.used()
    actions = [
        action
        for step in dict.fromkeys(options.steps)
        for action in ACTIONS[step]
        if action.is_needed(used, with_optional=options.optional)
    ]
    document = policy(actions, target)
    if not document["Statement"]:
        return Result(
            exit=Exit.REFUSED,
            message=f"there is nothing to allow: {', '.join(options.steps)} as given makes no call "
            "of AWS",
            hint="leave the policy out, or name the other steps of the job",
        )
    _warn(options, world, actions, target)
    return _sized(document, world)


def _warn(options: PolicyOptions, world: World, actions: list[Action], target: Target) -> None:
    for option, statements in wide(actions, target).items():
        world.log.warning(
            f"without {option} more is allowed than is needed", statements=list(statements)
        )
    is_left_out = not any(getattr(options, name) for name in _FOR_CODEDEPLOY)
    if is_left_out and set(options.steps) & set(_BY_CODEDEPLOY):
        world.log.info(
            "CodeDeploy's actions are left out",
            hint="where it makes the deployments, give --codedeploy-application and "
            "--codedeploy-group",
        )


def _sized(document: dict[str, Any], world: World) -> Result:
    found = _printed(document)
    length = size(document)
    if length > INLINE:
        return found.replaced(
            exit=Exit.REFUSED,
            message=f"the policy has {length} characters and IAM takes {INLINE} at most",
            hint="make a policy for each step, or name several services by one wildcard",
        )
    if length > MANAGED:
        world.log.warning(
            f"the policy has {length} characters and a managed one {MANAGED} at most",
            hint="put it into the role itself: aws iam put-role-policy",
        )
    return found


def _printed(document: dict[str, Any]) -> Result:
    return Result(verbatim=to_json(document) + "\n", data=document)


def _target(options: PolicyOptions, world: World, partition: str) -> Target:
    """Return what is worked on, as the options and the files of task definitions say."""
    names = [options.codedeploy_application, options.codedeploy_group]
    if any(names) and options.cluster and len(options.service) == 1:
        # What the step takes where one of them isn't given.
        usual = default_names(options.cluster.name, options.service[0].name)
        names = [given or name for given, name in zip(names, usual, strict=True)]
    target = Target(
        partition=partition,
        region=options.own_region,
        account=options.own_account,
        cluster=options.cluster.name if options.cluster else None,
        services=tuple(each.name for each in options.service),
        repositories=options.repositories,
        sources=options.sources,
        caches=options.caches,
        families=tuple(
            dict.fromkeys(
                words.parse_family(each).name for each in options.taskdef if _is_family(each)
            )
        ),
        roles=options.role,
        log_groups=options.log_group,
        application=names[0],
        group=names[1],
        configuration=options.codedeploy_configuration,
        parameter=options.docker_hub_parameter,
        secret=options.docker_hub_secret,
        topics=options.sns_topic,
        distributions=options.distribution,
    )
    for path in [*(each for each in options.taskdef if not _is_family(each)), *options.file]:
        target = _with_file(target, path, options, world)
    return target


def _is_family(text: str) -> bool:
    return words.is_family(text)


def _with_file(target: Target, path: str, options: PolicyOptions, world: World) -> Target:
    """Return the target, narrowed by a file with a task definition.

    Raises:
        StepError: It can't be read, or is none (exit 2).
    """
    if not options.by_flag & {"taskdef", "file"} and not exists(path):
        # A pipeline's variable, of a file that a later step writes.
        world.log.info("there is no such file yet", file=path)
        return target
    document = read_document(path, stdin=world.stdin)
    value = document.value
    if isinstance(value, dict) and isinstance(value.get("taskDefinition"), dict):
        value = value["taskDefinition"]
    if not isinstance(value, dict) or "containerDefinitions" not in value:
        raise StepError(
            f"'{document.name}' is no task definition",
            exit=Exit.USAGE,
            hint="give the file that service-update registers, or the family's name",
        )
    return narrowed(target, value)


def _trust(options: PolicyOptions, world: World, partition: str) -> dict[str, Any]:
    trust = GitlabTrust(
        url=options.gitlab_url,
        account=str(options.own_account),
        partition=partition,
        project=str(options.project_path),
        refs=options.ref,
        ref_type=options.ref_type,
    )
    world.log.info(
        "the role trusts these jobs; their id_tokens need this aud",
        aud=trust.url,
        sub=list(trust.subjects),
        # Version 1 of the AWS CLI would fetch what an option's value begins with https:// for.
        hint="once for the account: aws iam create-open-id-connect-provider --cli-input-json "
        f'\'{{"Url": "{trust.url}", "ClientIDList": ["{trust.url}"]}}\'',
    )
    return trust.document()


def run(options: PolicyOptions, world: World) -> Result:
    """Find out the partition and make the policy."""
    from ecsstep.aws.partitions import partition_of

    return iam_policy(options, world, partition=partition_of(options.own_region))


STEP = Step(name="ecsstep iam-policy", about=__doc__ or "", options=PolicyOptions, run=run)


def main(argv: Sequence[str]) -> int:
    """Run as a process does and return its exit code."""
    return STEP(relevant(argv))

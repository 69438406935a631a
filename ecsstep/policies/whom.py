"""What ``ecsstep iam-policy`` is asked for: which steps, or whom a role trusts."""

from collections.abc import Iterator

from ecsstep.core.options import REGION, ROLE_ARN, Given, Option, Options
from ecsstep.core.values import one_of
from ecsstep.rules.iam import words
from ecsstep.rules.iam.declared import ACTIONS
from ecsstep.rules.iam.trust import REF_TYPES, parse_gitlab_url, parse_project, parse_ref
from ecsstep.rules.registries import parse_account
from ecsstep.text import meant


def _step(text: str) -> str:
    if text not in ACTIONS:
        raise ValueError(f"there is no step '{text}'{meant(text, ACTIONS)}")
    return text


class TrustOptions(Options):
    """The steps, the account, and whom the role trusts."""

    steps: tuple[str, ...] = Option(
        flag="STEP",
        help=f"step to allow what it does: {', '.join(ACTIONS)}",
        parse=_step,
        repeatable=True,
    ).field()
    # They go into the policy as they stand, so a platform's are judged as well.
    region: str | None = REGION.field(is_late=False)
    role_arn: str | None = ROLE_ARN.field(is_late=False)
    account: str | None = Option(
        flag="--account",
        help="the AWS account's id; by default the one of --role-arn",
        metavar="ID",
        parse=parse_account,
        aliases=("AWS_ACCOUNT_ID",),
    ).field()
    trust: str | None = Option(
        flag="--trust",
        help="print a trust policy instead: for the jobs of a GitLab project",
        metavar="WHOM",
        parse=one_of("gitlab"),
    ).field()
    gitlab_url: str = Option(
        flag="--gitlab-url",
        help="the GitLab instance",
        metavar="URL",
        parse=parse_gitlab_url,
        aliases=("CI_SERVER_URL",),
        default="https://gitlab.com",
    ).field()
    project_path: str | None = Option(
        flag="--project-path",
        help="the project that is trusted; below its group it may have wildcards",
        metavar="GROUP/PROJECT",
        parse=parse_project,
        aliases=("CI_PROJECT_PATH",),
    ).field()
    ref: tuple[str, ...] = Option(
        flag="--ref",
        help="branch or tag whose jobs are trusted; it may have wildcards",
        metavar="NAME",
        parse=parse_ref,
        repeatable=True,
    ).field()
    ref_type: str = Option(
        flag="--ref-type",
        help="what --ref names",
        metavar="TYPE",
        parse=one_of(*REF_TYPES),
        default="branch",
    ).field()

    @classmethod
    def faults(cls, given: Given) -> Iterator[str]:
        """Yield what is missing for the policy that is asked for, and what doesn't fit it."""
        if not given.has("trust"):
            if not given.has("steps"):
                yield f"STEP is missing: give one or more of {', '.join(ACTIONS)}, or --trust"
            return
        if given.has("steps"):
            yield "STEP and --trust are two policies; give one of them"
        for name, option in (("project_path", "--project-path"), ("ref", "--ref")):
            if not given.has(name):
                yield f"{option} is missing: whose jobs may take the role?"
        if not given.has("account") and not words.account_of(given.values.get("role_arn")):
            yield "--account is missing: it has the identity provider; give --account or --role-arn"

    @property
    def own_account(self) -> str | None:
        """The account that is meant."""
        return self.account or words.account_of(self.role_arn)

"""What cache-invalidate can be told."""

from ecsstep.core.options import DRY_RUN, Option, Options
from ecsstep.core.shared import INTERVAL, TIMEOUT
from ecsstep.rules.paths import distribution, path


class CacheOptions(Options):
    """What cache-invalidate can be told."""

    distribution: tuple[str, ...] = Option(
        flag="--distribution",
        help="id of a CloudFront distribution",
        metavar="ID",
        parse=distribution,
        repeatable=True,
    ).field(required=True)
    path: tuple[str, ...] = Option(
        flag="--path",
        help="path to forget, URL-encoded; * at its end stands for anything",
        metavar="PATH",
        parse=path,
        repeatable=True,
        default=("/*",),
    ).field()
    deployment: str | None = Option(
        flag="--deployment",
        help="id of the deployment that this is for, as service-update printed it; a second run "
        "for it is the same request",
        metavar="ID",
    ).field()
    job: str | None = Option(
        help="id of the job or build, which stands in for the deployment",
        aliases=("CI_JOB_ID", "CODEBUILD_BUILD_ID"),
    ).field()
    wait: bool = Option(
        flag="--wait",
        help="wait until every edge has forgotten the paths",
        is_switch=True,
        default=False,
    ).field()
    timeout: float = TIMEOUT.field(default="15m")
    interval: float = INTERVAL.field(default="10s")
    dry_run: bool = DRY_RUN.field()

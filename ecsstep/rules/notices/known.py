"""What a pipeline's end is told from: variables, a report, and what the platform says."""

import re
from collections.abc import Mapping
from typing import Any

from ecsstep.rules.links import Link, service_links
from ecsstep.value import Value

_REVISION = re.compile(
    r"arn:(?P<partition>[a-z-]+):ecs:(?P<region>[a-z0-9-]+):(?P<account>\d{12}):"
    r"task-definition/(?P<name>[^/\s]+)"
)
_BUILD = re.compile(
    r"arn:(?P<partition>[a-z-]+):codebuild:(?P<region>[a-z0-9-]+):(?P<account>\d{12}):"
    r"build/(?P<project>[^:/\s]+):(?P<id>[0-9a-fA-F-]+)"
)
_WEB = re.compile(r"https?://[^\s<>|\"]+")
_COMMIT = re.compile(r"[0-9a-f]{7,64}")
_SHORT = 8
_CODEBUILD_SAYS = {"1": "succeeded", "0": "failed"}


class Known(Value):
    """What is known of the deployment besides its report; nothing stands for unknown.

    Attributes:
        outcome: A word that the user gave.
        job_status: ``CI_JOB_STATUS``: success, failed, canceled or running.
        build_succeeding: ``CODEBUILD_BUILD_SUCCEEDING``: 1 or 0.
        build_arn: ``CODEBUILD_BUILD_ARN``.
        project_url: The project's page in GitLab, which the commit's page is found from.
    """

    outcome: str = ""
    cluster: str = ""
    service: str = ""
    image: str = ""
    taskdef_arn: str = ""
    deployment: str = ""
    project: str = ""
    environment: str = ""
    tag: str = ""
    commit: str = ""
    actor: str = ""
    job_status: str = ""
    build_succeeding: str = ""
    build_arn: str = ""
    job_url: str = ""
    pipeline_url: str = ""
    project_url: str = ""

    @property
    def revision(self) -> str:
        """``FAMILY:REVISION`` of the task definition."""
        return self.taskdef_arn.rpartition("/")[2]

    @property
    def platform_says(self) -> str:
        """How the job stands by the platform's word: succeeded, failed, canceled, or nothing.

        A job that is still running says nothing about its end.
        """
        by_gitlab = {"success": "succeeded", "failed": "failed", "canceled": "canceled"}
        return by_gitlab.get(self.job_status, "") or _CODEBUILD_SAYS.get(self.build_succeeding, "")

    @property
    def facts(self) -> tuple[tuple[str, str], ...]:
        """What is known by name, in the order in which it is told."""
        found = (
            ("environment", self.environment),
            ("image", self.image),
            ("revision", self.revision),
            ("deployment", self.deployment),
            ("tag", self.tag),
            ("commit", self.commit[:_SHORT]),
            ("by", self.actor),
        )
        return tuple((name, value) for name, value in found if value)

    @property
    def links(self) -> tuple[Link, ...]:
        """The pages to open next."""
        pages = [("job", self.job_url), ("pipeline", self.pipeline_url), ("commit", self._commit)]
        web = [Link(label=label, url=url) for label, url in pages if _WEB.fullmatch(url)]
        return (*web, *self._build, *self._console)

    @property
    def _commit(self) -> str:
        is_commit = self.project_url and _COMMIT.fullmatch(self.commit)
        return f"{self.project_url}/-/commit/{self.commit}" if is_commit else ""

    @property
    def _build(self) -> tuple[Link, ...]:
        """CodeBuild's page of the build, which no variable of its names."""
        found = _BUILD.fullmatch(self.build_arn)
        if found is None or found["partition"] != "aws":
            return ()
        region, project = found["region"], found["project"]
        page = f"{found['account']}/projects/{project}/build/{project}%3A{found['id']}"
        url = f"https://{region}.console.aws.amazon.com/codesuite/codebuild/{page}?region={region}"
        return (Link(label="build", url=url),)

    @property
    def _console(self) -> tuple[Link, ...]:
        found = _REVISION.fullmatch(self.taskdef_arn)
        if found is None or not (self.cluster and self.service):
            return ()
        here = f"arn:{found['partition']}:ecs:{found['region']}:{found['account']}"
        cluster = self.cluster.rpartition("/")[2]
        return service_links(f"{here}:service/{cluster}/{self.service}", self.deployment)


def is_about_another(report: Mapping[str, Any], known: Known) -> bool:
    """Whether a report tells of another deployment than the one at hand: an old file."""
    named = str(report.get("deployment") or "")
    return bool(named and known.deployment and named != known.deployment)

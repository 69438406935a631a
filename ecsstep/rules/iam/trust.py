"""Whom a role trusts: the jobs of a GitLab project, by OIDC.

What goes wrong with a trust policy by hand can't be said here: the token's audience is the
instance's URL with https and without a slash at its end, as GitLab's documentation has it; a
wildcard is compared with StringLike; and a project is named with its group, so that no other
group's projects are let in (https://docs.gitlab.com/ci/cloud_services/aws/).
"""

import re
from typing import Any
from urllib.parse import urlsplit

from ecsstep.rules.iam.policy import VERSION
from ecsstep.value import Value

ANY_TYPE = "any"
REF_TYPES = ("branch", "tag", ANY_TYPE)

_HOST = re.compile(r"[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?")
_FOLDERS = re.compile(r"(?:/[A-Za-z0-9._-]+)*")
_SEGMENT = r"[A-Za-z0-9_.+*?-]+"
_PROJECT = re.compile(rf"[A-Za-z0-9_][A-Za-z0-9_.+-]*(?:/{_SEGMENT})+")
# What Git forbids in the name of a ref, but for the wildcards, which are IAM's here; and what
# would begin a variable of IAM (https://git-scm.com/docs/git-check-ref-format).
_NOT_IN_REF = re.compile(r"[\x00-\x20\x7f~^:\\\[$]|\.\.|@\{|//|^[/-]|[/.]$")
_WILDCARDS = re.compile(r"[*?]")


def parse_gitlab_url(text: str) -> str:
    """Return the URL of a GitLab instance as its tokens spell it: https, no slash at the end.

    Raises:
        ValueError: IAM can't have an identity provider of this URL.
    """
    url = urlsplit(text)
    if url.scheme != "https":
        raise ValueError(f"'{text}' does not begin with https://, which IAM asks of a provider")
    host, path = url.netloc.lower(), url.path.rstrip("/")
    if not _HOST.fullmatch(host) or not _FOLDERS.fullmatch(path) or url.query or url.fragment:
        raise ValueError(
            f"'{text}' is no URL of a GitLab instance; write https://gitlab.example.com, without "
            "a port, a user or a query"
        )
    return f"https://{host}{path}"


def parse_project(text: str) -> str:
    """Return the path of a project, ``group/project``; below the group it may have wildcards.

    Raises:
        ValueError: It is none, or its group has a wildcard: strangers would be let in.
    """
    if _WILDCARDS.search(text.partition("/")[0]):
        raise ValueError(
            f"'{text}' would let in groups of strangers; name the group: group/project or group/*"
        )
    if not _PROJECT.fullmatch(text):
        raise ValueError(f"'{text}' is no path of a project; write group/project")
    return text


def parse_ref(text: str) -> str:
    """Return the name of a branch or tag, without ``refs/heads/``; it may have wildcards.

    Raises:
        ValueError: It is none.
    """
    if text.startswith("refs/"):
        raise ValueError(f"'{text}': the token has the short name; write {text.split('/', 2)[-1]}")
    if not text or _NOT_IN_REF.search(text):
        raise ValueError(f"'{text}' is no name of a branch or tag")
    return text


class GitlabTrust(Value):
    """Which jobs of which GitLab may take the role.

    Attributes:
        url: The instance, as :func:`parse_gitlab_url` returns it.
        account: The id of the AWS account with the identity provider.
        partition: ``aws``, ``aws-cn``, …
        project: The project's path.
        refs: Names of branches or tags.
        ref_type: ``branch``, ``tag`` or ``any``.
    """

    url: str
    account: str
    partition: str
    project: str
    refs: tuple[str, ...]
    ref_type: str

    @property
    def provider(self) -> str:
        """How IAM names the instance: its URL without ``https://``."""
        return self.url.removeprefix("https://")

    @property
    def subjects(self) -> tuple[str, ...]:
        """The token's ``sub``, of each ref."""
        kind = "*" if self.ref_type == ANY_TYPE else self.ref_type
        return tuple(
            f"project_path:{self.project}:ref_type:{kind}:ref:{ref}"
            for ref in sorted(dict.fromkeys(self.refs))
        )

    def document(self) -> dict[str, Any]:
        """Return the trust policy."""
        exact = [each for each in self.subjects if not _WILDCARDS.search(each)]
        # StringLike takes what is exact as well.
        test = "StringEquals" if len(exact) == len(self.subjects) else "StringLike"
        subjects: Any = self.subjects[0] if len(self.subjects) == 1 else list(self.subjects)
        audience = {f"{self.provider}:aud": self.url}
        subject = {f"{self.provider}:sub": subjects}
        if test == "StringEquals":
            tests: dict[str, Any] = {"StringEquals": audience | subject}
        else:
            tests = {"StringEquals": audience, "StringLike": subject}
        principal = f"arn:{self.partition}:iam::{self.account}:oidc-provider/{self.provider}"
        return {
            "Version": VERSION,
            "Statement": [
                {
                    "Sid": "GitlabJobs",
                    "Effect": "Allow",
                    "Principal": {"Federated": principal},
                    "Action": "sts:AssumeRoleWithWebIdentity",
                    "Condition": tests,
                }
            ],
        }

"""Whom a role trusts."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecsstep.rules.iam.trust import GitlabTrust, parse_gitlab_url, parse_project, parse_ref


def trust(**changes: Any) -> GitlabTrust:
    known: dict[str, Any] = {
        "url": "https://gitlab.com",
        "account": "123456789012",
        "partition": "aws",
        "project": "group/project",
        "refs": ("main",),
        "ref_type": "branch",
    }
    return GitlabTrust(**{**known, **changes})


def test_the_jobs_of_one_branch_are_trusted() -> None:
    assert trust().document() == {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Sid": "GitlabJobs",
                "Effect": "Allow",
                "Principal": {"Federated": "arn:aws:iam::123456789012:oidc-provider/gitlab.com"},
                "Action": "sts:AssumeRoleWithWebIdentity",
                "Condition": {
                    "StringEquals": {
                        "gitlab.com:aud": "https://gitlab.com",
                        "gitlab.com:sub": "project_path:group/project:ref_type:branch:ref:main",
                    }
                },
            }
        ],
    }


@pytest.mark.parametrize(
    "changes",
    [{"refs": ("v*",)}, {"project": "group/*"}, {"ref_type": "any"}, {"refs": ("main", "v?")}],
    ids=str,
)
def test_a_wildcard_is_compared_with_string_like(changes: dict[str, Any]) -> None:
    condition = trust(**changes).document()["Statement"][0]["Condition"]

    assert condition["StringEquals"] == {"gitlab.com:aud": "https://gitlab.com"}
    assert list(condition["StringLike"]) == ["gitlab.com:sub"]


def test_several_refs_are_a_list() -> None:
    condition = trust(refs=("main", "dev")).document()["Statement"][0]["Condition"]

    assert condition["StringEquals"]["gitlab.com:sub"] == [
        "project_path:group/project:ref_type:branch:ref:dev",
        "project_path:group/project:ref_type:branch:ref:main",
    ]


def test_an_instance_under_a_path_is_named_with_it() -> None:
    found = trust(url="https://example.com/gitlab", partition="aws-cn").document()["Statement"][0]

    assert found["Principal"] == {
        "Federated": "arn:aws-cn:iam::123456789012:oidc-provider/example.com/gitlab"
    }
    assert found["Condition"]["StringEquals"]["example.com/gitlab:aud"] == (
        "https://example.com/gitlab"
    )


@pytest.mark.parametrize(
    ("text", "url"),
    [
        ("https://gitlab.com", "https://gitlab.com"),
        ("https://gitlab.com/", "https://gitlab.com"),
        ("https://GitLab.Example.com//", "https://gitlab.example.com"),
        ("https://example.com/gitlab/", "https://example.com/gitlab"),
    ],
)
def test_the_url_is_spelled_as_in_the_token(text: str, url: str) -> None:
    assert parse_gitlab_url(text) == url


@pytest.mark.parametrize(
    "text",
    [
        "gitlab.com", "http://gitlab.com", "https://", "https://gitlab.com:8443", "https://u@h",
        "https://h?x=1", "https://h#x", "https://h/a b", "https://*.example.com",
    ],
)  # fmt: skip
def test_what_can_be_no_provider_s_url_is_a_mistake(text: str) -> None:
    with pytest.raises(ValueError, match="https://"):
        parse_gitlab_url(text)


@pytest.mark.parametrize("text", ["group/project", "a/b/c", "group/*", "group/team-*/app", "0/x.y"])
def test_a_project_is_named_with_its_group(text: str) -> None:
    assert parse_project(text) == text


@pytest.mark.parametrize("text", ["*", "*/project", "gr*/project", "g?/p"])
def test_a_wildcard_in_the_group_would_let_strangers_in(text: str) -> None:
    with pytest.raises(ValueError, match="strangers"):
        parse_project(text)


@pytest.mark.parametrize(
    "text", ["", "group", "group/", "/project", "a/b:c", "a/b c", "a//b", "a/$"]
)
def test_what_is_no_project_is_a_mistake(text: str) -> None:
    with pytest.raises(ValueError, match="no path of a project"):
        parse_project(text)


@pytest.mark.parametrize("text", ["main", "v1.2.3", "feature/x", "v*", "*", "release-?.x", "ünï"])
def test_a_ref_is_a_branch_or_tag(text: str) -> None:
    assert parse_ref(text) == text


@pytest.mark.parametrize(
    "text",
    ["", "a b", "a:b", "a..b", "/a", "a/", "-a", "a.", "${aws:username}", "a\nb", "a@{b", "a//b"],
)
def test_what_git_has_no_ref_of_is_a_mistake(text: str) -> None:
    with pytest.raises(ValueError, match="no name of a branch or tag"):
        parse_ref(text)


def test_the_long_name_of_a_ref_is_told_apart() -> None:
    with pytest.raises(ValueError, match="write main"):
        parse_ref("refs/heads/main")


@given(st.text(max_size=40), st.text(max_size=40), st.sampled_from(["branch", "tag", "any"]))
def test_no_word_of_a_user_makes_another_field_of_the_subject(
    project: str, ref: str, kind: str
) -> None:
    try:
        subjects = trust(project=parse_project(project), refs=(parse_ref(ref),), ref_type=kind)
    except ValueError:
        return

    [subject] = subjects.subjects
    assert subject.count(":") == 5
    assert "$" not in subject
    assert not set("*?") & set(subject.partition("/")[0])

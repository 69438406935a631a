"""The GitLab templates: one source, inputs that agree with the options, jobs that GitLab takes."""

import json
import re
import shlex
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from ecsstep import __version__
from ecsstep.cli import STEPS, step
from ecsstep.core.options import Option
from ecsstep.core.values import Choice
from gitlab import SCHEMA, SINGLE, TEMPLATES, WHOLE, inputs_of, jobs_of, single, used_in

INPUTS = inputs_of(WHOLE.read_text())
JOBS = jobs_of(WHOLE.read_text())
STEPS_FILE = WHOLE.with_name("steps.gitlab-ci.yml")
# What every job of ours has, whatever it does.
COMMON = ("id_tokens", "before_script", "retry")
# These serve more than the option: a build as well, or only a part of what it takes.
OWN_WORDS = {"container", "dockerfile", "repository", "sidecars"}
HANDED = re.compile(r'(ECSSTEP_[A-Z_]+): "?\$\[\[ inputs\.([a-z-]+) \]\]"?')
SETS: Mapping[str, dict[str, Any]] = {
    "as it comes": {},
    "everything asked for": {
        "job_prefix": "web-",
        "rule": '$CI_COMMIT_BRANCH == "main"',
        "region": "ap-northeast-1",
        "role_arn": "arn:aws:iam::123456789012:role/ci/deploy",
        "registry": "123456789012.dkr.ecr.ap-northeast-1.amazonaws.com",
        "repository": "team/app",
        "builder": "buildkit",
        "cache": "123456789012.dkr.ecr.ap-northeast-1.amazonaws.com/cache:app",
        "create_repository": True,
        "floating_tags": True,
        "max": "MEDIUM=10\nLOW=100\n",
        "fixable_only": True,
        "cluster": "demo",
        "service": "web",
        "container": "app",
        "sidecars": "nginx=laravel-nginx\n",
        "on_timeout": "rollback",
        "start": "manual",
        "superseded": "failure",
        "environment": "review/$CI_COMMIT_REF_SLUG",
        "deployment_tier": "development",
        "url": "https://web.example",
        "image_prefix": "${CI_DEPENDENCY_PROXY_GROUP_IMAGE_PREFIX}/",
        "index_url": "https://pypi.example/simple",
    },
    "without a gate, with buildah": {"gate": False, "builder": "buildah", "install": "none"},
    "with the runner's engine": {"builder": "engine", "build_image": "docker-with-ecsstep:1"},
}


def of(path: Path) -> str:
    return path.name.partition(".")[0]


def options_of(words: str, variable: str) -> list[Option]:
    """Return what a variable is to the steps that some lines call."""
    called = [name for name in STEPS if re.search(rf"(?m)^{name}\b", words)]
    declared = [option for name in called for option in step(name).options.declared().values()]
    return [option for option in declared if option.variables[:1] == (variable,)]


def handed_on() -> Mapping[str, list[Option]]:
    """Return the inputs that are handed on as they are, with the options that they are for."""
    found: dict[str, list[Option]] = {}
    for block in WHOLE.read_text().partition("\n---\n")[2].split("\n\n"):
        for variable, name in HANDED.findall(block):
            job = next(each for each in JOBS if f'"$[[ inputs.job-prefix ]]{each}":' in block)
            options = options_of("\n".join(JOBS[job]["script"]), variable)
            found[name] = [*found.get(name, []), *options]
    return {name: options for name, options in sorted(found.items()) if options}


HANDED_ON = handed_on()


@pytest.mark.parametrize("job", SINGLE)
def test_a_single_template_is_cut_from_the_whole(job: str) -> None:
    written = WHOLE.with_name(f"{job}.gitlab-ci.yml").read_text()

    assert written == single(job), "write them anew: .venv/bin/python .ci/templates"


def test_what_every_job_has_is_the_same_everywhere() -> None:
    base = jobs_of(STEPS_FILE.read_text())[".ecsstep"]
    jobs = [job for name, job in JOBS.items() if not name.startswith(".")]

    for job in jobs:
        assert {name: job[name] for name in COMMON} == {name: base[name] for name in COMMON}
        assert base["variables"].items() <= job["variables"].items()
        assert ".ecsstep/" in job["artifacts"]["paths"]
        assert job["artifacts"]["when"] == "always"


def test_the_hidden_jobs_have_the_lines_of_the_whole() -> None:
    hidden = jobs_of(STEPS_FILE.read_text())
    deploy = [
        line
        for name in (".taskdef-render", ".service-update", ".wait-stable")
        for line in hidden[name]["script"]
    ]

    assert deploy == JOBS["ecs-deploy"]["script"]
    assert hidden[".scan-gate"]["script"] == JOBS["scan-gate"]["script"]
    assert hidden[".scan-gate"]["artifacts"] == JOBS["scan-gate"]["artifacts"]


def test_the_runners_own_engine_is_asked_for_the_same_as_docker_in_docker() -> None:
    assert JOBS[".image-push-engine"]["script"] == JOBS[".image-push-docker"]["script"]


def test_an_input_is_declared_the_same_everywhere() -> None:
    for path in TEMPLATES:
        assert inputs_of(path.read_text()).items() <= INPUTS.items(), path.name


def test_the_version_that_is_installed_is_the_release_of_the_template() -> None:
    assert INPUTS["ecsstep-version"]["default"] == __version__
    for path in TEMPLATES:
        assert f"#       ref: v{__version__}\n" in path.read_text()


@pytest.mark.parametrize("path", TEMPLATES, ids=of)
def test_every_input_is_used_and_described_and_its_default_fits(path: Path) -> None:
    text = path.read_text()
    inputs = inputs_of(text)

    assert used_in(text) == set(inputs)
    for name, declared in inputs.items():
        assert re.fullmatch(r"[a-z]+(-[a-z]+)*", name)
        assert set(declared) <= {"description", "type", "default", "options", "regex"}, name
        assert declared["description"].endswith(".")
        assert len(declared["description"]) <= 1024
        kind, default = declared["type"], declared["default"]
        if kind == "boolean":
            assert isinstance(default, bool)
            continue
        assert kind == "string"
        assert ("regex" in declared) != ("options" in declared), name
        if "regex" in declared:
            # GitLab's RE2 has no looking ahead or behind.
            assert "(?" not in declared["regex"]
            assert re.fullmatch(declared["regex"], default), name
        else:
            assert default in declared["options"], name


@pytest.mark.parametrize("name", HANDED_ON)
def test_an_input_says_what_its_option_says(name: str) -> None:
    declared = INPUTS[name]
    first = HANDED_ON[name][0]

    words = {option.help.lower().partition(";")[0] for option in HANDED_ON[name]}
    if name not in OWN_WORDS:
        assert any(declared["description"].lower().startswith(each) for each in words)
    assert (declared["type"] == "boolean") == first.is_switch
    if isinstance(first.parse, Choice):
        assert set(declared["options"]) == set(first.parse.words)
    if isinstance(first.default, str):
        assert declared["default"] == first.default


# A number may still be too large for the step, and a severity one that nobody has heard of.
LONGEST = 100
LOOSE = {"timeout", "scan-timeout", "max"}
STRICT = [name for name in HANDED_ON if name not in LOOSE and "regex" in INPUTS[name]]


@pytest.mark.parametrize("name", STRICT)
@given(data=st.data())
@settings(max_examples=15, deadline=None, phases=[Phase.generate])
def test_what_an_input_lets_through_its_options_can_read(name: str, data: st.DataObject) -> None:
    regex = INPUTS[name]["regex"]
    text = data.draw(st.from_regex(re.compile(regex, re.ASCII), fullmatch=True))

    # A name with a dot before its first slash is read as one that begins with a host.
    lines = [line for line in text.split("\n") if line and "." not in line.partition("/")[0]]
    for line in lines:
        for option in HANDED_ON[name]:
            assert len(line) > LONGEST or option.parse(line) is not None


def test_most_inputs_are_handed_on_to_an_option() -> None:
    assert HANDED_ON.keys() >= {"region", "role-arn", "repository", "cluster", "timeout", "max"}


# Nothing that an input may say reaches a shell but as a variable's value.
HOSTILE = ["$(id)", "`id`", "a;id", "a b", "a\nid", "${IFS}", "a'b", 'a"b', "--flag", "a|b", "a&b"]
FREE = {"rule"}  # for rules:if alone
NAMES = {
    "environment", "build-stage", "gate-stage", "deploy-stage", "audience", "url", "image",
    "build-image", "image-prefix", "max", "sidecars",
}  # fmt: skip


@pytest.mark.parametrize("text", HOSTILE)
def test_an_input_with_a_shells_signs_is_refused(text: str) -> None:
    strict = {name: each for name, each in INPUTS.items() if name not in FREE | NAMES}

    let_in = [
        name
        for name, each in strict.items()
        if "regex" in each and re.fullmatch(each["regex"], text)
    ]

    assert let_in == []


HOST = "123456789012.dkr.ecr.ap-northeast-1.amazonaws.com"


@pytest.mark.parametrize(
    ("name", "good", "bad"),
    [
        ("url", ["$DEPLOY_URL", "${URL}", "https://$CI_ENVIRONMENT_SLUG.example/"], ["example"]),
        (
            "context",
            [".", "./", "./app", "app/", "app/.build", "a/b-c"],
            ["..", "../x", "a/../..", "-f", "/etc"],
        ),
        ("dockerfile", ["Dockerfile", ".ci/Dockerfile"], [".", "../Dockerfile", "-f"]),
        ("ecsstep-version", ["0.2.0", "0.2.0rc1"], ["0.2", "latest", "0.2.0 rc1"]),
        (
            "cache",
            [f"{HOST}/cache:app", "$ECR_REGISTRY/cache:app", "${R}/team/cache:$CI_COMMIT_REF_SLUG"],
            ["cache", "$ECR_REGISTRY", "$(id)/cache:app", f"{HOST}/cache"],
        ),
    ],
)
def test_an_input_takes_what_makes_sense_there(name: str, good: list[str], bad: list[str]) -> None:
    regex = INPUTS[name]["regex"]

    assert [each for each in good if not re.fullmatch(regex, each)] == []
    assert [each for each in bad if re.fullmatch(regex, each)] == []


@pytest.mark.parametrize("path", TEMPLATES, ids=of)
def test_no_input_stands_in_a_script_line(path: Path) -> None:
    jobs = yaml.safe_load(path.read_text().partition("\n---\n")[2])

    lines = [
        line
        for job in jobs.values()
        for part in ("before_script", "script", "after_script")
        for line in job.get(part, ())
    ]

    assert [line for line in lines if "$[[" in line] == []
    assert not {"default", "variables", "stages", "include", "workflow"} & set(jobs)


@pytest.mark.parametrize("chosen", SETS.values(), ids=SETS)
@pytest.mark.parametrize("path", TEMPLATES, ids=of)
def test_gitlab_accepts_the_jobs_by_its_own_schema(path: Path, chosen: dict[str, Any]) -> None:
    text = path.read_text()
    inputs = inputs_of(text)
    fitting = {name: each for name, each in chosen.items() if name.replace("_", "-") in inputs}
    header = yaml.safe_load(text.partition("\n---\n")[0])

    jobs = jobs_of(text, **fitting)

    jsonschema.validate(header, SCHEMA)
    jsonschema.validate(jobs, SCHEMA)
    assert "$[[" not in json.dumps(jobs)
    for name, value in fitting.items():
        declared = inputs[name.replace("_", "-")]
        assert re.fullmatch(declared.get("regex", ".*"), str(value), re.DOTALL), name
        assert value in declared.get("options", [value])


def test_a_job_is_what_it_should_be() -> None:
    deploy, push = JOBS["ecs-deploy"], JOBS["image-push"]

    assert deploy["environment"] == {
        "name": "production", "deployment_tier": "production", "url": "$DEPLOY_URL",
    }  # fmt: skip
    assert deploy["resource_group"] == "production"
    assert deploy["interruptible"] is False
    assert deploy["allow_failure"] == {"exit_codes": [4]}
    assert "needs" not in deploy
    for job in (deploy, push, JOBS["scan-gate"]):
        assert job["retry"]["exit_codes"] == [75]
        assert set(job["retry"]["when"]) == {"runner_system_failure", "scheduler_failure"}
    assert set(JOBS["scan-gate"]["artifacts"]["reports"]) >= {
        "container_scanning", "codequality", "junit",
    }  # fmt: skip


def test_every_word_of_a_script_is_quoted_where_it_may_hold_blanks() -> None:
    for job in JOBS.values():
        for line in (*job.get("before_script", ()), *job.get("script", ())):
            assert shlex.split(line)

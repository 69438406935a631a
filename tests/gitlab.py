"""The GitLab templates: how the single ones follow from the whole, and what becomes of them."""

import json
import re
from collections.abc import Mapping
from importlib.resources import files
from typing import Any

import yaml

from processes import ROOT

FOLDER = ROOT / "ci-templates" / "gitlab"
WHOLE = FOLDER / "ecs-pipeline.gitlab-ci.yml"
TEMPLATES = sorted(FOLDER.glob("*.gitlab-ci.yml"))

SCHEMA = json.loads(
    files("check_jsonschema").joinpath("builtin_schemas/vendor/gitlab-ci.json").read_text()
)
"""GitLab's own schema of a pipeline, as check-jsonschema carries it."""


class References(yaml.SafeLoader):
    """Reads ``!reference [job, key]`` as GitLab's schema wants it: a list."""


def _listed(loader: References, node: yaml.SequenceNode) -> list[Any]:
    return loader.construct_sequence(node)


References.add_constructor("!reference", _listed)

_USED = re.compile(r"\$\[\[ inputs\.([a-z-]+) \]\]")
_ALONE = re.compile(r'"\$\[\[ inputs\.([a-z-]+) \]\]"')
_ORIGIN = "# Cut from ecs-pipeline.gitlab-ci.yml by .ci/templates: a change belongs there."
_BORDER = "\n---\n"

SINGLE: Mapping[str, str] = {
    "image-push": """\
# One job: build an image, push it to ECR and pin it by its digest. Include it once for each image
# of a commit, with a prefix for the job's name.
#
#   include:
#     - project: tools/ecsstep
#       ref: v0.1.0
#       file: ci-templates/gitlab/image-push.gitlab-ci.yml
#       inputs:
#         job-prefix: nginx-
#         repository: laravel-nginx
#         dockerfile: docker/nginx/Dockerfile
""",
    "scan-gate": """\
# One job: let ECR's scan decide on the image that the job image-push of the same prefix has pushed.
#
#   include:
#     - project: tools/ecsstep
#       ref: v0.1.0
#       file: ci-templates/gitlab/scan-gate.gitlab-ci.yml
#       inputs:
#         job-prefix: nginx-
#         max: MEDIUM=10
""",
    "ecs-deploy": """\
# One job: deploy this commit's images to an ECS service and wait for the outcome. It finds them by
# itself, so GitLab's button for a rollback can run it again alone.
#
#   include:
#     - project: tools/ecsstep
#       ref: v0.1.0
#       file: ci-templates/gitlab/ecs-deploy.gitlab-ci.yml
#       inputs:
#         repository: laravel-php
#         container: app
#         sidecars: nginx=laravel-nginx
#         cluster: demo
#         service: shop
""",
}
"""The jobs that have a template of their own, with what stands at its head."""


def single(job: str) -> str:
    """Return the template of one job: its blocks of the whole, and the inputs that they use."""
    header, body = WHOLE.read_text(encoding="utf-8").split(_BORDER)
    schema = next(line for line in header.splitlines() if "yaml-language-server" in line)
    blocks = [block for block in re.split(r"\n\n", body.strip("\n")) if _belongs(block, job)]
    used = set(_USED.findall("\n".join(blocks)))
    inputs = re.split(r"\n(?=    [a-z])", header.split("spec:\n  inputs:\n")[1])
    kept = [each for each in inputs if each.strip().partition(":")[0] in used]
    head = f"{SINGLE[job]}#\n{_ORIGIN}\n#\n{schema}\nspec:\n  inputs:\n"
    return head + "\n".join(kept) + _BORDER + "\n\n".join(blocks) + "\n"


def _belongs(block: str, job: str) -> bool:
    name = next(line for line in block.splitlines() if not line.startswith("#"))
    return name.startswith(f".{job}-") or name == f'"$[[ inputs.job-prefix ]]{job}":'


def inputs_of(text: str) -> dict[str, dict[str, Any]]:
    """Return what a template's header declares."""
    header, _, _ = text.partition(_BORDER)
    declared: dict[str, dict[str, Any]] = yaml.safe_load(header)["spec"]["inputs"]
    return declared


def used_in(text: str) -> set[str]:
    """Return the inputs that a template's body uses."""
    return set(_USED.findall(text.partition(_BORDER)[2]))


def jobs_of(text: str, **given: Any) -> dict[str, dict[str, Any]]:
    """Return a template's jobs, with these inputs for its placeholders and ``extends`` followed.

    A whole value keeps the input's type, a part of one becomes text:
    https://docs.gitlab.com/ci/inputs/
    """
    values = {name: each["default"] for name, each in inputs_of(text).items()}
    values |= {name.replace("_", "-"): value for name, value in given.items()}
    plain = json.dumps(yaml.safe_load(text.partition(_BORDER)[2]))
    typed = _ALONE.sub(lambda found: json.dumps(values[found[1]]), plain)
    filled = _USED.sub(lambda found: json.dumps(_text(values[found[1]]))[1:-1], typed)
    jobs: dict[str, dict[str, Any]] = json.loads(filled)
    return {name: _extended(jobs, job) for name, job in jobs.items()}


def _text(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def _extended(jobs: Mapping[str, dict[str, Any]], job: Mapping[str, Any]) -> dict[str, Any]:
    """Objects are merged, everything else is replaced, as ``extends`` does it."""
    own = {name: value for name, value in job.items() if name != "extends"}
    base = _extended(jobs, jobs[job["extends"]]) if "extends" in job else {}
    return _merged(base, own)


def _merged(base: Mapping[str, Any], own: Mapping[str, Any]) -> dict[str, Any]:
    both = {
        name: _merged(base[name], value)
        if isinstance(base.get(name), dict) and isinstance(value, dict)
        else value
        for name, value in own.items()
    }
    return {**base, **both}


def blocks(document: str, language: str) -> list[str]:
    """Return the blocks of a guide that are marked as of this language."""
    text = (ROOT / "docs" / document).read_text(encoding="utf-8")
    return re.findall(rf"```{language}\n(.*?)```", text, re.DOTALL)


def pipelines(document: str) -> list[str]:
    """Return the whole pipelines of a guide, with the templates taken from the project itself."""
    whole = [each for each in blocks(document, "yaml") if each.startswith("# .gitlab-ci.yml")]
    return [
        re.sub(r"  - project: .*\n    ref: .*\n    file: (.*)\n", r"  - local: \1\n", each)
        for each in whole
    ]

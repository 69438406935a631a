"""Every state, trap and policy of the scan gate: the console script against the sandbox."""

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree as ET

import jsonschema
import pytest

import parts
from ecsstep.sandbox.scenarios import SCENARIOS
from ecsstep.sandbox.server import Sandbox
from ecsstep.sandbox.stock import put_image
from processes import Ended, environ, run

SPEED = 50
OLD = "app:v1.0.0"
"""An image that was pushed a week ago."""

NEW = "app:new"
"""An image that is pushed as the test begins."""

BY_LOOKS = {
    "scan-late": 15,
    "scan-partial": 15,
    "scan-late-complete": 15,
    "slow-scan": 1,
}
"""Stories whose beginning a slow machine would miss: how many seconds go by at each look."""

ONCE_A_DAY = "scan-once-a-day"
"""A story that a gate sees to its end only where the grace is longer than its beginning."""

QUICK = {
    "ECSSTEP_INTERVAL": "100ms", "ECSSTEP_SETTLE": "1s", "ECSSTEP_GRACE": "2s",
    "AWS_MAX_ATTEMPTS": "3",
}  # fmt: skip


@contextmanager
def told(scenario: str, **faults: str) -> Iterator[Sandbox]:
    """Tell a story, with a fresh image."""
    story = SCENARIOS[scenario]
    named = {action.replace("_", ":"): kind for action, kind in faults.items()}
    look = BY_LOOKS.get(scenario)
    speed = 15 if scenario == ONCE_A_DAY else SPEED
    with Sandbox(story, speed=speed, look=look, environ=environ(), faults=named) as sandbox:
        repository = sandbox.images.repository(sandbox.region, "app")
        put_image(sandbox.images, repository, tag="new", text="new")
        yield sandbox


def gate(sandbox: Sandbox, *argv: str, cwd: Path | None = None, **more: str) -> Ended:
    return run("scan-gate", *argv, env={**sandbox.environ(), **QUICK, **more}, cwd=cwd)


@pytest.mark.parametrize(
    ("scenario", "argv", "code", "out", "said"),
    [
        pytest.param("steady", [NEW], 0, "passed", "no findings", id="clean"),
        pytest.param("findings", [OLD], 1, "refused", "1 CRITICAL (0 allowed)", id="second page"),
        pytest.param("scan-pages", [OLD], 1, "refused", "1 CRITICAL", id="third page"),
        pytest.param("scan-enhanced", [NEW], 0, "passed", "no findings", id="enhanced"),
        pytest.param("findings-enhanced", [OLD], 1, "refused", "fixed in 3.0.13-1", id="active"),
        pytest.param(
            "scan-late", [NEW], 1, "refused", "may still add findings", id="active and empty first"
        ),
        pytest.param(
            "scan-late-complete", [NEW], 1, "refused", "may still", id="complete and empty first"
        ),
        pytest.param(
            "scan-partial", [NEW], 1, "refused", "may still add findings", id="one LOW first"
        ),
        pytest.param("scan-suppressed", [OLD], 0, "passed", "set_aside=1", id="suppressed"),
        pytest.param(
            "scan-hidden-counts", [OLD], 1, "refused", "counts 1 CRITICAL more",
            id="a count that a suppressed one would explain",
        ),
        pytest.param(
            "scan-platforms", ["multi:v1"], 1, "refused", "linux/arm64", id="one of two platforms"
        ),
        pytest.param(
            "scan-platforms", ["multi:v1", "--platform", "linux/amd64"], 0, "passed",
            "platforms=linux/amd64 ", id="narrowed to the other platform",
        ),
        pytest.param(
            "scan-platforms", ["multi:v1", "--platform", "windows/amd64"], 2, "",
            "it has 'linux/amd64' and 'linux/arm64'", id="no such platform",
        ),
        pytest.param(
            "scan-passed-over", ["multi:v1"], 3, "", "linux/arm64: it was never scanned",
            id="one of two platforms is passed over",
        ),
        pytest.param(
            "scan-stateless", [NEW], 3, "", "answer about the scan names no state", id="no state"
        ),
        pytest.param(
            "scan-unfilled", [OLD, "--timeout", "500ms"], 124, "", "there is no result yet",
            id="no result",
        ),
        pytest.param(
            "scan-counts-only", [OLD], 1, "refused", "counts 2 CRITICAL more", id="counts say more"
        ),
        pytest.param("scan-list-only", [OLD], 1, "refused", "1 CRITICAL", id="list says more"),
        pytest.param(
            "slow-scan", [NEW, "--timeout", "500ms"], 124, "", "the scan is IN_PROGRESS", id="slow"
        ),
        pytest.param("scan-failed", [NEW], 3, "", "the scan failed", id="failed"),
        pytest.param("scan-unsupported", [NEW], 3, "", "can't scan this image", id="unsupported"),
        pytest.param("scan-expired", [NEW], 3, "", "SCAN_ELIGIBILITY_EXPIRED", id="expired"),
        pytest.param("scan-unavailable", [NEW], 3, "", "FINDINGS_UNAVAILABLE", id="unavailable"),
        pytest.param("scan-quota", [NEW], 3, "", "quota of scans is used up", id="quota"),
        pytest.param("scan-archived", [NEW], 3, "", "the image is archived", id="archived"),
        pytest.param("scan-too-large", [NEW], 3, "", "IMAGE_SIZE_EXCEEDED", id="too large"),
        pytest.param("scan-unknown-state", [NEW], 3, "", "unknown state 'QUARANTINED'", id="new"),
        pytest.param("never-scanned", [NEW], 3, "", "ECR still knows of no scan", id="never"),
        pytest.param(
            "scan-uncovered", [NEW], 3, "", "none of its rules covers the repository", id="no rule"
        ),
        pytest.param("scan-by-hand", [NEW], 1, "refused", "scan started", id="by hand"),
        pytest.param(
            "scan-by-hand", [NEW, "--start", "never"], 3, "", "isn't scanned on push",
            id="by hand, not wanted",
        ),
        pytest.param(
            "scan-once-a-day", [NEW], 1, "refused", "once a day at most", id="once a day"
        ),
        pytest.param("scan-old", [OLD], 1, "refused", "a new one has been started", id="old"),
        pytest.param(
            "scan-old", [OLD, "--start", "never"], 3, "", "its last scan is 46 days old",
            id="old, not started",
        ),
        pytest.param(
            "scan-old", [NEW, "--start", "never", "--max-age", "720h"], 3, "", "39 days old",
            id="older than allowed",
        ),
        pytest.param("scan-old-enhanced", [OLD], 3, "", "46 days old", id="old, enhanced"),
        pytest.param("scan-throttled", [OLD], 75, "", "Rate exceeded", id="throttled"),
        pytest.param("scan-stumbling", [OLD], 0, "passed", "no findings", id="throttled at first"),
        pytest.param("steady", ["app:gone"], 2, "", "there is no image 'app:gone'", id="no image"),
        pytest.param(
            "steady", ["nowhere:v1"], 2, "", "there is no repository 'nowhere'", id="no repository"
        ),
        # Policies.
        pytest.param(
            "findings", [OLD, "--max", "critical=1", "--max", "HIGH=2"], 0, "passed", "1 CRITICAL",
            id="raised limits",
        ),
        pytest.param(
            "findings", [OLD, "--max", "CRITICAL=1", "--max", "HIGH=2", "--max", "UNDEFINED=1"],
            1, "refused", "2 UNDEFINED (1 allowed)", id="undefined",
        ),
        pytest.param(
            "findings-enhanced",
            [OLD, "--max", "CRITICAL=1", "--max", "HIGH=3", "--max", "untriaged=0"],
            1, "refused", "1 UNTRIAGED (0 allowed)", id="untriaged",
        ),
        pytest.param("scan-no-fix", [OLD], 1, "refused", "no fix", id="without fix"),
        pytest.param(
            "scan-no-fix", [OLD, "--fixable-only"], 0, "passed", "1 CRITICAL, 1 HIGH",
            id="fixable only",
        ),
        pytest.param(
            "findings", [OLD, "--fixable-only"], 1, "refused", "no fix data counts",
            id="fixable only, without data",
        ),
        pytest.param(
            "findings", [OLD, "--max", "CRITICAL=1", "--max", "HIGH=2", "--fail-when",
                         "counts.LOW > `50`"],
            1, "refused", "meets the condition 'counts.LOW > `50`'", id="condition",
        ),
        pytest.param(
            "steady", [OLD, "--fail-when", "counts.LOWW > `50`"], 2, "", "did you mean 'LOW'?",
            id="condition misspelled",
        ),
        pytest.param(
            "steady", [OLD, "--fail-when", "counts.LOW >"], 2, "", "is not JMESPath",
            id="condition that is none",
        ),
    ],
)  # fmt: skip
def test_every_state_trap_and_policy(
    scenario: str, argv: list[str], code: int, out: str, said: str
) -> None:
    # What is over a limit is refused at the look that lists it, whatever the settling takes.
    settle, grace = ("2m", "2m") if scenario in BY_LOOKS else ("1s", "2s")
    grace = "10s" if scenario == ONCE_A_DAY else grace
    with told(scenario) as sandbox:
        ended = gate(sandbox, *argv, ECSSTEP_SETTLE=settle, ECSSTEP_GRACE=grace)

    assert (ended.code, ended.out.strip()) == (code, out), ended.err
    assert said in ended.err
    assert code == 0 or "hint: " in ended.err


DENIED = {
    "ecr:BatchGetImage": (5, "allow the role the action ecr:BatchGetImage"),
    "ecr:DescribeImageScanFindings": (5, "allow the role the action ecr:DescribeImageScanFindings"),
    "ecr:StartImageScan": (5, "allow the role the action ecr:StartImageScan"),
    "ecr:GetRegistryScanningConfiguration": (1, "its answers are taken for enhanced scanning's"),
    "ecr:BatchGetRepositoryScanningConfiguration": (1, "when the repository is scanned can't"),
}


@pytest.mark.parametrize("action", DENIED)
def test_a_denied_action_is_named_with_what_the_gate_does_without_it(action: str) -> None:
    code, said = DENIED[action]
    with told("scan-by-hand", **{action.replace(":", "_"): "AccessDenied"}) as sandbox:
        ended = gate(sandbox, NEW)

    assert ended.code == code, ended.err
    assert said in ended.err
    assert action in ended.err


def test_what_starts_by_itself_needs_no_right_to_start() -> None:
    with told("scan-once-a-day", ecr_StartImageScan="AccessDenied") as sandbox:
        ended = gate(sandbox, NEW, ECSSTEP_GRACE="10s")

    assert (ended.code, ended.out) == (1, "refused\n"), ended.err
    assert "no scan can be started" in ended.err


def test_an_image_by_digest_needs_no_right_to_read_images() -> None:
    with told("steady", ecr_BatchGetImage="AccessDenied") as sandbox:
        repository = sandbox.images.repository(sandbox.region, "app")
        image = sandbox.images.find(repository, tag="v1.0.0")
        assert image is not None
        ended = gate(sandbox, f"app@{image.digest}")

    assert (ended.code, ended.out) == (0, "passed\n"), ended.err
    assert "taken for one of a single platform" in ended.err


def test_a_tag_is_resolved_once_and_the_digest_stands_in_every_output(tmp_path: Path) -> None:
    with told("steady") as sandbox:
        host = sandbox.registry
        ended = gate(
            sandbox, f"{host}/{OLD}", "--format", "json", "--dotenv", "deploy.env",
            "--report", "json=reports/passed.json", cwd=tmp_path,
        )  # fmt: skip
        digest = json.loads(ended.out)["digest"]

    assert ended.code == 0, ended.err
    assert (tmp_path / "deploy.env").read_text() == (
        f"ECSSTEP_IMAGE={host}/app@{digest}\nECSSTEP_IMAGE_DIGEST={digest}\n"
    )
    assert f"app@{digest}" in ended.err
    assert (tmp_path / "reports/passed.json").read_text() == ended.out


def test_a_botocore_that_drops_findings_refuses_to_judge(tmp_path: Path) -> None:
    import botocore

    home = Path(botocore.__file__).parent / "data/ecr/2015-09-21"
    old = tmp_path / "models/ecr/2015-09-21"
    old.mkdir(parents=True)
    packed = home / "service-2.json.gz"
    model = json.loads(
        _unpacked(packed) if packed.exists() else (home / "service-2.json").read_text()
    )
    del model["shapes"]["ImageScanFindings"]["members"]["enhancedFindings"]
    (old / "service-2.json").write_text(json.dumps(model))

    with told("findings-enhanced") as sandbox:
        ended = gate(sandbox, OLD, AWS_DATA_PATH=str(tmp_path / "models"))

    assert (ended.code, ended.out) == (3, ""), ended.err
    assert "this botocore doesn't know enhancedFindings" in ended.err


def _unpacked(path: Path) -> str:
    import gzip

    return gzip.decompress(path.read_bytes()).decode()


EXCEPTIONS = """
[[ignore]]
id = "CVE-2025-00104"
package = "expat"
until = 2099-12-31
reason = "not reachable from outside"
owner = "team-shop"

[[ignore]]
id = "CVE-2025-00102"
reason = "covered by the firewall"

[[ignore]]
id = "CVE-2025-00103"
until = 2020-01-01
reason = "was waiting for a fix"

[[ignore]]
id = "CVE-1999-0001"
reason = "long gone"
"""


def test_exceptions_age_and_are_reported(tmp_path: Path) -> None:
    (tmp_path / ".scan-gate.toml").write_text(EXCEPTIONS)

    with told("findings") as sandbox:
        ended = gate(sandbox, OLD, "--format", "json", cwd=tmp_path)

    found = json.loads(ended.out)
    assert (ended.code, found["counts"]["CRITICAL"], found["counts"]["HIGH"]) == (1, 0, 1)
    assert [(each["id"], each["reason"]) for each in found["ignored"]] == [
        (
            "CVE-2025-00104",
            (
                "not reachable from outside (until 2099-12-31, owner team-shop, "
                "'.scan-gate.toml', entry 1)"
            ),
        ),
        ("CVE-2025-00102", "covered by the firewall ('.scan-gate.toml', entry 2)"),
    ]
    assert [each["state"] for each in found["exceptions"]] == ["used", "used", "expired", "unused"]
    assert "ended on 2020-01-01: CVE-2025-00103 counts again" in ended.err
    assert "entry 4 is not used" in ended.err


def test_exceptions_let_an_image_through_and_the_other_tools_files_are_read(tmp_path: Path) -> None:
    (tmp_path / ".trivyignore").write_text("# not reachable\nCVE-2025-00104 exp:2099-12-31\n")
    (tmp_path / ".grype.yaml").write_text(
        "ignore:\n  - vulnerability: CVE-2025-00102\n    reason: r\n"
        "  - vulnerability: CVE-2025-00103\n    package: {name: glibc}\n"
        "  - vulnerability: CVE-2025-00103\n    package: {type: deb}\n"
    )
    files = ("--ignore-file", ".trivyignore", "--ignore-file", ".grype.yaml")

    with told("findings") as sandbox:
        ended = gate(sandbox, OLD, *files, cwd=tmp_path)

    assert (ended.code, ended.out) == (0, "passed\n"), ended.err
    assert "an exception is left out" in ended.err
    assert "'type' can't be told" in ended.err


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        pytest.param(".scan-gate.toml", "[[ignore]]\nid = 1\n", "'id' is no text", id="toml"),
        pytest.param(".scan-gate.toml", "[[ignore]", "is not TOML", id="broken"),
        pytest.param(
            ".scan-gate.yaml",
            "ignore:\n- {id: CVE-1, reason: r, untill: 2026-01-01, until: 2026-02-30}\n",
            "2 mistakes in the exceptions",
            id="yaml",
        ),
    ],
)
def test_a_mistake_in_the_exceptions_is_told_before_any_call(
    tmp_path: Path, name: str, text: str, said: str
) -> None:
    (tmp_path / name).write_text(text)

    ended = run("scan-gate", "app:v1", cwd=tmp_path, env=environ(AWS_DEFAULT_REGION="eu-west-1",
                AWS_ACCESS_KEY_ID="x", AWS_SECRET_ACCESS_KEY="y"))  # fmt: skip

    assert (ended.code, ended.out) == (2, ""), ended.err
    assert said in ended.err


ALL = ("json", "gitlab", "codequality", "junit", "sarif", "markdown")
REPORTS = tuple(word for name in ALL for word in ("--report", f"{name}={name}.out"))


@pytest.mark.parametrize(
    ("scenario", "code"), [("scan-failed", 3), ("scan-throttled", 75), ("slow-scan", 124)]
)
def test_without_a_result_no_report_says_success(tmp_path: Path, scenario: str, code: int) -> None:
    for name in ALL:
        (tmp_path / f"{name}.out").write_text("passed")

    with told(scenario) as sandbox:
        ended = gate(sandbox, NEW, "--timeout", "700ms", *REPORTS, cwd=tmp_path)

    texts = {name: (tmp_path / f"{name}.out").read_text() for name in ALL}
    assert ended.code == code, ended.err
    assert json.loads(texts["json"])["verdict"] == "unusable"
    assert json.loads(texts["gitlab"])["scan"]["status"] == "failure"
    assert [each["severity"] for each in json.loads(texts["codequality"])] == ["blocker"]
    assert 'errors="1"' in texts["junit"]
    assert not json.loads(texts["sarif"])["runs"][0]["invocations"][0]["executionSuccessful"]
    assert "no usable scan" in texts["markdown"]


def test_hostile_texts_come_out_harmless_on_the_terminal_and_in_each_report(
    tmp_path: Path,
) -> None:
    with told("scan-hostile") as sandbox:
        ended = gate(sandbox, OLD, "--format", "json", *REPORTS, cwd=tmp_path)
        shown = gate(sandbox, OLD, cwd=tmp_path)

    assert (ended.code, shown.code) == (1, 1), ended.err
    texts = {name: (tmp_path / f"{name}.out").read_text() for name in ALL}
    acted_on = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")
    for text in (ended.out, ended.err, shown.out, shown.err, *texts.values()):
        assert not acted_on.search(text)
    assert max(map(len, shown.err.splitlines())) < 400


SCHEMAS = {"gitlab": "container-scanning-report-format.json", "sarif": "sarif-2.1.0.json"}


@pytest.mark.parametrize("scenario", ["findings", "findings-enhanced", "scan-hostile", "steady"])
def test_the_reports_of_a_run_are_valid(tmp_path: Path, scenario: str) -> None:
    with told(scenario) as sandbox:
        ended = gate(sandbox, OLD, *REPORTS, cwd=tmp_path)

    assert ended.code in {0, 1}, ended.err
    texts = {name: (tmp_path / f"{name}.out").read_text() for name in ALL}
    ET.fromstring(texts["junit"])
    assert isinstance(json.loads(texts["codequality"]), list)
    parts.need("schemas")
    for name, file in SCHEMAS.items():
        jsonschema.validate(json.loads(texts[name]), json.loads(parts.schema(file).read_text()))


def test_what_is_deployed_is_what_was_gated(tmp_path: Path) -> None:
    script = """
    scan-gate "$ECR_REGISTRY/app:v1.0.0" --report json=passed.json --dotenv deploy.env
    set -a; . ./deploy.env; set +a
    taskdef-render --cluster demo --service web --container app --require-passed passed.json
    """
    with told("steady") as sandbox:
        passed = run("sh", "-euc", script, env={**sandbox.environ(), **QUICK}, cwd=tmp_path)
        other = run(
            "taskdef-render", "--cluster", "demo", "--service", "web", "--container", "app",
            "--require-passed", "passed.json",
            "--image", f"{sandbox.registry}/app@sha256:{'0' * 64}",
            env=sandbox.environ(), cwd=tmp_path,
        )  # fmt: skip

    assert passed.code == 0, passed.err
    assert (other.code, other.out) == (1, "")
    assert "has no record of having passed scan-gate" in other.err


def test_one_platform_that_passed_is_not_the_whole(tmp_path: Path) -> None:
    script = """
    scan-gate "$ECR_REGISTRY/multi:v1" --platform linux/amd64 --report passed.json \
      --dotenv deploy.env
    set -a; . ./deploy.env; set +a
    taskdef-render --cluster demo --service web --container app --require-passed passed.json
    """
    with told("scan-platforms") as sandbox:
        handed_on = run("sh", "-euc", script, env={**sandbox.environ(), **QUICK}, cwd=tmp_path)
        record = json.loads((tmp_path / "passed.json").read_text())
        whole = run(
            "taskdef-render", "--cluster", "demo", "--service", "web", "--container", "app",
            "--require-passed", "passed.json",
            "--image", f"{sandbox.registry}/multi@{record['digest']}",
            env=sandbox.environ(), cwd=tmp_path,
        )  # fmt: skip

    assert handed_on.code == 0, handed_on.err
    [amd64] = record["platforms"]
    assert (record["verdict"], record["left_out"]) == ("passed", ["linux/arm64"])
    assert f"multi@{amd64['digest']}" in handed_on.out
    assert (whole.code, whole.out) == (1, "")
    assert "has passed only in part: 'linux/arm64' was left out of 'passed.json'" in whole.err


def test_the_articles_variables_and_no_host_hand_on_the_whole_reference(tmp_path: Path) -> None:
    old = f"ECSSTEP_IMAGE=x.example/app@sha256:{'e' * 64}\n"
    (tmp_path / "deploy.env").write_text(old)
    with told("steady") as sandbox:
        named = {"IMAGE_REPO_NAME": "app", "IMAGE_TAG": "v1.0.0"}
        ended = gate(sandbox, "--dotenv", "deploy.env", cwd=tmp_path, **named)
        bare = gate(sandbox, OLD, "--dotenv", "deploy.env", cwd=tmp_path, ECR_REGISTRY="")
        lines = (tmp_path / "deploy.env").read_text().splitlines()
        host = f"{sandbox.registry}/app"

    assert (ended.code, bare.code) == (0, 0), ended.err + bare.err
    assert f"image='{host}" in ended.err or f"image={host}" in ended.err
    [image, digest] = (line.partition("=")[2] for line in lines)
    assert image == f"123456789012.dkr.ecr.ap-northeast-1.amazonaws.com/app@{digest}"


def test_each_scan_story_is_told_by_a_row_above() -> None:
    stories = {name for name in SCENARIOS if "scan" in name}
    text = Path(__file__).read_text(encoding="utf-8")

    assert {name for name in stories if f'"{name}"' not in text} == set()
    assert all(replace(SCENARIOS[name]).about for name in stories)

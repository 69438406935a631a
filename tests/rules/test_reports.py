"""Every report: valid, read by a second reader where there is one, and harmless."""

import datetime as dt
import functools
import html
import json
import re
from collections.abc import Callable
from typing import Any
from xml.etree import ElementTree as ET

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

import parts
from ecsstep.rules import gate
from ecsstep.rules.findings import SEVERITIES, Excess, Finding, Policy, Scan, tally
from ecsstep.rules.image import parse_reference
from ecsstep.rules.judged import data
from ecsstep.rules.reports import FORMATS, parse_anchor, rendered
from ecsstep.rules.reports.report import Report
from ecsstep.sandbox.findings import HOSTILE

DIGEST = "sha256:" + "d" * 64
IMAGE = parse_reference("123456789012.dkr.ecr.eu-west-1.amazonaws.com/shop/app:v1")
START = dt.datetime(2026, 1, 2, 3, 4, 5, tzinfo=dt.UTC)
V3 = "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"
V2 = "AV:N/AC:L/Au:N/C:P/I:P/A:P"
V4 = "CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N"

WORST = Finding(
    id="CVE-2026-1", package="openssl", version="3.0.11", severity="CRITICAL", fixed_in="3.0.13",
    is_fixable=True, has_exploit=True, score=9.8, vectors=(f"{V3}/E:P", V4, V2),
    title="CVE-2026-1 - openssl", description="A bad one.", system="DEBIAN_12",
    uri="https://nvd.nist.gov/vuln/detail/CVE-2026-1",
)  # fmt: skip
UNRATED = Finding(id="CVE-2026-2", severity="UNTRIAGED", is_fixable=False, path="srv/a.jar")
LOW = Finding(id="GHSA-x", package="lib", version="1", severity="LOW", advice="rebuild it")
ASIDE = Finding(
    id="CVE-2026-3", package="zlib", version="1", severity="HIGH", set_aside="not reachable"
)


def a_report(*findings: Finding, policy: Policy | None = None, **changes: Any) -> Report:
    policy = policy or Policy()
    counts: dict[str, int] = changes.pop("counts", {})
    platform: str = changes.pop("platform", "")
    scan = Scan(status="COMPLETE", has_findings=True, findings=findings, counts=counts)
    counted = tally({platform: scan}, policy)
    exceeded = counted.exceeded(policy)
    refused = gate.Refused(tally=counted, exceeded=exceeded) if exceeded else None
    return Report(
        **{
            "image": IMAGE, "digest": DIGEST, "version": "1.2.3", "started": START,
            "ended": START + dt.timedelta(seconds=9), "said": "image is judged",
            "hint": "do this next" if refused else "", "exit": 1 if refused else 0,
            "policy": policy, "tally": counted, "refused": refused,
            "data": data(counted, policy), **changes,
        }
    )  # fmt: skip


def unusable() -> Report:
    return Report(
        image=IMAGE, digest="", version="1.2.3", started=START, ended=START, said="no scan",
        hint="push it again", exit=3, policy=Policy(), data={"verdict": "unusable"},
    )  # fmt: skip


REFUSED = a_report(WORST, UNRATED, LOW, ASIDE, counts={"HIGH": 2})
PASSED = a_report(LOW, ASIDE)
EMPTY = a_report()
HOSTILE_FINDINGS = tuple(
    Finding(
        id=f"CVE-{number}{text}", package=text, version=text, severity="CRITICAL", fixed_in=text,
        title=text, description=f"{text}\n{text}", advice=text, path=text, system=text,
        uri=f"https://example.org/{text}", platforms=(text,), vectors=(text,),
    )
    for number, text in enumerate(HOSTILE)
)  # fmt: skip
ATTACKED = a_report(*HOSTILE_FINDINGS, said=" ".join(HOSTILE), hint=" ".join(HOSTILE))
ALL = {
    "refused": REFUSED, "passed": PASSED, "empty": EMPTY, "unusable": unusable(),
    "attacked": ATTACKED,
}  # fmt: skip


def each(*names: str) -> Callable[[Any], Any]:
    return pytest.mark.parametrize("report", [ALL[name] for name in names or ALL], ids=names or ALL)


def loaded(name: str, report: Report) -> Any:
    return json.loads(rendered(name, report))


def check_schema(file: str, document: Any, required: tuple[str, ...]) -> None:
    """Check against the published schema, or, where it isn't here, what it requires at the top."""
    assert set(required) <= set(document)
    parts.need("schemas")
    _validator(file).validate(document)


@functools.cache
def _validator(file: str) -> Any:
    schema = json.loads(parts.schema(file).read_text())
    validator = jsonschema.validators.validator_for(schema)
    validator.check_schema(schema)
    return validator(schema, format_checker=validator.FORMAT_CHECKER)


@each()
def test_the_gitlab_report_is_valid(report: Report) -> None:
    document = loaded("gitlab", report)

    for found in document["vulnerabilities"]:
        assert found["identifiers"]
        assert found["location"]["operating_system"]
        assert found["location"]["image"]
    check_schema(
        "container-scanning-report-format.json", document, ("version", "scan", "vulnerabilities")
    )


@each()
def test_the_sarif_report_is_valid(report: Report) -> None:
    document = loaded("sarif", report)

    for run in document["runs"]:
        rules = [rule["id"] for rule in run["tool"]["driver"]["rules"]]
        assert len(set(rules)) == len(rules)
        for result in run["results"]:
            assert rules[result["ruleIndex"]] == result["ruleId"]
    check_schema("sarif-2.1.0.json", document, ("version", "runs"))


def test_a_gitlab_vulnerability_has_everything_that_is_known() -> None:
    [unlisted, first, third, second] = loaded("gitlab", REFUSED)["vulnerabilities"]

    assert first == {
        "id": first["id"],
        "name": "CVE-2026-1 - openssl",
        "description": "A bad one.",
        "severity": "Critical",
        "solution": "update openssl to 3.0.13",
        "identifiers": [
            {"type": "cve", "name": "CVE-2026-1", "value": "CVE-2026-1", "url": WORST.uri}
        ],
        "cvss_vectors": [
            {"vendor": "Amazon ECR", "vector": V3}, {"vendor": "Amazon ECR", "vector": V2},
        ],
        "links": [{"url": WORST.uri}],
        "location": {
            "dependency": {"package": {"name": "openssl"}, "version": "3.0.11"},
            "operating_system": "DEBIAN_12",
            "image": str(IMAGE.pinned(DIGEST)),
        },
    }  # fmt: skip
    said = "Amazon ECR counts 2 HIGH more than it lists"
    assert (unlisted["severity"], unlisted["name"], unlisted["description"]) == ("High", said, said)
    assert (second["severity"], second["identifiers"][0]["type"]) == ("Low", "ghsa")
    assert (third["severity"], third["name"]) == ("Unknown", "CVE-2026-2")
    assert third["location"]["dependency"] == {"package": {"name": "unnamed"}, "version": "unknown"}


def test_an_id_stays_the_same_in_the_next_image_and_differs_by_version() -> None:
    def identity(**changes: Any) -> str:
        finding = Finding(**{"id": "CVE-1", "package": "a", "severity": "LOW", **changes})
        report = a_report(finding, digest="sha256:" + "e" * 64)
        return str(loaded("gitlab", report)["vulnerabilities"][0]["id"])

    assert identity() == identity(severity="HIGH", title="other words")
    assert len({identity(), identity(version="2"), identity(package="b")}) == 3


@pytest.mark.parametrize(
    ("report", "status", "level"),
    [(REFUSED, "success", "warn"), (PASSED, "success", "info"), (unusable(), "failure", "fatal")],
)
def test_the_gitlab_report_says_what_came_of_the_scan(
    report: Report, status: str, level: str
) -> None:
    scan = loaded("gitlab", report)["scan"]

    assert (scan["status"], scan["messages"][0]) == (
        status, {"level": level, "value": report.said},
    )  # fmt: skip
    assert (scan["start_time"], scan["type"]) == ("2026-01-02T03:04:05", "container_scanning")


def test_what_is_set_aside_or_not_listed_is_a_message_in_gitlab() -> None:
    messages = [each["value"] for each in loaded("gitlab", REFUSED)["scan"]["messages"]]

    assert messages[1:] == [
        "ECR counts 2 HIGH more than it lists",
        "set aside: CVE-2026-3 in zlib 1: not reachable",
    ]


@each()
def test_code_quality_has_what_gitlab_wants_of_it(report: Report) -> None:
    entries = loaded("codequality", report)

    assert isinstance(entries, list)
    for entry in entries:
        assert set(entry) == {
            "description", "content", "check_name", "fingerprint", "severity", "location",
        }  # fmt: skip
        assert entry["content"]["body"] == f"Image {report.subject}"
        assert entry["severity"] in {"info", "minor", "major", "critical", "blocker"}
        assert entry["location"] == {"path": "Dockerfile", "lines": {"begin": 1}}
        assert entry["description"]
        assert entry["check_name"]
    prints = [entry["fingerprint"] for entry in entries]
    assert len(set(prints)) == len(prints)


def test_code_quality_names_the_finding_and_what_to_do() -> None:
    entries = loaded("codequality", REFUSED)

    assert [(entry["severity"], entry["description"]) for entry in entries] == [
        ("critical", "Amazon ECR counts 2 HIGH more than it lists"),
        ("blocker", "CRITICAL: CVE-2026-1 in openssl 3.0.11; update openssl to 3.0.13"),
        ("major", "UNTRIAGED: CVE-2026-2"),
        ("minor", "LOW: GHSA-x in lib 1; rebuild it"),
    ]


def test_code_quality_without_a_scan_is_not_empty() -> None:
    [entry] = loaded("codequality", unusable())

    assert (entry["severity"], entry["description"]) == ("blocker", "no scan")


def cases(report: Report) -> list[ET.Element]:
    root = ET.fromstring(rendered("junit", report).encode())
    [suite] = root
    found = list(suite)
    outcomes = [child.tag for case in found for child in case if child.tag != "system-out"]
    for element in (root, suite):
        assert element.attrib["tests"] == str(len(found))
        assert element.attrib["failures"] == str(outcomes.count("failure"))
        assert element.attrib["errors"] == str(outcomes.count("error"))
        assert element.attrib["skipped"] == str(outcomes.count("skipped"))
    return found


@each()
def test_junit_is_read_by_a_parser_and_its_names_are_unique(report: Report) -> None:
    names = [case.attrib["name"] for case in cases(report)]

    assert len(set(names)) == len(names) >= 1


def test_junit_fails_skips_and_passes() -> None:
    outcomes = {case.attrib["name"]: [child.tag for child in case] for case in cases(REFUSED)}

    assert outcomes == {
        "scan-gate's verdict": ["failure"],
        "HIGH findings that ECR counts and doesn't list": ["failure"],
        "CRITICAL CVE-2026-1 in openssl 3.0.11": ["failure"],
        "LOW GHSA-x in lib 1": ["system-out"],
        "UNTRIAGED CVE-2026-2": ["system-out"],
        "HIGH CVE-2026-3 in zlib 1": ["skipped"],
    }
    text = rendered("junit", REFUSED)
    # GitLab shows the text of a failure, not its message.
    assert ">update openssl to 3.0.13\nA bad one.\nhttps://nvd" in text


def test_a_platform_is_named() -> None:
    report = a_report(LOW, platform="linux/arm64")

    assert cases(report)[1].attrib["name"] == "LOW GHSA-x in lib 1 on linux/arm64"
    assert "| `lib 1` |  | `linux/arm64` |" in rendered("markdown", report)


def test_junit_of_a_pass_has_a_case_and_without_a_scan_an_error() -> None:
    assert [[child.tag for child in case] for case in cases(EMPTY)] == [["system-out"]]
    assert [[child.tag for child in case] for case in cases(unusable())] == [["error"]]


def test_a_finding_of_which_nothing_can_be_shown_is_a_case_all_the_same() -> None:
    _, case = cases(a_report(Finding(id="\u202e", package="lib", severity="LOW")))

    assert (case.attrib["name"], list(case)) == ("LOW in lib", [])


def test_the_same_name_twice_gets_a_number() -> None:
    twice = [
        Finding(id="CVE-1", package="a", version="1 2", severity="LOW"),
        Finding(id="CVE-1", package="a 1", version="2", severity="LOW"),
    ]

    names = [case.attrib["name"] for case in cases(a_report(*twice))]

    assert names[1:] == ["LOW CVE-1 in a 1 2", "LOW CVE-1 in a 1 2 (2)"]


def test_sarif_has_level_score_fingerprint_and_suppression() -> None:
    [run] = loaded("sarif", REFUSED)["runs"]
    rules = run["tool"]["driver"]["rules"]
    scores = {rule["id"]: rule["properties"]["security-severity"] for rule in rules}
    results = {result["ruleId"]: result for result in run["results"]}

    assert scores == {
        "CVE-2026-1": "9.8", "GHSA-x": "0.1", "CVE-2026-2": "4.0", "CVE-2026-3": "7.0",
        "unlisted HIGH": "7.0",
    }  # fmt: skip
    assert {name: result["level"] for name, result in results.items()} == {
        "CVE-2026-1": "error", "GHSA-x": "note", "CVE-2026-2": "warning", "CVE-2026-3": "error",
        "unlisted HIGH": "error",
    }  # fmt: skip
    assert results["CVE-2026-3"]["suppressions"] == [
        {"kind": "external", "justification": "not reachable"}
    ]
    assert "suppressions" not in results["CVE-2026-1"]
    [invocation] = run["invocations"]
    assert (invocation["executionSuccessful"], invocation["exitCode"]) == (True, 1)
    notes = [note["message"]["text"] for note in invocation["toolExecutionNotifications"]]
    assert notes == ["image is judged", "ECR counts 2 HIGH more than it lists"]


def test_sarif_without_a_scan_was_no_success() -> None:
    [invocation] = loaded("sarif", unusable())["runs"][0]["invocations"]

    assert (invocation["executionSuccessful"], invocation["exitCode"]) == (False, 3)


def markdown(report: Report) -> str:
    """Return the HTML that a second reader makes of it, as GitLab's and GitHub's do."""
    reader = MarkdownIt("commonmark", {"html": True, "linkify": False}).enable("table")
    return str(reader.render(rendered("markdown", report)))


def test_markdown_is_a_table_with_what_to_do_first_on_top() -> None:
    text = rendered("markdown", REFUSED)

    rows = [line for line in text.splitlines() if line.startswith("| ") and "`" in line]
    assert rows == [
        (
            "| **✗** | CRITICAL | [`CVE-2026-1`](<https://nvd.nist.gov/vuln/detail/CVE-2026-1>) "
            "| `openssl 3.0.11` | `fixed in 3.0.13` |  |"
        ),
        "|  | UNTRIAGED | `CVE-2026-2` |  | `no fix` |  |",
        "|  | LOW | `GHSA-x` | `lib 1` |  |  |",
        "| HIGH | `CVE-2026-3` | `zlib` | not reachable |",
    ]
    assert text.startswith("## scan-gate: refused\n\nimage is judged\n\nNext: `do this next`\n")
    assert "ECR counts 2 HIGH more than it lists." in text
    assert markdown(REFUSED).count("<table>") == 3


def test_markdown_of_a_pass_and_without_a_scan() -> None:
    assert rendered("markdown", EMPTY).startswith("## scan-gate: passed\n")
    assert "## scan-gate: no usable scan" in rendered("markdown", unusable())
    assert "<table>" not in markdown(unusable())


def test_a_very_long_table_is_cut_and_says_so() -> None:
    many = [Finding(id=f"CVE-{number}", severity="LOW") for number in range(501)]

    assert "\nand 1 more.\n" in rendered("markdown", a_report(*many))


TAGS = set("h2 h3 p table thead tbody tr th td code strong a".split())  # noqa: SIM905 - names


def test_hostile_texts_stay_texts_in_markdown() -> None:
    shown = markdown(ATTACKED)

    tags = set(re.findall(r"</?([a-z0-9]+)", shown))
    assert tags <= TAGS
    assert all(link.startswith("https://") for link in re.findall(r'href="([^"]*)"', shown))
    # Every row has as many cells as the head: no text ended a cell.
    for table in re.findall(r"<table>.*?</table>", shown, re.DOTALL):
        rows = re.findall(r"<tr>.*?</tr>", table, re.DOTALL)
        assert {row.count("<td>") + row.count("<th>") for row in rows} in ({3}, {4}, {6})
    # A mention acts on a person's inbox unless it is code.
    tables = "".join(re.findall(r"<table>.*?</table>", shown, re.DOTALL))
    assert "@all" in tables
    assert "@all" not in html.unescape(re.sub(r"<code>.*?</code>", "", tables))


def test_hostile_texts_break_no_xml() -> None:
    found = cases(ATTACKED)

    assert len(found) == len(HOSTILE_FINDINGS) + 1
    assert all(child.tag == "failure" for case in found for child in case)


ACTED_ON = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")


@pytest.mark.parametrize("name", FORMATS)
def test_no_report_holds_what_a_terminal_would_act_on(name: str) -> None:
    text = rendered(name, ATTACKED)

    assert not ACTED_ON.search(text)
    if name != "json":
        assert len(text) < 200_000


texts = st.text(max_size=30)
findings = st.builds(
    Finding, id=st.text(min_size=1, max_size=30), package=texts, version=texts,
    severity=st.sampled_from(SEVERITIES), fixed_in=texts, is_fixable=st.none() | st.booleans(),
    score=st.none() | st.floats(0, 10), vectors=st.tuples(texts), title=texts, description=texts,
    advice=texts, path=texts, system=texts, uri=texts | texts.map("https://{}".format),
    set_aside=st.just("") | texts, platforms=st.tuples() | st.tuples(texts),
)  # fmt: skip


@settings(deadline=None, max_examples=50)
@given(st.lists(findings, max_size=5), texts)
def test_any_finding_makes_valid_reports(found: list[Finding], said: str) -> None:
    report = a_report(*found, said=said)

    cases(report)
    assert markdown(report)
    document = loaded("gitlab", report)
    for each in document["vulnerabilities"]:
        assert len(each["name"]) <= 255
        for link in each["links"]:
            assert re.fullmatch(r"(https?|ftp)://.+", link["url"]) or link["url"] == "https://"
    for entry in loaded("codequality", report):
        assert entry["description"]
    assert loaded("sarif", report)["version"] == "2.1.0"
    if parts.is_here("schemas"):
        check_schema("container-scanning-report-format.json", document, ())


def test_the_platforms_of_a_finding_stand_in_every_report() -> None:
    report = a_report(LOW, platform="linux/arm64")

    for name in FORMATS:
        assert "linux/arm64" in rendered(name, report), name


def test_a_condition_is_about_the_whole_and_blames_no_finding() -> None:
    counted = tally({"": Scan(status="COMPLETE", findings=(LOW,))}, Policy())
    refused = gate.Refused(tally=counted, condition="counts.LOW > `0`")
    report = a_report(LOW, refused=refused, exit=1)

    assert [case.find("failure") is not None for case in cases(report)] == [True, False]
    assert "✗" not in rendered("markdown", report)


def test_the_json_report_is_the_result() -> None:
    assert loaded("json", PASSED) == json.loads(json.dumps(PASSED.data))


def test_the_worst_limit_is_shown_as_the_policy_has_it() -> None:
    text = rendered("markdown", a_report(LOW, policy=Policy(limits={"LOW": 0})))

    assert "| LOW | 1 | 0 |" in text
    assert Excess(severity="LOW", count=1, limit=0) in tally(
        {"": Scan(status="COMPLETE", findings=(LOW,))}, Policy(limits={"LOW": 0})
    ).exceeded(Policy(limits={"LOW": 0}))


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("Dockerfile", "Dockerfile"),
        ("./docker//Dockerfile", "docker/Dockerfile"),
        ("a b", "a b"),
    ],
)
def test_the_dockerfile_is_a_path_within_the_project(text: str, path: str) -> None:
    report = a_report(LOW, anchor=parse_anchor(text))

    assert loaded("codequality", report)[0]["location"]["path"] == path
    [result] = loaded("sarif", report)["runs"][0]["results"]
    place = result["locations"][0]["physicalLocation"]["artifactLocation"]
    assert place == {"uri": path.replace(" ", "%20")}


@pytest.mark.parametrize("text", ["/Dockerfile", "../Dockerfile", "./", ""])
def test_another_path_is_a_mistake(text: str) -> None:
    with pytest.raises(ValueError, match="is no path within the project"):
        parse_anchor(text)

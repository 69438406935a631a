"""ECR's scan calls, checked against AWS's model by the Stubber."""

import datetime as dt
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from botocore.model import ServiceModel
from botocore.stub import Stubber

from ecsstep.aws.scan_replies import scan_from
from ecsstep.aws.scans import Scans, Start
from ecsstep.errors import Exit, StepError
from ecsstep.rules.findings import Finding, Scan

DIGEST = "sha256:" + "d" * 64
ACCOUNT = "123456789012"
PLACE = {"repositoryName": "app", "registryId": ACCOUNT, "imageId": {"imageDigest": DIGEST}}
WHEN = dt.datetime(2026, 1, 2, tzinfo=dt.UTC)


@pytest.fixture
def stub() -> Iterator[tuple[Scans, Stubber]]:
    client = boto3.client(
        "ecr", region_name="eu-west-1", aws_access_key_id="a", aws_secret_access_key="b"
    )
    with Stubber(client) as stubber:
        yield Scans(client, repository="app", registry_id=ACCOUNT), stubber
        stubber.assert_no_pending_responses()


def page(stubber: Stubber, reply: dict[str, Any], *, token: str = "") -> None:
    wanted: dict[str, Any] = {**PLACE, "maxResults": 1000}
    if token:
        wanted["nextToken"] = token
    stubber.add_response("describe_image_scan_findings", reply, wanted)


def basic(name: str, severity: str = "HIGH", **attributes: str) -> dict[str, Any]:
    return {
        "name": name,
        "description": "words",
        "uri": "https://cve/1",
        "severity": severity,
        "attributes": [{"key": key, "value": value} for key, value in attributes.items()],
    }


def test_basic_findings_are_read_to_the_last_page(stub: tuple[Scans, Stubber]) -> None:
    scans, stubber = stub
    first = basic("CVE-1", package_name="zlib", package_version="1.2")
    summary = {"imageScanCompletedAt": WHEN, "findingSeverityCounts": {"HIGH": 1, "CRITICAL": 1}}
    status = {"status": "COMPLETE", "description": "done"}
    page(
        stubber,
        {
            "registryId": ACCOUNT,
            "imageScanStatus": status,
            "imageScanFindings": {**summary, "findings": [first]},
            "nextToken": "t1",
        },
    )
    page(stubber, {"imageScanStatus": status, "nextToken": "t2"}, token="t1")
    page(
        stubber,
        {
            "imageScanStatus": status,
            "imageScanFindings": {**summary, "findings": [basic("CVE-2", "CRITICAL"), {}]},
        },
        token="t2",
    )

    assert scans.scan(DIGEST) == Scan(
        status="COMPLETE",
        description="done",
        has_findings=True,
        findings=(
            Finding(
                id="CVE-1", package="zlib", version="1.2", severity="HIGH",
                description="words", uri="https://cve/1",
            ),
            Finding(id="CVE-2", severity="CRITICAL", description="words", uri="https://cve/1"),
            Finding(id="", severity="UNDEFINED"),
        ),
        listed={"HIGH": 1, "CRITICAL": 1, "UNDEFINED": 1},
        counts={"HIGH": 1, "CRITICAL": 1},
        completed_at="2026-01-02T00:00:00+00:00",
        changed_at="2026-01-02T00:00:00+00:00",
        registry_id=ACCOUNT,
    )  # fmt: skip


def enhanced(**changes: Any) -> dict[str, Any]:
    return {
        "title": "CVE-9 - openssl",
        "severity": "HIGH",
        "status": "ACTIVE",
        "packageVulnerabilityDetails": {
            "vulnerabilityId": "CVE-9",
            "sourceUrl": "https://nvd/9",
            "vulnerablePackages": [
                {"name": "openssl", "version": "3.0", "epoch": 1, "release": "4.el9",
                 "fixedInVersion": "3.1"},
                {"name": "openssl-libs", "version": "3.0", "epoch": 0,
                 "fixedInVersion": "NotAvailable"},
            ],
        },
        **changes,
    }  # fmt: skip


def findings_of(stub: tuple[Scans, Stubber], found: dict[str, Any]) -> Scan:
    scans, stubber = stub
    page(
        stubber,
        {
            "imageScanStatus": {"status": "ACTIVE"},
            "imageScanFindings": {"enhancedFindings": [found]},
        },
    )
    scan = scans.scan(DIGEST)
    assert scan is not None
    return scan


@pytest.mark.parametrize(
    ("changes", "is_fixable"),
    [
        pytest.param({"fixAvailable": "YES"}, (True, True), id="yes"),
        pytest.param({"fixAvailable": "PARTIAL"}, (True, True), id="partial"),
        pytest.param({"fixAvailable": "NO"}, (True, False), id="no, but for a named version"),
        pytest.param({"fixAvailable": "PERHAPS"}, (True, None), id="something new"),
        pytest.param({}, (True, None), id="not said"),
    ],
)
def test_an_enhanced_finding_is_one_for_each_package(
    stub: tuple[Scans, Stubber],
    changes: dict[str, Any],
    is_fixable: tuple[bool | None, bool | None],
) -> None:
    scan = findings_of(stub, enhanced(**changes))

    shared: dict[str, Any] = {
        "id": "CVE-9", "severity": "HIGH", "title": "CVE-9 - openssl", "uri": "https://nvd/9",
    }  # fmt: skip
    assert scan.findings == (
        Finding(
            package="openssl",
            version="1:3.0-4.el9",
            fixed_in="3.1",
            is_fixable=is_fixable[0],
            **shared,
        ),
        Finding(package="openssl-libs", version="3.0", is_fixable=is_fixable[1], **shared),
    )
    assert scan.listed == {"HIGH": 1}


@pytest.mark.parametrize(
    ("state", "set_aside"),
    [
        ("SUPPRESSED", "SUPPRESSED in Amazon Inspector"),
        ("CLOSED", "CLOSED in Amazon Inspector"),
        ("ACTIVE", ""),
        ("NEW_STATE", ""),
    ],
)
def test_a_suppressed_finding_is_set_aside_and_an_unknown_state_counts(
    stub: tuple[Scans, Stubber], state: str, set_aside: str
) -> None:
    found = findings_of(stub, enhanced(status=state)).findings

    assert {each.set_aside for each in found} == {set_aside}


@pytest.mark.parametrize(("state", "listed"), [("SUPPRESSED", {}), ("ACTIVE", {"HIGH": 1})])
def test_what_inspector_hides_explains_no_count(
    stub: tuple[Scans, Stubber], state: str, listed: dict[str, int]
) -> None:
    assert findings_of(stub, enhanced(status=state)).listed == listed


def test_a_finding_without_packages_counts_as_well(stub: tuple[Scans, Stubber]) -> None:
    scan = findings_of(stub, {"title": "a weak spot", "severity": "untriaged"})

    assert scan.findings == (Finding(id="", severity="UNTRIAGED", title="a weak spot"),)


def test_a_finding_without_a_vulnerabilitys_id_goes_by_its_arn(
    stub: tuple[Scans, Stubber],
) -> None:
    found = {"title": "a weak spot", "severity": "HIGH", "findingArn": "arn:aws:inspector2:1"}

    assert findings_of(stub, found).findings[0].id == "arn:aws:inspector2:1"


def test_an_attribute_without_a_key_is_passed_over() -> None:
    found = {"name": "CVE-1", "attributes": [{"value": "x"}, {"key": "package_name", "value": "z"}]}

    assert scan_from({"imageScanFindings": {"findings": [found]}}).findings == (
        Finding(id="CVE-1", package="z", severity="UNDEFINED"),
    )


HOUR = dt.timedelta(hours=1)


@pytest.mark.parametrize(
    ("times", "latest"),
    [
        pytest.param({}, "", id="none"),
        pytest.param({"firstObservedAt": WHEN}, WHEN.isoformat(), id="first seen"),
        pytest.param(
            {"firstObservedAt": WHEN, "updatedAt": WHEN + HOUR},
            (WHEN + HOUR).isoformat(),
            id="changed since",
        ),
        pytest.param(
            {
                "firstObservedAt": WHEN,
                "resources": [
                    {"details": {"awsEcrContainerImage": {"pushedAt": WHEN + 2 * HOUR}}},
                    {},
                ],
            },
            (WHEN + 2 * HOUR).isoformat(),
            id="pushed again",
        ),
    ],
)
def test_the_latest_time_that_an_answer_names_is_when_something_was_added(
    times: dict[str, Any], latest: str
) -> None:
    findings = {"enhancedFindings": [enhanced(**times)]}

    assert scan_from({"imageScanFindings": findings}).changed_at == latest


def test_the_latest_time_is_that_of_all_pages(stub: tuple[Scans, Stubber]) -> None:
    scans, stubber = stub
    for token, following, at in (("", {"nextToken": "t1"}, WHEN), ("t1", {}, WHEN + HOUR)):
        findings = {"enhancedFindings": [enhanced(updatedAt=at)]}
        page(stubber, {"imageScanFindings": findings, **following}, token=token)

    scan = scans.scan(DIGEST)

    assert scan is not None
    assert scan.changed_at == (WHEN + HOUR).isoformat()


def test_an_answer_without_a_result_has_none(stub: tuple[Scans, Stubber]) -> None:
    scans, stubber = stub
    page(stubber, {"imageScanStatus": {"status": "PENDING"}})
    page(stubber, {})

    assert scans.scan(DIGEST) == Scan(status="PENDING")
    assert scans.scan(DIGEST) == Scan(status="")


def test_a_scan_that_ecr_doesnt_know_is_none(stub: tuple[Scans, Stubber]) -> None:
    scans, stubber = stub
    stubber.add_client_error("describe_image_scan_findings", "ScanNotFoundException")

    assert scans.scan(DIGEST) is None


def two_pages(stubber: Stubber, second: dict[str, Any] | None) -> None:
    page(
        stubber,
        {
            "imageScanStatus": {"status": "ACTIVE"},
            "imageScanFindings": {"imageScanCompletedAt": WHEN},
            "nextToken": "t",
        },
    )
    if second is None:
        stubber.add_client_error("describe_image_scan_findings", "ScanNotFoundException")
    else:
        page(stubber, second, token="t")


@pytest.mark.parametrize(
    "second",
    [
        pytest.param({"imageScanStatus": {"status": "PENDING"}}, id="another state"),
        pytest.param(
            {
                "imageScanStatus": {"status": "ACTIVE"},
                "imageScanFindings": {"imageScanCompletedAt": WHEN + dt.timedelta(1)},
            },
            id="another scan",
        ),
        pytest.param(None, id="gone"),
    ],
)
def test_a_scan_that_changes_between_two_pages_is_read_again(
    stub: tuple[Scans, Stubber], second: dict[str, Any] | None
) -> None:
    scans, stubber = stub
    two_pages(stubber, second)
    page(stubber, {"imageScanStatus": {"status": "PENDING"}})

    assert scans.scan(DIGEST) == Scan(status="PENDING")


def test_a_scan_that_never_stops_changing_is_temporary(stub: tuple[Scans, Stubber]) -> None:
    scans, stubber = stub
    for _ in range(3):
        two_pages(stubber, None)

    with pytest.raises(StepError, match="it changes while it is read") as caught:
        scans.scan(DIGEST)

    assert caught.value.exit is Exit.TEMPORARY


def test_pages_that_go_in_circles_are_temporary(stub: tuple[Scans, Stubber]) -> None:
    scans, stubber = stub
    reply = {"imageScanStatus": {"status": "ACTIVE"}, "nextToken": "t"}
    page(stubber, reply)
    page(stubber, reply, token="t")

    with pytest.raises(StepError, match="the same page again") as caught:
        scans.scan(DIGEST)

    assert caught.value.exit is Exit.TEMPORARY


@pytest.mark.parametrize(
    ("code", "end", "said"),
    [
        ("ImageNotFoundException", Exit.USAGE, f"there is no image 'app@{DIGEST}'"),
        ("RepositoryNotFoundException", Exit.USAGE, "there is no repository 'app'"),
        ("AccessDeniedException", Exit.ACCESS, "can't read the scan of"),
        ("ThrottlingException", Exit.TEMPORARY, "can't read the scan of"),
        ("ServerException", Exit.TEMPORARY, "can't read the scan of"),
        ("ValidationException", Exit.USAGE, "can't read the scan of"),
    ],
)
def test_a_read_that_fails_is_no_answer(
    stub: tuple[Scans, Stubber], code: str, end: Exit, said: str
) -> None:
    scans, stubber = stub
    stubber.add_client_error("describe_image_scan_findings", code)

    with pytest.raises(StepError) as caught:
        scans.scan(DIGEST)

    assert caught.value.exit is end
    assert said in caught.value.message


def test_a_scan_is_started(stub: tuple[Scans, Stubber]) -> None:
    scans, stubber = stub
    stubber.add_response("start_image_scan", {}, PLACE)

    assert scans.start(DIGEST) is Start.STARTED


@pytest.mark.parametrize(
    ("code", "message", "found"),
    [
        ("LimitExceededException", "The scan quota per image has been exceeded.", Start.ALREADY),
        ("ValidationException", "This feature is disabled", Start.ENHANCED),
    ],
)
def test_a_scan_that_need_not_or_cant_be_started_is_no_error(
    stub: tuple[Scans, Stubber], code: str, message: str, found: Start
) -> None:
    scans, stubber = stub
    stubber.add_client_error("start_image_scan", code, message)

    assert scans.start(DIGEST) is found


@pytest.mark.parametrize(
    ("code", "end", "said"),
    [
        ("UnsupportedImageTypeException", Exit.FAILED, "ECR can't scan"),
        ("ImageArchivedException", Exit.FAILED, "ECR can't scan"),
        ("ImageNotFoundException", Exit.USAGE, "there is no image"),
        ("RepositoryNotFoundException", Exit.USAGE, "there is no repository"),
        ("AccessDeniedException", Exit.ACCESS, "can't start a scan"),
        ("ValidationException", Exit.USAGE, "can't start a scan"),
    ],
)
def test_a_scan_that_cant_be_started_says_why(
    stub: tuple[Scans, Stubber], code: str, end: Exit, said: str
) -> None:
    scans, stubber = stub
    stubber.add_client_error("start_image_scan", code, "words")

    with pytest.raises(StepError) as caught:
        scans.start(DIGEST)

    assert (caught.value.exit, bool(caught.value.message.startswith(said))) == (end, True)


def test_how_the_registry_and_the_repository_are_scanned(stub: tuple[Scans, Stubber]) -> None:
    scans, stubber = stub
    stubber.add_response(
        "get_registry_scanning_configuration",
        {"registryId": ACCOUNT, "scanningConfiguration": {"scanType": "ENHANCED", "rules": []}},
        {},
    )
    stubber.add_response("get_registry_scanning_configuration", {}, {})
    asked = {"repositoryNames": ["app"]}
    stubber.add_response(
        "batch_get_repository_scanning_configuration",
        {"scanningConfigurations": [{"repositoryName": "app", "scanFrequency": "MANUAL"}]},
        asked,
    )
    stubber.add_response("batch_get_repository_scanning_configuration", {}, asked)

    assert scans.scan_type() == (ACCOUNT, "ENHANCED")
    assert scans.scan_type() == ("", None)
    assert scans.frequency() == "MANUAL"
    assert scans.frequency() is None


def test_this_botocore_sees_what_enhanced_scanning_finds(stub: tuple[Scans, Stubber]) -> None:
    stub[0].check_model()


@pytest.mark.parametrize(
    ("shapes", "said"),
    [
        pytest.param({}, "enhancedFindings and findings and fixAvailable", id="nothing"),
        pytest.param(
            {
                "ImageScanFindings": {
                    "type": "structure",
                    "members": {"findings": {"shape": "S"}, "enhancedFindings": {"shape": "S"}},
                },
                "EnhancedImageScanFinding": {"type": "structure", "members": {}},
                "S": {"type": "string"},
            },
            "doesn't know fixAvailable",
            id="no fix data",
        ),
    ],
)
def test_a_botocore_that_would_lose_findings_refuses_to_judge(
    shapes: dict[str, Any], said: str
) -> None:
    class Client:
        class meta:  # noqa: N801 - botocore's name
            service_model = ServiceModel(
                {"metadata": {}, "operations": {}, "shapes": shapes}, "ecr"
            )

    with pytest.raises(StepError, match=said) as caught:
        Scans(Client(), repository="app").check_model()

    assert caught.value.exit is Exit.FAILED


def test_known_states_are_the_models() -> None:
    """A state that AWS adds is told here before a user meets it."""
    from botocore.session import Session

    from ecsstep.rules.scan_ends import DEAD_ENDS
    from ecsstep.rules.scans import _UNDER_WAY, _WITH_RESULT

    model: Any = Session().get_service_model("ecr")

    assert set(model.shape_for("ScanStatus").enum) == {*DEAD_ENDS, *_UNDER_WAY, *_WITH_RESULT}


def test_what_basic_scanning_says_about_the_weight_is_kept(stub: tuple[Scans, Stubber]) -> None:
    scans, stubber = stub
    attributes = {
        "CVSS3_SCORE": "9.8",
        "CVSS3_VECTOR": "v3",
        "CVSS2_SCORE": "7",
        "CVSS2_VECTOR": "v2",
    }
    found = {"imageScanFindings": {"findings": [basic("CVE-1", **attributes)]}}
    page(stubber, {"imageScanStatus": {"status": "COMPLETE"}, **found})

    scan = scans.scan(DIGEST)

    assert scan is not None
    assert (scan.findings[0].score, scan.findings[0].vectors) == (9.8, ("v3", "v2"))


@pytest.mark.parametrize("score", ["nan", "inf", "-1", "11", "high"])
def test_a_score_that_is_none_stays_unknown(stub: tuple[Scans, Stubber], score: str) -> None:
    scans, stubber = stub
    found = {"imageScanFindings": {"findings": [basic("CVE-1", CVSS3_SCORE=score)]}}
    page(stubber, {"imageScanStatus": {"status": "COMPLETE"}, **found})

    scan = scans.scan(DIGEST)

    assert scan is not None
    assert scan.findings[0].score is None


def test_what_inspector_says_about_a_finding_is_kept(stub: tuple[Scans, Stubber]) -> None:
    resource = {"details": {"awsEcrContainerImage": {"platform": "DEBIAN_12"}}}
    found = enhanced(
        description="at length",
        score=8.1,
        exploitAvailable="YES",
        remediation={"recommendation": {"text": "update"}},
        resources=[{}, resource],
    )
    details = found["packageVulnerabilityDetails"]
    details["cvss"] = [{"scoringVector": "v3"}, {"source": "without"}]
    details["vulnerablePackages"][0]["filePath"] = "/srv/app.jar"

    [first, second] = findings_of(stub, found).findings

    assert first.path == "/srv/app.jar"
    assert second.path == ""
    for each in (first, second):
        assert (each.description, each.score, each.has_exploit) == ("at length", 8.1, True)
        assert (each.advice, each.system, each.vectors) == ("update", "DEBIAN_12", ("v3",))


def test_no_advice_is_no_advice(stub: tuple[Scans, Stubber]) -> None:
    found = enhanced(remediation={"recommendation": {"text": "None Provided"}})

    assert findings_of(stub, found).findings[0].advice == ""

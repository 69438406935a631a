"""How a scan moves through time."""

import json
from pathlib import Path
from typing import Any

import pytest
from emulated import REGION, EmulatedEcr, an_index

from ecsstep.sandbox.api import ApiError, checked, serialised
from ecsstep.sandbox.scans import KINDS
from ecsstep.sandbox.scenarios import SCENARIOS
from ecsstep.sandbox.stock import put_index
from fakes import START

NEW = {"repositoryName": "app", "imageId": {"imageTag": "new"}}


def status_of(ecr: EmulatedEcr) -> str:
    """Return the scan's status, or the code of the error."""
    try:
        return str(ecr("DescribeImageScanFindings", **NEW)["imageScanStatus"]["status"])
    except ApiError as error:
        return error.code


@pytest.mark.parametrize(
    ("scan", "course"),
    [
        pytest.param("clean", {0: "IN_PROGRESS", 5: "IN_PROGRESS", 6: "COMPLETE"}, id="clean"),
        pytest.param("findings", {0: "IN_PROGRESS", 6: "COMPLETE"}, id="findings"),
        pytest.param("findings-enhanced", {0: "PENDING", 6: "ACTIVE"}, id="enhanced"),
        pytest.param("in-progress", {59: "IN_PROGRESS", 60: "COMPLETE"}, id="slow"),
        pytest.param("failed", {0: "IN_PROGRESS", 6: "FAILED"}, id="failed"),
        pytest.param("unsupported", {0: "UNSUPPORTED_IMAGE"}, id="unsupported"),
        pytest.param("never", {0: "ScanNotFoundException", 9999: "ScanNotFoundException"}, id="no"),
        pytest.param("uncovered", {9999: "ScanNotFoundException"}, id="covered by no rule"),
        pytest.param("manual", {9999: "ScanNotFoundException"}, id="not started"),
    ],
)
def test_a_push_begins_the_scan_that_the_story_tells(
    tmp_path: Path, scan: str, course: dict[int, str]
) -> None:
    ecr = EmulatedEcr(tmp_path, scan)
    ecr.push("app", "new")

    seen = {}
    for second in course:
        ecr.clock.elapsed = float(second)
        seen[second] = status_of(ecr)

    assert seen == course


def test_a_scan_of_a_clean_image_is_finished_with_nothing_found(tmp_path: Path) -> None:
    ecr = EmulatedEcr(tmp_path)

    answer = ecr("DescribeImageScanFindings", repositoryName="app", imageId={"imageTag": "v1.0.0"})

    assert answer["imageScanFindings"]["findings"] == []
    assert answer["imageScanFindings"]["findingSeverityCounts"] == {}
    assert answer["imageScanFindings"]["imageScanCompletedAt"] < ecr.clock.now()
    assert answer["nextToken"] is None


def test_the_only_critical_finding_stands_on_the_second_page(tmp_path: Path) -> None:
    ecr = EmulatedEcr(tmp_path, "findings")
    image = {"repositoryName": "app", "imageId": {"imageTag": "v1.0.0"}}

    first = ecr("DescribeImageScanFindings", **image)
    second = ecr("DescribeImageScanFindings", **image, nextToken=first["nextToken"])

    counts = {"CRITICAL": 1, "HIGH": 2, "MEDIUM": 3, "LOW": 90, "INFORMATIONAL": 6, "UNDEFINED": 2}
    assert first["imageScanFindings"]["findingSeverityCounts"] == counts
    pages = [
        [finding["severity"] for finding in page["imageScanFindings"]["findings"]]
        for page in (first, second)
    ]
    assert [len(page) for page in pages] == [100, 4]
    assert ["CRITICAL" in page for page in pages] == [False, True]
    assert second["nextToken"] is None


def test_enhanced_findings_have_fixes_packages_and_one_that_is_suppressed(tmp_path: Path) -> None:
    ecr = EmulatedEcr(tmp_path, "findings-enhanced")
    image = {"repositoryName": "app", "imageId": {"imageTag": "v1.0.0"}, "maxResults": 1000}

    found = ecr("DescribeImageScanFindings", **image)["imageScanFindings"]

    findings = found["enhancedFindings"]
    assert {finding["fixAvailable"] for finding in findings} == {"YES", "NO", "PARTIAL"}
    assert {finding["status"] for finding in findings} == {"ACTIVE", "SUPPRESSED"}
    assert sum(found["findingSeverityCounts"].values()) == len(findings) - 1
    assert max(len(f["packageVulnerabilityDetails"]["vulnerablePackages"]) for f in findings) == 2
    assert "findings" not in found


@pytest.mark.parametrize("scan", ["findings", "findings-enhanced"])
def test_what_is_found_is_in_the_shape_of_awss_model(tmp_path: Path, scan: str) -> None:
    ecr = EmulatedEcr(tmp_path, scan)
    image: dict[str, Any] = {"repositoryName": "app", "imageId": {"imageTag": "v1.0.0"}}

    answer = ecr("DescribeImageScanFindings", **image)

    checked("ecr", "DescribeImageScanFindings", image)
    on_the_wire = serialised("ecr", "DescribeImageScanFindings", answer)
    member = "enhancedFindings" if "enhanced" in scan else "findings"
    [sent, *_], [made, *_] = (
        on_the_wire["imageScanFindings"][member],
        answer["imageScanFindings"][member],
    )
    assert set(sent) == set(made)


def test_a_scan_is_started_by_hand_where_none_begins_by_itself_and_once_a_day(
    tmp_path: Path,
) -> None:
    ecr = EmulatedEcr(tmp_path, "manual")
    ecr.push("app", "new")

    assert ecr("StartImageScan", **NEW)["imageScanStatus"] == {"status": "IN_PROGRESS"}
    assert status_of(ecr) == "IN_PROGRESS"
    with pytest.raises(ApiError, match="LimitExceededException"):
        ecr("StartImageScan", **NEW)
    ecr.clock.elapsed = 24 * 3600
    ecr("StartImageScan", **NEW)
    assert status_of(ecr) == "IN_PROGRESS"


def test_a_scan_on_push_counts_for_the_day(tmp_path: Path) -> None:
    ecr = EmulatedEcr(tmp_path, "clean")
    ecr.push("app", "new")

    with pytest.raises(ApiError, match="LimitExceededException"):
        ecr("StartImageScan", **NEW)


def test_a_repositorys_own_scan_on_push_is_heeded(tmp_path: Path) -> None:
    ecr = EmulatedEcr(tmp_path, "manual")
    ecr.repository("app").image_scanning_configuration = {"scanOnPush": True}
    ecr.push("app", "new")

    assert status_of(ecr) == "IN_PROGRESS"


def test_a_scan_that_is_never_registered_stays_so_when_it_is_started(tmp_path: Path) -> None:
    ecr = EmulatedEcr(tmp_path, "never")
    ecr.push("app", "new")

    ecr("StartImageScan", **NEW)

    assert status_of(ecr) == "ScanNotFoundException"


def test_under_enhanced_scanning_none_is_started_by_hand(tmp_path: Path) -> None:
    ecr = EmulatedEcr(tmp_path, "findings-enhanced")
    ecr.push("app", "new")

    with pytest.raises(ApiError, match="ValidationException: This feature is disabled"):
        ecr("StartImageScan", **NEW)


def test_an_index_is_not_scanned_but_its_images_are(tmp_path: Path) -> None:
    ecr = EmulatedEcr(tmp_path, "clean")
    child = ecr.push("app", None)
    ecr("PutImage", repositoryName="app", imageManifest=an_index([child]).decode(), imageTag="new")

    assert status_of(ecr) == "ScanNotFoundException"
    with pytest.raises(ApiError, match="UnsupportedImageTypeException"):
        ecr("StartImageScan", **NEW)
    of_child = ecr(
        "DescribeImageScanFindings", repositoryName="app", imageId={"imageDigest": child}
    )
    assert of_child["imageScanStatus"]["status"] == "IN_PROGRESS"


@pytest.mark.parametrize(
    ("scan", "scan_type", "frequency"),
    [
        pytest.param("clean", "BASIC", "SCAN_ON_PUSH", id="basic"),
        pytest.param("manual", "BASIC", "MANUAL", id="manual"),
        pytest.param("findings-enhanced", "ENHANCED", "CONTINUOUS_SCAN", id="enhanced"),
        pytest.param("uncovered", "ENHANCED", "MANUAL", id="covered by no rule"),
    ],
)
def test_the_configuration_says_what_happens(
    tmp_path: Path, scan: str, scan_type: str, frequency: str
) -> None:
    ecr = EmulatedEcr(tmp_path, scan)

    configured = ecr.images.backend(REGION).get_registry_scanning_configuration()

    assert configured["scanType"] == scan_type
    assert ecr.repository("app").scanning_config["scanFrequency"] == frequency


def findings(ecr: EmulatedEcr, **image: str) -> list[dict[str, Any]]:
    answer = ecr("DescribeImageScanFindings", repositoryName="app", imageId=image)
    found = answer["imageScanFindings"]
    listed: list[dict[str, Any]] = found.get("findings", found.get("enhancedFindings"))
    return listed


def test_findings_may_be_listed_later_than_the_scan_ends(tmp_path: Path) -> None:
    ecr = EmulatedEcr(tmp_path, "late-enhanced")
    ecr.push("app", "new")

    seen = {}
    for second in (6, 50, 51):
        ecr.clock.elapsed = float(second)
        seen[second] = len(findings(ecr, imageTag="new"))

    assert seen == {6: 0, 50: 0, 51: 9}


def test_findings_may_be_listed_in_part_first_and_the_rest_is_observed_later(
    tmp_path: Path,
) -> None:
    ecr = EmulatedEcr(tmp_path, "partial-enhanced")
    ecr.push("app", "new")

    seen = {}
    for second in (6, 80, 81):
        ecr.clock.elapsed = float(second)
        found = findings(ecr, imageTag="new")
        seen[second] = (len(found), (found[0]["firstObservedAt"] - START).total_seconds())

    assert seen == {6: (1, 6.0), 80: (1, 6.0), 81: (9, 81.0)}


def test_a_state_may_be_missing_and_so_may_a_result(tmp_path: Path) -> None:
    image: dict[str, Any] = {"repositoryName": "app", "imageId": {"imageTag": "v1.0.0"}}
    for name in ("one", "two"):
        (tmp_path / name).mkdir()

    stateless = EmulatedEcr(tmp_path / "one", "stateless")("DescribeImageScanFindings", **image)
    unfilled = EmulatedEcr(tmp_path / "two", "unfilled")("DescribeImageScanFindings", **image)

    assert stateless["imageScanStatus"] == {}
    assert unfilled["imageScanStatus"]["status"] == "COMPLETE"
    assert "imageScanFindings" not in {**stateless, **unfilled}


def test_inspector_may_pass_over_one_of_an_indexs_images(tmp_path: Path) -> None:
    ecr = EmulatedEcr(tmp_path, "passed-over-enhanced")
    repository = ecr.repository("app")
    index = ecr.images.find(repository, digest=put_index(ecr.images, repository, tag="many"))
    assert index is not None
    ecr.clock.elapsed = 6.0
    amd64, arm64, _ = index.children

    assert findings(ecr, imageDigest=amd64) == []
    with pytest.raises(ApiError, match="ScanNotFoundException"):
        findings(ecr, imageDigest=arm64)


def test_the_scan_on_push_may_show_up_late(tmp_path: Path) -> None:
    ecr = EmulatedEcr(tmp_path, "once-a-day")
    ecr.push("app", "new")

    assert status_of(ecr) == "ScanNotFoundException"
    with pytest.raises(ApiError, match="LimitExceededException"):
        ecr("StartImageScan", **NEW)
    ecr.clock.elapsed = 45.0
    assert status_of(ecr) == "COMPLETE"


def test_an_old_scan_is_clean_and_a_new_one_by_hand_is_not(tmp_path: Path) -> None:
    ecr = EmulatedEcr(tmp_path, "too-old")
    ecr.push("app", "new")
    answer = ecr("DescribeImageScanFindings", **NEW)["imageScanFindings"]
    age = ecr.clock.now() - answer["imageScanCompletedAt"]

    assert (age.days, answer["findings"]) == (39, [])
    ecr("StartImageScan", **NEW)
    assert status_of(ecr) == "IN_PROGRESS"
    ecr.clock.elapsed = 6.0
    assert len(findings(ecr, imageTag="new")) == 100


def test_only_the_image_of_one_architecture_has_findings(tmp_path: Path) -> None:
    ecr = EmulatedEcr(tmp_path, "platforms")
    repository = ecr.repository("app")
    index = ecr.images.find(repository, digest=put_index(ecr.images, repository, tag="many"))
    assert index is not None
    ecr.clock.elapsed = 6.0

    amd64, arm64, attestation = index.children

    assert [len(findings(ecr, imageDigest=digest)) for digest in (amd64, arm64)] == [0, 100]
    assert findings(ecr, imageDigest=attestation) == []
    assert findings(ecr, imageTag="v1.0.0") == []


@pytest.mark.parametrize(
    ("scan", "scan_type", "member", "status"),
    [
        ("findings", "ENHANCED", "enhancedFindings", "ACTIVE"),
        ("findings-enhanced", "BASIC", "findings", "COMPLETE"),
    ],
)
def test_a_registry_that_is_switched_over_scans_as_it_is_set(
    tmp_path: Path, scan: str, scan_type: str, member: str, status: str
) -> None:
    ecr = EmulatedEcr(tmp_path, scan)
    ecr.backend.put_registry_scanning_configuration(scan_type, [])

    answer = ecr("DescribeImageScanFindings", repositoryName="app", imageId={"imageTag": "v1.0.0"})

    assert answer["imageScanStatus"]["status"] == status
    assert answer["imageScanFindings"][member]


def test_the_first_looks_may_be_throttled(tmp_path: Path) -> None:
    ecr = EmulatedEcr(tmp_path, "stumbling")
    ecr.push("app", "new")

    assert [status_of(ecr) for _ in range(3)] == [
        "ThrottlingException", "ThrottlingException", "IN_PROGRESS",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("scan", "counted", "listed"),
    [
        ("counts-only", {"CRITICAL": 2, "LOW": 1}, 1),
        ("list-only", {}, 100),
        ("hidden-enhanced", {"CRITICAL": 1}, 1),
    ],
)
def test_counts_and_list_may_disagree(
    tmp_path: Path, scan: str, counted: dict[str, int], listed: int
) -> None:
    ecr = EmulatedEcr(tmp_path, scan)

    answer = ecr("DescribeImageScanFindings", repositoryName="app", imageId={"imageTag": "v1.0.0"})

    assert answer["imageScanFindings"]["findingSeverityCounts"] == counted
    assert len(findings(ecr, imageTag="v1.0.0")) == listed


@pytest.mark.parametrize("scan", KINDS)
def test_every_course_answers_in_the_shape_of_awss_model(tmp_path: Path, scan: str) -> None:
    ecr = EmulatedEcr(tmp_path, scan)
    image: dict[str, Any] = {"repositoryName": "app", "imageId": {"imageTag": "v1.0.0"}}

    if scan in {"never", "manual", "uncovered", "throttled", "stumbling"}:
        with pytest.raises(ApiError, match=r"ScanNotFoundException|ThrottlingException"):
            ecr("DescribeImageScanFindings", **image)
        return
    answer = ecr("DescribeImageScanFindings", **image)

    status = serialised("ecr", "DescribeImageScanFindings", answer)["imageScanStatus"]
    assert bool(status.get("status")) is (scan != "stateless")
    assert len(json.dumps(serialised("ecr", "DescribeImageScanFindings", answer))) > 0


def test_every_story_names_a_course() -> None:
    assert {story.scan for story in SCENARIOS.values()} <= set(KINDS)

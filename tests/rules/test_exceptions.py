"""Exceptions and how they age."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecsstep.rules.exceptions import Exemption, Exemptions, Standing
from ecsstep.rules.findings import SEVERITIES, Finding, Policy, Scan, tally
from ecsstep.rules.image import parse_reference

TODAY = dt.date(2026, 3, 1)
IMAGE = parse_reference("123456789012.dkr.ecr.eu-west-1.amazonaws.com/shop/app:v1")
FINDING = Finding(
    id="CVE-1", package="openssl", version="1:3.0-1", severity="HIGH", path="srv/app/lib.jar"
)


def an_exemption(**changes: object) -> Exemption:
    return Exemption(**{"id": "CVE-1", "reason": "why", "place": "'f', entry 1", **changes})  # type: ignore[arg-type]


def a_finding(**changes: object) -> Finding:
    return Finding(**{"id": "CVE-1", "package": "openssl", "severity": "HIGH", **changes})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("changes", "matches"),
    [
        pytest.param({}, True, id="id"),
        pytest.param({"id": "CVE-10"}, False, id="another id"),
        pytest.param({"id": "cve-1"}, False, id="another spelling"),
        pytest.param({"id": ""}, True, id="any id"),
        pytest.param({"package": "openssl"}, True, id="package"),
        pytest.param({"package": "open*"}, True, id="package's beginning"),
        pytest.param({"package": "openss"}, False, id="another package"),
        pytest.param({"package": "open.sl"}, False, id="no regular expression"),
        pytest.param({"version": "1:3.0-1"}, True, id="version"),
        pytest.param({"version": "1:3.*"}, True, id="versions"),
        pytest.param({"version": "1:3.1*"}, False, id="other versions"),
        pytest.param({"path": "/srv/app/lib.jar"}, True, id="path"),
        pytest.param({"path": "srv/*/lib.jar"}, True, id="one folder"),
        pytest.param({"path": "srv/*"}, False, id="a star stops at a slash"),
        pytest.param({"path": "srv/**"}, True, id="two don't"),
        pytest.param({"path": "**/lib.jar"}, True, id="in any folder"),
        pytest.param({"path": "lib.jar"}, False, id="not at the root"),
        pytest.param({"image": "shop/app"}, True, id="repository"),
        pytest.param({"image": "shop/*"}, True, id="repositories"),
        pytest.param({"image": "*/shop/app"}, True, id="with the host"),
        pytest.param({"image": "*:v1"}, True, id="with the tag"),
        pytest.param({"image": "other/*"}, False, id="another repository"),
        pytest.param({"fix_state": "unknown"}, False, id="nobody knows of a fix"),
        pytest.param({"fix_state": "fixed"}, False, id="nor of one that is there"),
    ],
)
def test_what_an_exception_is_about(changes: dict[str, object], matches: bool) -> None:
    assert an_exemption(**changes).matches(FINDING, IMAGE) is matches


@pytest.mark.parametrize(
    ("fix_state", "is_fixable", "matches"),
    [
        ("fixed", True, True), ("fixed", False, False), ("fixed", None, False),
        ("not-fixed", True, False), ("not-fixed", False, True), ("not-fixed", None, False),
    ],
)  # fmt: skip
def test_a_fix_state_is_only_what_the_scan_tells(
    fix_state: str, is_fixable: bool | None, matches: bool
) -> None:
    entry = an_exemption(fix_state=fix_state)

    assert entry.matches(a_finding(is_fixable=is_fixable), IMAGE) is matches


@pytest.mark.parametrize(
    ("finding", "state"),
    [
        pytest.param({"manager": "OS", "system": "DEBIAN_12"}, "used", id="its kind"),
        pytest.param({"manager": "OS", "system": "UBUNTU_24"}, "unused", id="another system"),
        pytest.param({"manager": "OS"}, "unused", id="no system"),
        pytest.param({"manager": "NPM", "system": "DEBIAN_12"}, "unused", id="another kind"),
        pytest.param({}, "no package manager", id="nobody says"),
    ],
)
def test_a_kind_of_package_is_only_what_the_scan_tells(finding: dict[str, str], state: str) -> None:
    entry = an_exemption(managers=frozenset({"OS"}), system="debian")
    exemptions = Exemptions(entries=(entry,), image=IMAGE, today=TODAY)
    scans = {"": Scan(status="ACTIVE", findings=(a_finding(**finding),))}

    [standing] = exemptions.standings(scans)

    assert standing.state == state
    [found] = exemptions.applied(scans)[""].findings
    assert bool(found.set_aside) is (state == "used")


def test_an_exception_for_another_image_is_nothing_to_mend() -> None:
    exemptions = Exemptions(entries=(an_exemption(image="other"),), image=IMAGE, today=TODAY)

    [standing] = exemptions.standings({"": Scan(status="ACTIVE", findings=(a_finding(),))})

    assert (standing.state, list(standing.warnings())) == ("other image", [])


@pytest.mark.parametrize("over", [{"until": TODAY - dt.timedelta(days=1)}, {"until_fixed": True}])
def test_an_exception_that_is_over_and_was_renewed_is_not_said_to_count_again(
    over: dict[str, object],
) -> None:
    entries = (an_exemption(**over), an_exemption(place="'f', entry 2"))
    exemptions = Exemptions(entries=entries, image=IMAGE, today=TODAY)

    first, second = exemptions.standings({"": Scan(status="ACTIVE", findings=(a_finding(),))})

    assert (first.state, second.state) == ("replaced", "used")
    assert list(first.warnings()) == [
        "the exception in 'f', entry 1 sets nothing aside, and another one does: CVE-1; remove it"
    ]


def test_an_entry_that_stands_for_several_is_not_unused_where_one_of_them_is_needed() -> None:
    one, two = an_exemption(path="srv/**"), an_exemption(path="usr/**")
    exemptions = Exemptions(entries=(one, two), image=IMAGE, today=TODAY)

    def standing(*paths: str) -> list[str]:
        found = tuple(a_finding(path=path) for path in paths)
        return [each.state for each in exemptions.standings({"": Scan(status="", findings=found)})]

    assert standing("srv/a") == ["used"]
    assert standing("srv/a", "usr/a") == ["used", "used"]
    assert standing("opt/a") == ["unused", "unused"]


def test_a_path_is_never_that_of_a_finding_without_one() -> None:
    assert not an_exemption(path="**").matches(a_finding(), IMAGE)


@pytest.mark.parametrize(
    ("changes", "is_fixable", "state"),
    [
        pytest.param({}, True, "used", id="no end"),
        pytest.param({"until": TODAY}, None, "used", id="its last day"),
        pytest.param({"until": TODAY - dt.timedelta(days=1)}, None, "expired", id="the day after"),
        pytest.param({"until_fixed": True}, False, "used", id="no fix yet"),
        pytest.param({"until_fixed": True}, True, "fixed", id="a fix"),
        pytest.param({"until_fixed": True}, None, "no fix data", id="nobody knows"),
        pytest.param(
            {"until_fixed": True, "until": TODAY - dt.timedelta(days=1)},
            False,
            "expired",
            id="both",
        ),
    ],
)
def test_how_long_an_exception_holds(
    changes: dict[str, object], is_fixable: bool | None, state: str
) -> None:
    finding = a_finding(is_fixable=is_fixable)
    entry = an_exemption(**changes)
    exemptions = Exemptions(entries=(entry,), image=IMAGE, today=TODAY)
    scans = {"": Scan(status="COMPLETE", findings=(finding,))}

    [aside] = exemptions.applied(scans)[""].findings
    [standing] = exemptions.standings(scans)

    assert entry.state(finding, TODAY) == standing.state == state
    assert bool(aside.set_aside) is (state == "used")


def test_each_platform_and_version_is_judged_by_itself() -> None:
    entry = an_exemption(version="1")
    exemptions = Exemptions(entries=(entry,), image=IMAGE, today=TODAY)
    scans = {
        "amd64": Scan(status="COMPLETE", findings=(a_finding(version="1"),)),
        "arm64": Scan(status="COMPLETE", findings=(a_finding(version="2"),)),
    }

    counted = tally(exemptions.applied(scans), Policy())

    assert (counted.counts["HIGH"], len(counted.set_aside)) == (1, 1)


def test_what_ecr_set_aside_itself_keeps_its_reason_and_uses_no_exception() -> None:
    finding = a_finding(set_aside="SUPPRESSED")
    exemptions = Exemptions(entries=(an_exemption(),), image=IMAGE, today=TODAY)
    scans = {"": Scan(status="ACTIVE", findings=(finding,))}

    assert exemptions.applied(scans)[""].findings == (finding,)
    assert exemptions.standings(scans)[0].state == "unused"


def test_an_exception_in_force_stands_in_for_one_that_is_over() -> None:
    over = an_exemption(until=TODAY - dt.timedelta(days=1))
    exemptions = Exemptions(entries=(over, an_exemption(owner="me")), image=IMAGE, today=TODAY)
    scans = {"": Scan(status="ACTIVE", findings=(a_finding(),))}

    assert exemptions.applied(scans)[""].findings[0].set_aside == ("why (owner me, 'f', entry 1)")


def test_an_exception_tells_what_it_was_used_for_and_nothing_of_other_findings() -> None:
    exemptions = Exemptions(entries=(an_exemption(),), image=IMAGE, today=TODAY)
    findings = (a_finding(), a_finding(id="CVE-2"))

    [standing] = exemptions.standings({"": Scan(status="ACTIVE", findings=findings)})

    assert standing.findings == {"used": ("CVE-1",)}


def the_warnings(state: str, *ids: str, **changes: object) -> list[str]:
    entry = an_exemption(**changes)
    days = (entry.until - TODAY).days if entry.until else None
    standing = Standing(exemption=entry, findings={state: ids} if ids else {}, days_left=days)
    return list(standing.warnings())


def test_what_somebody_should_do_about_it_is_said() -> None:
    about = "the exception in 'f', entry 1"

    assert the_warnings("used", "CVE-1") == []
    assert the_warnings("used", "CVE-1", until=TODAY + dt.timedelta(days=15)) == []
    for days, words in ((14, "in 14 days"), (1, "tomorrow"), (0, "today")):
        assert the_warnings("used", "CVE-1", until=TODAY + dt.timedelta(days=days)) == [
            f"{about} ends {words}: CVE-1 will count again"
        ]
    assert the_warnings("expired", "CVE-1", until=dt.date(2026, 1, 1)) == [
        f"{about} ended on 2026-01-01: CVE-1 counts again"
    ]
    assert the_warnings("fixed", "A", "B", "C", "D") == [
        f"{about} is over, there is a fix: A, B, C and 1 more counts again"
    ]
    assert "this scan has no fix data: CVE-1 counts" in the_warnings("no fix data", "CVE-1")[0]
    assert the_warnings("no package manager", "CVE-1") == [
        f"{about} is for a kind of package, which this scan doesn't tell: CVE-1 counts"
    ]
    assert the_warnings("unused") == [f"{about} is not used: CVE-1 was not found; remove it"]
    assert "what it is about was not found" in the_warnings("unused", id="")[0]


def test_an_exception_is_shown_with_everything_that_is_known() -> None:
    entry = an_exemption(until=dt.date(2026, 5, 1), until_fixed=True, owner="team-shop")

    assert str(entry) == (
        "why (until 2026-05-01, until there is a fix, owner team-shop, 'f', entry 1)"
    )
    assert Standing(exemption=entry, days_left=61).data() == {
        "id": "CVE-1", "state": "unused", "reason": "why", "owner": "team-shop",
        "until": "2026-05-01", "until_fixed": True, "days_left": 61, "place": "'f', entry 1",
    }  # fmt: skip
    plain = Standing(exemption=an_exemption(id="")).data()
    assert (plain["id"], plain["owner"], plain["until"]) == (None, None, None)


findings = st.builds(
    Finding,
    id=st.sampled_from(["CVE-1", "CVE-2", "CVE-3"]),
    package=st.sampled_from(["", "zlib", "openssl"]),
    version=st.sampled_from(["", "1", "2"]),
    severity=st.sampled_from(SEVERITIES),
    is_fixable=st.sampled_from([True, False, None]),
    path=st.sampled_from(["", "srv/a.jar"]),
)
scans = st.dictionaries(
    st.sampled_from(["linux/amd64", "linux/arm64"]),
    st.builds(Scan, status=st.just("COMPLETE"), findings=st.lists(findings, max_size=6).map(tuple)),
    min_size=1,
)
entries = st.builds(
    Exemption,
    id=st.sampled_from(["CVE-1", "CVE-2"]),
    package=st.sampled_from(["", "zlib", "open*"]),
    version=st.sampled_from(["", "1"]),
    path=st.sampled_from(["", "**"]),
    until=st.none() | st.dates(dt.date(2026, 1, 1), dt.date(2026, 6, 1)),
    until_fixed=st.booleans(),
    reason=st.just("why"),
    place=st.just("here"),
)
policies = st.builds(
    Policy,
    limits=st.dictionaries(st.sampled_from(SEVERITIES), st.integers(0, 3)),
    fixable_only=st.booleans(),
)


@given(scans, st.lists(entries, max_size=4), policies)
def test_exceptions_take_away_what_they_are_about_and_nothing_else(
    scans: dict[str, Scan], entries: list[Exemption], policy: Policy
) -> None:
    exemptions = Exemptions(entries=tuple(entries), image=IMAGE, today=TODAY)
    applied = exemptions.applied(scans)
    before, after = tally(scans, policy), tally(applied, policy)

    for name, scan in scans.items():
        for old, new in zip(scan.findings, applied[name].findings, strict=True):
            in_force = any(
                each.matches(old, IMAGE) and each.state(old, TODAY) == "used" for each in entries
            )
            assert bool(new.set_aside) is in_force
    assert {(each.id, each.package) for each in after.findings} <= {
        (each.id, each.package) for each in before.findings
    }
    assert sum(after.counts.values()) <= sum(before.counts.values())


@given(scans, policies, st.integers(0, 3), st.sampled_from(SEVERITIES))
def test_a_wider_limit_never_refuses_more(
    scans: dict[str, Scan], policy: Policy, more: int, severity: str
) -> None:
    limits = dict(policy.limits)
    wider = Policy(
        limits={**limits, severity: limits.get(severity, 99) + more},
        fixable_only=policy.fixable_only,
    )
    if severity not in limits:
        return

    assert len(tally(scans, wider).exceeded(wider)) <= len(tally(scans, policy).exceeded(policy))


@given(scans, entries, st.dates(dt.date(2026, 1, 1), dt.date(2026, 6, 1)))
def test_no_exception_comes_back_to_life(
    scans: dict[str, Scan], entry: Exemption, today: dt.date
) -> None:
    def aside(day: dt.date) -> int:
        exemptions = Exemptions(entries=(entry,), image=IMAGE, today=day)
        applied = exemptions.applied(scans).values()
        return sum(bool(each.set_aside) for scan in applied for each in scan.findings)

    assert aside(today + dt.timedelta(days=1)) <= aside(today)

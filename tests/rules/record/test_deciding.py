"""Which rule decided."""

import pytest

from ecsstep.errors import Exit
from ecsstep.replay.reader import read
from ecsstep.rules.record.deciding import rule_of, rules
from ecsstep.rules.record.value import End
from processes import ROOT
from stories import STORIES, Story

_BY_CODE = "README.md"


@pytest.mark.parametrize("rule", rules(), ids=lambda rule: rule.says[:40])
def test_a_rules_section_is_written(rule: object) -> None:
    page, section = rule.page, rule.section  # type: ignore[attr-defined]

    headings = [
        line.lstrip("#").strip()
        for line in (ROOT / page).read_text().splitlines()
        if line.startswith("#")
    ]

    assert section in headings


@pytest.mark.parametrize("story", STORIES, ids=lambda story: story.name)
def test_every_recorded_end_has_its_rule(story: Story) -> None:
    record = read(str(story.path))

    rule = rule_of(record.step, record.end)

    assert rule is not None
    if record.step == "wait-stable" and record.end.exit in {Exit.FAILED, Exit.SUPERSEDED}:
        assert rule.page != _BY_CODE, record.end.message


@pytest.mark.parametrize(
    ("step", "code", "message", "verdict", "section"),
    [
        ("wait-stable", 3, "deployment 'd' of service 'w': rolled-back: x", "rolled-back",
         "Which deployment is ours"),
        ("wait-stable", 3, "service 'w': gone: x", "gone", "Which deployment is ours"),
        ("wait-stable", 3, "service 'w': failed: hopeless: its tasks can't start, and", "failed",
         "Hopeless"),
        ("wait-stable", 3, "service 'w': failed: hopeless: 5 of its tasks have ended", "failed",
         "Hopeless"),
        ("wait-stable", 3, "service 'w': failed: ECS completed it, but container 'a'", "failed",
         "Which images run"),
        ("wait-stable", 75, "can't describe service", "temporary", "Exit codes"),
        ("scan-gate", 1, "image 'a' has 2 HIGH, 0 are allowed", "refused", "The policy"),
        ("scan-gate", 1, "image 'a' meets the condition 'x'", "refused", "The policy"),
        ("image-push", 1, "the build has failed (…)", "refused", "image-push"),
        ("image-push", 1, "'a:v1' is another image already", "refused", "Tags"),
        ("service-update", 4, "the primary deployment …", "superseded", "service-update"),
        ("notify", 2, "no such topic", "usage", "Exit codes"),
    ],
)  # fmt: skip
def test_an_end_is_decided_by_a_rule(
    step: str, code: int, message: str, verdict: str, section: str
) -> None:
    rule = rule_of(step, End(exit=code, message=message))

    assert rule
    assert (rule.verdict, rule.section) == (verdict, section)


def test_of_several_services_the_line_of_one_tells_the_rule() -> None:
    end = End(
        exit=3,
        message="1 of 2 deployments ended badly",
        why=("deployment 'd' of service 'w': stopped: by hand", ": rolled-back: in a log"),
    )

    rule = rule_of("wait-stable", end)

    assert rule
    assert rule.verdict == "stopped"


def test_a_code_that_nobody_knows_has_no_rule() -> None:
    assert rule_of("wait-stable", End(exit=77)) is None

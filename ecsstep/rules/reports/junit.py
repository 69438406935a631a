"""JUnit's XML, which GitLab and CodeBuild show as tests.

One case for the verdict, one for each finding: it fails where it is in the way, is skipped where it
is set aside, and passes where the policy allows it. GitLab keeps only the first of two cases with
the same name, and shows a failure's text, not its ``message``.
"""

import re
from collections import Counter
from collections.abc import Iterator
from html import escape

from ecsstep.rules.findings import Finding
from ecsstep.rules.reports.report import Report, headline, solution, web_links, words
from ecsstep.text import in_a_line
from ecsstep.value import Value

_NAME, _TEXT = 200, 1000
# https://www.w3.org/TR/xml/#charsets, as far as it isn't gone already.
_NOT_IN_XML = re.compile("[\ufffe\uffff]")


class _Case(Value):
    """One test case.

    Attributes:
        name: Its name.
        outcome: ``failure``, ``error``, ``skipped`` or nothing for a pass.
        text: What stands in the outcome, or beside a pass.
    """

    name: str
    outcome: str = ""
    text: str = ""


def render(report: Report) -> str:
    """Return the file's text."""
    cases = [_verdict(report), *_cases(report)]
    outcomes = Counter(case.outcome for case in cases)
    numbers = (
        f'tests="{len(cases)}" failures="{outcomes["failure"]}" errors="{outcomes["error"]}" '
        f'skipped="{outcomes["skipped"]}"'
    )
    suite = _attribute(f"scan-gate {report.subject}", _NAME)
    seconds = max(0.0, (report.ended - report.started).total_seconds())
    times = f'time="{seconds:.3f}" timestamp="{report.started:%Y-%m-%dT%H:%M:%S}"'
    lines = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        f'<testsuites name="scan-gate" {numbers}>',
        f"  <testsuite name={suite} {numbers} {times}>",
        *_written(cases, report),
        "  </testsuite>",
        "</testsuites>",
    ]
    return "\n".join(lines) + "\n"


def _verdict(report: Report) -> _Case:
    outcome = "" if report.has_passed else "failure" if report.is_usable else "error"
    text = "\n".join(part for part in (report.said, report.hint) if part)
    return _Case(name="scan-gate's verdict", outcome=outcome, text=text)


def _cases(report: Report) -> Iterator[_Case]:
    in_the_way = set(report.in_the_way)
    over = report.refused.severities if report.refused else frozenset()
    for severity, count in report.unlisted.items():
        yield _Case(
            name=f"{severity} findings that ECR counts and doesn't list",
            outcome="failure" if severity in over else "",
            text=f"ECR counts {count} more than it lists",
        )
    for finding in report.findings:
        yield _Case(
            name=_name(finding),
            outcome="failure" if finding in in_the_way else "",
            text="\n".join(_text(finding)),
        )
    for finding in report.set_aside:
        yield _Case(name=_name(finding), outcome="skipped", text=finding.set_aside)


def _name(finding: Finding) -> str:
    where = f" on {', '.join(finding.platforms)}" if finding.platforms else ""
    return f"{finding.severity} {headline(finding, _NAME)}{where}"


def _text(finding: Finding) -> Iterator[str]:
    yield from filter(
        None, (solution(finding), in_a_line(finding.path, _NAME), words(finding, _TEXT))
    )
    yield from web_links(finding)


def _written(cases: list[_Case], report: Report) -> Iterator[str]:
    seen: Counter[str] = Counter()
    group = _attribute(f"scan-gate.{report.image.repository}", _NAME)
    for case in cases:
        name = in_a_line(case.name, _NAME + 100)
        seen[name] += 1
        number = f" ({seen[name]})" if seen[name] > 1 else ""
        begin = f"    <testcase classname={group} name={_attribute(name + number, _NAME + 120)}"
        text = escape("\n".join(_plain(part, _TEXT) for part in case.text.split("\n")))
        if case.outcome:
            message = _attribute(case.text, _NAME)
            yield f"{begin}><{case.outcome} message={message}>{text}</{case.outcome}></testcase>"
        elif text:
            yield f"{begin}><system-out>{text}</system-out></testcase>"
        else:
            yield f"{begin}/>"


def _attribute(text: str, most: int) -> str:
    return f'"{escape(_plain(text, most))}"'


def _plain(text: str, most: int) -> str:
    return _NOT_IN_XML.sub("", in_a_line(text, most))

"""A table for a merge request, what to do first on top."""

import re
from collections.abc import Iterator, Sequence

from ecsstep.rules.findings import SEVERITIES, Finding
from ecsstep.rules.gate import fix_of
from ecsstep.rules.reports.report import Report, web_links
from ecsstep.text import in_a_line

_CELL = 120
_MOST = 500


def render(report: Report) -> str:
    """Return the file's text."""
    return "\n".join(_lines(report)) + "\n"


def _lines(report: Report) -> Iterator[str]:
    word = "passed" if report.has_passed else "refused" if report.is_usable else "no usable scan"
    yield f"## scan-gate: {word}"
    yield ""
    yield _escaped(report.said)
    if report.hint:
        yield ""
        yield f"Next: {_code(report.hint, 1000)}"
    yield ""
    yield f"Image: {_code(report.subject, 500)}"
    if report.tally:
        yield from _counts(report)
        yield from _findings(report)
        yield from _asides(report)


def _counts(report: Report) -> Iterator[str]:
    counts, limits = report.data.get("counts", {}), report.policy.limits
    rows = [
        (severity, str(counts.get(severity, 0)), str(limits.get(severity, "no limit")))
        for severity in SEVERITIES
        if counts.get(severity) or severity in limits
    ]
    yield from _table(("severity", "found", "allowed"), rows)
    for severity, count in report.unlisted.items():
        yield f"\nECR counts {count} {severity} more than it lists."


def _findings(report: Report) -> Iterator[str]:
    worst = set(report.in_the_way)
    # What is in the way comes first; both parts are sorted by what to do first already.
    found = [*report.in_the_way, *(each for each in report.findings if each not in worst)]
    if found:
        rows = [_row(each, is_in_the_way=each in worst) for each in found[:_MOST]]
        header = ("", "severity", "id", "package", "fix", "platforms")
        yield from _table(header, rows)
    if len(found) > _MOST:
        yield f"\nand {len(found) - _MOST} more."


def _row(finding: Finding, *, is_in_the_way: bool) -> tuple[str, ...]:
    package = " ".join(word for word in (finding.package, finding.version) if word)
    name = _code(finding.id)
    links = list(web_links(finding))
    return (
        "**✗**" if is_in_the_way else "",
        finding.severity,
        f"[{name}](<{links[0]}>)" if links else name,
        _code(package),
        _code(fix_of(finding)),
        _code(", ".join(finding.platforms)),
    )


def _asides(report: Report) -> Iterator[str]:
    if not report.set_aside:
        return
    yield ""
    yield "### Set aside"
    rows = [
        (each.severity, _code(each.id), _code(each.package), _escaped(each.set_aside, 500))
        for each in report.set_aside
    ]
    yield from _table(("severity", "id", "package", "why"), rows)


def _table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[str]:
    yield ""
    yield f"| {' | '.join(header)} |"
    yield f"|{'---|' * len(header)}"
    for row in rows:
        yield f"| {' | '.join(row)} |"


def _code(text: str, most: int = _CELL) -> str:
    """Return outside text as code, in which nothing is acted on: no link, no mention, no HTML."""
    plain = in_a_line(text, most).replace("`", "'").replace("|", "¦")
    return f"`{plain}`" if plain.strip() else ""


def _escaped(text: str, most: int = 1000) -> str:
    """Return a sentence of ours with names in it as text and nothing else."""
    plain = "".join(_ENTITIES.get(c, c) for c in in_a_line(text, most))
    return _WEB.sub(r"\1&#46;", plain)


# An entity is never a delimiter, while a backslash before some signs is shown.
_ENTITIES = {sign: f"&#{ord(sign)};" for sign in "\\`*_{}[]()<>#+!|~@$:&=/"}
_WEB = re.compile(r"(www)\.", re.IGNORECASE)

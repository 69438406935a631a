"""The whole result as JSON; what has passed is on record in it."""

from ecsstep.rules.reports.encoding import to_text
from ecsstep.rules.reports.report import Report


def render(report: Report) -> str:
    """Return the file's text."""
    return to_text(report.data)

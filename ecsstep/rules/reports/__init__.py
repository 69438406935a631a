"""The verdict and its findings in the formats that other systems show.

A report never says more than the verdict: one without a usable scan says failure.
"""

from typing import TYPE_CHECKING, Final

from ecsstep.rules.report_forms import FORMS, GATE

if TYPE_CHECKING:
    from ecsstep.rules.reports.report import Report

FORMATS: Final = FORMS[GATE]
"""The formats by name."""


def rendered(name: str, report: "Report") -> str:
    """Return the text of a report in the format of this name."""
    from ecsstep.rules.reports import codequality, gitlab, junit, markdown, sarif, whole

    renderers = {
        "json": whole.render,
        "gitlab": gitlab.render,
        "codequality": codequality.render,
        "junit": junit.render,
        "sarif": sarif.render,
        "markdown": markdown.render,
    }
    return renderers[name](report)


def parse_anchor(text: str) -> str:
    """Return a path within the project as reports want it: relative, without ``./`` before it.

    Raises:
        ValueError: It leads out of the project.
    """
    parts = [part for part in text.split("/") if part not in {"", "."}]
    if text.startswith("/") or ".." in parts or not parts:
        raise ValueError(f"'{text}' is no path within the project; write docker/Dockerfile")
    return "/".join(parts)

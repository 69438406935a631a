"""The forms of reports, as ``--report`` names them: one grammar for every step that writes some.

``FORMAT=FILE``, or ``FILE`` alone where its ending says the form. Steps write different forms, and
the variable ECSSTEP_REPORT may reach several of them: a form that another step writes is a mistake
with that step's name, never the name of a file.
"""

from collections.abc import Mapping
from typing import Final

from ecsstep.text import meant

GATE: Final = "scan-gate"
WAIT: Final = "wait-stable"
FORMS: Final[Mapping[str, tuple[str, ...]]] = {
    GATE: ("json", "gitlab", "codequality", "junit", "sarif", "markdown"),
    WAIT: ("json", "markdown", "junit", "html"),
}
"""The forms that a step writes."""
ENDINGS: Final[Mapping[str, str]] = {
    "json": ".json",
    "junit": ".xml",
    "sarif": ".sarif",
    "markdown": ".md",
    "html": ".html",
}
"""The endings of files that say their form."""
_KNOWN: Final = sorted({form for forms in FORMS.values() for form in forms})


def parse_report(text: str, *, step: str) -> tuple[str, str]:
    """Return form and file of ``junit=reports/scan.xml`` or ``reports/scan.xml``.

    A word before a ``=`` is a form where a step knows it, or one that is nearly it; any other
    belongs to the file's name.

    Args:
        text: What was given.
        step: The step that is to write it.

    Raises:
        ValueError: It says no form that the step writes, or no file.
    """
    form, equals, path = text.partition("=")
    if equals and "/" not in form and (form in _KNOWN or meant(form, _KNOWN)):
        _check(form, step)
        if path in {"", "-"}:
            raise ValueError(f"'{text}' names no file; write {form}=FILE")
        return form, path
    for form, ending in ENDINGS.items():
        if text.lower().endswith(ending):
            _check(form, step)
            return form, text
    raise ValueError(f"'{text}' says no form; {_ways(step)}")


def _check(form: str, step: str) -> None:
    if form in FORMS[step]:
        return
    for other, forms in FORMS.items():
        if form in forms:
            raise ValueError(f"'{form}' is a form of {other}'s reports; {_ways(step)}")
    raise ValueError(f"'{form}' is no form of a report; {_ways(step)}{meant(form, _KNOWN)}")


def _ways(step: str) -> str:
    forms = FORMS[step]
    endings = ", ".join(ENDINGS[form] for form in forms if form in ENDINGS)
    return f"{step} writes FORM=FILE with one of {', '.join(forms)}, or a file in {endings}"

"""The endings of a report's file, which say its form."""

from ecsstep.rules.report_forms import ENDINGS, WAIT, parse_report


def parse_path(text: str) -> str:
    """Return the name of a report's file, of ``FILE`` or ``FORMAT=FILE``; its ending says the form.

    Raises:
        ValueError: It doesn't, or says another one than was asked for.
    """
    form, path = parse_report(text, step=WAIT)
    if not path.lower().endswith(ENDINGS[form]):
        raise ValueError(f"'{text}' has to end in {ENDINGS[form]}")
    return path

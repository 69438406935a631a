"""The endings of a report's file, which say its form."""

_ENDINGS = (".json", ".md", ".xml", ".html")


def parse_path(text: str) -> str:
    """Return the name of a report's file, if its ending says a form.

    Raises:
        ValueError: It doesn't.
    """
    if not text.lower().endswith(_ENDINGS):
        raise ValueError(f"'{text}' ends in none of {', '.join(_ENDINGS)}")
    return text

"""JSON as every report writes it."""

from ecsstep.text import indented_json


def to_text(value: object) -> str:
    """Return a JSON file's text: ASCII where a terminal would act on a sign, with a line end."""
    return indented_json(value) + "\n"

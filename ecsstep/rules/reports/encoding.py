"""JSON as every report writes it."""

import json

from ecsstep.text import harmless_json


def to_text(value: object) -> str:
    """Return a JSON file's text: ASCII where a terminal would act on a sign, with a line end."""
    return harmless_json(json.dumps(value, indent=2, ensure_ascii=False)) + "\n"

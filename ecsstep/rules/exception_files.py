"""Which tool's form a file of exceptions has; its name tells."""

from collections.abc import Callable
from typing import Any, Final

from ecsstep.rules import foreign_ignores, ignore_file
from ecsstep.rules.ignore_file import Parsed

DEFAULT_FILES: Final = (".scan-gate.toml", ".scan-gate.yaml", ".scan-gate.yml")
"""The files that are read without being named, of which there may be one."""


def parsed_file(path: str, text: str, *, parse: Callable[[str, str], Any]) -> Parsed:
    """Return the exceptions in a file.

    Args:
        path: The file, as the user named it.
        text: What stands in it.
        parse: Returns what a JSON or YAML text with a name says.
    """
    name = path.rpartition("/")[2]
    is_yaml = name.endswith((".yaml", ".yml"))
    if name.endswith(".toml"):
        return ignore_file.from_toml(text, path)
    if "trivyignore" in name and not is_yaml:
        return foreign_ignores.from_trivyignore(text, path)
    document = parse(text, path) if text.strip() else {}
    if "trivyignore" in name:
        return foreign_ignores.from_trivy_document(document, path)
    if "grype" in name:
        return foreign_ignores.from_grype(document, path)
    return ignore_file.from_document(document, path)

"""Links on the page of a GitLab job, in a file that several steps add to.

https://docs.gitlab.com/ci/yaml/artifacts_reports/#artifactsreportsannotations: an object of
sections, each an array of ``{"external_link": {"label": …, "url": …}}``.
"""

from collections.abc import Mapping
from typing import Any

from ecsstep.core.documents import parse_document
from ecsstep.core.files import check_writable, exists, is_stream, locked, read_text, write_whole
from ecsstep.core.output import to_json
from ecsstep.errors import Exit, StepError

SECTION = "ecsstep"
"""The headline of our links; other tools have theirs in the same file."""


def merge(path: str, links: Mapping[str, str]) -> None:
    """Add links to the file at ``path``, each once; what others wrote there is kept.

    Args:
        path: The file; it is made where it is missing, and a pipe gets the new ones alone.
        links: URLs by their labels.

    Raises:
        StepError: The file is no report of annotations, or can't be written (exit 2); it is
            unchanged.
    """
    if is_stream(path):
        write_whole(path, _merged("", links))
        return
    with locked(path):
        write_whole(path, _merged(path, links))


def check(path: str) -> None:
    """Find out before the work whether :func:`merge` could merge there.

    Raises:
        StepError: It could not (exit 2).
    """
    check_writable(path)
    if not is_stream(path):
        _merged(path, {})


def _merged(path: str, links: Mapping[str, str]) -> str:
    current = parse_document(read_text(path), name=path).value if path and exists(path) else {}
    if not isinstance(current, Mapping) or not isinstance(current.get(SECTION, []), list):
        raise StepError(
            f"'{path}' is no report of annotations as GitLab reads it: "
            '{"section": [{"external_link": {"label": …, "url": …}}]}',
            exit=Exit.USAGE,
            hint=f"repair '{path}' or remove it",
        )
    before: list[Any] = current.get(SECTION, [])
    ours = [{"external_link": {"label": label, "url": url}} for label, url in links.items()]
    section = [*before, *(each for each in ours if each not in before)]
    return to_json({**current, SECTION: section}) + "\n"

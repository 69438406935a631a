"""The files of exceptions."""

import posixpath
from typing import Any

from ecsstep.core.documents import parse_document
from ecsstep.core.files import is_file, read_text
from ecsstep.core.step import World
from ecsstep.errors import Exit, StepError
from ecsstep.rules.exception_files import DEFAULT_FILES, parsed_file
from ecsstep.rules.exceptions import Exemption
from ecsstep.steps.scan_gate.options import GateOptions


def exceptions_of(options: GateOptions, world: World) -> tuple[Exemption, ...]:
    """Return the exceptions of all files.

    Raises:
        StepError: A file can't be read, or something in it is wrong (exit 2).
    """
    paths = tuple(dict.fromkeys(map(posixpath.normpath, options.ignore_file)))
    if not paths:
        paths = tuple(name for name in DEFAULT_FILES if is_file(name))
    if len(paths) > 1 and not options.ignore_file:
        raise StepError(
            f"there is more than one file of exceptions: {' and '.join(paths)}",
            exit=Exit.USAGE,
            hint="keep one of them, or name them with --ignore-file",
        )
    parsed = [parsed_file(path, read_text(path), parse=_document) for path in paths]
    faults = tuple(fault for each in parsed for fault in each.faults)
    if faults:
        raise StepError(
            faults[0] if len(faults) == 1 else f"{len(faults)} mistakes in the exceptions",
            exit=Exit.USAGE,
            why=faults if len(faults) > 1 else (),
            hint="docs/scan-gate.md shows what an exception looks like",
        )
    for skipped in (each for found in parsed for each in found.skipped):
        world.log.warning("an exception is left out", reason=skipped)
    entries = tuple(entry for each in parsed for entry in each.entries)
    if paths:
        world.log.info("exceptions read", files=list(paths), exceptions=len(entries))
    return entries


def _document(text: str, name: str) -> Any:
    return parse_document(text, name=name).value

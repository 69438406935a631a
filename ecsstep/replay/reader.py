"""Reading a record's file; it comes from somebody else and is trusted in nothing."""

import gzip
import zlib
from pathlib import Path

from ecsstep.core.documents import parse_document
from ecsstep.errors import Exit, StepError
from ecsstep.rules.record.reading import NewerError, parsed
from ecsstep.rules.record.value import Record

_GZIP = b"\x1f\x8b"
_LARGEST = 32 * 1024 * 1024
_LARGEST_EXPANDED = 128 * 1024 * 1024
_WHERE = "give the file that a failed step named; it lies in .ecsstep/, or in the job's artifacts"
_HINT = "give the file that a step wrote: .ecsstep/STEP-TIME.json, or its --record FILE"


def read(path: str) -> Record:
    """Return the record in a file.

    Raises:
        StepError: It can't be read, or is no record, or a newer one (exit 2).
    """
    text = _text(path)
    if text.lstrip()[:1] != "{":
        raise _no_record(path, "it holds no JSON object")
    document = parse_document(text, name=path).value
    try:
        return parsed(document)
    except NewerError as error:
        raise StepError(
            f"'{path}' is a newer record: {error}",
            exit=Exit.USAGE,
            hint="pip install -U ecsstep",
        ) from error
    except (ValueError, RecursionError) as error:
        raise _no_record(path, str(error)) from error


def _text(path: str) -> str:
    try:
        with Path(path).open("rb") as file:
            raw = file.read(_LARGEST + 1)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise StepError(
            f"can't read '{path}': {reason.lower()}", exit=Exit.USAGE, hint=_WHERE
        ) from error
    if len(raw) > _LARGEST:
        raise _no_record(path, f"it is larger than {_LARGEST} bytes")
    if raw.startswith(_GZIP):
        raw = _expanded(path, raw)
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError as error:
        raise _no_record(path, "it is not UTF-8 text") from error


def _expanded(path: str, raw: bytes) -> bytes:
    """Return what is in a gzip file, which may be a bomb."""
    import io

    try:
        with gzip.GzipFile(fileobj=io.BytesIO(raw)) as file:
            found = file.read(_LARGEST_EXPANDED + 1)
    except (OSError, EOFError, zlib.error) as error:
        raise _no_record(path, "its compressed content is broken or cut short") from error
    if len(found) > _LARGEST_EXPANDED:
        raise _no_record(path, f"it expands to more than {_LARGEST_EXPANDED} bytes")
    return found


def _no_record(path: str, why: str) -> StepError:
    return StepError(f"'{path}' is no record of a step: {why}", exit=Exit.USAGE, hint=_HINT)

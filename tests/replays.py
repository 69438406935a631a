"""Replays in this process, and small records to be replayed."""

import io
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ecsstep import cli
from ecsstep.core.log import Log
from ecsstep.core.step import Step
from ecsstep.errors import StepError
from ecsstep.replay.command import replayed
from ecsstep.replay.disk import Disk
from ecsstep.replay.reader import read
from ecsstep.rules.record.reading import parsed
from fakes import Ended

HINT = "mend the file or the option that is named; taskdef-render --help shows every option"
BEGAN = "2026-01-02T03:04:05+00:00"


def replay(
    path: Path,
    *options: str,
    files: Mapping[str, bytes] | None = None,
    write_to: str | None = None,
    step: Step | None = None,
) -> Ended:
    """Replay a record; a question without an answer is the error that it is for the user."""
    record = read(str(path))
    out, err = io.StringIO(), io.StringIO()
    log = Log(step="replay", stream=err)
    try:
        code = replayed(
            record,
            step or cli.step(record.step),
            options,
            Disk(files),
            write_to,
            log=log,
            stdout=out,
            stderr=err,
        )
    except StepError as error:
        log.error(error.message, why=error.why, hint=error.hint)
        code = error.exit
    return Ended(code=code, out=out.getvalue(), err=err.getvalue())


def a_document(**changes: Any) -> dict[str, Any]:
    """Return a record of taskdef-render that found no file, as JSON."""
    return {
        "record": 1,
        "step": "taskdef-render",
        "versions": {"ecsstep": "0.1.0"},
        "platform": "Linux x86_64",
        "began": BEGAN,
        "seconds": 0.5,
        "argv": ["--file", "t.json"],
        "variables": {},
        "end": {
            "exit": 2,
            "message": "can't read 't.json': no such file or directory",
            "why": [],
            "hint": HINT,
        },
        "events": [],
        "tape": [
            {
                "kind": "file",
                "at": 0.1,
                "question": {"do": "read", "path": "t.json"},
                "answer": {"os_error": {"errno": 2, "strerror": "No such file or directory"}},
            }
        ],
        "bodies": [],
        "redactions": [],
        **changes,
    }


def written(folder: Path, document: Any, name: str = "record.json") -> Path:
    """Write a document as a record's file."""
    path = folder / name
    path.write_text(json.dumps(document))
    return path


__all__ = ["BEGAN", "HINT", "a_document", "parsed", "replay", "written"]

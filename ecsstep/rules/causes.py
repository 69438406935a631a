"""Why tasks stop, in plain words with the next thing to do."""

import re
from collections.abc import Iterable

from ecsstep.rules.cause_table import BY_EXIT_CODE, BY_WORDS, EXITED, Cause

# Names that people gave: an image called timeout-api, a tag 403, a secret's ARN. They say nothing
# of what went wrong.
_NAMES = re.compile(
    r"https?://\S+|\barn:\S+|(?<!\w)'[^']*'(?!\w)|(?<=exec: )\"[^\"]*\""
    r"|\bref \S+|(?:access denied|(?<!matching )manifest) for \S+|\brepository \S+/\S+"
    r"|[\w.-]+\.\w+(?::\d+)?/\S+|[\w.-]+(?:/[\w.-]+)+[:@]\w\S*"
)
# A container's own last words that mean the same for whatever program it runs.
_IN_LOGS = ("exec format error", "no space left on device")


def catalogue() -> tuple[Cause, ...]:
    """Return every cause, each once."""
    causes = [*(cause for _, cause in BY_WORDS), *BY_EXIT_CODE.values(), EXITED]
    return tuple(dict.fromkeys(causes))


def named(name: str) -> Cause | None:
    """Return the cause of this name, as a report has it."""
    return next((cause for cause in catalogue() if cause.name == name), None)


def cause_of(text: str, exit_code: int | None = None) -> Cause | None:
    """Return the cause that AWS's words, or else an exit code, point to."""
    bare = _NAMES.sub("…", text)
    for pattern, cause in BY_WORDS:
        if re.search(pattern, bare, re.IGNORECASE | re.DOTALL):
            return cause
    if exit_code in BY_EXIT_CODE:
        return BY_EXIT_CODE[exit_code]
    return EXITED if exit_code or "Essential container" in text else None


def cause_in_log(lines: Iterable[str]) -> Cause | None:
    """Return the cause that a container's last log lines tell, for the few that are sure."""
    said = next((words for line in lines for words in _IN_LOGS if words in line), "")
    return cause_of(said) if said else None

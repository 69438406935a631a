import pytest

from ecsstep.errors import Exit
from ecsstep.rules.errand.told import data_of, outcome_of, why
from ecsstep.rules.errand.verdict import (
    CutShort,
    Exited,
    Going,
    Lost,
    NeverRan,
    NotPlaced,
    Succeeded,
    TaskVerdict,
    Unwatched,
)

CAPACITY = "Capacity is unavailable at this time."


@pytest.mark.parametrize(
    ("verdict", "word", "exit_", "said"),
    [
        (Succeeded(), "succeeded", Exit.OK, "container 'app' exited with code 0"),
        (Exited(code=3), "failed", Exit.FAILED, "container 'app' exited with code 3"),
        (
            Exited(code=137, reason="OutOfMemoryError"),
            "failed",
            Exit.FAILED,
            "container 'app' exited with code 137: OutOfMemoryError",
        ),
        (NeverRan(reason="x"), "not-started", Exit.FAILED, "container 'app' never ran: x"),
        (
            CutShort(reason="Task stopped by user", code=0),
            "cut-short",
            Exit.FAILED,
            "ended before it was done (it exited with code 0): Task stopped by user",
        ),
        (CutShort(reason="gone"), "cut-short", Exit.FAILED, "before it was done: gone"),
        (NotPlaced(reason=CAPACITY), "not-placed", Exit.TEMPORARY, "ECS started no task"),
        (NotPlaced(reason="AGENT"), "not-placed", Exit.FAILED, "ECS started no task: AGENT"),
        (Lost(), "gone", Exit.FAILED, "nobody knows how it ended"),
        (
            Unwatched(reason="Rate exceeded", exit=Exit.TEMPORARY),
            "unknown",
            Exit.FAILED,
            "can't be watched any more: Rate exceeded",
        ),
        (Unwatched(reason="no", exit=Exit.ACCESS), "unknown", Exit.ACCESS, "any more: no"),
        (Going(status="RUNNING"), "timeout", Exit.TIMEOUT, "the task is still RUNNING"),
    ],
)
def test_every_verdict_has_its_word_and_its_exit_code(
    verdict: TaskVerdict, word: str, exit_: Exit, said: str
) -> None:
    outcome = outcome_of(verdict, "app")

    assert (outcome.word, outcome.exit, said in outcome.reason) == (word, exit_, True)


@pytest.mark.parametrize(
    ("verdict", "cause"),
    [
        (Exited(code=1), None),
        (Exited(code=127), "command-not-found"),
        (Exited(code=137, reason="OutOfMemoryError: killed"), "out-of-memory"),
        (NeverRan(reason="CannotPullContainerError: x: not found"), "image-missing"),
        (NotPlaced(reason="RESOURCE:MEMORY"), "no-capacity"),
    ],
)
def test_the_catalogue_tells_the_cause_but_an_end_is_none(
    verdict: TaskVerdict, cause: str | None
) -> None:
    outcome = outcome_of(verdict, "app")

    assert data_of(outcome)["causes"] == ([cause] if cause else [])
    assert not cause or (outcome.cause and outcome.cause.hint in outcome.hint)


def test_what_is_safe_to_run_again_says_so_and_what_isnt_says_what_to_do_first() -> None:
    assert "can be run again as it is" in outcome_of(NotPlaced(reason=CAPACITY), "app").hint
    assert "which starts a new task" in outcome_of(Exited(code=1), "app").hint
    assert "how far it has come" in outcome_of(CutShort(reason="x"), "app").hint
    assert outcome_of(Succeeded(), "app").hint == ""


def test_the_lines_that_explain_are_the_cause_and_the_last_words() -> None:
    lines = why(outcome_of(Exited(code=126), "app"), "app", ["one\n", "two"])

    assert lines[0].startswith("likely cause: the container's command can't be executed")
    assert lines[1:] == ("last log lines of container 'app':", "  one", "  two")
    assert why(outcome_of(Exited(code=1), "app"), "app", []) == ()

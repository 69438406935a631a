from typing import Any

from ecsstep.aws.logs import Page
from ecsstep.aws.tail import Tail
from ecsstep.errors import Exit, StepError
from ecsstep.rules.service import LogPlace
from fakes import Said, a_world

PLACE = LogPlace(container="app", group="/g", prefix="ecs", region="eu-west-1")
DENIED = StepError("not authorized", exit=Exit.ACCESS, hint="allow it")
BUSY = StepError("busy", exit=Exit.TEMPORARY)


def a_tail(*answers: Any) -> tuple[Tail, list[tuple[str, ...]], Said]:
    """Return a tail that reads these pages in turn, and what it asked for."""
    asked: list[tuple[str, ...]] = []
    left = list(answers)

    def read(*words: str) -> Page:
        asked.append(words)
        answer = left.pop(0)
        if isinstance(answer, StepError):
            raise answer
        page: Page = answer
        return page

    said = a_world()
    return Tail(read, PLACE, "t1", said.world.log), asked, said


def a_page(token: str, *lines: str) -> Page:
    return Page(lines=lines, token=token)


def test_only_what_is_new_is_read_to_the_streams_end() -> None:
    tail, asked, _ = a_tail(a_page("1", "a"), a_page("2", "b"), a_page("2"), a_page("2", "c"))

    assert (tail.lines(), tail.lines()) == (("a", "b"), ("c",))
    assert [words[3] for words in asked] == ["", "1", "2", "2"]
    assert asked[0][:3] == ("eu-west-1", "/g", "ecs/app/t1")


def test_a_stream_that_isnt_there_yet_is_asked_for_again() -> None:
    tail, _, _ = a_tail(Page(), a_page("1", "a"), a_page("1"))

    assert (tail.lines(), tail.lines()) == ((), ("a",))


def test_a_denied_log_is_a_warning_once() -> None:
    tail, asked, said = a_tail(DENIED)

    assert (tail.lines(), tail.lines()) == ((), ())
    assert len(asked) == 1
    assert said.err.getvalue().count("the log '/g' can't be read") == 1
    assert "allow it" in said.err.getvalue()


def test_what_may_pass_is_tried_again_without_a_word_and_loses_nothing() -> None:
    tail, asked, said = a_tail(a_page("1", "a"), BUSY, a_page("1", "b"))

    assert (tail.lines(), tail.lines()) == (("a",), ("b",))
    assert (said.err.getvalue(), asked[2][3]) == ("", "1")


def test_an_endless_stream_is_read_in_portions() -> None:
    tail, asked, _ = a_tail(*(a_page(str(number), "x") for number in range(1, 99)))

    assert len(tail.lines()) == len(asked) == 20

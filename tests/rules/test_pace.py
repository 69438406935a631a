"""How often to look."""

from ecsstep.rules.pace import Pace


def after(*looks: bool | None) -> Pace:
    pace = Pace(every=5)
    for look in looks:
        pace = pace.after_trouble() if look is None else pace.after_a_look(changed=look)
    return pace


def test_it_is_what_was_asked_for_while_things_change() -> None:
    assert after(True, False, True).seconds == 5


def test_it_grows_while_nothing_changes_and_shrinks_with_a_change() -> None:
    assert after(*[False] * 11).seconds == 5
    assert after(*[False] * 12).seconds == 10
    assert after(*[False] * 36).seconds == 15
    assert after(*[False] * 36, True).seconds == 5


def test_it_doubles_with_each_look_that_went_wrong_up_to_sixteen_times() -> None:
    assert [after(*[None] * number).seconds for number in range(6)] == [5, 10, 20, 40, 80, 80]
    assert after(None, None, True).seconds == 5

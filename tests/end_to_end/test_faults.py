"""Each call of a wait goes wrong in turn: the right outcome or 75, no wrong 0."""

from collections.abc import Iterator

import pytest

from ecsstep.errors import Exit
from ecsstep.sandbox.server import Sandbox
from faulty import KINDS, Fault
from waits import forced, waited

_LOOK = 30
_MOST_CALLS = 8
OUTCOMES = {"rolled-back": Exit.FAILED, "steady": Exit.OK}


@pytest.fixture(scope="module", params=OUTCOMES)
def sandbox(request: pytest.FixtureRequest) -> Iterator[Sandbox]:
    with Sandbox(request.param, look=_LOOK, environ={}) as running:
        yield running


def _expected(sandbox: Sandbox) -> Exit:
    from ecsstep.sandbox.scenarios import SCENARIOS

    [name] = [name for name, story in SCENARIOS.items() if story is sandbox.story]
    return OUTCOMES[name]


@pytest.mark.parametrize("kind", KINDS)
def test_one_call_that_goes_wrong_changes_no_outcome(sandbox: Sandbox, kind: str) -> None:
    expected = _expected(sandbox)
    found = {}
    for at in range(_MOST_CALLS):
        fault = Fault(target=sandbox.registry, kind=kind, at=at)
        found[at] = waited(fault, forced(sandbox, "web"))
        if at >= len(fault.calls):
            break

    assert set(found.values()) <= {expected, Exit.TEMPORARY, Exit.TIMEOUT}
    assert Exit.OK not in found.values() or expected is Exit.OK
    assert list(found.values()).count(expected) >= len(found) // 2


@pytest.mark.parametrize("kind", KINDS)
def test_calls_that_go_wrong_from_some_point_on_never_end_well(sandbox: Sandbox, kind: str) -> None:
    expected = _expected(sandbox)
    for at in (0, 3):
        fault = Fault(target=sandbox.registry, kind=kind, at=at, for_ever=True)

        assert waited(fault, forced(sandbox, "web")) in {expected, Exit.TEMPORARY, Exit.TIMEOUT}


@pytest.mark.parametrize("kind", KINDS)
def test_one_call_that_goes_wrong_among_several_services_changes_no_outcome(
    sandbox: Sandbox, kind: str
) -> None:
    expected = _expected(sandbox)
    for at in (0, 2, 4):
        fault = Fault(target=sandbox.registry, kind=kind, at=at)

        found = waited(fault, forced(sandbox, "web"), forced(sandbox, "shop"))

        assert found in {expected, Exit.TEMPORARY}

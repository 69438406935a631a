"""Revisions that are registered, and whether a definition is one of them."""

from collections.abc import Mapping
from typing import Any, Protocol

from ecsstep.rules.changes import Changes
from ecsstep.rules.equality import are_equal
from ecsstep.rules.taskdef import Faulty, Model, Source, render


class Registered(Protocol):
    """A registered revision."""

    @property
    def arn(self) -> str: ...  # noqa: D102
    @property
    def status(self) -> str: ...  # noqa: D102
    @property
    def raw(self) -> Mapping[str, Any]: ...  # noqa: D102
    @property
    def tags(self) -> tuple[Mapping[str, Any], ...]: ...  # noqa: D102
    @property
    def beside(self) -> tuple[str, ...]: ...  # noqa: D102


def source_of(revision: Registered) -> Source:
    """Return a registered revision as what a definition is rendered from."""
    return Source(
        name=revision.arn,
        definition=revision.raw,
        tags=revision.tags,
        beside=revision.beside,
        is_answer=True,
    )


def is_same(definition: Mapping[str, Any], current: Registered, model: Model) -> bool:
    """Whether a registered revision is this definition already, and can be run."""
    outcome = render(source_of(current), Changes(), model)
    # What AWS says in words that this version doesn't know can't be compared: it is new then.
    return (
        current.status == "ACTIVE"
        and not isinstance(outcome, Faulty)
        and are_equal(definition, outcome.definition)
    )


def unknown_in(revision: Registered, model: Model) -> tuple[str, ...]:
    """Return what of a revision this version doesn't know, in words."""
    outcome = render(source_of(revision), Changes(), model)
    return outcome.faults if isinstance(outcome, Faulty) and outcome.is_newer else ()

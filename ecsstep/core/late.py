"""What is loaded only when it is needed, so that ``--help`` and a mistake don't wait for it."""

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    from ecsstep.core.output import Result
    from ecsstep.core.step import World


def story(step: str) -> "Callable[[Any, World], Result]":
    """Return what runs a step: ``run`` of the module ``story`` in the step's own package."""

    def run(options: Any, world: "World") -> "Result":
        told: Result = importlib.import_module(f"{step}.story").run(options, world)
        return told

    return run

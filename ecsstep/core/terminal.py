"""How much a person sees at once."""

import os
from collections.abc import Mapping
from typing import IO, TYPE_CHECKING

if TYPE_CHECKING:
    from ecsstep.core.step import World


def width_of(stream: IO[str], environ: Mapping[str, str]) -> int | None:
    """Return how many columns a terminal has, by COLUMNS or by itself; None where it is none."""
    if not stream.isatty():
        return None
    said = environ.get("COLUMNS", "")
    if said.isdecimal() and int(said):
        return int(said)
    try:
        return os.get_terminal_size(stream.fileno()).columns
    except OSError:
        return None


def room_of(world: "World") -> int | None:
    """Return how many columns an event's text has; None where nobody reads it on a terminal."""
    width = width_of(world.stderr, world.environ)
    if width is None or world.log.form == "json":
        return None
    return width - len(f"{world.log.step}: ")

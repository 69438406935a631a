"""The spellings of settings on a command line."""

import re
from collections.abc import Iterator, Mapping, Sequence

from ecsstep.rules.changes import Setting
from ecsstep.rules.image import parse_reference
from ecsstep.text import is_whole

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")
_BASE64 = re.compile(r"[A-Za-z0-9]*[+/][A-Za-z0-9+/]*")


def image_setting(text: str) -> Setting:
    """Return what ``[CONTAINER=]REFERENCE`` says.

    Raises:
        ValueError: The reference is none.
    """
    container, equals, reference = text.rpartition("=")
    if equals and not container:
        raise ValueError(f"'{text}' names no container before the '='")
    parse_reference(reference)
    return Setting(container=container or None, value=reference)


def variable_setting(text: str) -> Setting:
    """Return what ``[CONTAINER:]NAME=VALUE`` says; the value is all that follows the first ``=``.

    A name may hold what ECS and the program allow (``Logging:Level``, ``My Var``), but no control
    character.

    Raises:
        ValueError: There is no ``=``, or no name before it, or it looks like a line of a secret of
            several lines, which is not shown.
    """
    if not is_whole(text):
        raise ValueError("is not UTF-8 text")
    head, equals, value = text.partition("=")
    if not equals:
        # What stands there may well be a part of a secret of several lines.
        raise ValueError("is not NAME=VALUE; a value has one line")
    setting = name_setting(head)
    is_stray = not setting.container and _BASE64.fullmatch(head) and not value.strip("=")
    if is_stray or not setting.name.strip() or _CONTROL.search(head):
        raise ValueError("has no variable's name before its =; a value has one line")
    return Setting(container=setting.container, name=setting.name, value=value)


def secret_setting(text: str) -> Setting:
    """Return what ``[CONTAINER:]NAME=ARN-OR-PARAMETER`` says.

    Raises:
        ValueError: It is not of that form.
    """
    setting = variable_setting(text)
    if not setting.value:
        raise ValueError(f"'{setting.name}=' names no secret or parameter after the '='")
    return setting


def name_setting(text: str) -> Setting:
    """Return what ``[CONTAINER:]NAME`` says.

    Raises:
        ValueError: There is no name.
    """
    container, colon, name = text.partition(":")
    if not colon:
        container, name = "", text
    if not name or (colon and not container):
        raise ValueError(f"'{text}' is not [CONTAINER:]NAME")
    return Setting(container=container or None, name=name)


def repeated(given: Mapping[str, Sequence[Setting]]) -> Iterator[str]:
    """Yield what is given twice for sure, before the containers are known.

    Args:
        given: The settings by their flags.
    """
    seen: dict[tuple[str | None, str], str] = {}
    for flag, settings in given.items():
        for setting in settings:
            place = (setting.container, setting.name)
            before = seen.get(place)
            seen.setdefault(place, flag)
            where = f" for container '{setting.container}'" if setting.container else ""
            if before is None:
                continue
            if before != flag:
                yield f"'{setting.name}' is given by {before} and by {flag}{where}"
            elif setting.name:
                yield f"{flag} gives '{setting.name}' twice{where}"
            else:
                yield f"{flag} gives two images{where}, the other one is '{setting.value}'"

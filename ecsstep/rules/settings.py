"""The spellings of settings on a command line."""

from ecsstep.rules.changes import Setting
from ecsstep.rules.image import parse_reference


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

    Raises:
        ValueError: There is no ``=``, or no name before it.
    """
    head, equals, value = text.partition("=")
    if not equals:
        raise ValueError(f"'{text}' is not NAME=VALUE")
    setting = name_setting(head)
    return Setting(container=setting.container, name=setting.name, value=value)


def secret_setting(text: str) -> Setting:
    """Return what ``[CONTAINER:]NAME=ARN-OR-PARAMETER`` says.

    Raises:
        ValueError: It is not of that form.
    """
    setting = variable_setting(text)
    if not setting.value:
        raise ValueError(f"'{text}' names no secret or parameter after the '='")
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
